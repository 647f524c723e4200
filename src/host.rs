//! The one door to the world: a command goes out as data, a reply comes back as data.
//!
//! Nothing in here decides; nothing behind it (the Node shim, or a pretend world in tests)
//! may decide either. A reply says what was seen. What that proves is for `tools` to say:
//! it happened, it was refused, or we do not know.

use std::collections::BTreeMap;
use std::future::Future;

use serde::{Deserialize, Serialize};

pub use ends::{Publication, Start};

use crate::time::Millis;

pub mod counted;
pub mod discreet;
mod ends;

/// Whatever can carry out a command.
pub trait Host {
    /// Carries out one command. Never fails: what went wrong is a reply too.
    fn perform(&self, command: Command) -> impl Future<Output = Reply>;

    /// How many processes it was asked to start so far, where it counts them.
    fn started(&self) -> u64 {
        0
    }
}

/// What the core asks of the host. On the wire: an object whose `do` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Command {
    /// What time is it? Answer: [`Reply::Clock`].
    Clock,
    /// Wait. Answer: `Done`, or `Cancelled` at once when a signal arrives.
    Sleep {
        /// How long, in milliseconds.
        ms: u64,
    },
    /// Run a process without a shell, in a process group of its own, with no input.
    /// Answer: `Ran`, `Missing` (no such program), `Refused` (cannot be started).
    Run(Run),
    /// Run a process, and write what it prints into a new file (0600) instead of keeping it. Answer: as
    /// for `Run`, without its output; `Refused` where something stands at the path.
    Save {
        /// Absolute path of the file.
        path: String,
        /// The process.
        run: Run,
    },
    /// One HTTP exchange; redirects are never followed. Answer: `Answered` or `Unreached`; of a run that is told to stop
    /// `Cancelled`, unless a POST or PATCH that was sent whole is answered within 2 s.
    Http(Http),
    /// The same, carried out although the run was told to stop: its last word.
    LastWord(Http),
    /// Read a text file (lossy UTF-8). Answer: `Text`, `Missing`, `Refused`.
    Read {
        /// Absolute path.
        path: String,
        /// At most so many bytes.
        cap: u64,
        /// Which end to keep when the file is larger.
        keep: Keep,
    },
    /// Append to a file in one write, then fsync it (and its folder when it was created, 0600).
    /// Never through a symbolic link. Answer: `Done`, `Refused`.
    Append {
        /// Absolute path.
        path: String,
        /// What to add.
        text: String,
    },
    /// Replace a file whole: temporary neighbour (0600), fsync, rename, fsync of the folder.
    /// Answer: `Done`, `Refused`.
    Replace {
        /// Absolute path.
        path: String,
        /// The new content.
        text: String,
    },
    /// Make a symbolic link, replacing what stands there in one rename. Answer: `Done`, `Refused`.
    Link {
        /// Absolute path of the link.
        path: String,
        /// What it points to.
        target: String,
    },
    /// Make a folder and its parents, 0700; an existing one is left as it is.
    /// Answer: `Done`, `Refused`.
    Folder {
        /// Absolute path.
        path: String,
    },
    /// Remove one file. Answer: `Done`, `Missing`, `Refused`.
    Remove {
        /// Absolute path.
        path: String,
    },
    /// Look at paths without following a final symbolic link. Answer: `Stats`, one for each path.
    Stat {
        /// Absolute paths.
        paths: Vec<String>,
    },
    /// The names in a folder, sorted. Answer: `Names`, `Missing`, `Refused`.
    List {
        /// Absolute path.
        path: String,
    },
    /// Take an exclusive lock on a file (made 0600 when missing) that the kernel frees with this
    /// process, and write the holder into it. Answer: `Locked`, `Held` (with the text that the
    /// holder wrote), `Refused`.
    Lock {
        /// Absolute path.
        path: String,
        /// Who we are, one line, for whoever finds the lock held.
        holder: String,
        /// How long to wait for it, in milliseconds: 200 at least, so that nobody's look is taken for a holder.
        wait_ms: u64,
    },
    /// Give a lock back: empties the file, frees the lock. Answer: `Done`.
    Unlock {
        /// The path it was taken with.
        path: String,
    },
    /// Is the lock held, and by whom? Answer: `Held`, `Missing` (nobody holds it), `Refused`.
    Peek {
        /// Absolute path.
        path: String,
    },
    /// Processes that have `file` open, and git processes at work below `folder`; also those of the file's
    /// owner of which we may not see where they work. Answer: `Processes`.
    Processes {
        /// Absolute path of a file.
        file: String,
        /// Absolute path of a folder.
        folder: String,
    },
    /// Start a watcher that outlives this job, with this start. Answer: `Detached`, `Refused`.
    Detach {
        /// The watcher's start, secrets included: handed over by pipe, never in argv or on disk.
        start: Box<Start>,
        /// Names of environment variables, or prefixes ending in `*`, that it must not inherit.
        drop: Vec<String>,
    },
    /// Show a line to the person. Already made safe: see `voice::plain`. Answer: `Done`.
    Say {
        /// What kind of line.
        level: Level,
        /// One line or more, without control characters.
        text: String,
    },
    /// Hide these values wherever the host prints. Answer: `Done`.
    Mask {
        /// Secrets.
        values: Vec<String>,
    },
}

/// A process to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Program: a name looked up in `PATH`, or an absolute path.
    pub program: String,
    /// Arguments, without the program.
    pub args: Vec<String>,
    /// Working directory, absolute; none: the host's own.
    pub folder: Option<String>,
    /// Environment variables to set.
    pub env: BTreeMap<String, String>,
    /// Names of inherited variables to remove, or prefixes ending in `*`; `env` is set after.
    pub drop: Vec<String>,
    /// After so long the group gets SIGTERM, and 5 s later SIGKILL.
    pub limit_ms: u64,
    /// Bytes kept of stdout and of stderr each: the last ones.
    pub cap: u64,
    /// A lock of ours (its path) that must stay taken until this process has ended, even when we
    /// are killed: the process inherits the lock's file. None: it does not.
    pub under_lock: Option<String>,
    /// A file (its path), for whoever comes when we are killed: once the process runs, its `/proc/<pid>/stat` is added
    /// to it. None: it is not noted.
    pub noted_in: Option<String>,
}

/// An HTTP exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Http {
    /// `GET`, `POST`, `PATCH`, ...
    pub method: String,
    /// Absolute URL, http or https.
    pub url: String,
    /// Header names (any case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// Body as text; `Content-Length` is added by the host.
    pub body: Option<String>,
    /// For the whole exchange, the body included.
    pub limit_ms: u64,
    /// Bytes of the body kept.
    pub cap: u64,
    /// `Head`: stop reading at the cap. `Tail`: read on, keep the last bytes.
    pub keep: Keep,
}

/// Which end of something long is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The first bytes.
    Head,
    /// The last bytes.
    Tail,
}

/// How a line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A plain line.
    Line,
    /// A line that the next one is written over; on an operator's terminal only.
    Live,
    /// Opens a group in the log; its text is the title.
    Group,
    /// Closes the group.
    EndGroup,
    /// A notice: kept as an annotation.
    Notice,
    /// A warning: kept as an annotation.
    Warning,
}

/// What the host answers. On the wire: an object with the variant's name as its only key, or that
/// name alone where there is nothing to add. (A tag inside would cost 300 kB of WASM: serde then
/// keeps every reply in a tree of its own before it reads it.)
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// The wall clock.
    Clock {
        /// Milliseconds since 1970-01-01T00:00:00Z.
        ms: Millis,
    },
    /// It was done.
    Done,
    /// Something (a signal, the runner) told this process to stop. A running process was told too.
    Cancelled {
        /// The signal's name.
        signal: String,
    },
    /// A process ended.
    Ran(Ran),
    /// No such program, file or holder.
    Missing,
    /// The system said no.
    Refused {
        /// An errno name such as `EACCES`, or one of the host's own: `failure::rebuff` lists those.
        code: String,
        /// The system's sentence, for people only; with a code of the host's own what it is about, such as a path.
        text: String,
    },
    /// A server answered.
    Answered(Answered),
    /// No answer came: whether the request had an effect is not known, except before `Answer`: it has not left then.
    Unreached {
        /// How far it got.
        phase: Phase,
        /// The system's sentence, for people only.
        text: String,
    },
    /// A file's text.
    Text {
        /// The part that was asked for.
        text: String,
        /// The file's size in bytes.
        size: u64,
    },
    /// One for each path that was asked for; `None` where nothing stands.
    Stats {
        /// In the order asked.
        stats: Vec<Option<Stat>>,
    },
    /// Names in a folder.
    Names {
        /// Sorted.
        names: Vec<String>,
    },
    /// The lock is ours.
    Locked,
    /// The lock is somebody else's.
    Held {
        /// What the holder wrote; may be empty or torn.
        holder: String,
    },
    /// The watcher runs and has all its code in memory.
    Detached {
        /// Its process id.
        pid: u32,
    },
    /// Processes found.
    Processes {
        /// Process id and command name.
        processes: Vec<(u32, String)>,
    },
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// Exit status; none when a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<String>,
    /// It was ended because its limit had passed.
    pub timed_out: bool,
    /// The last bytes of stdout, lossy UTF-8.
    pub stdout: String,
    /// The last bytes of stderr, lossy UTF-8.
    pub stderr: String,
    /// How long it ran.
    pub ms: u64,
}

/// A server's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Status code.
    pub status: u16,
    /// Header names in lower case, repeated ones joined by `, `.
    pub headers: BTreeMap<String, String>,
    /// The body's part that was asked for, lossy UTF-8.
    pub body: String,
    /// False when the body was longer than what is given here.
    pub whole: bool,
    /// `Location`, resolved against the request's URL, when the answer has one.
    pub location: Option<String>,
    /// From the start of the request to the end of the body.
    pub ms: u64,
    /// When the server's certificate ends; none without TLS.
    pub certificate_ends_ms: Option<Millis>,
}

/// How far a request got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The URL is not one that can be asked.
    Url,
    /// The name was not resolved.
    Resolve,
    /// No way to the server: no route, or nobody answered the attempt to connect.
    Network,
    /// No connection: the server or a proxy said no.
    Connect,
    /// The TLS handshake failed (a certificate, mostly).
    Tls,
    /// Connected, but no whole answer.
    Answer,
    /// The limit passed.
    Timeout,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// Last change of the content, milliseconds since 1970, rounded down.
    pub modified_ms: u64,
    /// `file`, `folder`, `link` or `other`.
    pub kind: String,
    /// Its rights, the nine bits.
    pub mode: u32,
}
