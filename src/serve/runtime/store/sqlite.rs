//! The embedded engine: one file in a folder of ours.
//!
//! One connection writes and four read. SQLite has one writer at a time whatever one does; with one
//! connection for it, those who wait do so in a queue of ours instead of spinning on its lock.
//! `synchronous=FULL`, because what was acknowledged survives a power cut; measured, it costs
//! nothing against `NORMAL` here.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use sqlx::{
    Column, ConnectOptions, Connection, Executor, Row as _, Sqlite as Driver, TypeInfo, ValueRef,
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

const FILE: &str = "store.sqlite";
const READERS: u32 = 4;

/// A store in a folder.
pub(super) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    file: PathBuf,
}

impl Sqlite {
    /// Opens the file in a folder, and makes both where they are missing, for this user alone.
    pub(super) async fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        create(folder, &file)?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(false)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        let writing = options.clone().journal_mode(SqliteJournalMode::Wal);
        // The change to WAL needs the file alone for a moment and does not wait for it, so several
        // processes that open a new store at once refuse one another.
        let mut attempts = 1;
        while let Err(error) = prepare(&writing).await {
            let error = setup(&file, &error);
            if !error.is_transient() || attempts == 40 {
                return Err(error);
            }
            attempts += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(WAIT)
                .idle_timeout(None)
                .max_lifetime(None)
                // A connection to a file does not get lost.
                .test_before_acquire(false)
        };
        Ok(Self {
            writer: pool(1).connect_lazy_with(writing),
            readers: pool(READERS).connect_lazy_with(options.pragma("query_only", "ON")),
            file,
        })
    }
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

#[async_trait]
impl Store for Sqlite {
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        statement.check()?;
        let rows = within(bind(statement).fetch_all(&self.readers)).await?;
        read(&rows)
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(classify)?;
        Ok(Box::new(Change { inner, has_failed: false }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // SQLite goes on with a file that was deleted; what is written to it is lost.
        if let Err(error) = tokio::fs::metadata(&self.file).await {
            return Err(StoreError::Unavailable(format!("{}: {error}", self.file.display())));
        }
        self.query(Statement::new("SELECT count(*) AS tables FROM sqlite_schema")).await?;
        Ok(())
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

/// A transaction on the one connection that writes.
struct Change {
    inner: sqlx::Transaction<'static, Driver>,
    /// Whether a statement has failed. SQLite would commit the others; the other engine does not.
    has_failed: bool,
}

impl Change {
    /// Remembers that a statement has failed.
    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.has_failed |= result.is_err();
        result
    }
}

#[async_trait]
impl Transaction for Change {
    async fn query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        statement.check()?;
        let rows = within(bind(statement).fetch_all(&mut *self.inner)).await;
        read(&self.note(rows)?)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        statement.check()?;
        let done = within(bind(statement).execute(&mut *self.inner)).await;
        Ok(self.note(done)?.rows_affected())
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        // The two words that SQLite spells differently.
        let sql = sql.replace("COLLATE \"C\"", "COLLATE BINARY").replace("BYTEA", "BLOB");
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
        let done = script.execute(&mut *self.inner).await.map_err(classify);
        self.note(done)?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.has_failed {
            self.rollback().await?;
            return Err(super::half_done());
        }
        self.inner.commit().await.map_err(classify)
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.rollback().await.map_err(classify)
    }
}

/// Gives a statement up that takes too long. The engine stops at the next row that it produces.
async fn within<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(STATEMENT_LIMIT, work).await {
        Ok(result) => result.map_err(classify),
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {STATEMENT_LIMIT:?}"))),
    }
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

/// What is wrong with a file when it is opened, with what to do about it.
fn setup(file: &Path, error: &sqlx::Error) -> StoreError {
    let shown = file.display();
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
    match code & 0xff {
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

/// Makes what is missing. Files beside the database take their permissions from it.
fn create(folder: &Path, file: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.recursive(true).create(folder).map_err(|error| refused(folder, &error))?;
    match options.write(true).create_new(true).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(refused(folder, &error)),
        _ => Ok(()),
    }
}

fn refused(folder: &Path, error: &io::Error) -> StoreError {
    StoreError::Setup(format!(
        "the folder {} for the store cannot be written: {error}; name another one",
        folder.display()
    ))
}
