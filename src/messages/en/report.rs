//! Sentences of `report` in English.
