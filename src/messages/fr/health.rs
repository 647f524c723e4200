//! Sentences of `health` in French.
