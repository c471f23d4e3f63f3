//! The embedded engine: one file in a folder of ours.
//!
//! One connection writes and four read. SQLite has one writer at a time whatever one does; with one
//! connection for it, those who wait do so in a queue of ours instead of spinning on its lock.
//! `synchronous=FULL`, because what was acknowledged survives a power cut; measured, it costs
//! nothing against `NORMAL` here.

mod place;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sqlx::{
    Column, ConnectOptions, Connection, Executor, Row as _, Sqlite as Driver, TypeInfo, ValueRef,
    pool::PoolConnection,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
        SqliteRow, SqliteSynchronous,
    },
};

use super::{
    Engine, Migration, Row, STATEMENT_LIMIT, Statement, Store, StoreError, Transaction, Value,
    WAIT, migrator,
};
use place::Place;

const READERS: u32 = 4;
/// How long a file is tried to be opened that somebody else has locked; the last attempt may take
/// [`WAIT`] longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A store in a folder.
pub(super) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    place: Arc<Place>,
    /// Whether the last attempt to write has succeeded.
    health: Arc<AtomicBool>,
}

impl Sqlite {
    /// Opens the file in a folder, and makes both where they are missing, for this user alone.
    pub(super) async fn open(folder: &Path) -> Result<Self, StoreError> {
        let place = Place::create(folder)?;
        let options = options(&place).synchronous(SqliteSynchronous::Full);
        let writing = options.clone().journal_mode(SqliteJournalMode::Wal);
        // The change to WAL needs the file alone for a moment and does not wait for it, so several
        // processes that open a new store at once refuse one another.
        // Each attempt waits for a lock by itself, too.
        let began = Instant::now();
        while let Err(error) = prepare(&writing).await {
            let fault = setup(place.file(), &error);
            if !fault.is_transient() {
                return Err(fault);
            }
            if began.elapsed() > PATIENCE {
                return Err(match code(&error) {
                    // BUSY, LOCKED
                    5 | 6 => locked(place.file()),
                    _ => fault,
                });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self::new(place, writing, options))
    }

    /// Opens the file in a folder to read it alone, with no right to write either. Makes nothing.
    pub(super) async fn open_to_read(folder: &Path) -> Result<Self, StoreError> {
        let place = Place::find(folder)?;
        let options = options(&place).read_only(true);
        // Readers of a log tell one another what they read in a file, which cannot always be made
        // here. Where nobody has a log open, nobody changes the file either.
        let alone = options.clone().immutable(true);
        let found = match place.log() {
            None => look(&alone).await.map(|()| alone),
            Some(length) => match look(&options).await {
                Err(_) if length == 0 => look(&alone).await.map(|()| alone),
                looked => looked.map(|()| options),
            },
        };
        match found {
            Ok(options) => Ok(Self::new(place, options.clone(), options)),
            Err(error) => Err(unreadable(place.file(), &error)),
        }
    }

    fn new(place: Place, writing: SqliteConnectOptions, reading: SqliteConnectOptions) -> Self {
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(WAIT)
                .idle_timeout(None)
                .max_lifetime(None)
                // A connection to a file does not get lost.
                .test_before_acquire(false)
        };
        Self {
            writer: pool(1).connect_lazy_with(writing),
            readers: pool(READERS).connect_lazy_with(reading.pragma("query_only", "ON")),
            place: Arc::new(place),
            health: Arc::new(AtomicBool::new(true)),
        }
    }
}

fn options(place: &Place) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(place.file())
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(WAIT)
        .disable_statement_logging()
}

/// Opens the file once, so that what is wrong with it is said at the start.
async fn prepare(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    let outcome = async {
        // Writes nothing, but asks for the right to.
        connection.execute("BEGIN IMMEDIATE; SELECT count(*) FROM sqlite_schema; ROLLBACK").await
    };
    outcome.await?;
    connection.close().await
}

/// Opens the file once to read.
async fn look(options: &SqliteConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = options.connect().await?;
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    connection.close().await
}

#[async_trait]
impl Store for Sqlite {
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        statement.check()?;
        let rows = until_limit(bind(statement).fetch_all(&self.readers)).await;
        read(&rows.map_err(classify)?)
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let connection = self.writer.acquire().await.map_err(classify)?;
        let health = Arc::clone(&self.health);
        let mut lease = Lease { connection, is_free: false, is_broken: false, health };
        lease.run("BEGIN IMMEDIATE").await?;
        self.place.check()?;
        Ok(Box::new(Change { lease, has_failed: false, place: Arc::clone(&self.place) }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.place.check()?;
        self.query(Statement::new("SELECT count(*) AS tables FROM sqlite_schema")).await?;
        if self.health.load(Ordering::Relaxed) {
            return Ok(());
        }
        // It could not be written the last time. Whether it can be now only a write says.
        let mut change = self.begin().await?;
        change.script("PRAGMA user_version = 0").await?;
        change.commit().await
    }

    async fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        migrator::apply(self, migrations).await
    }

    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// The one connection that writes, for the time of a transaction.
struct Lease {
    connection: PoolConnection<Driver>,
    /// Whether there is no transaction on it. Where that is in doubt, as after a full disk, which ends
    /// a transaction by itself, the connection is closed, and with it whatever was begun.
    is_free: bool,
    /// Whether it has failed to write.
    is_broken: bool,
    /// Whether the last attempt to write has succeeded.
    health: Arc<AtomicBool>,
}

impl Lease {
    /// Runs a statement of transactions.
    async fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = until_limit(self.connection.execute(sql)).await;
        self.note(done)?;
        Ok(())
    }

    /// Remembers that writing does not work. A conflict says nothing of that.
    fn note<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let fault = classify_write(error);
            if fault.is_transient() {
                // It may be this connection that cannot: one that was opened while the file could not
                // be written never can.
                self.is_broken = true;
            }
            if fault.is_transient() || matches!(fault, StoreError::Query(_)) {
                self.health.store(false, Ordering::Relaxed);
            }
            fault
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_free || self.is_broken {
            self.connection.close_on_drop();
        }
    }
}

/// A transaction. Ours and not the driver's, which believes a connection to be within one for ever
/// when it could not be rolled back.
struct Change {
    lease: Lease,
    /// Whether a statement has failed. SQLite would commit the others; the other engine does not.
    has_failed: bool,
    place: Arc<Place>,
}

impl Change {
    /// Remembers that a statement has failed.
    fn note<T>(&mut self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        self.has_failed |= result.is_err();
        self.lease.note(result)
    }
}

#[async_trait]
impl Transaction for Change {
    async fn query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        statement.check()?;
        let rows = until_limit(bind(statement).fetch_all(&mut *self.lease.connection)).await;
        read(&self.note(rows)?)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        statement.check()?;
        let done = until_limit(bind(statement).execute(&mut *self.lease.connection)).await;
        Ok(self.note(done)?.rows_affected())
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        // The two words that SQLite spells differently.
        let sql = sql.replace("COLLATE \"C\"", "COLLATE BINARY").replace("BYTEA", "BLOB");
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
        let done = script.execute(&mut *self.lease.connection).await;
        self.note(done)?;
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.has_failed {
            self.rollback().await?;
            return Err(super::half_done());
        }
        self.lease.run("COMMIT").await?;
        self.lease.is_free = true;
        self.lease.health.store(true, Ordering::Relaxed);
        // Deleted in the meantime, it is durable nowhere.
        self.place.check()
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        // Where it fails, closing the connection undoes whatever there is.
        self.lease.is_free = until_limit(self.lease.connection.execute("ROLLBACK")).await.is_ok();
        Ok(())
    }
}

/// Gives a statement up that takes too long. The engine stops at the next row that it produces.
async fn until_limit<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let late = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(STATEMENT_LIMIT, work).await.unwrap_or_else(late)
}

fn bind(statement: Statement) -> Query<'static, Driver, SqliteArguments> {
    let query = sqlx::query(statement.sql);
    statement.values.into_iter().fold(query, |query, value| match value {
        Value::Null => query.bind(None::<i64>),
        Value::Integer(integer) => query.bind(integer),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}

fn read(rows: &[SqliteRow]) -> Result<Vec<Row>, StoreError> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let names: Arc<[String]> = first.columns().iter().map(|it| it.name().to_owned()).collect();
    let row = |row: &SqliteRow| {
        let values = (0..names.len()).map(|column| value(row, column)).collect::<Result<_, _>>()?;
        Ok(Row::new(Arc::clone(&names), values))
    };
    rows.iter().map(row).collect()
}

fn value(row: &SqliteRow, column: usize) -> Result<Value, StoreError> {
    let raw = row.try_get_raw(column).map_err(classify)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info();
    let value = match kind.name() {
        "INTEGER" | "BOOLEAN" => row.try_get_unchecked(column).map(Value::Integer),
        "TEXT" => row.try_get_unchecked(column).map(Value::Text),
        "BLOB" => row.try_get_unchecked(column).map(Value::Bytes),
        other => {
            let name = row.columns()[column].name();
            return Err(StoreError::Query(format!(
                "column `{name}` is {other}; cast it to BIGINT or TEXT"
            )));
        }
    };
    value.map_err(classify)
}

/// The engine's codes: <https://sqlite.org/rescode.html>. The low byte says the kind.
fn classify(error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(error) = error else {
        return match error {
            sqlx::Error::PoolTimedOut => {
                StoreError::Unavailable(format!("no connection became free within {WAIT:?}"))
            }
            sqlx::Error::PoolClosed => StoreError::Unavailable("it is closed".to_owned()),
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                StoreError::Unavailable(format!("no answer within {STATEMENT_LIMIT:?}"))
            }
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => {
                StoreError::Unavailable(error.to_string())
            }
            _ => StoreError::Query(error.to_string()),
        };
    };
    let message = error.message().to_owned();
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
    match code & 0xff {
        19 => StoreError::Conflict(message),     // CONSTRAINT
        11 | 26 => StoreError::Corrupt(message), // CORRUPT, NOTADB
        // BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
        5 | 6 | 7 | 9 | 10 | 13 | 14 | 15 => StoreError::Unavailable(message),
        _ => StoreError::Query(message),
    }
}

/// What a failure means where something was to be written.
fn classify_write(error: sqlx::Error) -> StoreError {
    match code(&error) {
        // READONLY: a statement that only reads is never answered so.
        8 => StoreError::Unavailable(format!("it cannot be written: {error}")),
        // FULL. The last part of a transaction to be written is the one that makes it count, so that
        // one which did not fit has not happened, and never will once its connection is closed. An
        // IOERR says less: what was written may be read again after a crash.
        13 => StoreError::Full(error.to_string()),
        _ => classify(error),
    }
}

/// The kind of an error of the engine; 0 for another one.
fn code(error: &sqlx::Error) -> u32 {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok()).unwrap_or_default() & 0xff
}

/// Somebody else writes a file for longer than anybody ought to.
fn locked(file: &Path) -> StoreError {
    StoreError::Unavailable(format!(
        "{} is locked: another program has been writing it for more than {} s; end that program, or \
         wait until it is done",
        file.display(),
        PATIENCE.as_secs()
    ))
}

/// What is wrong with a file when it is opened, with what to do about it.
fn setup(file: &Path, error: &sqlx::Error) -> StoreError {
    let shown = file.display();
    match code(error) {
        26 => StoreError::Setup(format!(
            "{shown} is not an SQLite database; move it away, or name another folder"
        )),
        11 => StoreError::Corrupt(format!("{shown}: {error}; restore a backup")),
        // READONLY, PERM, AUTH, CANTOPEN
        3 | 8 | 14 | 23 => StoreError::Setup(format!(
            "{shown} cannot be written ({error}); let this user write the folder and the files in \
             it, or name another folder"
        )),
        _ => StoreError::Unavailable(format!("{shown}: {error}")),
    }
}

/// Why a file cannot be read by somebody who does not write it.
fn unreadable(file: &Path, error: &sqlx::Error) -> StoreError {
    match setup(file, error) {
        StoreError::Setup(_) if code(error) != 26 => StoreError::Setup(format!(
            "{} cannot be read ({error}); let this user read the folder and the files in it, or \
             copy them all while no server runs",
            file.display()
        )),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Executor;

    use super::{Sqlite, Statement, Store};

    #[tokio::test]
    async fn a_disk_that_was_full_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).await.unwrap();
        let mut change = store.begin().await.unwrap();
        change.script("CREATE TABLE thing (text TEXT)").await.unwrap();
        change.commit().await.unwrap();
        // No more pages than there are, for as long as this connection lives.
        store.writer.execute("PRAGMA max_page_count = 1").await.unwrap();
        let write = async || {
            let mut change = store.begin().await?;
            let text = "x".repeat(100_000);
            let insert = Statement::new("INSERT INTO thing (text) VALUES ($1)").bind(text);
            let outcome = change.execute(insert).await;
            match outcome {
                Ok(_) => change.commit().await,
                Err(fault) => change.rollback().await.and(Err(fault)),
            }
        };
        let fault = write().await.unwrap_err();
        assert!(fault.is_transient() && !fault.leaves_doubt(), "{fault}");
        write().await.unwrap();
        store.ping().await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_became_read_only_is_out_of_service_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).await.unwrap();
        let mut change = store.begin().await.unwrap();
        change.script("CREATE TABLE thing (text TEXT)").await.unwrap();
        change.commit().await.unwrap();
        // The engine answers this connection as it does where the file cannot be written.
        store.writer.execute("PRAGMA query_only = ON").await.unwrap();
        let Err(fault) = store.begin().await else { panic!("it can be written") };
        assert!(fault.is_transient(), "{fault:?}");
        // Whether it can be written again is tried, over a connection of its own.
        store.ping().await.unwrap();
        let mut change = store.begin().await.unwrap();
        let insert = Statement::new("INSERT INTO thing (text) VALUES ('a')");
        change.execute(insert).await.unwrap();
        change.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_written_is_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(folder.path()).await.unwrap();
        store.ping().await.unwrap();
        // Another program holds the lock of writers for good.
        let mut other = store.readers.acquire().await.unwrap();
        other.execute("PRAGMA query_only = OFF; BEGIN IMMEDIATE").await.unwrap();
        assert!(store.begin().await.is_err());
        assert!(store.ping().await.is_err());
        other.execute("ROLLBACK").await.unwrap();
        store.ping().await.unwrap();
    }
}
