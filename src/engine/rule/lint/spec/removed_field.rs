use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::{
        json::edit::Edit,
        revision::{Era, Revision},
    },
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/removed-field",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "leave it out for 2026-07-28; declare the extension `io.modelcontextprotocol/tasks` if calls \
           can become tasks",
    documentation: r#"
The surface has a field that the specification has taken back.

## Why
Tasks were part of 2025-11-25, with `execution.taskSupport` on each tool and a `tasks` capability.
In 2026-07-28 they are an extension: there is no field on the tool any more, and the server decides
for each call. A client of today reads neither and calls a tool that says `"required"` as if it
answered at once.

Nothing is reported when the server has negotiated an older revision, in which the field is right.

## Bad
```json
{"tools": [{
  "name": "render_video",
  "execution": {"taskSupport": "required"},
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{
  "protocolVersion": "2026-07-28",
  "capabilities": {"tools": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}},
  "tools": [{"name": "render_video", "inputSchema": {"type": "object"}}]
}
```
```json
{
  "protocolVersion": "2025-11-25",
  "tools": [{
    "name": "render_video",
    "execution": {"taskSupport": "required"},
    "inputSchema": {"type": "object"}
  }]
}
```

## References
- Specification 2026-07-28, changelog, "Major changes" 6
- SEP-2663: the tasks extension
"#,
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some("the field goes, and `execution` with it where nothing else is in it"),
    not_safe: None,
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    if surface.server.revision().map(Revision::era) == Some(Era::Legacy) {
        return Vec::new();
    }
    let mut hits = Vec::new();
    if surface.server.capabilities.get("tasks").is_some() {
        let pointer = surface.pointer.join("capabilities").join("tasks");
        hits.push(Hit::new(pointer, "the `tasks` capability is gone from 2026-07-28"));
    }
    for tool in &surface.tools {
        let execution = tool.value().get("execution");
        if execution.and_then(|execution| execution.get("taskSupport")).is_some() {
            let pointer = tool.pointer.join("execution").join("taskSupport");
            hits.push(Hit::new(pointer, "`execution.taskSupport` is gone from 2026-07-28"));
        }
    }
    hits
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let pointer = occurrence.pointer();
    let around = pointer.parent()?;
    let is_alone = occurrence.surface.view(&around)?.members().count() == 1;
    let is_of_tool = around.last().is_some_and(|name| name == "execution");
    let removed = if is_alone && is_of_tool { around } else { pointer.clone() };
    let title = format!("take out `{}`", removed.last()?);
    Some(Fix::safe(title, vec![Edit::Remove(removed)]))
}
