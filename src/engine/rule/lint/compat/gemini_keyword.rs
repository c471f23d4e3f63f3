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

fn check(tool: &Tool) -> Vec<Hit> {
    keyword::judge(tool, Client::Gemini.refused(What::Keywords), "Gemini's API does not know")
}
