//! Jobs on a store that fails.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{
    super::super::super::{
        guidance::{Code, Failure, Next},
        jobs::End,
        store::{
            StoreError,
            trial::{Moment, Trial, Watch, Watched, on_both},
        },
    },
    Bench, DEADLINE, KEY, alice,
};

on_both!(
    a_store_that_does_not_answer_ends_no_job,
    a_store_that_fails_at_any_moment_loses_and_doubles_nothing,
);

async fn a_store_that_does_not_answer_ends_no_job(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let id = bench.job(KEY).await;
    bench.services.store.close().await;
    let (services, who) = (&bench.services, alice());
    let polled = bench.toolbox.poll(services, &who, &id, DEADLINE, "poll").await.unwrap_err();
    assert_eq!((polled.code, polled.retryable), (Code::UpstreamUnavailable, true));
    assert_eq!(polled.correlation_id, "poll");
    let given_up = bench.toolbox.give_up(services, &who, &id, "cancel").await.unwrap_err();
    assert_eq!(given_up.code, Code::UpstreamUnavailable);
    // Without a store there are no jobs, and what failed is the answer.
    let next = Next::wait("wait");
    let mut failure = Failure::new(Code::ApprovalRequired, "carol has to agree", next);
    failure.retryable = true;
    let arguments = json!({"name": "b", "idempotency_key": "another-key-of-the-tests"});
    let deferred =
        bench.toolbox.defer(services, &who, ("add", arguments), failure.clone(), "call").await;
    assert_eq!(deferred, Err(failure));
    let bench = Bench::over(trial.open().await);
    assert_eq!(bench.end(&id).await, None);
}

/// Lets the store fail once, after so many moments.
struct Strike {
    left: AtomicUsize,
}

#[async_trait]
impl Watch for Strike {
    async fn at(&self, moment: Moment) -> Result<(), StoreError> {
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.saturating_sub(1), Ordering::SeqCst);
        match left {
            1 => Err(StoreError::Unavailable(format!("a fault of the test: {moment:?}"))),
            _ => Ok(()),
        }
    }
}

impl Bench {
    /// The same over a store that fails once, after so many moments; and what says whether it has.
    fn failing(&self, after: usize) -> (Arc<Self>, Arc<Strike>) {
        let strike = Arc::new(Strike { left: AtomicUsize::new(after) });
        let store = Watched::over(Arc::clone(&self.services.store), Arc::clone(&strike) as _);
        (Self::over(store), strike)
    }
}

async fn a_store_that_fails_at_any_moment_loses_and_doubles_nothing(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let (mut jobs, mut made, mut given_up, mut faults) = (0, 0, 0, 0);
    let open = "SELECT count(*) AS n FROM job WHERE ended IS NULL";
    for what in ["begin", "poll", "cancel"] {
        for after in 1.. {
            let key = format!("key-to-{what}-after-{after:0>4}");
            bench.gate("wait").await;
            let failure = bench.call(&alice(), &key, "a").await.unwrap_err();
            let (failing, strike) = bench.failing(after);
            let begun = async |bench: &Bench| {
                let call = ("add", json!({"name": "a", "idempotency_key": key}));
                bench.toolbox.defer(&bench.services, &alice(), call, failure.clone(), "call").await
            };
            if what == "begin" {
                let first = begun(&failing).await;
                assert!(first.as_ref().err().is_none_or(|it| *it == failure), "{after}: {first:?}");
            }
            let id = begun(&bench).await.unwrap().job.id;
            jobs += 1;
            match what {
                "poll" => {
                    bench.gate("open").await;
                    let (services, who) = (&failing.services, alice());
                    let polled = failing.toolbox.poll(services, &who, &id, DEADLINE, "poll").await;
                    assert!(polled.err().is_none_or(|failure| failure.retryable), "{after}");
                    assert!(matches!(bench.end(&id).await, Some(End::Answered(_))), "{after}");
                    made += 1;
                }
                _ => {
                    let (services, who) = (&failing.services, alice());
                    if what == "cancel" {
                        let first = failing.toolbox.give_up(services, &who, &id, "cancel").await;
                        assert!(first.err().is_none_or(|failure| failure.retryable), "{after}");
                    }
                    bench.give_up(&id).await;
                    bench.gate("open").await;
                    assert_eq!(bench.end(&id).await, Some(End::Cancelled), "{after}");
                    given_up += 1;
                }
            }
            assert_eq!(bench.things().await, made, "{what} {after}");
            assert_eq!(bench.count(open).await, 0, "{what} {after}");
            if strike.left.load(Ordering::SeqCst) > 0 {
                break;
            }
            faults += 1;
        }
    }
    assert!(faults >= 20, "only {faults} faults have struck");
    let trail = bench.trail().await;
    let count = |phase: &str| {
        let is_it = |record: &&Value| record["phase"] == phase && record["result"]["code"] == "ok";
        trail.iter().filter(is_it).filter(|record| record["result"]["replayed"].is_null()).count()
    };
    assert_eq!((count("defer"), count("cancel")), (jobs, given_up));
    assert_eq!(i64::try_from(count("commit")).unwrap(), made);
}
