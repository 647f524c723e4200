//! A host that counts the processes that it was asked to start, for the summary's table.

use std::cell::Cell;

use super::{Command, Host, Reply};

/// Another host, counted.
#[derive(Debug)]
pub struct Counted<'a, H> {
    host: &'a H,
    started: Cell<u64>,
}

impl<'a, H> Counted<'a, H> {
    /// Counts from now on.
    #[must_use]
    pub fn new(host: &'a H) -> Self {
        Self { host, started: Cell::new(0) }
    }
}

impl<H: Host> Host for Counted<'_, H> {
    fn perform(&self, command: Command) -> impl Future<Output = Reply> {
        let is_process = matches!(command, Command::Run(_) | Command::Save { .. });
        self.started.set(self.started.get() + u64::from(is_process));
        self.host.perform(command)
    }

    fn started(&self) -> u64 {
        self.started.get()
    }
}
