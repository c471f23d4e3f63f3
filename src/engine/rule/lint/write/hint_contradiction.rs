use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    semantics::{plainly_reads, plainly_writes},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/hint-contradiction",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "leave `destructiveHint` out of a read-only tool; if it does change something, say \
           `readOnlyHint: false`",
    documentation: r#"
The annotations of a tool contradict each other, or what the tool says it does.

## Why
`destructiveHint` means something only where `readOnlyHint` is false. With both of them true, one
client calls the tool without asking and the next one asks for confirmation, depending on which hint
it looks at first. One of the two is wrong, and nobody but the author knows which.

`readOnlyHint: false` or `destructiveHint: true` on a tool that only searches makes clients ask before every search and keeps
them from repeating it. Generators do that to every request that is sent with POST. Reported where
name and description both begin with a verb that only reads and no change is spoken of.

## Bad
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": true, "destructiveHint": true},
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [{
  "name": "post_search",
  "description": "Search pages by their title",
  "annotations": {"readOnlyHint": false},
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
Saying that nothing is destroyed contradicts nothing:
```json
{"tools": [{
  "name": "get_order",
  "annotations": {"readOnlyHint": true, "destructiveHint": false},
  "inputSchema": {"type": "object"}
}]}
```
A reading verb that also writes:
```json
{"tools": [{
  "name": "get_mails",
  "description": "Gets new mails and removes them from the server.",
  "annotations": {"readOnlyHint": false},
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema, `ToolAnnotations.destructiveHint`: "meaningful only when
  `readOnlyHint == false`"
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "the hint that name and description deny goes; where they say nothing plain, neither does",
    ),
    propose,
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let annotations = tool.pointer.join("annotations");
    match (tool.annotations.read_only, tool.annotations.destructive) {
        (Some(true), Some(true)) => {
            Some(Hit::new(annotations.join("destructiveHint"), "read-only and destructive at once"))
        }
        (Some(false), _) | (None, Some(true)) if plainly_reads(tool) => {
            let is_said = tool.annotations.read_only.is_some();
            let hint = if is_said { "readOnlyHint" } else { "destructiveHint" };
            let message = "the hints say that it writes, name and description that it only reads";
            let help = "say `readOnlyHint: true`; if it does change something, say so in the \
                        description";
            Some(Hit::new(annotations.join(hint), message).help(help))
        }
        _ => None,
    }
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    let hint = |name: &str| tool.pointer.join("annotations").join(name);
    let says_destructive = tool.annotations.destructive == Some(true);
    let mut edits: Vec<Edit> =
        says_destructive.then(|| Edit::Remove(hint("destructiveHint"))).into_iter().collect();
    if plainly_reads(tool) {
        match tool.annotations.read_only {
            None => edits.push(Edit::add(tool.pointer.join("annotations"), "readOnlyHint", true)),
            Some(false) => edits.push(Edit::Replace(hint("readOnlyHint"), true.into())),
            Some(true) => {}
        }
        return Some(Fix::not_safe("say that the tool only reads, as its words do", edits));
    }
    plainly_writes(tool).then(|| {
        let edits = vec![Edit::Replace(hint("readOnlyHint"), false.into())];
        Fix::not_safe("say that the tool writes, as its words do", edits)
    })
}
