//! `$ref` inside one schema document. Nothing is ever fetched.

use serde_json::Value;

use super::Walk;
use crate::engine::protocol::pointer::Pointer;

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// A schema in the same document.
    Local(&'a Value),
    /// Nothing: it points into the document, where nothing is.
    Dangling,
    /// Another document, which a client must not fetch (specification 2026-07-28, basic, "JSON
    /// Schema Usage").
    Remote,
}

/// Resolves a reference that stands in the document `root`: `#`, `#/pointer`, `#anchor`, or the
/// `$id` of a schema in it with any of those. A relative address is read against the `$id` of the
/// root.
pub fn resolve<'a>(root: &'a Value, reference: &str) -> Target<'a> {
    let (document, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let base = if document.is_empty() {
        Some(root)
    } else {
        let base = root.get("$id").and_then(Value::as_str).unwrap_or_default();
        let wanted = absolute(base, document);
        let has_it = |schema: &Value| {
            let id = schema.get("$id").and_then(Value::as_str);
            id.is_some_and(|id| absolute(base, id.trim_end_matches('#')) == wanted)
        };
        Walk::of(root).iter().map(|schema| schema.value()).find(|schema| has_it(schema))
    };
    let Some(base) = base else { return Target::Remote };
    let found = if fragment.is_empty() {
        Some(base)
    } else if fragment.starts_with('/') {
        base.pointer(&decode_percent(fragment))
    } else {
        by_anchor(base, fragment)
    };
    found.map_or(Target::Dangling, Target::Local)
}

/// The schema a value stands for: itself, or what its chain of local references leads to. None
/// when the chain leaves the document, dangles or goes round. A `$dynamicRef` counts as the `$ref`
/// that it is unless a schema outside this document gives it another meaning.
pub fn follow<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut current = schema;
    for _ in 0..32 {
        let reference = current.get("$ref").or_else(|| current.get("$dynamicRef"));
        let Some(reference) = reference.and_then(Value::as_str) else { return Some(current) };
        let Target::Local(next) = resolve(root, reference) else { return None };
        current = next;
    }
    None
}

/// Whether something in a document may refer to the document itself. Careful rather than complete:
/// what is not a pointer to a place inside may lead there.
pub fn may_lead_to_root(root: &Value) -> bool {
    let mut values = vec![root];
    while let Some(value) = values.pop() {
        match value {
            Value::Array(items) => values.extend(items),
            Value::Object(members) => {
                let refers = ["$ref", "$dynamicRef", "$recursiveRef"].iter().any(|keyword| {
                    let reference = members.get(*keyword).and_then(Value::as_str);
                    reference.is_some_and(|reference| !reference.starts_with("#/"))
                });
                if refers {
                    return true;
                }
                values.extend(members.values());
            }
            _ => {}
        }
    }
    false
}

/// The place a local pointer reference leads to, without its `#`.
pub fn pointer(reference: &str) -> Option<Pointer> {
    let fragment = reference.strip_prefix('#')?;
    (fragment.is_empty() || fragment.starts_with('/'))
        .then(|| Pointer::from(decode_percent(fragment).as_str()))
}

/// An address read against a base, as far as schemas need it: a bare name replaces the last part
/// of the base's path.
fn absolute(base: &str, address: &str) -> String {
    let is_relative = !address.contains(':') && !address.starts_with('/');
    match base.rfind('/') {
        Some(end) if is_relative => {
            format!("{}{}", &base[..=end], address.trim_start_matches("./"))
        }
        _ => address.to_owned(),
    }
}

fn by_anchor<'a>(base: &'a Value, anchor: &str) -> Option<&'a Value> {
    let names_it = |schema: &Value| {
        let is_named = |keyword| schema.get(keyword).and_then(Value::as_str) == Some(anchor);
        let as_id = schema.get("$id").or_else(|| schema.get("id")).and_then(Value::as_str);
        is_named("$anchor")
            || is_named("$dynamicAnchor")
            || as_id.and_then(|id| id.strip_prefix('#')) == Some(anchor)
    };
    Walk::of(base).iter().map(|schema| schema.value()).find(|schema| names_it(schema))
}

/// Percent decoding of a URI fragment (RFC 6901 §6).
fn decode_percent(fragment: &str) -> String {
    let bytes = fragment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = fragment.get(index + 1..index + 3);
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[index] == b'%' => {
                decoded.push(byte);
                index += 3;
            }
            _ => {
                decoded.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Target, follow, resolve};

    #[test]
    fn a_relative_reference_to_the_documents_own_id_stays_inside() {
        let root = json!({"$id": "https://x.example/a/grow.json", "$defs": {
            "Bed": {"type": "string"},
            "Pot": {"$id": "pot.json", "type": "integer"}
        }});
        let bed = Target::Local(&root["$defs"]["Bed"]);
        assert_eq!(resolve(&root, "grow.json#/$defs/Bed"), bed);
        assert_eq!(resolve(&root, "https://x.example/a/grow.json#/$defs/Bed"), bed);
        let pot = Target::Local(&root["$defs"]["Pot"]);
        assert_eq!(resolve(&root, "https://x.example/a/pot.json"), pot);
        assert_eq!(resolve(&root, "./pot.json"), pot);
        assert_eq!(resolve(&root, "other.json#/$defs/Bed"), Target::Remote);
        assert_eq!(resolve(&root, "https://y.example/grow.json"), Target::Remote);
    }

    #[test]
    fn a_dynamic_reference_is_followed() {
        let root = json!({"$defs": {"Node": {"$dynamicAnchor": "node", "description": "a node"}}});
        let node = json!({"$dynamicRef": "#node"});
        assert_eq!(follow(&root, &node), Some(&root["$defs"]["Node"]));
    }
}
