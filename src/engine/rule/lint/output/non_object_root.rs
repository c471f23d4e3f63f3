use crate::engine::{
    finding::{Confidence, Severity},
    protocol::revision::Era,
    rule::{Check, Hit, Profile, Rule},
    schema::types,
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "output/non-object-root",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: r#"put the value into an object, for example {"orders": […]}; that also leaves room for a cursor later"#,
    documentation: r#"
An output schema describes something other than an object.

## Why
Since 2026-07-28 a structured result may be any JSON value (SEP-2106). Clients of 2025-11-25 and
before take objects only: their own schema of a tool demands `"type": "object"` there, and they
refuse the tool, or the list. On a server that speaks one of those revisions this is an error, and so
is a root without a `type`; otherwise it is worth knowing. An array at the root can also never grow a second field: a cursor or a total would
be a breaking change.

## Bad
```json
{"tools": [{
  "name": "list_orders",
  "inputSchema": {"type": "object"},
  "outputSchema": {"type": "array", "items": {"type": "string"}}
}]}
```
```json
{"protocolVersion": "2025-11-25", "tools": [{
  "name": "get_order",
  "inputSchema": {"type": "object"},
  "outputSchema": {"oneOf": [{"type": "object"}, {"type": "array"}]}
}]}
```

## Good
```json
{"tools": [{
  "name": "list_orders",
  "inputSchema": {"type": "object"},
  "outputSchema": {
    "type": "object",
    "properties": {"orders": {"type": "array", "items": {"type": "string"}}, "next_cursor": {"type": "string"}},
    "required": ["orders"]
  }
}]}
```
Without a `type`, on a server of the new era:
```json
{"protocolVersion": "2026-07-28", "tools": [{
  "name": "get_order",
  "inputSchema": {"type": "object"},
  "outputSchema": {"oneOf": [{"type": "object"}, {"type": "array"}]}
}]}
```

## References
- Specification 2026-07-28, server/tools, "Structured Content"; 2025-11-25, `Tool.outputSchema`
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let is_legacy = surface.server.revision().is_some_and(|known| known.era() == Era::Legacy);
    surface.tools.iter().filter_map(|tool| judge(tool, is_legacy)).collect()
}

fn judge(tool: &Tool, is_legacy: bool) -> Option<Hit> {
    let named = types::named(tool.output_schema()?);
    if named == ["object"] || (named.is_empty() && !is_legacy) {
        return None;
    }
    let what = if named.is_empty() {
        "no type".to_owned()
    } else {
        format!("the type {}", named.join(" or "))
    };
    let message =
        format!("the root of `outputSchema` has {what}, which clients before 2026-07-28 refuse");
    let severity = if is_legacy { Severity::Error } else { Severity::Info };
    let hit = Hit::new(tool.pointer.join("outputSchema"), message).severity(severity);
    let help = r#"say `"type": "object"` at the root"#;
    Some(if named.is_empty() { hit.help(help) } else { hit })
}
