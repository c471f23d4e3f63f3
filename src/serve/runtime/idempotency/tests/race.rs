//! Many that ask for one change at once, of a ledger and of one that is wrong.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    super::super::{
        points::{Point, Points},
        store::{
            Migration, Statement, Store, StoreError,
            trial::{Trial, on_both},
        },
    },
    Known, NOW, Request,
    naive::{self, Memory},
};

on_both!(
    of_sixteen_that_race_one_makes_the_change,
    a_ledger_that_looks_before_it_acts_loses_races,
    a_ledger_in_memory_loses_races,
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
pub(super) async fn ready(trial: &Trial) -> Arc<dyn Store> {
    let store = trial.ready().await;
    store.migrate(EFFECTS).await.unwrap();
    store
}

pub(super) fn effect(request: &Request) -> (Statement, Value) {
    let id = uuid::Uuid::new_v4().to_string();
    let statement = Statement::new("INSERT INTO effect (id, key) VALUES ($1, $2)");
    (statement.bind(id.as_str()).bind(request.key.as_str()), json!({"id": id}))
}

pub(super) async fn effects(store: &dyn Store, key: &str) -> usize {
    let statement = Statement::new("SELECT id FROM effect WHERE key = $1").bind(key);
    store.query(statement).await.unwrap().len()
}

/// The ledger, and those that are wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ledger {
    Ours,
    LookThenAct,
    Memory,
}

impl Ledger {
    pub(super) const ALL: [Self; 3] = [Self::Ours, Self::LookThenAct, Self::Memory];

    /// Makes a change, or finds that it was made: the answer. `memory` is what its process remembers.
    pub(super) async fn change(
        self,
        store: &Arc<dyn Store>,
        memory: &Memory,
        request: &Request,
        points: &Points,
    ) -> Result<Value, StoreError> {
        match self {
            Self::Ours => change(store, request, points).await,
            Self::LookThenAct => naive::look_then_act(store, request, points).await,
            Self::Memory => memory.change(store, request, points).await,
        }
    }
}

/// The change as a tool makes it: the answer, whoever has made it.
async fn change(
    store: &Arc<dyn Store>,
    request: &Request,
    points: &Points,
) -> Result<Value, StoreError> {
    points.reach(Point::BeforeTransaction, "change");
    let mut transaction = store.begin().await?;
    let taken = match request.take(&mut *transaction, NOW).await? {
        Ok(taken) => taken,
        Err(Known::Answered(answer)) => return Ok(answer),
        Err(other) => panic!("{other:?}"),
    };
    let (statement, answer) = effect(request);
    transaction.execute(statement).await?;
    taken.answer(&mut *transaction, &answer).await?;
    points.reach(Point::BeforeCommit, "change");
    transaction.commit().await?;
    points.reach(Point::AfterCommit, "change");
    Ok(answer)
}

/// How many of the rounds have come to anything else than one effect and one answer, where sixteen ask
/// for one change at the same moment, and ask again where the store was busy.
async fn race(trial: &Trial, ledger: Ledger) -> usize {
    let store = ready(trial).await;
    let memory = Arc::new(Memory::default());
    let mut lost = 0;
    for round in 0..ROUNDS {
        let request = numbered(round);
        let start = Arc::new(Barrier::new(RACERS));
        let mut racers = JoinSet::new();
        for _ in 0..RACERS {
            let (start, request) = (Arc::clone(&start), request.clone());
            let (store, memory) = (Arc::clone(&store), Arc::clone(&memory));
            racers.spawn(async move {
                start.wait().await;
                for _ in 0..8 {
                    match ledger.change(&store, &memory, &request, &Points::default()).await {
                        Err(StoreError::Unavailable(_)) => {}
                        other => return other.unwrap(),
                    }
                }
                panic!("the store is busy for ever");
            });
        }
        let answers = racers.join_all().await;
        let is_one_answer = answers.iter().all(|answer| *answer == answers[0]);
        if !is_one_answer || effects(&*store, &request.key).await != 1 {
            lost += 1;
        }
    }
    lost
}

pub(super) fn numbered(round: usize) -> Request {
    let mut request = super::request(json!({"round": round}));
    request.key = format!("round-{round:0>16}");
    request
}

async fn of_sixteen_that_race_one_makes_the_change(trial: &Trial) {
    assert_eq!(race(trial, Ledger::Ours).await, 0);
}

/// The race can be lost: it is, by a ledger that checks in one transaction and acts in another.
async fn a_ledger_that_looks_before_it_acts_loses_races(trial: &Trial) {
    let lost = race(trial, Ledger::LookThenAct).await;
    assert!(lost > 0, "a naive ledger has won {ROUNDS} races, so winning proves nothing");
}

async fn a_ledger_in_memory_loses_races(trial: &Trial) {
    let lost = race(trial, Ledger::Memory).await;
    assert!(lost > 0, "a naive ledger has won {ROUNDS} races, so winning proves nothing");
}
