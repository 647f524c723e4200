//! A host that hands no program the variables in which a secret of ours stands, whatever their names.

use super::{Command, Host, Reply, Run};

/// Another host, discreet.
#[derive(Debug)]
pub struct Discreet<'a, H> {
    host: &'a H,
    carriers: Vec<String>,
}

impl<'a, H> Discreet<'a, H> {
    /// Keeps these variables to itself, by name (see `tools::secret::carriers`).
    #[must_use]
    pub fn new(host: &'a H, carriers: Vec<String>) -> Self {
        Self { host, carriers }
    }
}

impl<H: Host> Host for Discreet<'_, H> {
    fn perform(&self, mut command: Command) -> impl Future<Output = Reply> {
        if let Command::Run(Run { drop, .. })
        | Command::Save { run: Run { drop, .. }, .. }
        | Command::Detach { drop, .. } = &mut command
        {
            drop.extend_from_slice(&self.carriers);
        }
        self.host.perform(command)
    }

    fn started(&self) -> u64 {
        self.host.started()
    }
}
