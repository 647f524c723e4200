//! `npm run replay LEDGER`: an incident's story from its ledger, and every rule that was broken.
//! Exit code: 0 no rule was broken, 1 one was, 2 the file cannot be read.
#![allow(clippy::disallowed_methods, reason = "a tool for people, with a file and arguments of its own")]

use std::process::ExitCode;

use mangetamain_deploy::replay::tell;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("Usage: npm run replay LEDGER (a ledger.jsonl of a state folder)");
        return ExitCode::from(2);
    };
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            eprintln!("{path} cannot be read: {error}");
            return ExitCode::from(2);
        }
    };
    let story = tell(&text);
    for line in &story.lines {
        println!("{line}");
    }
    println!(
        "\n{} entries, {} lines set aside, {} rules broken",
        story.lines.len(),
        story.set_aside,
        story.broken.len()
    );
    for (entry, rule) in &story.broken {
        println!("entry {entry}: {rule}");
    }
    ExitCode::from(u8::from(!story.broken.is_empty()))
}
