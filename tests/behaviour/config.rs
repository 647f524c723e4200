//! Raw text to a configuration, or every problem at once: what wins over what, what is refused, and
//! that no secret is ever told.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;

use mangetamain_deploy::config::{self, Config, Intent, Target};
use mangetamain_deploy::environment::{ComposeStrategy, Locale, Otherwise, Watch};
use mangetamain_deploy::host::Start;
use mangetamain_deploy::machine::request::Force;
use mangetamain_deploy::settings::{Mode, SETTINGS};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
const HEAD: &str = "89abcdef0123456789abcdef0123456789abcdef";
const WEBHOOK: &str = "https://discord.com/api/webhooks/1/PlantedSecret0123456789";

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn start(inputs: &[(&str, &str)]) -> Start {
    Start {
        door: "action".to_owned(),
        inputs: map(inputs),
        env: map(&[("HOME", "/home/ada"), ("GITHUB_SHA", SHA), ("GITHUB_EVENT_NAME", "push")]),
        folder: "/work".to_owned(),
        ..Start::default()
    }
}

/// The inputs that a deploy cannot do without.
const NEEDED: &[(&str, &str)] = &[("mode", "deploy"), ("environment", "preprod"), ("app-path", "/srv/app")];

fn read(inputs: &[(&str, &str)], file: Option<&str>) -> Result<Config, Vec<String>> {
    let result = config::read(&start(inputs), file, None);
    result.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn problems(inputs: &[(&str, &str)], file: Option<&str>) -> Vec<String> {
    read(inputs, file).map(|_| ()).expect_err("it is refused")
}

fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [NEEDED, more].concat()
}

/// A base in which every setting of this mode has something to say.
fn told(mode: &str) -> Vec<(&'static str, String)> {
    let base = [
        ("environment", "prod"),
        ("app-path", "/srv/app"),
        ("compose-file", "/srv/app/compose.yml"),
        ("health-url", "http://localhost:8501"),
        ("deploy-command", "./deploy.sh"),
        ("backup-paths", "/srv/data"),
        ("confirm", "DEPLOY"),
    ];
    let mode = [("mode", mode.to_owned())];
    mode.into_iter().chain(base.map(|(name, value)| (name, value.to_owned()))).collect()
}

#[test]
fn what_the_table_calls_a_default_is_what_is_so_where_nothing_is_said() {
    let config = |given: &[(&str, String)]| {
        let pairs: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let Config { environments, request, locale, .. } = read(&pairs, None).expect("what is given is taken");
        format!("{environments:?} {request:?} {locale:?}")
    };
    let mut held = 0;
    for setting in SETTINGS.iter().filter(|one| !one.default.is_empty()) {
        // Said in words, or by the runner.
        if ["config", "label", "health-url", "token"].contains(&setting.input) {
            continue;
        }
        let modes: Vec<&str> = setting.modes.iter().map(|mode| mode.word()).collect();
        let mode = ["deploy", "promote", "rollback"].into_iter().find(|mode| modes.is_empty() || modes.contains(mode));
        let mode = mode.unwrap_or_else(|| panic!("{} is a setting of {modes:?}", setting.input));
        let value = setting.default.replace("<state-dir>/<environment>", "/var/app-state/prod");
        let value = value.split(';').next().unwrap_or_default().to_owned();
        let said = [told(mode), vec![(setting.input, value)]].concat();
        assert_eq!(config(&told(mode)), config(&said), "the default of {}", setting.input);
        held += 1;
    }
    assert!(held > 25, "{held} defaults");
}

#[test]
fn a_deploy_needs_little_and_the_rest_has_the_documented_defaults() {
    let config = read(NEEDED, None).unwrap();
    let one = &config.environments[0];
    assert_eq!((config.mode, config.locale, config.state_dir.as_str()), (Mode::Deploy, Locale::Fr, "/var/app-state"));
    assert_eq!((one.label.as_str(), one.branch.as_str(), one.app_path.as_str()), ("PREPROD", "main", "/srv/app"));
    assert_eq!((one.compose.is_none(), one.deploy_command.len(), one.guard_paths.len()), (true, 0, 0));
    let health = &one.health;
    assert_eq!((health.attempts, health.interval_ms, health.timeout_ms, health.grace_ms), (3, 10_000, 10_000, 30_000));
    assert_eq!((&health.status[..], health.urls.len(), &health.contains), (&[200][..], 0, &None));
    let ci = &one.ci;
    assert_eq!((ci.workflow.as_str(), ci.watch, ci.on_timeout), ("ci.yml", Watch::Auto, Otherwise::Keep));
    assert_eq!((ci.delay_ms, ci.interval_ms, ci.timeout_ms, one.lock_timeout_ms), (30_000, 10_000, 300_000, 600_000));
    assert_eq!((one.on_unhealthy, one.locale, &one.mention), (Otherwise::Rollback, Locale::Fr, &None));
    assert_eq!(one.rollback_point_file, "/var/app-state/preprod/last-validated-sha.txt");
    assert_eq!((one.state_folder.as_str(), one.log_folder.as_str()), ("/var/app-state/preprod", "/tmp"));
    assert_eq!((config.request.force, config.request.intent), (Force::Obey, Intent::Act));
    assert_eq!((config.request.to, config.request.sha.unwrap().to_string()), (Target::LastValidated, SHA.to_owned()));
}

#[test]
fn an_input_wins_over_the_file_the_environment_over_the_defaults_and_these_over_what_is_built_in() {
    let file = "defaults:\n  branch: from-defaults\n  label: from-defaults\n  url: http://defaults.example\nenvironments:\n  preprod:\n    app-path: /from/file\n    label: from-environment\n    url: http://environment.example\n";
    let inputs = [("mode", "deploy"), ("environment", "preprod"), ("url", "http://input.example")];
    let one = read(&inputs, Some(file)).unwrap().environments.remove(0);
    let told = [one.ci.workflow, one.branch, one.label, one.url.unwrap(), one.app_path];
    assert_eq!(told, ["ci.yml", "from-defaults", "from-environment", "http://input.example", "/from/file"]);
    // An empty input is one that was not given; blanks around one do not count.
    let inputs = [("mode", " deploy "), ("environment", "preprod"), ("url", ""), ("branch", " next\n")];
    let one = read(&inputs, Some(file)).unwrap().environments.remove(0);
    assert_eq!((one.url.as_deref(), one.branch.as_str()), (Some("http://environment.example"), "next"));
}

#[test]
fn a_file_can_hold_every_setting_of_an_environment() {
    let file = "
environments:
  preprod:
    app-path: ~/site/
    compose: { file: ~/site/docker-compose.yml, service: [web, worker], strategy: recreate }
    deploy-command: [./deploy.sh, '--flag', 'a b']
    url: https://preprod.example
    health: { url: [https://a.example/, https://b.example/], status: [200, 204], contains: '{sha7}', json: status=ok, attempts: 7, interval: 250ms, timeout: 2s, grace: 1m }
    on-unhealthy: keep
    guard-paths: ['migrations/**', '*.sql']
    ci: { workflow: Tests, watch: inline, delay: 1s, interval: 5s, timeout: 1h, on-timeout: rollback }
    state-dir: ~/state
    rollback-point-file: ~/point.txt
    log-dir: ~/logs
    lock-timeout: 30s
    discord: { mention: everyone }
    locale: en
";
    let one = read(&[("mode", "deploy"), ("environment", "preprod")], Some(file)).unwrap().environments.remove(0);
    let compose = one.compose.unwrap();
    assert_eq!((one.app_path.as_str(), compose.file.as_str()), ("/home/ada/site", "/home/ada/site/docker-compose.yml"));
    assert_eq!(
        (compose.services, compose.strategy),
        (vec!["web".to_owned(), "worker".to_owned()], ComposeStrategy::Recreate)
    );
    assert_eq!(one.deploy_command, ["./deploy.sh", "--flag", "a b"]);
    assert_eq!(one.health.urls, ["https://a.example/", "https://b.example/"]);
    assert_eq!((&one.health.status[..], one.health.contains.as_deref()), (&[200, 204][..], Some("{sha7}")));
    assert_eq!(one.health.json, Some(("status".to_owned(), "ok".to_owned())));
    assert_eq!(
        (one.health.attempts, one.health.interval_ms, one.health.timeout_ms, one.health.grace_ms),
        (7, 250, 2_000, 60_000)
    );
    assert_eq!(
        (one.on_unhealthy, one.guard_paths.len(), one.mention.as_deref()),
        (Otherwise::Keep, 2, Some("everyone"))
    );
    assert_eq!(
        (one.ci.workflow.as_str(), one.ci.watch, one.ci.timeout_ms, one.ci.on_timeout),
        ("Tests", Watch::Inline, 3_600_000, Otherwise::Rollback)
    );
    assert_eq!(
        (one.state_folder.as_str(), one.rollback_point_file.as_str(), one.log_folder.as_str()),
        ("/home/ada/state/preprod", "/home/ada/point.txt", "/home/ada/logs")
    );
    assert_eq!((one.lock_timeout_ms, one.locale), (30_000, Locale::En));
}

#[test]
fn every_problem_is_told_at_once_each_once_with_its_place_and_what_is_accepted() {
    let file = "environments:\n  preprod:\n    healt: { url: http://a }\n    health: { attemps: 3 }\n";
    let found = problems(
        &with(&[("health-atempts", "3"), ("ci-timeout", "5 minutes"), ("locale", "de"), ("url", "ftp://x")]),
        Some(file),
    );
    let wanted = [
        "environments.preprod.healt.url: is not a known setting. Did you mean `health.url`?",
        "environments.preprod.health.attemps: is not a known setting. Did you mean `health.attempts`?",
        "health-atempts: is not a known input. Did you mean `health-attempts`?",
        "ci-timeout = \"5 minutes\": must be a whole number with its unit, such as 250ms, 10s, 5m or 1h.",
        "locale = \"de\": must be one of fr, en.",
        "url = \"ftp://x\": must be a URL that begins with http:// or https://, its port, if any, from 1 to 65535.",
    ];
    for problem in wanted {
        assert_eq!(found.iter().filter(|one| *one == problem).count(), 1, "{problem}\n{found:#?}");
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
}

#[test]
fn what_is_missing_is_told_for_the_mode_that_needs_it() {
    let none: &[(&str, &str)] = &[];
    let told = |inputs: &[(&str, &str)]| problems(inputs, None);
    assert!(told(none).iter().any(|one| one.starts_with("mode: is required")), "{:?}", told(none));
    let deploy = told(&[("mode", "deploy")]);
    assert!(deploy.iter().any(|one| one.starts_with("environment: is required")), "{deploy:?}");
    assert_eq!(
        told(&[("mode", "deploy"), ("environment", "preprod")]),
        ["app-path: is required: the git work tree on this machine, or a folder in one."]
    );
    assert_eq!(
        told(&[("mode", "deplyo"), ("environment", "preprod")]),
        [
            "mode = \"deplyo\": must be deploy, watch, rollback, promote, health, report, status or doctor. Did you mean `deploy`?"
        ]
    );
    let mut nowhere = start(NEEDED);
    nowhere.env.remove("GITHUB_SHA");
    let told: Vec<String> = config::read(&nowhere, None, None).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["sha: is required outside a workflow: the commit's 40 digits."]);
    assert!(read(&[("mode", "status")], None).is_ok());
}

#[test]
fn bad_values_are_refused_and_good_ones_taken() {
    let refused = [
        ("sha", "main"),
        ("sha", "0123456"),
        ("sha", "--upload-pack=x"),
        ("environment", "../prod"),
        ("environment", "a/b"),
        ("environment", "-x"),
        ("app-path", "srv/app"),
        ("app-path", "/srv/../etc"),
        ("app-path", "/srv/\u{7}app"),
        ("branch", "-main"),
        ("branch", "a..b"),
        ("branch", "a b"),
        ("branch", "a:b"),
        ("branch", "a/"),
        ("compose-service", "--help"),
        ("compose-strategy", "restrat"),
        ("health-status", "abc"),
        ("health-status", "99"),
        ("health-json", "status"),
        ("health-attempts", "0"),
        ("health-attempts", "-1"),
        ("health-attempts", "1e3"),
        ("health-interval", "10"),
        ("health-interval", "s"),
        ("health-interval", "99999999999999999999s"),
        ("health-interval", "1d"),
        ("on-unhealthy", "panic"),
        ("watch", "sometimes"),
        ("force", "yes"),
        ("dry-run", "1"),
        ("to", "HEAD~1"),
        ("to", "abc"),
        ("label", "two\nlines"),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
        ("health-url", "http://localhost:70000/"),
        ("url", "http://[::1]:0/"),
        ("discord-mention", "@somebody"),
        ("discord-webhook", "file:///etc/passwd"),
        ("discord-webhook", "https://user@discord.com/x"),
    ];
    for (name, value) in refused {
        let mut inputs = map(NEEDED);
        inputs.insert(name.to_owned(), value.to_owned());
        let result = config::read(&Start { inputs, ..start(&[]) }, None, None);
        assert!(
            result.is_err_and(|problems| problems.len() == 1 && problems[0].place == name),
            "{name} = {value:?} was taken"
        );
    }
    let taken = [
        ("sha", " 89ABCDEF0123456789ABCDEF0123456789ABCDEF "),
        ("environment", "pre.prod-2"),
        ("app-path", "~"),
        ("branch", "release/2026.1"),
        ("compose-service", "all"),
        ("health-status", "200, 204\n301"),
        ("health-interval", "0s"),
        ("health-interval", "24h"),
        ("force", "True"),
        ("to", "previous"),
        ("to", "0123456"),
        ("discord-mention", "role:42"),
        ("url", "http://localhost:8000/x?y=z"),
        ("health-url", "http://[::1]:8502/_stcore/health"),
        ("label", "PRÉPROD 🚀"),
    ];
    for (name, value) in taken {
        let mut inputs = map(NEEDED);
        inputs.insert(name.to_owned(), value.to_owned());
        let result = config::read(&Start { inputs, ..start(&[]) }, None, None);
        assert!(result.is_ok(), "{name} = {value:?}: {:?}", result.err());
    }
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_told() {
    let file = format!(
        "defaults:\n  discord-webhook: {WEBHOOK}\nenvironments:\n  preprod:\n    token: ghp_PlantedSecret0123456789\n"
    );
    let found = problems(NEEDED, Some(&file)).join("\n");
    assert!(found.contains("defaults.discord-webhook: is a secret and never stands in a file"), "{found}");
    assert!(found.contains("environments.preprod.token: is a secret"), "{found}");
    assert!(!found.contains("PlantedSecret"), "{found}");
    // Nor one that is not what it should be, nor what a run knows.
    let found =
        problems(&with(&[("discord-webhook", "ftp://PlantedSecret0123456789"), ("token", "Planted\tSecret")]), None)
            .join("\n");
    assert!(found.contains("discord-webhook") && found.contains("token") && !found.contains("Planted"), "{found}");
    let config = read(&with(&[("discord-webhook", WEBHOOK), ("token", "ghs_PlantedSecret")]), None).unwrap();
    assert!(!format!("{:?}{:?}", config.secrets, config.environments).contains("Planted"));
    assert!(!serde_json::to_string(&config.environments).unwrap().contains("Planted"));
}

#[test]
fn an_input_only_setting_in_the_file_is_refused() {
    let found = problems(NEEDED, Some("environments:\n  preprod:\n    sha: abc\n    dry-run: true\n"));
    assert_eq!(found.iter().filter(|one| one.contains("is an input only")).count(), 2, "{found:?}");
}

#[test]
fn a_home_folder_is_the_user_s_own_and_known() {
    let home = |text: &str| {
        read(&[("mode", "deploy"), ("environment", "p"), ("app-path", text)], None)
            .map(|config| config.environments[0].app_path.clone())
    };
    assert_eq!(home("~/site").unwrap(), "/home/ada/site");
    assert_eq!(home("~").unwrap(), "/home/ada");
    assert_eq!(home("/srv//app/./x/").unwrap(), "/srv/app/x");
    assert!(home("~root/site").is_err());
    let mut nobody = start(&[("mode", "deploy"), ("environment", "p"), ("app-path", "~/site")]);
    nobody.env.remove("HOME");
    assert!(config::read(&nobody, None, None).is_err(), "without HOME, `~/site` must not become /site");
    let named = start(&[("config", "~/x.yml")]);
    assert_eq!(config::file_path(&named), "/home/ada/x.yml");
    assert_eq!(config::file_path(&start(&[])), "/work/.github/mangetamain-deploy.yml");
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem_with_its_line() {
    let bomb = (0..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let all = vec![format!("*a{level}"); 9].join(", ");
        format!("{text}a{}: &a{} [{all}]\n", level + 1, level + 1)
    });
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let faults = [
        ("environments:\n\tpreprod: {}\n", "line 2"),
        ("environments:\n  a: {}\n  a: {}\n", "\"a\" stands twice"),
        (bomb.as_str(), "too large"),
        ("defaults: {}\n---\ndefaults: {}\n", "second document"),
        ("defaults:\n  label: !secret x\n", "tags"),
        ("defaults: [unclosed\n", "line"),
        ("- a\n- b\n", "not a mapping"),
        (deep.as_str(), "recursion"),
        ("defaults:\n  label: *nowhere\n", "line 2"),
    ];
    for (text, wanted) in faults {
        let found = problems(NEEDED, Some(text));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(
            found[0].starts_with("/work/.github/mangetamain-deploy.yml: is not YAML that can be read")
                && found[0].contains(wanted),
            "{found:?}"
        );
        // What the file may well hold is not told to be missing.
        let found = problems(&[("mode", "deploy"), ("environment", "preprod")], Some(text));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
    }
}

#[test]
fn a_file_of_the_wrong_shape_is_told_key_by_key() {
    let found = problems(NEEDED, Some("enviroments: {}\ndefaults: 3\nenvironments:\n  '../x': {}\n  preprod: [1]\n"));
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(found.iter().any(|one| one.ends_with("Did you mean `environments`?")), "{found:#?}");
    let found = problems(&with(&[("config", "gone.yml")]), None);
    assert_eq!(found, ["config = \"gone.yml\": names a file that does not exist."]);
}

#[test]
fn numbers_stay_as_they_are_written() {
    let file = "environments:\n  preprod:\n    label: 1.10\n    branch: 007\n    health: { contains: no }\n";
    let one = read(NEEDED, Some(file)).unwrap().environments.remove(0);
    assert_eq!((one.label.as_str(), one.branch.as_str(), one.health.contains.as_deref()), ("1.10", "007", Some("no")));
}

#[test]
fn the_end_of_a_workflow_is_about_its_own_commit_not_the_newest_one() {
    let event = serde_json::json!({ "action": "completed", "workflow_run": { "id": 1, "head_sha": HEAD }, "repository": { "private": false } }).to_string();
    let mut by_event = start(&[("mode", "watch"), ("environment", "preprod"), ("app-path", "/srv/app")]);
    by_event.env.insert("GITHUB_EVENT_NAME".to_owned(), "workflow_run".to_owned());
    let config = config::read(&by_event, None, Some(&event)).unwrap();
    assert_eq!((config.request.sha.unwrap().to_string(), config.origin.public), (HEAD.to_owned(), Some(true)));
    assert_eq!(config.origin.event, Some(event.clone()));
    // A payload that cannot be read must not fall back to GITHUB_SHA.
    assert!(config::read(&by_event, None, Some("{")).is_err());
    // An input wins.
    by_event.inputs.insert("sha".to_owned(), SHA.to_owned());
    assert_eq!(config::read(&by_event, None, Some(&event)).unwrap().request.sha.unwrap().to_string(), SHA);
    // On a push the payload's own words do not count.
    by_event.inputs.remove("sha");
    by_event.env.insert("GITHUB_EVENT_NAME".to_owned(), "push".to_owned());
    let config = config::read(&by_event, None, Some(&event)).unwrap();
    assert_eq!((config.request.sha.unwrap().to_string(), config.origin.event), (SHA.to_owned(), None));
}

#[test]
fn without_an_environment_the_modes_that_look_take_all_of_the_file() {
    let file = "environments:\n  prod: { app-path: /srv/prod }\n  preprod: { app-path: /srv/preprod }\n";
    let config = read(&[("mode", "status")], Some(file)).unwrap();
    let names: Vec<&str> = config.environments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["preprod", "prod"]);
}

#[test]
fn a_url_with_a_password_in_it_is_refused_and_the_password_is_not_told() {
    for name in ["url", "health-url"] {
        for url in [
            "https://ada:s3cret@example.org/",
            "http://s3cret@example.org?x",
            "https://ok.example/\nhttps://a:s3cret@b/",
        ] {
            if name == "url" && url.contains('\n') {
                continue;
            }
            let told = problems(&with(&[(name, url)]), None);
            assert!(
                told.len() == 1 && told[0].starts_with(name) && told[0].contains("no name or password"),
                "{told:?}"
            );
            assert!(!told[0].contains("s3cret"), "{told:?}");
        }
    }
    assert!(read(&with(&[("url", "https://example.org/@ada?mail=a@b")]), None).is_ok());
}

#[test]
fn what_is_said_of_a_compose_file_that_is_not_named_is_no_setting_that_nobody_heeds() {
    let about = [("compose-service", "web"), ("compose-strategy", "up")];
    for one in about {
        let wanted = "compose-file: is required beside `compose-service` and `compose-strategy`: what they are about.";
        assert_eq!(problems(&with(&[one]), None), [wanted], "{one:?}");
        assert!(read(&with(&[one, ("compose-file", "/srv/app/compose.yml")]), None).is_ok());
    }
    let defaults = "defaults: { compose: { strategy: up } }\nenvironments: { prod: { app-path: /srv/app } }";
    assert!(read(&with(&[]), Some(defaults)).is_ok(), "what holds for all may have nothing to say of one");
}

#[test]
fn a_place_in_the_defaults_that_two_environments_would_write_to_is_refused() {
    let file = |defaults: &str, preprod: &str| {
        format!(
            "defaults: {{ {defaults} }}\nenvironments: {{ preprod: {{ {preprod} }}, prod: {{ app-path: /srv/app }} }}"
        )
    };
    for (place, defaults, own) in [
        ("rollback-point-file", "rollback-point-file: /p.txt", "rollback-point-file: /q.txt"),
        ("backup.dir", "backup: { dir: /b }", "backup: { dir: /c }"),
    ] {
        let told = problems(NEEDED, Some(&file(defaults, "")));
        let why = "would be of several environments at once: name one in each, or none (each has its own then).";
        assert_eq!(told, [format!("defaults.{place}: {why}")]);
        assert!(read(NEEDED, Some(&file(defaults, own))).is_ok(), "one that is left to it has it for itself");
    }
}

#[test]
fn a_place_that_two_environments_name_each_by_itself_is_refused() {
    let file = |eu: &str, us: &str| format!("environments: {{ eu: {{ {eu} }}, preprod: {{}}, us: {{ {us} }} }}");
    let why = "would be of several environments at once: name one in each, or none (each has its own then).";
    for (place, eu, us, own) in [
        ("rollback-point-file", "rollback-point-file: /p", "rollback-point-file: /p", "rollback-point-file: /q"),
        ("backup.dir", "backup: { dir: /b }", "backup: { dir: /b/ }", "backup: { dir: /c }"),
    ] {
        assert_eq!(problems(NEEDED, Some(&file(eu, us))), [format!("environments.us.{place}: {why}")]);
        assert!(read(NEEDED, Some(&file(eu, own))).is_ok());
    }
}

#[test]
fn a_rollback_that_is_given_a_sha_is_told_which_input_names_its_version() {
    let named =
        |inputs: &[(&'static str, &'static str)]| problems(&[NEEDED, &[("mode", "rollback")], inputs].concat(), None);
    assert_eq!(
        named(&[("sha", SHA)]),
        [format!("sha = \"{SHA}\": is not read by `rollback`: name the version with `to`.")]
    );
    // The runner's own variable names what the workflow runs on, not what to go back to.
    assert!(read(&[NEEDED, &[("mode", "rollback"), ("to", HEAD)]].concat(), None).is_ok());
}
