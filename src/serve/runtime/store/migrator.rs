//! Bringing tables up to date, in steps that are taken once.
//!
//! The table `schema_migration` remembers the steps. A process claims a step by inserting its row in
//! the transaction that also runs it, so of several processes that start at once one takes it and
//! the others wait for the row; no lock outlives a process that dies.
//!
//! Our own, because the migrator of `sqlx` embeds its files by a macro that looks for the package
//! around it, and holds an advisory lock, which some engines that speak PostgreSQL's protocol
//! pretend to grant.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::{
    super::{clock::Clock, encoding::hexadecimal},
    Migration, Row, Statement, Store, StoreError,
};

/// How long a process waits while another one takes a step.
const PATIENCE: Duration = Duration::from_secs(30);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    component TEXT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (component, version)
)";

/// Takes the steps that are missing, each in a transaction of its own.
pub(super) async fn apply(store: &dyn Store, migrations: &[Migration]) -> Result<(), StoreError> {
    let Some(component) = migrations.first().map(|migration| migration.component) else {
        return Ok(());
    };
    for (migration, version) in migrations.iter().zip(1..) {
        if migration.version != version || migration.component != component {
            return Err(StoreError::Query(format!(
                "the migrations of `{component}` are not numbered from 1: `{}` of `{}` has number {}",
                migration.name, migration.component, migration.version
            )));
        }
    }
    let began = Instant::now();
    loop {
        // Another process at the same step can make this one wait longer than a statement may.
        let result = attempt(store, component, migrations).await;
        let is_over = began.elapsed() > PATIENCE;
        if is_over || !result.as_ref().is_err_and(StoreError::is_transient) {
            return result;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn attempt(
    store: &dyn Store,
    component: &str,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    // The table is created only when it cannot be read: a server whose role may not create tables
    // starts when everything is there.
    let taken = match steps(store, component).await {
        Err(StoreError::Query(_)) => {
            create(store).await?;
            steps(store, component).await?
        }
        taken => taken?,
    };
    for step in &taken {
        compare(component, migrations, step)?;
    }
    for migration in migrations.iter().skip(taken.len()) {
        take(store, migration).await?;
    }
    Ok(())
}

/// `IF NOT EXISTS` is not enough: on PostgreSQL, two that create the same table at once conflict.
async fn create(store: &dyn Store) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let created = transaction.script(TABLE).await;
    if let Err(StoreError::Conflict(_)) = created {
        return transaction.rollback().await;
    }
    created.map_err(|error| match error {
        StoreError::Query(message) => StoreError::Setup(format!(
            "the tables cannot be made: {message}; let the user of the store create tables"
        )),
        other => other,
    })?;
    transaction.commit().await
}

async fn steps(store: &dyn Store, component: &str) -> Result<Vec<Row>, StoreError> {
    let statement = Statement::new(
        "SELECT version, name, checksum FROM schema_migration WHERE component = $1 ORDER BY version",
    );
    store.query(statement.bind(component)).await
}

/// Holds a step that was taken against what this program knows.
fn compare(component: &str, migrations: &[Migration], step: &Row) -> Result<(), StoreError> {
    let version = step.integer("version")?;
    let name = step.text("name")?;
    let Some(migration) = migrations.iter().find(|migration| migration.version == version) else {
        let newest = migrations.len();
        return Err(StoreError::Setup(format!(
            "the tables of `{component}` are at version {version} (`{name}`), written by a newer \
             program; this one knows version {newest}: start the newer program, or restore a backup"
        )));
    };
    if checksum(migration) != step.text("checksum")? {
        return Err(StoreError::Setup(format!(
            "step {version} of the tables of `{component}` was taken as `{name}` and is now another \
             one, `{}`: start the program that has written this store, or name another store",
            migration.name
        )));
    }
    Ok(())
}

async fn take(store: &dyn Store, migration: &Migration) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let claim = Statement::new(
        "INSERT INTO schema_migration (component, version, name, checksum, applied_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (component, version) DO NOTHING",
    )
    .bind(migration.component)
    .bind(migration.version)
    .bind(migration.name)
    .bind(checksum(migration))
    .bind(Clock::system().now());
    if transaction.execute(claim).await? == 0 {
        transaction.rollback().await?;
        // Taken in the meantime, perhaps by a program that knows another step of this number.
        let taken = steps(store, migration.component).await?;
        let same = |step: &&Row| step.integer("version") == Ok(migration.version);
        let step = taken.iter().find(same).ok_or_else(|| {
            StoreError::Unavailable("a migration that another process had begun is gone".to_owned())
        })?;
        return compare(migration.component, std::slice::from_ref(migration), step);
    }
    transaction.script(migration.sql).await?;
    transaction.commit().await
}

/// What tells whether a step is still the one that was taken.
fn checksum(migration: &Migration) -> String {
    hexadecimal(&Sha256::digest(migration.sql))
}
