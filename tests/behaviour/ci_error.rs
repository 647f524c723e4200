//! Which lines of a log tell of an error: excerpts of what each program prints.
#![allow(missing_docs)]

use mangetamain_deploy::tools::ci_error::{Line, first_errors};
use mangetamain_deploy::tools::ci_log::telling;
use proptest::prelude::*;

const PYTEST: &str = "\
============================= test session starts ==============================
collected 12 items

tests/test_home.py .....F......                                          [100%]

=================================== FAILURES ===================================
__________________________________ test_title __________________________________

    def test_title():
>       assert title() == \"Mange ta main\"
E       AssertionError: assert 'Mange' == 'Mange ta main'
E         
E         - Mange ta main
E         + Mange

tests/test_home.py:14: AssertionError
=========================== short test summary info ============================
FAILED tests/test_home.py::test_title - AssertionError: assert 'Mange' == 'Mange ta main'
========================= 1 failed, 11 passed in 0.42s =========================";

const FLAKE8: &str = "\
Run flake8 src
src/app.py:12:80: E501 line too long (93 > 79 characters)
src/app.py:30:1: W391 blank line at end of file
1     E501 line too long (93 > 79 characters)";

const MYPY: &str = "\
src/app.py:7: note: Use \"-> None\" if function does not return a value
src/app.py:9: error: Incompatible return value type (got \"str\", expected \"int\")  [return-value]
Found 1 error in 1 file (checked 4 source files)";

// Sphinx 9.0: `sphinx-build -M html . out -W` by way of make.
const SPHINX: &str = "\
Running Sphinx v9.0.4
loading translations [en]... done
updating environment: [new config] 1 added, 0 changed, 0 removed
reading sources... [100%] index

/home/runner/work/site/docs/index.rst:4: WARNING: toctree contains reference to nonexisting document 'nowhere' [toc.not_readable]
looking for now-outdated files... none found
copying assets: done
writing output... [100%] index

/home/runner/work/site/docs/index.rst:8: WARNING: undefined label: 'gone' [ref.ref]
generating indices... genindex done
build finished with problems, 2 warnings (with warnings treated as errors).
make: *** [Makefile:20: html] Error 1";

// Sphinx before 8.1 stops at the first one.
const SPHINX_7: &str = "\
Running Sphinx v7.4.7
reading sources... [100%] index

Warning, treated as error:
/home/runner/work/site/docs/index.rst:4:toctree contains reference to nonexisting document 'nowhere'
make: *** [Makefile:20: html] Error 2";

const SPHINX_EXTENSION: &str = "\
Running Sphinx v7.4.7

Extension error:
Could not import extension no_ext (exception: No module named 'no_ext')";

const SPHINX_CONFIGURATION: &str = "\
Running Sphinx v9.0.4

Configuration error!

Traceback
=========

      File \"/venv/lib/python3.11/site-packages/sphinx/config.py\", line 612, in eval_config_file
        raise ConfigError(msg % traceback.format_exc()) from exc
    sphinx.errors.ConfigError: There is a programmable error in your configuration file:
    
    Traceback (most recent call last):
      File \"/venv/lib/python3.11/site-packages/sphinx/config.py\", line 597, in eval_config_file
        exec(code, namespace)  # NoQA: S102
      File \"/home/runner/work/site/docs/conf.py\", line 1, in <module>
        import nothere
    ModuleNotFoundError: No module named 'nothere'


The full traceback has been saved in:
/tmp/sphinx-err-lm2_3lzb.log";

const TRACEBACK: &str = "\
Collecting data
Traceback (most recent call last):
  File \"/app/app.py\", line 3, in <module>
    import streamlit
  File \"/usr/lib/python3.12/importlib/__init__.py\", line 90, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
ModuleNotFoundError: No module named 'streamlit'
bye";

const CARGO_BUILD: &str = "\
   Compiling site v0.1.0 (/home/runner/work/site)
warning: unused variable: `x`
error[E0308]: mismatched types
 --> src/main.rs:4:18
  |
4 |     let n: u32 = \"five\";
  |            ---   ^^^^^^ expected `u32`, found `&str`

error: could not compile `site` (bin \"site\") due to 1 previous error";

const CARGO_TEST: &str = "\
running 2 tests
test adds ... ok
test subtracts ... FAILED

failures:

---- subtracts stdout ----

thread 'subtracts' panicked at src/lib.rs:14:5:
assertion `left == right` failed
  left: 1
 right: 2

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";

const NPM: &str = "\
npm warn deprecated inflight@1.0.6: This module is not supported
npm error code ERESOLVE
npm error ERESOLVE unable to resolve dependency tree
npm error A complete log of this run can be found in: /home/runner/.npm/_logs/x.log";

const TYPESCRIPT: &str = "\
> site@1.0.0 build
> tsc
src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.";

const ESLINT: &str = "\
/home/runner/work/site/src/a.js
  1:10  warning  'x' is defined but never used  no-unused-vars
  3:5   error    'y' is not defined             no-undef

2 problems (1 error, 1 warning)";

const JEST: &str = "\
FAIL src/sum.test.js
  ● adds › works

    expect(received).toBe(expected) // Object.is equality

    Expected: 3
    Received: 4

Tests:       1 failed, 1 total";

const NODE: &str = "\
TAP version 13
ok 1 - adds
not ok 2 - subtracts
  ---
  duration_ms: 0.5";

const GO_BUILD: &str = "\
# example.com/site
./main.go:7:2: undefined: handle
note: module requires Go 1.24";

const GO_TEST: &str = "\
=== RUN   TestHome
    home_test.go:12: got 500, want 200
--- FAIL: TestHome (0.00s)
FAIL
FAIL\texample.com/site\t0.004s";

const SHELL: &str = "\
+ ./deploy
/home/runner/work/_temp/x.sh: line 1: ruff: command not found";

const GIT: &str = "\
Cloning into 'x'...
fatal: repository 'https://example.org/x.git/' not found";

fn found(log: &str, limit: usize) -> Vec<String> {
    first_errors(&log.lines().map(|text| Line { text, is_marked: false }).collect::<Vec<_>>(), limit)
}

// One table.
#[allow(clippy::too_many_lines)]
#[test]
fn the_first_real_error_lines_of_each_program_are_found() {
    let table: [(&str, &[&str]); 15] = [
        (
            PYTEST,
            &[
                "E       AssertionError: assert 'Mange' == 'Mange ta main'",
                "E         ",
                "E         - Mange ta main",
                "E         + Mange",
                "…",
                "FAILED tests/test_home.py::test_title - AssertionError: assert 'Mange' == 'Mange ta main'",
            ],
        ),
        (
            FLAKE8,
            &[
                "src/app.py:12:80: E501 line too long (93 > 79 characters)",
                "src/app.py:30:1: W391 blank line at end of file",
            ],
        ),
        (
            MYPY,
            &["src/app.py:9: error: Incompatible return value type (got \"str\", expected \"int\")  [return-value]"],
        ),
        (
            TRACEBACK,
            &[
                "  File \"/usr/lib/python3.12/importlib/__init__.py\", line 90, in import_module",
                "    return _bootstrap._gcd_import(name[level:], package, level)",
                "ModuleNotFoundError: No module named 'streamlit'",
            ],
        ),
        (
            CARGO_BUILD,
            &[
                "error[E0308]: mismatched types",
                " --> src/main.rs:4:18",
                "  |",
                "4 |     let n: u32 = \"five\";",
                "  |            ---   ^^^^^^ expected `u32`, found `&str`",
                "…",
                "error: could not compile `site` (bin \"site\") due to 1 previous error",
            ],
        ),
        (
            CARGO_TEST,
            &[
                "test subtracts ... FAILED",
                "…",
                "thread 'subtracts' panicked at src/lib.rs:14:5:",
                "assertion `left == right` failed",
                "  left: 1",
                " right: 2",
            ],
        ),
        (
            NPM,
            &[
                "npm error code ERESOLVE",
                "npm error ERESOLVE unable to resolve dependency tree",
                "npm error A complete log of this run can be found in: /home/runner/.npm/_logs/x.log",
            ],
        ),
        (TYPESCRIPT, &["src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'."]),
        (ESLINT, &["/home/runner/work/site/src/a.js", "…", "  3:5   error    'y' is not defined             no-undef"]),
        (JEST, &["FAIL src/sum.test.js", "  ● adds › works", "…", "    Expected: 3", "    Received: 4"]),
        (NODE, &["not ok 2 - subtracts"]),
        (GO_BUILD, &["./main.go:7:2: undefined: handle"]),
        (
            GO_TEST,
            &[
                "    home_test.go:12: got 500, want 200",
                "--- FAIL: TestHome (0.00s)",
                "…",
                "FAIL\texample.com/site\t0.004s",
            ],
        ),
        (SHELL, &["/home/runner/work/_temp/x.sh: line 1: ruff: command not found"]),
        (GIT, &["fatal: repository 'https://example.org/x.git/' not found"]),
    ];
    for (log, expected) in table {
        assert_eq!(found(log, 12), expected, "{log}");
    }
}

#[test]
fn lines_that_only_speak_of_errors_are_none() {
    for line in [
        "0 errors, 0 warnings",
        "test error_page ... ok",
        "Run error: false",
        "see errors.md: 3 kinds",
        "12:30:01 INFO no error",
        "http://127.0.0.1:8501: up",
        "FAILED to connect, trying again",
        "after 3.5 seconds of it:12: error of measure",
        "example.com/site:latest: error: is what it says",
        "",
        "E",
        "thread 'main' has started",
        "a:b error is what it says",
        "12:x error is what it says",
        "x:12 error is what it says",
        "warning: unused variable: `x`\n --> src/main.rs:4:9",
        "note: required by this bound\n --> src/lib.rs:4:9",
        "● Console",
        "ERROR    app.loader:loader.py:20 attempt 0",
        "ERROR src/app/loader.py:31 could not read the cache",
        "step one\n--> preparing",
        "1.2345 seconds of it",
        ":5 error is what it says",
    ] {
        assert_eq!(found(line, 12), [""; 0], "{line}");
    }
}

#[test]
fn an_error_of_any_name_is_one_with_or_without_its_traceback() {
    for line in ["ValueError: bad", "site.home.TitleException: gone"] {
        assert_eq!(found(line, 12), [line]);
    }
    let log = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    work()\nsite.Broken\nbye";
    assert_eq!(found(log, 12).last().map(String::as_str), Some("site.Broken"));
}

#[test]
fn where_no_error_is_recognised_the_last_lines_are_shown() {
    assert_eq!(telling("one\ntwo\nthree\n##[error]Process completed with exit code 3.", None, 2), ["two", "three"]);
    assert_eq!(telling("fatal: no\ntwo\nthree\n##[error]Process completed with exit code 3.", None, 2), ["fatal: no"]);
}

#[test]
fn the_first_errors_are_shown_not_the_last() {
    let log: String = (1..100).map(|at| format!("a.py:{at}:1: E501 too long\n\n")).collect();
    assert_eq!(found(&log, 3), ["a.py:1:1: E501 too long", "…", "a.py:2:1: E501 too long"]);
    let long: String = (1..100).map(|at| format!("E   line {at}\n")).collect();
    assert_eq!(found(&(long + "\nFAILED a.py::b"), 12).len(), 8, "one error does not take all the room");
}

// pytest 9.2 with pytest-cov 7.1, of its last lines.
fn many_fail(count: usize) -> String {
    let reason = |at| {
        format!(
            ">       assert mean([{at}, {at}]) == {at}\nE       assert {at}.0 == {at}\nE        +  where {at}.0 = mean()\n\ntests/test_a.py:13: AssertionError\n"
        )
    };
    let summed = |at| format!("FAILED tests/test_a.py::test_mean[{at}] - assert {at}.0 == {at}\n");
    let (reasons, sums): (String, String) = ((0..count).map(reason).collect(), (0..count).map(summed).collect());
    let coverage = "FAIL Required test coverage of 90% not reached. Total coverage: 60.00%\n";
    format!(
        "ERROR: Coverage failure: total of 60 is less than fail-under=90\n{reasons}{coverage}=== short test summary info ===\n{sums}"
    )
}

#[test]
fn where_many_tests_fail_their_names_are_told_first_and_coverage_last() {
    let told = found(&many_fail(9), 12);
    assert_eq!(told.len(), 12);
    assert_eq!(told.first().map(String::as_str), Some("E       assert 0.0 == 0"));
    assert_eq!(told.iter().filter(|line| line.starts_with("FAILED tests/test_a.py::")).count(), 6);
    assert!(!told.iter().any(|line| line.contains("overage")), "{told:?}");
    assert!(
        found(&many_fail(1), 12).iter().any(|line| line.contains("Coverage failure")),
        "where there is room it is told"
    );
    assert_eq!(found("ERROR: Coverage failure: total of 60 is less than fail-under=90", 12).len(), 1);
}

#[test]
fn what_could_be_overcome_does_not_take_the_room_of_what_failed() {
    let attempt = |at| {
        format!(
            "Traceback (most recent call last):\n  File \"a.py\", line 3, in get\n    raise\nConnectionError: refused, retrying ({at})\n"
        )
    };
    let attempts: String = (0..6).map(attempt).collect();
    let told =
        found(&(attempts.clone() + "\nE   assert 1 == 2\n\nFAILED tests/test_a.py::test_b - assert 1 == 2\n"), 3);
    assert_eq!(told, ["E   assert 1 == 2", "…", "FAILED tests/test_a.py::test_b - assert 1 == 2"]);
    let last = found(&(attempts + "bye\n"), 3);
    assert_eq!(
        last.last().map(String::as_str),
        Some("ConnectionError: refused, retrying (5)"),
        "the last one ended it"
    );
}

// Each as the program printed it: node 20 and 24, Vitest 4, Jest 30, ESLint 9, ruff 0.14, shellcheck 0.10, pydocstyle 6, unittest.
// One table.
#[allow(clippy::too_many_lines)]
#[test]
fn name_and_reason_are_told_together() {
    let table: [(&str, &[&str]); 11] = [
        (
            "✖ adds (2.3ms)\n  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n  \n  3 !== 4\n  \n      at x (node:y)\n\n✖ failing tests:\n\ntest at sum.test.mjs:3:1\n✖ adds (2.3ms)\n  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n  \n  3 !== 4\n  \n      at x (node:y)",
            &[
                "✖ adds (2.3ms)",
                "  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:",
                "  ",
                "  3 !== 4",
            ],
        ),
        (
            "✖ throws (1ms)\n  TypeError [Error]: no property x\n      at y",
            &["✖ throws (1ms)", "  TypeError [Error]: no property x"],
        ),
        (
            "node:internal/modules/esm/resolve:873\n  throw new ERR_MODULE_NOT_FOUND();\n        ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'\n    at y {\n  code: 'ERR_MODULE_NOT_FOUND'\n}\n\nNode.js v20.20.2",
            &["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'"],
        ),
        (
            "not ok 1 - adds\n  ---\n  duration_ms: 9.7\n  error: |-\n    Expected values to be strictly equal:\n    \n    3 !== 4\n    \n  code: 'ERR_ASSERTION'",
            &[
                "not ok 1 - adds",
                "…",
                "  error: |-",
                "    Expected values to be strictly equal:",
                "    ",
                "    3 !== 4",
            ],
        ),
        (
            "stderr | sum.test.js > falls back\nError: connect ECONNREFUSED\n    at x\n\n FAIL  sum.test.js > adds\nAssertionError: expected 3 to be 4 // Object.is equality\n",
            &[
                "Error: connect ECONNREFUSED",
                "…",
                " FAIL  sum.test.js > adds",
                "AssertionError: expected 3 to be 4 // Object.is equality",
            ],
        ),
        (
            "  ● sum › throws\n\n    TypeError: Cannot read properties of null (reading 'x')\n\n      at x",
            &["  ● sum › throws", "…", "    TypeError: Cannot read properties of null (reading 'x')"],
        ),
        (
            "/src/a.js\n  1:7  error  'x' is not used  no-unused-vars\n\n/src/b.js\n  1:7  error  'x' is not used  no-unused-vars\n\n✖ 2 problems (2 errors, 0 warnings)",
            &[
                "/src/a.js",
                "  1:7  error  'x' is not used  no-unused-vars",
                "…",
                "/src/b.js",
                "  1:7  error  'x' is not used  no-unused-vars",
                "…",
                "✖ 2 problems (2 errors, 0 warnings)",
            ],
        ),
        (
            "F401 [*] `os` imported but unused\n --> src/analyse.py:1:8\n  |\n1 | import os\n  |        ^^\nhelp: Remove unused import: `os`\n",
            &["F401 [*] `os` imported but unused", " --> src/analyse.py:1:8"],
        ),
        (
            "In deploy.sh line 3:\nrm -rf $DIR/build\n       ^--^ SC2086 (info): Double quote to prevent globbing and word splitting.\n\nDid you mean: \nrm -rf \"$DIR\"/build",
            &[
                "In deploy.sh line 3:",
                "rm -rf $DIR/build",
                "       ^--^ SC2086 (info): Double quote to prevent globbing and word splitting.",
            ],
        ),
        (
            "src/analyse.py:5 in public function `mean`:\n        D103: Missing docstring in public function\n",
            &["src/analyse.py:5 in public function `mean`:", "        D103: Missing docstring in public function"],
        ),
        (
            "FAIL: test_home (site.tests.Home.test_home)\n----------------\nTraceback (most recent call last):\n  File \"tests.py\", line 9, in test_home\n    self.assertEqual(1, 2)\nAssertionError: 1 != 2\n\nRan 1 test",
            &[
                "FAIL: test_home (site.tests.Home.test_home)",
                "…",
                "  File \"tests.py\", line 9, in test_home",
                "    self.assertEqual(1, 2)",
                "AssertionError: 1 != 2",
            ],
        ),
    ];
    for (log, expected) in table {
        assert_eq!(found(log, 12), expected, "{log}");
    }
}

#[test]
fn a_step_of_an_images_build_that_failed_is_told_with_its_reason_once() {
    let log = "\
#8 [4/4] RUN pip install -r requirements.txt
#8 1.234 Collecting streamlit==1.40.0
#8 2.345 ERROR: Could not find a version that satisfies the requirement polars==99.0
#8 2.346 ERROR: No matching distribution found for polars==99.0
------
 > [4/4] RUN pip install -r requirements.txt:
1.234 Collecting streamlit==1.40.0
2.345 ERROR: Could not find a version that satisfies the requirement polars==99.0
2.346 ERROR: No matching distribution found for polars==99.0
------
ERROR: failed to build: failed to solve: process \"/bin/sh -c pip install -r requirements.txt\" did not complete successfully: exit code: 1";
    let expected = [
        "2.345 ERROR: Could not find a version that satisfies the requirement polars==99.0",
        "2.346 ERROR: No matching distribution found for polars==99.0",
        "…",
        "ERROR: failed to build: failed to solve: process \"/bin/sh -c pip install -r requirements.txt\" did not complete successfully: exit code: 1",
    ];
    assert_eq!(found(log, 12), expected);
}

proptest! {
    #[test]
    fn whatever_the_log_is_no_more_lines_than_asked_for_come_out(log in "(?s).{0,400}", limit in 0_usize..20) {
        prop_assert!(found(&log, limit).len() <= limit);
    }

    #[test]
    fn every_line_told_stands_in_the_log(
        words in proptest::collection::vec("(error: |E   |FAILED a\\.py|Traceback \\(most recent call last\\):|  x|)[a-z]{0,5}", 0..40),
    ) {
        for line in found(&words.join("\n"), 12) {
            prop_assert!(line == "…" || words.contains(&line));
        }
    }
}

#[test]
fn a_file_that_cannot_even_be_collected_is_an_error_of_pytest() {
    let line = "ERROR tests/test_home.py - ModuleNotFoundError: No module named 'app'";
    assert_eq!(found(line, 12), [line]);
}

#[test]
fn an_error_ends_at_a_blank_line() {
    assert_eq!(found("error: no such command\n\nmore words\nand more", 12), ["error: no such command"]);
}

#[test]
fn what_made_sphinx_fail_is_told_before_what_make_says_of_it() {
    let nowhere = "/home/runner/work/site/docs/index.rst:4: WARNING: toctree contains reference to nonexisting document 'nowhere' [toc.not_readable]";
    let table: [(&str, &[&str]); 4] = [
        (
            SPHINX,
            &[
                nowhere,
                "…",
                "/home/runner/work/site/docs/index.rst:8: WARNING: undefined label: 'gone' [ref.ref]",
                "…",
                "build finished with problems, 2 warnings (with warnings treated as errors).",
                "make: *** [Makefile:20: html] Error 1",
            ],
        ),
        (
            SPHINX_7,
            &[
                "Warning, treated as error:",
                "/home/runner/work/site/docs/index.rst:4:toctree contains reference to nonexisting document 'nowhere'",
                "make: *** [Makefile:20: html] Error 2",
            ],
        ),
        (
            SPHINX_EXTENSION,
            &["Extension error:", "Could not import extension no_ext (exception: No module named 'no_ext')"],
        ),
        (
            SPHINX_CONFIGURATION,
            &[
                "    sphinx.errors.ConfigError: There is a programmable error in your configuration file:",
                "…",
                "      File \"/home/runner/work/site/docs/conf.py\", line 1, in <module>",
                "        import nothere",
                "    ModuleNotFoundError: No module named 'nothere'",
            ],
        ),
    ];
    for (log, wanted) in table {
        assert_eq!(found(log, 8), wanted);
    }
    let tolerated = SPHINX.replace("finished with problems, 2 warnings (with warnings treated as errors)", "succeeded");
    assert_eq!(found(&tolerated, 8), ["make: *** [Makefile:20: html] Error 1"], "a warning is no error by itself");
}
