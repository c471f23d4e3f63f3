use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "name/too-long",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "a verb and a noun are enough: `create_invoice`; leave out the server, which clients put \
           in front themselves",
    documentation: r#"
A tool's name is longer than clients or the specification allow.

## Why
Model providers take 64 characters, and clients spend part of them: Claude Code sends
`mcp__<server>__<tool>`. A longer name is cut, which can make two tools the same, or the whole
request is refused. Above 64 characters is a warning; above 128, the limit of the specification, an
error.

## Bad
```json
{"tools": [{
  "name": "retrieve_the_complete_list_of_all_open_invoices_of_a_customer_by_id",
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{"name": "list_open_invoices", "inputSchema": {"type": "object"}}]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names": between 1 and 128 characters
- OpenAI API: 64 characters; anthropics/claude-code#40075
"#,
    check: Check::Tool(check),
};

/// What model providers take.
const PROVIDER_LIMIT: usize = 64;
/// What the specification takes.
const SPECIFICATION_LIMIT: usize = 128;

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let length = tool.name.chars().count();
    if length <= PROVIDER_LIMIT {
        return None;
    }
    let (severity, limit) = if length <= SPECIFICATION_LIMIT {
        (Severity::Warning, "the 64 that model providers take")
    } else {
        (Severity::Error, "the 128 of the specification")
    };
    let message = format!("the name has {length} characters, more than {limit}");
    Some(Hit::new(tool.pointer.join("name"), message).severity(severity))
}
