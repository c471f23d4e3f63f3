//! Turns the committed vocabulary into the table that the token counter reads in place.
//!
//! Standard library only, so that an offline or vendored build needs nothing else. The table is
//! built here rather than committed because it is twice the size of its source and nobody could
//! review it; it is not built at run time because that would cost more than all the counting.
//! `src/engine/surface/token/table.rs` reads it and describes its three parts.

use std::{env, error::Error, fs, path::Path};

#[path = "src/engine/surface/token/hash.rs"]
mod hash;

use hash::{EMPTY, LONGEST, RANK_BITS, SLOTS, TOKENS, fingerprint, first_slot, hash, next_slot};

/// The vocabulary: the length of every token in one byte each, in rank order; then the bytes of the
/// tokens, the shortest tokens first, in rank order where the length is the same. Grouped like this
/// the file packs 7 % smaller in git than in plain rank order.
const VOCABULARY: &str = "src/engine/surface/token/o200k.raw";

fn main() -> Result<(), Box<dyn Error>> {
    // `hash.rs` is compiled into this script, which cargo sees without being told.
    println!("cargo::rerun-if-changed={VOCABULARY}");
    let root = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let vocabulary = fs::read(Path::new(&root).join(VOCABULARY))?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("o200k.table"), table(&tokens(&vocabulary)?))?;
    Ok(())
}

/// The tokens in rank order.
fn tokens(vocabulary: &[u8]) -> Result<Vec<&[u8]>, String> {
    let (lengths, mut bytes) = vocabulary
        .split_at_checked(TOKENS)
        .ok_or_else(|| format!("{VOCABULARY} is shorter than its {TOKENS} lengths"))?;
    let mut tokens: Vec<&[u8]> = vec![&[]; TOKENS];
    for length in 1..=LONGEST {
        for rank in (0..TOKENS).filter(|&rank| usize::from(lengths[rank]) == length) {
            (tokens[rank], bytes) = bytes
                .split_at_checked(length)
                .ok_or_else(|| format!("{VOCABULARY} ends inside token {rank}"))?;
        }
    }
    match tokens.iter().position(|token| token.is_empty()) {
        Some(rank) => Err(format!("token {rank} of {VOCABULARY} is empty or over {LONGEST} bytes")),
        None if !bytes.is_empty() => Err(format!("{VOCABULARY} has bytes after its last token")),
        None => Ok(tokens),
    }
}

/// Slots, offsets and token bytes, one after the other, all numbers little-endian.
fn table(tokens: &[&[u8]]) -> Vec<u8> {
    let mut slots = vec![EMPTY; SLOTS];
    let mut offsets = vec![0];
    let mut end = 0;
    for (rank, token) in (0..).zip(tokens) {
        let hash = hash(token);
        let mut slot = first_slot(hash);
        while slots[slot] != EMPTY {
            slot = next_slot(slot);
        }
        slots[slot] = fingerprint(hash) << RANK_BITS | rank;
        end += u32::try_from(token.len()).expect("a token has at most 128 bytes");
        offsets.push(end);
    }
    let numbers = slots.into_iter().chain(offsets).flat_map(u32::to_le_bytes);
    numbers.chain(tokens.iter().flat_map(|token| token.iter().copied())).collect()
}
