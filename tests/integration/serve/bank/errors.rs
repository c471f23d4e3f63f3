//! What the errors of a bank say, property by property: one per kind of fault.

use serde_json::{Value, json};

use super::{
    observed::{Bank, Observed, call, key, opened, outcome},
    upstream::Does,
};
use crate::serve::client::Answer;

/// The faults, by what is said of them here.
fn faults(bank: &Bank) -> Vec<(&'static str, Answer)> {
    let client = &bank.client();
    let account = opened(client, "of errors");
    let pay = |name: &str| {
        let mut pay = json!({"account_id": account, "amount_cents": 5});
        let listed = super::observed::asked(client, "tools/list", json!({}), false).message();
        let tools = listed["result"]["tools"].as_array().unwrap();
        let deposit = tools.iter().find(|tool| tool["name"] == "deposit").unwrap();
        if deposit["inputSchema"]["properties"]["idempotency_key"].is_object() {
            pay["idempotency_key"] = key(name).into();
        }
        call(client, "deposit", &pay)
    };
    let mut answers = vec![
        ("missing", call(client, "open_account", &json!({"idempotency_key": key("missing")}))),
        ("mistyped", call(client, "get_account", &json!({"account_id": 7}))),
        ("undeclared", call(client, "get_account", &json!({"acount_id": "acct-1"}))),
        ("unknown", call(client, "get_account", &json!({"account_id": "acct-none"}))),
    ];
    for (name, does) in [
        ("429", Does::Refuses(429, "retry-after: 2\r\n")),
        ("500", Does::Refuses(500, "")),
        ("503", Does::Refuses(503, "")),
        ("401", Does::Refuses(401, "")),
        ("422", Does::Refuses(422, "")),
        ("garbled", Does::Garbles),
    ] {
        bank.upstream.does(does);
        answers.push((name, pay(name)));
    }
    bank.upstream.does(Does::Pays);
    answers
}

/// Whether a failure that could pass has passed, and one that was final is final.
fn repeated(bank: &Bank, name: &'static str, does: Does) -> String {
    let client = &bank.client();
    let account = opened(client, &format!("of {name}"));
    let pay = json!({"account_id": account, "amount_cents": 5, "idempotency_key": key(name)});
    bank.upstream.does(does);
    let first = outcome(&call(client, "deposit", &pay));
    bank.upstream.does(Does::Pays);
    format!("{first}, then {}", outcome(&call(client, "deposit", &pay)))
}

pub(super) fn observe(bank: &Bank, seen: &mut Observed) {
    let answers = faults(bank);
    let mut insert = |about: &'static str, say: &dyn Fn(&str, &Value) -> String| {
        let said: Vec<String> = answers
            .iter()
            .map(|(name, answer)| format!("{name} {}", say(name, &answer.message())))
            .collect();
        seen.insert(about, said.join(", "));
    };
    let error = |message: &Value| {
        let content = &message["result"]["structuredContent"]["error"];
        if content.is_null() { message["error"]["data"]["error"].clone() } else { content.clone() }
    };
    let short = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    insert("errors: how", &|_, message| match &message["result"]["isError"] {
        Value::Bool(true) => "result".to_owned(),
        Value::Bool(false) => "success".to_owned(),
        _ => "protocol".to_owned(),
    });
    insert("errors: code", &|_, message| short(&error(message)["code"]));
    insert("errors: argument", &|_, message| short(&error(message)["argument"]));
    insert("errors: expected and got", &|_, message| {
        let error = error(message);
        let is_said = error["expected"].is_string() && error["got"].is_string();
        (if is_said { "both" } else { "none" }).to_owned()
    });
    insert("errors: retryable", &|_, message| short(&error(message)["retryable"]));
    insert("errors: wait", &|_, message| short(&error(message)["retry_after_ms"]));
    insert("errors: effect", &|_, message| short(&error(message)["effect"]));
    insert("errors: next", &|_, message| {
        let next = &error(message)["next"];
        let tool = next["tool"].as_str().map_or(String::new(), |tool| format!(" {tool}"));
        let arguments = next.get("arguments").map_or(String::new(), Value::to_string);
        format!("{}{tool}{arguments}", short(&next["action"]))
    });
    // What a message has to name, and what it must not have.
    insert("errors: message", &|name, message| {
        let text = error(message)["message"].as_str().unwrap_or_default().to_owned();
        let named = match name {
            "missing" => text.contains("`owner`"),
            "mistyped" => text.contains("`account_id`"),
            "undeclared" => text.contains("`acount_id`"),
            "unknown" => text.contains("`acct-none`"),
            "garbled" => text.contains("payment network") && text.contains("200"),
            status => text.contains("payment network") && text.contains(status),
        };
        let mut said = if named { "named" } else { "unnamed" }.to_owned();
        for (sign, is_there) in [
            (" trace", text.contains("stack backtrace")),
            (" secret", text.contains("Bearer")),
            (" long", text.len() > 2_000),
        ] {
            said.push_str(if is_there { sign } else { "" });
        }
        said
    });
    if !seen["keys in the list"].contains("deposit: none") {
        let passing = repeated(bank, "passing 503", Does::Refuses(503, ""));
        seen.insert("repeat after 503", passing);
        seen.insert("repeat after 422", repeated(bank, "final 422", Does::Refuses(422, "")));
        let before = bank.upstream.payments();
        let said = repeated(bank, "in doubt", Does::Garbles);
        let paid = bank.upstream.payments() - before;
        seen.insert("repeat after doubt", format!("{said}, {paid} paid"));
    }
}
