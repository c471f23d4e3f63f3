//! Jobs in the store.

use serde_json::Value;

use super::{
    super::{
        idempotency::Request,
        store::{Row, Statement, Store, StoreError, Transaction, write},
    },
    Bounds, End, Job, LIFETIME_MS, New,
};

/// The table; a step of the migrations of `runtime`. One key has one job that has not ended.
pub const TABLE: &str = "
CREATE TABLE job (
    tenant TEXT COLLATE \"C\" NOT NULL,
    id TEXT COLLATE \"C\" NOT NULL,
    owner TEXT COLLATE \"C\" NOT NULL,
    tool TEXT COLLATE \"C\" NOT NULL,
    key TEXT COLLATE \"C\" NOT NULL,
    fingerprint TEXT COLLATE \"C\" NOT NULL,
    arguments TEXT NOT NULL,
    ended TEXT COLLATE \"C\",
    result TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX job_open ON job (tenant, owner, tool, key) WHERE ended IS NULL;
CREATE INDEX job_of_owner ON job (tenant, owner);
CREATE INDEX job_expires_at ON job (expires_at);
";

/// What comes of a job that is to begin.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// It has begun.
    New(Job),
    /// This one goes on under the same key, for the same call or for another.
    Known(Job),
}

const COLUMNS: &str = "SELECT tenant, id, owner, tool, key, fingerprint, arguments, ended, result, \
    created_at, updated_at, expires_at FROM job \
    WHERE tenant = $1 AND owner = $2 AND id = $3 AND expires_at > $4";

const OPEN: &str = "SELECT tenant, id, owner, tool, key, fingerprint, arguments, ended, result, \
    created_at, updated_at, expires_at FROM job \
    WHERE tenant = $1 AND owner = $2 AND tool = $3 AND key = $4 AND ended IS NULL \
      AND expires_at > $5";

/// How many jobs are removed in one transaction.
const EXPIRED_AT_ONCE: i64 = 1_000;

/// A job of an owner; none where it is somebody else's, or its time is up.
pub async fn find(
    store: &dyn Store,
    (tenant, owner): (&str, &str),
    id: &str,
    now: i64,
) -> Result<Option<Job>, StoreError> {
    // No name of ours; and no engine takes a text with NUL.
    if id.len() > 64 || id.contains('\0') {
        return Ok(None);
    }
    let statement = Statement::new(COLUMNS).bind(tenant).bind(owner).bind(id).bind(now);
    store.query(statement).await?.first().map(read).transpose()
}

/// The job that goes on under the key of a call.
pub async fn open(
    store: &dyn Store,
    request: &Request,
    now: i64,
) -> Result<Option<Job>, StoreError> {
    store.query(named(OPEN, request).bind(now)).await?.first().map(read).transpose()
}

/// Begins a job. Waits for whoever begins or ends one under the same key.
pub async fn begin(
    transaction: &mut dyn Transaction,
    new: &New,
    now: i64,
) -> Result<Begun, StoreError> {
    let forgotten = "DELETE FROM job WHERE tenant = $1 AND owner = $2 AND tool = $3 AND key = $4 \
        AND ended IS NULL AND expires_at <= $5";
    transaction.execute(named(forgotten, &new.request).bind(now)).await?;
    let expires_at = now.saturating_add(LIFETIME_MS);
    let statement = named(
        "INSERT INTO job (tenant, owner, tool, key, id, fingerprint, arguments, created_at, \
         updated_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9) \
         ON CONFLICT DO NOTHING",
        &new.request,
    );
    let statement = statement
        .bind(new.id.as_str())
        .bind(new.request.fingerprint.as_str())
        .bind(new.arguments.to_string())
        .bind(now)
        .bind(expires_at);
    if transaction.execute(statement).await? == 1 {
        return Ok(Begun::New(Job {
            id: new.id.clone(),
            tenant: new.request.tenant.clone(),
            owner: new.request.actor.clone(),
            tool: new.request.tool.to_owned(),
            key: new.request.key.clone(),
            fingerprint: new.request.fingerprint.clone(),
            arguments: new.arguments.clone(),
            end: None,
            created_at: now,
            updated_at: now,
            expires_at,
        }));
    }
    let rows = transaction.query(named(OPEN, &new.request).bind(now)).await?;
    let row = rows.first().ok_or_else(|| {
        StoreError::Unavailable("the job under this key has ended just now".to_owned())
    })?;
    read(row).map(Begun::Known)
}

/// Whether there are more jobs of an owner or of a tenant than there may be, in the transaction that
/// has begun one. For the count to be exact, others have to wait until it is over; its record in the
/// tenant's trail, written before, makes them.
pub async fn are_too_many(
    transaction: &mut dyn Transaction,
    request: &Request,
    bounds: &Bounds,
) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "SELECT count(*) AS kept, count(*) - count(ended) AS open, \
         COALESCE(SUM(CASE WHEN owner = $2 THEN 1 ELSE 0 END), 0) AS own_kept, \
         COALESCE(SUM(CASE WHEN owner = $2 AND ended IS NULL THEN 1 ELSE 0 END), 0) AS own_open \
         FROM job WHERE tenant = $1",
    );
    let statement = statement.bind(request.tenant.as_str()).bind(request.actor.as_str());
    let rows = transaction.query(statement).await?;
    let row = rows.first().ok_or_else(|| StoreError::Corrupt("nothing is counted".to_owned()))?;
    Ok(row.integer("kept")? > bounds.kept_of_tenant
        || row.integer("open")? > bounds.open_of_tenant
        || row.integer("own_kept")? > bounds.kept_of_owner
        || row.integer("own_open")? > bounds.open_of_owner)
}

/// Ends a job. Whether it did: not where it has ended already. Whoever ends it at the same time waits
/// for this transaction, so that one end counts.
pub async fn end(
    transaction: &mut dyn Transaction,
    job: &Job,
    end: &End,
    now: i64,
) -> Result<bool, StoreError> {
    let (name, result) = end.written();
    let statement = Statement::new(
        "UPDATE job SET ended = $4, result = $5, updated_at = $6 \
         WHERE tenant = $1 AND owner = $2 AND id = $3 AND ended IS NULL",
    );
    let statement = statement
        .bind(job.tenant.as_str())
        .bind(job.owner.as_str())
        .bind(job.id.as_str())
        .bind(name)
        .bind(result)
        .bind(now);
    Ok(transaction.execute(statement).await? == 1)
}

/// Removes jobs whose time is up. Returns how many, at most a thousand at once.
pub async fn expire(store: &dyn Store, now: i64) -> Result<u64, StoreError> {
    let statement = Statement::new(
        "DELETE FROM job WHERE (tenant, id) IN (\
         SELECT tenant, id FROM job WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    );
    write(store, statement.bind(now).bind(EXPIRED_AT_ONCE)).await
}

fn named(sql: &'static str, request: &Request) -> Statement {
    Statement::new(sql)
        .bind(request.tenant.as_str())
        .bind(request.actor.as_str())
        .bind(request.tool)
        .bind(request.key.as_str())
}

fn read(row: &Row) -> Result<Job, StoreError> {
    let owned = |name: &str| Ok::<_, StoreError>(row.text(name)?.to_owned());
    let json = |text: &str| {
        serde_json::from_str::<Value>(text)
            .map_err(|fault| StoreError::Corrupt(format!("what is kept of a job: {fault}")))
    };
    let end = match row.optional_text("ended")? {
        None => None,
        Some(name) => {
            let result = row.optional_text("result")?.map(json).transpose()?;
            let end = End::read(name, result);
            Some(end.ok_or_else(|| StoreError::Corrupt("an end of a job that is none".to_owned()))?)
        }
    };
    Ok(Job {
        id: owned("id")?,
        tenant: owned("tenant")?,
        owner: owned("owner")?,
        tool: owned("tool")?,
        key: owned("key")?,
        fingerprint: owned("fingerprint")?,
        arguments: json(row.text("arguments")?)?,
        end,
        created_at: row.integer("created_at")?,
        updated_at: row.integer("updated_at")?,
        expires_at: row.integer("expires_at")?,
    })
}
