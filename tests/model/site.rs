//! What really stands on the machine, whatever the ledger says: the work tree, what runs, and changes
//! that a person could still need. A step has its whole effect, half of it, or none.

use mangetamain_deploy::machine::Step;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    /// What the work tree is of; none: of two versions at once.
    pub tree: Option<usize>,
    /// What runs; none: nothing.
    pub runs: Option<usize>,
    /// It was started since the request began.
    pub fresh: bool,
    /// The work tree holds changes that are saved nowhere.
    pub unsaved: bool,
    /// Files that git does not look after are those of a version; none: of two at once.
    pub files: Option<usize>,
}

/// How much of a step came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    Half,
    Whole,
}

/// All that can be.
pub const EFFECTS: [Effect; 3] = [Effect::Nothing, Effect::Half, Effect::Whole];

impl Site {
    pub fn first() -> Self {
        Self { tree: Some(0), runs: Some(0), fresh: false, unsaved: true, files: Some(0) }
    }

    /// A request begins: what runs was started before it, and somebody may have changed files.
    pub fn begin(&mut self) {
        self.fresh = false;
        self.unsaved = true;
    }

    pub fn carry_out(&mut self, step: Step, target: usize, saved: usize, effect: Effect) {
        let placed = match effect {
            Effect::Nothing => return,
            Effect::Half => None,
            Effect::Whole => Some(target),
        };
        match step {
            Step::Keep => self.unsaved &= effect != Effect::Whole,
            Step::Reset => self.tree = placed,
            Step::Command => self.files = placed,
            Step::Restore => self.files = placed.map(|_| saved),
            Step::Compose => {
                self.runs = placed.and(self.tree);
                self.fresh = effect == Effect::Whole;
            }
            _ => {}
        }
    }

    /// A person puts a version there, and restarts.
    pub fn put(&mut self, version: usize) {
        (self.tree, self.runs, self.fresh) = (Some(version), Some(version), false);
    }
}
