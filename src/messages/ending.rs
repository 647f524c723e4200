//! Why a run fails, as data: what the summary and the failed step say of it. The sentences stand in `fr` and
//! `en`; which ending it is, is for the modes.

use super::kind::Stays;
use super::reason::{failure, reason};
use super::{en, fr};
use crate::environment::Locale;
use crate::failure::Failure;
use crate::failure::reason::{Attempt, Reason};
use crate::machine::State;
use crate::machine::entry::Because;
use crate::machine::verdict::Doubt;
use crate::sha::Sha;
use crate::tools::backup::BackupName;

/// Why a run fails. A `why` that is a text was worded when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// As it was worded already.
    Told(String),
    /// A step did not come about before a request was written.
    Reason(Reason),
    /// The run could not go on.
    Failure(Failure),
    /// It was told to stop.
    Stopped {
        /// The signal's name.
        signal: String,
        /// What was being done.
        attempt: Attempt,
        /// What that leaves.
        left: Left,
    },
    /// No environment was named.
    NoEnvironment,
    /// No SHA was given.
    NoSha,
    /// No SHA was given, and nothing is validated in this environment.
    NothingToPromote(String),
    /// A promote was not confirmed: what was typed.
    Unconfirmed(String),
    /// The request was not carried out: it left no outcome.
    NotCarriedOut,
    /// The SHA is not on this branch.
    OffBranch(Sha, String),
    /// The SHA is quarantined.
    Quarantined(Sha),
    /// Something newer is live.
    Superseded,
    /// The checklist of a promote does not hold.
    Unready {
        /// Which.
        sha: Sha,
        /// The checklist.
        why: String,
        /// It is what is live.
        is_live: bool,
    },
    /// The SHA is live, but unhealthy.
    Unhealthy {
        /// Which.
        sha: Sha,
        /// What was seen.
        why: String,
        /// It is quarantined by now: to have it put in place anew takes force.
        is_barred: bool,
    },
    /// The SHA did not stay live.
    NotStayed {
        /// Which.
        sha: Sha,
        /// It was live for a while; else it could not be put in place.
        was_live: bool,
        /// What was seen, where that is known.
        why: Option<String>,
        /// What is live instead.
        live: Sha,
    },
    /// The SHA failed, and so did the way back.
    NotBack {
        /// Which.
        sha: Sha,
        /// Where it was to go back to in the end.
        to: Sha,
        /// What should be live once what stood in the way is mended.
        back: Sha,
        /// What was seen there.
        why: String,
        /// It is quarantined by now: to have it again takes force.
        is_barred: bool,
        /// The backup whose files should stand there, and may not.
        backup: Option<BackupName>,
    },
    /// The SHA failed, and guarded paths changed.
    Guarded {
        /// Which.
        sha: Sha,
        /// What was seen, where that is known.
        why: Option<String>,
        /// The paths.
        paths: Vec<String>,
        /// The command that goes back.
        command: String,
    },
    /// A rollback by hand to this SHA did not come about.
    NotRolledBack(Sha, String),
    /// The repository is not known.
    NoRepository,
    /// CI failed, and it is live and stays.
    Cornered(Stays),
    /// CI gave no verdict on the SHA.
    Unvalidated(Sha, Doubt),
    /// CI gave no verdict on a SHA that no deploy ever asked for.
    NeverDeployed(Sha, Doubt),
    /// CI undid the SHA, or wanted to.
    ByCi {
        /// Which.
        sha: Sha,
        /// CI's failure, or its silence.
        because: Because,
        /// What came of it.
        then: Then,
    },
}

impl Ending {
    /// That of a SHA which was gone back from: what is live instead, and why that is.
    #[must_use]
    pub fn not_stayed(state: &State, sha: &Sha, to: &Sha, because: &Because) -> Self {
        let (why, was_live) = (state.failure_of(sha), *because != Because::Broken);
        Self::NotStayed { sha: sha.clone(), was_live, why, live: to.clone() }
    }

    /// That of a SHA from which the way back failed, too: where that led, and what was seen there.
    #[must_use]
    pub fn not_back(state: &State, sha: &Sha, to: &Sha, why: &str) -> Self {
        let backup = state.unrestored.clone();
        // Several that failed one after the other are not to blame: the newest of them is what should be live.
        let newest = state.rollback_target(&[]).filter(|_| backup.is_none());
        let back = newest.unwrap_or(to).clone();
        let is_barred = state.is_quarantined(&back);
        Self::NotBack { sha: sha.clone(), to: to.clone(), back, why: why.to_owned(), is_barred, backup }
    }
}

impl Ending {
    /// Whether another run held the lock, and may still be at work.
    #[must_use]
    pub fn is_locked_out(&self) -> bool {
        matches!(self, Self::Failure(Failure::Locked { .. }) | Self::Stopped { attempt: Attempt::Lock, .. })
    }
}

/// What a run leaves that was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// A request that the next run finishes or undoes.
    Begun,
    /// A person's request that had changed nothing: the next run drops it.
    Unchanged,
    /// Nothing but a CI that nobody follows any more.
    Unfollowed,
    /// Nothing.
    Nothing,
}

/// What came of CI's word against a live SHA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// This one is live again.
    RolledBack(Sha),
    /// Somebody had gone back to this one before CI spoke.
    Before(Sha),
    /// Guarded paths changed; the command that goes back.
    Guarded(Vec<String>, String),
    /// The rollback did not come about.
    Stayed(String),
    /// Nothing more is known.
    Unknown,
}

/// The ending in words.
#[must_use]
pub fn ending(why: &Ending, locale: Locale) -> String {
    match (why, locale) {
        (Ending::Told(text), _) => text.clone(),
        (Ending::Reason(why), _) => reason(why, locale),
        (Ending::Failure(one), _) => failure(one, locale),
        (_, Locale::Fr) => fr::ending::ending(why),
        (_, Locale::En) => en::ending::ending(why),
    }
}

/// The same, standing alone as a sentence: with a capital letter, unless it begins with a name (a SHA, a path, a
/// program) that is written as it is.
#[must_use]
pub fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let is_word = !first.is_empty() && first.chars().all(|letter| letter.is_alphabetic() || letter == '\'');
    let is_name = first == "git" || (first.len() >= 7 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let mut letters = text.chars();
    match letters.next() {
        Some(letter) if is_word && !is_name => letter.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// The line one needs at three in the morning: what is live now.
fn live_line(state: &State, since: (Since, bool), locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::ending::live_line(state, since),
        Locale::En => en::ending::live_line(state, since),
    }
}

/// The same beside a check that finds it ill, with the state in this folder: nobody is to read that it is well.
#[must_use]
pub fn ill_line(state: &State, has_failed_since: bool, folder: &str, locale: Locale) -> String {
    match locale {
        Locale::Fr if state.live.is_none() => fr::ending::never(folder),
        Locale::En if state.live.is_none() => en::ending::never(folder),
        _ => live_line(state, (Since::Ill, has_failed_since), locale),
    }
}

/// The whole failure: what is live, and what is known of it since (the last: whether CI has failed it where it was
/// promoted from), comes first, as a telephone shows no more than the
/// beginning.
#[must_use]
pub fn whole(why: &Ending, state: &State, (since, has_failed_since): (Since, bool), locale: Locale) -> String {
    let since = if why.is_locked_out() { Since::Busy } else { since };
    let live = live_line(state, (since, has_failed_since), locale);
    format!("{live}\n{}", ending(why, locale))
}

/// What is known beside the ledger of what is live.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Since {
    /// Nothing.
    #[default]
    Known,
    /// A check finds it ill.
    Ill,
    /// Another run is at work there.
    Busy,
    /// The ledger could be read at the beginning, and cannot by now: others may have put something else live meanwhile.
    Unread,
}

/// Without a ledger nobody knows what a run may do: it ends before its first step.
#[must_use]
pub fn untouched(why: &Failure, locale: Locale) -> String {
    let tail = match locale {
        Locale::Fr => fr::ending::UNTOUCHED,
        Locale::En => en::ending::UNTOUCHED,
    };
    format!("{}{tail}", failure(why, locale))
}

/// That a mode could not run at all.
#[must_use]
pub fn not_run(mode: &str, why: &str, locale: Locale) -> String {
    match locale {
        Locale::Fr => format!("{}{why}", fr::ending::not_run(mode)),
        Locale::En => format!("{}{why}", en::ending::not_run(mode)),
    }
}

/// That no environment has anything to check.
#[must_use]
pub fn nothing_to_check(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => fr::ending::NOTHING_TO_CHECK,
        Locale::En => en::ending::NOTHING_TO_CHECK,
    }
}
