//! Sentences of `doctor` in French.
