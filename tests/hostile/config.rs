//! Settings, configuration files, command lines and events: what was accepted is safe to use as a
//! path, an argument or an address; what was refused is told briefly, and without a secret.

use std::collections::BTreeMap;

use mangetamain_deploy::config::value::{self, Value};
use mangetamain_deploy::config::{args, file, read};
use mangetamain_deploy::environment::{Environment, Locale};
use mangetamain_deploy::failure::Problem;
use mangetamain_deploy::failure::problem::Wrong;
use mangetamain_deploy::host::Start;
use mangetamain_deploy::messages::problem::problem as words;
use mangetamain_deploy::settings::{SETTINGS, ValueKind, by_input};
use mangetamain_deploy::sha::Sha;
use mangetamain_deploy::tools::needs::{self, JobResult};

use super::{acts, chosen, text};

/// Stands where a secret would: it must not come out again.
pub const PLANTED: &str = "ghp_PlantedSecret0123456789";
/// Problems told of one file, at most.
const PROBLEMS: usize = 100;

/// One value of one setting.
pub fn setting(bytes: &[u8]) {
    let (at, rest) = chosen(bytes, SETTINGS.len());
    let (kind, text) = (SETTINGS[at].kind, text(rest));
    match value::read(kind, &text, "/home/u") {
        Ok(value) => accepted(kind, &value),
        Err(form) => told(&[Problem::at("input", Wrong::Unlike(form))]),
    }
}

fn accepted(kind: ValueKind, value: &Value) {
    let lines = |value: &Value| match value {
        Value::Lines(lines) => lines.clone(),
        Value::Text(text) => vec![text.clone()],
        other => panic!("{kind:?} became {other:?}"),
    };
    match (kind, value) {
        (ValueKind::Name, _) => lines(value).iter().for_each(|name| assert!(is_name(name), "{name:?}")),
        (ValueKind::Path | ValueKind::Paths, _) => {
            lines(value).iter().for_each(|path| assert!(is_path(path), "{path:?}"))
        }
        (ValueKind::Url | ValueKind::Urls, _) => lines(value).iter().for_each(|url| assert!(is_url(url), "{url:?}")),
        (ValueKind::Sha, Value::Text(sha)) => assert_eq!(Sha::parse(sha).unwrap().as_str(), sha),
        (ValueKind::Count, Value::Number(number)) => assert!((1..=1000).contains(number)),
        (ValueKind::Duration | ValueKind::Limit, Value::Number(ms)) => assert!(*ms <= 86_400_000 * 3_600_000),
        (ValueKind::Statuses, Value::Statuses(codes)) => assert!(codes.iter().all(|code| (100..=599).contains(code))),
        (ValueKind::Choice(words), Value::Text(word)) => assert!(words.contains(&word.as_str())),
        (ValueKind::Pair, Value::Pair(key, _)) => assert!(!key.trim().is_empty()),
        (ValueKind::Flag, Value::Flag(_)) => {}
        (ValueKind::Lines | ValueKind::Windows, Value::Lines(lines)) => {
            assert!(lines.iter().all(|line| !line.is_empty() && !line.contains(['\n', '\0'])), "{lines:?}");
        }
        (ValueKind::Text | ValueKind::File | ValueKind::Secret, Value::Text(text)) => {
            let json = |letter: char| kind != ValueKind::Secret && text.starts_with('{') && "\n\r\t".contains(letter);
            assert!(text.chars().all(|letter| !letter.is_control() || json(letter)), "{text:?}");
        }
        other => panic!("{other:?} does not fit"),
    }
}

/// A folder's name that leads nowhere else, and no option.
fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    plain && (1..=64).contains(&name.len()) && !name.starts_with(['.', '-'])
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.chars().any(char::is_control) && !path.split('/').any(|part| part == "..")
}

fn is_url(url: &str) -> bool {
    let known = url.starts_with("https://") || url.starts_with("http://");
    known && !url.chars().any(|letter| letter.is_control() || letter.is_whitespace())
}

/// A branch that git can take for nothing but a branch.
fn is_branch(branch: &str) -> bool {
    let odd = |letter: char| letter.is_control() || letter.is_whitespace() || "~^:?*[\\".contains(letter);
    !branch.is_empty() && !branch.starts_with(['-', '/', '.']) && !branch.contains("..") && !branch.contains(odd)
}

/// The problems of one reading: few, short, on one line each, without the planted secret.
fn told(problems: &[Problem]) {
    assert!((1..=PROBLEMS).contains(&problems.len()), "{} problems", problems.len());
    for problem in problems {
        for locale in [Locale::En, Locale::Fr] {
            let text = words(problem, locale);
            assert!(text.chars().count() <= 1200, "{} characters: {text:.200}", text.chars().count());
            assert!(!text.contains(PLANTED), "a secret is told: {text}");
        }
    }
}

/// The text, or nothing where the planted secret is in it, letters that are not shown left aside: it is to stand
/// only where the check puts it. A fuzzer learns the word, and what stands in the place of a name is told, of course.
fn unplanted(bytes: &[u8]) -> String {
    let text = text(bytes);
    let shown: String = text.chars().filter(|letter| !acts(*letter)).collect();
    if shown.contains(PLANTED) { String::new() } else { text }
}

/// Puts the planted secret behind each key that names one.
fn planted(text: &str) -> String {
    let secrets = ["token:", "watch-token:", "discord-webhook:"];
    let line = |line: &str| match secrets.iter().find(|key| line.trim_start().starts_with(*key)) {
        Some(key) => format!("{}{key} {PLANTED}", &line[..line.len() - line.trim_start().len()]),
        None => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// A configuration file: every name is a name, every key is known, all texts together are no bomb.
pub fn file(bytes: &[u8]) {
    let text = planted(&unplanted(bytes));
    match file::read("deploy.yml", &text) {
        (file, problems) if problems.is_empty() => {
            for (name, keys) in &file.environments {
                assert!(is_name(name), "{name:?}");
                known(keys);
            }
            known(&file.defaults);
            let all = file.environments.values().chain([&file.defaults]).flat_map(BTreeMap::values);
            let size: usize = all.map(String::len).sum();
            assert!(size <= 4 * 1024 * 1024 + text.len(), "{size} bytes out of {}", text.len());
        }
        (_, problems) => told(&problems),
    }
}

fn known(keys: &file::Keys) {
    let is_known =
        |key: &str| SETTINGS.iter().any(|setting| setting.key == Some(key) && setting.kind != ValueKind::Secret);
    keys.keys().for_each(|key| assert!(is_known(key), "{key:?}"));
}

/// A command line, one argument a line.
pub fn arguments(bytes: &[u8]) {
    let text = unplanted(bytes);
    let mut all: Vec<String> = text.split('\n').map(str::to_owned).collect();
    plant(&mut all);
    match args::read(&all) {
        Ok(args::Asked::Run(inputs)) => {
            let open = |name: &String| by_input(name).is_some_and(|setting| setting.kind != ValueKind::Secret);
            inputs.keys().for_each(|name| assert!(open(name), "{name:?}"));
            inputs.values().for_each(|value| assert!(!value.contains(PLANTED), "{value:?}"));
        }
        Ok(args::Asked::Help(_) | args::Asked::Version | args::Asked::Completions(_)) => {}
        Err(refused) => {
            told(&refused.problems);
            refused.inputs.values().for_each(|value| assert!(!value.contains(PLANTED), "{value:?}"));
        }
    }
}

/// Puts the planted secret after each option that takes one.
fn plant(all: &mut [String]) {
    let secrets = ["--token", "--watch-token", "--discord-webhook"];
    for at in 0..all.len() {
        let name = all[at].split('=').next().unwrap_or_default().to_owned();
        if !secrets.contains(&name.as_str()) {
            continue;
        }
        if all[at].contains('=') {
            all[at] = format!("{name}={PLANTED}");
        } else if let Some(next) = all.get_mut(at + 1) {
            *next = PLANTED.to_owned();
        }
    }
}

/// A whole start: inputs as `name: value` lines, an empty line, the file, a line `---event`, the event.
pub fn start(bytes: &[u8]) {
    let text = unplanted(bytes);
    let (head, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let (file, event) = rest.split_once("\n---event\n").unwrap_or((rest, ""));
    let pairs = head.lines().filter_map(|line| line.split_once(": "));
    let mut inputs: BTreeMap<String, String> = pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    inputs.insert("token".to_owned(), PLANTED.to_owned());
    let env = [("GITHUB_EVENT_NAME", "workflow_run"), ("GITHUB_REPOSITORY", "octo/app"), ("HOME", "/home/u")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let start = Start { door: "action".to_owned(), inputs, env, folder: "/w".to_owned(), ..Start::default() };
    match read(&start, Some(file), Some(event)) {
        Ok(config) => {
            config.environments.iter().for_each(usable);
            let shas = [&config.request.sha, &config.origin.sha];
            shas.into_iter().flatten().for_each(|sha| assert_eq!(sha.as_str().len(), 40));
        }
        Err(problems) => problems.chunks(PROBLEMS).for_each(told),
    }
}

/// Nothing in it can be taken for an option, a path elsewhere, or a second line.
fn usable(with: &Environment) {
    assert!(is_name(&with.name) && is_branch(&with.branch), "{:?} {:?}", with.name, with.branch);
    assert!(with.app_path.is_empty() || is_path(&with.app_path), "{:?}", with.app_path);
    assert!(with.state_folder.ends_with(&format!("/{}", with.name)) && is_path(&with.state_folder));
    for path in [&with.rollback_point_file, &with.log_folder] {
        assert!(is_path(path), "{path:?}");
    }
    if let Some(compose) = &with.compose {
        assert!(compose.file.is_empty() || is_path(&compose.file), "{:?}", compose.file);
        compose.services.iter().for_each(|service| assert!(is_name(service), "{service:?}"));
    }
    with.health.urls.iter().for_each(|url| assert!(is_url(url), "{url:?}"));
    assert!(with.health.attempts >= 1 && with.ci.interval_ms >= 100);
    assert!(!with.deploy_command.iter().any(|word| word.contains(['\n', '\0'])), "{:?}", with.deploy_command);
}

/// The `needs` context of a workflow.
pub fn needs(bytes: &[u8]) {
    let text = text(bytes);
    let Ok(jobs) = needs::read(&text) else { return };
    assert!(!jobs.is_empty());
    for (id, result) in &jobs {
        assert!(id.chars().count() <= 100 && !id.chars().any(acts), "{id:?}");
        if let JobResult::Unknown(word) = result {
            assert!(word.chars().count() <= 40 && !word.chars().any(acts), "{word:?}");
        }
        let _ = needs::is_named(id, &text);
    }
}
