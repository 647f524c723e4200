//! French has a blank before `:`, `;`, `!` and `?` and inside « »: every text of the French catalogue is looked
//! through, as it stands in the sources. What is code (in backticks, or a setting with its value), and the names of
//! a message's facts (`SHA: acfdb42`), whose form is fixed, are left aside.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

/// The names of facts in messages.
const FACTS: &str = "SHA,Auteur,Message,URL,CI,Run,Commits,Commits retirés,En ligne,En ligne depuis,SHA en ligne,SHA annulé,\
    SHA attendu,SHA à annuler,Raison,Sauvegarde,Échoué,Annulé,Ignoré,Commits depuis le dernier validé";
/// Code that stands in a sentence without backticks.
const CODE: &str = "force: true,restart: unless-stopped,compose.service: {near},ci.workflow: {near},\
    services: {{ {service}: {{ init: true }} }},runs-on: [self-hosted,on: push: branches: [{branch}],\
    permissions: { contents: read, actions: read },(deployments: write),3; promote 5";

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

/// The texts of a source: what stands between quotes, outside comments.
fn texts(source: &str) -> Vec<String> {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n").replace("\\\"", "''").replace("'\"'", "''");
    code.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Without what is no French.
fn french(text: &str) -> String {
    let mut rest: String = text.split('`').step_by(2).collect::<Vec<_>>().join("` `");
    for code in CODE.split(',').map(str::trim) {
        rest = rest.replace(code, "");
    }
    let fact = FACTS.split(',').map(str::trim).find(|name| rest.starts_with(&format!("{name}: ")));
    fact.map_or(rest.clone(), |name| rest[name.len() + 1..].to_owned())
}

/// The signs that stick to a word.
fn stuck(text: &str) -> Vec<String> {
    let letters: Vec<char> = french(text).chars().collect();
    let at = |place: Option<usize>| place.and_then(|place| letters.get(place)).copied();
    let is_stuck = |place: usize| {
        let (before, after) = (at(place.checked_sub(1)), at(Some(place + 1)));
        let is_word = before.is_some_and(|letter| letter.is_alphanumeric() || ")}`»".contains(letter));
        let is_end = after.is_none_or(|letter| letter.is_whitespace() || letter == '\\');
        match letters[place] {
            ':' | ';' | '!' | '?' => is_word && is_end,
            '«' => after != Some(' '),
            '»' => before != Some(' '),
            _ => false,
        }
    };
    let around = |place: usize| letters[place.saturating_sub(20)..(place + 2).min(letters.len())].iter().collect();
    (0..letters.len()).filter(|place| is_stuck(*place)).map(around).collect()
}

#[test]
fn french_has_a_blank_before_signs_of_two_parts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/messages");
    let mut all = vec![root.join("fr.rs")];
    sources(&root.join("fr"), &mut all);
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for path in all {
        for text in texts(&fs::read_to_string(&path).unwrap()) {
            seen += 1;
            wrong.extend(stuck(&text).into_iter().map(|part| format!("{}: …{part}", path.display())));
        }
    }
    assert!(seen > 800, "only {seen} texts were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every text of the catalogue, in both languages.
fn catalogue() -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/messages"), &mut all);
    let read = |path: &PathBuf| {
        texts(&fs::read_to_string(path).unwrap()).into_iter().map(|text| (path.clone(), text)).collect::<Vec<_>>()
    };
    all.iter().flat_map(read).collect()
}

#[test]
fn what_is_counted_is_one_or_many_and_never_both() {
    let wrong: Vec<_> = catalogue().into_iter().filter(|(_, text)| text.contains("(s)")).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ci_is_masculine_in_french() {
    let feminine = |text: &str| ["la CI", "sa CI", "une CI", "cette CI"].iter().any(|one| text.contains(one));
    let wrong: Vec<_> = catalogue().into_iter().filter(|(_, text)| feminine(text)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_sign_that_sticks_is_seen_and_code_is_not_taken_for_one() {
    for text in ["pas confirmé: rien", "Annulé ; encore?", "{label}: x", "«oui »", "fin!", "il y a {}; {}", "rien:"]
    {
        assert_eq!(stuck(text).len(), 1, "{text}");
    }
    for text in ["à 12:30 UTC", "`a: b` : c ?", "SHA: {}", "https://a.example", "ou `force: true`", "« oui » !"] {
        assert_eq!(stuck(text), Vec::<String>::new(), "{text}");
    }
}
