//! Many that ask for one change at once, of a ledger and of one that is wrong.

use std::{future::Future, sync::Arc};

use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    super::super::store::{
        Migration, Statement, Store, StoreError,
        trial::{Trial, on_both},
    },
    Known, NOW, Request, naive,
};

on_both!(
    of_sixteen_that_race_one_makes_the_change,
    a_ledger_that_looks_before_it_acts_changes_twice,
    a_ledger_in_memory_forgets,
);

const RACERS: usize = 16;
const ROUNDS: usize = 20;

const EFFECTS: &[Migration] = &[Migration {
    component: "test",
    version: 1,
    name: "effects",
    sql: "CREATE TABLE effect (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, key TEXT NOT NULL);",
}];

/// A store where effects are counted by their key.
async fn ready(trial: &Trial) -> Arc<dyn Store> {
    let store = trial.ready().await;
    store.migrate(EFFECTS).await.unwrap();
    store
}

pub(super) fn effect(request: &Request) -> (Statement, Value) {
    let id = uuid::Uuid::new_v4().to_string();
    let statement = Statement::new("INSERT INTO effect (id, key) VALUES ($1, $2)");
    (statement.bind(id.as_str()).bind(request.key.as_str()), json!({"id": id}))
}

async fn effects(store: &dyn Store, key: &str) -> usize {
    let statement = Statement::new("SELECT id FROM effect WHERE key = $1").bind(key);
    store.query(statement).await.unwrap().len()
}

/// The change as a tool makes it: the answer, whoever has made it.
async fn change(store: Arc<dyn Store>, request: Request) -> Result<Value, StoreError> {
    let mut transaction = store.begin().await?;
    let taken = match request.take(&mut *transaction, NOW).await? {
        Ok(taken) => taken,
        Err(Known::Answered(answer)) => return Ok(answer),
        Err(other) => panic!("{other:?}"),
    };
    let (statement, answer) = effect(&request);
    transaction.execute(statement).await?;
    taken.answer(&mut *transaction, &answer).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// The answers that sixteen get who ask at the same moment, and ask again where the store was busy.
async fn race<F>(request: &Request, change: impl Fn(Request) -> F) -> Vec<Value>
where
    F: Future<Output = Result<Value, StoreError>> + Send + 'static,
{
    let start = Arc::new(Barrier::new(RACERS));
    let mut racers = JoinSet::new();
    for _ in 0..RACERS {
        let (start, attempts) = (Arc::clone(&start), [(); 8].map(|()| change(request.clone())));
        racers.spawn(async move {
            start.wait().await;
            for attempt in attempts {
                match attempt.await {
                    Err(StoreError::Unavailable(_)) => {}
                    other => return other.unwrap(),
                }
            }
            panic!("the store is busy for ever");
        });
    }
    racers.join_all().await
}

fn numbered(round: usize) -> Request {
    let mut request = super::request(json!({"round": round}));
    request.key = format!("round-{round:0>16}");
    request
}

async fn of_sixteen_that_race_one_makes_the_change(trial: &Trial) {
    let store = ready(trial).await;
    for round in 0..ROUNDS {
        let request = numbered(round);
        let answers = race(&request, |request| change(Arc::clone(&store), request)).await;
        assert_eq!(effects(&*store, &request.key).await, 1, "round {round}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "round {round}: {answers:?}");
    }
}

/// The race can be lost: it is, by a ledger that checks in one transaction and acts in another.
async fn a_ledger_that_looks_before_it_acts_changes_twice(trial: &Trial) {
    let store = ready(trial).await;
    let mut most = 0;
    for round in 0..ROUNDS {
        let request = numbered(round);
        race(&request, |request| naive::look_then_act(Arc::clone(&store), request)).await;
        most = most.max(effects(&*store, &request.key).await);
    }
    assert!(most > 1, "a naive ledger has won {ROUNDS} races, so winning proves nothing");
}

/// A process that ends takes a ledger in memory with it.
async fn a_ledger_in_memory_forgets(trial: &Trial) {
    let store = ready(trial).await;
    let request = numbered(0);
    for process in 1..=2 {
        let memory = naive::Memory::default();
        for _ in 0..2 {
            memory.change(&*store, &request).await;
        }
        assert_eq!(effects(&*store, &request.key).await, process);
    }
}
