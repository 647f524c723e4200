//! Which compose, which command, which containers, which strategy. The answers of docker in here
//! were written by docker 28.2 (client), 20.10 (engine) and compose 1.29.2.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use mangetamain_deploy::host::{Ran, Reply, Run, Stat};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::compose::*;
use mangetamain_deploy::tools::compose_file::*;
use mangetamain_deploy::tools::strategy::*;

const FILE: &str = "/srv/app/docker-compose.yml";

fn ran(exit: i32, stdout: &str) -> Reply {
    Reply::Ran(Ran {
        exit: Some(exit),
        signal: None,
        timed_out: false,
        stdout: stdout.to_string(),
        stderr: "docker: 'compose' is not a docker command.".to_string(),
        ms: 1,
    })
}

fn timed_out(exit: Option<i32>, stdout: &str) -> Reply {
    let Reply::Ran(ran) = ran(0, stdout) else { panic!() };
    Reply::Ran(Ran { exit, timed_out: true, ..ran })
}

fn told(text: &str) -> Option<Version> {
    versioned(&ran(0, text)).unwrap()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn words(run: &Run) -> String {
    format!("{} {}", run.program, run.args.join(" "))
}

fn compose(plugin: &str, standalone: &str) -> Compose {
    choose(told(plugin), told(standalone)).unwrap()
}

fn project() -> Project {
    Project {
        file: FILE.to_string(),
        name: None,
        services: vec![],
        orphans: Orphans::Remove,
        lock: Some("/state/lock".to_string()),
    }
}

// ---- which compose

#[test]
fn versions_are_read_with_their_prefixes_and_suffixes() {
    let numbers = |text: &str| told(text).map(|version| (version.major, version.minor));
    assert_eq!(numbers("1.29.2\n"), Some((1, 29)));
    assert_eq!(numbers("2.26.1-4\n"), Some((2, 26)));
    assert_eq!(numbers("v2.40.3\n"), Some((2, 40)));
    assert_eq!(numbers("5.0.0"), Some((5, 0)));
    assert_eq!(numbers("v2.20.2-desktop.1"), Some((2, 20)));
    assert_eq!(told("v2.40.3").unwrap().text, "2.40.3");
    for garbage in ["", "dev", "v", "2", "docker-compose version 1.29.2\ndocker-py 5.0.3", "1.2 3", "-1.2"] {
        assert_eq!(numbers(garbage), None, "{garbage:?}");
    }
}

#[test]
fn a_compose_that_is_not_there_is_none_and_one_that_did_not_answer_is_not_known() {
    assert_eq!(versioned(&ran(1, "2.26.1")), Ok(None));
    assert_eq!(versioned(&ran(125, "")), Ok(None));
    assert_eq!(versioned(&Reply::Missing), Ok(None));
    assert_eq!(versioned(&timed_out(Some(0), "2.26.1")), Err(ComposeFault::TimedOut));
    assert_eq!(versioned(&timed_out(None, "")), Err(ComposeFault::TimedOut));
    assert!(versioned(&Reply::Cancelled { signal: "SIGTERM".to_string() }).is_err());
}

#[test]
fn the_newer_line_wins_and_the_plugin_on_ties() {
    assert_eq!(compose("2.26.1", "1.29.2").program, ["docker", "compose"]);
    assert_eq!(compose("2.26.1", "2.40.0").program, ["docker", "compose"]);
    assert_eq!(compose("2.26.1", "5.0.0").program, ["docker-compose"]);
    assert_eq!(compose("", "1.29.2").program, ["docker-compose"]);
    assert_eq!(compose("5.0.0", "").program, ["docker", "compose"]);
    assert_eq!(choose(None, None), None);
}

#[test]
fn a_remembered_compose_holds_until_a_candidate_changes() {
    let env = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    let paths = candidates(&env(&[("PATH", "/usr/bin:/bin/::rel"), ("HOME", "/home/run")]));
    for path in [
        "/usr/bin/docker",
        "/usr/bin/docker-compose",
        "/bin/docker",
        "/home/run/.docker/cli-plugins/docker-compose",
        "/usr/libexec/docker/cli-plugins/docker-compose",
        "/usr/local/lib/docker/cli-plugins/docker-compose",
    ] {
        assert!(paths.contains(&path.to_string()), "{path} in {paths:?}");
    }
    assert!(paths.iter().all(|path| path.starts_with('/')));
    let other = candidates(&env(&[("DOCKER_CONFIG", "/d"), ("HOME", "/h")]));
    assert!(other.contains(&"/d/cli-plugins/docker-compose".to_string()));
    assert!(!other.iter().any(|path| path.starts_with("/h/")));

    let stat = |size| Some(Stat { size, modified_ms: 1, kind: "file".to_string() });
    let mut stats = vec![None; paths.len()];
    stats[0] = stat(10);
    let found = compose("2.26.1", "");
    let text = serde_json::to_string(&Remembered::new(found.clone(), &paths, &stats)).unwrap();
    let kept = || serde_json::from_str::<Remembered>(&text).unwrap();
    assert_eq!(kept().still(&paths, &stats), Some(found));
    let mut replaced = stats.clone();
    replaced[0] = stat(11);
    assert_eq!(kept().still(&paths, &replaced), None);
    let mut installed = stats.clone();
    installed[1] = stat(10);
    assert_eq!(kept().still(&paths, &installed), None);
    assert_eq!(kept().still(&paths[1..], &stats[1..]), None, "another PATH is another answer");
}

// ---- commands

#[test]
fn commands_name_the_file_and_end_with_the_services() {
    let chosen = Project { name: Some("site".to_string()), services: owned(&["web", "api"]), ..project() };
    let v2 = compose("2.26.1", "");
    assert_eq!(words(&v2.restart(&project())), format!("docker compose -f {FILE} restart"));
    assert_eq!(words(&v2.restart(&chosen)), format!("docker compose -f {FILE} -p site restart web api"));
    let v1 = compose("", "1.29.2");
    let up = v1.up(&chosen);
    assert_eq!(words(&up), format!("docker-compose -f {FILE} -p site up -d --build --remove-orphans web api"));
    assert_eq!((up.folder.as_deref(), up.under_lock.as_deref()), (Some("/srv/app"), Some("/state/lock")));
    assert_eq!(up.limit_ms, 600_000);
    for name in ["INPUT_*", "ACTIONS_*", "COMPOSE_REMOVE_ORPHANS", "COMPOSE_IGNORE_ORPHANS"] {
        assert!(up.drop.contains(&name.to_string()));
    }
}

#[test]
fn recreating_takes_down_only_what_is_ours() {
    let v2 = compose("2.26.1", "");
    let all = |project: &Project| v2.recreate(project).iter().map(words).collect::<Vec<_>>();
    let up = format!("docker compose -f {FILE} up -d --build");
    assert_eq!(
        all(&project()),
        [format!("docker compose -f {FILE} down --remove-orphans"), format!("{up} --remove-orphans")]
    );
    let shared = Project { orphans: Orphans::Keep { others: owned(&["prod"]) }, ..project() };
    assert_eq!(all(&shared), [format!("docker compose -f {FILE} rm --stop --force"), up.clone()]);
    let chosen = Project { services: owned(&["web"]), ..project() };
    assert_eq!(
        all(&chosen),
        [format!("docker compose -f {FILE} rm --stop --force web"), format!("{up} --remove-orphans web")]
    );
}

// ---- containers

const LIST: &str = concat!(
    r#"["f302","app_web_1","app","web","/srv/app","docker-compose.yml","False"]"#,
    "\n",
    r#"["9f95","app-db-1","app","db","/srv/app","/srv/app/docker-compose.yml","False"]"#,
    "\n",
    r#"["0ff0","app_web_run_1","app","web","/srv/app","docker-compose.yml","True"]"#,
    "\n",
    r#"["aaaa","other","else","web","/srv/else","/srv/else/docker-compose.yml","False"]"#,
    "\n",
    r#"["50ef","never","x","","","",""]"#,
    "\n",
);

const PRODUCTION: &str =
    concat!(r#"["bbbb","app_prod_1","app","prod","/srv/app","docker-compose-prod.yml","False"]"#, "\n");

const WEB: &str = r#"{"id":"f302","name":"/p_web_1","image":"tiny:1","program":"/bin/sleep","status":"running","started":"2026-11-23T00:00:29.928963649Z","exit":0,"health":null,"restarts":0,"policy":"","init":null,"stop_timeout":null,"labels":{"com.docker.compose.config-hash":"c135","com.docker.compose.container-number":"1","com.docker.compose.oneoff":"False","com.docker.compose.project":"p","com.docker.compose.project.config_files":"docker-compose.yml","com.docker.compose.project.working_dir":"/tmp/ct-docker/p","com.docker.compose.service":"web","com.docker.compose.version":"1.29.2"},"mounts":[{"Type":"bind","Source":"/tmp/ct-docker/p/src","Destination":"/src","Mode":"rw","RW":true,"Propagation":"rprivate"}]}"#;
const NEVER: &str = r#"{"id":"50ef","name":"/never","image":"tiny:1","program":"/bin/sleep","status":"created","started":"0001-01-01T00:00:00Z","exit":0,"health":null,"restarts":0,"policy":"no","init":null,"stop_timeout":null,"labels":{"com.docker.compose.project":"x"},"mounts":[]}"#;
const OTHER: &str = r#"{"id":"9f95","name":"/p_other_1","image":"tiny:1","program":"/bin/sleep","status":"running","started":"2026-11-22T23:59:47.158925911Z","exit":0,"health":"starting","restarts":0,"policy":"","init":true,"stop_timeout":3,"labels":{"com.docker.compose.oneoff":"False","com.docker.compose.project":"p","com.docker.compose.project.config_files":"/tmp/ct-docker/p/docker-compose.yml","com.docker.compose.project.working_dir":"/tmp/ct-docker/p","com.docker.compose.service":"other"},"mounts":[]}"#;
const CRASH: &str = r#"{"id":"9a28","name":"/p_crash_1","image":"tiny:1","program":"/bin/sh","status":"restarting","started":"2026-11-23T00:01:05.450046321Z","exit":3,"health":null,"restarts":4,"policy":"always","init":null,"stop_timeout":null,"labels":null,"mounts":null}"#;

/// 2026-11-23T00:00:29.928Z.
const WEB_STARTED: Millis = Millis(1_795_392_029_928);

fn look(lines: &[&str]) -> Vec<Container> {
    inspected(&ran(0, &lines.join("\n"))).unwrap()
}

fn list(more: &str) -> Vec<Listed> {
    listed(&ran(0, &format!("{LIST}{more}"))).unwrap()
}

fn names(all: &[Listed]) -> Vec<&str> {
    all.iter().map(|one| one.name.as_str()).collect()
}

#[test]
fn our_containers_are_found_by_file_whoever_made_them() {
    let all = list(PRODUCTION);
    let spelled = owned(&["/link/docker-compose.yml", FILE]);
    assert_eq!(names(&ours(&all, &spelled, &[])), ["app_web_1", "app-db-1"]);
    assert_eq!(names(&ours(&all, &spelled, &owned(&["db"]))), ["app-db-1"]);
    assert_eq!(names(&ours(&all, &owned(&["/srv/app/docker-compose-prod.yml"]), &[])), ["app_prod_1"]);
    assert!(ours(&all, &owned(&["/nowhere"]), &[]).is_empty());
}

#[test]
fn a_project_is_named_only_when_all_agree() {
    let all = list("");
    assert_eq!(project_name(&ours(&all, &owned(&[FILE]), &[])).as_deref(), Some("app"));
    assert_eq!(project_name(&all), None);
    assert_eq!(project_name(&[]), None);
}

#[test]
fn orphans_are_kept_where_another_file_shares_the_folder() {
    let mine = owned(&[FILE]);
    assert_eq!(shares_folder(&list(""), &mine), Orphans::Remove);
    let kept = Orphans::Keep { others: owned(&["app_prod_1"]) };
    assert_eq!(shares_folder(&list(PRODUCTION), &mine), kept);
    let first_deploy = owned(&["/srv/app/new.yml"]);
    assert!(matches!(shares_folder(&list(""), &first_deploy), Orphans::Keep { others } if others.len() == 3));
    let named_alike = r#"["cccc","far","app","x","/srv/far","/srv/far/a.yml","False"]"#;
    assert_eq!(shares_folder(&list(named_alike), &mine), Orphans::Keep { others: owned(&["far"]) });
    let up = compose("2.26.1", "").up(&Project { orphans: kept, ..project() });
    assert!(!up.args.contains(&"--remove-orphans".to_string()));
}

#[test]
fn an_inspection_is_read_as_docker_writes_it() {
    let all = look(&[WEB, NEVER, OTHER, CRASH]);
    let web = &all[0];
    assert_eq!((web.name.as_str(), web.started, web.runs()), ("p_web_1", Some(WEB_STARTED), true));
    assert_eq!((web.init, web.stop_timeout, web.health.as_deref()), (None, None, None));
    assert_eq!(web.belongs.files, ["/tmp/ct-docker/p/docker-compose.yml"]);
    assert_eq!(web.mounts, ["/tmp/ct-docker/p/src"]);
    assert_eq!((all[1].started, all[1].runs()), (None, false));
    assert_eq!((all[2].init, all[2].stop_timeout, all[2].health.as_deref()), (Some(true), Some(3), Some("starting")));
    assert_eq!((all[3].restarts, all[3].runs(), all[3].finished()), (4, false, false));
}

#[test]
fn a_garbled_list_is_not_an_empty_one() {
    assert_eq!(listed(&ran(0, "")), Ok(vec![]));
    assert_eq!(listed(&ran(0, "[\"half")), Err(ComposeFault::Unreadable));
    assert_eq!(inspected(&ran(0, "{}")), Err(ComposeFault::Unreadable));
    assert!(matches!(inspected(&ran(1, WEB)), Err(ComposeFault::Refused { exit: 1, .. })));
    assert_eq!(listed(&timed_out(None, LIST)), Err(ComposeFault::TimedOut));
}

#[test]
fn only_containers_started_since_prove_a_deploy() {
    let (web, other, crash, never) = (look(&[WEB]), look(&[WEB, OTHER]), look(&[WEB, CRASH]), look(&[NEVER]));
    assert_eq!(proof(&web, WEB_STARTED), Proof::Fresh);
    assert_eq!(proof(&web, WEB_STARTED.plus(1)), Proof::Stale(owned(&["p_web_1"])));
    assert_eq!(proof(&other, WEB_STARTED), Proof::Stale(owned(&["p_other_1"])));
    assert_eq!(proof(&crash, WEB_STARTED), Proof::NotRunning(owned(&["p_crash_1"])));
    assert_eq!(proof(&never, WEB_STARTED), Proof::NotRunning(owned(&["never"])));
    assert_eq!(proof(&[], WEB_STARTED), Proof::Nothing);
}

#[test]
fn a_job_that_ended_well_is_no_failure_beside_a_site_that_runs() {
    let job = |exit, policy: &str| Container {
        name: "job".to_string(),
        status: "exited".to_string(),
        exit,
        policy: policy.to_string(),
        ..look(&[WEB]).remove(0)
    };
    let beside = |job: Container| proof(&[look(&[WEB]).remove(0), job], WEB_STARTED);
    assert_eq!(beside(job(0, "no")), Proof::Fresh);
    assert_eq!(beside(job(1, "no")), Proof::NotRunning(owned(&["job"])));
    assert_eq!(beside(job(0, "always")), Proof::NotRunning(owned(&["job"])));
    assert_eq!(proof(&[job(0, "no")], WEB_STARTED), Proof::NotRunning(owned(&["job"])));
}

#[test]
fn after_up_a_container_with_changed_code_mounted_is_outdated() {
    let all = look(&[WEB, OTHER]);
    let changed = |path: &str| outdated(&all, WEB_STARTED.plus(1), &owned(&[path]));
    assert_eq!(changed("/tmp/ct-docker/p/src/a.py"), ["web"]);
    assert!(changed("/tmp/ct-docker/p/srcs").is_empty());
    assert!(outdated(&all, WEB_STARTED, &owned(&["/tmp/ct-docker/p/src/a.py"])).is_empty());
}

#[test]
fn a_restart_that_waited_out_the_stop_timeout_brings_advice() {
    let (web, other) = (look(&[WEB]).remove(0), look(&[OTHER]).remove(0));
    let add = SlowStop::AddInit { service: "web".to_string(), seconds: 10 };
    assert_eq!((slow_stop(9_999, &web), slow_stop(10_660, &web)), (None, Some(add)));
    let heed = SlowStop::HeedSignal { service: "other".to_string(), seconds: 3 };
    assert_eq!(slow_stop(3_400, &other), Some(heed));
    let at_once = Container { stop_timeout: Some(0), ..web.clone() };
    let for_ever = Container { stop_timeout: Some(-1), ..web };
    assert_eq!((slow_stop(99_999, &at_once), slow_stop(99_999, &for_ever)), (None, None));
}

// ---- what a compose file refers to

fn read(yaml: &str, services: &[&str]) -> Referenced {
    match references(yaml, "/srv/app", &owned(services)) {
        References::Read(referenced) => referenced,
        References::Unreadable => panic!("unreadable: {yaml}"),
    }
}

fn all(paths: &std::collections::BTreeSet<String>) -> Vec<&str> {
    paths.iter().map(String::as_str).collect()
}

const SHORT: &str = "
services:
  web:
    build: ./web/../site
    env_file: web.env
    volumes: ['./src:/src:ro', 'data:/data', '/etc/localtime:/etc/localtime']
    depends_on: [db]
  db:
    image: postgres
    env_file: [../db.env]
    extends: base
  base: {build: {context: base, dockerfile: ../Dockerfile.base}}
  lonely: {build: lonely}
volumes: {data: {}}
";

const LONG: &str = "
include:
  - more.yml
  - {path: [a/b.yml], env_file: a/b.env, project_directory: a}
services:
  web:
    build:
      context: .
      additional_contexts: {lib: ../lib, img: docker-image://alpine, other: 'service:db'}
    env_file: [{path: one.env, required: false}, two.env]
    volumes:
      - {type: bind, source: ./src, target: /src}
      - {type: volume, source: data, target: /data}
    depends_on: {db: {condition: service_started}}
    extends: {file: common.yml, service: base}
  remote: {build: 'https://github.com/a/b.git'}
configs: {c: {file: ./c.conf}, inline: {content: x}}
secrets: {s: {file: ./s.txt}, e: {environment: X}}
";

#[test]
fn references_are_found_in_short_forms() {
    let found = read(SHORT, &[]);
    let files = [
        "/srv/app/.env",
        "/srv/app/Dockerfile.base",
        "/srv/app/lonely/Dockerfile",
        "/srv/app/site/Dockerfile",
        "/srv/app/web.env",
        "/srv/db.env",
    ];
    assert_eq!(all(&found.files), files);
    assert_eq!(all(&found.contexts), ["/srv/app/base", "/srv/app/lonely", "/srv/app/site"]);
    assert_eq!(all(&found.bind_mounts), ["/etc/localtime", "/srv/app/src"]);
    assert!(found.unknown.is_empty() && found.further.is_empty());
}

#[test]
fn references_are_found_in_long_forms() {
    let found = read(LONG, &[]);
    let files = ["/srv/app/.env", "/srv/app/Dockerfile", "/srv/app/a/b.env", "/srv/app/one.env", "/srv/app/two.env"];
    assert_eq!(all(&found.files), files);
    assert_eq!(all(&found.further), ["/srv/app/a/b.yml", "/srv/app/common.yml", "/srv/app/more.yml"]);
    assert_eq!(all(&found.contexts), ["/srv/app", "/srv/app/a", "/srv/lib"]);
    assert_eq!(all(&found.bind_mounts), ["/srv/app/c.conf", "/srv/app/s.txt", "/srv/app/src"]);
}

#[test]
fn services_are_followed_to_what_they_need() {
    let found = read(SHORT, &["db"]);
    assert_eq!(all(&found.contexts), ["/srv/app/base"]);
    assert_eq!(all(&read(SHORT, &["web"]).contexts), ["/srv/app/base", "/srv/app/site"]);
    assert_eq!(all(&read(LONG, &["remote"]).contexts), ["/srv/app/a"]);
}

#[test]
fn paths_of_variables_are_told_and_dollars_are_not_variables() {
    let found = read("services: {w: {build: '${DIR}/x', env_file: '$$a.env', volumes: ['${PWD}/y:/y']}}", &[]);
    assert_eq!(all(&found.unknown), ["${DIR}/x"]);
    assert_eq!(all(&found.files), ["/srv/app/$a.env", "/srv/app/.env"]);
    assert_eq!(all(&read("services: {w: {env_file: ~/x.env}}", &[]).unknown), ["~/x.env"]);
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let yaml = "
x-common: &common {build: {context: ctx}, env_file: a.env}
services:
  web:
    <<: *common
    image: x
";
    let found = read(yaml, &[]);
    assert_eq!(all(&found.contexts), ["/srv/app/ctx"]);
    assert!(found.files.contains("/srv/app/a.env"));
}

#[test]
fn what_is_not_understood_is_unreadable() {
    for yaml in ["", "- a", "services: [", "a: 1\na: 2", "services:\n  web:\n    build: !reset null\n"] {
        assert_eq!(references(yaml, "/srv/app", &[]), References::Unreadable, "{yaml:?}");
    }
    let odd = "services: {web: 7, b: {build: [1], volumes: 3, env_file: {}}, c: null}\ninclude: 4";
    assert!(matches!(references(odd, "/srv/app", &[]), References::Read(_)));
}

#[test]
fn included_files_are_followed_and_loops_end() {
    let start = references("include: [a.yml]", "/srv/app", &[]);
    let more = references("include: [docker-compose.yml, a.yml]\nservices: {w: {build: w}}", "/srv/app", &[]);
    let References::Read(found) = start.clone().follow("/srv/app/a.yml", more) else { panic!() };
    assert_eq!(all(&found.further), [FILE]);
    assert_eq!(all(&found.contexts), ["/srv/app/w"]);
    assert!(found.files.contains("/srv/app/a.yml"));
    assert_eq!(start.follow("/srv/app/a.yml", References::Unreadable), References::Unreadable);
}

#[test]
fn paths_are_made_absolute() {
    let cases = [
        ("x", "/a/b/x"),
        ("./x/", "/a/b/x"),
        ("../x", "/a/x"),
        ("../../../x", "/x"),
        ("/y/./z", "/y/z"),
        (".", "/a/b"),
    ];
    for (path, expected) in cases {
        assert_eq!(absolute("/a/b", path), expected);
    }
    assert!(is_within("/a/b", "/a/b") && is_within("/a/b/c", "/a/b/") && is_within("/a", "/"));
    assert!(!is_within("/a/bc", "/a/b") && !is_within("/a", "/a/b"));
}

// ---- strategy

fn evidence(yaml: &str, changed: &[&str]) -> Evidence {
    Evidence {
        changed: Some(owned(changed)),
        compose_file: FILE.to_string(),
        references: references(yaml, "/srv/app", &[]),
        outside_changed: vec![],
        containers: 1,
    }
}

fn auto(changed: &[&str]) -> (Strategy, Reason) {
    choose_auto(&evidence(SHORT, changed))
}

#[test]
fn a_change_of_mounted_code_alone_restarts() {
    let restart = (Strategy::Restart, Reason::OnlyMounted);
    assert_eq!(auto(&["/srv/app/src/main.py", "/srv/app/README.md"]), restart);
    assert_eq!(auto(&[]), restart);
    assert_eq!(auto(&["/srv/app/site2/x", "/srv/app/web.env.example"]), restart);
}

#[test]
fn what_a_restart_cannot_pick_up_brings_up() {
    let path = |path: &str| path.to_string();
    assert_eq!(auto(&["/x", FILE]), (Strategy::Up, Reason::ComposeFile { path: path(FILE) }));
    assert_eq!(auto(&["/srv/db.env"]), (Strategy::Up, Reason::File { path: path("/srv/db.env") }));
    assert_eq!(auto(&["/srv/app/.env"]).0, Strategy::Up);
    assert_eq!(auto(&["/srv/app/Dockerfile.base"]).0, Strategy::Up);
    let image = Reason::Image { path: path("/srv/app/site/a/b.py"), folder: path("/srv/app/site") };
    assert_eq!(auto(&["/srv/app/site/a/b.py"]), (Strategy::Up, image));
    let outside = Evidence { outside_changed: owned(&["/srv/db.env"]), ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&outside).1, Reason::File { path: path("/srv/db.env") });
}

#[test]
fn a_mounted_folder_in_a_build_context_still_brings_up() {
    let yaml = "services: {w: {build: ., volumes: ['./src:/src']}}";
    assert_eq!(choose_auto(&evidence(yaml, &["/srv/app/src/main.py"])).0, Strategy::Up);
}

#[test]
fn what_cannot_be_told_brings_up() {
    let none = Evidence { containers: 0, ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&none), (Strategy::Up, Reason::NoContainer));
    let unknown = Evidence { changed: None, ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&unknown), (Strategy::Up, Reason::UnknownBefore));
    let broken = choose_auto(&evidence("[", &[]));
    assert_eq!(broken, (Strategy::Up, Reason::Unreadable { path: FILE.to_string() }));
    let variable = "services: {w: {env_file: '${X}'}}";
    assert_eq!(choose_auto(&evidence(variable, &[])).0, Strategy::Restart);
    let reason = Reason::Variable { path: "${X}".to_string() };
    assert_eq!(choose_auto(&evidence(variable, &["/srv/app/x"])), (Strategy::Up, reason));
}

#[test]
fn an_included_file_that_was_not_read_counts_with_its_folder() {
    let yaml = "include: [parts/a.yml]";
    let file = "/srv/app/parts/a.yml".to_string();
    assert_eq!(choose_auto(&evidence(yaml, &[&file])).1, Reason::ComposeFile { path: file.clone() });
    assert_eq!(choose_auto(&evidence(yaml, &["/srv/app/parts/code/x.py"])).0, Strategy::Up);
    assert_eq!(choose_auto(&evidence(yaml, &["/srv/app/x.py"])).0, Strategy::Restart);
}

#[test]
fn reasons_are_one_line_even_of_hostile_paths() {
    let reason = Reason::File { path: "/a\n::error::b".to_string() };
    assert_eq!(reason.to_string(), "\"/a\\n::error::b\" changed, which containers are made with");
}
