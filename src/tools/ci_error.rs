//! Which lines of a log tell of an error, by what programs are known to print: pytest, flake8 and its kin,
//! mypy, Sphinx, cargo, npm, TypeScript, ESLint, Jest, node, go, and what most others write. The lines are already
//! without timestamps and colours. What is not recognised is no error: the caller then shows the last lines.

/// Lines shown of one error.
const RUN: usize = 6;
/// What Sphinx ends with where a warning made it fail.
const STRICT: &str = "(with warnings treated as errors)";
/// Stands where lines were left out.
const GAP: &str = "…";

/// How much of the log an error takes, from the line that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// That line.
    Line,
    /// It, and so many lines more at most, up to a blank one.
    Block(usize),
    /// A traceback of Python: the last place and the exception are what counts.
    Traceback,
}

/// The first lines that tell of an error, at most `limit`, with `…` where lines between them are left out;
/// empty when none is recognised.
#[must_use]
pub fn first_errors<L: AsRef<str>>(lines: &[L], limit: usize) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    // Where the last error ended, where the last line told stood, and how long the error goes on already.
    let (mut ended, mut shown, mut run) = (None, None, 0);
    let mut at = 0;
    let are_warnings = lines.iter().any(|line| line.as_ref().contains(STRICT));
    while let Some(line) = lines.get(at).filter(|_| told.len() < limit) {
        let Some(extent) = recognised(line.as_ref(), are_warnings) else {
            at += 1;
            continue;
        };
        let (from, to) = span(lines, at, extent, are_warnings);
        run = if ended == Some(from) { run } else { 0 };
        let taken = to.min(from + RUN.saturating_sub(run));
        if taken > from {
            if shown.is_some_and(|shown| shown < from) {
                told.push(GAP.to_owned());
            }
            told.extend(lines.get(from..taken).unwrap_or_default().iter().map(|line| line.as_ref().to_owned()));
            shown = Some(taken);
        }
        run += to - from;
        ended = Some(to);
        at = to;
    }
    told.truncate(limit);
    while told.last().is_some_and(|line| line == GAP) {
        told.pop();
    }
    told
}

/// Where an error begins, and where it has ended: always behind the line that was recognised.
fn span<L: AsRef<str>>(lines: &[L], at: usize, extent: Extent, are_warnings: bool) -> (usize, usize) {
    let rest = || lines.iter().skip(at + 1).map(AsRef::as_ref);
    match extent {
        Extent::Line => (at, at + 1),
        Extent::Block(most) => {
            let is_more = |line: &&str| !line.trim().is_empty() && recognised(line, are_warnings).is_none();
            let more = rest().take(most).take_while(is_more);
            (at, at + 1 + more.count())
        }
        Extent::Traceback => {
            let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
            let own = lines.get(at).map_or(0, |line| indent(line.as_ref()));
            let end = rest().position(|line| indent(line) <= own).map_or(lines.len(), |more| at + 1 + more);
            (end.saturating_sub(2).max(at), (end + 1).min(lines.len()))
        }
    }
}

/// `are_warnings`: warnings are what made it fail.
fn recognised(line: &str, are_warnings: bool) -> Option<Extent> {
    let text = line.trim();
    if text.is_empty() {
        return None;
    }
    python(line, text)
        .or_else(|| sphinx(text, are_warnings))
        .or_else(|| compiled(text))
        .or_else(|| script(text))
        .or_else(|| any(text))
}

/// pytest's reasons and its summary; a traceback.
fn python(line: &str, text: &str) -> Option<Extent> {
    let summed = text.strip_prefix("FAILED ").or_else(|| text.strip_prefix("ERROR "));
    if line.starts_with("E  ") || summed.is_some_and(|rest| rest.contains("::") || rest.contains(".py")) {
        return Some(Extent::Line);
    }
    (text == "Traceback (most recent call last):").then_some(Extent::Traceback)
}

/// Sphinx: what it ends with, or `path:line: WARNING: …` where warnings are errors. Older ones stop at the first
/// warning, and say it in the line after that.
fn sphinx(text: &str, are_warnings: bool) -> Option<Extent> {
    const HEADS: [&str; 6] = [
        "Warning, treated as error:",
        "Configuration error:",
        "Extension error:",
        "Theme error:",
        "Application error:",
        "Sphinx error:",
    ];
    if HEADS.contains(&text) || text.starts_with("Extension error (") {
        return Some(Extent::Block(2));
    }
    let is_warning = are_warnings && (text.starts_with("WARNING: ") || text.contains(": WARNING: "));
    let is_error = text.contains(": ERROR: ") || text.contains(": CRITICAL: ");
    (is_warning || is_error || text.contains(STRICT)).then_some(Extent::Line)
}

/// Compilers, linters and tests of compiled languages: rustc and cargo, go, C.
fn compiled(text: &str) -> Option<Extent> {
    if text.starts_with("error[") || text.starts_with("error: ") {
        return Some(Extent::Block(4));
    }
    if text.starts_with("thread '") && text.contains(" panicked at ") || text.starts_with("panic: ") {
        return Some(Extent::Block(3));
    }
    let is_test = text.starts_with("test ") && text.ends_with("... FAILED");
    let is_go = text.starts_with("--- FAIL: ") || text.starts_with("FAIL\t") || text.starts_with("FAIL ");
    (is_test || is_go || located(text)).then_some(Extent::Line)
}

/// `path:line: …` or `path:line:column: …` with a lint's code, the word error, or a file of go.
fn located(text: &str) -> bool {
    let mut parts = text.splitn(4, ':');
    let (Some(path), Some(line)) = (parts.next(), parts.next()) else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
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

/// npm, TypeScript, ESLint, Jest, node's own tests and TAP.
fn script(text: &str) -> Option<Extent> {
    let is_npm = text.starts_with("npm ERR! ") || text.starts_with("npm error ");
    let is_typescript = text.contains("): error TS") || text.contains(" - error TS");
    let is_test = ["not ok ", "✖ ", "● ", "✕ ", "Expected: ", "Received: "].iter().any(|one| text.starts_with(one));
    (is_npm || is_typescript || is_test || is_eslint(text)).then_some(Extent::Line)
}

/// `12:5  error  'x' is not defined  no-undef`
fn is_eslint(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let place = words.next().and_then(|place| place.split_once(':'));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    place.is_some_and(|(row, column)| is_number(row) && is_number(column)) && words.next() == Some("error")
}

/// What most programs write: `Error: …`, `fatal: …`, `SomethingError: …`, and what a shell says.
fn any(text: &str) -> Option<Extent> {
    const BEGINNINGS: [&str; 8] =
        ["Error: ", "ERROR: ", "fatal: ", "FATAL: ", "Fatal error: ", "make: *** ", "Segmentation fault", "Killed"];
    const ENDS: [&str; 2] = [": command not found", ": Permission denied"];
    let named = text.split_once(':').is_some_and(|(name, _)| {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
        is_name && (name.ends_with("Error") || name.ends_with("Exception"))
    });
    let begins = BEGINNINGS.iter().any(|beginning| text.starts_with(beginning));
    (named || begins || ENDS.iter().any(|end| text.ends_with(end))).then_some(Extent::Line)
}
