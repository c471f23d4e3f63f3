//! What changes do to customers, and that every record and every field of a change is decided about
//! again when it is made.

use mcp_kit::serve::{
    connector::crm::change::{Merge, Operation, apply},
    runtime::{clock::Clock, guidance::Code, store::Statement},
};
use serde_json::{Value, json};

use super::{
    client::{Answer, Client},
    place::Place,
    server::{Server, token_with},
};

fn user(place: &Place, server: &Server, name: &str) -> Client {
    let scopes = ["crm.read", "crm.write"];
    let token = token_with(place, name, &server.resource(), &scopes, Clock::system());
    Client::modern(server.address, Some(&token))
}

fn key(name: &str) -> String {
    format!("key-{name:0>16}")
}

fn proposed(answer: &Answer) -> Value {
    answer.data()["data"]["change"].clone()
}

fn propose(user: &Client, name: &str, mut arguments: Value) -> Value {
    arguments["reason"] = "to see".into();
    arguments["idempotency_key"] = key(name).into();
    proposed(&user.call("propose_change", arguments))
}

fn commit(user: &Client, change: &Value, name: &str) -> Answer {
    let arguments = json!({"change_id": change["id"], "idempotency_key": key(name)});
    user.call("commit_change", arguments)
}

/// Customers of acme, by what the store says of them, the first of them by name.
fn customers(place: &Place, count: i64, what: &'static str) -> Vec<(String, i64)> {
    place.with(move |store| async move {
        let statement = Statement::new(what).bind(count);
        let rows = store.query(statement).await.unwrap();
        rows.iter()
            .map(|row| (row.text("id").unwrap().to_owned(), row.integer("version").unwrap()))
            .collect()
    })
}

const OPEN: &str = "SELECT id, version FROM customer \
    WHERE tenant = 'acme' AND sensitivity = 0 AND archived_at IS NULL AND owner <> 'alice' \
    ORDER BY sort_key, id LIMIT $1";
const SECRET: &str = "SELECT id, version FROM customer \
    WHERE tenant = 'acme' AND sensitivity = 3 AND archived_at IS NULL ORDER BY sort_key, id LIMIT $1";

/// As a second person would.
fn approve(place: &Place, change: &Value) {
    place.approve(change["id"].as_str().unwrap(), "zoe");
}

fn set(place: &Place, column: &'static str, id: &str, value: &str) {
    let statement = match column {
        "owner" => Statement::new("UPDATE customer SET owner = $2 WHERE id = $1"),
        _ => Statement::new("UPDATE customer SET sensitivity = LENGTH($2) WHERE id = $1"),
    };
    place.write(statement.bind(id).bind(value));
}

fn lines(change: &Value) -> Vec<(&str, &Value, &Value)> {
    let lines = change["diff"].as_array().unwrap().iter();
    lines.map(|it| (it["field"].as_str().unwrap(), &it["before"], &it["after"])).collect()
}

#[test]
fn records_that_become_one_keep_what_they_hold_and_how_secret_it_is() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let carol = user(&place, &server, "carol");
        let (kept, gone) =
            (customers(&place, 1, OPEN).remove(0), customers(&place, 1, SECRET).remove(0));
        let activities = |id: &str| {
            let all = carol.call("list_activity", json!({"customer_id": id, "limit": 50})).data();
            all["data"]["activities"].as_array().unwrap().clone()
        };
        let before = (activities(&kept.0), activities(&gone.0));
        let note = propose(
            &carol,
            "note",
            json!({"operation": "add_note", "customer_id": gone.0, "note": "late"}),
        );
        let merge = json!({
            "operation": "merge", "customer_id": kept.0, "expected_version": kept.1,
            "duplicate_id": gone.0, "duplicate_version": gone.1,
        });
        let change = propose(&carol, "merge", merge);
        assert_eq!(change["needs"], "second_person");
        let lines = lines(&change);
        let named = |field: &str| lines.iter().find(|line| line.0 == field);
        assert_eq!(named("sensitivity"), Some(&("sensitivity", &json!("0"), &json!("3"))));
        assert!(named("activities").unwrap().2.as_str().unwrap().contains(&gone.0), "{lines:?}");
        assert!(named("duplicate").is_some(), "{lines:?}");
        approve(&place, &change);
        let made = commit(&carol, &change, "made").data();
        assert_eq!(made["data"]["customer"]["version"], kept.1 + 1);

        let after = activities(&kept.0);
        assert_eq!(after.len(), before.0.len() + before.1.len() + 1);
        let versions = after.iter().filter(|it| !it["version"].is_null()).count();
        let own = before.0.iter().filter(|it| !it["version"].is_null()).count();
        assert_eq!(versions, own + 1, "versions are of this record alone");
        // What the duplicate's secrecy kept from her is not hers to read now.
        let alice = user(&place, &server, "alice");
        let hidden = alice.call("get_customer", json!({"customer_id": kept.0})).error();
        assert_eq!(hidden["code"], "not_found");
        let old = carol.call("get_customer", json!({"customer_id": gone.0})).data();
        let old = &old["data"]["customer"];
        assert_eq!((&old["merged_into"], &old["status"]), (&json!(kept.0), &json!("closed")));
        assert!(old["archived_at"].is_string(), "{old}");
        // Nobody deals with the duplicate any more.
        let shown = proposed(&carol.call("get_change", json!({"change_id": note["id"]})));
        assert_eq!(shown["state"], "void");
        assert_eq!(commit(&carol, &note, "late").error()["code"], "version_conflict");
        let again = json!({
            "operation": "add_note", "customer_id": gone.0, "note": "late", "reason": "to see",
            "idempotency_key": key("again"),
        });
        assert_eq!(carol.call("propose_change", again).error()["reason"], "archived");
    }
}

#[test]
fn a_customer_of_somebody_elses_is_not_taken_over_by_ones_own_word() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    let alice = user(&place, &server, "alice");
    let [others, own] = [customers(&place, 2, OPEN), customers(&place, 2, OPEN)];
    let (others, own) = (&others[0], &own[1]);
    set(&place, "owner", &own.0, "alice");
    for (customer, owner, needs) in
        [(others, "alice", "second_person"), (own, "bob", "confirmation")]
    {
        let update = json!({
            "operation": "update", "customer_id": customer.0, "expected_version": customer.1,
            "set": [{"field": "owner", "value": owner}, {"field": "town", "value": "Porto"}],
        });
        assert_eq!(propose(&alice, owner, update)["needs"], needs, "{owner}");
    }
}

#[test]
fn what_is_not_permitted_any_more_is_not_made() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let alice = user(&place, &server, "alice");
        let all = customers(&place, 4, OPEN);
        let update = |(id, version): &(String, i64), field: &str, value: &str| {
            json!({
                "operation": "update", "customer_id": id, "expected_version": version,
                "set": [{"field": field, "value": value}],
            })
        };
        let note = json!({"operation": "add_note", "customer_id": all[0].0, "note": "x"});
        let merge = json!({
            "operation": "merge", "customer_id": all[2].0, "expected_version": all[2].1,
            "duplicate_id": all[3].0, "duplicate_version": all[3].1,
        });
        let changes = [
            ("note", propose(&alice, "a", note)),
            ("update", propose(&alice, "b", update(&all[1], "email", "new@a.example"))),
            ("merge", propose(&alice, "c", merge)),
        ];
        let before = place.count("activity");
        for (_, change) in &changes {
            if change["needs"] != "nothing" {
                approve(&place, change);
            }
        }
        // Each touches a record that has become too secret for her since; no version tells of it.
        for id in [&all[0].0, &all[1].0, &all[3].0] {
            set(&place, "sensitivity", id, "xxx");
        }
        for (what, change) in &changes {
            let error = commit(&alice, change, what).error();
            assert_eq!(error["code"], "not_permitted", "{what}: {error}");
            assert_eq!(error["effect"], "none");
        }
        assert_eq!(place.count("activity"), before);
        let shown = proposed(&alice.call("get_change", json!({"change_id": changes[1].1["id"]})));
        assert_eq!(shown["redacted_fields"], json!(["email"]), "{shown}");
        assert_eq!(shown["diff"], json!([]));
        // They are not void: once she may again, they are made.
        for (id, what, change) in
            [(&all[0].0, "again-1", &changes[0].1), (&all[3].0, "again-2", &changes[2].1)]
        {
            set(&place, "sensitivity", id, "");
            commit(&alice, change, what).data();
        }
    }
}

#[test]
fn what_turns_text_around_is_no_value() {
    let place = Place::sqlite();
    let server = Server::demo(&place, &["--allow-writes"]);
    let alice = user(&place, &server, "alice");
    let (id, version) = customers(&place, 1, OPEN).remove(0);
    for (index, value) in ["a\u{2028}b", "a\u{202e}b", "a\u{2066}b", "a\nb"].iter().enumerate() {
        let error = alice.call(
            "propose_change",
            json!({
                "operation": "update", "customer_id": id, "expected_version": version,
                "set": [{"field": "display_name", "value": value}], "reason": "to see",
                "idempotency_key": key(&index.to_string()),
            }),
        );
        assert_eq!(error.error()["code"], "invalid_argument", "{value:?}");
    }
}

#[test]
fn no_note_is_left_behind_on_a_record_that_becomes_part_of_another() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let carol = user(&place, &server, "carol");
        let other = user(&place, &server, "carol");
        let all = customers(&place, 60, OPEN);
        let mut made = 0;
        for (round, pair) in all.chunks_exact(2).enumerate() {
            let [(kept, version), (gone, other_version)] = pair else { unreachable!() };
            let text = format!("note {round}");
            let note = json!({"operation": "add_note", "customer_id": gone, "note": text});
            let note = propose(&carol, &format!("n-{round}"), note);
            let merge = json!({
                "operation": "merge", "customer_id": kept, "expected_version": version,
                "duplicate_id": gone, "duplicate_version": other_version,
            });
            let merge = propose(&carol, &format!("m-{round}"), merge);
            approve(&place, &merge);
            let (noted, merged) = std::thread::scope(|scope| {
                let noted = scope.spawn(|| commit(&other, &note, &format!("cn-{round}")));
                let merged = commit(&carol, &merge, &format!("cm-{round}"));
                (noted.join().unwrap(), merged)
            });
            merged.data();
            let list = json!({"customer_id": kept, "limit": 50, "kinds": ["note"]});
            let notes = carol.call("list_activity", list).data().to_string();
            // Where it came too late it was refused.
            let is_acknowledged = noted.message()["result"]["isError"] == false;
            assert_eq!(notes.contains(&format!("\"{text}\"")), is_acknowledged, "{noted:?}");
            made += usize::from(is_acknowledged);
        }
        assert!(made > 0, "no note was ever in time");
    }
}

/// It was taken for what a second person had decided, and the customer was archived.
#[test]
fn an_approval_that_is_written_into_the_table_changes_nothing() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let carol = user(&place, &server, "carol");
        let customers = customers(&place, 2, OPEN);
        for (index, (id, version)) in customers.iter().enumerate() {
            let change = propose(
                &carol,
                &format!("archive{index}"),
                json!({"operation": "archive", "customer_id": id, "expected_version": version}),
            );
            let forged = match index {
                0 => {
                    "UPDATE proposal SET is_approved = 1, decider = 'i|acme|zoe', \
                     decided_by = 'zoe', method = 'command', decided_at = created_at WHERE id = $1"
                }
                // One that was taken, by somebody else.
                _ => {
                    approve(&place, &change);
                    "UPDATE proposal SET decider = 'i|acme|dora', decided_by = 'dora' WHERE id = $1"
                }
            };
            place.write(Statement::new(forged).bind(change["id"].as_str().unwrap()));
            let before = place.count("activity");
            let error = commit(&carol, &change, &format!("commit{index}")).error();
            assert_eq!((&error["code"], &error["effect"]), (&json!("internal"), &json!("none")));
            assert_eq!(place.count("activity"), before);
            let now = carol.call("get_customer", json!({"customer_id": id})).data();
            assert_eq!(now["data"]["customer"]["version"], *version, "{now}");
        }
    }
}

/// The version was ignored.
#[test]
fn a_note_on_a_version_that_is_gone_is_not_taken() {
    for place in Place::both() {
        let server = Server::demo(&place, &["--allow-writes"]);
        let carol = user(&place, &server, "carol");
        let (id, version) = customers(&place, 1, OPEN).remove(0);
        let note = |expected: i64| {
            json!({
                "operation": "add_note", "customer_id": id, "note": "late", "reason": "to see",
                "expected_version": expected, "idempotency_key": key(&format!("note{expected}")),
            })
        };
        for (expected, says) in
            [(version - 1, "has changed since"), (version + 7, "has never had version")]
        {
            let error = carol.call("propose_change", note(expected)).error();
            assert_eq!(error["code"], "version_conflict", "{error}");
            assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        }
        let change = proposed(&carol.call("propose_change", note(version)));
        place.write(
            Statement::new("UPDATE customer SET version = version + 1 WHERE id = $1")
                .bind(id.as_str()),
        );
        let error = commit(&carol, &change, "late").error();
        assert_eq!(error["code"], "version_conflict", "{error}");
        let shown = carol.call("get_change", json!({"change_id": change["id"]})).data();
        assert_eq!(shown["data"]["change"]["state"], "void");
    }
}

/// One of the two was answered that the store was out of service, after a second.
#[test]
fn two_merges_of_the_same_records_into_each_other_do_not_wait_for_one_another() {
    for place in Place::both() {
        drop(Server::demo(&place, &["--allow-writes"]));
        let customers = customers(&place, 24, OPEN);
        place.with(|store| async move {
            for pair in customers.chunks_exact(2) {
                let merge = |kept: &(String, i64), gone: &(String, i64)| {
                    Operation::Merge(Merge {
                        customer_id: kept.0.clone(),
                        expected_version: kept.1,
                        duplicate_id: gone.0.clone(),
                        duplicate_version: gone.1,
                    })
                };
                let both = [merge(&pair[0], &pair[1]), merge(&pair[1], &pair[0])];
                let make = async |operation: &Operation| {
                    let mut transaction = store.begin().await.unwrap();
                    let made = apply(&mut *transaction, operation, "acme", "zoe", 1).await;
                    match made {
                        Ok(_) => transaction.commit().await.unwrap(),
                        Err(_) => transaction.rollback().await.unwrap(),
                    }
                    made.map(drop).map_err(|failure| failure.code)
                };
                let made = tokio::join!(make(&both[0]), make(&both[1]));
                let refused = Err(Code::VersionConflict);
                assert!(
                    [(Ok(()), refused), (refused, Ok(()))].contains(&made),
                    "one is made, and the other one is told why it is not: {made:?}"
                );
            }
        });
    }
}
