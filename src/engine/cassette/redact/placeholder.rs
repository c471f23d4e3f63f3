//! What stands in the place of a secret.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::shape;

const OPENING: &str = "«redacted:";
const CLOSING: char = '»';

/// Makes placeholders with the key of one recording.
pub(super) struct Seal {
    key: [u8; 64],
}

impl Seal {
    pub(super) fn new(key: [u8; 32]) -> Self {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key);
        Self { key: block }
    }

    /// `«redacted:KIND:DIGEST»`. The kind comes from the value alone, so that equal values have equal
    /// placeholders wherever they stand.
    pub(super) fn placeholder(&self, value: &str) -> String {
        // HMAC by hand (RFC 2104): the crate for it is not in the lean build.
        let keyed = |pad: u8| self.key.map(|byte| byte ^ pad);
        let inner = Sha256::new().chain_update(keyed(0x36)).chain_update(value).finalize();
        let digest = Sha256::new().chain_update(keyed(0x5c)).chain_update(inner).finalize();
        let kind = shape::kind_of(value);
        let [a, b, c, d, ..] = digest[..] else { unreachable!("a digest has 32 bytes") };
        format!("{OPENING}{kind}:{a:02x}{b:02x}{c:02x}{d:02x}{CLOSING}")
    }
}

/// Whether a text is a placeholder, and nothing else.
pub fn is_placeholder(text: &str) -> bool {
    text.strip_prefix(OPENING)
        .and_then(|rest| rest.strip_suffix(CLOSING))
        .is_some_and(|inner| !inner.contains(CLOSING))
}

/// Where placeholders stand in a text, exactly as they are made: whoever writes half of one around a
/// secret hides nothing.
pub fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(OPENING).filter_map(|(start, opening)| {
        let inner = &text[start + opening.len()..];
        let end = inner.find(CLOSING)?;
        let (kind, digest) = inner[..end].split_once(':')?;
        let is_made = kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && digest.len() == 8
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_made.then(|| start..start + opening.len() + end + CLOSING.len_utf8())
    })
}

/// Whether a text has a placeholder in it.
pub(super) fn holds_placeholder(text: &str) -> bool {
    text.contains(OPENING)
}

#[cfg(test)]
mod tests {
    use super::{Seal, is_placeholder};

    #[test]
    fn a_placeholder_depends_on_value_and_key() {
        let [one, other] = [Seal::new([1; 32]), Seal::new([2; 32])];
        assert_eq!(one.placeholder("hunter2"), one.placeholder("hunter2"));
        assert_ne!(one.placeholder("hunter2"), one.placeholder("hunter3"));
        assert_ne!(one.placeholder("hunter2"), other.placeholder("hunter2"));
        assert!(is_placeholder(&one.placeholder("hunter2")));
        assert!(!is_placeholder("«redacted:secret:1» «redacted:secret:2»"));
    }

    #[test]
    fn the_digest_is_hmac_sha_256() {
        // RFC 4231, test case 2 has a shorter key, which HMAC fills up with zeros as well.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let placeholder = Seal::new(key).placeholder("what do ya want for nothing?");
        assert!(placeholder.ends_with(":5bdcc146»"), "{placeholder}");
    }
}
