//! What holds for the ledger, on whichever engine.

mod crash;
mod naive;
mod race;

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::{
        guidance::Code,
        identity::{Identity, demo},
        store::{
            Store,
            trial::{Trial, on_both},
        },
    },
    Claim, Known, RETENTION, Request, expire,
};

on_both!(
    a_change_is_made_once_and_answered_again,
    a_key_stands_for_one_change,
    a_key_is_somebodys_for_one_tool,
    a_change_that_is_undone_gives_its_key_back,
    a_claim_is_in_flight_until_its_time_is_up,
    an_abandoned_claim_is_taken_over_by_one,
    a_claim_that_is_given_back_is_forgotten,
    answers_are_kept_for_thirty_days_and_claims_for_good,
);

const KEY: &str = "key-of-the-tests-1";
const NOW: i64 = 1_700_000_000_000;
const LEASE: Duration = Duration::from_secs(30);

fn alice() -> Identity {
    demo::identity("alice", &["crm.write"]).unwrap()
}

fn request(arguments: Value) -> Request {
    let mut arguments = arguments;
    arguments["idempotency_key"] = KEY.into();
    Request::of(&alice(), "commit_change", &arguments).unwrap()
}

/// Makes a change that is nothing but its answer. What was known of it, if it was made before.
async fn make(store: &dyn Store, request: &Request, answer: &Value) -> Option<Known> {
    let mut transaction = store.begin().await.unwrap();
    match request.take(&mut *transaction, NOW).await.unwrap() {
        Err(known) => Some(known),
        Ok(taken) => {
            taken.answer(&mut *transaction, answer).await.unwrap();
            transaction.commit().await.unwrap();
            None
        }
    }
}

async fn a_change_is_made_once_and_answered_again(trial: &Trial) {
    let store = trial.ready().await;
    let (request, answer) = (request(json!({"a": 1})), json!({"data": {"id": "x"}}));
    assert_eq!(request.find(&*store, NOW).await.unwrap(), None);
    assert_eq!(make(&*store, &request, &answer).await, None);
    let again = Some(Known::Answered(answer));
    assert_eq!(make(&*store, &request, &json!("another")).await, again);
    assert_eq!(request.find(&*store, NOW).await.unwrap(), again);
}

async fn a_key_stands_for_one_change(trial: &Trial) {
    let store = trial.ready().await;
    let first = request(json!({"a": 1, "b": {"c": [1, null], "d": 2}}));
    make(&*store, &first, &json!(1)).await;
    for same in [
        json!({"b": {"d": 2, "c": [1, null]}, "a": 1}),
        json!({"a": 1.0, "b": {"c": [1, null], "d": 2e0}}),
    ] {
        let known = request(same.clone()).find(&*store, NOW).await.unwrap();
        assert_eq!(known, Some(Known::Answered(json!(1))), "{same}");
    }
    for other in [
        json!({}),
        json!({"a": 2, "b": {"c": [1, null], "d": 2}}),
        json!({"a": 1, "b": {"c": [1], "d": 2}}),
        json!({"a": "1", "b": {"c": [1, null], "d": 2}}),
    ] {
        let known = make(&*store, &request(other.clone()), &json!(2)).await;
        assert_eq!(known, Some(Known::Conflict), "{other}");
    }
    let known = first.find(&*store, NOW).await.unwrap();
    assert_eq!(known, Some(Known::Answered(json!(1))), "a conflict changes nothing");
}

async fn a_key_is_somebodys_for_one_tool(trial: &Trial) {
    let store = trial.ready().await;
    let of = |change: &dyn Fn(&mut Request)| {
        let mut request = request(json!({}));
        change(&mut request);
        request
    };
    let mut bob = alice();
    bob.subject = "bob".to_owned();
    let all = [
        of(&|_| {}),
        of(&|request| request.tool = "propose_change"),
        of(&|request| request.actor = bob.principal()),
        of(&|request| request.tenant = "globex".to_owned()),
        of(&|request| request.key.push('x')),
        of(&|request| request.key.make_ascii_uppercase()),
    ];
    for (index, request) in all.iter().enumerate() {
        assert_eq!(make(&*store, request, &json!(index)).await, None, "{request:?}");
    }
    for (index, request) in all.iter().enumerate() {
        let known = request.find(&*store, NOW).await.unwrap();
        assert_eq!(known, Some(Known::Answered(json!(index))), "{request:?}");
    }
}

async fn a_change_that_is_undone_gives_its_key_back(trial: &Trial) {
    let store = trial.ready().await;
    let (bad, good) = (request(json!({"a": "bad"})), request(json!({"a": "good"})));
    let mut transaction = store.begin().await.unwrap();
    let _taken = bad.take(&mut *transaction, NOW).await.unwrap().unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(make(&*store, &good, &json!(1)).await, None);
}

async fn claim(store: &dyn Store, request: &Request) -> Claim {
    request.claim(store, NOW, LEASE).await.unwrap().unwrap()
}

async fn a_claim_is_in_flight_until_its_time_is_up(trial: &Trial) {
    let store = trial.ready().await;
    let request = request(json!({}));
    let claim = claim(&*store, &request).await;
    let until = NOW + 30_000;
    for now in [NOW, until - 1] {
        let known = request.find(&*store, now).await.unwrap();
        assert_eq!(known, Some(Known::InFlight { until }));
        let known = request.claim(&*store, now, LEASE).await.unwrap();
        assert_eq!(known, Err(Known::InFlight { until }));
    }
    let known = request.find(&*store, until).await.unwrap();
    assert_eq!(known, Some(Known::Abandoned(claim.clone())));
    // Late, and nobody has taken over: what it has done stands.
    let mut transaction = store.begin().await.unwrap();
    assert!(claim.answer(&mut *transaction, &json!(1)).await.unwrap());
    transaction.commit().await.unwrap();
    let known = request.find(&*store, until).await.unwrap();
    assert_eq!(known, Some(Known::Answered(json!(1))));
}

async fn an_abandoned_claim_is_taken_over_by_one(trial: &Trial) {
    let store = trial.ready().await;
    let request = request(json!({}));
    let old = claim(&*store, &request).await;
    let later = NOW + 30_000;
    let new = old.take_over(&*store, later, LEASE).await.unwrap().unwrap();
    assert_eq!(old.take_over(&*store, later, LEASE).await.unwrap(), None);
    // The one that was given up on wakes.
    let mut transaction = store.begin().await.unwrap();
    assert!(!old.answer(&mut *transaction, &json!("old")).await.unwrap());
    transaction.rollback().await.unwrap();
    assert!(!old.release(&*store).await.unwrap());
    let mut transaction = store.begin().await.unwrap();
    assert!(new.answer(&mut *transaction, &json!("new")).await.unwrap());
    transaction.commit().await.unwrap();
    let known = request.find(&*store, later).await.unwrap();
    assert_eq!(known, Some(Known::Answered(json!("new"))));
}

async fn a_claim_that_is_given_back_is_forgotten(trial: &Trial) {
    let store = trial.ready().await;
    let request = request(json!({}));
    assert!(claim(&*store, &request).await.release(&*store).await.unwrap());
    assert_eq!(request.find(&*store, NOW).await.unwrap(), None);
    assert_eq!(make(&*store, &request, &json!(1)).await, None);
}

async fn answers_are_kept_for_thirty_days_and_claims_for_good(trial: &Trial) {
    let store = trial.ready().await;
    let (answered, mut claimed) = (request(json!({})), request(json!({})));
    claimed.key.push('x');
    make(&*store, &answered, &json!(1)).await;
    claim(&*store, &claimed).await;
    let kept = i64::try_from(RETENTION.as_millis()).unwrap();
    assert!(kept >= 24 * 60 * 60 * 1_000, "less than a day loses clients that are off at night");
    assert_eq!(expire(&*store, NOW + kept).await.unwrap(), 0);
    assert!(answered.find(&*store, NOW + kept).await.unwrap().is_some());
    assert_eq!(expire(&*store, NOW + kept + 1).await.unwrap(), 1);
    assert_eq!(answered.find(&*store, NOW + kept + 1).await.unwrap(), None);
    let known = claimed.find(&*store, NOW + kept + 1).await.unwrap();
    assert!(matches!(known, Some(Known::Abandoned(_))), "{known:?}");
}

#[test]
fn a_key_is_a_key() {
    let of = |key: Value| {
        let result = Request::of(&alice(), "t", &json!({"idempotency_key": key}));
        result.map(|request| request.key).map_err(|failure| {
            assert_eq!(failure.argument.as_deref(), Some("/idempotency_key"));
            failure.code
        })
    };
    for good in ["0123456789abcdef", "A_-9876543210123", &"x".repeat(64)] {
        assert_eq!(of(good.into()).unwrap(), good);
    }
    for missing in [Value::Null, "".into()] {
        assert_eq!(of(missing), Err(Code::IdempotencyKeyRequired));
    }
    assert_eq!(
        Request::of(&alice(), "t", &json!({})).unwrap_err().code,
        Code::IdempotencyKeyRequired
    );
    for bad in [
        json!("0123456789abcde"),
        json!("x".repeat(65)),
        json!("0123456789 abcdef"),
        json!("0123456789abcdéf"),
        json!("0123456789abcdef\n"),
        json!("x".repeat(1 << 20)),
        json!(1_234_567_890_123_456_i64),
        json!(["0123456789abcdef"]),
    ] {
        assert_eq!(of(bad), Err(Code::InvalidArgument));
    }
}
