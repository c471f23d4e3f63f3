use std::collections::HashSet;

use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::{json::edit::Edit, pointer::Pointer},
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    schema::{Dialect, validity},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/invalid",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "give the keyword a value of the form its dialect asks for; a schema library in the \
           server's language checks that when the tool is built",
    documentation: r#"
A schema is not valid JSON Schema.

## Why
A keyword with a value of the wrong form is not ignored: validators refuse the whole schema, and
with it the tool or the complete list. The usual forms are `"required": true` on a property (it is a
list on the object), types of another language (`"str"`, `"any"`, `"float"`), and numbers in quotes.

A root of `inputSchema` that is no object schema is the business of `schema/root-not-object`; a
dialect nobody knows, of `schema/dialect`.

## Bad
```json
{"tools": [{"name": "search", "inputSchema": {
  "type": "object",
  "properties": {"query": {"type": "str"}}
}}]}
```
```json
{"tools": [{"name": "search", "inputSchema": {
  "type": "object",
  "properties": {"query": {"type": "string", "required": true, "minLength": "3"}}
}}]}
```
```json
{"tools": [{"name": "search", "inputSchema": {"type": "object"}, "outputSchema": null}]}
```

## Good
```json
{"tools": [{"name": "search", "inputSchema": {
  "type": "object",
  "properties": {"query": {"type": "string", "minLength": 3}},
  "required": ["query"]
}}]}
```

## References
- Specification 2026-07-28, basic, "Schema Validation": "Schemas MUST be valid according to their
  declared or default dialect"
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("a name or type that a list has twice stays once; a schema that is null goes"),
    not_safe: Some(
        "`required` of a property moves to the object around it; types of another language get their JSON name; numbers and booleans in quotes lose the quotes; a keyword that is null goes",
    ),
    propose,
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool)
}

fn judge(tool: &Tool) -> Vec<Hit> {
    let mut hits = Vec::new();
    for member in ["inputSchema", "outputSchema"] {
        let is_input = member == "inputSchema";
        let Some(schema) = tool.value().get(member) else { continue };
        if is_input && !schema.is_object() {
            continue;
        }
        let Some(dialect) = Dialect::of(schema) else { continue };
        let declared_at = tool.pointer.join(member);
        for invalid in validity::check(schema, dialect) {
            let pointer = invalid.pointer();
            let is_root_type = pointer.as_str() == "/type";
            if is_input && is_root_type {
                continue;
            }
            let place = place(member, &pointer);
            let message = format!("{place}: {}", invalid.message);
            hits.push(Hit::new(declared_at.concat(&pointer), message));
        }
    }
    hits
}

/// Names the place by its last property, as a reader would.
fn place(member: &str, pointer: &Pointer) -> String {
    let tokens: Vec<_> = pointer.tokens().collect();
    let after = tokens.iter().rposition(|token| token == "properties");
    match after.and_then(|after| tokens.get(after + 1)) {
        Some(name) if member == "inputSchema" => format!("`{name}`"),
        Some(name) => format!("`{name}` in `{member}`"),
        None => format!("`{member}`"),
    }
}

/// Names of types in other languages, and what they are in JSON Schema.
const TYPES: &[(&str, &[&str])] = &[
    ("string", &["str", "text", "char", "varchar", "uuid", "date", "datetime"]),
    ("integer", &["int", "int32", "int64", "long", "short", "bigint", "uint"]),
    ("number", &["float", "double", "decimal", "float32", "float64", "real"]),
    ("boolean", &["bool"]),
    ("array", &["list", "tuple", "set", "vec", "sequence"]),
    ("object", &["dict", "map", "struct", "hash", "record", "mapping"]),
    ("null", &["none", "nil", "nonetype"]),
];

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let (pointer, value) = (occurrence.pointer(), occurrence.view()?.to_value());
    let keyword = pointer.last()?;
    let within = occurrence.place.within.as_str();
    let is_safe = within == "/outputSchema";
    match (keyword.as_ref(), &value) {
        (_, Value::Null) => {
            let title = format!("take out `{keyword}`, which is null");
            let edits = vec![Edit::Remove(pointer.clone())];
            Some(if is_safe { Fix::safe(title, edits) } else { Fix::not_safe(title, edits) })
        }
        ("required" | "type", Value::Array(names)) => without_repeats(pointer, names),
        ("required", Value::Bool(is_required)) => {
            moved_to_object(occurrence, pointer, *is_required)
        }
        ("type", Value::String(name)) => {
            let name = name.to_lowercase();
            let is_it = |known: &&(&str, &[&str])| known.0 == name || known.1.contains(&&*name);
            let meant = TYPES.iter().find(is_it)?.0;
            let edits = vec![Edit::Replace(pointer.clone(), meant.into())];
            Some(Fix::not_safe(format!("say the type \"{meant}\""), edits))
        }
        (_, Value::String(text)) => {
            let plain = serde_json::from_str::<Value>(&text.trim().to_lowercase()).ok()?;
            let shown = plain.to_string();
            let edits = vec![Edit::Replace(pointer.clone(), plain)];
            // The quotes of what is meant to be a number or a boolean; anything else stays wrong
            // and is taken back.
            Some(Fix::not_safe(format!("say {shown} without quotes"), edits))
        }
        _ => None,
    }
}

fn without_repeats(pointer: &Pointer, names: &[Value]) -> Option<Fix> {
    // What is no name is wrong in another way, and leaving some of it out does not help.
    if !names.iter().all(Value::is_string) {
        return None;
    }
    let mut seen = HashSet::new();
    let repeats = names.iter().enumerate().filter(|(_, name)| !seen.insert(name.as_str()));
    let edits: Vec<Edit> = repeats.map(|(index, _)| Edit::Remove(pointer.join(index))).collect();
    (!edits.is_empty()).then(|| Fix::safe("leave each name in once", edits))
}

/// `required` of draft-03, a boolean at the property, in today's place.
fn moved_to_object(
    occurrence: &Occurrence<'_>,
    pointer: &Pointer,
    is_required: bool,
) -> Option<Fix> {
    let remove = Edit::Remove(pointer.clone());
    if !is_required {
        return Some(Fix::not_safe(
            "take out `required: false`, which is the default",
            vec![remove],
        ));
    }
    let property = pointer.parent()?;
    let properties = property.parent().filter(|it| it.last().as_deref() == Some("properties"))?;
    let (object, name) = (properties.parent()?, property.last()?);
    let list = object.join("required");
    let add = match occurrence.surface.view(&list).map(|list| list.to_value()) {
        None => Some(Edit::add(object, "required", vec![name.as_ref()])),
        Some(Value::Array(names)) if names.contains(&name.as_ref().into()) => None,
        Some(Value::Array(_)) => Some(Edit::Append(list, name.as_ref().into())),
        Some(_) => return None,
    };
    let edits = std::iter::once(remove).chain(add).collect();
    Some(Fix::not_safe("name it in `required` of the object around it", edits))
}
