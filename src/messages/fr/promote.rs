//! Sentences of `promote` in French.
