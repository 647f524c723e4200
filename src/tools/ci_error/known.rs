//! What programs are known to print when something is wrong: pytest, flake8 and its kin, ruff, black, mypy, Sphinx, cargo,
//! npm, TypeScript, ESLint, Jest, Vitest, node, go, shellcheck, docker, and what most others write.

use super::{Line, STRICT};

/// How much an error tells, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Any program may write such a line, and go on: an attempt that is made again, a warning.
    Loose,
    /// A program's own way to say that something failed.
    Own,
    /// Name and reason in one line, out of what a program sums up at its end.
    Summed,
}

/// How much of the log an error takes, from the line that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// That line.
    Line,
    /// It, and so many lines more at most, up to a blank one.
    Block(usize),
    /// It, and what stands behind the blank line after it: what was expected, and what came.
    Assertion,
    /// A traceback of Python: the last place and the exception are what counts.
    Traceback,
}

/// A line that tells of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// How much of the log.
    pub extent: Extent,
    /// How much it tells.
    pub weight: Weight,
    /// Whether programs say it again, word for word, with its reason or without.
    pub repeats: bool,
}

const fn own(extent: Extent) -> Found {
    Found { extent, weight: Weight::Own, repeats: false }
}

/// Whether this line tells of an error; `are_warnings`: warnings are what made the program fail.
pub fn recognised(lines: &[Line<'_>], at: usize, are_warnings: bool) -> Option<Found> {
    let line = lines.get(at)?;
    let text = text_of(line.text);
    if text.is_empty() {
        return None;
    }
    let next = lines.get(at + 1).map_or("", |next| next.text.trim());
    python(line.text, text)
        .or_else(|| coverage(text))
        .or_else(|| sphinx(text, are_warnings))
        .or_else(|| pointed(text, next))
        .or_else(|| compiled(text))
        .or_else(|| script(text))
        .or_else(|| is_path(lines, at).then_some(own(Extent::Line)))
        .or_else(|| line.is_marked.then_some(own(Extent::Line)))
        .or_else(|| any(text))
}

/// The line without what docker puts before the output of a build: `#8 2.345 `, or the seconds alone.
pub fn text_of(line: &str) -> &str {
    let text = line.trim();
    let numbered = text.strip_prefix('#').and_then(|rest| rest.split_once(' ')).filter(|(number, _)| is_number(number));
    let text = numbered.map_or(text, |(_, rest)| rest);
    let is_seconds = |word: &str| {
        word.split_once('.').is_some_and(|(all, part)| is_number(all) && part.len() == 3 && is_number(part))
    };
    text.split_once(' ').filter(|(word, _)| is_seconds(word)).map_or(text, |(_, rest)| rest.trim_start())
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// pytest's reasons and its summary, unittest's names; a traceback.
fn python(line: &str, text: &str) -> Option<Found> {
    let summed = text.strip_prefix("FAILED ").or_else(|| text.strip_prefix("ERROR "));
    if summed.is_some_and(is_of_pytest) {
        return Some(Found { weight: Weight::Summed, ..own(Extent::Line) });
    }
    let named = text
        .strip_prefix("FAIL: ")
        .or_else(|| text.strip_prefix("ERROR: "))
        .is_some_and(|rest| rest.starts_with("test"));
    if line.starts_with("E  ") || named || text.starts_with("would reformat ") {
        return Some(own(Extent::Line));
    }
    let is_traceback = text == "Traceback (most recent call last):";
    is_traceback.then_some(Found { weight: Weight::Loose, ..own(Extent::Traceback) })
}

/// Whether this names a test or a file, as pytest's summary does: `tests/test_a.py::test_b - reason`. What a program logs
/// (`ERROR    app.loader:loader.py:20 ...`) does not.
fn is_of_pytest(rest: &str) -> bool {
    let (name, more) = rest.split_once(' ').unwrap_or((rest, ""));
    name.contains("::") || (name.ends_with(".py") && (more.is_empty() || more.starts_with("- ")))
}

/// What is told of too little coverage: where tests failed, too, a consequence of that.
fn coverage(text: &str) -> Option<Found> {
    let is_told = text.starts_with("ERROR: Coverage failure") || text.starts_with("FAIL Required test coverage");
    is_told.then_some(Found { weight: Weight::Loose, ..own(Extent::Line) })
}

/// Sphinx: what it ends with, or `path:line: WARNING: …` where warnings are errors. Older ones stop at the first
/// warning, and say it in the line after that.
fn sphinx(text: &str, are_warnings: bool) -> Option<Found> {
    const HEADS: [&str; 6] = [
        "Warning, treated as error:",
        "Configuration error:",
        "Extension error:",
        "Theme error:",
        "Application error:",
        "Sphinx error:",
    ];
    if HEADS.contains(&text) || text.starts_with("Extension error (") {
        return Some(own(Extent::Block(2)));
    }
    let is_warning = are_warnings && (text.starts_with("WARNING: ") || text.contains(": WARNING: "));
    let is_error = text.contains(": ERROR: ") || text.contains(": CRITICAL: ");
    (is_warning || is_error || text.contains(STRICT)).then_some(own(Extent::Line))
}

/// What is told in two lines: ruff's finding and ` --> path:line:column`, pydocstyle's place and `D100: …`;
/// shellcheck's place and what stands there.
fn pointed(text: &str, next: &str) -> Option<Found> {
    let is_place = |text: &str| {
        text.split_once(".py:").is_some_and(|(_, rest)| rest.starts_with(|one: char| one.is_ascii_digit()))
    };
    let is_docstring = is_place(text)
        && next.strip_prefix('D').and_then(|rest| rest.split_once(": ")).is_some_and(|(code, _)| is_number(code));
    // rustc's words of what it only warns of, and of an error that is told already.
    let is_beside = ["error", "warning", "note", "help"].iter().any(|word| text.starts_with(word));
    let place = next.strip_prefix("--> ").and_then(|place| place.rsplit_once(':'));
    let is_arrow = place.is_some_and(|(_, column)| is_number(column)) && !is_beside;
    if is_arrow || is_docstring {
        return Some(own(Extent::Block(1)));
    }
    let line =
        text.strip_prefix("In ").and_then(|rest| rest.strip_suffix(':')).and_then(|rest| rest.rsplit_once(" line "));
    line.is_some_and(|(_, number)| is_number(number)).then_some(own(Extent::Block(3)))
}

/// Compilers, linters and tests of compiled languages: rustc and cargo, go, C.
fn compiled(text: &str) -> Option<Found> {
    // A report in TAP: its reason is YAML.
    if text == "error: |-" {
        return Some(own(Extent::Assertion));
    }
    if text.starts_with("error: \"") || text.starts_with("error: '") {
        return Some(own(Extent::Line));
    }
    if text.starts_with("error[") || text.starts_with("error: ") {
        return Some(own(Extent::Block(4)));
    }
    if text.starts_with("thread '") && text.contains(" panicked at ") || text.starts_with("panic: ") {
        return Some(own(Extent::Block(3)));
    }
    let is_test = text.starts_with("test ") && text.ends_with("... FAILED");
    let is_go = text.starts_with("--- FAIL: ") || text.starts_with("FAIL\t") || text.starts_with("FAIL ");
    (is_test || is_go || located(text)).then_some(own(Extent::Line))
}

/// `path:line: …` or `path:line:column: …` with a lint's code, the word error, or a file of go.
fn located(text: &str) -> bool {
    let mut parts = text.splitn(4, ':');
    let (Some(path), Some(line)) = (parts.next(), parts.next()) else {
        return false;
    };
    let is_path = path.contains('.') && !path.contains(char::is_whitespace);
    if !is_path || !is_number(line) {
        return false;
    }
    let (third, fourth) = (parts.next().unwrap_or_default(), parts.next());
    let said = match fourth {
        Some(fourth) if is_number(third) => fourth.trim_start().to_owned(),
        Some(fourth) => format!("{}:{fourth}", third.trim_start()),
        None => third.trim_start().to_owned(),
    };
    let word = said.split_whitespace().next().unwrap_or_default();
    let digits = word.trim_start_matches(|letter: char| letter.is_ascii_uppercase()).trim_end_matches(':');
    let is_code = word.starts_with(|letter: char| letter.is_ascii_uppercase());
    (is_code && is_number(digits)) || word.starts_with("error") || word == "fatal" || path.ends_with(".go")
}

/// npm, TypeScript and pyright, ESLint, Jest, node's own tests and TAP.
fn script(text: &str) -> Option<Found> {
    const HEADINGS: [&str; 2] = ["✖ failing tests:", "● Console"];
    let is_name = ["✖ ", "● ", "✕ "].iter().any(|one| text.starts_with(one)) && !HEADINGS.contains(&text);
    if is_name {
        return Some(Found { repeats: true, ..own(Extent::Line) });
    }
    let is_npm = text.starts_with("npm ERR! ") || text.starts_with("npm error ");
    let is_typed = text.contains("): error TS") || text.contains(" - error TS") || text.contains(" - error: ");
    let is_test = ["not ok ", "Expected: ", "Received: "].iter().any(|one| text.starts_with(one));
    (is_npm || is_typed || is_test || eslint(text) == Some("error")).then_some(own(Extent::Line))
}

/// What ESLint says of a place: `12:5  error  'x' is not defined  no-undef` is an `error`.
fn eslint(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    let (row, column) = words.next()?.split_once(':')?;
    words.next().filter(|_| is_number(row) && is_number(column))
}

/// The file that ESLint's errors are in: it stands above them.
fn is_path(lines: &[Line<'_>], at: usize) -> bool {
    let text = |at: usize| lines.get(at).map_or("", |line| line.text.trim());
    let mut said = (at + 1..lines.len()).map_while(|at| eslint(text(at)));
    text(at).contains('.') && !text(at).contains(' ') && eslint(text(at)).is_none() && said.any(|word| word == "error")
}

/// What most programs write: `Error: …`, `fatal: …`, `SomethingError: …`, and what a shell says.
fn any(text: &str) -> Option<Found> {
    const BEGINNINGS: [&str; 10] = [
        "Error: ",
        "ERROR: ",
        "Error response from daemon: ",
        "failed to solve: ",
        "fatal: ",
        "FATAL: ",
        "Fatal error: ",
        "make: *** ",
        "Segmentation fault",
        "Killed",
    ];
    const ENDS: [&str; 2] = [": command not found", ": Permission denied"];
    let name = text.split_once(':').map_or("", |(name, _)| without_code(name));
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    let is_exception = is_name && (name.ends_with("Error") || name.ends_with("Exception"));
    let begins = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
    let extent = if is_exception && text.ends_with(':') { Extent::Assertion } else { Extent::Line };
    let is_any = is_exception || begins || ENDS.iter().any(|end| text.ends_with(end));
    is_any.then_some(Found { extent, weight: Weight::Loose, repeats: true })
}

/// The name of an error of node's, which writes `Error [ERR_MODULE_NOT_FOUND]`.
fn without_code(name: &str) -> &str {
    let coded = name.strip_suffix(']').and_then(|rest| rest.split_once(" ["));
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    coded.filter(|(_, code)| is_code(code)).map_or(name, |(name, _)| name)
}
