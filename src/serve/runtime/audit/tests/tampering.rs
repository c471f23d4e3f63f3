//! Whatever somebody does to the trail who can write the store, it is found.

use super::{
    super::{Break, Fault, chain::hash, reading::stored},
    Statement, Store, Trail, Trial, entry, on_both, verdict,
};

on_both!(what_is_done_to_a_chain_is_found_and_named, one_tenant_that_is_broken_leaves_the_others);

async fn five(trial: &Trial) -> std::sync::Arc<dyn Store> {
    let store = trial.ready().await;
    let trail = Trail::start(store.clone());
    for tenant in ["acme", "globex"] {
        for number in 1..=5 {
            trail.append(entry(tenant, &number.to_string())).await.unwrap();
        }
    }
    store
}

async fn run(store: &dyn Store, statements: Vec<Statement>) {
    let mut transaction = store.begin().await.unwrap();
    for statement in statements {
        assert!(transaction.execute(statement).await.unwrap() > 0, "nothing was touched");
    }
    transaction.commit().await.unwrap();
}

fn sql(sql: &'static str) -> Statement {
    Statement::new(sql)
}

/// Puts another text in the place of a record, with the hash that fits.
async fn forged(store: &dyn Store, seq: u64) -> Statement {
    let record = &stored(store, "acme", seq - 1, 1).await.unwrap()[0].record;
    let record = record.replace("alice", "mallory");
    sql("UPDATE audit_record SET record = $1, hash = $2 WHERE tenant = 'acme' AND seq = $3")
        .bind(record.as_str())
        .bind(hash(&record))
        .bind(i64::try_from(seq).unwrap())
}

async fn what_is_done_to_a_chain_is_found_and_named(trial: &Trial) {
    let store = five(trial).await;
    let original = stored(&*store, "acme", 0, 10).await.unwrap();
    let head = || sql("UPDATE audit_head SET seq = 5, hash = $1 WHERE tenant = 'acme'");
    let forged = [forged(&*store, 3).await, forged(&*store, 5).await];
    let [forged_third, forged_last] = forged;
    let cases = [
        (
            "the text of one is changed",
            vec![sql("UPDATE audit_record SET record = replace(record, 'alice', 'mallory') \
                      WHERE tenant = 'acme' AND seq = 3")],
            3,
            Fault::Changed,
        ),
        (
            "the hash of one is changed",
            vec![sql("UPDATE audit_record SET hash = 'f00' WHERE tenant = 'acme' AND seq = 1")],
            1,
            Fault::Changed,
        ),
        ("one is written anew with its hash", vec![forged_third], 3, Fault::Changed),
        ("the last is written anew with its hash", vec![forged_last], 5, Fault::Changed),
        (
            "the first is missing",
            vec![sql("DELETE FROM audit_record WHERE tenant = 'acme' AND seq = 1")],
            1,
            Fault::Missing,
        ),
        (
            "one is missing and the others have moved up",
            vec![
                sql("DELETE FROM audit_record WHERE tenant = 'acme' AND seq = 2"),
                sql("UPDATE audit_record SET seq = 2 WHERE tenant = 'acme' AND seq = 3"),
            ],
            2,
            Fault::Moved,
        ),
        (
            "two have changed places",
            vec![
                sql("UPDATE audit_record SET seq = 99 WHERE tenant = 'acme' AND seq = 2"),
                sql("UPDATE audit_record SET seq = 2 WHERE tenant = 'acme' AND seq = 4"),
                sql("UPDATE audit_record SET seq = 4 WHERE tenant = 'acme' AND seq = 99"),
            ],
            2,
            Fault::Moved,
        ),
        (
            "one is of another tenant",
            vec![
                sql("DELETE FROM audit_record WHERE tenant = 'acme' AND seq = 1"),
                sql("INSERT INTO audit_record (tenant, seq, hash, record) \
                     SELECT 'acme', seq, hash, record FROM audit_record \
                     WHERE tenant = 'globex' AND seq = 1"),
            ],
            1,
            Fault::Moved,
        ),
        (
            "the last two are cut off",
            vec![sql("DELETE FROM audit_record WHERE tenant = 'acme' AND seq > 3")],
            4,
            Fault::Cut,
        ),
        (
            "all are cut off",
            vec![sql("DELETE FROM audit_record WHERE tenant = 'acme'")],
            1,
            Fault::Cut,
        ),
        ("the end is another one", vec![head().bind("f00")], 5, Fault::Changed),
        (
            "one stands behind the end",
            vec![sql("INSERT INTO audit_record (tenant, seq, hash, record) \
                      SELECT 'acme', 6, hash, record FROM audit_record \
                      WHERE tenant = 'acme' AND seq = 5")],
            6,
            Fault::Added,
        ),
        (
            "the end is gone",
            vec![sql("DELETE FROM audit_head WHERE tenant = 'acme'")],
            1,
            Fault::Added,
        ),
        (
            "one is no JSON",
            vec![
                sql("UPDATE audit_record SET record = 'x', hash = $1 \
                      WHERE tenant = 'acme' AND seq = 3")
                .bind(hash("x")),
            ],
            3,
            Fault::Changed,
        ),
    ];
    for (what, statements, seq, fault) in cases {
        run(&*store, statements).await;
        let found = verdict(&*store, "acme").await;
        assert_eq!(found.broken, Some(Break { seq, fault }), "{what}");
        assert_eq!(found.records, seq - 1, "{what}");
        // As it was.
        let mut transaction = store.begin().await.unwrap();
        for table in [
            "DELETE FROM audit_record WHERE tenant = 'acme'",
            "DELETE FROM audit_head WHERE tenant = 'acme'",
        ] {
            transaction.execute(sql(table)).await.unwrap();
        }
        for it in &original {
            let insert = sql("INSERT INTO audit_record (tenant, seq, hash, record) \
                              VALUES ('acme', $1, $2, $3)");
            let insert = insert.bind(i64::try_from(it.seq).unwrap());
            transaction
                .execute(insert.bind(it.hash.as_str()).bind(it.record.as_str()))
                .await
                .unwrap();
        }
        let insert = sql("INSERT INTO audit_head (tenant, seq, hash) VALUES ('acme', 5, $1)");
        transaction.execute(insert.bind(original[4].hash.as_str())).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(verdict(&*store, "acme").await.broken, None, "{what}, and undone");
    }
}

async fn one_tenant_that_is_broken_leaves_the_others(trial: &Trial) {
    let store = five(trial).await;
    // Where the next record of acme would go, there is one already.
    run(
        &*store,
        vec![sql(
            "INSERT INTO audit_record (tenant, seq, hash, record) VALUES ('acme', 6, 'f00', '{}')",
        )],
    )
    .await;
    let trail = std::sync::Arc::new(Trail::start(store.clone()));
    let mut tasks = tokio::task::JoinSet::new();
    for tenant in ["acme", "globex", "acme", "globex"] {
        let trail = trail.clone();
        tasks.spawn(async move { (tenant, trail.append(entry(tenant, "r")).await.is_ok()) });
    }
    for (tenant, is_written) in tasks.join_all().await {
        assert_eq!(is_written, tenant == "globex");
    }
    assert_eq!(verdict(&*store, "globex").await.broken, None);
    let broken = verdict(&*store, "acme").await.broken.unwrap();
    assert_eq!(broken.to_string(), "record 6 stands behind the end of the chain");
}
