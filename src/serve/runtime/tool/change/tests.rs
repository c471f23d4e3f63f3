//! Changes through a toolbox, on whichever engine: what is done, what is answered, what is written
//! down.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    super::{
        super::{
            audit::{Phase, Trail, verify},
            clock::Clock,
            guidance::{Code, Effect as Done, Failure, Next},
            idempotency::{Key, Request},
            identity::{Identity, demo},
            points::Points,
            policy::{Policy, Sources},
            store::{
                Migration, Row, Statement, Store, StoreError, Transaction,
                trial::{Moment, Trial, Watch, Watched, on_both},
            },
        },
        Answer, Call, Change, Definition, Effect, Reply, Seal, Services, Toolbox,
    },
    LEASE,
};

on_both!(
    a_change_is_made_once_for_each_key,
    what_fails_changes_nothing_and_burns_no_key,
    a_key_is_good_for_one_request_of_one_user_to_one_tool,
    a_change_without_a_key_is_not_made,
    of_sixteen_that_race_one_makes_the_change,
    a_commit_in_doubt_is_looked_up,
    what_a_store_reads_that_is_not_in_its_place_is_no_proof,
    a_store_that_fails_in_the_middle_loses_and_doubles_nothing,
    a_write_after_others_takes_four_statements_and_can_fail_at_each,
    a_claim_whose_process_has_died_is_taken_over,
    what_was_made_is_still_said_to_be_where_the_trail_cannot_be_written,
    a_store_that_hangs_is_not_waited_for_twice,
);

const NOW: i64 = 1_700_000_000_000;
const DEADLINE: Duration = Duration::from_secs(20);
const KEY: &str = "key-of-the-tests-1";

const THINGS: &[Migration] = &[Migration {
    component: "test",
    version: 1,
    name: "things",
    sql: "CREATE TABLE thing (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, name TEXT NOT NULL);",
}];

/// Adds a thing, or does not.
struct Add;
/// The same under another name.
struct AddAgain;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    #[expect(dead_code, reason = "the toolbox reads it")]
    idempotency_key: Key,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Added {
    id: String,
    #[schemars(length(max = 20))]
    name: String,
}

const ADD: Definition = Definition {
    name: "add",
    title: "Add",
    description: "Adds a thing.",
    effect: Effect::Writes,
    scopes: &["trial.write"],
};

async fn add(transaction: &mut dyn Transaction, name: String) -> Result<Answer<Added>, Failure> {
    let id = uuid::Uuid::new_v4().to_string();
    let statement = Statement::new("INSERT INTO thing (id, name) VALUES ($1, $2)");
    let statement = statement.bind(id.as_str()).bind(name.as_str());
    transaction.execute(statement).await.map_err(|fault| super::store_failure(&fault))?;
    match name.as_str() {
        "refused" => Err(Failure::invalid_argument("/name", "it is refused", "take another")),
        "panic" => panic!("a panic that is answered"),
        "hang" => std::future::pending().await,
        _ => Ok(Answer::of(Added { id, name })),
    }
}

impl Change for Add {
    type Arguments = Arguments;
    type Output = Added;

    const DEFINITION: Definition = ADD;
    const PHASE: Phase = Phase::Commit;

    async fn change(
        &self,
        call: &Call,
        transaction: &mut dyn Transaction,
        arguments: Arguments,
    ) -> Result<Answer<Added>, Failure> {
        let answer = add(transaction, arguments.name).await?;
        call.touches(&answer.data.id);
        call.leaves_version(1);
        Ok(answer)
    }
}

impl Change for AddAgain {
    type Arguments = Arguments;
    type Output = Added;

    const DEFINITION: Definition = Definition { name: "add_again", ..ADD };
    const PHASE: Phase = Phase::Commit;

    async fn change(
        &self,
        _: &Call,
        transaction: &mut dyn Transaction,
        arguments: Arguments,
    ) -> Result<Answer<Added>, Failure> {
        add(transaction, arguments.name).await
    }
}

struct Bench {
    toolbox: Toolbox,
    services: Arc<Services>,
    /// The store without faults.
    store: Arc<dyn Store>,
}

impl Bench {
    async fn new(trial: &Trial) -> Arc<Self> {
        let store = trial.ready().await;
        store.migrate(THINGS).await.unwrap();
        Self::over(Arc::clone(&store), store)
    }

    /// A bench whose tools see another store in front of the same tables.
    fn over(store: Arc<dyn Store>, seen: Arc<dyn Store>) -> Arc<Self> {
        let action = r#"appliesTo { principal: User, resource: [Tenant], context: Call };"#;
        let sources = Sources::new()
            .with_schema("trial.cedarschema", &format!(r#"action "add", "add_again" {action}"#))
            .with_policies("trial.cedar", r#"@id("all") permit (principal, action, resource);"#);
        let services = Services {
            trail: Trail::start(Arc::clone(&seen)),
            store: seen,
            policy: Policy::load(&sources).unwrap(),
            seal: Seal::new(b"trial"),
            clock: Clock::standing_at(NOW),
            points: Points::default(),
        };
        let toolbox = Toolbox::of("trial").with_change(Add).with_change(AddAgain);
        Arc::new(Self { toolbox, services: Arc::new(services), store })
    }

    async fn call_as(
        &self,
        who: Identity,
        tool: &str,
        arguments: Value,
        deadline: Duration,
    ) -> Result<Reply, Failure> {
        let (services, who) = (&self.services, Arc::new(who));
        self.toolbox.call(services, &who, tool, arguments, deadline, "c-1").await.unwrap()
    }

    async fn add(&self, key: &str, name: &str) -> Result<Reply, Failure> {
        let arguments = json!({"name": name, "idempotency_key": key});
        self.call_as(alice(), "add", arguments, DEADLINE).await
    }

    async fn count(&self) -> i64 {
        let rows = self.store.query(Statement::new("SELECT count(*) AS n FROM thing")).await;
        rows.unwrap()[0].integer("n").unwrap()
    }

    /// Asserts that no chain of the trail is broken.
    async fn is_whole(&self) {
        let verdicts = verify(&*self.store, None).await.unwrap();
        assert!(!verdicts.is_empty());
        assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
    }

    /// The records of the trail: the phase, what came of it, and whether it was a repetition.
    async fn kept(&self) -> Vec<(String, String, bool)> {
        self.services.trail.flush().await.unwrap();
        let statement = Statement::new("SELECT record FROM audit_record ORDER BY tenant, seq");
        let record = |row: &Row| {
            let record: Value = serde_json::from_str(row.text("record").unwrap()).unwrap();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let is_replayed = record["result"]["replayed"] == true;
            (text(&record["phase"]), text(&record["result"]["code"]), is_replayed)
        };
        self.store.query(statement).await.unwrap().iter().map(record).collect()
    }
}

fn alice() -> Identity {
    demo::identity("alice", &["trial.write"]).unwrap()
}

fn kept(phase: &str, code: &str, is_replayed: bool) -> (String, String, bool) {
    (phase.to_owned(), code.to_owned(), is_replayed)
}

async fn a_change_is_made_once_for_each_key(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let first = bench.add(KEY, "a").await.unwrap();
    assert!(!first.is_replayed);
    let again = bench.add(KEY, "a").await.unwrap();
    assert_eq!(again, Reply { is_replayed: true, ..first.clone() });
    let written_out = json!({"name": "a", "idempotency_key": KEY, "more": null});
    let again = bench.call_as(alice(), "add", written_out, DEADLINE).await.unwrap();
    assert_eq!(again, Reply { is_replayed: true, ..first.clone() });
    let other = bench.add("another-key-of-the-tests", "a").await.unwrap();
    assert!(!other.is_replayed);
    assert_ne!(other.content, first.content, "another key is another change");
    assert_eq!(bench.count().await, 2);
    let expected = [false, true, true, false].map(|is_replayed| kept("commit", "ok", is_replayed));
    assert_eq!(bench.kept().await, expected);
    let record = Statement::new("SELECT record FROM audit_record ORDER BY seq");
    let rows = bench.store.query(record).await.unwrap();
    let records: Vec<Value> =
        rows.iter().map(|row| serde_json::from_str(row.text("record").unwrap()).unwrap()).collect();
    assert_eq!(records[0]["result"]["version"], 1);
    assert_eq!(records[0]["resource_ids"], json!([first.content["data"]["id"]]));
    assert_eq!(records[0]["idempotency_hmac"], records[1]["idempotency_hmac"]);
    assert_ne!(records[0]["idempotency_hmac"], records[3]["idempotency_hmac"]);
    assert!(!records[0].to_string().contains(KEY), "a key is written down as an HMAC");
    bench.is_whole().await;
}

async fn what_fails_changes_nothing_and_burns_no_key(trial: &Trial) {
    let bench = Bench::new(trial).await;
    for (name, code) in [
        ("refused", Code::InvalidArgument),
        ("panic", Code::Internal),
        ("longer than the schema says", Code::Internal),
    ] {
        let failure = bench.add(KEY, name).await.unwrap_err();
        assert_eq!((failure.code, failure.effect), (code, Done::None), "{name}");
        assert_eq!(bench.count().await, 0, "{name}");
    }
    let hanging = json!({"name": "hang", "idempotency_key": KEY});
    let deadline = Duration::from_millis(50);
    let failure = bench.call_as(alice(), "add", hanging, deadline).await.unwrap_err();
    assert_eq!((failure.code, failure.effect), (Code::DeadlineExceeded, Done::None));
    assert_eq!(bench.count().await, 0);
    bench.add(KEY, "good").await.unwrap();
    assert_eq!(bench.count().await, 1);
    let codes: Vec<String> = bench.kept().await.into_iter().map(|(_, code, _)| code).collect();
    let expected = ["invalid_argument", "internal", "internal", "deadline_exceeded", "ok"];
    assert_eq!(codes, expected);
}

async fn a_key_is_good_for_one_request_of_one_user_to_one_tool(trial: &Trial) {
    let bench = Bench::new(trial).await;
    bench.add(KEY, "a").await.unwrap();
    let failure = bench.add(KEY, "b").await.unwrap_err();
    assert_eq!(failure.code, Code::IdempotencyConflict);
    assert_eq!(failure.argument.as_deref(), Some("/idempotency_key"));
    assert_eq!((failure.effect, failure.retryable), (Done::None, false));
    assert_eq!(bench.count().await, 1);
    let mut stranger = alice();
    stranger.issuer = "https://elsewhere.example".to_owned();
    let with_scope = |name| demo::identity(name, &["trial.write"]).unwrap();
    for (who, tool, count) in [
        (with_scope("carol"), "add", 2),
        (with_scope("dave"), "add", 3),
        (stranger, "add", 4),
        (alice(), "add_again", 5),
    ] {
        let arguments = json!({"name": "a", "idempotency_key": KEY});
        let reply = bench.call_as(who, tool, arguments, DEADLINE).await.unwrap();
        assert!(!reply.is_replayed, "{tool}");
        assert_eq!(bench.count().await, count, "{tool}");
    }
}

async fn a_change_without_a_key_is_not_made(trial: &Trial) {
    let bench = Bench::new(trial).await;
    for (arguments, code) in [
        (json!({"name": "a"}), Code::IdempotencyKeyRequired),
        (json!({"name": "a", "idempotency_key": null}), Code::IdempotencyKeyRequired),
        (json!({"name": "a", "idempotency_key": ""}), Code::IdempotencyKeyRequired),
        (json!({"name": "a", "idempotency_key": "short"}), Code::InvalidArgument),
        (json!({"name": "a", "idempotency_key": "x".repeat(65)}), Code::InvalidArgument),
        (json!({"name": "a", "idempotency_key": "with spaces in it"}), Code::InvalidArgument),
        (json!({"name": "a", "idempotency_key": 1_234_567_890_123_456_i64}), Code::InvalidArgument),
        (json!({"name": "a", "IdempotencyKey": KEY}), Code::IdempotencyKeyRequired),
        (json!([]), Code::IdempotencyKeyRequired),
        (json!({"name": 1, "idempotency_key": KEY}), Code::InvalidArgument),
    ] {
        let shown = arguments.to_string();
        let failure = bench.call_as(alice(), "add", arguments, DEADLINE).await.unwrap_err();
        assert_eq!(failure.code, code, "{shown}");
        if shown.contains("with spaces") {
            assert_eq!(failure.got.as_deref(), Some("the character ' '"));
            assert!(failure.message.ends_with("and has the character ' '"), "{failure}");
        }
        assert_eq!(bench.count().await, 0, "{shown}");
    }
    bench.add(KEY, "a").await.unwrap();
}

async fn of_sixteen_that_race_one_makes_the_change(trial: &Trial) {
    let bench = Bench::new(trial).await;
    for round in 1..=200 {
        let start = Arc::new(Barrier::new(16));
        let mut racers = JoinSet::new();
        for _ in 0..16 {
            let (bench, start) = (Arc::clone(&bench), Arc::clone(&start));
            racers.spawn(async move {
                start.wait().await;
                loop {
                    match bench.add(&format!("key-of-round-{round:0>8}"), "a").await {
                        Err(failure) if failure.retryable => {}
                        other => return other.unwrap(),
                    }
                }
            });
        }
        let replies = racers.join_all().await;
        assert_eq!(bench.count().await, round, "one effect a round");
        assert_eq!(replies.iter().filter(|reply| !reply.is_replayed).count(), 1);
        assert!(replies.iter().all(|reply| reply.content == replies[0].content));
    }
    bench.is_whole().await;
}

/// What a store does wrong, once.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// Loses the connection at this statement of a transaction.
    Statement(usize),
    /// The same in the second transaction.
    Later(usize),
    /// Loses the connection before a commit.
    BeforeCommit,
    /// Loses the connection after a commit, before it is confirmed.
    AfterCommit,
    /// The same, and the store is not in its place any more.
    Replaced,
    /// Has no room for the first transaction.
    Full,
    /// Is lost after the first transaction.
    Gone,
    /// Does not answer after the first transaction.
    Hangs,
}

fn lost() -> StoreError {
    StoreError::Unavailable("the connection is lost".to_owned())
}

#[async_trait]
impl Watch for Fault {
    async fn at(&self, moment: Moment) -> Result<(), StoreError> {
        let is_later = matches!(moment, Moment::Begun(number) if number > 1);
        if *self == Self::Full && moment == Moment::Committing(1) {
            return Err(StoreError::Full("there is no room".to_owned()));
        }
        if *self == Self::Hangs && is_later {
            std::future::pending::<()>().await;
        }
        let is_now = match *self {
            Self::Gone => is_later,
            Self::Full | Self::Hangs => false,
            Self::Statement(statement) => moment == Moment::Statement(1, statement),
            Self::Later(statement) => moment == Moment::Statement(2, statement),
            Self::BeforeCommit => moment == Moment::Committing(1),
            Self::AfterCommit => moment == Moment::Committed(1),
            Self::Replaced => matches!(moment, Moment::Committed(1) | Moment::Ping),
        };
        if is_now { Err(lost()) } else { Ok(()) }
    }
}

/// A bench over a store that fails in its first transaction.
async fn flaky(trial: &Trial, fault: Fault) -> Arc<Bench> {
    let inner = trial.ready().await;
    inner.migrate(THINGS).await.unwrap();
    let seen = Watched::over(Arc::clone(&inner), Arc::new(fault));
    Bench::over(inner, seen)
}

async fn a_commit_in_doubt_is_looked_up(trial: &Trial) {
    let bench = flaky(trial, Fault::AfterCommit).await;
    let reply = bench.add(KEY, "a").await.unwrap();
    assert_eq!(bench.count().await, 1);
    let again = bench.add(KEY, "a").await.unwrap();
    assert_eq!(again, Reply { is_replayed: true, ..reply });
    assert_eq!(bench.count().await, 1);
}

async fn what_a_store_reads_that_is_not_in_its_place_is_no_proof(trial: &Trial) {
    let bench = flaky(trial, Fault::Replaced).await;
    let failure = bench.add(KEY, "a").await.unwrap_err();
    assert_eq!((failure.code, failure.effect), (Code::OutcomeUnknown, Done::Unknown));
}

async fn a_store_that_fails_in_the_middle_loses_and_doubles_nothing(trial: &Trial) {
    // The key, the effect, the answer, the head of the trail, its record; none has more than eight.
    let statements = (1..=8).map(Fault::Statement);
    let mut faults = 0;
    for (round, fault) in statements.chain([Fault::BeforeCommit, Fault::Full]).enumerate() {
        let bench = flaky(trial, fault).await;
        let key = format!("key-of-round-{round:0>8}");
        let before = bench.count().await;
        match bench.add(&key, "a").await {
            Err(failure) => {
                faults += 1;
                let is_in_doubt = fault == Fault::BeforeCommit;
                let code =
                    if is_in_doubt { Code::OutcomeUnknown } else { Code::UpstreamUnavailable };
                let effect = if is_in_doubt { Done::Unknown } else { Done::None };
                assert_eq!((failure.code, failure.effect), (code, effect), "{fault:?}");
                assert!(failure.retryable, "{fault:?}");
                let next = Next::retry_same_key("").action;
                assert_eq!(failure.next.action, next, "{fault:?}");
                assert_eq!(bench.count().await, before, "{fault:?}");
                let reply = bench.add(&key, "a").await.unwrap();
                assert!(!reply.is_replayed, "{fault:?}");
            }
            Ok(reply) => assert!(!reply.is_replayed, "there is no such statement: {fault:?}"),
        }
        assert_eq!(bench.count().await, before + 1, "{fault:?}");
        assert!(bench.add(&key, "a").await.unwrap().is_replayed, "{fault:?}");
        assert_eq!(bench.count().await, before + 1, "{fault:?}");
        bench.is_whole().await;
    }
    assert!(faults >= 6, "only {faults} faults have struck");
}

/// The key, the effect, the answer, and the record with the head of its chain: where the secret of the
/// tenant and the end of its chain are known, a write takes no more round trips than these.
async fn a_write_after_others_takes_four_statements_and_can_fail_at_each(trial: &Trial) {
    for statement in 1..=5 {
        let bench = flaky(trial, Fault::Later(statement)).await;
        let [first, second] = [1, 2].map(|write| format!("key-of-{statement}-and-{write:0>8}"));
        bench.add(&first, "a").await.unwrap();
        let before = bench.count().await;
        match bench.add(&second, "a").await {
            Err(failure) => {
                assert!(statement <= 4, "there is no fifth");
                assert_eq!(failure.code, Code::UpstreamUnavailable, "{statement}");
                assert_eq!(bench.count().await, before, "{statement}");
                assert!(!bench.add(&second, "a").await.unwrap().is_replayed, "{statement}");
            }
            Ok(reply) => assert!(statement == 5 && !reply.is_replayed, "{statement}"),
        }
        assert_eq!(bench.count().await, before + 1, "{statement}");
        assert!(bench.add(&second, "a").await.unwrap().is_replayed, "{statement}");
        bench.is_whole().await;
    }
}

/// The answer was that nothing was done.
async fn what_was_made_is_still_said_to_be_where_the_trail_cannot_be_written(trial: &Trial) {
    let bench = flaky(trial, Fault::Gone).await;
    bench.add(KEY, "a").await.unwrap();
    let same_key = Next::retry_same_key("").action;
    let failure = bench.add(KEY, "a").await.unwrap_err();
    assert_eq!((failure.code, failure.effect), (Code::UpstreamUnavailable, Done::Applied));
    assert!(failure.message.starts_with("the change was made before"), "{failure}");
    assert_eq!((failure.next.action, failure.retryable), (same_key, true));
    // Another one is not made, and what says so is not that the trail cannot be written.
    let failure = bench.add("key-of-the-tests-2", "b").await.unwrap_err();
    assert_eq!((failure.code, failure.effect), (Code::UpstreamUnavailable, Done::None));
    assert_eq!((failure.next.action, failure.retryable), (same_key, true));
    assert_eq!(failure.message, "the change cannot be stored at the moment");
    // What could be told from an answer is not told where it cannot be written down.
    let wrong = json!({"nam": "b", "idempotency_key": "key-of-the-tests-3"});
    let failure = bench.call_as(alice(), "add", wrong, DEADLINE).await.unwrap_err();
    assert_eq!((failure.code, failure.effect), (Code::UpstreamUnavailable, Done::None));
    assert_eq!((failure.next.action, failure.retryable), (same_key, true));
    assert_eq!(bench.count().await, 1);
}

async fn a_store_that_hangs_is_not_waited_for_twice(trial: &Trial) {
    let bench = flaky(trial, Fault::Hangs).await;
    bench.add(KEY, "a").await.unwrap();
    let arguments = json!({"name": "b", "idempotency_key": "key-of-the-tests-2"});
    let call = bench.call_as(alice(), "add", arguments, Duration::from_millis(50));
    let answer = tokio::time::timeout(Duration::from_secs(20), call).await;
    let failure = answer.expect("it is answered though its record is not written").unwrap_err();
    assert_eq!((failure.code, failure.effect), (Code::DeadlineExceeded, Done::None));
    assert_eq!(failure.next.action, Next::retry_same_key("").action);
}

async fn a_claim_whose_process_has_died_is_taken_over(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let arguments = json!({"name": "a", "idempotency_key": KEY});
    let request = Request::of(&alice(), "add", &arguments).unwrap();
    request.claim(&*bench.store, NOW, LEASE).await.unwrap().unwrap();
    let failure = bench.add(KEY, "a").await.unwrap_err();
    assert_eq!(failure.code, Code::IdempotencyInFlight);
    assert!(failure.retryable && failure.retry_after_ms.is_some());
    assert_eq!(bench.count().await, 0);
    bench.services.clock.turn(LEASE);
    assert!(!bench.add(KEY, "a").await.unwrap().is_replayed);
    assert!(bench.add(KEY, "a").await.unwrap().is_replayed);
    assert_eq!(bench.count().await, 1);
}
