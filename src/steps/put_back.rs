//! A version that comes back finds the machine's own files as it left them: those that another version had
//! replaced, and that were kept before. What stands there is never overwritten, and nothing in here ends the
//! reset: without its files a version may still run, and a person is told how to take them back.

use std::collections::BTreeSet;

use super::standing::exists;
use super::standing::stats;
use super::survey::place;
use super::{Trouble, fault, git_fault, keep};
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Mend};
use crate::failure::rebuff::Rebuff;
use crate::host::{Command, Host, Reply, Run};
use crate::machine::Ask;
use crate::messages::log::{Line, NAMED, PutBack};
use crate::session::Session;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::git::{
    Git, KEPT_REFS, KeptFacts, KeptFiles, ProcessError, done, free_paths, kept_facts_told, kept_told, paths_told,
    places_written,
};
use crate::tools::shell::word;

/// Puts files back where the target was live before; what of it is told, for the step's note. An error only
/// when the run was told to stop.
pub async fn perform<H: Host>(session: &Session<'_, H>, git: &Git, target: &Sha) -> Result<Vec<PutBack>, Failure> {
    let mut told = Vec::new();
    match all(session, git, target, &mut told).await {
        Err(Trouble::Stop(failure)) => return Err(failure),
        Err(Trouble::Fault { why, .. }) => session.warn(&Line::Fault(why)).await,
        Ok(()) => {}
    }
    Ok(told)
}

async fn all<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    target: &Sha,
    told: &mut Vec<PutBack>,
) -> Result<(), Trouble> {
    let folder = format!("{}/mangetamain-deploy-files", place(session).await?.1.git_dir);
    let look = KeptCommit { session, git, folder, name: format!("{KEPT_REFS}/files") };
    // A run that was killed in here left it.
    if exists(session, look.folder.clone()).await {
        look.required(git.clear(&look.folder), &[]).await?;
    }
    let Some(since) = left_since(session, target) else {
        return Ok(());
    };
    let kept = look.told(git.list_kept(), kept_told).await?;
    let mut seen = BTreeSet::new();
    for one in kept.into_iter().filter(|one| one.parent == *target && one.at >= since) {
        let back = KeptCommit { name: one.name.clone(), folder: look.folder.clone(), ..look };
        back.put(&one, &mut seen, told).await?;
    }
    Ok(())
}

/// Since when something may have replaced files of the target's: what it ran without the last time is not given
/// back to it. None where it was never live: then there is nothing to look for.
fn left_since<H: Host>(session: &Session<'_, H>, target: &Sha) -> Option<Millis> {
    let state = &session.ledger.state;
    let is_back = state.operation.as_ref().is_some_and(|operation| matches!(operation.ask, Ask::Rollback { .. }));
    let healthy_at = state.records.get(target).and_then(|record| record.healthy_at);
    (is_back || state.was_live(target)).then(|| healthy_at.unwrap_or(Millis(0)))
}

/// One commit of kept files on its way back.
struct KeptCommit<'a, 'b, H: Host> {
    session: &'a Session<'b, H>,
    git: &'a Git,
    /// Where they are unpacked: beside the repository, so that a link leads to the work tree.
    folder: String,
    /// The ref.
    name: String,
}

impl<H: Host> KeptCommit<'_, '_, H> {
    /// Puts back what is free, and says so in `told`; paths in `seen` are a newer commit's.
    async fn put(&self, kept: &KeptFiles, seen: &mut BTreeSet<String>, told: &mut Vec<PutBack>) -> Result<(), Trouble> {
        // Kept while nobody knew whose they were.
        let Some(facts) = self.told(self.git.kept_facts(&kept.commit), kept_facts_told).await? else {
            return Ok(());
        };
        let paths = self.told(self.git.kept_paths(&kept.commit), paths_told).await?;
        let paths: Vec<String> = paths.into_iter().filter(|path| seen.insert(path.clone())).collect();
        let free = self.free(&paths).await;
        let (free, left): (Vec<String>, Vec<String>) = paths.into_iter().partition(|path| free.contains(path));
        if !left.is_empty() {
            told.push(PutBack::Left(self.name.clone(), left));
        }
        if free.is_empty() {
            return Ok(());
        }
        self.unpack(kept, &facts, &free).await?;
        let linked = self.session.run(self.git.link_in(&self.folder), &self.attempt()).await?;
        let missing = self.free(&free).await;
        self.session.run(self.git.clear(&self.folder), &self.attempt()).await?;
        let back: Vec<String> = free.into_iter().filter(|path| !missing.contains(path)).collect();
        if !back.is_empty() {
            told.push(PutBack::Back(facts.replaced_by.clone(), back));
        }
        // What is there is there, whatever cp said.
        if missing.is_empty() { Ok(()) } else { done(&linked).map_err(|seen| self.trouble(seen, &missing)) }
    }

    /// Which of these paths nothing stands at.
    async fn free(&self, paths: &[String]) -> Vec<String> {
        let places = places_written(paths);
        let stats = stats(self.session, places.iter().map(|place| self.git.at_top(place)).collect()).await;
        free_paths(paths, &places, &stats)
    }

    /// Unpacks these paths in our folder, with the rights that they had.
    async fn unpack(&self, kept: &KeptFiles, facts: &KeptFacts, free: &[String]) -> Result<(), Trouble> {
        match self.session.host.perform(Command::Folder { path: self.folder.clone() }).await {
            Reply::Done => {}
            other => return Err(fault(&self.attempt(), Rebuff::from(other), self.mend(free))),
        }
        keep::forget(self.session).await;
        let index = keep::index(self.session);
        for run in self.git.unpack(&kept.commit, &index, &self.folder, free) {
            self.required(run, free).await?;
        }
        keep::forget(self.session).await;
        for run in self.mend_modes(facts, free).await {
            self.required(run, free).await?;
        }
        Ok(())
    }

    async fn mend_modes(&self, facts: &KeptFacts, free: &[String]) -> Vec<Run> {
        let places = places_written(free);
        let paths = places.iter().map(|place| format!("{}/{place}", self.folder)).collect();
        let amiss = facts.amiss(&places, &stats(self.session, paths).await);
        amiss.iter().flat_map(|(mode, places)| self.git.set_mode(&self.folder, mode, places)).collect()
    }

    async fn told<T>(&self, run: Run, read: impl Fn(&Reply) -> Result<T, ProcessError>) -> Result<T, Trouble> {
        let reply = self.session.run(run, &self.attempt()).await?;
        read(&reply).map_err(|seen| self.trouble(seen, &[]))
    }

    async fn required(&self, run: Run, missing: &[String]) -> Result<(), Trouble> {
        let trouble = |_, seen| self.trouble(seen, missing);
        super::required(self.session, run, &self.attempt(), trouble).await.map(drop)
    }

    fn attempt(&self) -> Attempt {
        Attempt::PutBack(self.name.clone())
    }

    fn trouble(&self, seen: ProcessError, missing: &[String]) -> Trouble {
        git_fault(&self.attempt(), seen, self.mend(missing))
    }

    fn mend(&self, missing: &[String]) -> Mend {
        let git = format!("git -C {}", word(self.git.at_top("").trim_end_matches('/')));
        let files = missing.iter().take(NAMED).map(|path| word(path)).collect::<Vec<_>>().join(" ");
        Mend::TakeBack(match missing.len() {
            0 => format!("{git} for-each-ref {KEPT_REFS}/files"),
            1..=NAMED => format!("{git} restore --source={} -- {files}", self.name),
            _ => format!("{git} restore --source={0} -- {files} ... (all: {git} ls-tree -r {0})", self.name),
        })
    }
}
