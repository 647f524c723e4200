//! Output of git, docker and compose, and compose files: what is read is in the form that was asked
//! for, or is said to be unreadable; what a program complained about is kept short.

use mangetamain_deploy::host::Reply;
use mangetamain_deploy::machine::verdict::conclude;
use mangetamain_deploy::session::last_lines;
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::backup::{self, Differences};
use mangetamain_deploy::tools::compose::{self, During, inspected, listed, proof, versioned};
use mangetamain_deploy::tools::compose_file::{References, declared, references};
use mangetamain_deploy::tools::doctor::{disk, program, signal, unit};
use mangetamain_deploy::tools::git;
use mangetamain_deploy::tools::health_log;
use mangetamain_deploy::tools::process::done;
use mangetamain_deploy::tools::profiles::profiles;
use mangetamain_deploy::tools::strategy::{Evidence, choose_auto};
use mangetamain_deploy::tools::{spot, user};

use super::{failed, text, wrote};

/// Any of git's answers.
pub fn git_output(bytes: &[u8]) {
    let text = text(bytes);
    let reply = wrote(&text);
    if let Ok(sha) = git::sha_told(&reply) {
        assert_eq!(sha.as_str(), text.trim().to_ascii_lowercase());
    }
    if let Ok(place) = git::place_found(&reply) {
        assert!(place.top.starts_with('/') && place.git_dir.starts_with('/') && !place.git_dir.contains('\n'));
    }
    if let Ok(Some(url)) = git::remote_url_told(&reply) {
        let authority = url.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
        assert!(authority.is_none_or(|authority| !authority.contains('@')), "a password in {url:?}");
        repository(&url);
    }
    if let Ok(paths) = git::paths_told(&reply) {
        assert!(paths.iter().map(|path| path.len() + 1).sum::<usize>() == text.len());
    }
    if let Ok(commit) = git::commit_facts_told(&reply) {
        assert!(!commit.subject.contains('\0') && !commit.author.contains('\0'));
    }
    if let Ok(dirty) = git::dirty_told(&reply) {
        assert!(dirty.iter().all(|one| text.contains(&one.path)));
    }
    if let Ok(standing) = git::standing_told(&reply) {
        assert!(standing.repositories.iter().all(|path| path.ends_with('/')));
        assert!(standing.files.iter().all(|path| !path.ends_with('/')));
    }
    if let Ok(Some(sha)) = git::resolved(&reply, "4b825dc") {
        assert!(sha.as_str().starts_with("4b825dc"));
    }
    let _ = (git::counted(&reply), git::stash_told(&reply), git::is_lfs_pointer(&text), conclude(&text));
    complaint(&text);
}

fn repository(url: &str) {
    if let Some(name) = git::repository_of(url, "https://github.com") {
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        assert!(name.split('/').count() == 2 && name.split('/').all(|part| !part.is_empty() && plain(part)), "{name}");
    }
}

/// A few lines, none of them long, whatever was written.
fn complaint(stderr: &str) {
    let reply = failed(stderr);
    let told = done(&reply).expect_err("it failed").to_string();
    assert!(told.chars().count() <= 2000, "{} characters", told.chars().count());
    let Reply::Ran(ran) = reply else { return };
    assert!(last_lines(&ran, 10).chars().count() <= 3010);
}

/// Any of docker's and compose's answers.
pub fn docker_output(bytes: &[u8]) {
    let text = text(bytes);
    let reply = wrote(&text);
    if let Ok(Some(version)) = versioned(&reply) {
        assert!(version.text.len() <= 60 && !version.text.contains(char::is_whitespace));
        assert!(version.text.starts_with(&version.major.to_string()) || version.text.starts_with(['0', '+']));
    }
    if let Ok(all) = listed(&reply) {
        assert!(all.iter().flat_map(|one| &one.belongs.files).all(|file| file.starts_with('/')));
        let _ = (compose::project_name(&all), compose::shares_folder(&all, &["/app/c.yml".to_owned()], None));
    }
    if let Ok(all) = inspected(&reply) {
        let _ = proof(&all, During { began: Millis(5), now: Millis(9) });
        assert!(all.iter().flat_map(|one| &one.belongs.files).all(|file| file.starts_with('/')));
    }
    let names = ["a".to_owned()];
    let _ = (compose::ids_told(&reply), compose::images_told(&reply, &names));
    complaint(&text);
}

/// A compose file: paths that are whole, and a choice that is made either way.
pub fn compose_file(bytes: &[u8]) {
    let text = text(bytes);
    let services = ["web".to_owned()];
    let _ = declared(&text, &services);
    let found = profiles(&text, "/srv/app/c.yml", "/srv/app");
    assert!(
        found.included.iter().chain(found.extended.iter().map(|(_, file, _)| file)).all(|path| path.starts_with('/'))
    );
    for services in [&services[..], &[]] {
        let found = references(&text, "/srv/app", services);
        if let References::Read(found) = &found {
            for set in [&found.files, &found.further, &found.contexts] {
                assert!(set.iter().all(|path| path.starts_with('/') && !path.split('/').any(|part| part == "..")));
            }
        }
        let evidence = Evidence {
            changed: Some(vec!["/srv/app/src/a.py".to_owned()]),
            compose_file: "/srv/app/c.yml".to_owned(),
            references: found.follow("/srv/app/more.yml", References::Unreadable),
            outside_changed: Vec::new(),
            new_images: vec![],
            services: ["web".to_owned()].into(),
            down: ["db".to_owned()].into(),
            commanded: true,
            variables: ["TAG".to_owned()].into(),
        };
        assert!(!choose_auto(&evidence).1.to_string().is_empty());
    }
}

/// Any of the answers of the programs that a backup and `doctor` ask.
pub fn machine_output(bytes: &[u8]) {
    let text = text(bytes);
    let reply = wrote(&text);
    let numbers = || text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse::<u64>().ok());
    if let Ok(used) = backup::used(&reply) {
        assert!(used >= numbers().take(1).last().unwrap_or(0));
    }
    if let Ok((count, sum)) = backup::added_up(&reply) {
        assert_eq!(count, text.lines().count() as u64);
        assert!(numbers().all(|number| number <= sum));
    }
    for told in [backup::sums_told(&reply), backup::entries_told(&reply)].into_iter().flatten() {
        let names: usize = told.world.iter().chain(&told.copy).map(String::len).sum();
        assert!(names <= text.len());
        let (mut all, parts) = (Differences::default(), told.world.union(&told.copy).count());
        all.add(told, &["/srv/app".to_owned()]);
        assert_eq!(all.changed.union(&all.unexplained).count(), parts);
    }
    if let Ok(names) = backup::named(&reply) {
        assert!(names.iter().all(|name| !name.contains('\0')));
    }
    let paths = ["/srv/app".to_owned(), "/tmp".to_owned()];
    let points = backup::mount_points(&text);
    assert!(backup::mounts_below(&points, "/srv/app", "/srv/app").iter().all(|point| point.starts_with("/srv/app/")));
    let _ = (backup::used_each(&reply), backup::disks_told(&reply, 1));
    let _ = (backup::room(&reply), disk::told(&reply, &paths), unit::told(&reply), user::user_told(&reply));
    let _ = (program::git_version(&reply), program::first_line(&reply), signal::first_processes(&reply));
    let _ = (
        spot::spotted(&reply),
        spot::first_found(&reply),
        unit::own(&text),
        unit::of_files("a.service", std::slice::from_ref(&text)),
    );
}

/// The file of past checks of the sites.
pub fn health_log(bytes: &[u8]) {
    let text = text(bytes);
    let history = health_log::read(&text, true);
    let lines = text.split_terminator('\n').count();
    assert_eq!(history.lines.len() + history.set_aside, lines);
    let (pasts, checks) = (health_log::pasts(&history), health_log::checks(&history));
    assert!(pasts.len() <= lines && checks.len() <= lines);
    for past in pasts.values() {
        let _ = past.usual_ms(Millis(1_800_000_000_000));
    }
    if let Some(rest) = health_log::without_older(&text, Millis(1_700_000_000_000)) {
        assert!(text.ends_with(rest) && rest.len() < text.len());
    }
    // What is added is read again, and nothing of what stood there is read otherwise.
    let more = format!("{text}{}", health_log::text_of(&history.lines, history.torn));
    let again = health_log::read(&more, true);
    assert_eq!(again.lines, [history.lines.clone(), history.lines].concat());
    assert!(!again.torn);
}
