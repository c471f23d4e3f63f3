use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
        wording,
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/anthropic-property-key",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "rename the argument to letters, digits, `_`, `-` and `.`, at most 64 of them, and map it \
           to the other system's name inside the server",
    documentation: r#"
An argument has a name that Anthropic's API refuses.

## Why
The names of arguments must match `^[a-zA-Z0-9_.-]{1,64}$` there. One that does not (`$top`,
`@odata.type`, `filter[status]`, a name with a space) is answered with status 400 to the whole
request, so that all tools of all servers are lost; where the client loads tools on demand, the
conversation stays broken from the first use on. Servers generated from an OpenAPI or OData
description are the usual source.

Checked are the properties of the root, as the API does.

## Bad
```json
{"tools": [{"name": "list_files", "inputSchema": {
  "type": "object",
  "properties": {"$top": {"type": "integer"}, "filter[status]": {"type": "string"}}
}}]}
```

## Good
```json
{"tools": [{"name": "list_files", "inputSchema": {
  "type": "object",
  "properties": {"top": {"type": "integer"}, "filter_status": {"type": "string"}}
}}]}
```

## References
- anthropics/claude-code#79418, #34771; ComposioHQ/composio#3500: "Property keys should match pattern"
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let is_refused = |name: &&String| !Client::Anthropic.takes(What::PropertyName, name);
    let refused: Vec<&String> = tool.arguments().map(|(name, _)| name).filter(is_refused).collect();
    if refused.is_empty() {
        return None;
    }
    let message = format!(
        "Anthropic's API refuses the whole request for {} {}",
        wording::the("argument", refused.len()),
        wording::names(&refused)
    );
    Some(Hit::new(tool.pointer.join("inputSchema").join("properties"), message))
}
