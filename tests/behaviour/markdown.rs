//! Foreign text made harmless for Discord, and any text made to fit.
#![allow(missing_docs)]

use mangetamain_deploy::tools::markdown::{fitted, in_fence, length, link, neutral};
use proptest::prelude::*;

#[test]
fn a_text_is_cut_between_drawn_characters() {
    let family = "👨\u{200d}👩\u{200d}👧";
    let table = [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, ""),
        ("a😀b", 3, "a…"),
        ("a😀b", 4, "a😀b"),
        ("ae\u{301}bcd", 3, "a…"),
        ("a❤\u{fe0f}bcd", 3, "a…"),
        ("a🇫🇷b", 5, "a…"),
        ("a🇫🇷bc", 6, "a🇫🇷…"),
        ("🇫🇷🇩🇪", 5, "🇫🇷…"),
        ("a👍🏽bc", 5, "a…"),
        (r"ab\*cd", 4, "ab…"),
        (r"ab\\cd", 5, r"ab\\…"),
    ];
    for (text, limit, expected) in table {
        assert_eq!(fitted(text, limit), expected, "{text:?} at {limit}");
    }
    assert_eq!(fitted(&format!("a{family}bcd"), 8), "a…");
    assert_eq!(fitted(&format!("a{family}bcd"), 10), format!("a{family}…"));
}

#[test]
fn a_code_block_that_is_cut_is_closed() {
    assert_eq!(fitted("```\nabcdefghijkl\n```", 14), "```\nabcde…\n```");
    assert_eq!(fitted("```\na\n```\nabcdefghijkl", 14), "```\na\n```\nabc…");
    assert_eq!(fitted("abcdefgh```\nabcdefghijkl\n```", 13), "abcdefgh…");
}

#[test]
fn foreign_text_means_nothing_to_discord() {
    let table = [
        ("Fix bug analysis", "Fix bug analysis"),
        ("@everyone", "@\u{200b}everyone"),
        ("<@&12> <#3>", "\\<@\u{200b}&12\\> \\<\\#3\\>"),
        ("**a** _b_ ~c~ `d` |e|", r"\*\*a\*\* \_b\_ \~c\~ \`d\` \|e\|"),
        ("[a](https://x.y)", r"\[a\]\(https\:\/\/x\.y\)"),
        (r"\*", r"\\\*"),
        ("a\r\n# b\u{202e}\u{0}\u{1b}", "a  \\# b"),
        ("1. a :x: - b", r"1\. a \:x\: \- b"),
    ];
    for (text, expected) in table {
        assert_eq!(neutral(text), expected, "{text:?}");
    }
}

#[test]
fn a_code_block_cannot_be_left_from_within() {
    assert_eq!(in_fence("a\n```\n@b\tc\u{1b}"), "a\n`\u{200b}`\u{200b}`\n@b    c");
}

#[test]
fn a_link_holds_only_an_address_that_cannot_end_it() {
    assert_eq!(link("a]b", "https://x.y/z"), r"[a\]b](<https://x.y/z>)");
    for url in ["javascript:x", "https://x/)", "https://x/>", "https://x/ y", "https://x/é"] {
        assert_eq!(link("a", url), "a", "{url}");
    }
}

/// Text as somebody who means harm would write it.
pub fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[`\\\\@<>*_ a]{0,12}",
        Just("```".to_owned()),
        Just("@everyone".to_owned()),
        Just("👨\u{200d}👩🏽\u{fe0f}".to_owned()),
        Just("🇫🇷🇫".to_owned()),
        Just("\u{301}".repeat(60)),
        (0_usize..1500).prop_map(|count| "a😀".repeat(count)),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_fitted_text_never_exceeds_its_limit(text in odd_text(), limit in 0_usize..400) {
        let cut = fitted(&text, limit);
        prop_assert!(length(&cut) <= limit);
        prop_assert!(cut.chars().count() <= limit);
        if length(&text) <= limit {
            prop_assert_eq!(cut, text);
        } else if limit > 0 {
            prop_assert!(cut.contains('…'));
            prop_assert!(cut.matches("```").count().is_multiple_of(2));
        }
    }

    #[test]
    fn neutral_text_holds_no_mention_no_markup_and_no_line_break(text in odd_text()) {
        let safe = neutral(&text);
        let letters: Vec<char> = safe.chars().collect();
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            match letter {
                '\\' => at += 1,
                '@' => prop_assert_eq!(letters.get(at + 1), Some(&'\u{200b}')),
                _ => prop_assert!(!"*_~`|>#-[]()<:".contains(*letter) && !letter.is_control()),
            }
            at += 1;
        }
        prop_assert_eq!(at, letters.len());
    }

    #[test]
    fn fenced_text_never_holds_a_fence(text in odd_text()) {
        prop_assert!(!in_fence(&text).contains("``"));
    }
}
