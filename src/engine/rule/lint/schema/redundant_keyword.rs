use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::{
        canonical::{Layout, write},
        json::{View, edit::Edit},
        pointer::Pointer,
    },
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    schema::{Dialect, Subschema, Walk, types},
    semantics::word::words,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/redundant-keyword",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Strict,
    help: "leave out titles that repeat a name, `$schema` where the schema means the same without it, \
           an empty `required`, and values that `enum` has already",
    documentation: r#"
A schema says what is known without it.

## Why
Definitions are read by the model on every request, and generators fill them with what nobody wrote: a
`title` for every property that says its name again ("Order Id" for `order_id`), a `$schema` that names
the dialect which holds anyway, `required` without a name in it. On the official filesystem server the
titles alone are half of what one peer finds (51 findings on 39 tools, agent-friend 0.209.0). Each costs
four to ten tokens; none of them makes a call better or worse, which is why this is no more than
information, and only in the profile `strict`.

A title that says something else than the name is left alone, as is a `$schema` of an older draft where
one keyword means something else in 2020-12.

## Bad
```json
{"tools": [{"name": "get_order", "inputSchema": {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "title": "get_orderArguments",
  "properties": {"order_id": {"type": "string", "title": "Order Id"}},
  "required": []
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"state": {"type": "string", "enum": ["open", "paid", "open"]}}
}}]}
```

## Good
```json
{"tools": [{"name": "get_order", "inputSchema": {
  "type": "object",
  "properties": {"order_id": {"type": "string", "title": "Number on the invoice"}}
}}]}
```
```json
{"tools": [{"name": "price_parcel", "inputSchema": {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "properties": {"size": {"type": "array", "items": [{"type": "number"}, {"type": "number"}]}}
}}]}
```

## References
- Specification 2026-07-28, basic, "JSON Schema Usage": without `$schema` a schema is 2020-12
- JSON Schema 2020-12, validation §6.5.3: an absent `required` is an empty one; §6.1.2: the values of
  `enum` SHOULD be unique
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair =
    Repair { rule: RULE.id, safe: Some("all of it goes"), not_safe: None, propose };

fn check(tool: &Tool) -> Vec<Hit> {
    let found = redundant(tool);
    let Some(first) = found.first() else { return Vec::new() };
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for Redundant { what, .. } in &found {
        match counted.iter_mut().find(|(known, _)| known == what) {
            Some((_, count)) => *count += 1,
            None => counted.push((what, 1)),
        }
    }
    let shown = |(what, count): (&str, usize)| match count {
        1 => what.to_owned(),
        count => format!("{count} {what}"),
    };
    let note: Vec<String> = counted.into_iter().map(shown).collect();
    // One place for the whole tool, so that what is found in a generated list is one finding.
    let pointer = tool.pointer.join(first.member);
    let parts = found.iter().filter_map(|it| it.pointer.strip_prefix(&tool.pointer));
    let hit = Hit::new(pointer, "the schema says what is known without it").note(note.join(", "));
    vec![hit.parts(parts.map(|it| it.as_str().to_owned()))]
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let found = redundant(occurrence.tool()?);
    let edits = found.into_iter().map(|it| Edit::Remove(it.pointer)).collect();
    Some(Fix::safe("take out what is known without it", edits))
}

/// Something in a schema that changes nothing by being there.
struct Redundant {
    /// `inputSchema` or `outputSchema`.
    member: &'static str,
    pointer: Pointer,
    what: &'static str,
}

fn redundant(tool: &Tool) -> Vec<Redundant> {
    let mut found = Vec::new();
    for (declared_at, root) in tool.schemas() {
        let is_input = declared_at.last().is_some_and(|name| name == "inputSchema");
        let member = if is_input { "inputSchema" } else { "outputSchema" };
        let mut add = |at: Pointer, what| {
            found.push(Redundant { member, pointer: declared_at.concat(&at), what });
        };
        let dialect = Dialect::of(root);
        // An older one than draft-07 is the business of another rule, whatever it means.
        if root.get("$schema").is_some()
            && dialect.is_some_and(|it| it >= Dialect::Draft7 && it.reads_as_2020(root))
        {
            add("/$schema".into(), "`$schema`");
        }
        for schema in Walk::of(root).iter() {
            if repeats_name(schema, &tool.name) {
                add(schema.pointer().join("title"), "`title`");
            }
            let required = schema.get("required").and_then(Value::as_array);
            if required.is_some_and(Vec::is_empty) && dialect != Some(Dialect::Draft4) {
                add(schema.pointer().join("required"), "empty `required`");
            }
            for index in repeated_values(tool, &declared_at, schema) {
                add(schema.pointer().join("enum").join(index), "repeated value of `enum`");
            }
        }
    }
    found
}

/// With how many earlier values one is compared; a hostile list has hundreds of thousands.
const MAX_COMPARED: usize = 256;

/// The values of `enum` that stood there before. Numbers are compared by their digits, because a
/// value holds less of them than a text.
fn repeated_values(tool: &Tool, declared_at: &Pointer, schema: Subschema<'_, '_>) -> Vec<usize> {
    let Some(values) = schema.get("enum").and_then(Value::as_array) else { return Vec::new() };
    let mut texts: Option<Vec<String>> = None;
    let mut read = || {
        let member = declared_at.last().unwrap_or_default();
        let list = Pointer::root().join(member).concat(&schema.pointer()).join("enum");
        let list = tool.view().at(&list);
        let items = list.into_iter().flat_map(View::items);
        items.map(|it| write(it, Layout::Canonical)).collect()
    };
    let mut repeats = |index: usize| {
        let value = &values[index];
        let mut before =
            (0..index.min(MAX_COMPARED)).filter(|it| types::equal(&values[*it], value));
        match value {
            Value::Null | Value::Bool(_) | Value::String(_) => before.next().is_some(),
            _ => before.any(|it| {
                let texts = texts.get_or_insert_with(&mut read);
                texts.get(it).is_some() && texts.get(it) == texts.get(index)
            }),
        }
    };
    (0..values.len()).filter(|index| repeats(*index)).collect()
}

/// What generators put behind the name of a tool to name its schema.
const ENDINGS: &[&str] = &[
    "args", "arguments", "input", "inputs", "model", "output", "params", "parameters", "request",
    "response", "result", "schema",
];

/// Whether a title says the name of the property, definition or tool again.
fn repeats_name(schema: Subschema<'_, '_>, tool: &str) -> bool {
    let Some(title) = schema.get("title").and_then(Value::as_str) else { return false };
    let title = words(title);
    if schema.is_root() {
        let rest = title.strip_prefix(words(tool).as_slice());
        return rest.is_some_and(|rest| rest.iter().all(|it| ENDINGS.contains(&it.as_str())));
    }
    let is_named =
        schema.property().is_some() || matches!(schema.keyword(), "$defs" | "definitions");
    let pointer = schema.pointer();
    is_named && pointer.last().is_some_and(|name| words(&name) == title)
}
