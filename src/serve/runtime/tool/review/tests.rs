//! Who decides about what, on whichever engine.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    super::{
        super::{
            approval::{self, Decision, Method, New, Proposal},
            audit,
            clock::Clock,
            guidance::{Code, Failure},
            identity::{Identity, demo},
            store::{
                Statement,
                trial::{Trial, on_both},
            },
        },
        Services, Toolbox,
    },
    MOST_OPEN, MOST_OWN, Stage,
    trial::{Make, POLICIES, SCHEMA, new, toolbox, who},
};

on_both!(
    a_second_person_decides_and_it_is_written_down,
    whom_the_policy_does_not_permit_it_nothing_is_shown_and_nothing_decided,
    nobody_decides_about_their_own,
    a_decision_that_comes_too_late_is_refused_and_written_down,
    the_list_is_bounded_newest_first_and_what_one_may_see,
    fifty_proposals_that_are_void_or_ones_own_do_not_hide_one_that_waits,
    a_toolbox_without_proposals_has_nothing_to_decide,
);

const NOW: i64 = 1_700_000_000_000;
const HOUR: i64 = 3_600_000;

struct Bench {
    toolbox: Toolbox,
    services: Arc<Services>,
    clock: Clock,
}

impl Bench {
    async fn new(trial: &Trial) -> Self {
        let (store, clock) = (trial.ready().await, Clock::standing_at(NOW));
        let services = Services::on_trial(&store, &clock, SCHEMA, POLICIES);
        let toolbox = toolbox();
        Self { toolbox, services, clock }
    }

    async fn propose(&self, new: New) -> Proposal {
        let mut transaction = self.services.store.begin().await.unwrap();
        let now = self.clock.now();
        let proposal = approval::propose(&mut *transaction, new, now, HOUR).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        proposal
    }

    async fn decide(&self, who: &Arc<Identity>, it: &Proposal, yes: bool) -> Result<(), Failure> {
        self.decide_about(who, (&it.id, &it.digest), yes).await
    }

    async fn decide_about(
        &self,
        who: &Arc<Identity>,
        about: (&str, &str),
        is_approved: bool,
    ) -> Result<(), Failure> {
        let decision = Decision {
            is_approved,
            decider: who.principal(),
            decided_by: who.subject.clone(),
            method: Method::Page,
            reason: Some("because".to_owned()),
            at: self.clock.now(),
        };
        self.toolbox.decide(&self.services, who, about, decision, "c-1").await
    }

    async fn decision(&self, proposal: &Proposal) -> Option<bool> {
        let store = &*self.services.store;
        let found = approval::find(store, &["make"], "acme", &proposal.id).await.unwrap().unwrap();
        found.decision.map(|decision| decision.is_approved)
    }

    /// What the trail says of the tenant, the newest last.
    async fn trail(&self, tenant: &str) -> Vec<Value> {
        let page = audit::page(&*self.services.store, tenant, 0, 1_000).await.unwrap();
        let record = |line: &String| serde_json::from_str::<Value>(line).unwrap();
        page.lines.iter().map(record).collect()
    }
}

async fn a_second_person_decides_and_it_is_written_down(trial: &Trial) {
    let bench = Bench::new(trial).await;
    for yes in [true, false] {
        let proposal = bench.propose(new("One", json!({"things": [1, 3], "line": 2}))).await;
        bench.decide(&who("carol"), &proposal, yes).await.unwrap();
        assert_eq!(bench.decision(&proposal).await, Some(yes));
        let record = bench.trail("acme").await.pop().unwrap();
        assert_eq!(record["phase"], "decide", "{record}");
        assert_eq!(record["decision"], "allow");
        assert_eq!(record["policy_ids"], json!(["approvers"]));
        assert_eq!(record["approval"]["approved"], yes);
        assert_eq!(record["approval"]["approver"], who("carol").principal());
        assert_eq!(record["approval"]["diff_sha256"], proposal.digest);
        assert_eq!(record["resource_ids"], json!([proposal.id]));
        let shown =
            bench.toolbox.proposal(&bench.services, &who("carol"), &proposal.id, "c-2").await;
        let shown = shown.unwrap();
        assert_eq!(shown.stage, if yes { Stage::Approved } else { Stage::Rejected });
        assert_eq!(shown.decision_reason.as_deref(), Some("because"));
        let record = bench.trail("acme").await.pop().unwrap();
        assert_eq!((&record["phase"], &record["decision"]), (&json!("review"), &json!("allow")));
    }
}

async fn whom_the_policy_does_not_permit_it_nothing_is_shown_and_nothing_decided(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let plain = bench.propose(new("Plain", json!({"things": [0]}))).await;
    let walled = bench.propose(new("Walled", json!({"things": [0, 4]}))).await;
    let hidden = bench.propose(new("Hidden", json!({"things": [0], "line": 4}))).await;
    let nothing = bench.propose(new("Nothing", json!({"things": []}))).await;
    let gone = bench.propose(new("Gone", json!({"gone": true}))).await;
    let without_scope = Arc::new(demo::identity("carol", &["crm.read"]).unwrap());
    let carol = who("carol");
    let never = "00000000-0000-4000-8000-000000000000";
    for (person, id, code) in [
        (&who("bob"), plain.id.as_str(), Code::NotPermitted),
        (&who("erin"), &plain.id, Code::NotPermitted),
        (&without_scope, &plain.id, Code::NotPermitted),
        (&who("dave"), &plain.id, Code::NotFound),
        (&carol, &walled.id, Code::NotFound),
        (&carol, &hidden.id, Code::NotFound),
        (&carol, &nothing.id, Code::NotFound),
        (&carol, &gone.id, Code::NotFound),
        (&carol, never, Code::NotFound),
        (&carol, &"x".repeat(10_000), Code::NotFound),
        (&carol, "\0", Code::NotFound),
    ] {
        let name = &person.subject;
        let digest = plain.digest.as_str();
        let before = bench.trail(&person.tenant).await.len();
        let refused = bench.decide_about(person, (id, digest), true).await.unwrap_err();
        assert_eq!(refused.code, code, "{name} {id}: {refused}");
        let shown = bench.toolbox.proposal(&bench.services, person, id, "c-1").await.unwrap_err();
        assert_eq!(shown.envelope(), refused.envelope(), "{name} {id}");
        if code == Code::NotFound {
            let unknown = bench.decide_about(person, (never, digest), true).await.unwrap_err();
            assert_eq!(unknown.envelope(), refused.envelope(), "{name} {id}");
        }
        let records = bench.trail(&person.tenant).await.split_off(before);
        for record in records {
            assert_eq!(record["decision"], "deny", "{name} {id}: {record}");
            assert_eq!(record["approval"], Value::Null, "{name} {id}: {record}");
        }
        let list = bench.toolbox.proposals(&bench.services, person, "c-1").await;
        match code {
            Code::NotPermitted => assert_eq!(list.unwrap_err().code, code, "{name}"),
            _ => {
                let list = list.unwrap();
                let titles: Vec<_> = list.open.iter().map(|it| it.title.as_str()).collect();
                let expected = if name == "carol" { vec!["Plain"] } else { vec![] };
                assert_eq!(titles, expected, "{name}");
            }
        }
    }
    for proposal in [&plain, &walled, &hidden, &nothing, &gone] {
        assert_eq!(bench.decision(proposal).await, None, "{}", proposal.new.title);
    }
    let verdicts = audit::verify(&*bench.services.store, None).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
}

async fn nobody_decides_about_their_own(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let carol = who("carol");
    let mut own = new("Own", json!({"things": [0]}));
    (own.proposer, own.proposed_by) = (carol.principal(), carol.subject.clone());
    let own = bench.propose(own).await;
    // The same person by another issuer, as with an identity on this machine.
    let mut other = (*carol).clone();
    "local".clone_into(&mut other.issuer);
    let other = Arc::new(other);
    for person in [&carol, &other] {
        for yes in [true, false] {
            let refused = bench.decide(person, &own, yes).await.unwrap_err();
            assert_eq!(refused.code, Code::NotPermitted);
            assert_eq!(refused.reason, Some("own_proposal"));
            assert_eq!(
                refused.next.hint,
                "ask somebody else who decides about changes to look at it"
            );
            let record = bench.trail("acme").await.pop().unwrap();
            assert_eq!((&record["phase"], &record["decision"]), (&json!("decide"), &json!("deny")));
            assert_eq!(record["resource_ids"], json!([own.id]), "{record}");
        }
        let shown = bench.toolbox.proposal(&bench.services, person, &own.id, "c-1").await.unwrap();
        assert!(shown.is_own);
    }
    assert_eq!(bench.decision(&own).await, None);
}

async fn a_decision_that_comes_too_late_is_refused_and_written_down(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let carol = who("carol");
    let decided = bench.propose(new("Decided", json!({"things": [0]}))).await;
    bench.decide(&carol, &decided, true).await.unwrap();
    let void = bench.propose(new("Void", json!({"things": [0], "void": true}))).await;
    let other = bench.propose(new("Other", json!({"things": [0]}))).await;
    let expired = bench.propose(new("Expired", json!({"things": [0]}))).await;
    for (proposal, digest, hours, reason) in [
        (&decided, &decided.digest, 0, "already_decided"),
        (&void, &void.digest, 0, "void"),
        (&other, &decided.digest, 0, "another_digest"),
        (&expired, &expired.digest, 1, "expired"),
    ] {
        bench.clock.turn(Duration::from_secs(hours * 3_600));
        let about = (proposal.id.as_str(), digest.as_str());
        let refused = bench.decide_about(&carol, about, false).await.unwrap_err();
        assert_eq!(refused.reason, Some(reason), "{refused}");
        let record = bench.trail("acme").await.pop().unwrap();
        assert_eq!((&record["phase"], &record["decision"]), (&json!("decide"), &json!("deny")));
        assert_eq!(record["result"]["code"], refused.code.name());
    }
    assert_eq!(bench.decision(&decided).await, Some(true));
    assert_eq!(bench.decision(&other).await, None);
}

async fn the_list_is_bounded_newest_first_and_what_one_may_see(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let carol = who("carol");
    let first = bench.propose(new("first", json!({"things": [0]}))).await;
    for index in 0..MOST_OPEN + 5 {
        bench.clock.turn(Duration::from_millis(1));
        let sensitivity = if index % 5 == 0 { 4 } else { 0 };
        bench.propose(new(&index.to_string(), json!({"things": [sensitivity]}))).await;
    }
    let list = bench.toolbox.proposals(&bench.services, &carol, "c-1").await.unwrap();
    assert!(!list.has_more && list.decided.is_empty());
    let titles: Vec<_> = list.open.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles.len(), MOST_OPEN + 6 - (MOST_OPEN + 5) / 5);
    assert_eq!((titles[0], titles[1], titles.last()), ("54", "53", Some(&"first")));
    for index in 0..MOST_OPEN {
        bench.propose(new(&format!("more {index}"), json!({"things": [0]}))).await;
    }
    let list = bench.toolbox.proposals(&bench.services, &carol, "c-1").await.unwrap();
    assert!(list.has_more);
    assert_eq!(list.open.len(), MOST_OPEN);

    bench.decide(&carol, &first, false).await.unwrap();
    let list = bench.toolbox.proposals(&bench.services, &carol, "c-1").await.unwrap();
    assert_eq!(list.decided.len(), 1);
    assert_eq!(list.decided[0].id, first.id);
    // Somebody who can write the table lengthens the life of another: it is in no list any more.
    let mut transaction = bench.services.store.begin().await.unwrap();
    let statement = Statement::new("UPDATE proposal SET expires_at = expires_at + 1 WHERE id = $1");
    assert_eq!(transaction.execute(statement.bind(first.id.as_str())).await.unwrap(), 1);
    transaction.commit().await.unwrap();
    let list = bench.toolbox.proposals(&bench.services, &carol, "c-1").await.unwrap();
    assert!(list.decided.is_empty());
    bench.clock.turn(Duration::from_secs(3_600));
    let list = bench.toolbox.proposals(&bench.services, &carol, "c-1").await.unwrap();
    assert!(list.open.is_empty() && !list.has_more, "what has expired is not open");
}

async fn fifty_proposals_that_are_void_or_ones_own_do_not_hide_one_that_waits(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let carol = who("carol");
    let waits = bench.propose(new("waits", json!({"things": [0]}))).await;
    for index in 0..MOST_OPEN + 5 {
        bench.clock.turn(Duration::from_millis(1));
        bench.propose(new(&index.to_string(), json!({"things": [0], "void": true}))).await;
        let mut own = new(&format!("own {index}"), json!({"things": [0]}));
        (own.proposer, own.proposed_by) = (carol.principal(), carol.subject.clone());
        bench.propose(own).await;
    }
    let list = bench.toolbox.proposals(&bench.services, &carol, "c-1").await.unwrap();
    let open: Vec<_> = list.open.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(open, [waits.id.as_str()]);
    assert!(!list.has_more && !list.is_cut);
    assert_eq!((list.own.len(), list.own_total, list.void), (MOST_OWN, 55, 55));
    assert_eq!(list.own[0].title, "own 54");
    assert!(list.own.iter().all(|it| it.is_own));
    // What is left out is not what was looked at.
    let record = bench.trail("acme").await.pop().unwrap();
    assert_eq!(record["resource_ids"].as_array().unwrap().len(), 1 + MOST_OWN, "{record}");
}

async fn a_toolbox_without_proposals_has_nothing_to_decide(trial: &Trial) {
    let mut bench = Bench::new(trial).await;
    let proposal = bench.propose(new("One", json!({"things": [0]}))).await;
    bench.toolbox = Toolbox::of("trial").with(Make);
    assert!(!bench.toolbox.has_reviews());
    let refused = bench.decide(&who("carol"), &proposal, true).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPermitted);
}
