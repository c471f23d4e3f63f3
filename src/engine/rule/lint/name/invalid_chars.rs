use super::homoglyph;
use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
        wording,
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "name/invalid-chars",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "use letters, digits, `_`, `-` and `.` of ASCII; `_` and `-` alone are safe with every \
           model provider",
    documentation: r#"
A tool's name is empty or has characters that names may not have.

## Why
Model providers check the name with a pattern of their own (`^[a-zA-Z0-9_-]{1,64}$` at OpenAI) and
answer status 400 to the whole request, so that one slash or space in one name takes away every tool.
That is why this is an error: the specification says that names SHOULD be of ASCII letters, digits,
underscore, hyphen and dot. The slash was allowed in an earlier proposal (SEP-986) and is not in the
specification.

Letters of other scripts that look like ASCII are the business of `name/homoglyph`.

## Bad
```json
{"tools": [{"name": "billing/refund", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "create refund", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [
  {"name": "create_refund", "inputSchema": {"type": "object"}},
  {"name": "billing.refund-status", "inputSchema": {"type": "object"}}
]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names"
- OpenAI API: `^[a-zA-Z0-9_-]{1,64}$`
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some("each run of such characters becomes `_`, unless another tool has that name"),
    propose,
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let pointer = tool.pointer.join("name");
    if tool.name.is_empty() {
        return Some(Hit::new(pointer, "the name is empty"));
    }
    if homoglyph::impostor(&tool.name).is_some() {
        return None;
    }
    let mut invalid: Vec<String> = Vec::new();
    for character in tool.name.chars() {
        let is_allowed = character.is_ascii_alphanumeric() || "_-.".contains(character);
        let shown = show(character);
        if !is_allowed && !invalid.contains(&shown) {
            invalid.push(shown);
        }
    }
    if invalid.is_empty() {
        return None;
    }
    let noun = if invalid.len() == 1 { "the character" } else { "the characters" };
    let message = format!("the name has {noun} {}", wording::names(&invalid));
    Some(Hit::new(pointer, message))
}

fn show(character: char) -> String {
    match character {
        ' ' => "space".to_owned(),
        '`' => "backtick".to_owned(),
        visible if visible.is_alphanumeric() || visible.is_ascii_graphic() => visible.to_string(),
        other => format!("U+{:04X}", u32::from(other)),
    }
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
    let parts: Vec<&str> =
        tool.name.split(|character| !is_fine(character)).filter(|part| !part.is_empty()).collect();
    rename(occurrence, &parts.join("_"))
}

/// Calls a tool something that no other tool is called.
pub(super) fn rename(occurrence: &Occurrence<'_>, name: &str) -> Option<Fix> {
    let is_free = !name.is_empty() && occurrence.surface.tool(name).is_none();
    let edits = vec![Edit::Replace(occurrence.pointer().clone(), name.into())];
    is_free.then(|| Fix::not_safe(format!("call it `{name}`"), edits))
}
