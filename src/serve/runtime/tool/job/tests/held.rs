//! A job whose call is being repeated while somebody gives the job up.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::{sync::Notify, time::timeout};

use super::{
    super::super::super::{
        jobs::End,
        store::{
            StoreError,
            trial::{Moment, Trial, Watch, Watched, on_both},
        },
    },
    Bench, KEY, alice,
};

on_both!(a_job_is_not_given_up_while_its_change_is_made);

/// Holds the first transaction right before its commit.
#[derive(Default)]
struct Hold {
    is_there: Notify,
    may_go_on: Notify,
}

#[async_trait]
impl Watch for Hold {
    async fn at(&self, moment: Moment) -> Result<(), StoreError> {
        if moment == Moment::Committing(1) {
            self.is_there.notify_one();
            self.may_go_on.notified().await;
        }
        Ok(())
    }
}

async fn a_job_is_not_given_up_while_its_change_is_made(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let id = bench.job(KEY).await;
    bench.gate("open").await;
    let hold = Arc::new(Hold::default());
    let store = Watched::over(trial.open().await, Arc::clone(&hold) as _);
    let elsewhere = Bench::over(store);
    let call = tokio::spawn(async move { elsewhere.call(&alice(), KEY, "a").await });
    hold.is_there.notified().await;
    let mut given_up = Box::pin(bench.give_up(&id));
    let early = timeout(Duration::from_millis(200), &mut given_up).await;
    assert!(early.is_err(), "it cannot be known yet whether the change is made");
    hold.may_go_on.notify_one();
    given_up.await;
    let answer = call.await.unwrap().unwrap().content;
    assert_eq!(bench.end(&id).await, Some(End::Answered(answer)));
    assert_eq!(bench.things().await, 1);
    assert!(bench.trail().await.iter().all(|record| record["phase"] != "cancel"));
}
