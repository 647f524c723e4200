//! Sentences of `health` in English.
