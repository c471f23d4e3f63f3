//! The measure of writes: a store's own transactions, as many a second as its pool makes.
//! `store_writes STORE CLIENTS SECONDS`, with a folder or postgres://…
//!
//! Each client makes one transaction after the other, of the four statements that a write with an
//! idempotency key cannot do without: the key, the effect, the record in the trail, the answer. The
//! tables are those of a server, in a store of their own, and every client has a tenant of its own, so
//! that none waits for another one's chain. Prints what `serve_load` does.

#![expect(clippy::print_stdout, reason = "its result is what it prints")]

use std::{sync::Arc, time::Duration};

use mcp_kit::serve::runtime::{
    store::{self, Statement, Store},
    tables,
};
use tokio::{sync::Barrier, task::JoinSet, time::Instant};

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Transactions that are made before any is counted.
const WARM_UP: usize = 20;
/// As long as those of a note about a customer.
const ANSWER: &str = r#"{"data":{"change":{"diff":[{"after":"A note that is written","field":"note"}],"expires_at":"2026-11-24T17:40:32.16Z","id":"4e379df8-b8ac-4bf1-ba04-a663e5c43383","needs":"nothing","proposed_by":"carol","reason":"To measure","state":"proposed","title":"Add a note to Aoife Patel"}},"notices":[]}"#;
const RECORD: &str = r#"{"actor":{"client_id":"mcp-kit demo","iss":"https://demo.mcp-kit.test","sub":"carol"},"arguments_hmac":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843","at":"2026-11-23T17:40:32.160Z","connector":"crm","correlation_id":"4e379df8-b8ac-4bf1-ba04-a663e5c43383","decision":"allow","idempotency_hmac":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843","latency_ms":1,"phase":"propose","policy_ids":["writers-note"],"policy_sha256":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843","prev":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843","resource_ids":[],"result":{"code":"ok"},"seq":1,"tenant":"acme","tool":"propose_change","v":1}"#;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, place, clients, seconds] = arguments.as_slice() else {
        panic!("store_writes STORE CLIENTS SECONDS")
    };
    let clients: usize = clients.parse().expect("a number of clients");
    let seconds = Duration::from_secs(seconds.parse().expect("a number of seconds"));
    let store = store::open(&place.parse().expect("a store")).await.expect("the store opens");
    store.migrate(tables::MIGRATIONS).await.expect("its tables are made");
    let start = Arc::new(Barrier::new(clients));
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (store, start) = (Arc::clone(&store), Arc::clone(&start));
        tasks.spawn(async move {
            let tenant = uuid::Uuid::new_v4().to_string();
            let mut number = 0;
            for _ in 0..WARM_UP {
                number += 1;
                write(&*store, &tenant, number).await;
            }
            start.wait().await;
            let (end, mut times) = (Instant::now() + seconds, Vec::new());
            while Instant::now() < end {
                number += 1;
                let begun = Instant::now();
                write(&*store, &tenant, number).await;
                times.push(begun.elapsed());
            }
            times
        });
    }
    let mut times: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1_000.0;
    println!("{:.0} {:.2} {:.2}", times.len() as f64 / seconds.as_secs_f64(), at(50), at(99));
}

async fn write(store: &dyn Store, tenant: &str, number: i64) {
    const PATIENCE: usize = 50;
    for _ in 0..PATIENCE {
        match attempt(store, tenant, number).await {
            // There are more clients than connections, and some wait too long for one.
            Err(fault) if fault.is_transient() => {}
            other => return other.expect("the store writes"),
        }
    }
    panic!("the store is busy for ever");
}

async fn attempt(store: &dyn Store, tenant: &str, number: i64) -> Result<(), store::StoreError> {
    let mut transaction = store.begin().await?;
    let key = format!("key-{number:0>16}");
    let bound = |sql| Statement::new(sql).bind(tenant).bind("https://demo.mcp-kit.test carol");
    let ledger = "INSERT INTO idempotency \
         (tenant, actor, tool, key, fingerprint, claim, until, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let fingerprint = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let taken = bound(ledger)
        .bind("propose_change")
        .bind(key.as_str())
        .bind(fingerprint)
        .bind(None::<&str>)
        .bind(None::<i64>)
        .bind(number);
    transaction.execute(taken).await?;
    let effect = "INSERT INTO proposal (tenant, proposer, id, proposed_by, tool, title, reason, \
         diff, payload, digest, created_at, expires_at) \
         VALUES ($1, $2, $3, 'carol', 'commit_change', 'Add a note', 'To measure', $4, $4, $5, $6, $6)";
    let id = uuid::Uuid::new_v4().to_string();
    let diff =
        r#"{"add_note":{"customer_id":"4e379df8-b8ac-4bf1-ba04-a663e5c43383","text":"A note"}}"#;
    transaction.execute(bound(effect).bind(id).bind(diff).bind(fingerprint).bind(number)).await?;
    let record = "INSERT INTO audit_record (tenant, seq, hash, record) VALUES ($1, $2, $3, $4)";
    let record = Statement::new(record).bind(tenant).bind(number).bind(fingerprint).bind(RECORD);
    transaction.execute(record).await?;
    let answer = "UPDATE idempotency SET answer = $5 \
         WHERE tenant = $1 AND actor = $2 AND tool = $3 AND key = $4 AND answer IS NULL";
    let answer = bound(answer).bind("propose_change").bind(key.as_str()).bind(ANSWER);
    transaction.execute(answer).await?;
    transaction.commit().await
}
