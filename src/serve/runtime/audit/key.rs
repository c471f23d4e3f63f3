//! The secret of each tenant, under which arguments are hashed.
//!
//! A plain hash of an argument is as good as the argument: there are few enough names and addresses
//! to try them all. So the hash is an HMAC, under a key that is made at the tenant's first record and
//! kept in the store.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::{
    clock::Clock,
    encoding::hexadecimal,
    store::{Statement, StoreError, Transaction},
};

const LENGTH: usize = 32;

/// The secret of one tenant, ready to hash with.
#[derive(Clone)]
pub(in super::super) struct Key(Hmac<Sha256>);

impl Key {
    /// The key that a secret is.
    pub(in super::super) fn of(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"))
    }

    /// The key of a tenant as the store has it, made if there is none.
    pub(in super::super) async fn load(
        transaction: &mut dyn Transaction,
        tenant: &str,
    ) -> Result<Self, StoreError> {
        load(transaction, tenant).await
    }

    /// The HMAC in hexadecimal.
    pub(in super::super) fn hmac(&self, bytes: &[u8]) -> String {
        hexadecimal(&self.0.clone().chain_update(bytes).finalize().into_bytes())
    }
}

/// The keys that this process has read.
#[derive(Default)]
pub(super) struct Keys(Mutex<HashMap<String, Key>>);

impl Keys {
    /// The key of a tenant, when it was [kept](Self::keep).
    pub(super) fn known(&self, tenant: &str) -> Option<Key> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    /// Remembers a key. Only after the transaction that has read it is committed: it may have made
    /// it, and be undone.
    pub(super) fn keep(&self, tenant: &str, key: Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), key);
    }
}

/// The key of a tenant as the store has it, made if there is none.
pub(super) async fn load(
    transaction: &mut dyn Transaction,
    tenant: &str,
) -> Result<Key, StoreError> {
    if let Some(key) = read(transaction, tenant).await? {
        return Ok(key);
    }
    let mut secret = vec![0; LENGTH];
    getrandom::fill(&mut secret)
        .map_err(|error| StoreError::Unavailable(format!("no random numbers: {error}")))?;
    let statement = Statement::new(
        "INSERT INTO audit_key (tenant, secret, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (tenant) DO NOTHING",
    );
    let statement = statement.bind(tenant).bind(secret).bind(Clock::system().now());
    transaction.execute(statement).await?;
    // Ours, or that of a process which was faster.
    let key = read(transaction, tenant).await?;
    key.ok_or_else(|| StoreError::Corrupt(format!("the audit key of `{tenant}` is gone")))
}

async fn read(transaction: &mut dyn Transaction, tenant: &str) -> Result<Option<Key>, StoreError> {
    let statement = Statement::new("SELECT secret FROM audit_key WHERE tenant = $1").bind(tenant);
    let rows = transaction.query(statement).await?;
    rows.first().map(|row| Ok(Key::of(row.bytes("secret")?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::Key;

    /// RFC 4231, test case 2.
    #[test]
    fn the_hmac_is_the_published_one() {
        assert_eq!(
            Key::of(b"Jefe").hmac(b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
