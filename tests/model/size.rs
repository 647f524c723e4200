//! How much may happen in an exploration, and with which settings. Everything beside this happens in
//! every order in which it can.

use mangetamain_deploy::environment::{Environment, Otherwise};

use crate::story::environment;

#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Pushes, each in its turn or before one that is older.
    pub pushes: usize,
    /// Runs that are killed.
    pub crashes: u8,
    /// Steps that do not come out well, versions that turn out unhealthy.
    pub mishaps: u8,
    /// CI runs that are run again and say something else.
    pub reruns: u8,
    /// Things that a person does.
    pub hands: u8,
    /// Promotes.
    pub promotes: u8,
    /// Versions that lose their validation where a promote reads of it, at any moment.
    pub revoked: u8,
    pub with: With,
    pub words: Words,
    pub texts: Texts,
}

/// Which settings the requests carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    Defaults,
    /// `on-timeout: rollback`, and somebody waits for CI until a deadline.
    Deadline,
    /// `on-unhealthy: keep`.
    KeepUnhealthy,
    /// A deploy command beside compose; nothing is pushed here, and CI speaks where a promote reads.
    Production,
}

/// Which of CI's answers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// One of each kind.
    Kinds,
    /// Every conclusion that GitHub documents, some that it does not, and every way to get no answer.
    Every,
}

/// What stands where a fact holds text from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    Empty,
    /// Workflow commands, markup, control characters, and words of our own.
    Hostile,
}

/// Two pushes, and nothing goes wrong.
pub const CALM: Size = Size {
    pushes: 2,
    crashes: 0,
    mishaps: 0,
    reruns: 0,
    hands: 0,
    promotes: 0,
    revoked: 0,
    with: With::Defaults,
    words: Words::Kinds,
    texts: Texts::Empty,
};

impl Size {
    /// The settings of a request; their texts are empty, since they are copied a million times.
    pub fn settings(self) -> Environment {
        let mut with = environment();
        if let Some(compose) = &mut with.compose {
            compose.file.clear();
        }
        with.health.status.clear();
        for text in [
            &mut with.name,
            &mut with.app_path,
            &mut with.ci.workflow,
            &mut with.label,
            &mut with.branch,
            &mut with.state_folder,
            &mut with.rollback_point_file,
            &mut with.log_folder,
        ] {
            text.clear();
        }
        match self.with {
            With::Defaults => {}
            With::Deadline => with.ci.on_timeout = Otherwise::Rollback,
            With::KeepUnhealthy => with.on_unhealthy = Otherwise::Keep,
            With::Production => with.deploy_command = vec![String::new()],
        }
        with
    }

    /// A text from outside.
    pub fn text(self) -> String {
        match self.texts {
            Texts::Empty => String::new(),
            Texts::Hostile => "::error::success\u{1b}[2K\r\n##[add-mask]x `@everyone` {\"seq\":1} healthy".to_owned(),
        }
    }

    /// What CI may say the first time, and when run again.
    pub fn verdicts(self) -> &'static [&'static str] {
        match self.words {
            Words::Kinds => &["success", "failure", "cancelled"],
            Words::Every => &[
                "success",
                "failure",
                "timed_out",
                "startup_failure",
                "cancelled",
                "skipped",
                "neutral",
                "stale",
                "action_required",
                "SUCCESS",
                "a word of tomorrow",
                "",
            ],
        }
    }
}
