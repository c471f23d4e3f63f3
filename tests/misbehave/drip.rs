//! Bytes that come so slowly that the client has to give up.

use std::thread;
use std::time::Duration;

const BETWEEN_TWO_BYTES: Duration = Duration::from_millis(50);

/// Hands out the bytes one by one, slowly.
pub(crate) fn drip(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(1).inspect(|_| thread::sleep(BETWEEN_TWO_BYTES))
}

/// The answer made so long that a drip of it never ends in practice: with a hundred thousand spaces
/// behind its first brace, where JSON does not mind them.
pub(crate) fn endless(answer: &[u8]) -> Vec<u8> {
    let (brace, rest) = answer.split_at(1);
    [brace, &[b' '; 100_000], rest].concat()
}
