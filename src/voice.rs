//! Lines for people: to the job's log, the terminal, or a watcher's own log file. Whatever is said
//! goes through here, so that no secret, escape code or workflow command of outside text gets out.

use std::cell::{Cell, RefCell};

use crate::host::{Command, Host, Level, Reply};
use crate::time::{Millis, utc};
use crate::tools::letters::unescaped;
use crate::tools::secret::struck;

/// Where lines go, and what must not be in them.
#[derive(Debug)]
pub struct Voice<'a, H> {
    host: &'a H,
    secrets: Vec<String>,
    log: RefCell<Option<String>>,
    group: RefCell<Group>,
    annotations: Cell<[usize; 2]>,
    is_aside: Cell<bool>,
}

/// The group of the job's log that lines go to.
#[derive(Debug, Default)]
enum Group {
    /// There is none.
    #[default]
    None,
    /// It is opened by its first line: an empty one is noise.
    Waiting(&'static str),
    /// It has lines.
    Open,
}

/// Annotations of each level that a step may show: the runner keeps ten (actions/runner,
/// ExecutionContext.cs), and the last word of a run that fails is one of them.
const ANNOTATIONS: usize = 9;
/// Letters of an annotation; the runner cuts it at 4096.
const WIDTH: usize = 4000;

impl<'a, H: Host> Voice<'a, H> {
    /// Speaks through the host; `secrets` are struck out.
    pub fn new(host: &'a H, mut secrets: Vec<String>) -> Self {
        secrets.retain(|secret| secret.len() >= 4);
        // The longest first: a secret may be part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let (log, group, annotations, is_aside) = Default::default();
        Self { host, secrets, log, group, annotations, is_aside }
    }

    /// From now on lines also go to this file.
    pub fn log_to(&self, path: &str) {
        *self.log.borrow_mut() = Some(path.to_owned());
    }

    /// From now on plain lines are notices: on a terminal these go to standard error, and leave standard
    /// output to what a program reads there.
    pub fn step_aside(&self) {
        self.is_aside.set(true);
    }

    /// The text without secrets.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| struck(text, secret))
    }

    /// Text as it may be shown: [`plain`], and without secrets, those too that only letters which are
    /// left out had kept apart.
    #[must_use]
    pub fn cleaned(&self, text: &str) -> String {
        self.redact(&plain(&self.redact(text)))
    }

    /// Says a plain line.
    pub async fn say(&self, text: impl AsRef<str>) {
        self.speak(Level::Line, text.as_ref()).await;
    }

    /// Says something at a level.
    pub async fn speak(&self, level: Level, text: &str) {
        let text = self.cleaned(text);
        let log = self.log.borrow().clone();
        if let Some(path) = log {
            let now = match self.host.perform(Command::Clock).await {
                Reply::Clock { ms } => ms,
                _ => Millis(0),
            };
            let lines: String = text.lines().map(|line| format!("{} {line}\n", utc(now))).collect();
            // A log that cannot be written must not stop what it tells about.
            let _ = self.host.perform(Command::Append { path, text: lines }).await;
        }
        self.regroup(level).await;
        let (level, text, rest) = self.annotated(level, text);
        self.host.perform(Command::Say { level: self.beside(level), text }).await;
        if let Some(text) = rest {
            self.host.perform(Command::Say { level: self.beside(Level::Line), text }).await;
        }
    }

    /// What is said from now on belongs together, under this title.
    pub fn open(&self, title: &'static str) {
        self.group.replace(Group::Waiting(title));
    }

    /// What is said from now on stands for itself again.
    pub async fn close(&self) {
        if matches!(self.group.take(), Group::Open) {
            self.host.perform(Command::Say { level: Level::EndGroup, text: String::new() }).await;
        }
    }

    /// A line opens the group that waits for it; what has to be seen closes one, as it is folded away.
    async fn regroup(&self, level: Level) {
        match level {
            Level::Line => {}
            Level::Live => return,
            _ => return self.close().await,
        }
        let waiting = match &*self.group.borrow() {
            Group::Waiting(title) => (*title).to_owned(),
            Group::None | Group::Open => return,
        };
        self.group.replace(Group::Open);
        self.host.perform(Command::Say { level: self.beside(Level::Group), text: waiting }).await;
    }

    /// Where a program reads the result, everything else is beside it.
    fn beside(&self, level: Level) -> Level {
        let is_result = matches!(level, Level::Line | Level::Group);
        if is_result && self.is_aside.get() { Level::Notice } else { level }
    }

    /// Within the runner's limits: what is one annotation too many is a line, and what is too long for one
    /// stands whole in a line of its own.
    fn annotated(&self, level: Level, text: String) -> (Level, String, Option<String>) {
        let (at, name) = match level {
            Level::Notice => (0, "notice"),
            Level::Warning => (1, "warning"),
            Level::Line | Level::Live | Level::Group | Level::EndGroup => return (level, text, None),
        };
        let mut counts = self.annotations.get();
        let Some(count) = counts.get_mut(at).filter(|count| **count < ANNOTATIONS) else {
            return (Level::Line, format!("{name}: {text}"), None);
        };
        *count += 1;
        self.annotations.set(counts);
        match text.char_indices().nth(WIDTH) {
            Some((end, _)) => (level, format!("{}…", text.get(..end).unwrap_or_default()), Some(text)),
            None => (level, text, None),
        }
    }
}

/// Text that is safe in a job's log and on a terminal: no control characters but line breaks, no
/// workflow command. The runner reads `::name::` at the beginning of a line and `##[name]` anywhere
/// in one, and takes a carriage return for a line break (actions/runner, ActionCommand.cs,
/// ProcessInvoker.cs); a zero-width space makes both plain text.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            safe.push('\n');
        }
        let mut clean = unescaped(line);
        if clean.contains("##[") {
            clean = clean.replace("##[", "##\u{200b}[");
        }
        if clean.trim_start().starts_with("::") {
            clean = clean.replacen("::", ":\u{200b}:", 1);
        }
        safe.push_str(&clean);
    }
    safe
}
