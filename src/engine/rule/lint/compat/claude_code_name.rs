use super::prefix;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, client::Client},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/claude-code-name",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "shorten the tool's name to a verb and a noun, or the server's name to its domain",
    documentation: r#"
A tool's name is too long for Claude Code once the server's name stands before it.

## Why
Claude Code sends `mcp__<server>__<tool>`, and Anthropic's API takes 64 characters for all of it. What
is longer is answered with status 400 to the whole request.

The server's name is the one it gives itself (`serverInfo.name`); users may have configured it under
another. In force with `--target claude-code`.

## Bad
```json
{
  "serverInfo": {"name": "warehouse-management-connector", "version": "1"},
  "tools": [{"name": "list_open_purchase_orders_of_supplier", "inputSchema": {"type": "object"}}]
}
```

## Good
```json
{
  "serverInfo": {"name": "warehouse", "version": "1"},
  "tools": [{"name": "list_purchase_orders", "inputSchema": {"type": "object"}}]
}
```

## References
- anthropics/claude-code#40075
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    prefix::judge(surface, Client::ClaudeCode, "mcp____".len(), "Claude Code")
}
