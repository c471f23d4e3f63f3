//! What holds for a store, on whichever engine.

#[cfg(feature = "sqlite")]
mod file;
mod migrating;
#[cfg(feature = "postgres")]
mod server;
mod sessions;

use super::{
    Migration, Statement, Store, StoreError, Value,
    trial::{Trial, on_both},
};

on_both!(
    values_come_back_as_they_went_in,
    a_row_says_what_is_wrong_with_a_column,
    a_read_cannot_write,
    a_key_that_is_taken_is_a_conflict,
    a_nul_character_is_refused,
    a_null_has_no_type,
    text_is_ordered_by_its_bytes,
    one_of_many_that_race_for_a_key_gets_it,
    updates_that_compare_lose_nothing,
    a_dropped_transaction_leaves_nothing,
    a_cancelled_statement_leaves_the_store_usable,
    a_failed_statement_spoils_the_transaction,
    a_store_that_is_closed_is_unavailable,
    it_answers,
);

const TABLES: &[Migration] = &[Migration {
    component: "test",
    version: 1,
    name: "things",
    sql: "CREATE TABLE thing (
        id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, number BIGINT, bytes BYTEA, note TEXT
    );",
}];

async fn ready(trial: &Trial) -> std::sync::Arc<dyn Store> {
    let store = trial.open().await;
    store.migrate(TABLES).await.unwrap();
    store
}

fn add(id: &str, number: impl Into<Value>) -> Statement {
    Statement::new("INSERT INTO thing (id, number) VALUES ($1, $2)").bind(id).bind(number)
}

async fn write(store: &dyn Store, statement: Statement) -> Result<u64, StoreError> {
    let mut transaction = store.begin().await?;
    let rows = transaction.execute(statement).await?;
    transaction.commit().await?;
    Ok(rows)
}

async fn count(store: &dyn Store) -> i64 {
    let rows = store.query(Statement::new("SELECT count(*) AS n FROM thing")).await.unwrap();
    rows[0].integer("n").unwrap()
}

async fn values_come_back_as_they_went_in(trial: &Trial) {
    let store = ready(trial).await;
    let texts = ["", "O'Brien; DROP TABLE thing; --", "\u{202e}שלום", "🧪 \"\\ \r\n\t\u{1}"];
    for (text, number) in texts.iter().zip([0, -1, i64::MAX, i64::MIN]) {
        let bytes = vec![0, 255, u8::try_from(text.len()).unwrap()];
        let statement = Statement::new(
            "INSERT INTO thing (id, number, bytes, note) VALUES ($1, $2, $3, $4) \
             RETURNING id, number, bytes, note, note IS NULL AS is_bare",
        );
        let statement = statement.bind(*text).bind(number).bind(bytes.clone()).bind(None::<i64>);
        let mut transaction = store.begin().await.unwrap();
        let rows = transaction.query(statement).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].text("id"), Ok(*text));
        assert_eq!(rows[0].integer("number"), Ok(number));
        assert_eq!(rows[0].bytes("bytes"), Ok(&bytes[..]));
        assert_eq!(rows[0].optional_text("note"), Ok(None));
        assert_eq!(rows[0].integer("is_bare"), Ok(1));
    }
    assert_eq!(count(&*store).await, 4);
}

async fn a_row_says_what_is_wrong_with_a_column(trial: &Trial) {
    let store = ready(trial).await;
    write(&*store, add("a", 1)).await.unwrap();
    let rows = store.query(Statement::new("SELECT id, number, note FROM thing")).await.unwrap();
    let row = &rows[0];
    for (error, words) in [
        (row.text("missing").unwrap_err(), "no column `missing`"),
        (row.text("note").unwrap_err(), "`note` is null"),
        (row.text("number").unwrap_err(), "`number` is not text but integer"),
        (row.integer("id").unwrap_err(), "`id` is not an integer but text"),
    ] {
        assert!(error.to_string().contains(words), "{error}");
    }
    let error = store.query(Statement::new("SELECT 1.5 AS share")).await.unwrap_err();
    assert!(error.to_string().contains("cast it"), "{error}");
}

async fn a_read_cannot_write(trial: &Trial) {
    let store = ready(trial).await;
    let error = store.query(add("a", 1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Query(_)), "{error:?}");
    assert_eq!(count(&*store).await, 0);
}

async fn a_key_that_is_taken_is_a_conflict(trial: &Trial) {
    let store = ready(trial).await;
    write(&*store, add("a", 1)).await.unwrap();
    let error = write(&*store, add("a", 2)).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error:?}");
    assert_eq!(count(&*store).await, 1);
}

async fn a_nul_character_is_refused(trial: &Trial) {
    let store = ready(trial).await;
    let error = write(&*store, add("a\0b", 1)).await.unwrap_err();
    assert_eq!(error, StoreError::Query("a text holds a NUL character".to_owned()));
}

async fn a_null_has_no_type(trial: &Trial) {
    let store = ready(trial).await;
    let insert =
        || Statement::new("INSERT INTO thing (id, number, bytes, note) VALUES ($1, $2, $3, $4)");
    // The statement is prepared once, by whoever comes first.
    let nulls = insert().bind("a").bind(Value::Null).bind(Value::Null).bind(Value::Null);
    write(&*store, nulls).await.unwrap();
    write(&*store, insert().bind("b").bind(7).bind(vec![1]).bind("x")).await.unwrap();
    let statement = Statement::new("SELECT number, note FROM thing WHERE bytes = $1");
    let rows = store.query(statement.bind(vec![1])).await.unwrap();
    assert_eq!(rows[0].values(), [Value::Integer(7), Value::Text("x".to_owned())]);
}

async fn text_is_ordered_by_its_bytes(trial: &Trial) {
    let store = ready(trial).await;
    for id in ["b", "a-c", "B", "ab", "é", "Z"] {
        write(&*store, add(id, 1)).await.unwrap();
    }
    let rows = store.query(Statement::new("SELECT id FROM thing ORDER BY id")).await.unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row.text("id").unwrap()).collect();
    assert_eq!(ids, ["B", "Z", "a-c", "ab", "b", "é"]);
}

async fn one_of_many_that_race_for_a_key_gets_it(trial: &Trial) {
    ready(trial).await;
    // Three that have nothing in common but the place, as processes have.
    let stores = [trial.open().await, trial.open().await, trial.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let store = stores[usize::try_from(number).unwrap() % 3].clone();
        tasks.spawn(async move {
            let statement = Statement::new(
                "INSERT INTO thing (id, number) VALUES ('key', $1) ON CONFLICT (id) DO NOTHING",
            );
            let mut transaction = store.begin().await.unwrap();
            let rows = transaction.execute(statement.bind(number)).await.unwrap();
            transaction.commit().await.unwrap();
            let rows_after = store.query(Statement::new("SELECT number FROM thing")).await.unwrap();
            (number, rows, rows_after[0].integer("number").unwrap())
        });
    }
    let outcomes = tasks.join_all().await;
    let winners: Vec<_> = outcomes.iter().filter(|(_, rows, _)| *rows == 1).collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|(_, _, stored)| *stored == winners[0].0), "{outcomes:?}");
}

async fn updates_that_compare_lose_nothing(trial: &Trial) {
    let store = ready(trial).await;
    write(&*store, add("a", 0)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        tasks.spawn(async move {
            loop {
                let rows = store.query(Statement::new("SELECT number FROM thing")).await.unwrap();
                let seen = rows[0].integer("number").unwrap();
                let statement = Statement::new("UPDATE thing SET number = $1 WHERE number = $2");
                if write(&*store, statement.bind(seen + 1).bind(seen)).await.unwrap() == 1 {
                    return;
                }
            }
        });
    }
    tasks.join_all().await;
    let rows = store.query(Statement::new("SELECT number FROM thing")).await.unwrap();
    assert_eq!(rows[0].integer("number"), Ok(16));
}

async fn a_dropped_transaction_leaves_nothing(trial: &Trial) {
    let store = ready(trial).await;
    // More often than there are connections.
    for round in 0..20 {
        let mut transaction = store.begin().await.unwrap();
        transaction.execute(add(&format!("dropped {round}"), 1)).await.unwrap();
        drop(transaction);
    }
    let mut transaction = store.begin().await.unwrap();
    transaction.execute(add("undone", 1)).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(count(&*store).await, 0);
    write(&*store, add("kept", 1)).await.unwrap();
    assert_eq!(count(&*store).await, 1);
}

async fn a_cancelled_statement_leaves_the_store_usable(trial: &Trial) {
    let store = ready(trial).await;
    for round in 0..20 {
        let work = async {
            let mut transaction = store.begin().await.unwrap();
            let many = Statement::new(
                "WITH RECURSIVE counter (n) AS \
                 (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < $1) \
                 INSERT INTO thing (id, number) SELECT CAST(n AS TEXT), n FROM counter",
            );
            transaction.execute(many.bind(20_000)).await.unwrap();
            // Nobody commits.
            std::future::pending::<()>().await;
        };
        // Cancelled at another point of its way each time.
        let polls = std::cell::Cell::new(0);
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| {
            polls.set(polls.get() + 1);
            if polls.get() > round {
                return std::task::Poll::Ready(());
            }
            let poll = work.as_mut().poll(context);
            context.waker().wake_by_ref();
            poll
        })
        .await;
    }
    write(&*store, add("kept", 1)).await.unwrap();
    assert_eq!(count(&*store).await, 1);
}

async fn a_failed_statement_spoils_the_transaction(trial: &Trial) {
    let store = ready(trial).await;
    let mut transaction = store.begin().await.unwrap();
    transaction.execute(add("a", 1)).await.unwrap();
    transaction.execute(add("a", 2)).await.unwrap_err();
    let error = transaction.commit().await.unwrap_err();
    assert!(error.to_string().contains("rolled back"), "{error}");
    assert_eq!(count(&*store).await, 0);
}

async fn a_store_that_is_closed_is_unavailable(trial: &Trial) {
    let store = ready(trial).await;
    store.close().await;
    assert!(store.ping().await.unwrap_err().is_transient());
    assert!(write(&*store, add("a", 1)).await.unwrap_err().is_transient());
}

async fn it_answers(trial: &Trial) {
    let store = ready(trial).await;
    assert_eq!(store.ping().await, Ok(()));
    assert_eq!(store.engine(), trial.location.engine());
}
