//! Which containers are ours, and what they prove. The answers of docker in here were written by
//! docker 28.2 (client), 20.10 (engine) and compose 1.29.2, names and ids shortened.
#![allow(clippy::unwrap_used)]

use crate::git_world::ran;
use mangetamain_deploy::host::{Ran, Reply};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::compose::*;

pub const FILE: &str = "/srv/app/docker-compose.yml";

fn since(began: Millis) -> During {
    During { began, now: began.plus(1_000) }
}

pub fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

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

pub const PRODUCTION: &str =
    concat!(r#"["bbbb","app_prod_1","app","prod","/srv/app","docker-compose-prod.yml","False"]"#, "\n");

pub const WEB: &str = r#"{"id":"f302","name":"/p_web_1","created":"2026-11-22T00:00:29.928963649Z","program":"/bin/sleep","status":"running","started":"2026-11-23T00:00:29.928963649Z","exit":0,"health":null,"restarts":0,"policy":"","init":null,"stop_timeout":null,"labels":{"com.docker.compose.config-hash":"c135","com.docker.compose.container-number":"1","com.docker.compose.oneoff":"False","com.docker.compose.project":"p","com.docker.compose.project.config_files":"docker-compose.yml","com.docker.compose.project.working_dir":"/tmp/ct-docker/p","com.docker.compose.service":"web","com.docker.compose.version":"1.29.2"},"mounts":[{"Type":"bind","Source":"/tmp/ct-docker/p/src","Destination":"/src","Mode":"rw","RW":true,"Propagation":"rprivate"}]}"#;
const NEVER: &str = r#"{"id":"50ef","name":"/never","created":"2026-11-22T23:59:40.1Z","program":"/bin/sleep","status":"created","started":"0001-01-01T00:00:00Z","exit":0,"health":null,"restarts":0,"policy":"no","init":null,"stop_timeout":null,"labels":{"com.docker.compose.project":"x"},"mounts":[]}"#;
const OTHER: &str = r#"{"id":"9f95","name":"/p_other_1","created":"2026-11-22T23:59:46.9Z","program":"/bin/sleep","status":"running","started":"2026-11-22T23:59:47.158925911Z","exit":0,"health":"starting","restarts":0,"policy":"","init":true,"stop_timeout":3,"labels":{"com.docker.compose.oneoff":"False","com.docker.compose.project":"p","com.docker.compose.project.config_files":"/tmp/ct-docker/p/docker-compose.yml","com.docker.compose.project.working_dir":"/tmp/ct-docker/p","com.docker.compose.service":"other"},"mounts":[]}"#;
const CRASH: &str = r#"{"id":"9a28","name":"/p_crash_1","created":"2026-11-22T23:59:48.2Z","program":"/bin/sh","status":"restarting","started":"2026-11-23T00:01:05.450046321Z","exit":3,"health":null,"restarts":4,"policy":"always","init":null,"stop_timeout":null,"labels":null,"mounts":null}"#;

/// 2026-11-23T00:00:29.928Z.
const WEB_STARTED: Millis = Millis(1_795_392_029_928);

pub fn look(lines: &[&str]) -> Vec<Container> {
    inspected(&ran(0, &lines.join("\n"))).unwrap()
}

pub fn list(more: &str) -> Vec<Listed> {
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
fn files_that_compose_v1_told_as_they_were_given_are_relative_to_where_it_was_called() {
    let files = |folder: &str, files: &str| {
        let line = format!(r#"["bbbb","site","p","web","{folder}","{files}","False"]"#);
        listed(&ran(0, &line)).unwrap().remove(0).belongs.files
    };
    assert_eq!(files("/srv/docker", "docker/site.yml"), ["/srv/docker/site.yml"]);
    assert_eq!(
        files("/srv/docker", "./docker/site.yml,docker/more.yml"),
        ["/srv/docker/site.yml", "/srv/docker/more.yml"]
    );
    assert_eq!(files("/docker", "docker/site.yml"), ["/docker/site.yml"]);
    assert_eq!(files("/srv/mydocker", "docker/site.yml"), ["/srv/mydocker/docker/site.yml"], "the folder was named");
    assert_eq!(files("/srv/docker", "/etc/docker/site.yml"), ["/etc/docker/site.yml"]);
}

#[test]
fn an_inspection_is_read_as_docker_writes_it() {
    let all = look(&[WEB, NEVER, OTHER, CRASH]);
    let web = &all[0];
    assert_eq!((web.name.as_str(), web.started, web.runs()), ("p_web_1", Some(WEB_STARTED), true));
    assert_eq!(web.created, Some(Millis(WEB_STARTED.0 - 86_400_000)));
    assert_eq!((web.init, web.stop_timeout, web.health.as_deref()), (None, None, None));
    assert_eq!(web.belongs.files, ["/tmp/ct-docker/p/docker-compose.yml"]);
    assert_eq!(web.mounts, ["/tmp/ct-docker/p/src"]);
    assert_eq!((all[1].started, all[1].runs()), (None, false));
    assert_eq!((all[2].init, all[2].stop_timeout, all[2].health.as_deref()), (Some(true), Some(3), Some("starting")));
    assert_eq!((all[3].restarts, all[3].runs(), all[3].finished()), (4, false, false));
    for (kind, source) in [("volume", ""), ("tmpfs", "/tmp/ct-docker/p/src")] {
        let mount = format!(r#""Type":"{kind}","Source":"{source}""#);
        let other = WEB.replace(r#""Type":"bind","Source":"/tmp/ct-docker/p/src""#, &mount);
        assert!(look(&[&other])[0].mounts.is_empty(), "nothing of this machine is behind it: {mount}");
    }
}

#[test]
fn a_garbled_list_is_not_an_empty_one() {
    assert_eq!(listed(&ran(0, "")), Ok(vec![]));
    assert_eq!(listed(&ran(0, "[\"half")), Err(ProcessError::Unreadable));
    assert_eq!(inspected(&ran(0, "{}")), Err(ProcessError::Unreadable));
    assert!(matches!(inspected(&ran(1, WEB)), Err(ProcessError::Refused { exit: 1, .. })));
    let Reply::Ran(whole) = ran(0, LIST) else { panic!() };
    let late = Reply::Ran(Ran { timed_out: true, ..whole });
    assert_eq!(listed(&late), Err(ProcessError::TimedOut));
}

#[test]
fn only_containers_started_since_prove_a_deploy() {
    let (web, other, crash, never) = (look(&[WEB]), look(&[WEB, OTHER]), look(&[WEB, CRASH]), look(&[NEVER]));
    assert_eq!(proof(&web, since(WEB_STARTED)), Proof::Fresh);
    assert_eq!(proof(&web, since(WEB_STARTED.plus(1))), Proof::Stale(owned(&["p_web_1"])));
    assert_eq!(proof(&other, since(WEB_STARTED)), Proof::Stale(owned(&["p_other_1"])));
    assert_eq!(proof(&crash, since(WEB_STARTED)), Proof::NotRunning(owned(&["p_crash_1"])));
    assert_eq!(proof(&never, since(WEB_STARTED)), Proof::NotRunning(owned(&["never"])));
    assert_eq!(proof(&[], since(WEB_STARTED)), Proof::Nothing);
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
    let beside = |job: Container| proof(&[look(&[WEB]).remove(0), job], since(WEB_STARTED));
    assert_eq!(beside(job(0, "no")), Proof::Fresh);
    assert_eq!(beside(job(0, "on-failure")), Proof::Fresh, "docker starts that again after a failure only");
    for policy in ["no", "on-failure"] {
        assert_eq!(beside(job(1, policy)), Proof::NotRunning(owned(&["job"])));
    }
    assert_eq!(beside(job(0, "always")), Proof::NotRunning(owned(&["job"])));
    assert_eq!(proof(&[job(0, "no")], since(WEB_STARTED)), Proof::NotRunning(owned(&["job"])));
}

#[test]
fn a_start_that_is_still_to_come_was_told_by_another_clock_and_proves_nothing() {
    let web = look(&[WEB]);
    let day = 24 * 60 * 60_000;
    let before = Millis(WEB_STARTED.0 - day);
    let later = |began: Millis, now: Millis| proof(&web, During { began, now });
    assert_eq!(later(before, before.plus(1_000)), Proof::Stale(owned(&["p_web_1"])));
    assert_eq!(later(before, before.plus(day)), Proof::Fresh, "the clock was set forward while it deployed");
    assert_eq!(later(WEB_STARTED, before), Proof::Fresh, "the clock was set back while it deployed");
    assert_eq!(later(before, Millis(WEB_STARTED.0 - 30_000)), Proof::Fresh, "the engine's machine is a little ahead");
    let minute = |more: u64| later(before, Millis(WEB_STARTED.0 - 60_000 - more));
    assert_eq!((minute(0), minute(1)), (Proof::Fresh, Proof::Stale(owned(&["p_web_1"]))));
    let during = During { began: before, now: before.plus(1_000) };
    assert_eq!(outdated(&web, during, Changed::Paths(&owned(&["/tmp/ct-docker/p/src/a.py"]))), ["web"]);
}

#[test]
fn only_what_docker_itself_started_in_a_deploys_time_was_started_again() {
    let one = |restarts| Container { restarts, ..look(&[WEB]).remove(0) };
    assert!(one(1).started_again(since(WEB_STARTED)));
    assert!(!one(0).started_again(since(WEB_STARTED)), "compose started it");
    assert!(!one(4).started_again(since(WEB_STARTED.plus(1))), "it stumbled long ago, and up left it running");
    assert!(!Container { started: None, ..one(1) }.started_again(During::EVER));
}

#[test]
fn after_up_a_container_with_changed_code_mounted_is_outdated() {
    let all = look(&[WEB, OTHER]);
    let changed = |path: &str| outdated(&all, since(WEB_STARTED.plus(1)), Changed::Paths(&owned(&[path])));
    assert_eq!(changed("/tmp/ct-docker/p/src/a.py"), ["web"]);
    assert!(changed("/tmp/ct-docker/p/srcs").is_empty());
    assert!(outdated(&all, since(WEB_STARTED), Changed::Paths(&owned(&["/tmp/ct-docker/p/src/a.py"]))).is_empty());
}

#[test]
fn where_what_changed_is_not_known_everything_mounted_from_the_work_tree_is_outdated() {
    let all = look(&[WEB, OTHER]);
    let below = |folder: &str| outdated(&all, since(WEB_STARTED.plus(1)), Changed::Below(&owned(&[folder])));
    assert_eq!((below("/tmp/ct-docker/p"), below("/tmp/ct-docker/p/src/deep")), (owned(&["web"]), owned(&["web"])));
    assert!(below("/tmp/elsewhere").is_empty());
}

#[test]
fn how_a_listed_container_is_is_told_by_dockers_words() {
    let one = |status: &str| Listed { status: status.to_owned(), ..list("").remove(0) };
    for down in ["Exited (0) 2 days ago", "Exited (137) 3 seconds ago", "Created", "Dead"] {
        assert!(one(down).is_down(), "{down}");
    }
    for other in
        ["Up 3 hours (unhealthy)", "Up Less than a second", "Restarting (1) 2 seconds ago", "Removal In Progress", ""]
    {
        assert!(!one(other).is_down(), "{other}");
    }
    assert!(one("Exited (0) 2 days ago").ended_well() && !one("Exited (137) 3 seconds ago").ended_well());
}

#[test]
fn volumes_are_told_with_the_folders_that_they_stand_for() {
    let name = "0123456789abcdef".repeat(4);
    let volume = |name: &str| format!(r#""Type":"volume","Name":"{name}","Source":"/volumes/{name}/_data""#);
    let bind = r#""Type":"bind","Source":"/tmp/ct-docker/p/src""#;
    let seen = look(&[&WEB.replace(bind, &volume(&name)), &WEB.replace(bind, &volume("app_code")), WEB]);
    assert!(seen[0].volumes[0].is_unnamed() && !seen[1].volumes[0].is_unnamed() && seen[2].volumes.is_empty());
    assert_eq!(seen[1].volumes, [Volume { name: "app_code".to_owned(), place: "/src".to_owned() }]);
    let of_63 = Volume { name: name[1..].to_owned(), place: "/src".to_owned() };
    assert!(!of_63.is_unnamed());
    let told = concat!(
        r#"["app_code",{"device":"/srv/app/www","o":"bind","type":"none"}]"#,
        "\n",
        r#"["plain",null]"#,
        "\n",
        r#"["nfs",{"device":":/export","o":"addr=10.0.0.1","type":"nfs"}]"#,
        "\n",
    );
    let devices = devices_told(&ran(0, told)).unwrap();
    assert_eq!(devices.into_iter().collect::<Vec<_>>(), [("app_code".to_owned(), "/srv/app/www".to_owned())]);
    assert_eq!(devices_told(&ran(0, "[1]\n")), Err(ProcessError::Unreadable));
    assert!(devices_told(&ran(1, told)).is_err(), "one of them is gone");
    assert_eq!(volumes_told(&ran(0, "a\nb\n")).unwrap().len(), 2);
}

#[test]
fn a_restart_that_waited_out_the_stop_timeout_brings_advice() {
    let both = look(&[WEB, OTHER]);
    let add = |service: &str, seconds| SlowStop::AddInit { service: service.to_string(), seconds };
    let heed = SlowStop::HeedSignal { service: "other".to_string(), seconds: 3 };
    assert_eq!(slow_stops(2_999, &both), []);
    for short in [3_400, 9_999] {
        assert_eq!(slow_stops(short, &both), std::slice::from_ref(&heed));
    }
    assert_eq!(slow_stops(10_660, &both), [add("web", 10)], "which explains all of the time");
    let waiting = |seconds| Container { stop_timeout: Some(seconds), ..look(&[WEB]).remove(0) };
    assert_eq!(slow_stops(5_300, &[waiting(4), waiting(4)]), [add("web", 4), add("web", 4)]);
    for none in [0, 2, -1] {
        assert_eq!(slow_stops(99_999, &[waiting(none)]), [], "{none}");
    }
}
