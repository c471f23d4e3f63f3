//! Reading the trail: records as lines of JSON, a page at a time.

use serde_json::{Map, Value};

use super::{
    super::store::{Statement, Store, StoreError},
    append::number,
};

/// Some records of a tenant, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Each record with its hash, as one line of canonical JSON without the line feed.
    pub lines: Vec<String>,
    /// What to give for `after` to go on; none when this page is the last.
    pub next: Option<u64>,
}

/// The tenants that have a chain, or what is left of one, in order.
pub async fn tenants(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let statement = Statement::new(
        "SELECT tenant FROM audit_head UNION SELECT tenant FROM audit_record ORDER BY tenant",
    );
    let rows = store.query(statement).await?;
    rows.iter().map(|row| Ok(row.text("tenant")?.to_owned())).collect()
}

/// Reads the records of a tenant behind a number, at most `limit` of them. From the start: after 0.
pub async fn page(
    store: &dyn Store,
    tenant: &str,
    after: u64,
    limit: u32,
) -> Result<Page, StoreError> {
    let limit = limit.max(1);
    let records = stored(store, tenant, after, limit).await?;
    let is_full = u32::try_from(records.len()).is_ok_and(|records| records == limit);
    let next = records.last().filter(|_| is_full).map(|last| last.seq);
    let lines = records.iter().map(Stored::line).collect::<Result<_, _>>()?;
    Ok(Page { lines, next })
}

/// A record as it is in the store.
pub(super) struct Stored {
    pub(super) seq: u64,
    pub(super) hash: String,
    pub(super) record: String,
}

impl Stored {
    fn line(&self) -> Result<String, StoreError> {
        let damaged = |error: serde_json::Error| {
            StoreError::Corrupt(format!("record {} of the trail is not JSON: {error}", self.seq))
        };
        let mut record: Map<String, Value> = serde_json::from_str(&self.record).map_err(damaged)?;
        record.insert("hash".to_owned(), self.hash.as_str().into());
        serde_json_canonicalizer::to_string(&record).map_err(damaged)
    }
}

/// The records of a tenant behind a number.
pub(super) async fn stored(
    store: &dyn Store,
    tenant: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<Stored>, StoreError> {
    let statement = Statement::new(
        "SELECT seq, hash, record FROM audit_record WHERE tenant = $1 AND seq > $2 \
         ORDER BY seq LIMIT $3",
    );
    let statement = statement.bind(tenant).bind(number(after)).bind(i64::from(limit));
    let rows = store.query(statement).await?;
    rows.iter()
        .map(|row| {
            Ok(Stored {
                seq: row.count("seq")?,
                hash: row.text("hash")?.to_owned(),
                record: row.text("record")?.to_owned(),
            })
        })
        .collect()
}
