//! How large input is borne: the same checks on inputs as large as the host hands over, made of whatever
//! makes a reader nest, expand, repeat or look back. Memory stays a small multiple of the input, and so
//! does all that is ever allocated, which grows with the work: where either grew with the square of the
//! input, these would be gigabytes.
#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod hostile;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use hostile::check;

/// Counts what is held now, the most that was ever held, and all that was ever asked for.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
static ALL: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: hands everything on to the system's own allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(held, Relaxed);
        ALL.fetch_add(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

const MIB: usize = 1024 * 1024;
/// As much as the host reads of a configuration file or an event (src/lib.rs).
const FILE: usize = 8 * MIB;
/// As much as is kept of GitHub's answers, and of a log (src/tools/github.rs).
const LIST: usize = 2 * MIB;
const LOG: usize = MIB / 4;

fn repeated(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len())
}

/// A list or mapping that goes in one further on every line.
fn stairs(step: &str, levels: usize) -> String {
    (0..levels).map(|level| format!("{}{step}\n", " ".repeat(level))).collect()
}

fn yaml() -> Vec<(String, String)> {
    let pieces = [
        "[", "{", "- ", "? ", "a: ", "&a ", "*a ", "\t", "'", "\"", "|\n", "#", "!", "%", "<<: ", "[a, ", "{a: ",
        "\"\\", "...\n", "---\n", "é",
    ];
    let mut all: Vec<(String, String)> =
        pieces.iter().map(|piece| (format!("{piece:?} again and again"), repeated(piece, FILE))).collect();
    let big = "x".repeat(400_000);
    let aliases = |one: &str, count: usize| format!("label: &x \"{one}\"\nurl: [{}]\n", "*x, ".repeat(count));
    let under = |text: &str| format!("defaults:\n  {}\n", text.replace('\n', "\n  "));
    let keys: String = (0..18_000).map(|number| format!("    k{number}: 1\n")).collect();
    let twenty: String = (b'b'..=b'z')
        .map(|name| {
            let (name, before) = (char::from(name), char::from(name - 1));
            format!("{name}: &{name} [*{before}, *{before}, *{before}, *{before}]\n")
        })
        .collect();
    let table = [
        ("a large text named once and repeated", under(&aliases(&big, 18_000))),
        ("aliases of aliases of aliases", format!("a: &a [x]\n{twenty}")),
        ("a large key above many", format!("defaults:\n  ? \"{big}\"\n  :\n{keys}")),
        ("a large unknown key", format!("defaults:\n  {big}: 1\n")),
        ("many unknown keys", format!("defaults:\n{keys}")),
        ("many environments of bad names", format!("environments:\n{}", keys.replace('k', "-"))),
        ("a large value", format!("defaults:\n  label: {}\n", "y".repeat(FILE - 100))),
        ("stairs of lists", stairs("-", 4000)),
        ("stairs of mappings", stairs("a:", 4000)),
        (
            "merges of merges",
            format!(
                "a: &a {{ k: v }}\n{}",
                (0..5000).map(|at| format!("b{at}: {{ <<: [*a, *a] }}\n")).collect::<String>()
            ),
        ),
    ];
    all.extend(table.map(|(what, text)| (what.to_owned(), text)));
    all
}

fn json(size: usize) -> Vec<(String, String)> {
    let pieces = ["[", "{\"a\":", "\"\\u0000", "1", "[{},", " ", "\"\\\\"];
    let mut all: Vec<(String, String)> =
        pieces.iter().map(|piece| (format!("{piece:?} again and again"), repeated(piece, size))).collect();
    let long = "n".repeat(size - 500);
    let names =
        format!("{{\"jobs\":[{{\"id\":1,\"conclusion\":\"failure\",\"name\":\"{long}\"}}],\"workflow_runs\":[]}}");
    let many = repeated("{\"id\":1,\"conclusion\":\"failure\"},", size - 100);
    all.push(("a large name".to_owned(), names));
    all.push(("many small ones".to_owned(), format!("{{\"jobs\":[{many}{{\"id\":2}}]}}")));
    all
}

fn words(size: usize) -> Vec<(String, String)> {
    let pieces = [
        "::",
        "##[",
        "\u{1b}",
        "\u{1b}[",
        "\u{1b}]",
        "\r",
        "\n",
        "`",
        "```\n",
        "@",
        "\\",
        "👨\u{200d}",
        "e\u{301}",
        "🇫",
        "x",
        "2026-01-01T00:00:00Z ",
        "##[error]x\n",
        "x\0",
    ];
    pieces.iter().map(|piece| (format!("{piece:?} again and again"), repeated(piece, size))).collect()
}

/// Runs a check; fails when it takes memory, or work, out of proportion.
fn borne(name: &str, inputs: Vec<(String, String)>) {
    for (what, text) in inputs {
        let bytes = [b"\0".as_slice(), text.as_bytes()].concat();
        let bytes = if matches!(name, "runs" | "jobs" | "discord" | "site" | "job_log" | "message" | "secret") {
            &bytes
        } else {
            &bytes[1..]
        };
        let before = (HELD.load(Relaxed), ALL.load(Relaxed));
        MOST.store(before.0, Relaxed);
        check(name)(bytes);
        let (most, all) = (MOST.load(Relaxed) - before.0, ALL.load(Relaxed) - before.1);
        let (size, room) = (bytes.len(), 64 * MIB);
        println!("{name}, {what}: {} MiB in, {} MiB held, {} MiB in all", size / MIB, most / MIB, all / MIB);
        assert!(most <= 40 * size + room, "{name}, {what}: {most} bytes held for {size}");
        assert!(all <= 200 * size + 4 * room, "{name}, {what}: {all} bytes allocated for {size}");
    }
}

// One test: what is counted is the whole process's.
#[test]
fn memory_and_work_stay_in_proportion_to_the_input() {
    for name in ["file", "compose_file"] {
        borne(name, yaml());
    }
    for (name, size) in [
        ("event", FILE),
        ("runs", LIST),
        ("jobs", LIST),
        ("site", MIB),
        ("discord", MIB / 16),
        ("docker_output", 4 * MIB),
        ("ledger", LIST),
    ] {
        borne(name, json(size));
    }
    for (name, size) in [
        ("job_log", LOG),
        ("spoken", LIST),
        ("message", LIST),
        ("git_output", LIST),
        ("arguments", MIB),
        ("secret", LIST),
        ("setting", MIB),
        ("start", LIST),
        ("redirect", 16 * 1024),
    ] {
        borne(name, words(size));
    }
}
