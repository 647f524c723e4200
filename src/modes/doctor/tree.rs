//! The work tree: whether it is one, whose, of which repository, and whether a deploy could fetch and
//! reset in it.

use futures_util::future::{join, join4, join5};

use super::{Subject, Visit, ask};
use crate::host::{Command, Host, Reply, Stat};
use crate::messages::finding::{Content, Finding, FindingSeen, Remote, Tree};
use crate::sha::Sha;
use crate::steps::owner::{Owner, file, other};
use crate::steps::reset::LFS_LOOKED_AT;
use crate::tools::doctor::program::{first_line, places};
use crate::tools::git::{
    Credentials, DirtyKind, Git, ProcessError, RepositoryLayout, Shallow, commit_facts_told, counted, dirty_told,
    is_lfs_pointer, listed_tip, names_told, paths_told, place_found, prefix_told, remote_url_told, repository_of,
    sha_told, submodules_told,
};
use crate::tools::guard::idle;
use crate::tools::letters::shortened;
use crate::tools::path::{absolute, parent};
use crate::tools::question::question;
use crate::tools::spot::{find_unwritable, first_found, look_at, spotted, upwards};

pub(super) async fn check<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let path = &subject.with.app_path;
    if path.is_empty() {
        return vec![subject.skipped(FindingSeen::Tree(Tree::None))];
    }
    let git = Git::at(path, &visit.start.env);
    let place = match place_found(&ask::run(visit.host, git.place()).await) {
        Ok(place) => place,
        Err(fault) => return vec![subject.fail(FindingSeen::Tree(no_place(visit, subject, fault).await))],
    };
    let git = git.placed(&place);
    let groups = join5(
        head(visit, subject, &git, &place),
        remote(visit, subject, &git),
        writable(visit, subject, &place),
        content(visit, subject, &git, &place),
        join(guard(visit, subject, &git), command(visit, subject)),
    )
    .await;
    [groups.0, groups.1, groups.2, groups.3, groups.4.0, groups.4.1].concat()
}

fn about(remote: Remote) -> FindingSeen {
    FindingSeen::Tree(Tree::Remote(remote))
}

fn within(content: Content) -> FindingSeen {
    FindingSeen::Tree(Tree::Content(content))
}

/// Why there is no work tree at `app-path`.
async fn no_place<H: Host>(visit: &Visit<'_, H>, subject: &Subject, fault: ProcessError) -> Tree {
    let path = subject.with.app_path.clone();
    let Ok(spots) = ask::spots(visit.host, std::slice::from_ref(&path)).await else {
        return Tree::Unanswered { fault };
    };
    match (spots.get(&path), &fault) {
        (None, _) => {
            let origin = &visit.config.origin;
            let repository = if origin.repository.is_empty() { "OWNER/NAME" } else { &origin.repository };
            let clone = clone_of(visit, &path).await;
            Tree::Missing { path, remote: format!("{}/{repository}.git", origin.server_url), clone }
        }
        (Some(spot), _) if !matches!(spot.kind, 'd' | 'l') => Tree::File { path },
        (Some(spot), ProcessError::Refused { .. })
            if spot.uid != visit.user.uid && has_repository(visit, &path).await =>
        {
            Tree::Distrusted { path, owner: spot.user.clone(), user: visit.user.name.clone() }
        }
        (Some(_), ProcessError::Refused { .. }) => Tree::NoRepository { path },
        _ => Tree::Unanswered { fault },
    }
}

/// The clone that the path is a folder of, by what this run's own checkout holds.
async fn clone_of<H: Host>(visit: &Visit<'_, H>, path: &str) -> Option<String> {
    let workspace = visit.config.origin.workspace.trim_end_matches('/');
    let clones = upwards(parent(path)).into_iter().filter(|clone| clone != "/");
    let mut clones: Vec<(String, String)> = clones
        .filter_map(|clone| {
            let folder = format!("{workspace}{}", path.strip_prefix(&clone)?);
            Some((clone, folder))
        })
        .collect();
    clones.sort();
    let checkout = format!("{workspace}/.git");
    let paths = std::iter::once(checkout).chain(clones.iter().map(|(_, folder)| folder.clone())).collect();
    let Reply::Stats { stats } = visit.host.perform(Command::Stat { paths }).await else {
        return None;
    };
    let (checkout, folders) = stats.split_first()?;
    let is_checkout = checkout.is_some() || visit.config.file.is_some();
    let is_folder = |stat: &Option<Stat>| stat.as_ref().is_some_and(|stat| stat.kind == "folder");
    let found = folders.iter().position(is_folder).filter(|_| is_checkout)?;
    clones.get(found).map(|(clone, _)| clone.clone())
}

/// Whether there is a repository at the path or above it; git itself will not say.
async fn has_repository<H: Host>(visit: &Visit<'_, H>, path: &str) -> bool {
    let above = upwards(path);
    let paths = above.iter().map(|folder| format!("{}/.git", folder.trim_end_matches('/'))).collect();
    match visit.host.perform(Command::Stat { paths }).await {
        Reply::Stats { stats } => stats.iter().any(Option::is_some),
        _ => false,
    }
}

async fn head<H: Host>(visit: &Visit<'_, H>, subject: &Subject, git: &Git, place: &RepositoryLayout) -> Vec<Finding> {
    let Ok(head) = sha_told(&ask::run(visit.host, git.head()).await) else {
        return vec![subject.fail(FindingSeen::Tree(Tree::Empty { path: place.top.clone() }))];
    };
    let facts = commit_facts_told(&ask::run(visit.host, git.commit_facts(&head)).await);
    let subject_line = facts.map(|facts| shortened(&facts.subject, 60)).unwrap_or_default();
    if let Some(Owner { name, state_folder }) = other(visit.host, place, &subject.with.state_folder).await {
        let (path, file) = (place.top.clone(), file(place));
        let state_dir = parent(&state_folder).to_owned();
        return vec![subject.fail(FindingSeen::Tree(match name == subject.with.name {
            true => Tree::Left { path, state_folder, state_dir, file },
            false => Tree::Taken { path, name, state_folder, file },
        }))];
    }
    if let Some(name) = earlier(visit, subject, place).await {
        return vec![subject.fail(FindingSeen::Tree(Tree::Together { path: place.top.clone(), name }))];
    }
    let there = Tree::There { top: place.top.clone(), head: head.clone(), subject: subject_line };
    let mut all = vec![subject.ok(FindingSeen::Tree(there))];
    if place.shallow == Shallow::Yes {
        all.push(subject.warn(within(Content::Shallow { path: place.top.clone() })));
    }
    all.extend(unpushed(visit, subject, git, &head).await);
    all
}

/// An environment before this one in the configuration whose clone is the same: no deploy has to have shown that yet.
async fn earlier<H: Host>(visit: &Visit<'_, H>, subject: &Subject, place: &RepositoryLayout) -> Option<String> {
    let is_configured = |one: &&Subject| visit.config.environments.iter().any(|with| with.name == one.with.name);
    let asked = visit.subjects.iter().take_while(|one| one.place != subject.place).filter(is_configured);
    let before = visit.config.before.iter().chain(asked.map(|one| &one.with));
    for with in before.filter(|with| !with.app_path.is_empty()) {
        let there = place_found(&ask::run(visit.host, Git::at(&with.app_path, &visit.start.env).place()).await);
        if there.is_ok_and(|there| there.git_dir == place.git_dir) {
            return Some(with.name.clone());
        }
    }
    None
}

/// Commits that were made on the machine: the next deploy keeps them under a ref, and what is checked out moves.
async fn unpushed<H: Host>(visit: &Visit<'_, H>, subject: &Subject, git: &Git, head: &Sha) -> Option<Finding> {
    let (branch, path) = (subject.with.branch.clone(), git.work_tree.clone());
    let (holders, tip) = join(ask::run(visit.host, git.holders()), ask::run(visit.host, git.branch_tip(&branch))).await;
    let tip = sha_told(&tip).ok().filter(|_| names_told(&holders).is_ok_and(|names| names.is_empty()))?;
    let count = counted(&ask::run(visit.host, git.count(&tip, head)).await).ok().filter(|count| *count > 0)?;
    Some(subject.warn(within(Content::Unpushed { path, branch, count })))
}

async fn remote<H: Host>(visit: &Visit<'_, H>, subject: &Subject, git: &Git) -> Vec<Finding> {
    let (config, branch) = (visit.config, subject.with.branch.clone());
    let path = git.work_tree.clone();
    let reply = ask::run(visit.host, git.remote_url()).await;
    let url = match remote_url_told(&reply) {
        Ok(Some(url)) => url,
        Ok(None) => return vec![subject.fail(about(Remote::None { path }))],
        Err(fault) => return vec![subject.fail(FindingSeen::Tree(Tree::Unanswered { fault }))],
    };
    let mut all = vec![own_remote(subject, &url, &config.origin.repository, &config.origin.server_url)];
    if holds_secret(&reply) {
        all.push(subject.warn(about(Remote::Secret { path: path.clone() })));
    }
    let mut git = git.clone();
    let token = config.secrets.token.as_ref();
    git.credentials = token.and_then(|token| Credentials::of(Some(&url), &config.origin.server_url, token));
    all.push(match listed_tip(&ask::run(visit.host, git.list_branch(&branch)).await) {
        Ok(Some(tip)) => subject.ok(about(Remote::Branch { branch, tip })),
        Ok(None) => subject.fail(about(Remote::NoBranch { branch })),
        Err(fault) => subject.fail(about(Remote::Unreachable { path, branch, fault })),
    });
    all
}

/// Whether `origin` is this run's repository; outside a job nothing says which it should be.
fn own_remote(subject: &Subject, url: &str, wanted: &str, server: &str) -> Finding {
    let tail = url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
    let end = wanted.to_ascii_lowercase();
    // By its end where the server has another name here, as an ssh host alias has.
    let same = tail.strip_suffix(&end).is_some_and(|before| before.ends_with(['/', ':']));
    let seen = Remote::Other { url: url.to_owned(), wanted: wanted.to_owned() };
    match repository_of(url, server) {
        _ if wanted.is_empty() || same => subject.ok(about(Remote::Own { url: url.to_owned() })),
        Some(_) => subject.fail(about(seen)),
        None => subject.warn(about(seen)),
    }
}

/// Whether a password stands in the address (`https://name:password@host`), or a token as its name.
fn holds_secret(reply: &Reply) -> bool {
    let Reply::Ran(ran) = reply else {
        return false;
    };
    let user = ran.stdout.split_once("://").filter(|(scheme, _)| scheme.starts_with("http"));
    let user = user.and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@')).map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':') || user.starts_with("gh") || user.len() >= 20)
}

async fn writable<H: Host>(visit: &Visit<'_, H>, subject: &Subject, place: &RepositoryLayout) -> Vec<Finding> {
    let found = first_found(&ask::run(visit.host, find_unwritable(&place.top)).await);
    let mut all = vec![match found {
        Ok(None) => subject.ok(FindingSeen::Tree(Tree::Writable)),
        Ok(Some((owner, path))) => {
            let (top, user) = (place.top.clone(), visit.user.name.clone());
            subject.fail(FindingSeen::Tree(Tree::Denied { path, owner, top, user }))
        }
        Err(fault) => subject.warn(FindingSeen::Tree(Tree::Unanswered { fault })),
    }];
    let lock = format!("{}/index.lock", place.git_dir);
    let there = visit.host.perform(Command::Stat { paths: vec![lock.clone()] }).await;
    if matches!(there, Reply::Stats { stats } if stats.iter().any(Option::is_some)) {
        let question = Command::Processes { file: lock.clone(), folder: place.top.clone() };
        let held_by = match visit.host.perform(question).await {
            Reply::Processes { processes } => processes.first().map(|(pid, name)| format!("{name} ({pid})")),
            _ => None,
        };
        all.push(subject.warn(FindingSeen::Tree(Tree::IndexLock { path: lock, held_by })));
    }
    all
}

/// What stands in it: changes by hand, submodules, files of LFS.
async fn content<H: Host>(
    visit: &Visit<'_, H>,
    subject: &Subject,
    git: &Git,
    place: &RepositoryLayout,
) -> Vec<Finding> {
    let modules = format!("{}/.gitmodules", place.top);
    let (dirty, lfs, has_modules, has_lfs) = join4(
        ask::run(visit.host, git.dirty()),
        ask::run(visit.host, git.lfs_paths()),
        visit.host.perform(Command::Stat { paths: vec![modules] }),
        ask::run(visit.host, git.command(&["lfs", "version"])),
    )
    .await;
    let path = place.top.clone();
    let mut all = Vec::new();
    match dirty_told(&dirty) {
        Ok(mut dirty) => {
            // What was only told to git stays where it is, as what is not tracked does.
            dirty.retain(|one| one.kind != DirtyKind::Intended);
            all.extend(dirty.first().map(|first| {
                let (count, first) = (dirty.len(), first.path.clone());
                subject.warn(within(Content::Changed { path: path.clone(), count, first }))
            }));
        }
        Err(fault) => all.push(subject.warn(FindingSeen::Tree(Tree::Unanswered { fault }))),
    }
    if matches!(has_modules, Reply::Stats { stats } if stats.iter().any(Option::is_some)) {
        all.push(match submodules_told(&ask::run(visit.host, git.submodules()).await) {
            Ok(modules) => {
                let off: Vec<String> = modules.iter().filter(|one| !one.1).map(|one| one.0.clone()).collect();
                match off.is_empty() {
                    true => subject.ok(within(Content::Submodules(modules.len()))),
                    false => subject.warn(within(Content::SubmodulesOff { path, names: off })),
                }
            }
            Err(fault) => subject.warn(FindingSeen::Tree(Tree::Unanswered { fault })),
        });
    }
    let files = paths_told(&lfs).unwrap_or_default();
    if !files.is_empty() {
        all.push(match (first_line(&has_lfs), pointer(visit, &place.top, &files).await) {
            (Err(_), _) => subject.fail(within(Content::NoLfs(files.len()))),
            (_, Some(file)) => subject.fail(within(Content::Pointer { path: place.top.clone(), file })),
            _ => subject.ok(within(Content::Lfs(files.len()))),
        });
    }
    all
}

/// The first of these files in whose place its pointer stands: the next deploy may be able to mend that, and may not.
async fn pointer<H: Host>(visit: &Visit<'_, H>, top: &str, files: &[String]) -> Option<String> {
    for file in files.iter().take(LFS_LOOKED_AT) {
        if ask::text(visit.host, &format!("{top}/{file}")).await.is_some_and(|text| is_lfs_pointer(&text)) {
            return Some(file.clone());
        }
    }
    None
}

/// Whether each guarded path means something: one that is misspelt guards nothing, and nobody would know.
async fn guard<H: Host>(visit: &Visit<'_, H>, subject: &Subject, git: &Git) -> Vec<Finding> {
    let globs = &subject.with.guard_paths;
    if globs.is_empty() {
        return Vec::new();
    }
    let (tracked, prefix) = join(ask::run(visit.host, git.tracked()), ask::run(visit.host, git.prefix())).await;
    let (Ok(tracked), Ok(prefix)) = (paths_told(&tracked), prefix_told(&prefix)) else {
        return Vec::new();
    };
    idle(globs, &tracked, &prefix).map(|glob| subject.warn(within(Content::Idle(glob.clone())))).collect()
}

/// Whether the deploy command's program is there: in `app-path`, where it is run, or in `PATH`.
async fn command<H: Host>(visit: &Visit<'_, H>, subject: &Subject) -> Vec<Finding> {
    let Some(program) = subject.with.deploy_command.first() else {
        return Vec::new();
    };
    let paths = if program.contains('/') {
        vec![absolute(&subject.with.app_path, program)]
    } else {
        places(program, visit.variable("PATH"))
    };
    let runnable = question("find", &["-H"]);
    let asked = ask::run(visit.host, look_at(&paths));
    let mut run = runnable;
    run.args.extend(paths.iter().cloned());
    run.args.extend(["-maxdepth", "0", "-type", "f", "-executable", "-printf", "x %p\n"].map(str::to_owned));
    let (spots, runnable) = join(asked, ask::run(visit.host, run)).await;
    let found = |reply: &Reply| first_found(reply).ok().flatten().map(|(_, path)| path);
    let seen = match (found(&runnable), spotted(&spots)) {
        (Some(path), _) => return vec![subject.ok(within(Content::Command(path)))],
        (None, Ok(spots)) if !spots.is_empty() => Content::NoCommand { program: program.clone(), executable: false },
        _ => Content::NoCommand { program: program.clone(), executable: true },
    };
    vec![subject.fail(within(seen))]
}
