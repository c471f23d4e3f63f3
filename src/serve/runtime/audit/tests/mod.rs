//! What holds for the trail, on whichever engine.

mod commit;
mod tampering;

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use super::{
    super::store::{
        Engine, Statement, Store, StoreError, Transaction,
        trial::{Trial, on_both},
    },
    Actor, Approval, Concealed, Entry, Outcome, Phase, Trail, Upstream, Verdict,
    chain::hash,
    page, tenants, verify,
};

on_both!(
    a_record_says_who_what_and_why,
    a_line_proves_itself,
    every_tenant_counts_for_itself,
    three_processes_append_to_one_chain,
    a_write_and_its_record_are_one,
    arguments_are_recognized_and_not_kept,
    pages_go_on_where_they_ended,
    verifying_takes_no_notice_of_what_is_appended_meanwhile,
    no_column_can_hold_a_token_of_a_user,
    a_store_that_is_down_says_so_to_everyone,
);

fn entry(tenant: &str, correlation_id: &str) -> Entry {
    Entry {
        at: 1_767_225_599_042,
        tenant: tenant.to_owned(),
        actor: Actor {
            issuer: "https://idp.example.com".to_owned(),
            subject: "alice".to_owned(),
            client: None,
            delegate: None,
        },
        connector: "crm".to_owned(),
        tool: "get_customer".to_owned(),
        phase: Phase::Call,
        resource_ids: vec!["c-1".to_owned()],
        is_allowed: true,
        policy_ids: vec!["crm-read".to_owned()],
        policy_sha256: "ab".repeat(32),
        entities_generation: None,
        arguments: Some(Concealed::json(&json!({"customer_id": "c-1", "fields": ["email"]}))),
        idempotency_key: None,
        approval: None,
        result: Outcome::ok(),
        latency_ms: 3,
        upstream: None,
        correlation_id: correlation_id.to_owned(),
    }
}

async fn records(store: &dyn Store, tenant: &str) -> Vec<Value> {
    let lines = page(store, tenant, 0, 1000).await.unwrap().lines;
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn verdict(store: &dyn Store, tenant: &str) -> Verdict {
    let mut verdicts = verify(store, Some(tenant)).await.unwrap();
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

async fn a_record_says_who_what_and_why(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Trail::start(store.clone());
    let full = Entry {
        actor: Actor {
            client: Some("claude".to_owned()),
            delegate: Some("agent-7".to_owned()),
            ..entry("acme", "").actor
        },
        phase: Phase::Commit,
        is_allowed: false,
        entities_generation: Some(4),
        idempotency_key: Some(Concealed::text("key-0123456789abcdef")),
        approval: Some(Approval {
            change_id: "ch-1".to_owned(),
            is_approved: true,
            approver: "bob".to_owned(),
            method: "second_person".to_owned(),
            diff_sha256: "cd".repeat(32),
        }),
        result: Outcome {
            is_replayed: false,
            version: Some(2),
            citations: vec!["d-1".to_owned()],
            ..Outcome::failed(super::super::guidance::Code::NotPermitted)
        },
        upstream: Some(Upstream { calls: 1, token_generation: Some(9) }),
        ..entry("acme", "r-2")
    };
    trail.append(entry("acme", "r-1")).await.unwrap();
    trail.append(full).await.unwrap();

    let mut records = records(&*store, "acme").await;
    let is_hex = |it: &Value| it.as_str().is_some_and(|it| it.len() == 64);
    for record in &mut records {
        // What is different each time.
        for name in ["args_hmac", "hash", "idempotency_hmac"] {
            if let Some(value) = record.get_mut(name) {
                assert!(is_hex(value), "{name}: {value}");
                *value = "H".into();
            }
        }
    }
    assert!(is_hex(&records[1]["prev"]));
    records[1]["prev"] = "P".into();
    let plain = json!({
        "v": 1, "seq": 1, "ts": "2025-12-31T23:59:59.042Z", "tenant": "acme",
        "actor": {"iss": "https://idp.example.com", "sub": "alice"},
        "connector": "crm", "tool": "get_customer", "phase": "call",
        "resource_ids": ["c-1"], "decision": "allow", "policy_ids": ["crm-read"],
        "policy_sha256": "ab".repeat(32), "args_hmac": "H", "result": {"code": "ok"},
        "latency_ms": 3, "correlation_id": "r-1", "prev": "0".repeat(64), "hash": "H",
    });
    let full = json!({
        "v": 1, "seq": 2, "ts": "2025-12-31T23:59:59.042Z", "tenant": "acme",
        "actor": {"iss": "https://idp.example.com", "sub": "alice", "client_id": "claude",
                  "act": "agent-7"},
        "connector": "crm", "tool": "get_customer", "phase": "commit",
        "resource_ids": ["c-1"], "decision": "deny", "policy_ids": ["crm-read"],
        "policy_sha256": "ab".repeat(32), "entities_generation": 4, "args_hmac": "H",
        "idempotency_hmac": "H",
        "approval": {"change_id": "ch-1", "approved": true, "approver": "bob", "method": "second_person",
                     "diff_sha256": "cd".repeat(32)},
        "result": {"code": "not_permitted", "version": 2, "citations": ["d-1"]},
        "latency_ms": 3, "upstream": {"calls": 1, "token_generation": 9},
        "correlation_id": "r-2", "prev": "P", "hash": "H",
    });
    assert_eq!(records, [plain, full]);
}

/// What anybody with a canonical JSON and a SHA-256 can do.
async fn a_line_proves_itself(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Trail::start(store.clone());
    let awkward = "\u{202e}\"\\\u{7f}\u{1}é🧪\0";
    for correlation_id in ["a", awkward, "c"] {
        trail.append(entry("acme", correlation_id)).await.unwrap();
    }
    let mut before = "0".repeat(64);
    for line in page(&*store, "acme", 0, 10).await.unwrap().lines {
        let mut record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(serde_json_canonicalizer::to_string(&record).unwrap(), line);
        let own = record.as_object_mut().unwrap().remove("hash").unwrap();
        assert_eq!(record["prev"], before);
        assert_eq!(own, hash(&serde_json_canonicalizer::to_string(&record).unwrap()));
        before = own.as_str().unwrap().to_owned();
    }
    assert_eq!(records(&*store, "acme").await[1]["correlation_id"], awkward);
    let verdict = verdict(&*store, "acme").await;
    assert_eq!((verdict.records, verdict.hash, verdict.broken), (3, before, None));
}

async fn every_tenant_counts_for_itself(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Trail::start(store.clone());
    for tenant in ["globex", "acme", "globex"] {
        trail.append(entry(tenant, "r")).await.unwrap();
    }
    assert_eq!(tenants(&*store).await.unwrap(), ["acme", "globex"]);
    let verdicts = verify(&*store, None).await.unwrap();
    let counts: Vec<_> = verdicts.iter().map(|it| (it.tenant.as_str(), it.records)).collect();
    assert_eq!(counts, [("acme", 1), ("globex", 2)]);
    assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()));
    let unknown = verdict(&*store, "initech").await;
    assert_eq!((unknown.records, unknown.broken), (0, None));
}

async fn three_processes_append_to_one_chain(trial: &Trial) {
    let mut tasks = tokio::task::JoinSet::new();
    trial.ready().await;
    for process in 0..3 {
        let trail = Arc::new(Trail::start(trial.open().await));
        for task in 0..4 {
            let trail = Arc::clone(&trail);
            tasks.spawn(async move {
                for number in 0..10 {
                    let tenant = if number % 5 == 4 { "globex" } else { "acme" };
                    let id = format!("{process}/{task}/{number}");
                    trail.append(entry(tenant, &id)).await.unwrap();
                }
            });
        }
    }
    tasks.join_all().await;
    let store = trial.open().await;
    for verdict in verify(&*store, None).await.unwrap() {
        assert_eq!(verdict.broken, None);
        let records = records(&*store, &verdict.tenant).await;
        assert_eq!(records.len(), if verdict.tenant == "acme" { 96 } else { 24 });
        // What one task has appended one after the other stands in this order.
        let mut last = std::collections::BTreeMap::new();
        for record in &records {
            let id = record["correlation_id"].as_str().unwrap();
            let (task, number) = id.rsplit_once('/').unwrap();
            let before = last.insert(task.to_owned(), number.to_owned());
            assert!(before.is_none_or(|before| before.as_str() < number), "{id}");
        }
    }
}

/// Appends in a transaction, and returns the number of the record.
async fn append_in(
    trail: &Trail,
    transaction: &mut dyn Transaction,
    entry: Entry,
) -> Result<u64, StoreError> {
    trail.append_in(transaction, entry).await.map(|appended| appended.seq())
}

async fn a_write_and_its_record_are_one(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Trail::start(store.clone());
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(append_in(&trail, &mut *transaction, entry("acme", "undone")).await, Ok(1));
    transaction.rollback().await.unwrap();
    // The secret that was made in it is undone as well, and so is the first record.
    trail.append(entry("acme", "first")).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(append_in(&trail, &mut *transaction, entry("acme", "second")).await, Ok(2));
    assert_eq!(append_in(&trail, &mut *transaction, entry("acme", "third")).await, Ok(3));
    transaction.commit().await.unwrap();
    trail.append(entry("acme", "fourth")).await.unwrap();
    let verdict = verdict(&*store, "acme").await;
    assert_eq!((verdict.records, verdict.broken), (4, None));
    let records = records(&*store, "acme").await;
    let hmacs: BTreeSet<_> = records.iter().map(|it| it["args_hmac"].as_str()).collect();
    assert_eq!(hmacs.len(), 1, "one secret");
}

async fn arguments_are_recognized_and_not_kept(trial: &Trial) {
    let (store, other) = (trial.ready().await, trial.open().await);
    let (trail, second) = (Trail::start(store.clone()), Trail::start(other));
    let with = |tenant: &str, arguments: Value| Entry {
        arguments: Some(Concealed::json(&arguments)),
        idempotency_key: Some(Concealed::text("key-of-the-caller")),
        ..entry(tenant, "r")
    };
    let ada = json!({"email": "ada@example.com", "limit": 1});
    trail.append(with("acme", ada.clone())).await.unwrap();
    second.append(with("acme", json!({"limit": 1, "email": "ada@example.com"}))).await.unwrap();
    trail.append(with("acme", json!({"email": "bob@example.com", "limit": 1}))).await.unwrap();
    trail.append(with("globex", ada)).await.unwrap();
    let acme = records(&*store, "acme").await;
    let globex = records(&*store, "globex").await;
    assert_eq!(acme[0]["args_hmac"], acme[1]["args_hmac"], "the same arguments");
    assert_ne!(acme[0]["args_hmac"], acme[2]["args_hmac"], "other arguments");
    assert_ne!(acme[0]["args_hmac"], globex[0]["args_hmac"], "another tenant");
    assert_eq!(acme[0]["idempotency_hmac"], acme[2]["idempotency_hmac"]);
    let kept = format!("{acme:?}{globex:?}");
    assert!(!kept.contains("example.com\",") && !kept.contains("key-of"), "{kept}");
    assert!(!kept.contains("ada@"), "{kept}");
}

async fn pages_go_on_where_they_ended(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Trail::start(store.clone());
    for number in 0..5 {
        trail.append(entry("acme", &number.to_string())).await.unwrap();
    }
    let (mut after, mut pages) = (Some(0), Vec::new());
    while let Some(from) = after {
        let page = page(&*store, "acme", from, 2).await.unwrap();
        pages.push(page.lines.len());
        after = page.next;
    }
    assert_eq!(pages, [2, 2, 1]);
    assert!(page(&*store, "acme", 5, 2).await.unwrap().lines.is_empty());
    assert!(page(&*store, "globex", 0, 2).await.unwrap().lines.is_empty());
}

async fn verifying_takes_no_notice_of_what_is_appended_meanwhile(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Trail::start(trial.open().await);
    trail.append(entry("acme", "first")).await.unwrap();
    let appending = tokio::spawn(async move {
        for number in 0..60 {
            trail.append(entry("acme", &number.to_string())).await.unwrap();
        }
    });
    let mut verified = 0;
    while !appending.is_finished() {
        let verdict = verdict(&*store, "acme").await;
        assert_eq!(verdict.broken, None);
        assert!(verdict.records >= verified);
        verified = verdict.records;
    }
    appending.await.unwrap();
    assert_eq!(verdict(&*store, "acme").await.records, 61);
}

/// Every column there is, by hand: a new one is looked at by somebody who knows why.
async fn no_column_can_hold_a_token_of_a_user(trial: &Trial) {
    let store = trial.ready().await;
    let sql = match store.engine() {
        Engine::Sqlite => {
            "SELECT t.name || '.' || c.name AS name FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT CAST(table_name || '.' || column_name AS TEXT) AS name \
             FROM information_schema.columns WHERE table_schema = current_schema()"
        }
    };
    let rows = store.query(Statement::new(sql)).await.unwrap();
    let columns: BTreeSet<_> = rows.iter().map(|row| row.text("name").unwrap()).collect();
    let expected = [
        "audit_head.hash",
        "audit_head.seq",
        "audit_head.tenant",
        "audit_key.created_at",
        "audit_key.secret",
        "audit_key.tenant",
        "audit_record.hash",
        "audit_record.record",
        "audit_record.seq",
        "audit_record.tenant",
        "idempotency.actor",
        "idempotency.answer",
        "idempotency.claim",
        "idempotency.created_at",
        "idempotency.fingerprint",
        "idempotency.key",
        "idempotency.tenant",
        "idempotency.tool",
        "idempotency.until",
        "job.arguments",
        "job.created_at",
        "job.ended",
        "job.expires_at",
        "job.fingerprint",
        "job.id",
        "job.key",
        "job.owner",
        "job.result",
        "job.tenant",
        "job.tool",
        "job.updated_at",
        "proposal.created_at",
        "proposal.decided_at",
        "proposal.decided_by",
        "proposal.decider",
        "proposal.decision_reason",
        "proposal.diff",
        "proposal.digest",
        "proposal.expires_at",
        "proposal.id",
        "proposal.is_approved",
        "proposal.method",
        "proposal.outcome",
        "proposal.payload",
        "proposal.proposed_by",
        "proposal.proposer",
        "proposal.reason",
        "proposal.seal",
        "proposal.tenant",
        "proposal.title",
        "proposal.tool",
        "question.answer",
        "question.asked_at",
        "question.id",
        "question.session",
        "schema_migration.applied_at",
        "schema_migration.checksum",
        "schema_migration.component",
        "schema_migration.name",
        "schema_migration.version",
        "secret.created_at",
        "secret.name",
        "secret.secret",
        "session.created_at",
        "session.id",
        "session.seen_at",
        "session.state",
        "session.subject",
        "session.tenant",
        "visit.began_at",
        "visit.ends_at",
        "visit.hash",
        "visit.principal",
        "visit.tenant",
        "visit.visitor",
    ];
    assert_eq!(columns, BTreeSet::from(expected));
}

async fn a_store_that_is_down_says_so_to_everyone(trial: &Trial) {
    let store = trial.ready().await;
    let trail = Arc::new(Trail::start(store.clone()));
    trail.append(entry("acme", "before")).await.unwrap();
    store.close().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let trail = Arc::clone(&trail);
        tasks.spawn(async move { trail.append(entry("acme", &number.to_string())).await });
    }
    for outcome in tasks.join_all().await {
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
    }
}
