//! Sentences of `doctor` in English.
