//! Bringing tables up to date.

use super::{
    super::trial::{Trial, on_both},
    Migration, Statement, StoreError,
};

on_both!(
    steps_are_taken_once,
    three_that_start_at_once_take_each_step_once,
    a_step_that_was_changed_is_refused,
    a_newer_store_is_refused,
    a_step_that_fails_leaves_nothing,
    components_do_not_meet,
);

const fn step(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration { component: "test", version, name, sql }
}

const ONE: Migration = step(1, "one", "CREATE TABLE one (n BIGINT NOT NULL);");
// A step that shows when it is taken twice.
const TWO: Migration =
    step(2, "two", "CREATE TABLE two (n BIGINT NOT NULL); INSERT INTO one (n) VALUES (1);");

async fn taken(store: &dyn super::Store) -> i64 {
    let rows = store.query(Statement::new("SELECT count(*) AS n FROM one")).await.unwrap();
    rows[0].integer("n").unwrap()
}

async fn steps_are_taken_once(trial: &Trial) {
    let store = trial.open().await;
    store.migrate(&[ONE]).await.unwrap();
    store.migrate(&[ONE, TWO]).await.unwrap();
    store.migrate(&[ONE, TWO]).await.unwrap();
    assert_eq!(taken(&*store).await, 1);
    let again = trial.open().await;
    again.migrate(&[ONE, TWO]).await.unwrap();
    assert_eq!(taken(&*again).await, 1);
}

async fn three_that_start_at_once_take_each_step_once(trial: &Trial) {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let location = trial.location.clone();
        tasks.spawn(async move {
            let store = super::super::open(&location).await?;
            store.migrate(&[ONE, TWO]).await?;
            Ok::<_, StoreError>(taken(&*store).await)
        });
    }
    for outcome in tasks.join_all().await {
        assert_eq!(outcome, Ok(1));
    }
}

async fn a_step_that_was_changed_is_refused(trial: &Trial) {
    let store = trial.open().await;
    store.migrate(&[ONE]).await.unwrap();
    let changed = step(1, "other", "CREATE TABLE one (n TEXT);");
    let error = store.migrate(&[changed, TWO]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 1 of the tables of `test` was taken as `one` and is now another one, `other`: start \
         the program that has written this store, or name another store"
    );
}

async fn a_newer_store_is_refused(trial: &Trial) {
    let store = trial.open().await;
    store.migrate(&[ONE, TWO]).await.unwrap();
    let error = store.migrate(&[ONE]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tables of `test` are at version 2 (`two`), written by a newer program; this one knows \
         version 1: start the newer program, or restore a backup"
    );
}

async fn a_step_that_fails_leaves_nothing(trial: &Trial) {
    let store = trial.open().await;
    let wrong = step(2, "two", "INSERT INTO one (n) VALUES (1); INSERT INTO nowhere VALUES (1);");
    let error = store.migrate(&[ONE, wrong]).await.unwrap_err();
    assert!(matches!(error, StoreError::Query(_)), "{error:?}");
    assert_eq!(taken(&*store).await, 0);
    store.migrate(&[ONE, TWO]).await.unwrap();
    assert_eq!(taken(&*store).await, 1);
}

async fn components_do_not_meet(trial: &Trial) {
    let store = trial.open().await;
    store.migrate(&[ONE, TWO]).await.unwrap();
    let other = Migration { component: "other", ..step(1, "own", "CREATE TABLE own (n BIGINT);") };
    store.migrate(&[other]).await.unwrap();
    store.migrate(&[ONE, TWO]).await.unwrap();
    let mixed = store.migrate(&[ONE, Migration { version: 2, ..other }]).await.unwrap_err();
    assert!(mixed.to_string().contains("not numbered from 1"), "{mixed}");
}
