//! What came of each request.

use std::time::Duration;

use serde_json::Value;

use super::{
    super::{
        encoding::hexadecimal,
        store::{Row, Statement, Store, StoreError, Transaction, write},
    },
    RETENTION, Request,
};

/// What the ledger knows of a request that was made before.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// It was answered so.
    Answered(Value),
    /// Its key stands for something else.
    Conflict,
    /// Somebody is at it.
    InFlight {
        /// When that is over at the latest, in milliseconds since the epoch.
        until: i64,
    },
    /// Somebody was at it and has died, or takes too long; it may have been done or not.
    Abandoned(Claim),
}

/// A key that is taken for the rest of a transaction.
#[derive(Debug)]
pub struct Taken<'r> {
    request: &'r Request,
}

/// A key that is claimed by one process for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    request: Request,
    id: String,
}

/// How many answers are removed in one transaction.
const EXPIRED_AT_ONCE: i64 = 1_000;

impl Request {
    /// What is known of it, without waiting for anybody.
    pub async fn find(&self, store: &dyn Store, now: i64) -> Result<Option<Known>, StoreError> {
        let rows = store.query(self.select()).await?;
        rows.first().map(|row| self.known(row, now)).transpose()
    }

    /// Takes the key, in the transaction that makes the change; or says what is known of it. Waits for
    /// whoever has taken it in another transaction.
    pub async fn take(
        &self,
        transaction: &mut dyn Transaction,
        now: i64,
    ) -> Result<Result<Taken<'_>, Known>, StoreError> {
        Ok(match self.insert(transaction, None, now).await? {
            None => Ok(Taken { request: self }),
            Some(known) => Err(known),
        })
    }

    /// Claims the key for a time, in a transaction of its own; or says what is known of it.
    pub async fn claim(
        &self,
        store: &dyn Store,
        now: i64,
        lease: Duration,
    ) -> Result<Result<Claim, Known>, StoreError> {
        let id = new_claim();
        let until = now.saturating_add(milliseconds(lease));
        let mut transaction = store.begin().await?;
        let known = self.insert(&mut *transaction, Some((&id, until)), now).await?;
        transaction.commit().await?;
        Ok(match known {
            None => Ok(Claim { request: self.clone(), id }),
            Some(known) => Err(known),
        })
    }

    async fn insert(
        &self,
        transaction: &mut dyn Transaction,
        claim: Option<(&str, i64)>,
        now: i64,
    ) -> Result<Option<Known>, StoreError> {
        let statement = Statement::new(
            "INSERT INTO idempotency \
             (tenant, actor, tool, key, fingerprint, claim, until, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        );
        let statement = self
            .bound(statement)
            .bind(self.fingerprint.as_str())
            .bind(claim.map(|(id, _)| id))
            .bind(claim.map(|(_, until)| until))
            .bind(now);
        if transaction.execute(statement).await? == 1 {
            return Ok(None);
        }
        let rows = transaction.query(self.select()).await?;
        let row = rows.first().ok_or_else(|| {
            // Whoever had it has given it back since.
            StoreError::Unavailable("the idempotency key is being given back".to_owned())
        })?;
        self.known(row, now).map(Some)
    }

    fn select(&self) -> Statement {
        self.bound(Statement::new(
            "SELECT fingerprint, claim, until, answer FROM idempotency \
             WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4",
        ))
    }

    fn bound(&self, statement: Statement) -> Statement {
        statement
            .bind(self.tenant.as_str())
            .bind(self.actor.as_str())
            .bind(self.tool)
            .bind(self.key.as_str())
    }

    fn known(&self, row: &Row, now: i64) -> Result<Known, StoreError> {
        if row.text("fingerprint")? != self.fingerprint {
            return Ok(Known::Conflict);
        }
        if let Some(answer) = row.optional_text("answer")? {
            let answer = serde_json::from_str(answer)
                .map_err(|fault| StoreError::Corrupt(format!("a kept answer: {fault}")))?;
            return Ok(Known::Answered(answer));
        }
        let until = row.integer("until")?;
        if now < until {
            return Ok(Known::InFlight { until });
        }
        let (request, id) = (self.clone(), row.text("claim")?.to_owned());
        Ok(Known::Abandoned(Claim { request, id }))
    }
}

impl Taken<'_> {
    /// Keeps the answer, in the transaction that makes the change.
    pub async fn answer(
        self,
        transaction: &mut dyn Transaction,
        answer: &Value,
    ) -> Result<(), StoreError> {
        let statement = Statement::new(
            "UPDATE idempotency SET answer = $5 \
             WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND answer IS NULL",
        );
        let statement = self.request.bound(statement).bind(answer.to_string());
        match transaction.execute(statement).await? {
            1 => Ok(()),
            rows => Err(StoreError::Corrupt(format!("{rows} ledger rows for one key"))),
        }
    }

    /// Gives the key back, for whoever waits for this transaction: nothing was done under it.
    pub async fn give_back(self, transaction: &mut dyn Transaction) -> Result<(), StoreError> {
        let statement = Statement::new(
            "DELETE FROM idempotency \
             WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND answer IS NULL",
        );
        match transaction.execute(self.request.bound(statement)).await? {
            1 => Ok(()),
            rows => Err(StoreError::Corrupt(format!("{rows} ledger rows for one key"))),
        }
    }
}

impl Claim {
    /// Keeps the answer, in the transaction that makes the change where it is made in the store.
    /// Whether it did: not where somebody else has taken over, and then nothing may be made durable.
    pub async fn answer(
        &self,
        transaction: &mut dyn Transaction,
        answer: &Value,
    ) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "UPDATE idempotency SET answer = $6, claim = NULL, until = NULL \
             WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND claim = $5",
        );
        let statement = self.bound(statement).bind(answer.to_string());
        Ok(transaction.execute(statement).await? == 1)
    }

    /// Gives the key back: nothing was done. Whether it did.
    pub async fn release(&self, store: &dyn Store) -> Result<bool, StoreError> {
        let statement = Statement::new(
            "DELETE FROM idempotency \
             WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND claim = $5",
        );
        let mut transaction = store.begin().await?;
        let rows = transaction.execute(self.bound(statement)).await?;
        transaction.commit().await?;
        Ok(rows == 1)
    }

    /// Takes over an abandoned claim, to find out how far it came. Nothing where somebody else was
    /// faster.
    pub async fn take_over(
        &self,
        store: &dyn Store,
        now: i64,
        lease: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let id = new_claim();
        let statement = Statement::new(
            "UPDATE idempotency SET claim = $6, until = $7 \
             WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND claim = $5",
        );
        let until = now.saturating_add(milliseconds(lease));
        let mut transaction = store.begin().await?;
        let statement = self.bound(statement).bind(id.as_str()).bind(until);
        let rows = transaction.execute(statement).await?;
        transaction.commit().await?;
        Ok((rows == 1).then(|| Self { request: self.request.clone(), id }))
    }

    fn bound(&self, statement: Statement) -> Statement {
        self.request.bound(statement).bind(self.id.as_str())
    }
}

/// Removes answers that are older than [`RETENTION`]. Claims stay: what came of them is not known.
/// Returns how many it removed, at most a thousand at once.
pub async fn expire(store: &dyn Store, now: i64) -> Result<u64, StoreError> {
    let statement = Statement::new(
        "DELETE FROM idempotency WHERE (tenant, actor, tool, key) IN (\
         SELECT tenant, actor, tool, key FROM idempotency \
         WHERE created_at < $1 AND answer IS NOT NULL ORDER BY created_at LIMIT $2)",
    );
    let before = now.saturating_sub(milliseconds(RETENTION));
    write(store, statement.bind(before).bind(EXPIRED_AT_ONCE)).await
}

fn new_claim() -> String {
    hexadecimal(&uuid::Uuid::new_v4().into_bytes())
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
