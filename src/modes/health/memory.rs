//! What checks remember: `health.jsonl` beside an environment's ledger, under a lock of its own, so
//! that two checks do not tell the same twice. Without it everything is still checked and told.

use super::super::stranger;
use crate::config::Config;
use crate::environment::Environment;
use crate::failure::{Deed, Failure, unless_stopped};
use crate::host::{Command, Host, Keep, Reply};
use crate::ledger::disk;
use crate::ledger::make_folder;
use crate::time::Millis;
use crate::tools::health_log::{self, CheckRecord, DAY_MS, History, KEPT_MS, TAIL, text_of, without_older};

/// How long another check's telling is waited for, milliseconds; messages take at most 12 s.
const WAIT_MS: u64 = 30_000;
/// Only a file of this size is looked at for lines to forget, bytes.
const LARGE: u64 = 64 * 1024;
/// Bytes read of its beginning, for the first line.
const FIRST: u64 = 4 * 1024;
/// Bytes of a file that can be made smaller; a larger one is only added to.
const WHOLE: u64 = 64 * 1024 * 1024;

/// An environment's memory, open.
#[derive(Debug)]
pub(super) struct Memory {
    path: String,
    lock: Option<String>,
    size: u64,
    /// What was read.
    pub history: History,
    /// Why nothing can be remembered.
    pub problem: Option<Failure>,
}

impl Memory {
    /// Takes the lock and reads; what cannot be had is left out.
    pub(super) async fn recall<H: Host>(
        host: &H,
        config: &Config,
        with: &Environment,
        holder: &str,
    ) -> Result<Self, Failure> {
        let path = with.checks();
        let mut memory = Self { path, lock: None, size: 0, history: History::default(), problem: None };
        memory.problem = stranger::refusal(config, with, host).await;
        if memory.problem.is_none() {
            memory.problem = make_folder(host, &with.state_folder).await.err();
        }
        if memory.problem.is_none() {
            memory.lock(host, format!("{}/health.lock", with.state_folder), holder).await?;
        }
        let command = Command::Read { path: memory.path.clone(), cap: TAIL, keep: Keep::Tail };
        match host.perform(command).await {
            Reply::Text { text, size } => {
                memory.size = size;
                memory.history = health_log::read(&text, size <= TAIL);
            }
            Reply::Missing => {}
            other => memory.problem = Some(disk(Deed::Read, &memory.path, other)),
        }
        if let Some(failure) = memory.problem.take() {
            memory.problem = Some(stranger::explained(config, with, host, failure).await);
        }
        Ok(memory)
    }

    async fn lock<H: Host>(&mut self, host: &H, path: String, holder: &str) -> Result<(), Failure> {
        let command = Command::Lock { path: path.clone(), holder: holder.to_owned(), wait_ms: WAIT_MS };
        match unless_stopped(host.perform(command).await, super::check::ATTEMPT)? {
            Reply::Locked => self.lock = Some(path),
            // Twice told is better than not told.
            Reply::Held { .. } => {}
            other => self.problem = Some(disk(Deed::Lock, &path, other)),
        }
        Ok(())
    }

    /// Adds a check's lines, and gives the lock back.
    pub(super) async fn keep<H: Host>(&mut self, host: &H, lines: &[CheckRecord], at: Millis) {
        if self.problem.is_none() && !lines.is_empty() {
            let text = text_of(lines, self.history.torn);
            match host.perform(Command::Append { path: self.path.clone(), text }).await {
                Reply::Done => self.forget(host, at).await,
                other => self.problem = Some(disk(Deed::Write, &self.path, other)),
            }
        }
        if let Some(path) = self.lock.take() {
            host.perform(Command::Unlock { path }).await;
        }
    }

    /// Leaves out lines that are older than what is kept, once they are a day's or more.
    async fn forget<H: Host>(&self, host: &H, now: Millis) {
        if self.lock.is_none() || !(LARGE..WHOLE).contains(&self.size) {
            return;
        }
        let read = |cap| Command::Read { path: self.path.clone(), cap, keep: Keep::Head };
        let Reply::Text { text: first, .. } = host.perform(read(FIRST)).await else {
            return;
        };
        let oldest = health_log::read(&first, true).lines.first().map(|line| line.at);
        if oldest.is_some_and(|oldest| now.since(oldest) < KEPT_MS + DAY_MS) {
            return;
        }
        let Reply::Text { text, size } = host.perform(read(WHOLE)).await else {
            return;
        };
        let from = Millis(now.0.saturating_sub(KEPT_MS));
        if let Some(newer) = without_older(&text, from).filter(|_| size < WHOLE) {
            // One that fails is tried again by the next check.
            let _ = host.perform(Command::Replace { path: self.path.clone(), text: newer.to_owned() }).await;
        }
    }
}
