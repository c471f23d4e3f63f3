use super::name;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, client::Client},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/anthropic-name",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Target,
    help: "join the words with `_` and begin with a letter, which every provider takes",
    documentation: r#"
A tool has a name that the specification allows and Anthropic's API refuses.

## Why
The specification allows a dot in a name. Anthropic's API takes letters, digits, underscore and
hyphen, and answers status 400 to the whole request: one such name takes away the tools of all
servers. Some clients replace the character, and then two tools can end up with one name.

Names with other characters are the business of `name/invalid-chars`, those longer than 64
characters of `name/too-long`. In force with `--target anthropic`.

## Bad
```json
{"tools": [{"name": "billing.refund", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{"name": "refund_payment", "inputSchema": {"type": "object"}}]}
```

## References
- anthropics/claude-code#40075; ComposioHQ/composio#2330
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    name::judge(tool, Client::Anthropic, "Anthropic's API refuses the whole request for it")
        .into_iter()
        .collect()
}
