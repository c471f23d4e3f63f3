//! The vocabulary, read in place from the binary.
//!
//! `build.rs` writes the table: the slots of a hash table with linear probing (each a fingerprint
//! and a rank), then the offset of every token by rank, then the bytes of the tokens in rank order,
//! so that frequent tokens share memory pages. Every number is read from its four little-endian
//! bytes, which asks nothing of alignment or byte order and lets the whole start cost be zero.
//!
//! Not for: tables of other vocabularies; the sizes in [`super::hash`] are those of o200k_base.

use super::hash::{
    EMPTY, LONGEST, RANK_BITS, SLOTS, TOKENS, fingerprint, first_slot, hash, next_slot,
};

type Number = [u8; 4];

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/o200k.table"));
static NUMBERS: &[Number] = TABLE.as_chunks().0;
static SLOT: &[Number; SLOTS] = NUMBERS.first_chunk().expect("the table starts with its slots");
static OFFSET: &[Number; TOKENS + 1] =
    NUMBERS.split_at(SLOTS).1.first_chunk().expect("the offsets follow the slots");
static BYTES: &[u8] = TABLE.split_at(size_of::<Number>() * (SLOTS + TOKENS + 1)).1;

/// The rank of the token with exactly these bytes, if they are one.
pub(super) fn rank(bytes: &[u8]) -> Option<u32> {
    if bytes.len() > LONGEST {
        return None;
    }
    let hash = hash(bytes);
    let mut slot = first_slot(hash);
    loop {
        let entry = u32::from_le_bytes(SLOT[slot]);
        if entry == EMPTY {
            return None;
        }
        let rank = entry & ((1 << RANK_BITS) - 1);
        // The fingerprint only spares us most of the comparisons; the bytes decide.
        if entry >> RANK_BITS == fingerprint(hash) && token(rank) == bytes {
            return Some(rank);
        }
        slot = next_slot(slot);
    }
}

fn token(rank: u32) -> &'static [u8] {
    let offset = |index: usize| u32::from_le_bytes(OFFSET[index]) as usize;
    let rank = rank as usize;
    &BYTES[offset(rank)..offset(rank + 1)]
}
