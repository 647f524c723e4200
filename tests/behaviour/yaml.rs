//! How much YAML is read, to the last byte, and what is null in it.
#![allow(missing_docs, clippy::unwrap_used)]

use mangetamain_deploy::tools::yaml::{Refused, read};
use serde_json::json;

fn refused(text: &str) -> Option<Refused> {
    read(text).err().map(|not_read| not_read.why)
}

fn list(entries: usize) -> String {
    format!("[{}]", vec!["x"; entries].join(","))
}

#[test]
fn a_document_has_twenty_thousand_nodes_at_most() {
    // The list is one of them.
    assert_eq!(refused(&list(19_999)), None);
    assert_eq!(refused(&list(20_000)), Some(Refused::TooLarge));
}

#[test]
fn a_document_has_a_mebibyte_of_texts_at_most_keys_and_aliases_included() {
    let text = |bytes: usize| "x".repeat(bytes);
    assert_eq!(refused(&text(1_048_576)), None);
    assert_eq!(refused(&text(1_048_577)), Some(Refused::TooLarge));
    assert_eq!(refused(&format!("key: {}", text(1_048_573))), None);
    assert_eq!(refused(&format!("key: {}", text(1_048_574))), Some(Refused::TooLarge));
    let twice = |bytes: usize| format!("[&a {}, *a]", text(bytes));
    assert_eq!(refused(&twice(524_288)), None);
    assert_eq!(refused(&twice(524_289)), Some(Refused::TooLarge));
}

#[test]
fn an_alias_counts_as_what_it_stands_for_and_not_as_what_came_before() {
    let nodes = |before: usize| format!("- {}\n- &a [y]\n- *a\n", list(before));
    // Three lists, the alias, and its own two nodes.
    assert_eq!(refused(&nodes(19_993)), None);
    let bytes = format!("- {}\n- &a y\n- *a\n", "x".repeat(1_048_574));
    assert_eq!(refused(&bytes), None);
}

#[test]
fn a_document_nests_sixty_four_levels_at_most_whatever_it_is_made_of() {
    let lists = |levels: usize| format!("{}x{}", "[".repeat(levels), "]".repeat(levels));
    let maps = |levels: usize| format!("{}x{}", "{a: ".repeat(levels), "}".repeat(levels));
    for nested in [lists, maps] {
        assert_eq!((refused(&nested(64)), refused(&nested(65))), (None, Some(Refused::TooDeep)));
    }
}

#[test]
fn a_key_has_a_kibibyte_at_most() {
    // The short form of a key has a limit of its own, in the parser.
    let key = |bytes: usize| format!("? {}\n: x\n", "k".repeat(bytes));
    assert_eq!((refused(&key(1024)), refused(&key(1025))), (None, Some(Refused::LongKey)));
    assert_eq!(refused(&key(2000)), Some(Refused::LongKey));
}

#[test]
fn what_is_quoted_is_text_and_what_is_not_may_be_null() {
    assert_eq!(read("[null, ~, Null, '', 'null', \"~\", nil]"), Ok(json!([null, null, null, "", "null", "~", "nil"])));
    assert_eq!(read("a:"), Ok(json!({ "a": null })));
}
