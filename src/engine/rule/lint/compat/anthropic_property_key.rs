use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
        repair::{Occurrence, Repair},
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

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "each argument gets a name of the letters it has, also in `required`, unless another one has that name; the server has to know it",
    ),
    propose,
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
    Some(Hit::new(tool.pointer.join("inputSchema").join("properties"), message).parts(refused))
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    let schema = tool.pointer.join("inputSchema");
    let is_refused = |name: &&String| !Client::Anthropic.takes(What::PropertyName, name);
    let mut edits = Vec::new();
    let mut taken: Vec<String> = tool.arguments().map(|(name, _)| name.clone()).collect();
    if taken.len() > MAX_ARGUMENTS {
        return None;
    }
    let required = tool.input_schema()?.get("required").and_then(Value::as_array);
    for (name, _) in tool.arguments().filter(|(name, _)| is_refused(name)) {
        let plain = plain(name).filter(|plain| !taken.contains(plain))?;
        edits.push(Edit::Rename(schema.join("properties").join(name), plain.clone()));
        for (index, _) in
            required.into_iter().flatten().enumerate().filter(|(_, it)| *it == name.as_str())
        {
            let place = schema.join("required").join(index);
            edits.push(Edit::Replace(place, plain.as_str().into()));
        }
        taken.push(plain);
    }
    let title = "give the arguments names that Anthropic's API takes";
    Some(Fix::not_safe(title, edits))
}

/// Nobody has written more of them by hand, and each is compared with all others.
const MAX_ARGUMENTS: usize = 1_000;

/// A name without the characters that are refused; none where nothing sensible is left.
fn plain(name: &str) -> Option<String> {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    let parts: Vec<&str> =
        name.split(|character| !is_fine(character)).filter(|part| !part.is_empty()).collect();
    let plain = parts.join("_");
    let is_whole = name.chars().filter(|it| it.is_alphanumeric()).all(|it| it.is_ascii());
    (is_whole && Client::Anthropic.takes(What::PropertyName, &plain)).then_some(plain)
}
