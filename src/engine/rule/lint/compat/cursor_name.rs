use super::prefix;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, client::Client},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/cursor-name",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "shorten the tool's name to a verb and a noun, or the server's name to its domain",
    documentation: r#"
A tool's name is too long for Cursor together with the server's name.

## Why
Cursor leaves out a tool whose name and the server's name are longer than 60 characters together. The
tool is missing without an error; a warning stands in the settings, where nobody looks.

The server's name is the one it gives itself (`serverInfo.name`); users may have configured it under
another. In force with `--target cursor`.

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
- awslabs/mcp#1283; ComposioHQ/composio#2788: reports of users
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    prefix::judge(surface, Client::Cursor, 0, "Cursor")
}
