//! How records hang together: each names the hash of the one before it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

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

/// Where this process believes the chains to end. Whoever appends says so at once and not only once it
/// is committed: whoever comes next waits for that, and is right, but where it is undone. A belief that
/// is wrong costs one statement more.
#[derive(Default)]
pub(super) struct Heads(Mutex<HashMap<String, Head>>);

impl Heads {
    /// Where a chain is believed to end.
    pub(super) fn believed(&self, tenant: &str) -> Option<Head> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    /// Believes a chain to end there.
    pub(super) fn believe(&self, tenant: &str, head: Head) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), head);
    }

    /// Believes nothing of a chain any more.
    pub(super) fn doubt(&self, tenant: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }
}

/// The hash of a record: the SHA-256 of its canonical JSON, which holds the hash of the one before.
pub(super) fn hash(record: &str) -> String {
    hexadecimal(&Sha256::digest(record))
}
