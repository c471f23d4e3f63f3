//! Cursors that nobody can make, change or read, and that only their user can use.
//!
//! A cursor is the position in JSON, encrypted with AES-256-GCM-SIV (RFC 8452) and bound to its user
//! and list, in URL-safe Base64. Encrypted, because a position is made of what a list is ordered by,
//! which its reader need not see. What a cursor cannot hide is that there is one: a list goes on only
//! where its reader will see more of it.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// What cursors are sealed with.
pub struct Seal {
    key: LessSafeKey,
}

impl Seal {
    /// A seal with a secret of any length, which all processes of a server must share.
    pub fn new(secret: &[u8]) -> Self {
        let key = Sha256::new().chain_update("cursor of a list\0").chain_update(secret).finalize();
        let key = UnboundKey::new(&AES_256_GCM_SIV, &key).expect("the key has 256 bits");
        Self { key: LessSafeKey::new(key) }
    }

    /// Seals a position for what it is bound to.
    pub fn close(&self, bound: &[String], position: &impl Serialize) -> String {
        let mut text = serde_json::to_vec(position).expect("a position is plain data");
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).expect("the system has random numbers");
        self.key
            .seal_in_place_append_tag(Nonce::from(&nonce), Aad::from(context(bound)), &mut text)
            .expect("a position is short");
        BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &text].concat())
    }

    /// The position, if it was sealed for the same.
    pub fn open<P: DeserializeOwned>(&self, bound: &[String], cursor: &str) -> Option<P> {
        let cursor = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, text) = cursor.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::from(nonce);
        let text = self.key.open_in_place(nonce, Aad::from(context(bound)), &mut text).ok()?;
        serde_json::from_slice(text).ok()
    }
}

/// What a cursor is bound to, each part with its length, so that no two lists of parts are the same
/// bytes.
fn context(bound: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in bound {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::Seal;

    fn bound(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn a_cursor_is_good_for_what_it_was_made_for_and_nothing_else() {
        let seal = Seal::new(b"secret");
        let cursor = seal.close(&bound(&["alice", "search"]), &(7, "id"));
        let open = |seal: &Seal, parts: &[&str], cursor: &str| {
            seal.open::<(i64, String)>(&bound(parts), cursor)
        };
        assert_eq!(open(&seal, &["alice", "search"], &cursor), Some((7, "id".to_owned())));
        assert_eq!(open(&seal, &["bob", "search"], &cursor), None);
        assert_eq!(open(&seal, &["alic", "esearch"], &cursor), None);
        assert_eq!(open(&Seal::new(b"other"), &["alice", "search"], &cursor), None);
        assert_eq!(open(&seal, &["alice", "search"], ""), None);
        assert_eq!(open(&seal, &["alice", "search"], "AAAA"), None);
    }

    #[test]
    fn no_byte_of_a_cursor_can_be_changed() {
        let seal = Seal::new(b"secret");
        let cursor = seal.close(&bound(&["alice"]), &7);
        for place in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[place] = if forged[place] == b'B' { b'C' } else { b'B' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(seal.open::<i64>(&bound(&["alice"]), &forged), None, "{forged}");
        }
    }

    #[test]
    fn a_cursor_cannot_be_read() {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let seal = Seal::new(b"secret");
        let cursor = seal.close(&bound(&["alice"]), &"the name of somebody hidden");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("name"), "{cursor}");
        assert_ne!(cursor, seal.close(&bound(&["alice"]), &"the name of somebody hidden"));
    }
}
