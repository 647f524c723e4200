//! Pure: what is so, and what comes next. One environment's state is a fold over its ledger;
//! `decide` reads that state and names the next step. Going on after a crash is going forward:
//! read, fold, decide. No clock, no IO, no async below this line.

mod apply;
mod bounds;
pub mod decide;
mod end;
pub mod entry;
mod foretell;
pub mod known;
pub mod operation;
pub mod record;
pub mod request;
pub mod standing;
pub mod state;
pub mod verdict;
mod ways_back;

pub use decide::{Decision, decide};
pub use entry::{Ask, Because, Entry, Fact, Files, Outcome, Step};
pub use foretell::{ended, foretell, hearing, settled};
pub use state::State;
