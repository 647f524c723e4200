//! The shipped `run` (modes, steps, drive, machine, tools) against a pretend world: scenarios first,
//! then orders and faults from seeds.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod simulation {
    pub mod astray;
    pub mod check;
    pub mod containers;
    pub mod dice;
    pub mod disk;
    pub mod engine;
    pub mod faults;
    pub mod following;
    pub mod interrupted;
    pub mod late;
    pub mod machine;
    pub mod mended;
    pub mod mishaps;
    pub mod net;
    pub mod power;
    pub mod process;
    pub mod questions;
    pub mod reference;
    pub mod scenarios;
    pub mod seeds;
    pub mod shown;
    pub mod starts;
    pub mod telling;
    pub mod town;
    pub mod world;
}
