//! What holds for the table of jobs, on whichever engine.

use std::sync::Arc;

use serde_json::json;
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    super::{
        idempotency::Request,
        store::{
            Store,
            trial::{Trial, on_both},
        },
    },
    Begun, Bounds, End, Job, LIFETIME_MS, New, are_too_many, begin, end, expire, find, open,
};

on_both!(
    a_job_comes_back_as_it_was_begun,
    one_key_has_one_job_that_has_not_ended,
    of_eight_that_race_one_begins,
    a_job_ends_once,
    a_job_is_forgotten_when_its_time_is_up,
    jobs_are_counted_by_owner_and_by_tenant,
);

const NOW: i64 = 1_700_000_000_000;

fn request(actor: &str, key: &str) -> Request {
    Request {
        tenant: "acme".to_owned(),
        actor: actor.to_owned(),
        tool: "commit_change",
        key: key.to_owned(),
        fingerprint: "f".to_owned(),
    }
}

fn new(actor: &str, key: &str) -> New {
    New::of(request(actor, key), json!({"change_id": "c", "idempotency_key": key}))
}

async fn begun(store: &dyn Store, new: &New, now: i64) -> Begun {
    let mut transaction = store.begin().await.unwrap();
    let begun = begin(&mut *transaction, new, now).await.unwrap();
    transaction.commit().await.unwrap();
    begun
}

async fn job(store: &dyn Store, actor: &str, key: &str) -> Job {
    match begun(store, &new(actor, key), NOW).await {
        Begun::New(job) => job,
        Begun::Known(job) => panic!("there is a job already: {job:?}"),
    }
}

async fn ended(store: &dyn Store, job: &Job, how: &End) -> bool {
    let mut transaction = store.begin().await.unwrap();
    let is_ended = end(&mut *transaction, job, how, NOW + 1).await.unwrap();
    transaction.commit().await.unwrap();
    is_ended
}

async fn a_job_comes_back_as_it_was_begun(trial: &Trial) {
    let store = trial.ready().await;
    let job = job(&*store, "alice", "k").await;
    let found = find(&*store, ("acme", "alice"), &job.id, NOW).await.unwrap();
    assert_eq!(found.as_ref(), Some(&job));
    assert_eq!(open(&*store, &request("alice", "k"), NOW).await.unwrap().as_ref(), Some(&job));
    assert_eq!(job.arguments, json!({"change_id": "c", "idempotency_key": "k"}));
    assert_eq!(job.lifetime_ms(), LIFETIME_MS.unsigned_abs());
    let forged = job.id.replace(|digit: char| digit.is_ascii_digit(), "0");
    let long = "a".repeat(100_000);
    for (whose, id) in [
        (("acme", "bob"), job.id.as_str()),
        (("globex", "alice"), &job.id),
        (("acme", "alice"), &forged),
        (("acme", "alice"), &job.id.to_uppercase()),
        (("acme", "alice"), ""),
        (("acme", "alice"), "a\0b"),
        (("acme", "alice"), &long),
    ] {
        assert_eq!(find(&*store, whose, id, NOW).await.unwrap(), None, "{whose:?}");
    }
}

async fn one_key_has_one_job_that_has_not_ended(trial: &Trial) {
    let store = trial.ready().await;
    let first = job(&*store, "alice", "k").await;
    assert_eq!(begun(&*store, &new("alice", "k"), NOW).await, Begun::Known(first.clone()));
    job(&*store, "bob", "k").await;
    job(&*store, "alice", "another").await;
    assert!(ended(&*store, &first, &End::Cancelled).await);
    let second = job(&*store, "alice", "k").await;
    assert_ne!(second.id, first.id);
    // One that nobody has ended and whose time is up is in nobody's way.
    let late = NOW + LIFETIME_MS;
    assert!(matches!(begun(&*store, &new("alice", "k"), late - 1).await, Begun::Known(_)));
    assert!(matches!(begun(&*store, &new("alice", "k"), late).await, Begun::New(_)));
}

async fn of_eight_that_race_one_begins(trial: &Trial) {
    let store = trial.ready().await;
    let start = Arc::new(Barrier::new(8));
    let mut racers = JoinSet::new();
    for _ in 0..8 {
        let (store, start) = (Arc::clone(&store), Arc::clone(&start));
        racers.spawn(async move {
            start.wait().await;
            begun(&*store, &new("alice", "k"), NOW).await
        });
    }
    let begun = racers.join_all().await;
    let id = |begun: &Begun| match begun {
        Begun::New(job) | Begun::Known(job) => job.id.clone(),
    };
    assert!(begun.iter().all(|it| id(it) == id(&begun[0])), "{begun:?}");
    assert_eq!(begun.iter().filter(|it| matches!(it, Begun::New(_))).count(), 1);
}

async fn a_job_ends_once(trial: &Trial) {
    let store = trial.ready().await;
    let ends = [
        End::Answered(json!({"data": {"version": 2}})),
        End::Refused(json!({"error": {"code": "approval_rejected"}})),
        End::Unknown,
        End::Cancelled,
    ];
    for (index, how) in ends.iter().enumerate() {
        let job = job(&*store, "alice", &index.to_string()).await;
        let stranger = Job { owner: "bob".to_owned(), ..job.clone() };
        assert!(!ended(&*store, &stranger, how).await);
        assert!(ended(&*store, &job, how).await);
        for another in &ends {
            assert!(!ended(&*store, &job, another).await, "{how:?}");
        }
        let found = find(&*store, ("acme", "alice"), &job.id, NOW).await.unwrap().unwrap();
        assert_eq!((found.end.as_ref(), found.updated_at), (Some(how), NOW + 1));
    }
}

async fn a_job_is_forgotten_when_its_time_is_up(trial: &Trial) {
    let store = trial.ready().await;
    let first = job(&*store, "alice", "first").await;
    let Begun::New(second) = begun(&*store, &new("alice", "second"), NOW + 1).await else {
        panic!("the second is new");
    };
    let late = NOW + LIFETIME_MS;
    for (id, now, is_there) in
        [(&first.id, late - 1, true), (&first.id, late, false), (&second.id, late, true)]
    {
        let found = find(&*store, ("acme", "alice"), id, now).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{now}");
    }
    assert_eq!(open(&*store, &first_request(), late).await.unwrap(), None);
    assert_eq!(expire(&*store, late - 1).await.unwrap(), 0);
    assert_eq!(expire(&*store, late).await.unwrap(), 1);
    assert_eq!(expire(&*store, late + 1).await.unwrap(), 1);
}

fn first_request() -> Request {
    request("alice", "first")
}

async fn jobs_are_counted_by_owner_and_by_tenant(trial: &Trial) {
    let store = trial.ready().await;
    let first = job(&*store, "alice", "1").await;
    job(&*store, "alice", "2").await;
    job(&*store, "bob", "3").await;
    ended(&*store, &first, &End::Cancelled).await;
    let wide = Bounds {
        open_of_owner: 1,
        kept_of_owner: 2,
        open_of_tenant: 2,
        kept_of_tenant: 3,
        bytes: 0,
    };
    for (bounds, are_many) in [
        (wide, false),
        (Bounds { open_of_owner: 0, ..wide }, true),
        (Bounds { kept_of_owner: 1, ..wide }, true),
        (Bounds { open_of_tenant: 1, ..wide }, true),
        (Bounds { kept_of_tenant: 2, ..wide }, true),
    ] {
        let mut transaction = store.begin().await.unwrap();
        let counted = are_too_many(&mut *transaction, &first_request(), &bounds).await.unwrap();
        assert_eq!(counted, are_many, "{bounds:?}");
        let elsewhere = Request { tenant: "globex".to_owned(), ..first_request() };
        assert!(!are_too_many(&mut *transaction, &elsewhere, &bounds).await.unwrap());
    }
}

#[test]
fn the_longer_it_takes_the_less_often_is_asked() {
    let mut job = Job {
        id: String::new(),
        tenant: String::new(),
        owner: String::new(),
        tool: String::new(),
        key: String::new(),
        fingerprint: String::new(),
        arguments: json!({}),
        end: None,
        created_at: NOW,
        updated_at: NOW,
        expires_at: NOW + LIFETIME_MS,
    };
    for (age, after) in [(-5, 2_000), (0, 2_000), (30_000, 3_000), (86_400_000, 60_000)] {
        assert_eq!(job.poll_after_ms(NOW + age), after, "{age}");
    }
    job.created_at = i64::MIN;
    assert_eq!(job.poll_after_ms(i64::MAX), 60_000);
}
