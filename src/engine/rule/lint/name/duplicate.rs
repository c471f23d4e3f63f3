use std::collections::HashMap;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "name/duplicate",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "give each tool a name of its own, or merge the two into one tool with an argument that \
           tells the cases apart",
    documentation: r#"
Two tools have the same name.

## Why
Model providers refuse a request in which a name stands twice ("Tool names must be unique"), and with
it all tools: that is why this is an error, though the specification only says SHOULD. Elsewhere a
call names the tool and nothing else, so one of the two can never be called, and which one depends on
the client: most keep the last definition, some the first.

Names that differ in upper and lower case are different names.

## Bad
```json
{"tools": [
  {"name": "send_email", "description": "Sends mail to a customer.", "inputSchema": {"type": "object"}},
  {"name": "send_email", "description": "Sends mail to a supplier.", "inputSchema": {"type": "object"}}
]}
```

## Good
```json
{"tools": [
  {"name": "email_customer", "inputSchema": {"type": "object"}},
  {"name": "email_supplier", "inputSchema": {"type": "object"}}
]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names": "SHOULD be unique within a server"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, tool) in surface.tools.iter().enumerate() {
        by_name.entry(&tool.name).or_default().push(index);
    }
    let tools = surface.tools.iter().enumerate();
    let hit = |(index, tool): (usize, &Tool)| {
        let same = &by_name[tool.name.as_str()];
        // Each points to the first, and the first to the one that follows it.
        let other = *same.iter().find(|&&other| other != index)?;
        let message = format!("more than one tool is called `{}`", tool.name);
        let note = format!("number {} in the list; so is number {}", index + 1, other + 1);
        Some(Hit::new(tool.pointer.join("name"), message).note(note))
    };
    tools.filter_map(hit).collect()
}
