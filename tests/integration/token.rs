//! The token counter against what it reimplements: the upstream vocabulary and pattern, a regex
//! engine, and an independent counter, on real tool lists and on hostile text.

mod generated;
mod sample;

use std::{fs, path::Path, sync::LazyLock};

use fancy_regex::Regex;
use mcp_kit::engine::surface::token::{count, pieces, rank};
use sha2::{Digest, Sha256};
use tiktoken_rs::{O200K_BASE_PAT_STR, o200k_base_singleton};

use sample::Random;

/// The digest that upstream tiktoken pins for its vocabulary file.
const UPSTREAM_SHA_256: &str = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d";

static PATTERN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(O200K_BASE_PAT_STR).expect("the upstream pattern compiles"));

/// Our pieces are the regular expression's, and our count is the other counter's.
#[track_caller]
fn check(text: &str) {
    let found = PATTERN.find_iter(text).map(|found| found.expect("no backtracking limit is hit"));
    let expected = found.map(|found| found.as_str());
    assert!(pieces(text).eq(expected), "other pieces: {text:?}");
    assert_eq!(count(text), o200k_base_singleton().count_ordinary(text), "other count: {text:?}");
}

#[test]
fn the_vocabulary_is_the_upstream_file_to_the_byte() {
    let mut upstream = String::new();
    for (rank, token) in generated::committed_tokens().iter().enumerate() {
        upstream.push_str(&format!("{} {rank}\n", base64(token)));
    }
    let digest = Sha256::digest(upstream.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, UPSTREAM_SHA_256);
}

#[test]
fn every_token_has_its_own_rank() {
    let tokens = generated::committed_tokens();
    for (expected, token) in (0..).zip(&tokens) {
        assert_eq!(rank(token), Some(expected), "{token:?}");
    }
}

#[test]
fn bytes_that_are_no_token_have_no_rank() {
    assert_eq!(rank(b""), None);
    assert_eq!(rank(b"<|endoftext|>"), None);
    // A token of 128 spaces exists, and the next longer run must not be taken for it.
    assert!(rank(&[b' '; 128]).is_some());
    assert_eq!(rank(&[b' '; 129]), None);
    for token in generated::committed_tokens().iter().step_by(7) {
        let longer = [token.as_slice(), b"\0"].concat();
        assert_eq!(rank(&longer), None, "{longer:?}");
    }
}

#[test]
fn our_own_texts_keep_their_counts() {
    let tool = r#"{"name":"cancel_order","description":"Cancels an order that has not shipped yet.","inputSchema":{"type":"object","properties":{"order_id":{"type":"string","pattern":"^ord_[0-9a-z]{12}$"},"idempotency_key":{"type":"string","minLength":16}},"required":["order_id","idempotency_key"]}}"#;
    for (text, expected) in [
        ("", 0),
        ("a", 1),
        (tool, 75),
        ("We'll say it's what THEY'VE said, haven't we?\n\n\tYes: 1234567 times.", 21),
        ("Grüße aus Köln, 世界 и привет, ١٢٣٤ — naïve café, ǅungla", 25),
        ("👩\u{200d}💻 ships\u{a0}it\u{2028}  \r\n//\r\n  done   ", 14),
        ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.c2lnbmF0dXJl", 33),
    ] {
        check(text);
        assert_eq!(count(text), expected, "{text:?}");
    }
}

#[test]
fn the_text_of_a_special_token_is_plain_text() {
    assert_eq!(count("<|endoftext|>"), 7);
    check("<|endoftext|>");
    check("before<|endofprompt|>after <|endoftext|>");
}

#[test]
fn random_text_of_five_kinds_is_split_and_counted_alike() {
    let mut random = Random::new(0x6f32_3030_6b00);
    let tokens = generated::committed_tokens();
    for _ in 0..4_000 {
        check(&random.scalars(24, char::MAX));
        check(&random.scalars(24, '\u{3000}'));
        check(&random.hostile(8));
        check(&random.hostile(60));
        check(&random.tokens(10, &tokens));
    }
}

#[test]
fn a_character_from_each_end_of_every_class_is_split_alike_in_every_place() {
    for character in generated::characters_at_class_borders() {
        let c = character;
        check(&format!("{c}a{c}A{c}{c}'s {c} {c}1{c}\n{c}/-{c}\u{301}{c}A'll\t{c}B  {c}"));
    }
}

#[test]
fn pieces_on_both_sides_of_the_heap_border_are_merged_alike() {
    let mut random = Random::new(96);
    for length in [95_usize, 96, 97, 98, 200, 3_000] {
        for unit in ["a", "ab", "-", "=-", " ", "é", "中", "\u{301}"] {
            let text = unit.repeat(length.div_ceil(unit.len()));
            assert_eq!(pieces(&text).count(), 1, "one piece of {unit:?}");
            check(&text);
        }
        for alphabet in ["ab", "etaoinshr", "abcdefghijklmnopqrstuvwxyz", "-=_+.:", "аеиност中文"]
        {
            let text = random.letters(length, alphabet);
            assert_eq!(pieces(&text).count(), 1, "one piece of {alphabet:?}");
            check(&text);
        }
    }
}

#[test]
fn a_very_long_piece_does_not_take_quadratic_time() {
    // A second without optimisation; the scan would need hours.
    let text = Random::new(1).letters(200_000, "abcdefghijklmnopqrstuvwxyz");
    assert_eq!(pieces(&text).count(), 1);
    check(&text);
}

#[test]
fn real_tool_lists_are_split_and_counted_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/surfaces");
    // Other people's text, which is not part of the project: checked where it lies beside it.
    let Ok(files) = fs::read_dir(folder) else { return };
    for file in files {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        check(&text);
        text.lines().for_each(check);
        let surface: serde_json::Value = serde_json::from_str(&text).unwrap();
        let tools = surface["tools"].as_array().unwrap().iter().map(|tool| tool.to_string());
        let tools: Vec<String> = tools.collect();
        tools.iter().for_each(|tool| check(tool));
        if path.ends_with("github.json") {
            let total: usize = tools.iter().map(|tool| count(tool)).sum();
            assert_eq!((tools.len(), total), (117, 35_388));
        }
    }
}

/// Base64 with padding, as upstream writes its tokens.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(padded);
        for digit in 0..4 {
            let value = number >> (18 - 6 * digit) & 63;
            text.push(if digit > group.len() { '=' } else { DIGITS[value as usize].into() });
        }
    }
    text
}
