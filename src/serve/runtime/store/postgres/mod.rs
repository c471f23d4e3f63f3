//! The engine for several processes: PostgreSQL 15 or newer.
//!
//! Every wait has a limit on both sides: the server gives a statement up after
//! [`STATEMENT_LIMIT`], and this side a moment later, in case nobody is there any more. Reads go
//! over connections that cannot write, so that a statement in the wrong place is found on this
//! engine as well.

mod fault;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sqlx::{
    Column, ConnectOptions, Connection, Executor, PgConnection, Row as _, TypeInfo, ValueRef,
    encode::IsNull,
    error::BoxDynError,
    pool::PoolConnection,
    postgres::{
        PgArgumentBuffer, PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow, PgTypeInfo,
        Postgres as Driver, types::Oid,
    },
    query::Query,
};

use super::{
    Address, Engine, Migration, Row, STATEMENT_LIMIT, Statement, Store, StoreError, Transaction,
    Value, WAIT, migrator,
};

use fault::{classify, classify_write, is_hung_up, is_lost, is_read_only, setup};

const OLDEST: i32 = 15;
const CONNECTIONS: u32 = 8;
/// A connection that was not used for this long is tried before it is used.
const FRESH: Duration = Duration::from_secs(5);
/// How long a step of a migration may take.
const SCRIPT_LIMIT: Duration = Duration::from_secs(600);
/// How much later than the server this side gives up.
const GRACE: Duration = Duration::from_millis(500);

/// A store on a server.
pub(super) struct Postgres {
    writers: PgPool,
    readers: PgPool,
    /// Whether the last attempt to write has succeeded, as far as that was up to the server.
    health: Arc<AtomicBool>,
}

impl Postgres {
    /// Connects once, so that what is wrong is said at the start.
    pub(super) async fn open(address: &Address) -> Result<Self, StoreError> {
        let options: PgConnectOptions = address.reveal().parse().map_err(|_| {
            StoreError::Setup(
                "the URL of the store is not one of PostgreSQL; write \
                 postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password"
                    .to_owned(),
            )
        })?;
        let options = options
            .application_name("mcp server")
            .options([
                ("statement_timeout", STATEMENT_LIMIT.as_millis().to_string()),
                // A process that hangs in a transaction does not hold its locks for ever.
                ("idle_in_transaction_session_timeout", "10s".to_owned()),
            ])
            .disable_statement_logging();
        let version = tokio::time::timeout(WAIT, version(&options)).await.map_err(|_| {
            StoreError::Unavailable(format!("{address} does not answer within {WAIT:?}"))
        })?;
        supported(version.map_err(|error| setup(address, error))?, address)?;
        let pool = || {
            PgPoolOptions::new()
                .max_connections(CONNECTIONS)
                .acquire_timeout(WAIT)
                .test_before_acquire(false)
                .before_acquire(|connection, meta| {
                    Box::pin(async move {
                        if meta.idle_for > FRESH {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
        };
        let reading = options.clone().options([("default_transaction_read_only", "on")]);
        Ok(Self {
            writers: pool().connect_lazy_with(options),
            readers: pool().connect_lazy_with(reading),
            health: Arc::new(AtomicBool::new(true)),
        })
    }

    /// Whether writes are taken, by what the server says to a connection for them that nobody uses.
    async fn is_writable(&self) -> Result<(), StoreError> {
        while let Some(connection) = self.writers.try_acquire() {
            let mut lease = Lease { connection, is_busy: false };
            let asked = async |it: &mut PgConnection| {
                sqlx::query_scalar("SELECT current_setting('transaction_read_only')")
                    .fetch_one(it)
                    .await
            };
            match lease.run::<String>(WAIT, asked).await {
                Err(error) if is_hung_up(&error) => {}
                Ok(set) if set == "on" => {
                    lease.is_busy = true;
                    let fault = "it takes no writes now: transactions are read-only".to_owned();
                    return Err(StoreError::Unavailable(fault));
                }
                answer => return answer.map(drop).map_err(classify),
            }
        }
        // All are in use, and say it when they fail.
        Ok(())
    }

    /// Writes what is there already: after a failure only that tells whether it can be done again.
    async fn try_to_write(&self) -> Result<(), StoreError> {
        let mut change = self.begin().await?;
        let nothing = "UPDATE schema_migration SET applied_at = applied_at \
                       WHERE component = 'runtime' AND version = 1";
        match change.execute(Statement::new(nothing)).await {
            Ok(_) => change.commit().await,
            // There are no tables yet.
            Err(StoreError::Query(_)) => self.is_writable().await,
            Err(fault) => Err(fault),
        }
    }
}

async fn version(options: &PgConnectOptions) -> Result<i32, sqlx::Error> {
    let mut connection = options.connect().await?;
    let version = sqlx::query_scalar("SELECT current_setting('server_version_num')::int4")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(version)
}

/// The number that the server gives counts ten thousand for a version.
fn supported(number: i32, address: &Address) -> Result<(), StoreError> {
    let version = number / 10_000;
    if version < OLDEST {
        return Err(StoreError::Setup(format!(
            "{address} is PostgreSQL {version}; version {OLDEST} or newer is needed"
        )));
    }
    Ok(())
}

/// A connection of a pool, which is closed rather than given back when a statement was left in the
/// middle: what it would answer next is not known, or nobody is at the other end.
struct Lease {
    connection: PoolConnection<Driver>,
    /// Whether a statement is under way, or was and never came to its end.
    is_busy: bool,
}

impl Lease {
    async fn take(pool: &PgPool) -> Result<Self, StoreError> {
        Ok(Self { connection: pool.acquire().await.map_err(classify)?, is_busy: false })
    }

    async fn run<T>(
        &mut self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        self.is_busy = true;
        let result = tokio::time::timeout(limit + GRACE, work(&mut self.connection)).await;
        let result =
            result.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())));
        self.is_busy = result.as_ref().is_err_and(is_lost);
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.is_busy {
            self.connection.close_on_drop();
        }
    }
}

#[async_trait]
impl Store for Postgres {
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        statement.check()?;
        // After a restart of the server each connection of the pool is dead until it was tried.
        // A read can be repeated, so no caller needs to notice.
        for _ in 0..=CONNECTIONS {
            let mut lease = Lease::take(&self.readers).await?;
            let query = bind(statement.clone());
            let rows = lease.run(STATEMENT_LIMIT, async |it| query.fetch_all(it).await).await;
            match rows {
                Err(error) if is_hung_up(&error) => {}
                rows => return read(&rows.map_err(classify)?),
            }
        }
        Err(StoreError::Unavailable("every connection was lost".to_owned()))
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        for _ in 0..=CONNECTIONS {
            let lease = Lease::take(&self.writers).await?;
            let health = Arc::clone(&self.health);
            let mut change = Change { lease: Some(lease), has_failed: false, health };
            match change.run("BEGIN ISOLATION LEVEL READ COMMITTED").await {
                Err(error) if is_hung_up(&error) => change.forget(),
                begun => {
                    begun.map_err(classify)?;
                    return Ok(Box::new(change));
                }
            }
        }
        Err(StoreError::Unavailable("every connection was lost".to_owned()))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.query(Statement::new("SELECT 1 AS one")).await?;
        match self.health.load(Ordering::Relaxed) {
            true => self.is_writable().await,
            false => self.try_to_write().await,
        }
    }

    async fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        migrator::apply(self, migrations).await
    }

    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// A transaction. Ours and not the driver's, which gives a connection back to the pool that hangs.
struct Change {
    /// There until the transaction has ended.
    lease: Option<Lease>,
    /// Whether a statement has failed. The server then answers a `COMMIT` by rolling back, and calls
    /// it a success.
    has_failed: bool,
    /// Whether the last attempt to write has succeeded.
    health: Arc<AtomicBool>,
}

impl Change {
    fn lease(&mut self) -> &mut Lease {
        self.lease
            .as_mut()
            .expect("only commit and rollback end a transaction, and they consume it")
    }

    /// Runs a statement of transactions, which has no values.
    async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        self.lease().run(STATEMENT_LIMIT, async |it| it.execute(sqlx::raw_sql(sql)).await).await?;
        Ok(())
    }

    /// Remembers that a statement has failed.
    fn note<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        self.has_failed |= result.is_err();
        result.map_err(|error| {
            // That it may not write was said to this connection, and stays so for as long as it lives.
            self.lease().is_busy |= is_read_only(&error);
            let fault = classify_write(error);
            if fault.is_transient() {
                self.health.store(false, Ordering::Relaxed);
            }
            fault
        })
    }

    /// Lets go of a connection on which there is no transaction.
    fn forget(mut self) {
        self.lease = None;
    }
}

#[async_trait]
impl Transaction for Change {
    async fn query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        statement.check()?;
        let query = bind(statement);
        let rows = self.lease().run(STATEMENT_LIMIT, async |it| query.fetch_all(it).await).await;
        read(&self.note(rows)?)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        statement.check()?;
        let query = bind(statement);
        let done = self.lease().run(STATEMENT_LIMIT, async |it| query.execute(it).await).await;
        Ok(self.note(done)?.rows_affected())
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let limit = self.run("SET LOCAL statement_timeout = 0").await;
        self.note(limit)?;
        let script = async |it: &mut PgConnection| it.execute(sqlx::raw_sql(sql)).await;
        let done = self.lease().run(SCRIPT_LIMIT, script).await;
        self.note(done)?;
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.has_failed {
            self.rollback().await?;
            return Err(super::half_done());
        }
        let committed = self.run("COMMIT").await;
        self.note(committed)?;
        self.health.store(true, Ordering::Relaxed);
        self.forget();
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        // The server undoes what a connection has begun that is closed.
        if !self.lease().is_busy {
            self.run("ROLLBACK").await.map_err(classify)?;
        }
        self.forget();
        Ok(())
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let Some(mut lease) = self.lease.take() else { return };
        // The server rolls back what a closed connection leaves. One that is in order is worth
        // keeping, though.
        if !lease.is_busy
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                let rollback =
                    async |it: &mut PgConnection| it.execute(sqlx::raw_sql("ROLLBACK")).await;
                if lease.run(WAIT, rollback).await.is_err() {
                    lease.connection.close_on_drop();
                }
            });
        }
    }
}

/// A null whose type the server finds out from the statement.
struct Untyped;

impl sqlx::Type<Driver> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl sqlx::Encode<'_, Driver> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn bind(statement: Statement) -> Query<'static, Driver, PgArguments> {
    let query = sqlx::query(statement.sql);
    statement.values.into_iter().fold(query, |query, value| match value {
        Value::Null => query.bind(Untyped),
        Value::Integer(integer) => query.bind(integer),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}

fn read(rows: &[PgRow]) -> Result<Vec<Row>, StoreError> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let names: Arc<[String]> = first.columns().iter().map(|it| it.name().to_owned()).collect();
    let row = |row: &PgRow| {
        let values = (0..names.len()).map(|column| value(row, column)).collect::<Result<_, _>>()?;
        Ok(Row::new(Arc::clone(&names), values))
    };
    rows.iter().map(row).collect()
}

fn value(row: &PgRow, column: usize) -> Result<Value, StoreError> {
    let raw = row.try_get_raw(column).map_err(classify)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info();
    let value = match kind.name() {
        "INT8" => row.try_get(column).map(Value::Integer),
        "INT4" => row.try_get::<i32, _>(column).map(|it| Value::Integer(it.into())),
        "INT2" => row.try_get::<i16, _>(column).map(|it| Value::Integer(it.into())),
        "BOOL" => row.try_get::<bool, _>(column).map(Value::from),
        "TEXT" | "VARCHAR" | "NAME" => row.try_get(column).map(Value::Text),
        "BYTEA" => row.try_get(column).map(Value::Bytes),
        other => {
            let name = row.columns()[column].name();
            return Err(StoreError::Query(format!(
                "column `{name}` is {other}; cast it to BIGINT or TEXT"
            )));
        }
    };
    value.map_err(classify)
}

#[cfg(test)]
mod tests {
    use super::{super::Location, supported};

    #[test]
    fn an_old_server_is_refused() {
        let Ok(Location::Postgres(address)) = "postgres://crm:s3cret@db.test/crm".parse() else {
            panic!("not an address")
        };
        assert_eq!(supported(150_000, &address), Ok(()));
        assert_eq!(supported(180_001, &address), Ok(()));
        assert_eq!(
            supported(140_012, &address).unwrap_err().to_string(),
            "postgres://crm@db.test/crm is PostgreSQL 14; version 15 or newer is needed"
        );
    }
}
