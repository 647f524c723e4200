//! Scenarios of what is easily got wrong: answers that come late, lists that lag, people who act while a
//! run is on its way.

use mangetamain_deploy::host::Command;

use super::faults::{Act, Rule, Which};
use super::starts::lasting;
use super::town::Town;
use super::world::{COMPOSE, STATE, sha};

/// A town in which commit 1 is live and validated.
fn validated(seed: u64) -> Town {
    let mut town = Town::new(seed);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    town.world().messages.clear();
    town
}

fn asked_github(town: &Town) -> usize {
    town.seen().transcript.iter().filter(|line| line.contains("GET https://api.github.com")).count()
}

#[test]
fn a_run_that_only_the_plain_list_shows_is_followed_to_its_end() {
    let mut town = validated(201);
    town.world().search_lags = true;
    let two = town.push("Break the menu", "failure");
    let began = town.seen().now;
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    assert!(town.seen().now - began < 120_000, "{}", town.story());
}

#[test]
fn older_commits_without_a_run_cost_a_watch_a_few_requests_and_none_after_a_week() {
    let mut counts = Vec::new();
    for (skipped, days) in [(0, 0), (5, 0), (5, 8)] {
        let mut town = validated(202);
        for number in 0..skipped {
            let commit = town.push(&format!("Docs {number} [skip ci]"), "never");
            town.deployed(commit, &[]);
        }
        town.pass(days * 24 * 3_600_000);
        let last = town.push("Last", "never");
        town.world().ci(last, 5_000, 4_000_000, "success");
        town.world().transcript.clear();
        assert_eq!(town.deployed(last, &[]), "pending 1", "{}", town.story());
        counts.push(asked_github(&town));
    }
    // How many looks fit into the time is the seed's.
    // Both lists for each of the newest three, and for the one that is still live when the deploy begins.
    assert!(counts[1] <= counts[0] + 2 * 3 + 2 + 2, "{counts:?}");
    assert!(counts[0].abs_diff(counts[2]) <= 2, "{counts:?}");
}

#[test]
fn older_commits_whose_ci_is_under_way_are_asked_about_twice_in_a_watch() {
    let mut counts = Vec::new();
    for waiting in [0, 3] {
        let mut town = validated(203);
        for number in 0..waiting {
            let commit = town.push(&format!("Slow {number}"), "never");
            town.world().ci(commit, 1_000, 4_000_000, "success");
            town.deployed(commit, &[("watch", "none")]);
        }
        let last = town.push("Last", "never");
        town.world().ci(last, 5_000, 200_000, "success");
        town.world().transcript.clear();
        assert_eq!(town.deployed(last, &[]), "validated 0", "{}", town.story());
        counts.push(asked_github(&town));
    }
    // How many looks fit into the time is the seed's.
    assert!(counts[1] <= counts[0] + 2 * 3 + 2, "{counts:?}");
}

#[test]
fn a_watcher_leaves_alone_an_older_commit_to_which_a_person_went_back() {
    let mut town = validated(204);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 100_000, "failure");
    assert_eq!(town.deployed(two, &[("watch", "none")]), "deployed 0");
    let three = town.push("Three", "never");
    town.world().ci(three, 5_000, 250_000, "success");
    let watcher = town.deploy(three, &[]);
    town.pass(20_000);
    let by_hand = town.started("rollback", None, &[("to", &sha(two))]);
    let by_hand = town.begin(by_hand);
    town.pass(20_000);
    assert_eq!(town.result(by_hand), "rolled-back 0", "{}", town.story());
    town.settle();
    assert_eq!(town.result(watcher), "validated 0", "{}", town.story());
    assert_eq!(town.told(), "live 2 point 3 quarantined - running 2", "{}", town.story());
}

fn like(command: &Command, words: &str) -> bool {
    matches!(command, Command::Run(run) if format!("{} {}", run.program, run.args.join(" ")).contains(words))
}

#[test]
fn a_watcher_that_cannot_write_its_result_says_so_in_the_channel() {
    let mut town = validated(205);
    let two = town.push("Two", "failure");
    town.deploy(two, &[("watch", "detached"), lasting()]);
    town.pass(20_000);
    let full = |command: &Command| matches!(command, Command::Append { path, .. } if path.ends_with("ledger.jsonl"));
    town.rules.push(Rule { who: None, which: Which::Like(full, 99), act: Act::Refuse });
    town.settle();
    let watcher = town.processes() - 1;
    assert_eq!(town.result(watcher), "failed 1", "{}", town.story());
    assert!(town.failure(watcher).contains("ENOSPC"), "{}", town.failure(watcher));
    let last = town.seen().messages.last().cloned().unwrap_or_default();
    assert!(last.contains("🚨 PREPROD - Le CI n'est plus suivi") && last.contains("**En ligne:** c0ffee2"), "{last}");
}

#[test]
fn stopped_while_containers_take_the_new_version_a_run_claims_nothing_of_what_is_live() {
    let mut town = validated(206);
    let two = town.push("Two", "success");
    let which = Which::Like(|command| like(command, "-p app restart"), 1);
    town.rules.push(Rule { who: None, which, act: Act::Stop });
    let who = town.deploy(two, &[]);
    town.settle();
    assert_eq!(town.result(who), "cancelled 1");
    let told = town.failure(who);
    let wanted =
        format!("pas certain. {} était en cours de mise en place (compose) ; avant : {}", &sha(two)[..7], &sha(1)[..7]);
    assert!(told.contains(&wanted) && told.contains("status --environment preprod"), "{told}");
}

#[test]
fn commits_made_on_the_machine_are_kept_under_a_ref() {
    let mut town = validated(207);
    let side = town.world().side_commit(1);
    {
        let mut world = town.world();
        world.fetched.insert(side);
        (world.head, world.files_of) = (sha(side), sha(side));
    }
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let kept: Vec<(String, String)> = town.seen().refs.clone().into_iter().collect();
    let [(name, to)] = kept.as_slice() else { panic!("{kept:?}") };
    assert!(name.starts_with("refs/mangetamain-deploy/commits/") && *to == sha(side), "{kept:?}");
    // What came from the remote needs no ref.
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.seen().refs.len(), 1);
}

#[test]
fn a_version_that_stays_though_unhealthy_is_still_undone_when_its_ci_fails() {
    for watch in ["inline", "event"] {
        let mut town = validated(208);
        let two = town.push("Two", "failure");
        town.world().unhealthy.insert(two);
        let result = town.deployed(two, &[("on-unhealthy", "keep"), ("watch", watch)]);
        if watch == "event" {
            assert_eq!(result, "unhealthy 1", "{}", town.story());
            town.pass(60_000);
            let event = town.event(two);
            town.begin(event);
            town.settle();
        } else {
            assert_eq!(result, "rolled-back 1", "{}", town.story());
        }
        assert_eq!(town.told(), "live 1 point 1 quarantined 2 running 1", "{}", town.story());
    }
}

#[test]
fn a_version_that_stays_though_unhealthy_fails_the_step_also_when_its_ci_succeeds() {
    let mut town = validated(209);
    let two = town.push("Two", "success");
    town.world().unhealthy.insert(two);
    assert_eq!(town.deployed(two, &[("on-unhealthy", "keep")]), "unhealthy 1", "{}", town.story());
    assert!(town.told().starts_with("live 2 point 1"), "{}", town.told());
}

/// A town whose site nobody asks: containers alone have to tell.
fn without_url(seed: u64) -> Town {
    let mut town = validated(seed);
    for name in ["health-url", "url"] {
        town.with.remove(name);
    }
    town
}

#[test]
fn without_a_url_a_container_must_run_undisturbed_before_it_counts_as_healthy() {
    let mut town = without_url(210);
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let three = town.push("Three", "success");
    town.world().crashing.insert(three);
    assert_eq!(town.deployed(three, &[]), "rolled-back 1", "{}", town.story());
    assert!(town.said().contains("app-web-1 ended and was started again by docker"), "{}", town.said());
    assert_eq!(town.told(), "live 2 point 2 quarantined 3 running 2");
}

#[test]
fn beside_a_site_that_answers_a_container_that_is_started_again_and_again_is_not_healthy() {
    let mut town = validated(215);
    let two = town.push("Two", "success");
    town.world().crashing.insert(two);
    assert_eq!(town.deployed(two, &[]), "rolled-back 1", "{}", town.story());
    assert!(town.said().contains("app-web-1 ended and was started again by docker"), "{}", town.said());
    assert_eq!(town.told(), "live 1 point 1 quarantined 2 running 1");
}

#[test]
fn a_container_that_ended_once_and_then_runs_is_healthy() {
    let mut town = validated(216);
    let two = town.push("Two", "success");
    town.world().stumbling.insert(two);
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    assert!(
        town.said().contains("docker started app-web-1 again since this deploy began: waiting 3"),
        "{}",
        town.said()
    );
    assert!(!town.said().contains("ended and was started again"), "{}", town.said());
}

#[test]
fn without_a_url_docker_s_own_health_check_counts() {
    let mut town = without_url(211);
    let two = town.push("Two", "success");
    town.world().checked = Some("healthy");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let three = town.push("Three", "success");
    town.world().checked = Some("unhealthy");
    let who = town.deploy(three, &[("on-unhealthy", "keep"), ("watch", "none")]);
    town.settle();
    assert_eq!(town.result(who), "unhealthy 1", "{}", town.story());
    let told = town.failure(who);
    assert!(told.contains("le contrôle de santé de docker pour app-web-1 dit « unhealthy »"), "{told}");
}

#[test]
fn an_entry_that_a_newer_version_wrote_stops_a_run_before_it_changes_anything() {
    let mut town = validated(213);
    let path = format!("{STATE}/ledger.jsonl");
    let whole = town.seen().files[&path].clone();
    let newer = r#"{"seq":999,"at":1,"by":"x","fact":{"moved-house":{}}}"#;
    let two = town.push("Two", "success");
    town.world().files.insert(path.clone(), format!("{whole}{newer}\n"));
    // Only to the end of that run: the town's own rules cannot read such a ledger either.
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| town.deployed(two, &[])));
    let who = town.processes() - 1;
    assert!(refused.is_err() && town.result(who) == "failed 1", "{}", town.story());
    assert!(town.failure(who).contains("écrite par une version plus récente"), "{}", town.failure(who));
    assert_eq!(town.seen().head, sha(1));
    // What is no whole entry is set aside, as ever.
    town.world().files.insert(path, format!("{whole}{{\"seq\":9 #torn\n"));
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
}

#[test]
fn a_torn_line_of_the_ledger_is_told_once_a_run() {
    let mut town = validated(218);
    let path = format!("{STATE}/ledger.jsonl");
    let whole = town.seen().files[&path].clone();
    let two = town.push("Two", "success");
    town.world().files.insert(path, format!("{whole}{{\"seq\":9"));
    assert_eq!(town.deployed(two, &[("watch", "inline")]), "validated 0", "{}", town.story());
    assert_eq!(town.said().matches("set aside").count(), 1, "{}", town.said());
}

#[test]
fn a_snapshot_that_finds_no_room_costs_nothing_and_is_written_once_there_is_room() {
    let mut town = validated(229);
    let is_snapshot =
        |command: &Command| matches!(command, Command::Append { text, .. } if text.contains("\"snapshot\""));
    town.rules.push(Rule { who: None, which: Which::Like(is_snapshot, 99), act: Act::Refuse });
    let has_snapshot = |town: &Town| town.seen().files[&format!("{STATE}/ledger.jsonl")].contains("\"snapshot\"");
    for number in 2..12 {
        let next = town.push("Next", "success");
        assert_eq!(town.deployed(next, &[]), "validated 0", "{number}: {}", town.story());
    }
    assert!(!has_snapshot(&town) && !town.said().contains("set aside"), "{}", town.said());
    town.rules.clear();
    let last = town.push("Last", "success");
    assert_eq!(town.deployed(last, &[]), "validated 0", "{}", town.story());
    assert!(has_snapshot(&town));
}

#[test]
fn a_deploy_command_may_start_what_outlives_the_job() {
    // The pretend machine refuses it with the variable by which the runner finds what it ends.
    let mut town = validated(214);
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[("deploy-command", "./deploy.sh")]), "validated 0", "{}", town.story());
}

#[test]
fn a_rollback_because_time_is_up_does_not_say_that_ci_failed() {
    let mut town = validated(215);
    let two = town.push("Two", "never");
    town.world().ci(two, 5_000, 4_000_000, "success");
    let who = town.deploy(two, &[("on-timeout", "rollback")]);
    town.settle();
    assert_eq!(town.result(who), "rolled-back 1", "{}", town.story());
    let told = town.failure(who);
    assert!(told.contains("n'a pas répondu à temps") && !told.contains("échoué"), "{told}");
}

const ENV: &str = "/srv/app/.env";

/// How containers took the newest version.
fn taken(town: &Town) -> String {
    let said = town.said();
    let line = said.lines().rfind(|line| line.contains("compose 2.40.3 ")).unwrap_or_default();
    line.split_once("compose 2.40.3 ").unwrap_or_default().1.to_owned()
}

#[test]
fn an_env_file_that_git_does_not_track_is_taken_in_by_up_however_late_it_was_written() {
    let (up, restart) =
        (format!("up: {ENV:?} changed, which containers are made with"), "restart: nothing changed that a restart");
    let mut town = validated(205);
    town.world().script = vec![ENV.to_owned()];
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[("deploy-command", "./deploy.sh")]), "validated 0", "{}", town.story());
    assert_eq!(taken(&town), up, "the deploy command has just written it");
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[]), "validated 0", "{}", town.story());
    assert!(taken(&town).starts_with(restart), "{}", taken(&town));
    // Somebody edits it, then starts the same container again: that takes nothing in.
    let now = town.world().clock().0;
    town.world().written.insert(ENV.to_owned(), now);
    town.pass(5_000);
    let restarted = town.seen().now;
    town.world().container.as_mut().unwrap().started_at = restarted;
    let four = town.push("Four", "success");
    assert_eq!(town.deployed(four, &[]), "validated 0", "{}", town.story());
    assert_eq!(taken(&town), up);
    // What a reset writes anew is git's to compare.
    let now = town.world().clock().0;
    town.world().written.insert(ENV.to_owned(), now);
    town.world().tracked.insert(ENV.to_owned());
    let five = town.push("Five", "success");
    assert_eq!(town.deployed(five, &[]), "validated 0", "{}", town.story());
    assert!(taken(&town).starts_with(restart), "{}", taken(&town));
}

/// What is to be typed by hand for containers, as the channel shows it.
fn typed(town: &Town) -> Vec<String> {
    let world = town.seen();
    let told = world.messages.iter().rfind(|message| message.contains("git reset --hard")).unwrap();
    let (_, commands) = told.split_once("git reset --hard").unwrap();
    let lines = commands.split("\\n").map(|line| line.trim_end_matches(" &&"));
    lines.filter(|line| line.starts_with("docker")).map(str::to_owned).collect()
}

#[test]
fn the_commands_by_hand_bring_the_old_version_whatever_it_takes() {
    let compose = |args: &str| format!("docker compose -f {COMPOSE} -p app {args}");
    let (up, restart) = (compose("up -d --build --remove-orphans"), compose("restart"));
    let ways =
        [("auto", vec![up.clone(), restart.clone()]), ("up", vec![up, restart.clone()]), ("restart", vec![restart])];
    for (strategy, wanted) in ways {
        let mut town = validated(206);
        let two = town.push_paths("Move the tables", "failure", &["app.py", "migrations/7.sql"]);
        let with = [("guard-paths", "migrations/**"), ("compose-strategy", strategy)];
        assert_eq!(town.deployed(two, &with), "failed 1", "{}", town.story());
        assert_eq!(typed(&town), wanted, "{strategy}: {:?}", town.seen().messages);
    }
}
