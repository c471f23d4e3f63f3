//! For tests: stores of either engine that are empty and belong to one test.
//!
//! What is true of a store is written once, as a function of a [`Trial`], and listed in
//! [`on_both`], which runs it on each engine that is built.

#![expect(clippy::missing_panics_doc, reason = "a test that cannot be set up fails")]

mod watched;

use std::sync::Arc;

use super::{Location, Store, open};

pub use watched::{Moment, Watch, Watched};

/// Where the tests find a PostgreSQL.
#[cfg(feature = "postgres")]
const VARIABLE: &str = "MCP_KIT_TEST_POSTGRES";

/// A place for a store, to be opened as often as the test likes.
pub struct Trial {
    /// The place.
    pub location: Location,
    _folder: Option<tempfile::TempDir>,
}

impl Trial {
    /// A folder.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { location: Location::Folder(folder.path().join("store")), _folder: Some(folder) }
    }

    /// A schema of its own on the server of the tests.
    #[cfg(feature = "postgres")]
    pub async fn postgres() -> Self {
        let url = postgres_url();
        let schema = format!("t{}", super::super::encoding::hexadecimal(&random()));
        let store = open(&url.parse().unwrap()).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        // A test leaks a few bytes, because statements are constant everywhere else.
        let sql: &'static str = Box::leak(format!("CREATE SCHEMA {schema}").into_boxed_str());
        transaction.script(sql).await.unwrap();
        transaction.commit().await.unwrap();
        store.close().await;
        let location = with_parameter(&url, &format!("options[search_path]={schema}"));
        Self { location: location.parse().unwrap(), _folder: None }
    }

    /// The place as a program is told it, with its password.
    pub fn address(&self) -> String {
        match &self.location {
            Location::Folder(folder) => folder.display().to_string(),
            #[cfg(feature = "postgres")]
            Location::Postgres(address) => address.reveal().to_owned(),
            #[cfg(not(feature = "postgres"))]
            Location::Postgres(address) => address.to_string(),
        }
    }

    /// Opens the store, as a process of its own would.
    pub async fn open(&self) -> Arc<dyn Store> {
        open(&self.location).await.unwrap()
    }

    /// Opens the store with the tables of the runtime.
    pub async fn ready(&self) -> Arc<dyn Store> {
        let store = self.open().await;
        store.migrate(super::super::tables::MIGRATIONS).await.unwrap();
        store
    }
}

/// The server of the tests. A test that cannot run fails: one that is skipped proves nothing.
#[cfg(feature = "postgres")]
pub fn postgres_url() -> String {
    std::env::var(VARIABLE).unwrap_or_else(|_| {
        panic!(
            "{VARIABLE} is not set: these tests need a PostgreSQL; run them with \
             `scripts/postgres run cargo nextest run`"
        )
    })
}

/// A URL with one more parameter.
#[cfg(feature = "postgres")]
pub fn with_parameter(url: &str, parameter: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{parameter}")
}

#[cfg(feature = "postgres")]
fn random() -> [u8; 8] {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// Runs functions of a `&Trial` as tests, on every engine that is built.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&super::Trial::sqlite()).await;
            })*
        }

        #[cfg(feature = "postgres")]
        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&super::Trial::postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both;
