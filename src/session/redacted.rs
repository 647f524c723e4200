//! What of a fact comes from outside.

use crate::host::Host;
use crate::machine::Fact;
use crate::machine::entry::{Checkup, Commit};
use crate::machine::verdict::{Absence, Denial, Doubt, Unseen, Verdict};
use crate::voice::Voice;

/// Outside texts may hold secrets: they are struck out before a fact is kept.
pub(super) fn redacted<H: Host>(fact: Fact, voice: &Voice<'_, H>) -> Fact {
    match fact {
        Fact::Failed { step, why, touched, blame } => Fact::Failed { step, why: voice.redact(&why), touched, blame },
        Fact::Did { step, ms, note, kept } => {
            let kept = kept.iter().map(|one| voice.redact(one)).collect();
            Fact::Did { step, ms, note: voice.redact(&note), kept }
        }
        Fact::Checked { health: Checkup::Unhealthy(why), ms, images } => {
            Fact::Checked { health: Checkup::Unhealthy(voice.redact(&why)), ms, images }
        }
        Fact::Fetched { commit, placed, relation, forward } => {
            let (author, subject) = (voice.redact(&commit.author), voice.redact(&commit.subject));
            Fact::Fetched { commit: Commit { author, subject, ..commit }, placed, relation, forward }
        }
        Fact::Ci { sha, verdict: Verdict::Inconclusive(doubt), run, forward } => {
            let doubt = match doubt {
                Doubt::Unknown(word) => Doubt::Unknown(voice.redact(&word)),
                Doubt::Unreachable(seen) => Doubt::Unreachable(voice.redact(&seen)),
                Doubt::Denied(Denial::Barred(said)) => Doubt::Denied(Denial::Barred(voice.redact(&said))),
                Doubt::Denied(Denial::Permission(wanted)) => Doubt::Denied(Denial::Permission(voice.redact(&wanted))),
                Doubt::NoRunOf(Unseen { workflow, branch, seen: Absence::Off(state) }) => {
                    Doubt::NoRunOf(Unseen { workflow, branch, seen: Absence::Off(voice.redact(&state)) })
                }
                other => other,
            };
            Fact::Ci { sha, verdict: Verdict::Inconclusive(doubt), run, forward }
        }
        other => other,
    }
}
