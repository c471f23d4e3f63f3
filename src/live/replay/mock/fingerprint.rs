//! What makes two requests the same one: method, tool and canonical JSON of what was asked for.
//!
//! Keys in another order and numbers written in another way are the same. `_meta` (where progress and
//! traces are) and ids never count. The idempotency key is left out and looked at apart: a client makes
//! up new keys where the recording has others.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::request::Params;
use crate::engine::protocol::{
    canonical::{Layout, write},
    json::{Document, Limits},
};

/// A digest of what is asked for. 128 bits: two that differ do not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Fingerprint([u64; 2]);

/// The members of an object by their names; of those that stand twice, the last.
pub(super) type Members<'a> = BTreeMap<String, &'a RawValue>;

impl Fingerprint {
    fn of(parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let bytes = digest.finalize();
        let mut words = [[0; 8]; 2];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
            word.copy_from_slice(bytes);
        }
        Self(words.map(u64::from_le_bytes))
    }

    /// That of a value.
    pub(super) fn of_value(value: &RawValue) -> Self {
        Self::of(&[&canonical(value)])
    }

    /// That of an idempotency key of a tool.
    pub(super) fn of_key(tool: &str, key: &RawValue) -> Self {
        Self::of(&[tool, &canonical(key)])
    }

    /// That of a request. `key` is the argument of the idempotency key.
    pub(super) fn of_request(method: &str, params: &Params, key: Option<&str>) -> Self {
        let Some(tool) = &params.tool else {
            let members = params.raw.as_deref().and_then(members);
            return match members {
                Some(members) => Self::of(&[method, "", &joined(&members, &["_meta"])]),
                None => Self::of(&[method, "", ""]),
            };
        };
        let arguments = params.arguments.as_deref();
        let arguments = match arguments.map(|arguments| (arguments, members(arguments))) {
            None => String::new(),
            Some((_, Some(members))) => joined(&members, key.as_slice()),
            Some((arguments, None)) => canonical(arguments),
        };
        let task = if params.wants_task { "task" } else { "" };
        let has_input = params.input.is_some() || params.state.is_some();
        let leg = if has_input { "answered" } else { "" };
        let state = params.state.as_deref().unwrap_or_default();
        Self::of(&[method, tool, &arguments, task, leg, state])
    }

    /// What the client has done about each question that it was asked, without what it has filled in:
    /// `accept`, `decline`, `cancel`.
    pub(super) fn of_actions(input: &RawValue) -> Self {
        let actions: BTreeMap<String, String> = members(input)
            .unwrap_or_default()
            .into_iter()
            .map(|(name, answer)| (name, action(answer)))
            .collect();
        let text: Vec<String> =
            actions.into_iter().map(|(name, action)| format!("{name}={action}")).collect();
        Self::of(&[&text.join("\n")])
    }
}

/// `action` of the answer to a question, where it has one.
pub(super) fn action(answer: &RawValue) -> String {
    let action = members(answer)
        .and_then(|members| serde_json::from_str::<String>(members.get("action")?.get()).ok());
    action.unwrap_or_default()
}

/// The members of an object; none where it is something else.
pub(super) fn members(value: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(value.get()).ok()
}

fn joined(members: &Members<'_>, without: &[&str]) -> String {
    let mut text = String::new();
    for (name, value) in members {
        if !without.contains(&name.as_str()) {
            text.push_str(&format!("{name:?}:{}\n", canonical(value)));
        }
    }
    text
}

/// The text of a value, written one way.
pub(super) fn canonical(value: &RawValue) -> String {
    match Document::read(value.get().as_bytes(), &Limits::for_bytes(value.get().len())) {
        Ok(document) => write(document.root(), Layout::Canonical),
        Err(_) => value.get().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::Fingerprint;
    use crate::live::replay::mock::request::Params;

    fn of(method: &str, params: &str, key: Option<&str>) -> Fingerprint {
        let raw = RawValue::from_string(params.to_owned()).unwrap();
        Fingerprint::of_request(method, &Params::read(method, Some(&raw)), key)
    }

    #[test]
    fn how_it_is_written_and_meta_do_not_count() {
        let one = of("tools/call", r#"{"name":"t","arguments":{"a":1,"b":{"c":2,"d":"é"}}}"#, None);
        for same in [
            r#"{"arguments":{"b":{"d":"é","c":2.0},"a":1e0},"name":"t"}"#,
            r#"{"name":"t","arguments":{"a":1,"b":{"c":2,"d":"\u00e9"}},"_meta":{"progressToken":7}}"#,
        ] {
            assert_eq!(one, of("tools/call", same, None), "{same}");
        }
        for other in [
            r#"{"name":"u","arguments":{"a":1,"b":{"c":2,"d":"é"}}}"#,
            r#"{"name":"t","arguments":{"a":"1","b":{"c":2,"d":"é"}}}"#,
            r#"{"name":"t","arguments":{"a":1,"b":{"c":2,"d":"é"}},"task":{}}"#,
            r#"{"name":"t","arguments":{"a":1,"b":{"c":2,"d":"é"}},"requestState":"s"}"#,
        ] {
            assert_ne!(one, of("tools/call", other, None), "{other}");
        }
        let empty = of("tools/call", r#"{"name":"t"}"#, None);
        assert_eq!(empty, of("tools/call", r#"{"name":"t","arguments":{}}"#, None));
    }

    #[test]
    fn the_key_is_left_out_where_it_is_known() {
        let [one, two] = ["k1", "k2"]
            .map(|key| format!(r#"{{"name":"t","arguments":{{"a":1,"key":"{key}"}}}}"#));
        assert_eq!(of("tools/call", &one, Some("key")), of("tools/call", &two, Some("key")));
        assert_ne!(of("tools/call", &one, None), of("tools/call", &two, None));
    }

    #[test]
    fn pages_are_told_apart() {
        let first = of("tools/list", "{}", None);
        assert_eq!(first, of("tools/list", r#"{"_meta":{"a":1}}"#, None));
        assert_ne!(first, of("tools/list", r#"{"cursor":"2"}"#, None));
        assert_ne!(first, of("prompts/list", "{}", None));
        let none = Fingerprint::of_request("tools/list", &Params::default(), None);
        assert_eq!(first, none);
    }
}
