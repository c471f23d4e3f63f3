use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/redundant-hint",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Strict,
    help: "leave `idempotentHint` out of a read-only tool",
    documentation: r#"
A read-only tool says that it is idempotent.

## Why
`idempotentHint` tells whether a change may be made twice. A tool that changes nothing may always be
called again, so the hint says nothing there, and clients do not look at it. It does no harm; it is
one more line to keep right when the tool does get an effect some day. Most reference servers have
it.

## Bad
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": true, "idempotentHint": true},
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema, `ToolAnnotations.idempotentHint`: "meaningful only when
  `readOnlyHint == false`"
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair =
    Repair { rule: RULE.id, safe: Some("the hint goes"), not_safe: None, propose };

fn check(tool: &Tool) -> Vec<Hit> {
    if is_redundant(tool) { vec![hit(tool)] } else { Vec::new() }
}

fn is_redundant(tool: &Tool) -> bool {
    tool.annotations.read_only == Some(true) && tool.annotations.idempotent == Some(true)
}

fn hit(tool: &Tool) -> Hit {
    let pointer = tool.pointer.join("annotations").join("idempotentHint");
    Hit::new(pointer, "`idempotentHint` says nothing on a read-only tool")
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let edits = vec![Edit::Remove(occurrence.pointer().clone())];
    Some(Fix::safe("take out `idempotentHint`", edits))
}
