//! Where a server under test keeps its data: a folder (SQLite) or a schema of its own (PostgreSQL).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use mcp_kit::serve::runtime::{
    approval::{self, Decision, Method},
    store::{self, Statement, Store, Value},
};
use tempfile::TempDir;

use super::relay::Relay;

/// Where the tests find a PostgreSQL.
const VARIABLE: &str = "MCP_KIT_TEST_POSTGRES";

/// A home for servers, and their store.
pub(super) struct Place {
    home: TempDir,
    /// What `--store` is given.
    pub(super) store: String,
}

impl Place {
    pub(super) fn sqlite() -> Self {
        let home = TempDir::new().unwrap();
        let store = home.path().join("store").display().to_string();
        Self { home, store }
    }

    /// A test that cannot run fails: one that is skipped proves nothing.
    pub(super) fn postgres() -> Self {
        let url = std::env::var(VARIABLE).unwrap_or_else(|_| {
            panic!(
                "{VARIABLE} is not set: this test needs a PostgreSQL; run it with \
                 `scripts/postgres run cargo nextest run`"
            )
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let schema = format!("i{now}_{}", std::process::id());
        wait(async {
            let store = store::open(&url.parse().unwrap()).await.unwrap();
            let mut transaction = store.begin().await.unwrap();
            transaction.script(constant(format!("CREATE SCHEMA {schema}"))).await.unwrap();
            transaction.commit().await.unwrap();
            store.close().await;
        });
        let separator = if url.contains('?') { '&' } else { '?' };
        let store = format!("{url}{separator}options[search_path]={schema}");
        Self { home: TempDir::new().unwrap(), store }
    }

    /// A folder that servers have made.
    pub(super) fn at(folder: &Path) -> Self {
        Self { home: TempDir::new().unwrap(), store: folder.display().to_string() }
    }

    /// One place of each engine.
    pub(super) fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The same PostgreSQL, reached through a relay.
    pub(super) fn through(&self, relay: &Relay) -> String {
        let (before, rest) = self.store.split_once('@').unwrap();
        let (address, after) = rest.split_once('/').unwrap();
        relay.lead_to(&[address.parse().unwrap()]);
        format!("{before}@{}/{after}", relay.address)
    }

    /// Where the servers keep what is not in the store, such as the key of the sample issuer.
    pub(super) fn folder(&self) -> PathBuf {
        match self.store.contains("://") {
            true => self.home().join(".local/share/mcp-kit/crm-demo"),
            false => PathBuf::from(&self.store),
        }
    }

    /// Does something with the store, as another process.
    pub(super) fn with<T, F: Future<Output = T>>(
        &self,
        work: impl FnOnce(Arc<dyn Store>) -> F,
    ) -> T {
        wait(async {
            let store = store::open(&self.store.parse().unwrap()).await.unwrap();
            let result = work(Arc::clone(&store)).await;
            store.close().await;
            result
        })
    }

    /// Carries out a statement, as somebody else who can write the store.
    pub(super) fn write(&self, statement: Statement) {
        self.with(|store| async move {
            let mut transaction = store.begin().await.unwrap();
            transaction.execute(statement).await.unwrap();
            transaction.commit().await.unwrap();
        });
    }

    /// Has somebody approve a proposal, who need not be anybody the policies let do so.
    pub(super) fn approve(&self, change: &str, who: &str) {
        self.with(|store| async move {
            let found = approval::find(&*store, &["commit_change"], "acme", change).await.unwrap();
            let proposal = found.expect("the proposal");
            let decision = Decision {
                is_approved: true,
                decider: format!("i|acme|{who}"),
                decided_by: who.to_owned(),
                method: Method::Command,
                reason: None,
                at: proposal.created_at,
            };
            let mut transaction = store.begin().await.unwrap();
            let digest = &proposal.digest;
            let decided = approval::decide(&mut *transaction, &proposal, digest, decision).await;
            decided.unwrap().unwrap();
            transaction.commit().await.unwrap();
        });
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: &str) -> i64 {
        let statement = constant(format!("SELECT count(*) AS n FROM {table}"));
        self.with(|store| async move {
            store.query(Statement::new(statement)).await.unwrap()[0].integer("n").unwrap()
        })
    }

    /// Every value of every table, a line each.
    pub(super) fn dump(&self) -> String {
        let is_postgres = self.store.contains("://");
        let tables = if is_postgres {
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        } else {
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1"
        };
        self.with(|store| async move {
            let mut text = String::new();
            for table in store.query(Statement::new(tables)).await.unwrap() {
                let table = table.text("name").unwrap();
                text.push_str(&format!("table {table}\n"));
                let all = constant(format!("SELECT * FROM {table}"));
                for row in store.query(Statement::new(all)).await.unwrap() {
                    for value in row.values() {
                        match value {
                            Value::Null => {}
                            Value::Integer(number) => text.push_str(&number.to_string()),
                            Value::Text(value) => text.push_str(value),
                            Value::Bytes(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
                        }
                        text.push('\n');
                    }
                }
            }
            text
        })
    }
}

/// A statement is constant everywhere else; a test leaks a few bytes.
fn constant(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}

/// Runs asynchronous code of the library to its end.
pub(super) fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
