//! Sentences of `promote` in English.
