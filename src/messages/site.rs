//! What a check found wrong with a site or its containers, as data; the sentences stand in `fr` and `en`.
//! Whether an answer is well is for `tools::health` and `steps::check`.

use super::{en, fr};
use crate::environment::Locale;
use crate::failure::reason::Reason;
use crate::tools::health::Unwell;

/// What a check found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symptom {
    /// The site's answer, where it is known which site.
    Answer(Unwell),
    /// The answer of this URL.
    AnswerAt {
        /// As in the settings.
        url: String,
        /// What is wrong with it.
        unwell: Unwell,
    },
    /// Somebody's change took longer than a check waits for, and the site did not answer well meanwhile.
    Busy {
        /// Who, as the holder of the lock wrote it.
        holder: String,
        /// For how long it was waited, milliseconds.
        waited_ms: u64,
        /// What is wrong with the answer.
        unwell: Unwell,
    },
    /// Docker started these containers again since the look before.
    StartedAgain(Vec<String>),
    /// Docker's own health check says something else than well.
    OwnCheck {
        /// The container.
        name: String,
        /// Docker's word.
        said: String,
    },
    /// These containers do not run.
    NotRunning(Vec<String>),
    /// These containers have not been started since the deploy began.
    Old(Vec<String>),
    /// There is no container of the compose file.
    NoContainer,
    /// The engine did not tell.
    NotTold(Reason),
}

/// The finding in words.
#[must_use]
pub fn symptom(found: &Symptom, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::site::symptom(found),
        Locale::En => en::site::symptom(found),
    }
}

/// What is wrong with an answer, in words.
#[must_use]
pub fn unwell(found: &Unwell, locale: Locale) -> String {
    match locale {
        Locale::Fr => fr::site::unwell(found),
        Locale::En => en::site::unwell(found),
    }
}
