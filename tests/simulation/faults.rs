//! Faults, as rules: which command of whom they meet, and what its answer is then. A command that cannot
//! be refused or lost is carried out.

use mangetamain_deploy::host::{Command, Phase, Ran, Reply};

/// What becomes of a command.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Act {
    /// It is refused: it has no effect, and that is told.
    Refuse,
    /// It has its effect, and no answer comes.
    LoseReply,
    /// It has no effect, and no answer comes.
    LoseEffect,
    /// It has no effect, and says that all is well.
    Pretend,
    /// The process is killed before it, in the middle of it, after it.
    KillBefore,
    KillHalf,
    KillAfter,
    /// The machine is switched off before it, and on again.
    Reboot,
    /// Before it the machine's clock is set, an hour ahead or back.
    SetClock,
    /// The process is told to stop.
    Stop,
}

/// Which command.
#[derive(Clone, Copy)]
pub enum Which {
    /// The n-th of the process, from 1; the clock is not counted.
    Nth(usize),
    /// Those that this holds for, so many times.
    Like(fn(&Command) -> bool, usize),
}

/// A fault.
pub struct Rule {
    /// The process, in the order of their starts; none: any.
    pub who: Option<usize>,
    pub which: Which,
    pub act: Act,
}

pub fn stoppable(command: &Command) -> bool {
    matches!(command, Command::Sleep { .. } | Command::Run(_) | Command::Http(_) | Command::Lock { .. })
}

pub fn refused(command: &Command) -> Option<Reply> {
    let ran = |exit| Ran {
        exit: Some(exit),
        signal: None,
        timed_out: false,
        stdout: String::new(),
        stderr: "it says no".to_owned(),
        ms: 1,
    };
    match command {
        Command::Run(run) => Some(Reply::Ran(ran(if run.program == "git" { 128 } else { 1 }))),
        Command::Http(_) | Command::LastWord(_) => {
            Some(Reply::Unreached { phase: Phase::Connect, text: "ECONNREFUSED".to_owned() })
        }
        Command::Append { .. } | Command::Replace { .. } | Command::Folder { .. } | Command::Detach { .. } => {
            Some(Reply::Refused { code: "ENOSPC".to_owned(), text: "no space left on device".to_owned() })
        }
        Command::Read { .. } | Command::Lock { .. } | Command::Link { .. } => {
            Some(Reply::Refused { code: "EACCES".to_owned(), text: "permission denied".to_owned() })
        }
        _ => None,
    }
}

pub fn lost(command: &Command) -> Option<Reply> {
    match command {
        Command::Run(_) => Some(Reply::Ran(Ran {
            exit: None,
            signal: Some("SIGKILL".to_owned()),
            timed_out: true,
            stdout: String::new(),
            stderr: String::new(),
            ms: 1,
        })),
        Command::Http(_) | Command::LastWord(_) => {
            Some(Reply::Unreached { phase: Phase::Timeout, text: "no answer".to_owned() })
        }
        Command::Append { .. } | Command::Replace { .. } => {
            Some(Reply::Refused { code: "EIO".to_owned(), text: "input/output error".to_owned() })
        }
        _ => None,
    }
}
