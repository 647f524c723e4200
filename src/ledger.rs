//! The ledger's file: reading what is so, and writing facts before and after effects. A torn last
//! line (no line break) was never relied upon: it is set aside where it stands, neither trusted
//! nor deleted. What facts mean is for `machine`.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::failure::{Deed, Failure};
use crate::host::{Command, Host, Keep, Reply};
use crate::machine::{Entry, Fact, State};
use crate::time::Millis;

/// So many entries after a snapshot, the next one is written: reading never goes further back.
const SNAPSHOT_EVERY: u64 = 48;
/// Bytes read at first; holds a snapshot and the entries after it.
const TAIL: u64 = 256 * 1024;
/// Closes a torn line, so that it can never be read as a whole one later.
const TORN: &str = " #torn\n";

/// How an entry begins.
const BEGINNING: &str = "{\"seq\":";
/// What a snapshot's line holds.
const SNAPSHOT: &str = "\"fact\":{\"snapshot\":";

/// An entry of which only the frame is read.
#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "seq")]
    _seq: u64,
    #[serde(rename = "at")]
    _at: u64,
    #[serde(rename = "fact")]
    _fact: IgnoredAny,
}

/// Whether a line is a whole entry, if only its fact is one that is not known here.
fn is_entry(line: &str) -> bool {
    serde_json::from_str::<Frame>(line).is_ok()
}

/// What stands in an entry that ends a request; quotes of a text would be escaped.
const ENDED: &str = r#""fact":{"ended":"#;

/// An environment's ledger, read.
#[derive(Debug, Clone)]
pub struct Ledger {
    path: String,
    by: String,
    /// What the entries add up to, unwritten ones included.
    pub state: State,
    /// Whether the disk has refused the end of a request: the next run does not know of it.
    pub is_ahead: bool,
    /// Lines that cannot be read, set aside.
    pub set_aside: u64,
    is_foreign: bool,
    torn: bool,
    unwritten: String,
    since_snapshot: u64,
}

impl Ledger {
    /// Reads the ledger at `path`; `by` is written into new entries.
    pub async fn read<H: Host>(host: &H, path: &str, by: &str) -> Result<Self, Failure> {
        let mut cap = TAIL;
        loop {
            let keep = Keep::Tail;
            let reply = host.perform(Command::Read { path: path.to_owned(), cap, keep }).await;
            let (text, size) = match reply {
                Reply::Text { text, size } => (text, size),
                Reply::Missing => (String::new(), 0),
                other => return Err(disk(Deed::Read, path, other)),
            };
            if let Some(ledger) = Self::parse(path, by, &text, size <= cap)? {
                return Ok(ledger);
            }
            cap = cap.saturating_mul(4);
        }
    }

    /// Of a run that could not read it, and only says so: it knows nothing, and must write nothing.
    #[must_use]
    pub fn unread(path: &str, by: &str) -> Self {
        Self {
            path: path.to_owned(),
            by: by.to_owned(),
            state: State::default(),
            is_ahead: false,
            set_aside: 0,
            is_foreign: false,
            torn: false,
            unwritten: String::new(),
            since_snapshot: 0,
        }
    }

    /// Folds the text; none when it begins in the middle and no snapshot stands in it.
    fn parse(path: &str, by: &str, text: &str, whole: bool) -> Result<Option<Self>, Failure> {
        let torn = !text.is_empty() && !text.ends_with('\n');
        let mut lines: Vec<&str> = text.split_terminator('\n').collect();
        let mut set_aside = 0;
        // The beginning of an entry; a disk may have kept the length of a file, and zeros for what was in it.
        let rest = lines.pop_if(|_| torn).unwrap_or_default();
        let is_begun = rest.starts_with(BEGINNING) || BEGINNING.starts_with(rest);
        set_aside += u64::from(torn);
        let first = if whole { 0 } else { 1 };
        // One that cannot be read adds nothing up: the one before it does, or the entries themselves.
        let is_read = |line: &str| line.contains(SNAPSHOT) && serde_json::from_str::<Entry>(line).is_ok();
        let newest = lines.iter().enumerate().skip(first).rev().find(|(_, line)| is_read(line));
        let begin = match newest {
            Some((at, _)) => at,
            None if whole => 0,
            None => return Ok(None),
        };
        let mut state = State::default();
        let mut since_snapshot = 0;
        // Where nothing of a line came onto the disk, its close stands alone.
        for line in lines.iter().skip(begin).filter(|line| **line != TORN.trim_end()) {
            match serde_json::from_str::<Entry>(line) {
                Ok(entry) => {
                    since_snapshot = if matches!(entry.fact, Fact::Snapshot { .. }) { 0 } else { since_snapshot + 1 };
                    state.apply(&entry);
                }
                Err(_) if !line.contains(SNAPSHOT) && is_entry(line) => {
                    return Err(Failure::Newer { path: path.to_owned(), after: state.seq });
                }
                Err(_) => set_aside += 1,
            }
        }
        if state.seq == 0 && !whole {
            return Ok(None);
        }
        let (path, by, unwritten) = (path.to_owned(), by.to_owned(), String::new());
        let is_foreign = state.seq == 0 && (set_aside > u64::from(torn) || !is_begun);
        Ok(Some(Self { path, by, state, is_ahead: false, set_aside, is_foreign, torn, unwritten, since_snapshot }))
    }

    /// Whether something stands in it and none of it is an entry: a first one that was torn is.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.is_foreign && self.state.seq == 0
    }

    /// Adds a fact to the state; it is on disk after the next [`write`](Self::write).
    pub fn add(&mut self, fact: Fact, at: Millis) {
        let entry = Entry { seq: self.state.seq.saturating_add(1), at, by: self.by.clone(), fact };
        self.state.apply(&entry);
        self.since_snapshot += 1;
        self.push(&entry);
    }

    fn push(&mut self, entry: &Entry) {
        // A ledger entry is plain data: it always has a JSON text.
        if let Ok(line) = serde_json::to_string(entry) {
            self.unwritten.push_str(&line);
            self.unwritten.push('\n');
        }
    }

    /// Writes what was added, in one append and one fsync; a snapshot after it in one of its own.
    pub async fn write<H: Host>(&mut self, host: &H, at: Millis) -> Result<(), Failure> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let mut text = std::mem::take(&mut self.unwritten);
        if self.torn {
            text.insert_str(0, TORN);
        }
        let ends = text.contains(ENDED);
        match host.perform(Command::Append { path: self.path.clone(), text }).await {
            Reply::Done => self.torn = false,
            other => {
                // Some of it may stand there.
                self.torn = true;
                self.is_ahead |= ends;
                return Err(disk(Deed::Write, &self.path, other));
            }
        }
        self.sum_up(host, at).await;
        Ok(())
    }

    /// Writes a snapshot where one is due. By itself, as it is by far the longest line: a disk that has no room for it
    /// has kept the entries, and the next run sums them up.
    async fn sum_up<H: Host>(&mut self, host: &H, at: Millis) {
        if self.since_snapshot < SNAPSHOT_EVERY || self.state.operation.is_some() {
            return;
        }
        let state = Box::new(self.state.clone());
        let seq = self.state.seq.saturating_add(1);
        self.push(&Entry { seq, at, by: self.by.clone(), fact: Fact::Snapshot { state } });
        let text = std::mem::take(&mut self.unwritten);
        match host.perform(Command::Append { path: self.path.clone(), text }).await {
            Reply::Done => {
                self.state.seq = seq;
                self.since_snapshot = 0;
            }
            _ => self.look_again(host).await,
        }
    }

    /// After a snapshot that the disk refused: how much of it stands there all the same, and so which number is next, only
    /// the file tells.
    async fn look_again<H: Host>(&mut self, host: &H) {
        self.torn = true;
        if let Ok(found) = Self::read(host, &self.path, &self.by).await {
            (self.torn, self.state.seq, self.since_snapshot) = (found.torn, found.state.seq, found.since_snapshot);
        }
    }
}

/// A file command that did not succeed.
#[must_use]
pub fn disk(deed: Deed, path: &str, reply: Reply) -> Failure {
    Failure::Disk { deed, path: path.to_owned(), seen: reply.into() }
}

/// Makes a folder of ours.
pub async fn make_folder<H: Host>(host: &H, path: &str) -> Result<(), Failure> {
    match host.perform(Command::Folder { path: path.to_owned() }).await {
        Reply::Done => Ok(()),
        other => Err(disk(Deed::Make, path, other)),
    }
}
