//! What only an engine behind a network can run into.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::super::{
    Location, Statement, Store, StoreError, open,
    trial::{Trial, postgres_url, with_parameter},
};

/// A way to the server that a test can cut or block.
struct Way {
    port: u16,
    server: String,
    task: tokio::task::JoinHandle<()>,
}

impl Way {
    async fn new(port: u16, server: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let to = server.to_owned();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let mut far = TcpStream::connect(&to).await.unwrap();
                connections.spawn(async move {
                    let _over = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { port, server: server.to_owned(), task }
    }

    /// Ends every connection and takes no more, as a server that is stopped.
    async fn cut(&mut self) {
        self.task.abort();
        let _aborted = (&mut self.task).await;
    }

    /// Takes connections again.
    async fn mend(&mut self) {
        *self = Self::new(self.port, &self.server.clone()).await;
    }
}

/// The server of the tests as it is reached over a way.
async fn over_a_way() -> (Way, Location) {
    let url = postgres_url();
    let (rest, path) = url.rsplit_once('/').unwrap();
    let (user, server) = rest.rsplit_once('@').unwrap();
    let way = Way::new(0, server).await;
    let location = format!("{user}@127.0.0.1:{}/{path}", way.port).parse().unwrap();
    (way, location)
}

async fn refused(url: &str) -> StoreError {
    match open(&url.parse().unwrap()).await {
        Err(error) => error,
        Ok(_) => panic!("{url} is open"),
    }
}

/// That it fails before the limit of a tool, as something that can succeed later.
async fn is_down<T>(work: impl Future<Output = Result<T, StoreError>>) {
    let began = Instant::now();
    let result = tokio::time::timeout(Duration::from_secs(5), work).await.expect("an answer");
    let error = result.err().expect("a store that is down");
    assert!(error.is_transient(), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_server_that_is_down_is_unavailable_and_back_when_it_is_back() {
    let (mut way, location) = over_a_way().await;
    let store = open(&location).await.unwrap();
    // Connections of both kinds that will be dead.
    let held = store.begin().await.unwrap();
    let reads = (0..4).map(|_| store.ping());
    for read in reads {
        read.await.unwrap();
    }
    way.cut().await;
    is_down(held.commit()).await;
    is_down(store.ping()).await;
    is_down(store.begin()).await;
    is_down(open(&location)).await;
    way.mend().await;
    store.ping().await.unwrap();
    store.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_restarted_is_not_noticed_by_readers() {
    let (mut way, location) = over_a_way().await;
    let store = open(&location).await.unwrap();
    let mut reads = JoinSet::new();
    for _ in 0..8 {
        let store = Arc::clone(&store);
        reads
            .spawn(async move { store.query(Statement::new("SELECT pg_sleep(0.05)::text")).await });
    }
    while let Some(read) = reads.join_next().await {
        // The result is of no kind that we read; what matters is that there is one.
        drop(read.unwrap());
    }
    for _ in 0..3 {
        store.begin().await.unwrap().commit().await.unwrap();
    }
    way.cut().await;
    way.mend().await;
    store.begin().await.unwrap().commit().await.unwrap();
    for _ in 0..8 {
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_that_the_administrator_ends_is_not_noticed_either() {
    let trial = Trial::postgres().await;
    let (store, administrator) = (trial.open().await, trial.open().await);
    let own = || Statement::new("SELECT pg_backend_pid() AS pid");
    let reader = store.query(own()).await.unwrap()[0].integer("pid").unwrap();
    let mut transaction = store.begin().await.unwrap();
    let writer = transaction.query(own()).await.unwrap()[0].integer("pid").unwrap();
    transaction.commit().await.unwrap();
    for pid in [reader, writer] {
        let end = Statement::new("SELECT pg_terminate_backend(CAST($1 AS INTEGER), 5000) AS ended");
        let ended = administrator.query(end.bind(pid)).await.unwrap();
        assert_eq!(ended[0].integer("ended"), Ok(1));
    }
    store.ping().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let next = transaction.query(own()).await.unwrap()[0].integer("pid").unwrap();
    assert_ne!(next, writer);
    transaction.commit().await.unwrap();
}

/// It was answered as a mistake of the server, and the store said that it was ready.
#[tokio::test]
async fn a_server_that_became_read_only_is_out_of_service_and_comes_back() {
    let trial = Trial::postgres().await;
    trial.ready().await;
    let location = with_parameter(&trial.address(), "options[default_transaction_read_only]=on");
    let store = open(&location.parse().unwrap()).await.unwrap();
    let write = async || {
        let mut transaction = store.begin().await?;
        transaction.execute(Statement::new("DELETE FROM session")).await?;
        transaction.commit().await
    };
    store.ping().await.expect("there is no connection yet that could say so");
    for _ in 0..3 {
        let error = write().await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        let error = store.ping().await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains("no writes"), "{error:?}");
        store.query(Statement::new("SELECT count(*) AS n FROM session")).await.unwrap();
    }

    // A server that is set so while connections are open, and back again.
    let store = trial.open().await;
    let set = async |sql: &'static str| {
        let mut transaction = store.begin().await.unwrap();
        transaction.script(sql).await.unwrap();
        transaction.commit().await.unwrap();
    };
    set("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY").await;
    let error = store.ping().await.unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    // That connection is gone, and the next one can write.
    store.ping().await.unwrap();
    set("DELETE FROM session").await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable() {
    // Takes connections and is silent.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u:s3cret@{}/d", listener.local_addr().unwrap());
    is_down(open(&url.parse().unwrap())).await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let store = Trial::postgres().await.open().await;
    is_down(store.query(Statement::new("SELECT pg_sleep(60)::text AS t"))).await;
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let url = postgres_url();
    let (start, end) = url.rsplit_once('@').unwrap();
    let (start, password) = start.rsplit_once(':').unwrap();
    for wrong in
        [format!("{start}:wrong-s3cret@{end}"), with_parameter(&url, "password=wrong-s3cret")]
    {
        let error = refused(&wrong).await;
        assert!(matches!(error, StoreError::Setup(_)), "{error:?}");
        let shown = format!("{error} {error:?} {:?}", wrong.parse::<Location>());
        assert!(!shown.contains("s3cret") && !shown.contains(password), "{shown}");
        assert!(shown.contains("check the user and the password"), "{shown}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_url_is_said_without_it() {
    let url = postgres_url();
    let (server, _) = url.rsplit_once('/').unwrap();
    let (_, password) = server.rsplit_once('@').unwrap().0.rsplit_once(':').unwrap();
    for (wrong, words) in [
        (format!("{server}/nowhere"), "create the database, or name another one"),
        (with_parameter(&url, "sslmode=require"), "check `sslmode`"),
        (with_parameter(&url, "sslmode=perhaps"), "is not one of PostgreSQL"),
        (format!("{server}:x/y"), "is not one of PostgreSQL"),
    ] {
        let error = refused(&wrong).await;
        assert!(matches!(error, StoreError::Setup(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error:?}").contains(password), "{error:?}");
    }
}

#[tokio::test]
async fn the_server_knows_who_asks_and_gives_up_in_time() {
    let store = Trial::postgres().await.open().await;
    let statement = Statement::new(
        "SELECT current_setting('application_name') AS name, \
         current_setting('statement_timeout') AS statement, \
         current_setting('transaction_isolation') AS isolation, \
         current_setting('transaction_read_only') AS read_only",
    );
    let mut transaction = store.begin().await.unwrap();
    let rows = transaction.query(statement.clone()).await.unwrap();
    assert_eq!(rows[0].text("name"), Ok("mcp server"));
    assert_eq!(rows[0].text("statement"), Ok("4s"));
    assert_eq!(rows[0].text("isolation"), Ok("read committed"));
    assert_eq!(rows[0].text("read_only"), Ok("off"));
    let rows = store.query(statement).await.unwrap();
    assert_eq!(rows[0].text("read_only"), Ok("on"));
}

#[tokio::test]
async fn tables_that_cannot_be_made_are_a_matter_of_set_up() {
    // In a schema that there is not.
    let url = with_parameter(&postgres_url(), "options[search_path]=nowhere");
    let store = open(&url.parse().unwrap()).await.unwrap();
    let error = store.migrate(super::TABLES).await.unwrap_err();
    assert!(error.to_string().contains("let the user of the store create tables"), "{error}");
}

#[tokio::test]
async fn cancelled_reads_do_not_keep_their_connections() {
    let trial = Trial::postgres().await;
    let (store, observer) = (trial.open().await, trial.open().await);
    let mut seen = BTreeSet::new();
    // As many as there are connections.
    for _ in 0..8 {
        let store = store.clone();
        let read = tokio::spawn(async move { store.query(sleeping()).await });
        let at_work = async {
            while !sleepers(&*observer).await.iter().any(|pid| seen.insert(*pid)) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), at_work).await.expect("it sleeps");
        read.abort();
    }
    let began = Instant::now();
    store.ping().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "it waits for what nobody wants any more");
}

fn sleeping() -> Statement {
    Statement::new("SELECT CAST(pg_sleep(61) AS TEXT) AS t")
}

/// The processes of the server that are at this statement.
async fn sleepers(observer: &dyn Store) -> Vec<i64> {
    let statement = Statement::new(
        "SELECT CAST(pid AS BIGINT) AS pid FROM pg_stat_activity \
         WHERE state = 'active' AND query = $1",
    );
    let rows = observer.query(statement.bind(sleeping().sql)).await.unwrap();
    rows.iter().map(|row| row.integer("pid").unwrap()).collect()
}
