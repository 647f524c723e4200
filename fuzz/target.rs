//! One fuzz target: the check of `tests/hostile` that has this program's name.
#![no_main]

#[path = "../tests/hostile/mod.rs"]
mod hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::check(env!("CARGO_BIN_NAME"))(bytes));
