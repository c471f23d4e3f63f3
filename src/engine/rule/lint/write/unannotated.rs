use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    semantics::{Effect, destroys, effect_of_words},
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

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "`readOnlyHint: false` is added, and `destructiveHint: true` to what takes something away for good",
    ),
    propose,
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

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    let mut hints = vec![("readOnlyHint", false)];
    if destroys(tool) {
        hints.push(("destructiveHint", true));
    }
    let annotations = tool.pointer.join("annotations");
    let edits = match occurrence.surface.view(&annotations) {
        Some(_) => {
            let add = |(name, value)| Edit::add(annotations.clone(), name, value);
            hints.into_iter().map(add).collect()
        }
        None => {
            let hints: serde_json::Map<_, _> =
                hints.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            vec![Edit::add(tool.pointer.clone(), "annotations", hints)]
        }
    };
    Some(Fix::not_safe("say that the tool writes, as its words do", edits))
}
