//! Sentences of `report` in French.
