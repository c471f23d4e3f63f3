//! The shape of the vocabulary table and the hash that places a token in it.
//!
//! Shared by the build script, which writes the table, and [`super::table`], which reads it:
//! nothing here may depend on the rest of the crate.

/// Number of tokens of o200k_base; ranks run from 0 without gaps.
pub(super) const TOKENS: usize = 199_998;

/// Length of the longest token in bytes.
pub(super) const LONGEST: usize = 128;

/// Low bits of a slot that hold the rank; the bits above hold the fingerprint.
pub(super) const RANK_BITS: u32 = 18;

/// Number of slots of the hash table, a power of two. Three in four are taken.
pub(super) const SLOTS: usize = 1 << 18;

/// A slot without a token. No token looks like this, because its rank would be 262,143.
pub(super) const EMPTY: u32 = u32::MAX;

const KEY_0: u64 = 0x9E37_79B9_7F4A_7C15;
const KEY_1: u64 = 0xA24B_AED4_963E_E407;

/// The hash of some bytes: good enough for this vocabulary, and quick on the short pieces that text
/// is made of. Not for input chosen to collide with other input: all keys are in the binary.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut hash = (bytes.len() as u64).wrapping_mul(KEY_1);
    match bytes.last_chunk() {
        Some(&last) if bytes.len() > 8 => {
            // The last word overlaps the one before it rather than being padded.
            for word in bytes[..bytes.len() - 1].as_chunks().0 {
                hash = mix(hash ^ u64::from_le_bytes(*word), KEY_0);
            }
            hash = mix(hash ^ u64::from_le_bytes(last), KEY_1);
        }
        _ => hash = mix(hash ^ short_word(bytes) ^ KEY_0, KEY_1),
    }
    mix(hash ^ KEY_0, hash | 1)
}

/// The slot where the search for a token starts.
pub(super) fn first_slot(hash: u64) -> usize {
    hash as usize & (SLOTS - 1)
}

/// The slot to look at when one is taken by another token.
pub(super) fn next_slot(slot: usize) -> usize {
    (slot + 1) & (SLOTS - 1)
}

/// The part of the hash that is kept in the slot, so that most other tokens are told apart without
/// reading their bytes.
pub(super) fn fingerprint(hash: u64) -> u32 {
    (hash >> (32 + RANK_BITS)) as u32
}

/// At most eight bytes as a little-endian number. Read in two overlapping halves, or in three
/// single bytes: copying them into a buffer first makes all the counting a tenth slower.
fn short_word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(&low), Some(&high)) => {
            let low = u64::from(u32::from_le_bytes(low));
            let high = u64::from(u32::from_le_bytes(high));
            low | high << (8 * (length - 4))
        }
        _ => [0, length / 2, length.saturating_sub(1)]
            .into_iter()
            .filter_map(|index| Some(u64::from(*bytes.get(index)?) << (8 * index)))
            .fold(0, |word, byte| word | byte),
    }
}

/// The two halves of the product of two numbers, folded into one.
fn mix(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}
