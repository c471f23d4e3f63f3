//! The two committed files that are generated, compared with fresh ones.
//!
//! `o200k.raw` comes from the vocabulary in `tiktoken-rs`, `class_table.rs` from the Unicode tables
//! in `regex-syntax`. With `MCP_KIT_RENEW=1` in the environment the tests write the files instead.

use std::{env, fs, path::PathBuf};

use regex_syntax::{
    hir::{Class, HirKind},
    parse,
};
use tiktoken_rs::o200k_base_singleton;

const TOKENS: usize = 199_998;
const LONGEST: usize = 128;
const BLOCK: usize = 128;

#[test]
fn the_vocabulary_is_up_to_date() {
    let tokens: Vec<Vec<u8>> = (0..TOKENS as u32)
        .map(|rank| o200k_base_singleton().decode_bytes(&[rank]).unwrap())
        .collect();
    let lengths = tokens.iter().map(|token| u8::try_from(token.len()).unwrap());
    let groups = (1..=LONGEST)
        .flat_map(|length| tokens.iter().filter(move |token| token.len() == length).flatten());
    let vocabulary: Vec<u8> = lengths.chain(groups.copied()).collect();
    check("o200k.raw", &vocabulary);
}

#[test]
fn the_class_table_is_up_to_date() {
    let letters = letters();
    let mut blocks: Vec<&[u8]> = Vec::new();
    let mut index: Vec<(usize, usize)> = Vec::new();
    for block in letters.chunks(BLOCK) {
        let number = blocks.iter().position(|known| *known == block).unwrap_or(blocks.len());
        if number == blocks.len() {
            blocks.push(block);
        }
        match index.last_mut() {
            Some((last, times)) if *last == number => *times += 1,
            _ => index.push((number, 1)),
        }
    }
    check("class_table.rs", class_table(&blocks, &index).as_bytes());
}

/// The tokens of the committed vocabulary in rank order.
pub(super) fn committed_tokens() -> Vec<Vec<u8>> {
    let vocabulary = fs::read(path("o200k.raw")).expect("the vocabulary is committed");
    let (lengths, mut bytes) = vocabulary.split_at(TOKENS);
    let mut tokens = vec![Vec::new(); TOKENS];
    for length in 1..=LONGEST {
        for rank in (0..TOKENS).filter(|&rank| usize::from(lengths[rank]) == length) {
            let (token, rest) = bytes.split_at(length);
            tokens[rank] = token.to_vec();
            bytes = rest;
        }
    }
    assert!(bytes.is_empty(), "bytes after the last token");
    tokens
}

/// The first and the last character of every run of one class.
pub(super) fn characters_at_class_borders() -> Vec<char> {
    let letters = letters();
    let borders = letters.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
    let codes = borders.flat_map(|(before, _)| [before as u32, before as u32 + 1]);
    let mut codes: Vec<u32> = codes.chain([0, char::MAX as u32]).collect();
    codes.dedup();
    codes.into_iter().filter_map(char::from_u32).collect()
}

/// For each code point the letter that stands for its class in the table.
fn letters() -> Vec<u8> {
    let mut letters = vec![b'.'; char::MAX as usize + 1];
    for (pattern, letter) in [
        (r"[\p{Lu}\p{Lt}]", b'U'),
        (r"\p{Ll}", b'l'),
        (r"[\p{Lm}\p{Lo}]", b'e'),
        (r"\p{M}", b'm'),
        (r"\p{N}", b'0'),
        (r"\s", b'_'),
        (r"[\r\n]", b'n'),
    ] {
        let hir = parse(pattern).expect("a pattern of ours");
        let HirKind::Class(Class::Unicode(class)) = hir.kind() else { panic!("{pattern}") };
        for range in class.ranges() {
            letters[range.start() as usize..=range.end() as usize].fill(letter);
        }
    }
    letters
}

const HEAD: &str = "\
//! The class of every code point, a letter for each. Generated, not to be edited:
//! `MCP_KIT_RENEW=1 cargo test --test integration token` writes it.
//!
//! `U` Lu Lt, `l` Ll, `e` Lm Lo, `m` M, `0` N, `n` CR LF, `_` other White_Space, `.` rest
";

fn class_table(blocks: &[&[u8]], index: &[(usize, usize)]) -> String {
    let halves = |block: &&[u8]| {
        let (low, high) = block.split_at(BLOCK / 2);
        format!("    [b\"{}\",\n     b\"{}\"],\n", low.escape_ascii(), high.escape_ascii())
    };
    let runs = |runs: &[(usize, usize)]| {
        let runs: Vec<String> = runs.iter().map(|run| format!("{run:?},")).collect();
        format!("    {}\n", runs.join(" "))
    };
    let block_lines: String = blocks.iter().map(halves).collect();
    let run_lines: String = index.chunks(8).map(runs).collect();
    format!(
        "{HEAD}
/// The blocks of 128 code points that differ, in order of their first appearance.
#[rustfmt::skip]
pub(super) const BLOCKS: [[&[u8; 64]; 2]; {}] = [
{block_lines}];

/// Which block stands how many times in a row, from U+0000 on.
#[rustfmt::skip]
pub(super) const INDEX: [(u8, u16); {}] = [
{run_lines}];
",
        blocks.len(),
        index.len()
    )
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "src/engine/surface/token", name].iter().collect()
}

/// The committed file is the fresh one, or becomes it when renewing is asked for.
#[track_caller]
fn check(name: &str, fresh: &[u8]) {
    let path = path(name);
    let committed = fs::read(&path).unwrap_or_default();
    if committed == fresh {
        return;
    }
    assert!(
        env::var_os("MCP_KIT_RENEW").is_some_and(|value| value == "1"),
        "{name} is not what it is generated from; \
         `MCP_KIT_RENEW=1 cargo test --test integration token` writes it"
    );
    fs::write(path, fresh).expect("the source folder can be written to");
}
