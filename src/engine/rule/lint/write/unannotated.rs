use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{Effect, effect_of_words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/unannotated",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "say `readOnlyHint: false`, and `destructiveHint: false` where nothing is lost; add \
           `idempotentHint` where a repeat does no harm",
    documentation: r#"
A tool whose name says that it changes something has no annotation that says so.

## Why
Clients decide by annotations whether to ask the user before a call and whether a call may be
repeated. Without them the defaults of the specification hold, and they are the most careful ones:
not read-only, destructive, not idempotent, open world. So adding a comment asks for the same
confirmation as deleting an account, and users learn to click it away.

## Bad
```json
{"tools": [{"name": "add_comment", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "place_order", "description": "Places an order.", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{
  "name": "add_comment",
  "annotations": {"readOnlyHint": false, "destructiveHint": false},
  "inputSchema": {"type": "object"}
}]}
```
A reading tool is not the business of this rule:
```json
{"tools": [{"name": "list_comments", "inputSchema": {"type": "object"}}]}
```
Nor is one whose description reads, whatever word its name begins with:
```json
{"tools": [
  {"name": "patch_notes", "description": "Shows what a version has changed.", "inputSchema": {"type": "object"}},
  {"name": "import_duty_rates", "description": "Looks up the duty on goods.", "inputSchema": {"type": "object"}}
]}
```

## References
- Specification 2026-07-28, schema, `ToolAnnotations`: the hints and their defaults
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    if lacks_hints(tool) { vec![hit(tool)] } else { Vec::new() }
}

fn lacks_hints(tool: &Tool) -> bool {
    tool.annotations.read_only.is_none()
        && tool.annotations.destructive.is_none()
        && effect_of_words(tool) == Effect::Writes
}

fn hit(tool: &Tool) -> Hit {
    let message = "a write without `readOnlyHint` and `destructiveHint`: clients assume the worst";
    Hit::new(tool.pointer.clone(), message)
}
