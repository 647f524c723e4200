//! What is said of hostile text: to the job's log and a terminal, to Discord, in a summary. Nothing in
//! it starts a workflow command, a mention, markup or an escape sequence.

use mangetamain_deploy::tools::markdown::{fitted, in_fence, length, link, neutral};
use mangetamain_deploy::voice::{Voice, plain};

use super::{acts, chosen, ledger::OneFile, text};

/// A secret of a run, for what is struck out.
const SECRET: &str = "ghs_0123456789abcdefSECRET";

/// As the runner reads a line (actions/runner, ActionCommand.cs): `::word` at its start, `##[` anywhere.
/// It takes a carriage return for a line break.
pub fn safe_to_print(text: &str) {
    for line in text.split(['\n', '\r']) {
        assert!(!line.trim_start().starts_with("::"), "a workflow command: {line:?}");
        assert!(!line.contains("##["), "a workflow command: {line:?}");
        assert!(!line.chars().any(acts), "a letter that acts: {line:?}");
    }
}

pub fn spoken(bytes: &[u8]) {
    let text = text(bytes);
    let said = plain(&text);
    safe_to_print(&said);
    assert_eq!(plain(&said).trim_end_matches('\n'), said.trim_end_matches('\n'), "said twice");
    assert!(said.len() <= 2 * text.len() + 8);
    assert!(said.lines().count() <= text.lines().count());
}

/// A secret with something unseen inside it: it must not come out whole once that is taken away.
pub fn secret(bytes: &[u8]) {
    let (at, rest) = chosen(bytes, SECRET.len());
    let inside = text(rest);
    let split = format!("{}{inside}{}", &SECRET[..at], &SECRET[at..]);
    let host = OneFile(Vec::new().into());
    let voice = Voice::new(&host, vec![SECRET.to_owned()]);
    let cleaned = voice.cleaned(&split);
    let drawn = neutral(&cleaned);
    let mut letters = drawn.chars();
    let read =
        std::iter::from_fn(|| letters.next().map(|one| if one == '\\' { letters.next().unwrap_or(one) } else { one }));
    let unescaped: String = read.collect();
    for said in [cleaned.clone(), unescaped, in_fence(&cleaned)] {
        assert!(!said.replace('\u{200b}', "").contains(SECRET), "{said:?}");
    }
}

pub fn message(bytes: &[u8]) {
    let (limit, rest) = chosen(bytes, 200);
    let text = text(rest);
    let quoted = neutral(&text);
    no_markup(&quoted);
    assert!(!in_fence(&text).contains("```"));
    for cut in [fitted(&text, limit), fitted(&quoted, limit), fitted(&format!("```\n{}\n```", in_fence(&text)), limit)]
    {
        assert!(length(&cut) <= limit);
    }
    let linked = link(&text, &text);
    if let Some(label) = linked.strip_prefix('[').and_then(|rest| rest.split_once("](<")) {
        no_markup(label.0);
    }
}

/// Every letter that could mean something is escaped, and no `@` stands before a name.
fn no_markup(quoted: &str) {
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        assert!(!acts(letter), "{quoted:?}");
        match letter {
            '\\' => {
                letters.next();
            }
            '@' => assert_eq!(letters.peek(), Some(&'\u{200b}'), "{quoted:?}"),
            '*' | '_' | '~' | '`' | '|' | '>' | '#' | '[' | ']' | '(' | ')' | '<' => panic!("{letter} in {quoted:?}"),
            _ => {}
        }
    }
}
