//! Many callers, one commit: nobody goes on before the record is durable.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    super::super::store::{
        Store, StoreError,
        trial::{Moment, Watch, Watched},
    },
    Trail, Trial, entry, on_both, records, verdict,
};

on_both!(
    everyone_waits_until_it_is_durable,
    a_commit_that_fails_fails_for_everyone,
    an_entry_is_written_though_nobody_waits,
    an_entry_that_is_refused_keeps_nobody_out,
    a_flush_waits_for_what_was_before,
);

/// Commits wait for a permit, and fail on demand.
struct Gate {
    permits: Semaphore,
    fails: AtomicBool,
    begun: AtomicUsize,
    committed: AtomicUsize,
}

impl Gate {
    async fn before(trial: &Trial) -> (Arc<dyn Store>, Arc<Self>) {
        let gate = Arc::new(Self {
            permits: Semaphore::new(0),
            fails: AtomicBool::new(false),
            begun: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
        });
        let watch: Arc<dyn Watch> = Arc::clone(&gate) as _;
        (Watched::over(trial.ready().await, watch), gate)
    }
}

#[async_trait]
impl Watch for Gate {
    async fn at(&self, moment: Moment) -> Result<(), StoreError> {
        match moment {
            Moment::Begun(_) => {
                self.begun.fetch_add(1, Ordering::SeqCst);
            }
            Moment::Committing(_) => {
                self.permits.acquire().await.unwrap().forget();
                if self.fails.load(Ordering::SeqCst) {
                    return Err(StoreError::Unavailable("the disk is full".to_owned()));
                }
            }
            Moment::Committed(_) => {
                self.committed.fetch_add(1, Ordering::SeqCst);
            }
            Moment::Ping | Moment::Statement(..) => {}
        }
        Ok(())
    }
}

/// Appends entries at once. Each task returns how many commits there were when its append returned.
fn append_at_once(trail: &Arc<Trail>, gate: &Arc<Gate>, entries: usize) -> JoinSet<Done> {
    let mut tasks = JoinSet::new();
    for number in 0..entries {
        let (trail, gate) = (Arc::clone(trail), Arc::clone(gate));
        tasks.spawn(async move {
            let outcome = trail.append(entry("acme", &number.to_string())).await;
            (outcome, gate.committed.load(Ordering::SeqCst))
        });
    }
    tasks
}

type Done = (Result<(), StoreError>, usize);

/// Lets the other tasks run until a transaction has begun.
async fn begun(gate: &Gate) {
    let wait = async {
        while gate.begun.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("it begins");
}

async fn everyone_waits_until_it_is_durable(trial: &Trial) {
    let (store, gate) = Gate::before(trial).await;
    let trail = Arc::new(Trail::start(store.clone()));
    let mut tasks = append_at_once(&trail, &gate, 100);
    begun(&gate).await;
    assert!(tasks.try_join_next().is_none(), "somebody goes on before the commit");
    assert!(records(&*store, "acme").await.is_empty());
    gate.permits.add_permits(100);
    while let Some(done) = tasks.join_next().await {
        let (outcome, commits) = done.unwrap();
        assert_eq!(outcome, Ok(()));
        assert!(commits >= 1);
    }
    // How many share one is a matter of chance; that most do is the point.
    assert!(gate.committed.load(Ordering::SeqCst) <= 3);
    assert_eq!(records(&*store, "acme").await.len(), 100);
    assert_eq!(verdict(&*store, "acme").await.broken, None);
}

async fn a_commit_that_fails_fails_for_everyone(trial: &Trial) {
    let (store, gate) = Gate::before(trial).await;
    let trail = Arc::new(Trail::start(store.clone()));
    gate.permits.add_permits(1000);
    trail.append(entry("acme", "before")).await.unwrap();
    gate.fails.store(true, Ordering::SeqCst);
    for (outcome, _) in append_at_once(&trail, &gate, 20).join_all().await {
        assert_eq!(outcome, Err(StoreError::Unavailable("the disk is full".to_owned())));
    }
    gate.fails.store(false, Ordering::SeqCst);
    trail.append(entry("acme", "after")).await.unwrap();
    let records = records(&*store, "acme").await;
    let ids: Vec<_> = records.iter().map(|it| it["correlation_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["before", "after"]);
    assert_eq!(verdict(&*store, "acme").await.broken, None);
}

async fn an_entry_is_written_though_nobody_waits(trial: &Trial) {
    let (store, gate) = Gate::before(trial).await;
    let trail = Arc::new(Trail::start(store.clone()));
    let waiting = append_at_once(&trail, &gate, 1);
    begun(&gate).await;
    drop(waiting);
    gate.permits.add_permits(10);
    trail.append(entry("acme", "next")).await.unwrap();
    assert_eq!(records(&*store, "acme").await.len(), 2);
}

async fn an_entry_that_is_refused_keeps_nobody_out(trial: &Trial) {
    let (store, gate) = Gate::before(trial).await;
    let trail = Arc::new(Trail::start(store.clone()));
    // The first holds the writer up, so that the others share a batch.
    let mut tasks = append_at_once(&trail, &gate, 1);
    begun(&gate).await;
    for tenant in ["acme", "not\0stored", "acme"] {
        let trail = Arc::clone(&trail);
        tasks.spawn(async move { (trail.append(entry(tenant, tenant)).await, 0) });
    }
    gate.permits.add_permits(100);
    let outcomes: Vec<_> = tasks.join_all().await;
    let refused: Vec<_> =
        outcomes.iter().filter_map(|(outcome, _)| outcome.clone().err()).collect();
    assert_eq!(refused, [StoreError::Query("a text holds a NUL character".to_owned())]);
    assert_eq!(records(&*store, "acme").await.len(), 3);
    assert_eq!(verdict(&*store, "acme").await.broken, None);
}

async fn a_flush_waits_for_what_was_before(trial: &Trial) {
    let (store, gate) = Gate::before(trial).await;
    let trail = Arc::new(Trail::start(store.clone()));
    let waiting = append_at_once(&trail, &gate, 5);
    begun(&gate).await;
    drop(waiting);
    gate.permits.add_permits(10);
    trail.flush().await.unwrap();
    assert_eq!(records(&*store, "acme").await.len(), 5);
}
