use crate::engine::{
    finding::{Confidence, Severity},
    protocol::pointer::Pointer,
    rule::{Check, Hit, Profile, Rule},
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
