//! Who the server says that it is, and what its answers are in the other era.
//!
//! What was recorded is answered as it was recorded. A client of the other era gets the same server in the
//! words of its own (specification 2026-07-28, "Versioning"; the lifecycle of the revisions before):
//! nothing is made up but what the other era has no word for.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json, value::RawValue};

use super::{fingerprint::members, request::Request};
use crate::engine::protocol::revision::{Era, Revision};

/// Where the newer era has who the server is.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// What `server/discover` and the lists say about how long they count, and for whom.
const CACHE: [&str; 2] = ["ttlMs", "cacheScope"];
/// Capabilities that both eras know.
const SHARED: [&str; 6] =
    ["completions", "experimental", "logging", "prompts", "resources", "tools"];

/// Why an answer has no like in the other era.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untranslated {
    /// A task, which the two have in different forms.
    Task,
    /// It asks for something first.
    InputRequired,
}

/// The answer to `initialize` as it was recorded, for a client that asks for a revision: with the older
/// one of both.
pub(super) fn recorded_initialize(result: &RawValue, request: &Request) -> String {
    let Ok(mut result) = serde_json::from_str::<Map<String, Value>>(result.get()) else {
        return result.get().to_owned();
    };
    let known = |text: Option<&str>| text.and_then(|text| text.parse::<Revision>().ok());
    let recorded = known(result.get("protocolVersion").and_then(Value::as_str));
    if let (Some(asked), Some(recorded)) = (known(asked_revision(request).as_deref()), recorded) {
        result.insert("protocolVersion".to_owned(), asked.min(recorded).as_str().into());
    }
    Value::Object(result).to_string()
}

/// The answer to `initialize` of a server of which the answer to `server/discover` was recorded.
pub(super) fn initialize_of(discover: &RawValue, request: &Request) -> String {
    let discover: Value = serde_json::from_str(discover.get()).unwrap_or_default();
    let nothing = Map::new();
    let recorded = discover["capabilities"].as_object().unwrap_or(&nothing);
    let shared = recorded.iter().filter(|(name, _)| SHARED.contains(&name.as_str()));
    let capabilities: Map<String, Value> =
        shared.map(|(name, value)| (name.clone(), value.clone())).collect();
    let info = &discover["_meta"][SERVER_INFO];
    let mut result = json!({
        "protocolVersion": legacy_revision(request),
        "capabilities": capabilities,
        "serverInfo": if info.is_object() { info.clone() } else { unknown() },
    });
    if let Some(instructions) = discover.get("instructions") {
        result["instructions"] = instructions.clone();
    }
    result.to_string()
}

/// The answer to `server/discover` of a server of which the answer to `initialize` was recorded.
pub(super) fn discover_of(initialize: &RawValue) -> String {
    let initialize: Value = serde_json::from_str(initialize.get()).unwrap_or_default();
    let nothing = Map::new();
    let recorded = initialize["capabilities"].as_object().unwrap_or(&nothing);
    // Tasks of the older era are other ones; extensions are the same in both.
    let is_kept = |name: &str| SHARED.contains(&name) || name == "extensions";
    let capabilities: Map<String, Value> = recorded
        .iter()
        .filter(|(name, _)| is_kept(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let info = &initialize["serverInfo"];
    let mut result = discovered(Value::Object(capabilities));
    result["_meta"] = json!({SERVER_INFO: if info.is_object() { info.clone() } else { unknown() }});
    if let Some(instructions) = initialize.get("instructions") {
        result["instructions"] = instructions.clone();
    }
    result.to_string()
}

/// The greeting of a server of which none was recorded, by the methods that were.
pub(super) fn made_up(methods: &BTreeSet<&str>, request: &Request) -> String {
    let has = |prefix: &str| methods.iter().any(|method| method.starts_with(prefix));
    let mut capabilities = json!({"tools": {}});
    for name in ["prompts", "resources", "completions"] {
        if has(name.trim_end_matches("ions")) || has(&format!("{name}/")) {
            capabilities[name] = json!({});
        }
    }
    if request.era == Era::Modern {
        let mut result = discovered(capabilities);
        result["_meta"] = json!({SERVER_INFO: unknown()});
        return result.to_string();
    }
    let revision = legacy_revision(request);
    json!({"protocolVersion": revision, "capabilities": capabilities, "serverInfo": unknown()})
        .to_string()
}

/// A tool list of the tools that were called, where none was recorded.
pub(super) fn tools_of_calls<'a>(tools: impl Iterator<Item = &'a str>, era: Era) -> String {
    let tools: Vec<Value> = tools
        .map(|name| {
            let description =
                "Called in a recording that has no tool list: its arguments are not known.";
            json!({"name": name, "description": description, "inputSchema": {"type": "object"}})
        })
        .collect();
    let result = json!({"resultType": "complete", "tools": tools, "ttlMs": 0,
        "cacheScope": "private"});
    for_era(result, era).to_string()
}

/// A result of ours, which has what the newer era wants, for a client.
pub(super) fn for_era(mut result: Value, era: Era) -> Value {
    if let (Era::Legacy, Some(members)) = (era, result.as_object_mut()) {
        members.remove("resultType");
        for name in CACHE {
            members.remove(name);
        }
    }
    result
}

/// A recorded result for a client of some era.
///
/// # Errors
/// When that era has no like of it.
pub(super) fn translated(
    result: &RawValue,
    method: &str,
    from: Era,
    to: Era,
) -> Result<String, Untranslated> {
    let text = result.get();
    if from == to {
        return Ok(text.to_owned());
    }
    let Some(found) = members(result) else { return Ok(text.to_owned()) };
    if to == Era::Modern {
        if method == "tools/call" && found.contains_key("task") {
            return Err(Untranslated::Task);
        }
        let mut head = Vec::new();
        if !found.contains_key("resultType") {
            head.push(r#""resultType":"complete""#);
        }
        if is_cached(method) && !found.contains_key("ttlMs") {
            head.push(r#""ttlMs":0,"cacheScope":"private""#);
        }
        // What was recorded keeps its bytes.
        let rest = text.trim_start().trim_start_matches('{');
        let comma = if head.is_empty() || found.is_empty() { "" } else { "," };
        return Ok(format!("{{{}{comma}{rest}", head.join(",")));
    }
    let kind = found.get("resultType").map_or("", |kind| kind.get());
    match kind {
        r#""input_required""# => return Err(Untranslated::InputRequired),
        r#""task""# => return Err(Untranslated::Task),
        _ => {}
    }
    let value = serde_json::from_str(text).unwrap_or_default();
    Ok(match is_cached(method) {
        true => for_era(value, to).to_string(),
        false => {
            let mut value: Value = value;
            if let Some(members) = value.as_object_mut() {
                members.remove("resultType");
            }
            value.to_string()
        }
    })
}

/// A recorded error for a client of some era: the code of a resource that is not there is another one.
pub(super) fn translated_error(error: &RawValue, from: Era, to: Era) -> String {
    let renamed = match (from, to) {
        (Era::Legacy, Era::Modern) => Some((-32002, -32602)),
        _ => None,
    };
    let value: Value = serde_json::from_str(error.get()).unwrap_or_default();
    match renamed {
        Some((old, new)) if value["code"] == old => {
            let mut value = value;
            value["code"] = new.into();
            value.to_string()
        }
        _ => error.get().to_owned(),
    }
}

fn is_cached(method: &str) -> bool {
    matches!(
        method,
        "server/discover"
            | "tools/list"
            | "prompts/list"
            | "resources/list"
            | "resources/templates/list"
            | "resources/read"
    )
}

fn discovered(capabilities: Value) -> Value {
    json!({
        "resultType": "complete",
        "supportedVersions": [Revision::LATEST_MODERN.as_str()],
        "capabilities": capabilities,
        "ttlMs": 0,
        "cacheScope": "private",
    })
}

/// The revision that a client asks `initialize` for, where that is one of its era.
fn legacy_revision(request: &Request) -> &'static str {
    let asked = asked_revision(request).and_then(|text| text.parse::<Revision>().ok());
    let asked = asked.filter(|revision| revision.era() == Era::Legacy);
    asked.unwrap_or(Revision::LATEST_LEGACY).as_str()
}

fn asked_revision(request: &Request) -> Option<String> {
    let params = members(request.params.raw.as_deref()?)?;
    serde_json::from_str(params.get("protocolVersion")?.get()).ok()
}

fn unknown() -> Value {
    json!({"name": "recorded-server", "version": "0"})
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::RawValue};

    use super::{Untranslated, discover_of, initialize_of, recorded_initialize, translated};
    use crate::{
        engine::protocol::revision::Era::{Legacy, Modern},
        live::replay::mock::request::Request,
    };

    fn raw(value: &Value) -> Box<RawValue> {
        RawValue::from_string(value.to_string()).unwrap()
    }

    fn initialize(revision: &str) -> Request {
        let params = raw(&json!({"protocolVersion": revision}));
        Request::new(&raw(&json!(1)), "initialize", Some(&params))
    }

    #[test]
    fn the_older_revision_of_both_counts() {
        let recorded = raw(&json!({"protocolVersion": "2025-06-18", "capabilities": {}}));
        for (asked, agreed) in [
            ("2025-11-25", "2025-06-18"),
            ("2024-11-05", "2024-11-05"),
            ("2099-01-01", "2025-06-18"),
        ] {
            let answer = recorded_initialize(&recorded, &initialize(asked));
            assert!(answer.contains(&format!("\"protocolVersion\":\"{agreed}\"")), "{answer}");
        }
    }

    #[test]
    fn a_greeting_is_the_same_server_in_both_eras() {
        let legacy = json!({"protocolVersion": "2025-11-25", "instructions": "go",
            "capabilities": {"tools": {"listChanged": true}, "tasks": {}},
            "serverInfo": {"name": "s", "version": "3"}});
        let modern: Value = serde_json::from_str(&discover_of(&raw(&legacy))).unwrap();
        assert_eq!(
            modern,
            json!({"resultType": "complete", "supportedVersions": ["2026-07-28"], "ttlMs": 0,
                "cacheScope": "private", "capabilities": {"tools": {"listChanged": true}},
                "instructions": "go",
                "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "s", "version": "3"}}})
        );
        let back = initialize_of(&raw(&modern), &initialize("2025-06-18"));
        let back: Value = serde_json::from_str(&back).unwrap();
        assert_eq!(
            back,
            json!({"protocolVersion": "2025-06-18", "instructions": "go",
                "capabilities": {"tools": {"listChanged": true}},
                "serverInfo": {"name": "s", "version": "3"}})
        );
    }

    #[test]
    fn results_get_what_their_era_wants() {
        let list = raw(&json!({"tools": []}));
        assert_eq!(
            translated(&list, "tools/list", Legacy, Modern).unwrap(),
            r#"{"resultType":"complete","ttlMs":0,"cacheScope":"private","tools":[]}"#
        );
        let empty = raw(&json!({}));
        let translation = translated(&empty, "tools/call", Legacy, Modern).unwrap();
        assert_eq!(translation, r#"{"resultType":"complete"}"#);
        let modern = raw(&json!({"resultType": "complete", "ttlMs": 5, "tools": []}));
        assert_eq!(translated(&modern, "tools/list", Modern, Legacy).unwrap(), r#"{"tools":[]}"#);
        assert_eq!(translated(&modern, "tools/list", Modern, Modern).unwrap(), modern.get());
        let task = raw(&json!({"task": {"taskId": "1"}}));
        assert_eq!(translated(&task, "tools/call", Legacy, Modern), Err(Untranslated::Task));
        let asks = raw(&json!({"resultType": "input_required"}));
        let refused = translated(&asks, "tools/call", Modern, Legacy);
        assert_eq!(refused, Err(Untranslated::InputRequired));
    }
}
