//! Scenarios of containers: an image that is built beside compose, another clone's site in the same project.

use serde_json::json;

use super::engine::Tool;
use super::town::Town;
use super::world::{COMPOSE, sha};

fn validated(seed: u64, with: &[(&str, &str)]) -> Town {
    let mut town = Town::new(seed);
    let one = town.push("Fix the menu", "success");
    assert_eq!(town.deployed(one, with), "validated 0", "{}", town.story());
    town.world().messages.clear();
    town
}

/// How containers took the newest version.
fn taken(town: &Town) -> String {
    let said = town.said();
    let line = said.lines().rfind(|line| line.contains("compose 2.40.3 ")).unwrap_or_default();
    line.split_once("compose 2.40.3 ").unwrap_or_default().1.to_owned()
}

#[test]
fn an_image_that_the_deploy_command_builds_goes_live() {
    let command = ("deploy-command", "./deploy.sh");
    let mut town = validated(230, &[command]);
    town.world().engine.builds = true;
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[command]), "validated 0", "{}", town.story());
    assert_eq!(taken(&town), "up: \"site:latest\" is another image now than the one that runs");
    assert_eq!(town.seen().container.as_ref().unwrap().image, 1);
    town.world().engine.builds = false;
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[command]), "validated 0", "{}", town.story());
    assert!(taken(&town).starts_with("restart: "), "{}", taken(&town));
    let asked = town.seen().transcript.iter().filter(|line| line.contains("image inspect")).count();
    assert_eq!(asked, 3, "once a deploy");
    let four = town.push("Four", "success");
    assert_eq!(town.deployed(four, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.seen().transcript.iter().filter(|line| line.contains("image inspect")).count(), asked);
}

#[test]
fn a_way_back_gives_its_name_back_to_the_image_that_a_command_has_taken_it_from() {
    let command = ("deploy-command", "./deploy.sh");
    let mut town = validated(232, &[command]);
    let image = |town: &Town| town.seen().container.as_ref().unwrap().image;
    town.world().engine.builds = true;
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[command]), "rolled-back 1", "{}", town.story());
    assert!(town.said().contains("site:latest means the image again that"), "{}", town.said());
    assert_eq!((image(&town), town.seen().engine.image), (0, 0), "{}", town.story());
    // From the next one, which is fine, to one that fails, over one whose command moves nothing.
    let three = town.push("Three", "success");
    assert_eq!(town.deployed(three, &[command]), "validated 0", "{}", town.story());
    let third = image(&town);
    assert!(third > 0);
    town.world().engine.builds = false;
    let four = town.push("Four", "success");
    assert_eq!(town.deployed(four, &[command]), "validated 0", "{}", town.story());
    town.world().engine.builds = true;
    let five = town.push("Five", "success");
    assert_eq!(town.deployed(five, &[command]), "validated 0", "{}", town.story());
    assert_ne!(image(&town), third);
    town.world().engine.builds = false;
    assert_eq!(town.mode("rollback", &[("to", &sha(three)), command]), "rolled-back 0", "{}", town.story());
    assert_eq!(image(&town), third, "{}", town.story());
}

#[test]
fn an_image_that_is_no_more_is_told_on_the_way_back() {
    let command = ("deploy-command", "./deploy.sh");
    let mut town = validated(233, &[command]);
    (town.world().engine.builds, town.world().engine.pruned) = (true, true);
    let two = town.push("Two", "failure");
    assert_eq!(town.deployed(two, &[command]), "rolled-back 1", "{}", town.story());
    assert!(town.said().contains("site:latest could not be given back to the image that"), "{}", town.said());
}

#[test]
fn a_restart_that_is_set_is_obeyed_and_says_that_a_new_image_does_not_go_live() {
    let command = ("deploy-command", "./deploy.sh");
    let mut town = validated(231, &[command]);
    town.world().engine.builds = true;
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[command, ("compose-strategy", "restart")]), "validated 0", "{}", town.story());
    assert!(town.said().contains("goes on with the old image of site:latest"), "{}", town.said());
    assert_eq!(town.seen().container.as_ref().unwrap().image, 0);
}

/// A town before its first deploy, beside a container of production's, whose compose file stands in another clone, in
/// a folder of the same name.
fn beside_production(seed: u64, service: &str) -> Town {
    let town = Town::new(seed);
    let file = "/srv/prod/app/docker-compose.yml";
    let row = json!(["b".repeat(64), "app-prod-1", "app", service, "/srv/prod/app", file, "False"]).to_string();
    let mut world = town.world();
    world.container = None;
    world.engine.neighbours = vec![row];
    world.files.insert(file.to_owned(), "services: {}\n".to_owned());
    drop(world);
    town
}

#[test]
fn a_first_deploy_leaves_another_clones_site_in_the_same_project_alone() {
    let mut town = beside_production(232, "prod");
    let one = town.push("One", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
    assert_eq!(town.seen().engine.neighbours.len(), 1, "production still runs");
}

#[test]
fn a_deploy_that_would_take_over_another_clones_site_is_refused_before_anything_changes() {
    let mut town = beside_production(233, "web");
    let one = town.push("One", "success");
    assert_eq!(town.deployed(one, &[]), "failed 1", "{}", town.story());
    assert_eq!((town.seen().head.clone(), town.seen().engine.neighbours.len()), (sha(0), 1));
    let told = town.seen().messages.last().cloned().unwrap_or_default().replace('\\', "");
    for part in ["app-prod-1", "`app`", "/srv/prod/app/docker-compose.yml", "`name: ...`", COMPOSE] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // A name of its own mends it; so does a folder that is no more: that was this site before it moved.
    town.world().files.insert(COMPOSE.to_owned(), "name: preprod\nservices:\n  web: {image: site}\n".to_owned());
    let two = town.push("Two", "success");
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
    let mut town = beside_production(234, "web");
    town.world().files.remove("/srv/prod/app/docker-compose.yml");
    let one = town.push("One", "success");
    assert_eq!(town.deployed(one, &[]), "validated 0", "{}", town.story());
}

#[test]
fn a_tool_of_a_profile_that_once_ended_badly_does_not_stop_a_deploy_and_one_that_runs_is_started_again() {
    let text = "services:\n  web: {image: site}\n  tool: {image: site, profiles: [tools]}\n";
    for runs in [false, true] {
        let mut town = validated(235, &[]);
        let started_at = town.seen().now - 60_000;
        town.world().engine.tool = Some(Tool { runs, started_at });
        town.world().files.insert(COMPOSE.to_owned(), text.to_owned());
        let two = town.push("Two", "success");
        assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
        let named = town.seen().transcript.iter().filter(|line| line.contains("restart tool")).count();
        assert_eq!(named, usize::from(runs), "{}", town.story());
    }
}

#[test]
fn a_compose_file_that_is_nowhere_is_refused_before_anything_changes_and_blames_no_version() {
    let mut town = validated(236, &[]);
    let two = town.push("Two", "success");
    town.world().files.insert("/srv/app/compose-prod.yml".to_owned(), "services: {}\n".to_owned());
    let typo = ("compose-file", "/srv/app/docker-compose.yaml");
    assert_eq!(town.deployed(two, &[typo]), "failed 1", "{}", town.story());
    assert_eq!(town.seen().head, sha(1), "{}", town.story());
    let told = town.seen().messages.last().cloned().unwrap_or_default().replace('\\', "");
    for part in ["/srv/app/docker-compose.yaml", "ni dans cette version ni sur cette machine", "compose-prod.yml"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!town.seen().transcript.iter().any(|line| line.contains("docker-compose.yaml up")), "{}", town.story());
    // No quarantine: the same version goes live once the name is right.
    assert_eq!(town.deployed(two, &[]), "validated 0", "{}", town.story());
}
