//! The compose project: its files, its name, and who else is in it. Compose names a project after its folder, so
//! two clones whose compose files stand in folders of one name share a project, and neither knows of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::host::Run;
use crate::tools::compose_file::Declared;
use crate::tools::path::{is_within, parent};

use super::containers::is_of;
use super::{COMPOSE_LIMIT_MS, Compose, Listed, Orphans, run};

/// Names the project, from wherever compose is started.
pub const NAME_VARIABLE: &str = "COMPOSE_PROJECT_NAME";

/// The compose files that containers of ours were made of, in their order: what was started with several
/// (`-f a -f b`, or an override file) would lose services and settings by one of them. Only `file` where there are
/// no containers yet; of several answers the longest, since the others come of just that loss.
#[must_use]
pub fn project_files(ours: &[Listed], file: &str) -> Vec<String> {
    let longest = ours.iter().map(|one| &one.belongs.files).max_by_key(|files| files.len());
    longest.cloned().unwrap_or_else(|| vec![file.to_string()])
}

/// What a project was started with beside its compose files, where that is not what compose takes by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// `--project-directory`: what paths in the compose files are relative to.
    pub folder: Option<String>,
    /// `--env-file`, in their order.
    pub env_files: Vec<String>,
}

/// What containers of ours tell that they were started with; `files` are the project's. Where some were made without it,
/// that is the loss which is mended; where they disagree, nobody knows.
#[must_use]
pub fn project_given(ours: &[Listed], files: &[String]) -> Given {
    let usual = files.first().map(|file| parent(file)).unwrap_or_default();
    let folders: BTreeSet<&String> = ours.iter().map(|one| &one.belongs.folder).collect();
    let env_files: BTreeSet<&Vec<String>> = ours.iter().map(|one| &one.belongs.env_files).collect();
    Given {
        folder: only(folders.into_iter().filter(|folder| *folder != usual && !folder.is_empty())).cloned(),
        env_files: only(env_files.into_iter().filter(|files| !files.is_empty())).cloned().unwrap_or_default(),
    }
}

/// The one there is; none of several.
fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    all.next().filter(|_| all.next().is_none())
}

/// The project's name that containers of ours tell; none when there are none, or they disagree.
#[must_use]
pub fn project_name(ours: &[Listed]) -> Option<String> {
    let names: BTreeSet<&String> = ours.iter().map(|one| &one.belongs.project).collect();
    names.first().filter(|_| names.len() == 1).map(|name| (*name).clone())
}

/// The names of containers of ours, by project.
#[must_use]
pub fn projects(ours: &[Listed]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in ours {
        all.entry(one.belongs.project.clone()).or_default().push(one.name.clone());
    }
    all
}

/// What compose takes a project's name from where nobody tells it one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// [`NAME_VARIABLE`], as the environment has it.
    pub variable: Option<String>,
    /// The text of the `.env` beside the compose file.
    pub dot_env: Option<String>,
    /// What stands in the compose file; none: it cannot be told.
    pub declared: Option<Declared>,
}

impl Compose {
    /// The name that it gives the project of this compose file; none when that cannot be told.
    #[must_use]
    pub fn derived_name(&self, file: &str, naming: &Naming) -> Option<String> {
        let told = |name: &&String| !name.is_empty();
        let of_env = naming.dot_env.as_deref().and_then(|text| assigned(text, NAME_VARIABLE));
        if let Some(name) = naming.variable.as_ref().filter(told).or(of_env.as_ref().filter(told)) {
            return literal(name).map(|name| self.normalised(name));
        }
        // The Python one knows no `name:`.
        let written = match (self.version.major, &naming.declared) {
            (2.., Some(declared)) => declared.name.clone(),
            (2.., None) => return None,
            _ => None,
        };
        match written {
            Some(name) => literal(&name).map(|name| self.normalised(name)),
            None => Some(self.normalised(parent(file).rsplit('/').next().unwrap_or_default())),
        }
    }

    fn normalised(&self, name: &str) -> String {
        let letter = |letter: &char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(*letter);
        let name: String = name.to_lowercase().chars().filter(letter).collect();
        let start: &[char] = if self.version.major < 2 { &[] } else { &['_', '-'] };
        name.trim_start_matches(start).to_owned()
    }
}

/// A text in which compose has nothing to fill in.
fn literal(text: &str) -> Option<&str> {
    (!text.contains('$')).then_some(text)
}

/// What a file of variables (`NAME=value`, one a line) gives this one; the last line wins.
fn assigned(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().map(str::trim).map(|line| line.strip_prefix("export ").unwrap_or(line));
    let mut values = lines.filter_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == name));
    values.next_back().map(|(_, value)| unquoted(value.trim()).to_owned())
}

fn unquoted(value: &str) -> &str {
    let quoted = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)).map(|(text, _)| text);
    let plain = || value.split(" #").next().unwrap_or_default().trim_end();
    quoted('"').or_else(|| quoted('\'')).unwrap_or_else(plain)
}

/// Containers of ours whose service is declared no more: left behind by the version before.
#[must_use]
pub fn undeclared<'a>(mine: &'a [Listed], declared: &BTreeSet<String>) -> Vec<&'a Listed> {
    mine.iter().filter(|one| !declared.contains(&one.belongs.service)).collect()
}

/// Containers of the project `name` that were made of other compose files.
#[must_use]
pub fn of_other_files<'a>(all: &'a [Listed], files: &[String], name: &str) -> Vec<&'a Listed> {
    let is_other = |one: &&Listed| one.belongs.project == name && !is_of(one, files) && !one.belongs.oneoff;
    all.iter().filter(is_other).filter(|one| !one.belongs.files.is_empty()).collect()
}

/// What may be done with orphans. Two environments whose compose files stand in one folder, or in folders of one
/// name, share the project's default name: removing one's orphans would remove the other's site. `name` is what
/// compose calls the project where containers of ours do not tell; none: not known, so that any may be in it.
#[must_use]
pub fn shares_folder(all: &[Listed], files: &[String], name: Option<&str>) -> Orphans {
    let (ours, others): (Vec<&Listed>, Vec<&Listed>) = all.iter().partition(|one| is_of(one, files));
    let mut projects: BTreeSet<&str> = ours.iter().map(|one| one.belongs.project.as_str()).collect();
    projects.extend(name);
    let folders = files.iter().map(|file| parent(file));
    let folders: BTreeSet<&str> = folders.chain(ours.iter().map(|one| one.belongs.folder.as_str())).collect();
    let near = |one: &&&Listed| {
        name.is_none()
            || projects.contains(one.belongs.project.as_str())
            || folders.contains(one.belongs.folder.as_str())
    };
    let others: Vec<String> = others.iter().filter(near).map(|one| one.name.clone()).collect();
    if others.is_empty() { Orphans::Remove } else { Orphans::Keep { others } }
}

/// Containers of the project `name` that were made of other compose files, all of them outside of these folders.
#[must_use]
pub fn strangers<'a>(all: &'a [Listed], files: &[String], name: &str, tree: &[&str]) -> Vec<&'a Listed> {
    let is_inside = |file: &String| tree.iter().any(|folder| is_within(file, folder));
    let mut others = of_other_files(all, files, name);
    others.retain(|one| !one.belongs.files.iter().any(is_inside));
    others
}

/// Whether this project's next `up` takes a stranger for a container of its own: it has a service of that name, or
/// has none yet and which ones it will have cannot be told.
#[must_use]
pub fn takes_over(stranger: &Listed, ours: &[Listed], declared: Option<&Declared>) -> bool {
    let service = &stranger.belongs.service;
    let told = declared.and_then(|declared| declared.services.as_ref());
    match told {
        Some(services) if services.contains(service) => true,
        None if ours.is_empty() => true,
        _ => ours.iter().any(|one| one.belongs.service == *service),
    }
}

/// Stop these containers as compose would, then remove them; each read by [`done`](crate::tools::process::done).
#[must_use]
pub fn removal(ids: &[String]) -> [Run; 2] {
    let with = |words: &[&'static str]| -> Run {
        let args: Vec<&str> = words.iter().copied().chain(ids.iter().map(String::as_str)).collect();
        Run { limit_ms: COMPOSE_LIMIT_MS, ..run("docker", &args) }
    };
    [with(&["stop"]), with(&["rm", "--force"])]
}

/// Where compose v1 was called: the project's folder is that of its first file, which is told as it was given
/// (`docker-compose -f docker/site.yml` in `/srv` has `/srv/docker` and `docker/site.yml`).
#[must_use]
pub fn called_in<'a>(folder: &'a str, files: &str) -> &'a str {
    let first = files.split(',').next().unwrap_or_default();
    let within = first.strip_prefix("./").unwrap_or(first).rsplit_once('/').map(|(within, _)| within);
    let base = within.and_then(|within| folder.strip_suffix(within)?.strip_suffix('/'));
    base.filter(|_| !first.starts_with('/')).map_or(folder, |base| if base.is_empty() { "/" } else { base })
}

/// Among the names in a folder, those that a compose file may have.
#[must_use]
pub fn near(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| name.contains("compose") && (name.ends_with(".yml") || name.ends_with(".yaml")));
    names
}
