//! Keys that all processes of a server share and that nobody gives them: random, made at first use.

use super::{Statement, Store, StoreError};

/// The table; a step of the migrations of `runtime`.
pub const TABLE: &str = "
CREATE TABLE secret (
    name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
";

/// Bytes of a key.
const LENGTH: usize = 32;

/// The key of a name. The first process that asks makes it.
///
/// # Errors
///
/// Where the store does not answer, or the system has no random numbers.
pub async fn load(store: &dyn Store, name: &str, now: i64) -> Result<Vec<u8>, StoreError> {
    let select = || Statement::new("SELECT secret FROM secret WHERE name = $1").bind(name);
    if let Some(row) = store.query(select()).await?.first() {
        return Ok(row.bytes("secret")?.to_vec());
    }
    let mut secret = vec![0; LENGTH];
    getrandom::fill(&mut secret)
        .map_err(|fault| StoreError::Setup(format!("there are no random numbers: {fault}")))?;
    let mut transaction = store.begin().await?;
    let insert = "INSERT INTO secret (name, secret, created_at) VALUES ($1, $2, $3) \
                  ON CONFLICT DO NOTHING";
    transaction.execute(Statement::new(insert).bind(name).bind(secret).bind(now)).await?;
    // Whoever came first has made the one that counts.
    let rows = transaction.query(select()).await?;
    let secret = rows.first().map_or_else(
        || Err(StoreError::Corrupt(format!("the secret `{name}` is gone"))),
        |row| Ok(row.bytes("secret")?.to_vec()),
    )?;
    transaction.commit().await?;
    Ok(secret)
}
