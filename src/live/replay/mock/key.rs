//! Which argument of a tool is its idempotency key.
//!
//! Judged by the recorded tool list, as everywhere (`semantics::idempotency_key`); by the names of the
//! arguments alone where a tool is called that no recorded list has.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json, value::RawValue};

use super::{
    fingerprint::{Fingerprint, members},
    request::Params,
};
use crate::engine::{
    protocol::json::Limits,
    semantics::idempotency_key,
    surface::{self, Tool},
};

/// The keys of all tools.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// An argument that is a key for every tool that has it.
    named: Option<String>,
    listed: HashMap<String, Option<String>>,
    guessed: HashMap<String, Guess>,
}

#[derive(Debug, Default)]
struct Guess {
    seen: BTreeSet<String>,
    key: Option<String>,
}

impl Keys {
    /// Keys, of which somebody has named one.
    pub(super) fn new(named: Option<String>) -> Self {
        Self { named, ..Self::default() }
    }

    /// Takes in a page of a tool list: what it says, and which tools it has.
    pub(super) fn learn(&mut self, page: &RawValue) {
        for tool in tools(page.get()) {
            let key = idempotency_key(&tool).map(str::to_owned);
            self.listed.insert(tool.name, key);
        }
    }

    /// The argument of a tool that is its key, by the arguments of a call of it.
    pub(super) fn of(&mut self, tool: &str, arguments: Option<&RawValue>) -> Option<String> {
        if self.named.is_some() {
            return self.named.clone();
        }
        if let Some(key) = self.listed.get(tool) {
            return key.clone();
        }
        let names = arguments.and_then(members).unwrap_or_default();
        let guess = self.guessed.entry(tool.to_owned()).or_default();
        // Names that a client makes up without end are not collected.
        let is_new = guess.seen.len() < 256 && names.keys().any(|name| !guess.seen.contains(name));
        if is_new && guess.key.is_none() {
            guess.seen.extend(names.into_keys());
            let properties: Map<String, Value> =
                guess.seen.iter().map(|name| (name.clone(), json!({}))).collect();
            let page = json!({"tools": [{"name": tool,
                "inputSchema": {"type": "object", "properties": properties}}]});
            let tool = tools(&page.to_string()).into_iter().next();
            guess.key = tool.as_ref().and_then(idempotency_key).map(str::to_owned);
        }
        guess.key.clone()
    }
}

impl Keys {
    /// The argument of a call that is its key, and the key that it has there as far as that counts: for
    /// this tool.
    pub(super) fn with_digest(&mut self, params: &Params) -> (Option<String>, Option<Fingerprint>) {
        let Some(tool) = &params.tool else { return (None, None) };
        let arguments = params.arguments.as_deref();
        let name = self.of(tool, arguments);
        let value = name.as_ref().and_then(|name| {
            let members = arguments.and_then(members)?;
            members.get(name).map(|value| Fingerprint::of_key(tool, value))
        });
        (name, value)
    }
}

fn tools(page: &str) -> Vec<Tool> {
    let limits = Limits::for_bytes(page.len());
    surface::read(page.as_bytes(), &limits).map(|surface| surface.tools).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::Keys;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn a_key_is_known_from_the_list_the_names_or_the_user() {
        let arguments = raw(r#"{"amount": 1, "idempotency_key": "k", "ref": "r"}"#);
        let mut keys = Keys::default();
        assert_eq!(keys.of("pay", Some(&raw("{}"))), None);
        assert_eq!(keys.of("pay", Some(&arguments)).as_deref(), Some("idempotency_key"));
        keys.learn(&raw(
            r#"{"tools": [{"name": "pay", "inputSchema": {"type": "object", "properties": {
                "ref": {"type": "string", "description": "idempotency key: the same for a retry"}}}}]}"#,
        ));
        assert_eq!(keys.of("pay", Some(&arguments)).as_deref(), Some("ref"));
        let mut keys = Keys::new(Some("amount".to_owned()));
        assert_eq!(keys.of("pay", Some(&arguments)).as_deref(), Some("amount"));
    }
}
