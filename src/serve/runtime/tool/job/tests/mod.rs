//! Jobs through a toolbox, on whichever engine: what becomes of a call that waits.

mod fault;
mod held;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    super::{
        super::{
            audit::{Phase, Trail, verify},
            clock::Clock,
            guidance::{Code, Failure, Next},
            idempotency::Key,
            identity::{Identity, demo},
            jobs::{Bounds, End, LIFETIME_MS},
            points::Points,
            policy::{Policy, Sources},
            store::{
                Migration, Row, Statement, Store, StoreError, Transaction,
                trial::{Trial, on_both},
            },
        },
        Answer, Call, Change, Definition, Effect, Reply, Seal, Services, Toolbox, outage,
    },
    Progress,
};

on_both!(
    a_call_that_waits_goes_on_as_one_job_for_its_key,
    a_job_ends_with_the_answer_of_the_call,
    of_sixteen_that_ask_one_makes_the_change,
    a_job_is_given_up_or_its_change_is_made_and_never_both,
    what_is_refused_ends_a_job,
    a_job_that_was_given_up_makes_nothing,
    a_change_that_was_made_is_not_given_up,
    a_job_is_its_owners,
    a_change_that_takes_too_long_goes_on,
    jobs_are_bounded,
    a_job_has_its_time,
    a_job_is_carried_on_with_what_its_owner_may_do_now,
    a_job_survives_its_process,
    the_trail_tells_of_a_job,
);

const NOW: i64 = 1_700_000_000_000;
const DEADLINE: Duration = Duration::from_secs(20);
const KEY: &str = "key-of-the-tests-1";

/// The gate says what becomes of a change: it waits, is made, is refused or hangs.
const TABLES: &[Migration] = &[Migration {
    component: "test",
    version: 1,
    name: "things and a gate",
    sql: "CREATE TABLE thing (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY);
          CREATE TABLE gate (word TEXT NOT NULL);
          INSERT INTO gate (word) VALUES ('wait');",
}];

/// Adds a thing, once the gate is open.
struct Add;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[expect(dead_code, reason = "it tells calls apart")]
    name: String,
    #[expect(dead_code, reason = "the toolbox reads it")]
    idempotency_key: Key,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Added {
    id: String,
}

impl Change for Add {
    type Arguments = Arguments;
    type Output = Added;

    const DEFINITION: Definition = Definition {
        name: "add",
        title: "Add",
        description: "Adds a thing.",
        effect: Effect::Writes,
        scopes: &["trial.write"],
    };
    const PHASE: Phase = Phase::Commit;

    async fn change(
        &self,
        call: &Call,
        transaction: &mut dyn Transaction,
        _: Arguments,
    ) -> Result<Answer<Added>, Failure> {
        let failed = |fault: StoreError| outage(&fault, "the gate cannot be seen");
        let rows = transaction.query(Statement::new("SELECT word FROM gate")).await;
        let rows = rows.map_err(failed)?;
        match rows[0].text("word").unwrap() {
            "open" => {}
            "hang" => std::future::pending().await,
            "no" => {
                let next = Next::ask_user("tell the user");
                return Err(Failure::new(Code::ApprovalRejected, "carol has said no", next));
            }
            _ => {
                let next = Next::wait("wait");
                let mut failure = Failure::new(Code::ApprovalRequired, "carol has to agree", next);
                failure.retryable = true;
                return Err(failure);
            }
        }
        let id = uuid::Uuid::new_v4().to_string();
        let statement = Statement::new("INSERT INTO thing (id) VALUES ($1)").bind(id.as_str());
        transaction.execute(statement).await.map_err(failed)?;
        call.touches(&id);
        Ok(Answer::of(Added { id }))
    }
}

struct Bench {
    toolbox: Toolbox,
    services: Arc<Services>,
}

impl Bench {
    async fn new(trial: &Trial) -> Arc<Self> {
        let store = trial.ready().await;
        store.migrate(TABLES).await.unwrap();
        Self::over(store)
    }

    fn over(store: Arc<dyn Store>) -> Arc<Self> {
        let action =
            r#"action "add" appliesTo { principal: User, resource: [Tenant], context: Call };"#;
        let policies = r#"@id("all") permit (principal, action, resource)
            when { principal.clearance > 0 };"#;
        let sources = Sources::new()
            .with_schema("trial.cedarschema", action)
            .with_policies("trial.cedar", policies);
        let services = Services {
            trail: Trail::start(Arc::clone(&store)),
            store,
            policy: Policy::load(&sources).unwrap(),
            seal: Seal::new(b"trial"),
            clock: Clock::standing_at(NOW),
            points: Points::default(),
        };
        let toolbox = Toolbox::of("trial").with_change(Add);
        Arc::new(Self { toolbox, services: Arc::new(services) })
    }

    async fn gate(&self, word: &str) {
        let mut transaction = self.services.store.begin().await.unwrap();
        let statement = Statement::new("UPDATE gate SET word = $1").bind(word);
        transaction.execute(statement).await.unwrap();
        transaction.commit().await.unwrap();
    }

    async fn call(&self, who: &Arc<Identity>, key: &str, name: &str) -> Result<Reply, Failure> {
        let arguments = json!({"name": name, "idempotency_key": key});
        let deadline = if name == "short" { Duration::from_millis(50) } else { DEADLINE };
        self.toolbox.call(&self.services, who, "add", arguments, deadline, "call").await.unwrap()
    }

    /// The call, which has to wait, as a job.
    async fn defer(&self, who: &Arc<Identity>, key: &str, name: &str) -> Result<Progress, Failure> {
        let failure = self.call(who, key, name).await.unwrap_err();
        let arguments = json!({"name": name, "idempotency_key": key, "more": null});
        self.toolbox.defer(&self.services, who, ("add", arguments), failure, "call").await
    }

    async fn job(&self, key: &str) -> String {
        self.defer(&alice(), key, "a").await.unwrap().job.id
    }

    async fn poll_as(&self, who: &Arc<Identity>, id: &str) -> Option<Progress> {
        self.toolbox.poll(&self.services, who, id, DEADLINE, "poll").await.unwrap()
    }

    async fn poll(&self, id: &str) -> Progress {
        self.poll_as(&alice(), id).await.expect("there is a job")
    }

    /// How a job has ended by now.
    async fn end(&self, id: &str) -> Option<End> {
        self.poll(id).await.job.end
    }

    async fn give_up(&self, id: &str) {
        let given_up = self.toolbox.give_up(&self.services, &alice(), id, "cancel").await;
        assert!(given_up.unwrap().is_some(), "there is a job");
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.services.store.query(Statement::new(sql)).await.unwrap()[0].integer("n").unwrap()
    }

    async fn things(&self) -> i64 {
        self.count("SELECT count(*) AS n FROM thing").await
    }

    /// The records of the trail, which is whole.
    async fn trail(&self) -> Vec<Value> {
        self.services.trail.flush().await.unwrap();
        let verdicts = verify(&*self.services.store, None).await.unwrap();
        assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
        let statement = Statement::new("SELECT record FROM audit_record ORDER BY tenant, seq");
        let record = |row: &Row| serde_json::from_str(row.text("record").unwrap()).unwrap();
        self.services.store.query(statement).await.unwrap().iter().map(record).collect()
    }
}

fn alice() -> Arc<Identity> {
    user("alice", &["trial.write"])
}

fn user(name: &str, scopes: &[&str]) -> Arc<Identity> {
    Arc::new(demo::identity(name, scopes).unwrap())
}

async fn a_call_that_waits_goes_on_as_one_job_for_its_key(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let begun = bench.defer(&alice(), KEY, "a").await.unwrap();
    assert_eq!(begun.waits_for.as_deref(), Some("carol has to agree"));
    assert_eq!(bench.defer(&alice(), KEY, "a").await.unwrap(), begun);
    assert_ne!(bench.job("another-key-of-the-tests").await, begun.job.id);
    let failure = bench.defer(&alice(), KEY, "b").await.unwrap_err();
    assert_eq!(failure.code, Code::IdempotencyConflict);
    assert_eq!(failure.correlation_id, "call");
    let waiting = bench.poll(&begun.job.id).await;
    assert_eq!(waiting, Progress { outcome: Some("approval_required"), ..begun });
    assert_eq!(bench.things().await, 0);
    // Whatever does not wait is answered.
    bench.gate("no").await;
    let failure = bench.defer(&alice(), "a-third-key-of-the-tests", "a").await.unwrap_err();
    assert_eq!(failure.code, Code::ApprovalRejected);
    assert_eq!(bench.count("SELECT count(*) AS n FROM job").await, 2);
}

async fn a_job_ends_with_the_answer_of_the_call(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let (first, second) = (bench.job(KEY).await, bench.job("another-key-of-the-tests").await);
    bench.gate("open").await;
    let end = bench.end(&first).await;
    assert_eq!(bench.things().await, 1);
    bench.gate("wait").await;
    assert_eq!(bench.end(&first).await, end, "what has ended stays so");
    let again = bench.call(&alice(), KEY, "a").await.unwrap();
    assert!(again.is_replayed);
    assert_eq!(end, Some(End::Answered(again.content)));
    // The call is repeated without the job.
    bench.gate("open").await;
    let direct = bench.call(&alice(), "another-key-of-the-tests", "a").await.unwrap();
    assert_eq!(bench.end(&second).await, Some(End::Answered(direct.content)));
    assert_eq!(bench.things().await, 2);
}

async fn of_sixteen_that_ask_one_makes_the_change(trial: &Trial) {
    let bench = Bench::new(trial).await;
    for round in 1..=20 {
        bench.gate("wait").await;
        let id = bench.job(&format!("key-of-the-tests-{round}")).await;
        bench.gate("open").await;
        let start = Arc::new(Barrier::new(16));
        let mut racers = JoinSet::new();
        for _ in 0..16 {
            let (bench, start, id) = (Arc::clone(&bench), Arc::clone(&start), id.clone());
            racers.spawn(async move {
                start.wait().await;
                bench.end(&id).await
            });
        }
        let ends = racers.join_all().await;
        assert!(matches!(ends[0], Some(End::Answered(_))), "{ends:?}");
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        assert_eq!(bench.things().await, round);
    }
}

async fn a_job_is_given_up_or_its_change_is_made_and_never_both(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let (mut made, mut rounds) = (0, 0);
    while rounds < 40 {
        rounds += 1;
        bench.gate("wait").await;
        let id = bench.job(&format!("key-of-the-tests-{rounds}")).await;
        bench.gate("open").await;
        let start = Arc::new(Barrier::new(4));
        let mut racers = JoinSet::new();
        for racer in 0..4 {
            let (bench, start, id) = (Arc::clone(&bench), Arc::clone(&start), id.clone());
            racers.spawn(async move {
                start.wait().await;
                match racer % 2 {
                    0 => bench.give_up(&id).await,
                    _ => drop(bench.poll(&id).await),
                }
            });
        }
        racers.join_all().await;
        match bench.end(&id).await {
            Some(End::Answered(_)) => made += 1,
            Some(End::Cancelled) => {}
            other => panic!("no end: {other:?}"),
        }
        assert_eq!(bench.things().await, made, "round {rounds}");
    }
}

async fn what_is_refused_ends_a_job(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let id = bench.job(KEY).await;
    bench.gate("no").await;
    let Some(End::Refused(envelope)) = bench.end(&id).await else { panic!("it is refused") };
    assert_eq!(envelope["error"]["code"], "approval_rejected");
    assert_eq!(envelope["error"]["correlation_id"], "poll");
    bench.gate("open").await;
    assert_eq!(bench.end(&id).await, Some(End::Refused(envelope)));
    assert_eq!(bench.things().await, 0);
    // The key is not burned by that.
    bench.call(&alice(), KEY, "a").await.unwrap();
    assert_eq!(bench.things().await, 1);
    // One that was used for something else in the meantime is.
    bench.gate("wait").await;
    let id = bench.job("another-key-of-the-tests").await;
    bench.gate("open").await;
    bench.call(&alice(), "another-key-of-the-tests", "b").await.unwrap();
    let Some(End::Refused(envelope)) = bench.end(&id).await else { panic!("it is refused") };
    assert_eq!(envelope["error"]["code"], "idempotency_conflict");
    assert_eq!(bench.things().await, 2);
}

async fn a_job_that_was_given_up_makes_nothing(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let first = bench.job(KEY).await;
    bench.give_up(&first).await;
    bench.give_up(&first).await;
    bench.gate("open").await;
    assert_eq!(bench.end(&first).await, Some(End::Cancelled));
    assert_eq!(bench.things().await, 0);
    bench.gate("wait").await;
    let second = bench.job(KEY).await;
    assert_ne!(second, first, "the same call again is another job");
    bench.gate("open").await;
    assert!(matches!(bench.end(&second).await, Some(End::Answered(_))));
    assert_eq!(bench.end(&first).await, Some(End::Cancelled));
    assert_eq!(bench.things().await, 1);
}

async fn a_change_that_was_made_is_not_given_up(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let polled = bench.job(KEY).await;
    let repeated = bench.job("another-key-of-the-tests").await;
    bench.gate("open").await;
    let end = bench.end(&polled).await;
    bench.give_up(&polled).await;
    assert_eq!(bench.end(&polled).await, end);
    let answer = bench.call(&alice(), "another-key-of-the-tests", "a").await.unwrap().content;
    bench.give_up(&repeated).await;
    assert_eq!(bench.end(&repeated).await, Some(End::Answered(answer)));
    assert!(bench.trail().await.iter().all(|record| record["phase"] != "cancel"));
}

async fn a_job_is_its_owners(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let id = bench.job(KEY).await;
    bench.gate("open").await;
    let mut elsewhere = Identity::clone(&alice());
    elsewhere.issuer = "https://elsewhere.example".to_owned();
    let scopes = &["trial.write"];
    let strangers = [user("carol", scopes), user("dave", scopes), Arc::new(elsewhere)];
    let forged = uuid::Uuid::new_v4().to_string();
    let nul = format!("{id}\0");
    let cases = strangers.iter().map(|who| (who.clone(), id.as_str()));
    let cases: Vec<_> = cases.chain([(alice(), forged.as_str()), (alice(), &nul)]).collect();
    for (who, id) in &cases {
        assert_eq!(bench.poll_as(who, id).await, None);
        let given_up = bench.toolbox.give_up(&bench.services, who, id, "cancel").await;
        assert_eq!(given_up.unwrap(), None);
        let own = bench.toolbox.own(&bench.services, who, ("tasks/update", id), "update").await;
        assert_eq!(own.unwrap(), None);
    }
    assert_eq!(bench.things().await, 0);
    let refused = bench.trail().await.into_iter().filter(|record| record["decision"] == "deny");
    let refused: Vec<_> = refused.map(|record| record["tool"].clone()).collect();
    assert_eq!(refused.len(), 3 * cases.len(), "{refused:?}");
    assert!(refused.contains(&json!("tasks/get")) && refused.contains(&json!("tasks/cancel")));
    assert!(matches!(bench.end(&id).await, Some(End::Answered(_))));
}

async fn a_change_that_takes_too_long_goes_on(trial: &Trial) {
    let bench = Bench::new(trial).await;
    bench.gate("hang").await;
    let begun = bench.defer(&alice(), KEY, "short").await.unwrap();
    assert!(begun.waits_for.unwrap().contains("was not made within"));
    let short = Duration::from_millis(50);
    let id = &begun.job.id;
    let polled = bench.toolbox.poll(&bench.services, &alice(), id, short, "poll").await;
    assert_eq!(polled.unwrap().unwrap().job, begun.job, "still at it");
    bench.gate("open").await;
    assert!(matches!(bench.end(id).await, Some(End::Answered(_))));
    assert_eq!(bench.things().await, 1);
}

async fn jobs_are_bounded(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let most = usize::try_from(Bounds::default().open_of_owner).unwrap();
    let start = Arc::new(Barrier::new(most + 8));
    let mut racers = JoinSet::new();
    for racer in 0..most + 8 {
        let (bench, start) = (Arc::clone(&bench), Arc::clone(&start));
        racers.spawn(async move {
            start.wait().await;
            bench.defer(&alice(), &format!("key-of-the-tests-{racer}"), "a").await
        });
    }
    let (begun, refused): (Vec<_>, Vec<_>) =
        racers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((begun.len(), refused.len()), (most, 8));
    for failure in refused {
        assert_eq!(failure.unwrap_err().code, Code::ApprovalRequired, "as without jobs");
    }
    assert_eq!(bench.count("SELECT count(*) AS n FROM job").await, i64::try_from(most).unwrap());
    let deferred = bench.trail().await.iter().filter(|record| record["phase"] == "defer").count();
    assert_eq!(deferred, most, "what has not begun is not written down");
    let large = "a".repeat(Bounds::default().bytes);
    let carol = user("carol", &["trial.write"]);
    let failure = bench.defer(&carol, KEY, &large).await.unwrap_err();
    assert_eq!(failure.code, Code::ApprovalRequired);
    bench.defer(&carol, KEY, "a").await.unwrap();
    let given_up = begun.into_iter().next().unwrap().unwrap().job.id;
    bench.give_up(&given_up).await;
    bench.job("one-more-key-of-the-tests").await;
}

async fn a_job_has_its_time(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let id = bench.job(KEY).await;
    let lifetime = Duration::from_millis(LIFETIME_MS.unsigned_abs());
    bench.services.clock.turn(lifetime - Duration::from_millis(1));
    assert_eq!(bench.end(&id).await, None);
    bench.services.clock.turn(Duration::from_millis(1));
    bench.gate("open").await;
    assert_eq!(bench.poll_as(&alice(), &id).await, None);
    assert_eq!(bench.things().await, 0);
    bench.call(&alice(), KEY, "a").await.unwrap();
}

async fn a_job_is_carried_on_with_what_its_owner_may_do_now(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let (first, second) = (bench.job(KEY).await, bench.job("another-key-of-the-tests").await);
    bench.gate("open").await;
    let powerless = user("alice", &[]);
    // Such a token does not give it up either, and is told so.
    let given_up = bench.toolbox.give_up(&bench.services, &powerless, &first, "cancel").await;
    let refused = given_up.unwrap_err();
    assert_eq!((refused.code, refused.correlation_id.as_str()), (Code::NotPermitted, "cancel"));
    assert!(refused.message.contains("scopes trial.write"), "{refused}");
    let record = bench.trail().await.pop().unwrap();
    assert_eq!((&record["tool"], &record["decision"]), (&json!("tasks/cancel"), &json!("deny")));
    let lacking = bench.poll_as(&powerless, &first).await.unwrap();
    let expected = "a request whose token has the scopes trial.write";
    assert_eq!((lacking.job.end, lacking.waits_for.as_deref()), (None, Some(expected)));
    assert_eq!(bench.things().await, 0);
    let mut demoted = Identity::clone(&alice());
    demoted.clearance = 0;
    let demoted = Arc::new(demoted);
    let ended = bench.poll_as(&demoted, &second).await.unwrap();
    assert_eq!(ended.job.end, Some(End::Unknown));
    assert_eq!(bench.things().await, 0);
    assert_eq!(bench.end(&second).await, Some(End::Unknown));
    assert!(matches!(bench.end(&first).await, Some(End::Answered(_))));
    // Nor does it see what came of it.
    let lacking = bench.poll_as(&powerless, &first).await.unwrap();
    assert_eq!((lacking.job.end, lacking.waits_for.as_deref()), (None, Some(expected)));
}

async fn a_job_survives_its_process(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let id = bench.job(KEY).await;
    bench.services.store.close().await;
    let bench = Bench::over(trial.open().await);
    assert_eq!(bench.end(&id).await, None);
    bench.gate("open").await;
    let other = Bench::over(trial.open().await);
    let end = other.end(&id).await;
    assert!(matches!(end, Some(End::Answered(_))), "{end:?}");
    assert_eq!(bench.end(&id).await, end);
    assert_eq!(bench.things().await, 1);
}

async fn the_trail_tells_of_a_job(trial: &Trial) {
    let bench = Bench::new(trial).await;
    let (made, given_up) = (bench.job(KEY).await, bench.job("another-key-of-the-tests").await);
    for _ in 0..5 {
        bench.poll(&made).await;
    }
    bench.give_up(&given_up).await;
    bench.gate("open").await;
    bench.poll(&made).await;
    let refused = {
        bench.gate("wait").await;
        let id = bench.job("a-third-key-of-the-tests").await;
        bench.gate("no").await;
        bench.poll(&id).await;
        id
    };
    let trail = bench.trail().await;
    let told: Vec<_> = trail
        .iter()
        .map(|record| {
            let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let ids = record["resource_ids"].as_array().unwrap();
            let id = ids.first().map(of).unwrap_or_default();
            let id = match id.as_str() {
                id if id == made => "made",
                id if id == given_up => "given up",
                id if id == refused => "refused",
                _ => "",
            };
            let result = of(&record["result"]["code"]);
            (of(&record["phase"]), result, of(&record["correlation_id"]), id)
        })
        .collect();
    let expected = [
        ("commit", "approval_required", "call", ""),
        ("defer", "ok", "call", "made"),
        ("commit", "approval_required", "call", ""),
        ("defer", "ok", "call", "given up"),
        ("cancel", "ok", "cancel", "given up"),
        ("commit", "ok", "poll", "made"),
        ("commit", "approval_required", "call", ""),
        ("defer", "ok", "call", "refused"),
        ("commit", "approval_rejected", "poll", "refused"),
    ];
    let told: Vec<_> =
        told.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), *d)).collect();
    assert_eq!(told, expected);
    let hmac = |index: usize| trail[index]["idempotency_hmac"].as_str().expect("the key");
    assert_eq!((hmac(1), hmac(3), hmac(7)), (hmac(5), hmac(4), hmac(8)));
    let keys = BTreeSet::from([hmac(1), hmac(3), hmac(7)]);
    assert_eq!(keys.len(), 3);
    assert!(trail.iter().all(|record| !record.to_string().contains(KEY)));
}
