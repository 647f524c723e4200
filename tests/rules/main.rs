//! The machine: its rules, its states and its ledger, as stories. One program, as each links the whole crate.

mod anew;
mod foretell;
mod ledger;
mod machine;
mod promote;
mod replay;
mod settings;
mod state;
mod stories;
#[path = "../story/mod.rs"]
mod story;
mod verdict;
