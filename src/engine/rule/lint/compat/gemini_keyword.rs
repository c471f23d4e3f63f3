use serde_json::json;

use super::keyword;
use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::{json::edit::Edit, pointer::Pointer},
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
        repair::{Occurrence, Repair},
    },
    schema::{Dialect, Subschema, Walk, types},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/gemini-keyword",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "leave it out where it only repeats what the server checks anyway, and say the limit in the \
           description; `const` can be an `enum` of one value",
    documentation: r#"
An input schema has a keyword that Gemini's API does not know.

## Why
The `parameters` of Gemini's function calling are a small part of JSON Schema, and an unknown keyword is
answered with status 400. Many clients take such keywords out before they send, which is why this is a
warning and in force only with `--target gemini`. What they take out, the model does not see.

The list is put together from reports of users and grows shorter with time; the newer
`parametersJsonSchema` takes more.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"page": {"type": "integer", "exclusiveMinimum": 0}}
}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"page": {"type": "integer", "minimum": 1}}
}}]}
```

## References
- cline/cline#7339; promptfoo/promptfoo#6902; decolua/9router#3018
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some(
        "what can be said without the keyword is: `const` as an `enum` of one value, an exclusive bound of an integer as one that is not; `$schema` of 2020-12 and `additionalProperties: true` go",
    ),
    not_safe: None,
    propose,
};

fn check(tool: &Tool) -> Vec<Hit> {
    keyword::judge(tool, Client::Gemini.refused(What::Keywords), "Gemini's API does not know")
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    let keyword = occurrence.message.split('`').nth(1)?;
    let pointer = tool.pointer.join("inputSchema");
    let walk = Walk::of(tool.input_schema()?);
    let dialect = Dialect::of(tool.input_schema()?)?;
    // What an open object has taken counts as evaluated.
    let is_counted = walk.iter().any(|schema| schema.get("unevaluatedProperties").is_some());
    if dialect == Dialect::Draft4 || (keyword == "additionalProperties" && is_counted) {
        return None;
    }
    let having = walk.iter().filter(|schema| schema.get(keyword).is_some());
    // All of them or none: one that is left is enough for a refusal.
    let edits: Option<Vec<Vec<Edit>>> =
        having.map(|schema| without(keyword, schema, &pointer.concat(&schema.pointer()))).collect();
    let title = format!("say the same without `{keyword}`");
    Some(Fix::safe(title, edits?.concat()))
}

/// The edits that say the same without a keyword; none where that cannot be done.
fn without(keyword: &str, schema: Subschema<'_, '_>, at: &Pointer) -> Option<Vec<Edit>> {
    let value = schema.get(keyword)?;
    let member = at.join(keyword);
    let is_free = |name: &str| schema.get(name).is_none();
    match keyword {
        "$schema" => {
            let is_default = value.as_str().and_then(Dialect::from_uri) == Some(Dialect::Draft2020);
            is_default.then(|| vec![Edit::Remove(member)])
        }
        "additionalProperties" => (*value == true).then(|| vec![Edit::Remove(member)]),
        "uniqueItems" => (*value == false).then(|| vec![Edit::Remove(member)]),
        "const" if is_free("enum") => Some(vec![
            Edit::Rename(member.clone(), "enum".to_owned()),
            Edit::Replace(member, json!([value])),
        ]),
        "exclusiveMinimum" if is_free("minimum") && types::named(schema.value()) == ["integer"] => {
            let least = value.as_i64()?.checked_add(1)?;
            let rename = Edit::Rename(member.clone(), "minimum".to_owned());
            Some(vec![rename, Edit::Replace(member, json!(least))])
        }
        _ => None,
    }
}
