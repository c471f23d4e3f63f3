//! Writing records at the end of a tenant's chain, within a transaction.

use std::sync::LazyLock;

use super::{
    super::store::{Engine, Statement, StoreError, Transaction},
    chain::Head,
    entry::Entry,
    key::Key,
};

/// How many records one statement writes, and the statement: many records go in few round trips.
static INSERTS: LazyLock<[(usize, String); 3]> = LazyLock::new(|| {
    [64, 8, 1].map(|rows| {
        let places: Vec<String> = (0..rows)
            .map(|row| 4 * row)
            .map(|it| format!("(${}, ${}, ${}, ${})", it + 1, it + 2, it + 3, it + 4))
            .collect();
        let places = places.join(", ");
        let sql = format!("INSERT INTO audit_record (tenant, seq, hash, record) VALUES {places}");
        (rows, sql)
    })
});

/// Appends entries of one tenant. Returns the new end of the chain.
///
/// `known` is where this process believes the chain to end; it saves a round trip when no other
/// process has appended since.
pub(super) async fn append(
    engine: Engine,
    transaction: &mut dyn Transaction,
    tenant: &str,
    key: &Key,
    known: Option<&Head>,
    entries: &[&Entry],
) -> Result<Head, StoreError> {
    if let Some(known) = known {
        let (records, end) = link(known, key, entries);
        if let [(_, record)] = records.as_slice() {
            if advance_with(engine, transaction, tenant, known, (&end, record)).await? {
                return Ok(end);
            }
        } else if advance(transaction, tenant, known, &end).await? {
            insert(transaction, tenant, known, records).await?;
            return Ok(end);
        }
    }
    let head = lock(transaction, tenant).await?;
    let (records, end) = link(&head, key, entries);
    if !advance(transaction, tenant, &head, &end).await? {
        return Err(StoreError::Corrupt(format!(
            "the audit head of `{tenant}` moves while locked"
        )));
    }
    insert(transaction, tenant, &head, records).await?;
    Ok(end)
}

/// The records of some entries with their hashes, and the end of the chain after them.
fn link(head: &Head, key: &Key, entries: &[&Entry]) -> (Vec<(String, String)>, Head) {
    let mut end = head.clone();
    let mut records = Vec::with_capacity(entries.len());
    for entry in entries {
        let record = entry.record(&end, key);
        end = end.after(&record);
        records.push((end.hash.clone(), record));
    }
    (records, end)
}

/// Moves the end of the chain if it is where we believe it to be. From then on until the end of the
/// transaction the chain is ours.
async fn advance(
    transaction: &mut dyn Transaction,
    tenant: &str,
    from: &Head,
    to: &Head,
) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE audit_head SET seq = $1, hash = $2 WHERE tenant = $3 AND seq = $4 AND hash = $5",
    )
    .bind(number(to.seq))
    .bind(to.hash.as_str())
    .bind(tenant)
    .bind(number(from.seq))
    .bind(from.hash.as_str());
    Ok(transaction.execute(statement).await? == 1)
}

/// Moves the end of the chain by one record and writes the record, in one round trip. A write waits for
/// it while it holds the chain, so that it counts for everybody who writes. The engines have no
/// statement for it in common.
async fn advance_with(
    engine: Engine,
    transaction: &mut dyn Transaction,
    tenant: &str,
    from: &Head,
    (to, record): (&Head, &str),
) -> Result<bool, StoreError> {
    let sql = match engine {
        Engine::Sqlite => {
            "UPDATE audit_head SET seq = $1, hash = $2 WHERE tenant = $3 AND seq = $4 AND hash = $5; \
             INSERT INTO audit_record (tenant, seq, hash, record) \
             SELECT $3, $1, $2, $6 WHERE changes() = 1"
        }
        Engine::Postgres => {
            "WITH moved AS (\
             UPDATE audit_head SET seq = $1, hash = $2 WHERE tenant = $3 AND seq = $4 AND hash = $5 \
             RETURNING tenant, seq, hash) \
             INSERT INTO audit_record (tenant, seq, hash, record) \
             SELECT tenant, seq, hash, $6 FROM moved"
        }
    };
    let statement = Statement::new(sql)
        .bind(number(to.seq))
        .bind(to.hash.as_str())
        .bind(tenant)
        .bind(number(from.seq))
        .bind(from.hash.as_str())
        .bind(record);
    // SQLite counts the rows of both.
    Ok(transaction.execute(statement).await? > 0)
}

/// Takes the end of the chain for the rest of the transaction. An update that changes nothing locks
/// the row on both engines; `FOR UPDATE` is not known to SQLite.
async fn lock(transaction: &mut dyn Transaction, tenant: &str) -> Result<Head, StoreError> {
    let take =
        Statement::new("UPDATE audit_head SET seq = seq WHERE tenant = $1 RETURNING seq, hash")
            .bind(tenant);
    let mut rows = transaction.query(take.clone()).await?;
    if rows.is_empty() {
        let start = Head::start();
        let create = Statement::new(
            "INSERT INTO audit_head (tenant, seq, hash) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant) DO NOTHING",
        );
        let create = create.bind(tenant).bind(number(start.seq)).bind(start.hash);
        transaction.execute(create).await?;
        rows = transaction.query(take).await?;
    }
    let row = rows
        .first()
        .ok_or_else(|| StoreError::Corrupt(format!("the audit head of `{tenant}` is gone")))?;
    Ok(Head { seq: row.count("seq")?, hash: row.text("hash")?.to_owned() })
}

async fn insert(
    transaction: &mut dyn Transaction,
    tenant: &str,
    head: &Head,
    records: Vec<(String, String)>,
) -> Result<(), StoreError> {
    let mut left = records.len();
    let mut records = records.into_iter().zip(head.seq + 1..);
    for (rows, sql) in INSERTS.iter() {
        while left >= *rows {
            let mut statement = Statement::new(sql);
            for ((hash, record), seq) in records.by_ref().take(*rows) {
                statement = statement.bind(tenant).bind(number(seq)).bind(hash).bind(record);
            }
            transaction.execute(statement).await?;
            left -= rows;
        }
    }
    Ok(())
}

/// A number of a chain as the store has it.
pub(super) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
