//! Output of git, docker and compose, and compose files: what is read is in the form that was asked
//! for, or is said to be unreadable; what a program complained about is kept short.

use mangetamain_deploy::host::Reply;
use mangetamain_deploy::machine::verdict::conclude;
use mangetamain_deploy::session::{last_lines, repository_of};
use mangetamain_deploy::time::Millis;
use mangetamain_deploy::tools::compose::{self, During, inspected, listed, proof, versioned};
use mangetamain_deploy::tools::compose_file::{References, references};
use mangetamain_deploy::tools::git;
use mangetamain_deploy::tools::process::done;
use mangetamain_deploy::tools::strategy::{Evidence, choose_auto};

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
    if let Some(name) = repository_of(url, "https://github.com") {
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
        let _ = (compose::project_name(&all), compose::shares_folder(&all, &["/app/c.yml".to_owned()]));
    }
    if let Ok(all) = inspected(&reply) {
        let _ = proof(&all, During { began: Millis(5), now: Millis(9) });
        assert!(all.iter().flat_map(|one| &one.belongs.files).all(|file| file.starts_with('/')));
    }
    complaint(&text);
}

/// A compose file: paths that are whole, and a choice that is made either way.
pub fn compose_file(bytes: &[u8]) {
    let text = text(bytes);
    let services = ["web".to_owned()];
    for services in [&services[..], &[]] {
        let found = references(&text, "/srv/app", services);
        if let References::Read(found) = &found {
            for set in [&found.files, &found.further, &found.contexts, &found.bind_mounts] {
                assert!(set.iter().all(|path| path.starts_with('/') && !path.split('/').any(|part| part == "..")));
            }
        }
        let evidence = Evidence {
            changed: Some(vec!["/srv/app/src/a.py".to_owned()]),
            compose_file: "/srv/app/c.yml".to_owned(),
            references: found.follow("/srv/app/more.yml", References::Unreadable),
            outside_changed: Vec::new(),
            containers: 1,
        };
        assert!(!choose_auto(&evidence).1.to_string().is_empty());
    }
}
