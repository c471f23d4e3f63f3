//! What holds for proposals, on whichever engine.

use serde_json::json;

use super::{
    super::store::{
        Statement, Store, StoreError,
        trial::{Trial, on_both},
    },
    Decision, Line, MOST_PER_USER, Method, New, Proposal, Refused, State, decide, expire, find,
    propose, use_up,
};

on_both!(
    a_proposal_comes_back_as_it_was_made,
    a_decision_is_taken_once,
    nobody_approves_their_own_and_nobody_confirms_anothers,
    a_decision_is_about_what_was_shown,
    a_proposal_expires,
    a_proposal_is_forgotten_some_time_after_its_own,
    a_proposal_is_used_once,
    what_was_rejected_is_not_made,
    a_proposal_that_was_tampered_with_is_refused,
    a_decision_that_nobody_has_taken_is_none,
    what_waits_of_one_user_is_bounded,
);

const NOW: i64 = 1_700_000_000_000;
const HOUR: i64 = 3_600_000;
const TOOLS: &[&str] = &["commit_change"];

fn new() -> New {
    let line = |field: &str, sensitivity| Line {
        field: field.to_owned(),
        before: Some(json!("a")),
        after: None,
        sensitivity,
    };
    New {
        tenant: "acme".to_owned(),
        proposer: "i|acme|alice".to_owned(),
        proposed_by: "alice".to_owned(),
        tool: "commit_change",
        title: "Archive Ada".to_owned(),
        reason: "She has asked for it".to_owned(),
        diff: vec![line("status", 0), line("tax_id", 2)],
        payload: json!({"archive": {"customer_id": "c-1"}}),
    }
}

fn decision(who: &str, method: Method, is_approved: bool) -> Decision {
    Decision {
        is_approved,
        decider: format!("i|acme|{who}"),
        decided_by: who.to_owned(),
        method,
        reason: Some("because".to_owned()),
        at: NOW + 1,
    }
}

struct Bench {
    store: std::sync::Arc<dyn Store>,
    id: String,
}

impl Bench {
    async fn new(trial: &Trial) -> Self {
        let store = trial.ready().await;
        let mut transaction = store.begin().await.unwrap();
        let proposal = propose(&mut *transaction, new(), NOW, HOUR).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        Self { store, id: proposal.id }
    }

    async fn proposal(&self) -> Proposal {
        find(&*self.store, TOOLS, "acme", &self.id).await.unwrap().unwrap()
    }

    async fn decide(&self, decision: Decision) -> Result<(), Refused> {
        let proposal = self.proposal().await;
        self.decide_about(&proposal, &proposal.digest, decision).await
    }

    async fn decide_about(
        &self,
        proposal: &Proposal,
        digest: &str,
        decision: Decision,
    ) -> Result<(), Refused> {
        let mut transaction = self.store.begin().await.unwrap();
        let result = decide(&mut *transaction, proposal, digest, decision).await.unwrap();
        transaction.commit().await.unwrap();
        result
    }

    async fn use_up(&self, proposal: &Proposal, now: i64) -> bool {
        let mut transaction = self.store.begin().await.unwrap();
        let outcome = json!({"version": 2});
        let is_used = use_up(&mut *transaction, proposal, &outcome, now).await.unwrap();
        transaction.commit().await.unwrap();
        is_used
    }
}

async fn a_proposal_comes_back_as_it_was_made(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let proposal = bench.proposal().await;
    assert_eq!(proposal.new, new());
    assert_eq!((proposal.created_at, proposal.expires_at), (NOW, NOW + HOUR));
    assert_eq!(proposal.state(NOW), State::Proposed);
    assert_eq!(proposal.sensitivity(), 2);
    for (tools, tenant, id) in [
        (TOOLS, "globex", bench.id.as_str()),
        (TOOLS, "acme", "00000000-0000-0000-0000-000000000000"),
        (&["another_tool"][..], "acme", bench.id.as_str()),
    ] {
        assert_eq!(find(&*bench.store, tools, tenant, id).await.unwrap(), None);
    }
}

async fn a_decision_is_taken_once(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let seen = bench.proposal().await;
    let yes = decision("carol", Method::Page, true);
    assert_eq!(bench.decide(yes.clone()).await, Ok(()));
    assert_eq!(bench.proposal().await.decision, Some(yes.clone()));
    assert_eq!(bench.proposal().await.state(NOW + 2), State::Approved);
    let no = decision("dora", Method::Command, false);
    assert_eq!(bench.decide(no.clone()).await, Err(Refused::NotOpen(State::Approved)));
    // Who has seen it before the other decided.
    let late = bench.decide_about(&seen, &seen.digest, no).await;
    assert!(matches!(late, Err(Refused::NotOpen(_))), "{late:?}");
    assert_eq!(bench.proposal().await.decision, Some(yes));
}

async fn nobody_approves_their_own_and_nobody_confirms_anothers(trial: &Trial) {
    let bench = Bench::new(trial).await;
    for (who, method) in
        [("alice", Method::Page), ("alice", Method::Command), ("carol", Method::Elicitation)]
    {
        for is_approved in [true, false] {
            let refused = bench.decide(decision(who, method, is_approved)).await;
            assert_eq!(refused, Err(Refused::WrongPerson), "{who} {method:?}");
        }
    }
    assert_eq!(bench.proposal().await.decision, None);
    assert_eq!(bench.decide(decision("alice", Method::Elicitation, true)).await, Ok(()));
}

async fn a_decision_is_about_what_was_shown(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let proposal = bench.proposal().await;
    let other = Bench { store: bench.store.clone(), id: bench.id.clone() };
    for digest in ["", &proposal.digest[1..], &"0".repeat(64)] {
        let refused =
            other.decide_about(&proposal, digest, decision("carol", Method::Page, true)).await;
        assert_eq!(refused, Err(Refused::AnotherDigest));
    }
    assert_eq!(bench.proposal().await.decision, None);
}

async fn a_proposal_expires(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let mut late = decision("carol", Method::Page, true);
    late.at = NOW + HOUR;
    assert_eq!(bench.decide(late).await, Err(Refused::NotOpen(State::Expired)));
    assert_eq!(bench.decide(decision("carol", Method::Page, true)).await, Ok(()));
    let proposal = bench.proposal().await;
    assert_eq!(proposal.state(NOW + HOUR), State::Expired);
    assert!(!bench.use_up(&proposal, NOW + HOUR).await, "an approval expires with its proposal");
    assert!(bench.use_up(&proposal, NOW + HOUR - 1).await);
}

async fn a_proposal_is_forgotten_some_time_after_its_own(trial: &Trial) {
    const MONTH: i64 = 30 * 24 * HOUR;
    let bench = Bench::new(trial).await;
    let up = NOW + HOUR;
    assert_eq!(expire(&*bench.store, up + MONTH - 1).await, Ok(0));
    assert_eq!(bench.proposal().await.state(up), State::Expired);
    assert_eq!(expire(&*bench.store, up + MONTH).await, Ok(1));
    assert_eq!(expire(&*bench.store, up + MONTH).await, Ok(0));
}

async fn a_proposal_is_used_once(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let unseen = bench.proposal().await;
    bench.decide(decision("carol", Method::Command, true)).await.unwrap();
    assert!(!bench.use_up(&unseen, NOW).await, "it was decided in the meantime");
    let proposal = bench.proposal().await;
    assert!(bench.use_up(&proposal, NOW).await);
    assert!(!bench.use_up(&proposal, NOW).await);
    let made = bench.proposal().await;
    assert_eq!(made.state(NOW + 10 * HOUR), State::Applied);
    assert_eq!(made.outcome, Some(json!({"version": 2})));
    let refused = bench.decide(decision("dora", Method::Page, false)).await;
    assert_eq!(refused, Err(Refused::NotOpen(State::Applied)));
}

async fn what_was_rejected_is_not_made(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let unseen = bench.proposal().await;
    bench.decide(decision("carol", Method::Page, false)).await.unwrap();
    assert!(!bench.use_up(&unseen, NOW).await);
    assert_eq!(bench.proposal().await.state(NOW), State::Rejected);
}

async fn a_proposal_that_was_tampered_with_is_refused(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let mut transaction = bench.store.begin().await.unwrap();
    let other = json!({"archive": {"customer_id": "c-2"}}).to_string();
    let statement = Statement::new("UPDATE proposal SET payload = $1").bind(other);
    assert_eq!(transaction.execute(statement).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    let fault = find(&*bench.store, TOOLS, "acme", &bench.id).await.unwrap_err();
    assert!(matches!(fault, StoreError::Corrupt(_)), "{fault:?}");
}

const FORGED: &str = "UPDATE proposal SET is_approved = 1, decider = 'i|acme|carol', \
    decided_by = 'carol', method = 'page', decided_at = created_at WHERE id = $1";

/// An approval that was written straight into the table made the change.
async fn a_decision_that_nobody_has_taken_is_none(trial: &Trial) {
    let write = async |bench: &Bench, sql: &'static str| {
        let mut transaction = bench.store.begin().await.unwrap();
        let statement = Statement::new(sql).bind(bench.id.as_str());
        assert_eq!(transaction.execute(statement).await.unwrap(), 1, "{sql}");
        transaction.commit().await.unwrap();
    };
    let is_damaged = async |bench: &Bench, what: &str| {
        let fault = find(&*bench.store, TOOLS, "acme", &bench.id).await.unwrap_err();
        assert!(matches!(fault, StoreError::Corrupt(_)), "{what}: {fault:?}");
    };
    let bench = Bench::new(trial).await;
    write(&bench, FORGED).await;
    is_damaged(&bench, "forged").await;
    for change in [
        "UPDATE proposal SET is_approved = 1 WHERE id = $1",
        "UPDATE proposal SET decider = 'i|acme|zoe' WHERE id = $1",
        "UPDATE proposal SET decided_by = 'zoe' WHERE id = $1",
        "UPDATE proposal SET method = 'elicitation' WHERE id = $1",
        "UPDATE proposal SET decision_reason = 'yes' WHERE id = $1",
        "UPDATE proposal SET decision_reason = NULL WHERE id = $1",
        "UPDATE proposal SET decided_at = decided_at + 1 WHERE id = $1",
        "UPDATE proposal SET seal = NULL WHERE id = $1",
    ] {
        let bench = Bench::new(trial).await;
        bench.decide(decision("carol", Method::Page, false)).await.unwrap();
        assert_eq!(bench.proposal().await.state(NOW), State::Rejected);
        write(&bench, change).await;
        is_damaged(&bench, change).await;
    }
    // That of another proposal is none for this one.
    let (bench, other) = (Bench::new(trial).await, Bench::new(trial).await);
    other.decide(decision("carol", Method::Page, true)).await.unwrap();
    let statement = Statement::new("SELECT seal FROM proposal WHERE id = $1");
    let rows = other.store.query(statement.bind(other.id.as_str())).await.unwrap();
    let seal = rows[0].text("seal").unwrap().to_owned();
    write(&bench, FORGED).await;
    let mut transaction = bench.store.begin().await.unwrap();
    let statement = Statement::new(
        "UPDATE proposal SET seal = $2, decided_at = created_at + 1, decision_reason = 'because' \
         WHERE id = $1",
    );
    transaction.execute(statement.bind(bench.id.as_str()).bind(seal)).await.unwrap();
    transaction.commit().await.unwrap();
    is_damaged(&bench, "of another one").await;
}

async fn what_waits_of_one_user_is_bounded(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let propose = async |new: New, now: i64| {
        let mut transaction = bench.store.begin().await.unwrap();
        let proposal = propose(&mut *transaction, new, now, HOUR).await.unwrap();
        transaction.commit().await.unwrap();
        proposal
    };
    // One is there already.
    for _ in 1..MOST_PER_USER {
        assert!(propose(new(), NOW).await.is_some());
    }
    assert_eq!(propose(new(), NOW).await, None);
    let of_bob = New { proposer: "i|acme|bob".to_owned(), ..new() };
    let elsewhere = New { tenant: "globex".to_owned(), ..new() };
    assert!(propose(of_bob, NOW).await.is_some() && propose(elsewhere, NOW).await.is_some());
    // One that is approved waits for its change; one that is rejected or made does not wait.
    bench.decide(decision("carol", Method::Page, true)).await.unwrap();
    assert_eq!(propose(new(), NOW).await, None);
    assert!(bench.use_up(&bench.proposal().await, NOW + 2).await);
    let next = propose(new(), NOW).await.expect("there is room for one");
    assert_eq!(propose(new(), NOW).await, None);
    let no = decision("carol", Method::Page, false);
    bench.decide_about(&next, &next.digest, no).await.unwrap();
    assert!(propose(new(), NOW).await.is_some());
    assert_eq!(propose(new(), NOW + HOUR - 1).await, None);
    assert!(propose(new(), NOW + HOUR).await.is_some(), "the others have expired");
}
