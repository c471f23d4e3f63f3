use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::types,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "output/prose-schema",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "return the fields themselves: what the text says, as properties with types",
    documentation: r#"
An output schema has one property, a text without a meaning of its own.

## Why
`{"result": "…"}` is prose in an envelope. It satisfies the letter of structured output and none of
its purpose: there is nothing to validate, to compare or to hand to the next tool. Frameworks wrap a
plain string like this by themselves; of 14 tools on one widely used server, 13 declare exactly that.

Reported is an object whose only property is a string, or a string or null, named `result`,
`content`, `text`, `output`, `message`, `response`, `answer` or `data`. A tool whose result really is one text (the content of a file) gains by a name that says
so and by what belongs to it: `{"path": …, "text": …, "truncated": …}`.

## Bad
```json
{"tools": [{
  "name": "get_order",
  "inputSchema": {"type": "object"},
  "outputSchema": {"type": "object", "properties": {"result": {"type": "string"}}, "required": ["result"]}
}]}
```
```json
{"tools": [{
  "name": "describe_order",
  "inputSchema": {"type": "object"},
  "outputSchema": {"type": "object", "properties": {"answer": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "inputSchema": {"type": "object"},
  "outputSchema": {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "state": {"type": "string", "enum": ["open", "paid"]}},
    "required": ["order_id", "state"]
  }
}]}
```

## References
- Specification 2026-07-28, server/tools, "Structured Content"
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

const ENVELOPES: &[&str] =
    &["result", "content", "text", "output", "message", "response", "answer", "data"];

fn judge(tool: &Tool) -> Option<Hit> {
    let properties = tool.output_schema()?.get("properties")?.as_object()?;
    let (name, schema) = properties.iter().next().filter(|_| properties.len() == 1)?;
    let types = types::named_in_branches(schema);
    let is_text =
        types.contains(&"string") && types.iter().all(|name| ["string", "null"].contains(name));
    let is_limited =
        ["enum", "const", "format", "pattern"].iter().any(|keyword| mentions(schema, keyword));
    if !ENVELOPES.contains(&name.as_str()) || !is_text || is_limited {
        return None;
    }
    let message = format!("the result is only a text, `{name}`");
    Some(Hit::new(tool.pointer.join("outputSchema"), message))
}

/// Whether a schema, or a branch of it, has a keyword.
fn mentions(schema: &Value, keyword: &str) -> bool {
    let branches = ["anyOf", "oneOf"].iter().filter_map(|name| schema.get(name)?.as_array());
    schema.get(keyword).is_some() || branches.flatten().any(|branch| branch.get(keyword).is_some())
}
