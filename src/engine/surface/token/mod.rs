//! How many tokens a text costs: the exact count of o200k_base, offline and without a start cost.
//!
//! o200k_base is OpenAI's vocabulary from GPT-4o on. Text is [split](pieces) into words, numbers,
//! symbols and white space; a piece that is in the vocabulary is one token, and any other is put
//! together from its bytes, pair by pair. The vocabulary lies in the binary as a hash table that is
//! read where it is, because every crate that builds one at start takes longer for that than we
//! take for a whole run.
//!
//! Read [`count`] first, then `split` (text to pieces), `merge` (piece to tokens), `table` (bytes
//! to rank). Not for: encoding or decoding, other vocabularies, or what a provider will bill. A
//! provider writes the tools out in its own way before it counts, so our number is a lower bound
//! and is always shown with what was counted.

mod class;
mod class_table;
mod hash;
mod merge;
mod split;
mod table;

use merge::Merger;
use split::Pieces;

/// The number of o200k_base tokens of a text.
///
/// The text of a special token, such as `<|endoftext|>`, counts as the plain text it is: nothing a
/// server sends can be more than text. Time grows hardly faster than the text, whatever it
/// holds, and memory with the longest piece.
///
/// ```
/// use mcp_kit::engine::surface::token::count;
///
/// assert_eq!(count(""), 0);
/// assert_eq!(count("Cancel an order."), 4);
/// assert_eq!(count(r#"{"name":"cancel_order"}"#), 6);
/// ```
pub fn count(text: &str) -> usize {
    let mut merger = Merger::default();
    Pieces::new(text).map(|piece| merger.count(piece.as_bytes())).sum()
}

/// The numbers of tokens of two JSON texts that both hold a third, each the same as [`count`] says.
///
/// What they share is counted once, which spares nearly half of the work where it is long: from its
/// first seam to its last. Where one of them does not hold it, both are counted as they are.
///
/// ```
/// use mcp_kit::engine::surface::token::{count, count_sharing};
///
/// let schema = r#"{"type":"object","required":["id"]}"#;
/// let texts = [&format!(r#"{{"inputSchema":{schema}}}"#), &format!(r#"[{schema},"v1"]"#)];
///
/// assert_eq!(count_sharing(texts.map(String::as_str), schema), texts.map(|text| count(text)));
/// ```
pub fn count_sharing(texts: [&str; 2], shared: &str) -> [usize; 2] {
    let places = texts.map(|text| text.find(shared));
    let ([Some(first), Some(second)], Some((start, end))) = (places, seams(shared)) else {
        return texts.map(count);
    };
    let between = count(&shared[start..end]);
    [(texts[0], first), (texts[1], second)]
        .map(|(text, place)| count(&text[..place + start]) + between + count(&text[place + end..]))
}

/// The first and the last seam of a JSON text. A seam lies between two symbols of which the second
/// is a quotation mark and an ASCII letter. A piece of symbols takes both and never a letter, so
/// that a piece ends there whatever stands around it, and what was split before does not look on:
/// the tokens of both sides are those of the whole.
fn seams(text: &str) -> Option<(usize, usize)> {
    let seam = |window: &[u8]| matches!(window, [b'{' | b'[' | b',' | b':', b'"', letter] if letter.is_ascii_alphabetic());
    let windows = text.as_bytes().windows(3);
    let first = windows.clone().position(seam)?;
    let last = windows.clone().rposition(seam)?;
    Some((first + 2, last + 2))
}

/// The pieces of a text, in order and without gaps. No token crosses from one to the next, so the
/// tokens of a text are those of its pieces.
///
/// ```
/// use mcp_kit::engine::surface::token::pieces;
///
/// let pieces: Vec<&str> = pieces("It's order 12345.").collect();
/// assert_eq!(pieces, ["It's", " order", " ", "123", "45", "."]);
/// ```
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    Pieces::new(text)
}

/// The rank of the token with exactly these bytes: its number in the vocabulary, and the turn at
/// which it is merged. None where they are no token.
pub fn rank(bytes: &[u8]) -> Option<u32> {
    table::rank(bytes)
}
