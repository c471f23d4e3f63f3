use crate::engine::{
    finding::{Confidence, Fix, ObservationKind, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/wrong-type",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "send the type that the schema of the specification gives for this member",
    documentation: r#"
A member has a type that the specification does not allow there.

## Why
Clients that decode the list into types (most SDKs do) fail on the first member of another type, and
with it the whole list: one description that is null takes every tool away. Clients that are lenient
drop the member, so a hint given as `"true"` protects nobody.

## Bad
```json
{"tools": [{"name": "get_order", "description": null, "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": "true"},
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "description": "Gets one order by its number.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema: `Tool`, `ToolAnnotations`, `Prompt`, `Resource`
"#,
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("a member that is null goes, if it may be absent"),
    not_safe: Some("a boolean in quotes becomes a boolean"),
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::WrongType)
}

/// Members that may be absent. Null in their place can only mean that they are.
const OPTIONAL: &[&str] = &[
    "title", "description", "annotations", "icons", "execution", "_meta", "readOnlyHint",
    "destructiveHint", "idempotentHint", "openWorldHint", "arguments", "mimeType", "size",
    "instructions",
];

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let (pointer, found) = (occurrence.pointer(), occurrence.view()?);
    let name = pointer.last()?;
    if found.is_null() {
        let edits = vec![Edit::Remove(pointer.clone())];
        let may_be_absent = OPTIONAL.contains(&name.as_ref());
        return may_be_absent
            .then(|| Fix::safe(format!("take out `{name}`, which is null"), edits));
    }
    let is_hint = name.ends_with("Hint");
    let meant = found.as_str()?.trim().to_lowercase().parse::<bool>().ok().filter(|_| is_hint)?;
    let edits = vec![Edit::Replace(pointer.clone(), meant.into())];
    Some(Fix::not_safe(format!("say {meant} without quotes"), edits))
}
