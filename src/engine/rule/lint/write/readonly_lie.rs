use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    semantics::plainly_writes,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/readonly-lie",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "say `readOnlyHint: false`; if the tool does only read, name and describe it that way",
    documentation: r#"
A tool says it only reads, while its name and its description say it changes something.

## Why
`readOnlyHint: true` is what makes clients call a tool without asking, in parallel, and again after
a timeout. On a tool that writes, each of these is a change nobody agreed to. The hint is often
copied from the tool above.

Name and description must agree before this is reported. Verbs that mean nothing else (create, delete,
send) count as they are. Those that are nouns as well, or something one does to a text, a number or a
picture (edit, set, add, write, truncate), count as a verb with an object, where no text, number or
picture is spoken of and nothing is given back. A tool of which only one of the two says so is not
reported, and not called either.

## Bad
```json
{"tools": [{
  "name": "delete_customer",
  "description": "Permanently deletes one customer.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```

```json
{"tools": [{
  "name": "rename_folder",
  "description": "Renames one folder.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "delete_customer",
  "description": "Permanently deletes one customer.",
  "annotations": {"readOnlyHint": false, "destructiveHint": true},
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{
  "name": "schedule_report",
  "description": "Shows when each report is due.",
  "annotations": {"readOnlyHint": true},
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [
  {"name": "add", "description": "Adds two numbers.", "annotations": {"readOnlyHint": true}},
  {"name": "truncate_text", "description": "Truncates a text.", "annotations": {"readOnlyHint": true}},
  {"name": "tag_words", "description": "Tags each word of a sentence.", "annotations": {"readOnlyHint": true}},
  {"name": "post_statistics", "description": "Post statistics of a blog.", "annotations": {"readOnlyHint": true}},
  {"name": "update_history", "description": "Update history of a package.", "annotations": {"readOnlyHint": true}}
]}
```

## References
- Specification 2026-07-28, schema, `ToolAnnotations.readOnlyHint`: "If true, the tool does not modify
  its environment"
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair =
    Repair { rule: RULE.id, safe: None, not_safe: Some("`readOnlyHint` becomes false"), propose };

fn check(tool: &Tool) -> Vec<Hit> {
    if lies(tool) { vec![hit(tool)] } else { Vec::new() }
}

fn lies(tool: &Tool) -> bool {
    tool.annotations.read_only == Some(true) && plainly_writes(tool)
}

fn hit(tool: &Tool) -> Hit {
    let pointer = tool.pointer.join("annotations").join("readOnlyHint");
    Hit::new(pointer, "`readOnlyHint` is true, but name and description say that it writes")
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let edits = vec![Edit::Replace(occurrence.pointer().clone(), false.into())];
    Some(Fix::not_safe("say `readOnlyHint: false`", edits))
}
