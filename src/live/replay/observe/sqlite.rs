//! Effects as rows of a table in an SQLite file.

use std::{path::Path, time::Duration};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::Blind;

/// How long a lock on the file is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The rows of a table; none where there is no file yet. The file is only read.
pub(super) async fn rows(path: &Path, table: &str) -> Result<i64, Blind> {
    if !path.exists() {
        return Ok(0);
    }
    let blind = |error: sqlx::Error| Blind(format!("{}: {error}", path.display()));
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(PATIENCE);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(blind)?;
    let name = table.replace('"', "\"\"");
    let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM \"{name}\""));
    let count = sqlx::query_scalar(query).fetch_one(&mut connection).await.map_err(blind)?;
    connection.close().await.map_err(blind)?;
    Ok(count)
}
