//! The decisions of the action.
#![forbid(unsafe_code)]
pub mod host;
pub mod sha;
pub mod time;
