use super::keyword;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/openai-strict-keyword",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Target,
    help: "write the schema without it: merge `allOf` into one object, turn conditions into `anyOf` of \
           whole objects under a property, or check them in the server and say so in the description",
    documentation: r#"
An input schema has a keyword that OpenAI's strict mode does not take.

## Why
In strict mode the schema becomes a grammar that the model cannot leave, and `allOf`, `not`, `if` and
the `dependent…` keywords cannot be written as one. The tool is refused, or loses strict mode. In force
with `--target openai-strict`.

## Bad
```json
{"tools": [{"name": "ship_order", "inputSchema": {
  "type": "object",
  "properties": {"to": {"allOf": [{"type": "string"}, {"minLength": 3}]}}
}}]}
```

## Good
```json
{"tools": [{"name": "ship_order", "inputSchema": {
  "type": "object",
  "properties": {"to": {"type": "string", "minLength": 3}}
}}]}
```

## References
- OpenAI, structured outputs, "Supported schemas" (February 2026)
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    let refused = Client::OpenAiStrict.refused(What::Keywords);
    keyword::judge(tool, refused, "OpenAI's strict mode does not take")
}
