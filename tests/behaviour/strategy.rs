//! What a compose file refers to, and which way containers get a new version because of it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use mangetamain_deploy::tools::compose_file::*;
use mangetamain_deploy::tools::path::{absolute, is_within, parent};
use mangetamain_deploy::tools::strategy::*;

const FILE: &str = "/srv/app/docker-compose.yml";

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

// ---- what a compose file refers to

fn read(yaml: &str, services: &[&str]) -> Referenced {
    match references(yaml, "/srv/app", &owned(services)) {
        References::Read(referenced) => *referenced,
        References::Unreadable => panic!("unreadable: {yaml}"),
    }
}

fn all(paths: &BTreeSet<String>) -> Vec<&str> {
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
    assert!(found.unknown.is_empty() && found.further.is_empty());
}

#[test]
fn references_are_found_in_long_forms() {
    let found = read(LONG, &[]);
    let files = ["/srv/app/.env", "/srv/app/Dockerfile", "/srv/app/a/b.env", "/srv/app/one.env", "/srv/app/two.env"];
    assert_eq!(all(&found.files), files);
    assert_eq!(all(&found.further), ["/srv/app/a/b.yml", "/srv/app/common.yml", "/srv/app/more.yml"]);
    assert_eq!(all(&found.contexts), ["/srv/app", "/srv/lib"]);
    let folders: Vec<(&str, &str)> = found.folders.iter().map(|(file, folder)| (&**file, &**folder)).collect();
    assert_eq!(folders, [("/srv/app/a/b.yml", "/srv/app/a")]);
}

#[test]
fn services_are_followed_to_what_they_need() {
    let found = read(SHORT, &["db"]);
    assert_eq!(all(&found.contexts), ["/srv/app/base"]);
    assert_eq!(all(&read(SHORT, &["web"]).contexts), ["/srv/app/base", "/srv/app/site"]);
    assert!(read(LONG, &["remote"]).contexts.is_empty());
}

#[test]
fn a_service_extended_from_another_file_is_not_looked_for_in_this_one() {
    let yaml = "services: {w: {extends: {file: c.yml, service: base}}, base: {build: base}}";
    let found = read(yaml, &["w"]);
    assert!(found.contexts.is_empty());
    assert_eq!(all(&found.further), ["/srv/app/c.yml"]);
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
    let a = references("include: [b.yml]\nservices: {w: {build: w}}", "/srv/app", &[]);
    let b = references("include: [a.yml, b.yml]", "/srv/app", &[]);
    let followed = start.clone().follow("/srv/app/a.yml", a);
    let References::Read(found) = followed.clone() else { panic!() };
    assert_eq!(all(&found.further), ["/srv/app/b.yml"]);
    assert_eq!(all(&found.contexts), ["/srv/app/w"]);
    let References::Read(found) = followed.follow("/srv/app/b.yml", b) else { panic!() };
    assert!(found.further.is_empty());
    assert!(found.files.contains("/srv/app/a.yml") && found.files.contains("/srv/app/b.yml"));
    let broken = start.follow("/srv/app/a.yml", References::Unreadable);
    assert_eq!(broken, References::Unreadable);
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
    assert_eq!(["/a/b", "/a", "/"].map(parent), ["/a", "/", "/"]);
}

// ---- strategy

fn evidence(yaml: &str, changed: &[&str]) -> Evidence {
    Evidence {
        changed: Some(owned(changed)),
        compose_file: FILE.to_string(),
        references: references(yaml, "/srv/app", &[]),
        outside_changed: vec![],
        new_images: vec![],
        services: ["w", "web", "db", "base", "lonely"].map(str::to_string).into(),
        down: BTreeSet::new(),
        commanded: false,
        variables: BTreeSet::new(),
    }
}

fn auto(changed: &[&str]) -> (Strategy, StrategyReason) {
    choose_auto(&evidence(SHORT, changed))
}

#[test]
fn a_change_of_mounted_code_alone_restarts() {
    let restart = (Strategy::Restart, StrategyReason::OnlyMounted);
    assert_eq!(auto(&["/srv/app/src/main.py", "/srv/app/README.md"]), restart);
    assert_eq!(auto(&[]), restart);
    assert_eq!(auto(&["/srv/app/site2/x", "/srv/app/web.env.example"]), restart);
}

#[test]
fn what_a_restart_cannot_pick_up_brings_up() {
    let path = |path: &str| path.to_string();
    assert_eq!(auto(&["/x", FILE]), (Strategy::Up, StrategyReason::ComposeFile { path: path(FILE) }));
    assert_eq!(auto(&["/srv/db.env"]), (Strategy::Up, StrategyReason::File { path: path("/srv/db.env") }));
    assert_eq!(auto(&["/srv/app/.env"]).0, Strategy::Up);
    assert_eq!(auto(&["/srv/app/Dockerfile.base"]).0, Strategy::Up);
    let image = StrategyReason::Image { path: path("/srv/app/site/a/b.py"), folder: path("/srv/app/site") };
    assert_eq!(auto(&["/srv/app/site/a/b.py"]), (Strategy::Up, image));
    // A submodule is told as one path, whatever of it is built.
    let deep = "services: {w: {build: ./lib/web}}";
    assert_eq!(choose_auto(&evidence(deep, &["/srv/app/lib"])).0, Strategy::Up);
    assert_eq!(choose_auto(&evidence(deep, &["/srv/app/library"])).0, Strategy::Restart);
    let outside = Evidence { outside_changed: owned(&["/srv/db.env"]), ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&outside).1, StrategyReason::File { path: path("/srv/db.env") });
}

#[test]
fn a_mounted_folder_in_a_build_context_still_brings_up() {
    let yaml = "services: {w: {build: ., volumes: ['./src:/src']}}";
    assert_eq!(choose_auto(&evidence(yaml, &["/srv/app/src/main.py"])).0, Strategy::Up);
}

#[test]
fn what_cannot_be_told_brings_up() {
    let none = Evidence { services: BTreeSet::new(), ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&none), (Strategy::Up, StrategyReason::NoContainer));
    let unknown = Evidence { changed: None, ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&unknown), (Strategy::Up, StrategyReason::UnknownBefore));
    let broken = choose_auto(&evidence("[", &[]));
    assert_eq!(broken, (Strategy::Up, StrategyReason::Unreadable { path: FILE.to_string() }));
    let variable = "services: {w: {env_file: '${X}'}}";
    assert_eq!(choose_auto(&evidence(variable, &[])).0, Strategy::Restart);
    let reason = StrategyReason::Variable { path: "${X}".to_string() };
    assert_eq!(choose_auto(&evidence(variable, &["/srv/app/x"])), (Strategy::Up, reason));
}

#[test]
fn what_the_services_asked_for_need_has_to_run() {
    let yaml = "
services:
  web: {depends_on: {api: {condition: service_healthy}, job: {condition: service_completed_successfully}}}
  api: {depends_on: [db, off, none], extends: base}
  db: {depends_on: {web: {condition: service_started}, spare: {condition: service_started, required: false}}}
  job: {depends_on: [queue]}
  off: {deploy: {replicas: 0}}
  none: {profiles: [tools]}
  base: {image: x}
  spare: {image: x}
  queue: {image: x}
  other: {image: x}
";
    let needed = [("api".to_owned(), true), ("db".to_owned(), false)].into();
    assert_eq!(read(yaml, &["web"]).needed, needed);
    assert!(read(yaml, &[]).needed.is_empty(), "a restart is of all of them");
    let down = Evidence { down: ["db".to_owned()].into(), ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&down), (Strategy::Up, StrategyReason::Down { service: "db".to_owned() }));
}

#[test]
fn a_file_beside_the_first_one_may_take_a_service_all_its_containers() {
    let first = references("services: {web: {image: x}, mail: {image: x}}", "/srv/app", &[]);
    let second = references("services: {mail: {deploy: {replicas: 0}}, web: {image: y}}", "/srv/app", &[]);
    let followed = first.beside([&"/srv/app/o.yml".to_owned()].into_iter()).follow("/srv/app/o.yml", second);
    let References::Read(found) = followed else { panic!() };
    assert_eq!(all(&found.services), ["web"]);
    let asked = owned(&["web"]);
    let first = references("services: {web: {depends_on: [mail]}, mail: {image: x}}", "/srv/app", &asked);
    let second = references("services: {mail: {deploy: {replicas: 0}}}", "/srv/app", &[]);
    let followed = first.beside([&"/srv/app/o.yml".to_owned()].into_iter()).follow("/srv/app/o.yml", second);
    let References::Read(found) = followed else { panic!() };
    assert!(found.needed.is_empty());
}

#[test]
fn an_included_file_that_was_not_read_counts_with_its_folder() {
    let yaml = "include: [parts/a.yml]";
    let file = "/srv/app/parts/a.yml".to_string();
    assert_eq!(choose_auto(&evidence(yaml, &[&file])).1, StrategyReason::ComposeFile { path: file.clone() });
    assert_eq!(choose_auto(&evidence(yaml, &["/srv/app/parts/code/x.py"])).0, Strategy::Up);
    assert_eq!(choose_auto(&evidence(yaml, &["/srv/app/x.py"])).0, Strategy::Restart);
}

#[test]
fn reasons_are_one_line_even_of_hostile_paths() {
    let reason = StrategyReason::File { path: "/a\n::error::b".to_string() };
    assert_eq!(reason.to_string(), "\"/a\\n::error::b\" changed, which containers are made with");
}

#[test]
fn an_image_that_was_built_or_pulled_beside_compose_is_no_matter_for_a_restart() {
    let built = Evidence { new_images: owned(&["site:latest"]), ..evidence(SHORT, &[]) };
    assert_eq!(choose_auto(&built), (Strategy::Up, StrategyReason::NewImage { image: "site:latest".to_owned() }));
}

#[test]
fn what_the_deploy_command_may_have_written_into_an_image_is_no_matter_for_a_restart() {
    let ran = Evidence { commanded: true, ..evidence(SHORT, &["/srv/app/x"]) };
    assert_eq!(choose_auto(&ran), (Strategy::Up, StrategyReason::Written { folder: "/srv/app/base".to_owned() }));
    let mounted = Evidence { commanded: true, ..evidence("services: {w: {image: x}}", &["/srv/app/x"]) };
    assert_eq!(choose_auto(&mounted).0, Strategy::Restart);
}

#[test]
fn a_service_without_a_container_is_no_matter_for_a_restart() {
    let without = |yaml: &str| choose_auto(&Evidence { services: ["w".to_owned()].into(), ..evidence(yaml, &[]) });
    let missing = (Strategy::Up, StrategyReason::NoContainerOf { service: "x".to_owned() });
    assert_eq!(without("services: {w: {}, x: {image: y}}"), missing);
    for none in ["profiles: [tools]", "scale: 0", "deploy: {replicas: 0}", "provider: {type: cloud}"] {
        assert_eq!(without(&format!("services: {{w: {{}}, x: {{{none}}}}}")).0, Strategy::Restart, "{none}");
    }
    // Of services that were asked for, what they need is not looked after.
    let needs = "services: {w: {depends_on: [x]}, x: {}}";
    assert!(read(needs, &["w"]).services.iter().eq(["w"]));
}

#[test]
fn a_value_from_the_environment_is_no_matter_for_a_restart() {
    let yaml = "services: {w: {image: 'a:${TAG:-x}', command: ['$$NO', '$UP', '${A?${B}}'], environment: [C, D=e],
                build: {context: 'https://x/y.git', args: {F: , G: 1}}}}";
    assert_eq!(all(&read(yaml, &[]).variables), ["A", "B", "C", "F", "TAG", "UP"]);
    let given = |name: &str| choose_auto(&Evidence { variables: [name.to_owned()].into(), ..evidence(yaml, &[]) });
    assert_eq!(given("TAG"), (Strategy::Up, StrategyReason::Given { variable: "TAG".to_owned() }));
    assert_eq!(given("NO").0, Strategy::Restart);
}

#[test]
fn a_value_from_the_environment_may_come_by_way_of_what_services_share() {
    let yaml = "services: {w: {image: a}}
secrets: {key: {environment: API_KEY}, file: {file: './$WHERE'}}
configs: {c: {content: 'v ${TAG}'}}
volumes: {v: {name: 'data-${STAGE}'}}
networks: {n: }";
    assert_eq!(all(&read(yaml, &[]).variables), ["API_KEY", "STAGE", "TAG", "WHERE"]);
}

#[test]
fn who_shares_a_network_or_processes_waits_for_whose_they_are() {
    for key in ["network_mode", "ipc", "pid"] {
        let yaml = |mode: &str| format!("services: {{gate: {{}}, web: {{{key}: '{mode}'}}}}");
        let joined = yaml("service:gate");
        assert!(read(&joined, &[]).waits && !read(&yaml("host"), &[]).waits, "{key}");
        assert!(!read(&joined, &["web"]).waits, "only what is restarted beside it is waited for");
        assert_eq!(read(&joined, &["web"]).needed.get("gate"), Some(&false), "{key}");
    }
}

#[test]
fn whose_network_a_service_is_in_is_not_forgotten_for_a_file_that_does_not_say() {
    let first = references("services: {gate: {}, web: {network_mode: 'service:gate'}}", "/srv/app", &[]);
    let more = references("services: {web: {environment: {A: b}}}", "/srv/app", &[]);
    let References::Read(all) = first.follow("/srv/app/more.yml", more) else {
        panic!("both can be read");
    };
    assert_eq!(all.joined.get("web"), Some(&BTreeSet::from(["gate".to_owned()])));
}

#[test]
fn a_text_of_the_compose_file_is_no_matter_for_an_up_either() {
    let yaml =
        "services: {w: {configs: [c]}, x: {configs: [{source: d, target: /d}]}, y: {configs: [f]}, z: {image: a}}
configs: {c: {content: plain}, d: {content: 'of ${TAG}'}, f: {file: ./f}}";
    let after = |changed: Option<&[&str]>, variables: &[&str]| {
        let variables = owned(variables).into_iter().collect();
        rewritten(&Evidence { changed: changed.map(owned), variables, ..evidence(yaml, &[]) })
    };
    assert_eq!(all(&after(Some(&[FILE]), &[])), ["w", "x"]);
    assert_eq!(all(&after(Some(&["/srv/app/.env"]), &[])), ["w", "x"]);
    assert_eq!(all(&after(None, &[])), ["w", "x"]);
    assert_eq!(all(&after(Some(&["/srv/app/f", "/srv/app/site.py"]), &["HOME"])), [""; 0]);
    assert_eq!(all(&after(Some(&[]), &["TAG"])), ["x"]);
}

#[test]
fn a_text_that_is_a_variable_is_another_one_where_the_files_have_changed() {
    let yaml = "services: {db: {secrets: [key]}, w: {configs: [{source: c}]}, x: {secrets: [file]}}
secrets: {key: {environment: API_KEY}, file: {file: ./key}}
configs: {c: {environment: STAGE}}";
    let after = |changed: &[&str]| rewritten(&Evidence { changed: Some(owned(changed)), ..evidence(yaml, &[]) });
    assert_eq!(all(&after(&["/srv/app/.env"])), ["db", "w"]);
    assert!(after(&["/srv/app/site.py"]).is_empty());
}

#[test]
fn what_a_config_is_may_stand_in_another_file_than_who_uses_it() {
    let first = references("{include: [more.yml], services: {w: {configs: [c]}}}", "/srv/app", &[]);
    let more =
        references("{services: {w: {configs: [b]}, v: {configs: [c]}}, configs: {c: {content: x}}}", "/srv/app", &[]);
    let references = first.follow("/srv/app/more.yml", more);
    let evidence = Evidence { references, changed: Some(owned(&["/srv/app/more.yml"])), ..evidence("{}", &[]) };
    assert_eq!(all(&rewritten(&evidence)), ["v", "w"]);
}

#[test]
fn what_a_service_needs_and_is_built_with_is_found_in_either_form() {
    let needs = "services: {web: {depends_on: {db: {condition: service_healthy}}}, db: {build: base}}";
    assert_eq!(all(&read(needs, &["web"]).contexts), ["/srv/app/base"]);
    let listed = "services: {web: {build: {context: ., additional_contexts: ['lib=../lib', odd]}}}";
    assert_eq!(all(&read(listed, &[]).contexts), ["/srv/app", "/srv/lib"]);
}

#[test]
fn a_strategy_is_told_as_it_is_set() {
    assert_eq!(
        [Strategy::Restart, Strategy::Up, Strategy::Recreate].map(|one| one.to_string()),
        ["restart", "up", "recreate"]
    );
}
