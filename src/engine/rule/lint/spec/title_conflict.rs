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
    id: "spec/title-conflict",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep `title` and drop `annotations.title`, or make them the same",
    documentation: r#"
A tool has two different titles.

## Why
A title can stand in `title` or, from before that existed, in `annotations.title`. Clients show the
first one where both are given, older clients know only the second. When they differ, two people who
talk about a tool, or a reviewer and a user, see two names for it.

## Bad
```json
{"tools": [{
  "name": "cancel_order",
  "title": "Cancel an order",
  "annotations": {"title": "Order cancellation"},
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{
  "name": "cancel_order",
  "title": "Cancel an order",
  "annotations": {"title": "Cancel an order"},
  "inputSchema": {"type": "object"}
}]}
```

## References
- Specification 2026-07-28, schema, `BaseMetadata.title`: for tools, `title` comes before
  `annotations.title` and `name`
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some("`annotations.title` goes; clients that know `title` do not look at it"),
    propose,
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let (title, other) = (tool.title.as_ref()?, tool.annotations.title.as_ref()?);
    if title.trim() == other.trim() {
        return None;
    }
    let message = format!("`title` is \"{title}\", `annotations.title` is \"{other}\"");
    Some(Hit::new(tool.pointer.join("annotations").join("title"), message))
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let edits = vec![Edit::Remove(occurrence.pointer().clone())];
    Some(Fix::not_safe("keep `title` and take out `annotations.title`", edits))
}
