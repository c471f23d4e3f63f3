//! Visits of the approvals page: somebody has shown their token once, and goes on without it.
//!
//! A visitor holds a random secret, and the store its hash with what the policy needs to know of them;
//! so every process knows them, a restart keeps them, and nobody who reads the store can go on with a
//! visit. The token is kept nowhere. The hash is also over who the token was from and for, so that a
//! visit is of no use to a server that takes others.
//!
//! Not for: sessions of the protocol, which are in [`session`](super::super::store::session).

use std::collections::BTreeSet;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::{
    encoding::hexadecimal,
    identity::Identity,
    store::{Statement, Store, StoreError, write},
};

/// The table; a step of the migrations of `runtime`.
pub const TABLE: &str = "
CREATE TABLE visit (
    hash TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    tenant TEXT COLLATE \"C\" NOT NULL,
    principal TEXT COLLATE \"C\" NOT NULL,
    visitor TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX visit_by_user ON visit (tenant, principal, began_at);
CREATE INDEX visit_by_end ON visit (ends_at);
";

/// How long a visit lasts at most, in milliseconds.
pub const LIFETIME_MS: i64 = 15 * 60 * 1_000;

/// The most visits of one user; one more ends the oldest. Several that begin at the same moment may be a
/// few more, until the next begins.
pub const MOST_PER_USER: i64 = 8;

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// What a visitor holds.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    fn random() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).expect("the system has random numbers");
        Self(hexadecimal(&bytes))
    }

    /// A secret that somebody presents, if it can be one.
    pub fn presented(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_one = text.len() == 2 * SECRET_BYTES && text.bytes().all(is_digit);
        is_one.then(|| Self(text.to_owned()))
    }

    /// As it is presented.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What every form of the visit has in it, which a page of somebody else cannot know.
    pub fn form_token(&self) -> String {
        let digest = Sha256::new().chain_update("a form of a visit\0").chain_update(&self.0);
        hexadecimal(&digest.finalize())
    }

    /// Whether this is what the forms of the visit have in them.
    pub fn is_form_token(&self, text: &str) -> bool {
        verify_slices_are_equal(self.form_token().as_bytes(), text.as_bytes()).is_ok()
    }

    fn hash(&self, door: Door<'_>) -> String {
        let mut digest = Sha256::new();
        for part in [door.issuer, door.resource, self.0.as_str()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        hexadecimal(&digest.finalize())
    }
}

/// Where visitors come in: whose tokens are taken, and for which address.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The address.
    pub resource: &'a str,
}

/// What is kept of a visitor.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Visitor {
    tenant: String,
    subject: String,
    issuer: String,
    client: Option<String>,
    groups: BTreeSet<String>,
    clearance: i64,
    scopes: BTreeSet<String>,
}

/// Begins a visit of somebody whose token is good until a time.
pub async fn begin(
    store: &dyn Store,
    door: Door<'_>,
    identity: &Identity,
    (now, token_ends): (i64, i64),
) -> Result<Secret, StoreError> {
    let secret = Secret::random();
    let Identity { tenant, subject, issuer, client, groups, clearance, scopes } = identity.clone();
    let visitor = Visitor { tenant, subject, issuer, client, groups, clearance, scopes };
    let visitor = serde_json::to_string(&visitor)
        .map_err(|fault| StoreError::Query(format!("a visitor cannot be written: {fault}")))?;
    let (tenant, principal) = (identity.tenant.as_str(), identity.principal());
    let mut transaction = store.begin().await?;
    let oldest = Statement::new(
        "DELETE FROM visit WHERE tenant = $1 AND principal = $2 AND hash NOT IN \
         (SELECT hash FROM visit WHERE tenant = $1 AND principal = $2 \
          ORDER BY began_at DESC, hash DESC LIMIT $3)",
    );
    let oldest = oldest.bind(tenant).bind(principal.as_str()).bind(MOST_PER_USER - 1);
    transaction.execute(oldest).await?;
    let statement = Statement::new(
        "INSERT INTO visit (hash, tenant, principal, visitor, began_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let ends = token_ends.min(now.saturating_add(LIFETIME_MS));
    let statement = statement.bind(secret.hash(door)).bind(tenant).bind(principal.as_str());
    transaction.execute(statement.bind(visitor).bind(now).bind(ends)).await?;
    transaction.commit().await?;
    Ok(secret)
}

/// Who goes on with a visit; nobody where it has ended.
pub async fn find(
    store: &dyn Store,
    door: Door<'_>,
    secret: &Secret,
    now: i64,
) -> Result<Option<Identity>, StoreError> {
    let statement = Statement::new("SELECT visitor FROM visit WHERE hash = $1 AND ends_at > $2");
    let rows = store.query(statement.bind(secret.hash(door)).bind(now)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let visitor: Visitor = serde_json::from_str(row.text("visitor")?)
        .map_err(|fault| StoreError::Corrupt(format!("a visitor: {fault}")))?;
    let Visitor { tenant, subject, issuer, client, groups, clearance, scopes } = visitor;
    Ok(Some(Identity { tenant, subject, issuer, client, groups, clearance, scopes }))
}

/// Ends a visit.
pub async fn end(store: &dyn Store, door: Door<'_>, secret: &Secret) -> Result<(), StoreError> {
    let statement = Statement::new("DELETE FROM visit WHERE hash = $1").bind(secret.hash(door));
    write(store, statement).await.map(drop)
}

/// Forgets the visits that have ended. Returns how many.
pub async fn expire(store: &dyn Store, now: i64) -> Result<u64, StoreError> {
    write(store, Statement::new("DELETE FROM visit WHERE ends_at <= $1").bind(now)).await
}

#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests {
    use super::{
        super::super::{
            identity::demo,
            store::{
                Store,
                trial::{Trial, on_both},
            },
        },
        Door, LIFETIME_MS, MOST_PER_USER, Secret, begin, end, expire, find,
    };

    on_both!(
        a_visit_goes_on_everywhere_until_it_ends,
        a_visit_is_of_one_door_and_one_secret,
        visits_of_one_user_are_bounded,
    );

    const NOW: i64 = 1_700_000_000_000;
    const DOOR: Door<'static> =
        Door { issuer: "https://demo.invalid", resource: "http://127.0.0.1/mcp" };

    async fn count(store: &dyn Store) -> i64 {
        let statement = super::Statement::new("SELECT count(*) AS n FROM visit");
        store.query(statement).await.unwrap()[0].integer("n").unwrap()
    }

    async fn a_visit_goes_on_everywhere_until_it_ends(trial: &Trial) {
        let store = trial.ready().await;
        let carol = demo::identity("carol", &["crm.approve"]).unwrap();
        let long = begin(&*store, DOOR, &carol, (NOW, i64::MAX)).await.unwrap();
        let short = begin(&*store, DOOR, &carol, (NOW, NOW + 5)).await.unwrap();
        // Another process, or the same after a restart.
        let other = trial.open().await;
        for store in [&*store, &*other] {
            for (secret, at, is_there) in [
                (&long, NOW, true),
                (&long, NOW + LIFETIME_MS - 1, true),
                (&long, NOW + LIFETIME_MS, false),
                (&short, NOW + 4, true),
                (&short, NOW + 5, false),
            ] {
                let found = find(store, DOOR, secret, at).await.unwrap();
                assert_eq!(found, is_there.then(|| carol.clone()), "{at}");
            }
        }
        end(&*other, DOOR, &long).await.unwrap();
        assert_eq!(find(&*store, DOOR, &long, NOW).await.unwrap(), None);
        assert_eq!(count(&*store).await, 1);
        expire(&*store, NOW + 5).await.unwrap();
        assert_eq!(count(&*store).await, 0);
    }

    async fn a_visit_is_of_one_door_and_one_secret(trial: &Trial) {
        let store = trial.ready().await;
        let carol = demo::identity("carol", &[]).unwrap();
        let secret = begin(&*store, DOOR, &carol, (NOW, i64::MAX)).await.unwrap();
        for door in [
            Door { issuer: "https://other.example", ..DOOR },
            Door { resource: "http://127.0.0.1/mcp2", ..DOOR },
        ] {
            assert_eq!(find(&*store, door, &secret, NOW).await.unwrap(), None, "{door:?}");
        }
        for place in [0, 31, 63] {
            let mut text = secret.text().to_owned().into_bytes();
            text[place] = if text[place] == b'0' { b'1' } else { b'0' };
            let other = Secret::presented(&String::from_utf8(text).unwrap()).unwrap();
            assert_eq!(find(&*store, DOOR, &other, NOW).await.unwrap(), None);
            assert!(!other.is_form_token(&secret.form_token()));
        }
        assert!(secret.is_form_token(&secret.form_token()));
        for wrong in ["", secret.text(), &secret.form_token()[1..]] {
            assert!(!secret.is_form_token(wrong), "{wrong}");
        }
        for wrong in ["", "x", &secret.text()[1..], &secret.text().to_uppercase().replace('0', "G")]
        {
            assert!(Secret::presented(wrong).is_none(), "{wrong}");
        }
        let statement = super::Statement::new("SELECT hash, visitor FROM visit");
        let rows = store.query(statement).await.unwrap();
        let kept = ["hash", "visitor"].map(|name| rows[0].text(name).unwrap()).concat();
        assert!(!kept.contains(secret.text()) && kept.contains("carol"), "{kept}");
    }

    async fn visits_of_one_user_are_bounded(trial: &Trial) {
        let store = trial.ready().await;
        let carol = demo::identity("carol", &[]).unwrap();
        let dave = demo::identity("dave", &[]).unwrap();
        let of_dave = begin(&*store, DOOR, &dave, (NOW, i64::MAX)).await.unwrap();
        let mut secrets = Vec::new();
        for index in 0..MOST_PER_USER + 1 {
            secrets.push(begin(&*store, DOOR, &carol, (NOW + index, i64::MAX)).await.unwrap());
        }
        assert_eq!(count(&*store).await, MOST_PER_USER + 1);
        let now = NOW + MOST_PER_USER;
        assert_eq!(find(&*store, DOOR, &secrets[0], now).await.unwrap(), None, "the oldest");
        assert!(find(&*store, DOOR, &secrets[1], now).await.unwrap().is_some());
        assert!(find(&*store, DOOR, &of_dave, now).await.unwrap().is_some());
        assert_eq!(expire(&*store, now + LIFETIME_MS).await.unwrap(), 9);
        assert_eq!(count(&*store).await, 0);
    }
}
