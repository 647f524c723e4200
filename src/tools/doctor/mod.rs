//! What `doctor` asks the machine, and what each answer says: programs of coreutils, findutils and
//! systemd, asked in the formats that they make for programs. What a finding leads to is for
//! `modes::doctor`.

pub mod access;
pub mod disk;
pub mod program;
pub mod signal;
pub mod token;
pub mod unit;
pub mod webhook;
