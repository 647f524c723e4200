//! Which project our containers are in, or would be, and who else is in it.
#![allow(clippy::unwrap_used)]

use crate::containers::{FILE, PRODUCTION, WEB, list, look, owned};
use mangetamain_deploy::steps::images::run_by;
use mangetamain_deploy::steps::neighbours::is_odd;
use mangetamain_deploy::tools::compose::*;
use mangetamain_deploy::tools::compose_file::{Declared, declared};
use mangetamain_deploy::tools::profiles::{Profiles, profiles};

#[test]
fn a_project_keeps_the_compose_files_that_it_was_started_with() {
    let started = r#"["cccc","app_api_1","app","api","/srv/app","docker-compose.yml,prod/docker-compose.yml","False"]"#;
    let both = owned(&[FILE, "/srv/app/prod/docker-compose.yml"]);
    assert_eq!(project_files(&ours(&list(started), &owned(&[FILE]), &[]), FILE), both);
    assert_eq!(project_files(&ours(&list(""), &owned(&[FILE]), &[]), FILE), owned(&[FILE]));
    assert_eq!(project_files(&[], FILE), owned(&[FILE]));
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
    assert_eq!(shares_folder(&list(""), &mine, Some("app")), Orphans::Remove);
    let kept = Orphans::Keep { others: owned(&["app_prod_1"]) };
    assert_eq!(shares_folder(&list(PRODUCTION), &mine, Some("app")), kept);
    let first_deploy = owned(&["/srv/app/new.yml"]);
    assert!(
        matches!(shares_folder(&list(""), &first_deploy, Some("app")), Orphans::Keep { others } if others.len() == 3)
    );
    let named_alike = r#"["cccc","far","app","x","/srv/far","/srv/far/a.yml","False"]"#;
    assert_eq!(shares_folder(&list(named_alike), &mine, Some("app")), Orphans::Keep { others: owned(&["far"]) });
}

/// Production of another clone, whose compose file stands in a folder of the same name.
const FAR: &str = concat!(
    r#"["eeee","app_prod_1","app","prod","/srv/prod/app","/srv/prod/app/docker-compose.yml","False"]"#,
    "\n",
    r#"["ffff","app_run_1","app","web","/srv/prod/app","/srv/prod/app/docker-compose.yml","True"]"#,
    "\n",
);

/// What another clone of `/srv/app`, `/srv/new/app`, finds on the machine before its first deploy.
fn first_deploy() -> (Vec<Listed>, Vec<String>) {
    let all = list(FAR).into_iter().filter(|one| one.belongs.folder == "/srv/prod/app").collect();
    (all, owned(&["/srv/new/app/docker-compose.yml"]))
}

#[test]
fn a_first_deploy_keeps_the_containers_of_a_folder_of_the_same_name() {
    let (all, mine) = first_deploy();
    let kept = Orphans::Keep { others: owned(&["app_prod_1", "app_run_1"]) };
    assert_eq!(shares_folder(&all, &mine, Some("app")), kept);
    assert_eq!(shares_folder(&all, &mine, None), kept, "a name that cannot be told may be any");
    assert_eq!(shares_folder(&all, &mine, Some("new")), Orphans::Remove);
    assert_eq!(shares_folder(&[], &mine, None), Orphans::Remove);
}

fn compose(version: &str) -> Compose {
    let version = versioned(&crate::git_world::ran(0, version)).unwrap();
    choose(version, None).unwrap()
}

#[test]
fn the_projects_name_is_derived_as_compose_does() {
    let derived = |version: &str, file: &str, naming: &Naming| compose(version).derived_name(file, naming);
    let plain = || Naming { declared: Some(Declared::default()), ..Naming::default() };
    let name = |version: &str, file: &str| derived(version, file, &plain());
    assert_eq!(name("2.26.1", "/srv/My.App Dir/c.yml").as_deref(), Some("myappdir"));
    assert_eq!(name("2.26.1", "/srv/_-30_docker/c.yml").as_deref(), Some("30_docker"));
    assert_eq!(name("1.29.2", "/srv/_app/c.yml").as_deref(), Some("_app"));
    let named = |text: &str| Naming { declared: Some(declared(text, &[])), ..plain() };
    let of = |version: &str, naming: Naming| derived(version, FILE, &naming);
    assert_eq!(of("2.26.1", named("name: Site\nservices: {}\n")).as_deref(), Some("site"));
    assert_eq!(of("2.26.1", named("name: 'site' # ours\nservices: {a: !reset {}}\n")).as_deref(), Some("site"));
    assert_eq!(of("1.29.2", named("name: site\nservices: {}\n")).as_deref(), Some("app"), "v1 knows no name");
    assert_eq!(of("2.26.1", named("name: ${SITE:-site}\n")), None);
    assert_eq!(of("2.26.1", Naming::default()), None, "a file that cannot be read may name it");
    let dot_env = Some("A=b\nexport COMPOSE_PROJECT_NAME=\"beside\" # c\n".to_owned());
    assert_eq!(of("5.0.0", Naming { dot_env: dot_env.clone(), ..named("name: site\n") }).as_deref(), Some("beside"));
    let variable = Some("said".to_owned());
    assert_eq!(of("2.26.1", Naming { variable, dot_env, ..named("name: site\n") }).as_deref(), Some("said"));
    let variable = Some(String::new());
    assert_eq!(of("2.26.1", Naming { variable, ..named("name: site\n") }).as_deref(), Some("site"));
}

#[test]
fn only_containers_of_another_clone_with_a_service_of_ours_would_be_taken_over() {
    let (all, mine) = first_deploy();
    let far = strangers(&all, &mine, "app", &["/srv/new"]);
    assert_eq!(far.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["app_prod_1"]);
    assert!(strangers(&all, &mine, "new", &["/srv/new"]).is_empty());
    assert!(strangers(&all, &mine, "app", &["/srv/prod"]).is_empty(), "one clone has one live version");
    let takes = |text: &str, ours: &[Listed]| takes_over(far[0], ours, Some(&declared(text, &[])));
    assert!(takes("services: {web: {}, prod: {}}", &[]));
    assert!(!takes("services: {preprod: {}}", &[]));
    assert!(takes("include: [more.yml]\nservices: {preprod: {}}", &[]), "it may stand in the other file");
    let running = ours(&list(PRODUCTION), &owned(&["/srv/app/docker-compose-prod.yml"]), &[]);
    assert!(takes("services: {}", &running));
    assert!(!takes("include: [more.yml]", &ours(&list(""), &owned(&[FILE]), &[])));
    let chosen = declared("services: {web: {depends_on: [db]}, db: {}, prod: {}}", &owned(&["web"]));
    assert_eq!(chosen.services.as_ref().map(|all| all.iter().cloned().collect()), Some(owned(&["db", "web"])));
    assert!(!takes_over(far[0], &[], Some(&chosen)));
    assert!(takes_over(far[0], &[], None));
}

#[test]
fn an_image_that_its_name_no_longer_means_is_seen_and_what_cannot_be_told_counts_as_changed() {
    let one = |name: &str, image: &str| Container {
        image: image.to_owned(),
        image_name: name.to_owned(),
        ..look(&[WEB]).remove(0)
    };
    let (names, all) = (owned(&["db", "site"]), [one("site", "sha256:1"), one("db", "sha256:2")]);
    let asked = ask_images(&names);
    assert_eq!(
        (asked.program.as_str(), asked.args.join(" ").as_str()),
        ("docker", "image inspect --format {{.Id}} db site")
    );
    let told =
        |exit, text: &str| images_told(&crate::git_world::ran(exit, text), &names).map(|told| remade(&all, &told));
    let named =
        |pairs: &[(&str, &str)]| Ok(pairs.iter().map(|(name, id)| (name.to_string(), id.to_string())).collect());
    let (db, site) = (("db", "sha256:2"), ("site", "sha256:1"));
    assert_eq!(told(0, "sha256:2\nsha256:1\n"), named(&[]));
    assert_eq!(told(0, "sha256:2\nsha256:3\n"), named(&[site]));
    assert_eq!(told(0, "sha256:1\nsha256:2\n"), named(&[db, site]), "they were exchanged");
    assert_eq!(told(1, "sha256:2\n"), named(&[site]), "its name is gone");
    assert!(told(1, "").is_err() && told(0, "").is_err() && told(0, "sha256:2\n").is_err());
    assert!(remade(&[one("", "")], &Images::Among(vec![])).is_empty());
}

#[test]
fn a_version_runs_the_images_of_its_containers_that_run_and_of_a_name_with_two_none() {
    let one = |name: &str, image: &str, status: &str| Container {
        image: image.to_owned(),
        image_name: name.to_owned(),
        status: status.to_owned(),
        ..look(&[WEB]).remove(0)
    };
    let named = |all: &[Container]| run_by(all).into_iter().collect::<Vec<_>>();
    let (new, old) = (one("site", "sha256:2", "running"), one("site", "sha256:1", "exited"));
    let wanted = [("site".to_owned(), "sha256:2".to_owned())];
    assert_eq!(named(&[new.clone(), old.clone()]), wanted, "a tool that ran once");
    assert_eq!(named(&[old, new.clone()]), wanted);
    assert_eq!(named(&[new, one("site", "sha256:3", "running"), one("", "sha256:4", "running")]), []);
}

#[test]
fn what_a_project_was_started_with_is_told_by_its_containers_where_it_is_not_the_usual() {
    let row = |service: &str, folder: &str, env: &str| {
        format!("[\"{service}\",\"{service}\",\"app\",\"{service}\",\"{folder}\",\"{FILE}\",\"False\",\"{env}\"]\n")
    };
    let given =
        |rows: &[String]| project_given(&listed(&crate::git_world::ran(0, &rows.concat())).unwrap(), &owned(&[FILE]));
    assert_eq!(given(&[]), Given::default());
    assert_eq!(given(&[row("web", "/srv/app", "")]), Given::default());
    let all = Given { folder: Some("/srv".to_owned()), env_files: owned(&["/srv/.env.prod", "/srv/more"]) };
    let told = row("db", "/srv", "/srv/.env.prod,/srv/more");
    assert_eq!(given(std::slice::from_ref(&told)), all);
    assert_eq!(given(&[row("web", "/srv/app", ""), told.clone()]), all, "web has lost it");
    assert_eq!(given(&[told, row("web", "/srv/x", "/srv/.env.test")]), Given::default(), "nobody knows which");
}

#[test]
fn services_of_a_profile_are_known_from_the_file() {
    let read = |yaml: &str| profiles(yaml, "/srv/app/deploy/c.yml", "/srv/app");
    let all = read("services: {web: {}, tool: {profiles: [tools]}, one: {profiles: once}, none: {profiles: []}}");
    assert_eq!(all.services.into_iter().collect::<Vec<_>>(), ["one", "tool"]);
    let yaml = "
include: [more.yml, {path: [../a.yml, '${X}.yml']}]
services:
  near: {extends: base}
  far: {extends: {file: common.yml, service: worker}}
  base: {profiles: [x]}
";
    let found = read(yaml);
    assert_eq!(found.included.into_iter().collect::<Vec<_>>(), ["/srv/a.yml", "/srv/app/more.yml"]);
    let extended = |name: &str, file: &str, base: &str| (name.to_owned(), file.to_owned(), base.to_owned());
    let expected =
        [extended("far", "/srv/app/common.yml", "worker"), extended("near", "/srv/app/deploy/c.yml", "base")];
    assert_eq!(found.extended.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!([read("services: ["), read("")], [Profiles::default(), Profiles::default()]);
}

#[test]
fn a_deploy_of_one_service_of_a_project_asks_no_more_than_one_of_all() {
    let all: Vec<Listed> = list("").into_iter().filter(|one| one.belongs.project == "app").collect();
    let odd = |all: &[Listed], services: &[&str]| is_odd(all, &ours(all, &owned(&[FILE]), &owned(services)), FILE);
    assert!(!odd(&all, &[]) && !odd(&all, &["db"]), "the others are of the same file");
    assert!(odd(&list(PRODUCTION), &[]) && odd(&list(PRODUCTION), &["db"]));
    assert!(odd(&list(""), &["new"]), "none of ours tells the project's name");
}
