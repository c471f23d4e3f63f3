//! Who sees what: one table, whose expectations are written by hand, on both stores.

use std::{collections::BTreeSet, fmt::Write};

use mcp_kit::serve::runtime::{
    clock::Clock,
    identity::{Identity, demo},
    store::Statement,
};
use serde_json::{Value, json};

use super::{
    client::Client,
    place::Place,
    server::{SCOPES, Server},
};

/// User, and the record by its tenant, owner and sensitivity; then what `search_customers`,
/// `get_customer` and `list_activity` make of it. Where fields are hidden, `get_customer` shows the
/// record without them.
///
/// The users are those of the sample data; `alice-0` and `bob-0` are the same without clearance.
const MATRIX: &str = "
    user    record          search    get                                         activity

    alice   acme/alice/0    found     without credit_limit                        shown
    alice   acme/alice/2    found     without credit_limit                        shown
    alice   acme/alice/3    left-out  not_found                                   not_found
    alice   acme/bob/0      found     without credit_limit                        shown
    alice   acme/bob/2      found     without credit_limit                        shown
    alice   acme/bob/3      left-out  not_found                                   not_found
    alice   globex/dave/0   left-out  not_found                                   not_found

    bob     acme/bob/0      found     without tax_id credit_limit                 shown
    bob     acme/bob/1      found     without tax_id credit_limit                 shown
    bob     acme/bob/2      left-out  not_found                                   not_found
    bob     acme/bob/3      left-out  not_found                                   not_found
    bob     acme/alice/0    left-out  not_found                                   not_found
    bob     acme/carol/1    left-out  not_found                                   not_found
    bob     globex/dave/0   left-out  not_found                                   not_found

    carol   acme/carol/0    found     whole                                       shown
    carol   acme/carol/3    found     whole                                       shown
    carol   acme/bob/0      found     whole                                       shown
    carol   acme/bob/3      found     whole                                       shown
    carol   globex/dave/0   left-out  not_found                                   not_found

    dave    globex/dave/0   found     whole                                       shown
    dave    globex/dave/3   found     whole                                       shown
    dave    globex/frank/0  found     whole                                       shown
    dave    globex/frank/3  found     whole                                       shown
    dave    acme/alice/0    left-out  not_found                                   not_found
    dave    acme/bob/3      left-out  not_found                                   not_found

    erin    acme/alice/0    no-tool   no-tool                                     no-tool
    erin    acme/bob/1      no-tool   no-tool                                     no-tool
    erin    globex/dave/0   no-tool   no-tool                                     no-tool

    alice-0 acme/alice/0    found     without tax_id credit_limit                 shown
    alice-0 acme/alice/1    left-out  not_found                                   not_found
    alice-0 acme/bob/0      found     without email phone tax_id credit_limit     shown
    alice-0 acme/bob/1      left-out  not_found                                   not_found
    alice-0 globex/dave/0   left-out  not_found                                   not_found

    bob-0   acme/bob/0      found     without tax_id credit_limit                 shown
    bob-0   acme/bob/1      left-out  not_found                                   not_found
    bob-0   acme/alice/0    left-out  not_found                                   not_found
";

#[test]
fn on_sqlite() {
    check(&Place::sqlite());
}

#[test]
fn on_postgres() {
    check(&Place::postgres());
}

fn check(place: &Place) {
    let server = Server::demo(place, &["--require-token"]);
    let issuer = demo::Issuer::open(&place.folder(), Clock::system()).unwrap();
    let mut users: Vec<(&str, Client, BTreeSet<String>)> = Vec::new();
    let (mut seen, mut expected) = (String::new(), String::new());
    for row in MATRIX.lines().skip(2).filter(|row| !row.trim().is_empty()) {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let (user, name) = (columns[0], columns[1]);
        if !users.iter().any(|(known, ..)| *known == user) {
            let token = issuer.token(&identity(user), &server.resource());
            let client = Client::modern(server.address, Some(&token));
            let found = found(&client);
            users.push((user, client, found));
        }
        let (_, client, found) = users.iter().find(|(known, ..)| *known == user).unwrap();
        let record = Record::of(place, name);
        let search = match client.call("search_customers", json!({"limit": 1})).status {
            200 if !has_tools(client) => "no-tool",
            200 if found.contains(&record.id) => "found",
            200 => "left-out",
            status => panic!("{user} {name}: {status}"),
        };
        let columns = columns.join(" ");
        writeln!(expected, "{columns}").unwrap();
        writeln!(
            seen,
            "{user} {name} {search} {} {}",
            get(client, &record),
            activity(client, &record)
        )
        .unwrap();
    }
    assert_eq!(seen.lines().collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
    assert_eq!(seen.lines().count(), 36);
}

fn identity(user: &str) -> Identity {
    match user.strip_suffix("-0") {
        Some(name) => Identity { clearance: 0, ..demo::identity(name, SCOPES).unwrap() },
        None => demo::identity(user, SCOPES).unwrap(),
    }
}

fn has_tools(client: &Client) -> bool {
    client.request("tools/list", json!({})).message()["result"]["tools"] != json!([])
}

/// The ids of all customers that a user finds.
fn found(client: &Client) -> BTreeSet<String> {
    let (mut ids, mut cursor) = (BTreeSet::new(), Value::Null);
    loop {
        let mut arguments = json!({"limit": 50});
        if !cursor.is_null() {
            arguments["cursor"] = cursor;
        }
        let answer = client.call("search_customers", arguments);
        if answer.message()["error"].is_object() {
            return ids;
        }
        let mut data = answer.data();
        let customers = data["data"]["customers"].as_array().unwrap();
        ids.extend(customers.iter().map(|customer| customer["id"].as_str().unwrap().to_owned()));
        cursor = data["page"]["next_cursor"].take();
        if cursor.is_null() {
            return ids;
        }
    }
}

fn get(client: &Client, record: &Record) -> String {
    let answer = client.call("get_customer", json!({"customer_id": record.id}));
    let message = answer.message();
    if message["error"].is_object() {
        return "no-tool".to_owned();
    }
    let result = &message["result"]["structuredContent"];
    if let Some(code) = result["error"]["code"].as_str() {
        return code.to_owned();
    }
    let customer = &result["data"]["customer"];
    let redacted: Vec<&str> = customer["redacted_fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field.as_str().unwrap())
        .collect();
    for (field, value) in &record.fields {
        let is_hidden = redacted.contains(field);
        assert_eq!(customer[*field].is_null(), is_hidden, "{field}: {answer:?}");
        // Nor anywhere else, in whatever form; a zero stands everywhere.
        if value.len() > 4 {
            assert_eq!(answer.body.contains(value), !is_hidden, "{field} {value}: {answer:?}");
        }
    }
    match redacted.as_slice() {
        [] => "whole".to_owned(),
        fields => format!("without {}", fields.join(" ")),
    }
}

fn activity(client: &Client, record: &Record) -> String {
    let answer = client.call("list_activity", json!({"customer_id": record.id, "limit": 50}));
    let message = answer.message();
    if message["error"].is_object() {
        return "no-tool".to_owned();
    }
    let result = &message["result"]["structuredContent"];
    match (&result["error"]["code"], &result["data"]["activities"]) {
        (Value::String(code), _) => code.clone(),
        (_, Value::Array(activities)) if activities.len() == record.activities => {
            "shown".to_owned()
        }
        _ => panic!("{} activities: {answer:?}", record.activities),
    }
}

/// A record as it is in the store.
struct Record {
    id: String,
    fields: Vec<(&'static str, String)>,
    activities: usize,
}

impl Record {
    /// `tenant/owner/sensitivity`: where there is one, one that has a value in every guarded field.
    fn of(place: &Place, name: &str) -> Self {
        let parts: Vec<&str> = name.split('/').collect();
        let statement = Statement::new(
            "SELECT id, email, phone, tax_id, credit_limit_cents, (SELECT count(*) FROM activity a \
             WHERE a.tenant = customer.tenant AND a.customer_id = customer.id) AS activities \
             FROM customer WHERE tenant = $1 AND owner = $2 AND sensitivity = $3 \
             ORDER BY tax_id IS NULL, credit_limit_cents DESC, id LIMIT 1",
        );
        let statement =
            statement.bind(parts[0]).bind(parts[1]).bind(parts[2].parse::<i64>().unwrap());
        place.with(|store| async move {
            let rows = store.query(statement).await.unwrap();
            let row = rows.first().unwrap_or_else(|| panic!("no record {parts:?}"));
            let text = |column: &'static str| {
                (column, row.optional_text(column).unwrap().unwrap_or_default().to_owned())
            };
            let cents = row.integer("credit_limit_cents").unwrap();
            Self {
                id: row.text("id").unwrap().to_owned(),
                fields: vec![
                    text("email"),
                    text("phone"),
                    text("tax_id"),
                    ("credit_limit", cents.to_string()),
                ],
                activities: usize::try_from(row.integer("activities").unwrap()).unwrap(),
            }
        })
    }
}
