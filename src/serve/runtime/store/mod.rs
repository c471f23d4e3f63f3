//! Where records, sessions and the audit trail are kept: one trait, [`Store`], and two engines.
//!
//! SQLite keeps everything in a folder and needs no set-up; PostgreSQL (15 or newer) serves several
//! processes. What is above this module writes portable SQL once: `$1` placeholders, the types
//! `BIGINT`, `TEXT` and `BYTEA`, unique constraints, `ON CONFLICT`, `RETURNING`, and updates that
//! compare before they set. No advisory locks, no notifications, no sequences: those differ between
//! engines, and a shared sequence tells a tenant how busy the others are.
//!
//! Each engine is a feature (`sqlite`, `postgres`); [`open`] says which one is missing. Read
//! [`Store`] and [`Transaction`] first, then [`Statement`].
//!
//! Not for: building SQL from parts, mapping rows to types, or anything a connector knows.

mod error;
mod location;
mod migration;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod migrator;
#[cfg(feature = "postgres")]
mod postgres;
pub mod question;
pub mod secret;
pub mod session;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub mod trial;
mod value;

#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

pub use error::StoreError;
pub use location::{Address, Location};
pub use migration::Migration;
pub use value::{Row, Statement, Value};

/// How long anything waits for a connection that others hold or that is not made yet. A tool has
/// five seconds; what is left of them is for the answer that says so.
pub const WAIT: Duration = Duration::from_secs(2);

/// How long one statement may take before it is given up.
pub const STATEMENT_LIMIT: Duration = Duration::from_secs(4);

/// A database: what a server of ours keeps, behind either engine.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads, outside of a transaction. The engine refuses a statement that writes.
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError>;

    /// Begins a transaction: on SQLite the only one that writes, on PostgreSQL `READ COMMITTED`.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// Whether the store answers, and takes writes as far as that can be seen without one: where the
    /// last one has failed, another is tried.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Brings the tables of one component up to date. See [`Migration`].
    async fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError>;

    /// Which engine it is, for the few statements that cannot be portable, and for logs.
    fn engine(&self) -> Engine;

    /// Closes the connections. What is asked afterwards is [`StoreError::Unavailable`].
    async fn close(&self);
}

/// A transaction that is under way. Dropped, it is rolled back.
///
/// A statement that fails spoils it, on either engine: it can only be rolled back. To find out that
/// a key is taken, write `ON CONFLICT DO NOTHING` and look at the number of rows.
#[async_trait]
pub trait Transaction: Send {
    /// Reads, or writes with `RETURNING`.
    async fn query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError>;

    /// Writes. Returns the number of rows that it has touched.
    async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError>;

    /// Runs several statements without values, as migrations are made of. May take minutes.
    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError>;

    /// Makes it durable. Fails when a statement has failed before. Where that
    /// [leaves doubt](StoreError::leaves_doubt), it may have happened.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Undoes it, now rather than some time after the drop.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}

/// The engines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Embedded, one folder.
    Sqlite,
    /// A server, for several processes.
    Postgres,
}

impl Engine {
    /// As it is written in logs and metrics, and the name of the feature that builds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Opens a store, and creates the folder and the file of SQLite where they are missing. It has no
/// tables before [`Store::migrate`].
///
/// Fails with [`StoreError::Setup`] when an operator has to act, and with
/// [`StoreError::Unavailable`] when the server does not answer now.
pub async fn open(location: &Location) -> Result<Arc<dyn Store>, StoreError> {
    match location {
        #[cfg(feature = "sqlite")]
        Location::Folder(folder) => Ok(Arc::new(sqlite::Sqlite::open(folder).await?)),
        #[cfg(feature = "postgres")]
        Location::Postgres(address) => Ok(Arc::new(postgres::Postgres::open(address).await?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        other => Err(StoreError::Setup(format!(
            "{other} cannot be opened: this program is built without the feature `{}`",
            other.engine()
        ))),
    }
}

/// Opens a store to read it alone, and makes nothing: for who looks after a store that others write,
/// perhaps without the right to write it. What begins a transaction is refused or undone.
///
/// Fails as [`open`] does, and with [`StoreError::Setup`] where there is no store.
pub async fn open_to_read(location: &Location) -> Result<Arc<dyn Store>, StoreError> {
    match location {
        #[cfg(feature = "sqlite")]
        Location::Folder(folder) => Ok(Arc::new(sqlite::Sqlite::open_to_read(folder).await?)),
        other => open(other).await,
    }
}

/// Writes one thing, in a transaction of its own. Returns how many rows it was.
///
/// # Errors
///
/// Where the store does not take it.
pub async fn write(store: &dyn Store, statement: Statement) -> Result<u64, StoreError> {
    let mut transaction = store.begin().await?;
    let rows = transaction.execute(statement).await?;
    transaction.commit().await?;
    Ok(rows)
}

/// A transaction is committed of which a statement has failed.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn half_done() -> StoreError {
    StoreError::Query("a statement of the transaction has failed; it is rolled back".to_owned())
}
