//! How records hang together: each names the hash of the one before it.

use sha2::{Digest, Sha256};

use super::super::encoding::hexadecimal;

/// The end of a chain: the number and the hash of its newest record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: String,
}

impl Head {
    /// The end of a chain without records.
    pub(super) fn start() -> Self {
        Self { seq: 0, hash: "0".repeat(64) }
    }

    /// The end of the chain after one more record.
    pub(super) fn after(&self, record: &str) -> Self {
        Self { seq: self.seq + 1, hash: hash(record) }
    }
}

/// The hash of a record: the SHA-256 of its canonical JSON, which holds the hash of the one before.
pub(super) fn hash(record: &str) -> String {
    hexadecimal(&Sha256::digest(record))
}
