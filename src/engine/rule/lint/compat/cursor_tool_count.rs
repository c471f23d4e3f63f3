use super::count;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Member, Profile, Rule, client::Client},
};

pub(super) const RULE: Rule = Rule {
    id: "compat/cursor-tool-count",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "split the server by domain, or let users choose which groups of tools it offers",
    documentation: "
The server has more tools than Cursor takes.

## Why
Cursor passes on 80 tools (40 in earlier versions) and leaves out the rest without an error. Which ones
is up to the order of the list.

The limit is on the tools of all servers together, so a server that fills it alone leaves no room for
any other. In force with `--target cursor`; `mcp-kit lint --all` counts the tools of all servers.

## Bad
```text
a server with 81 tools
```

## Good
```text
a server with 7 tools
```

## References
- Snowflake-Labs/mcp#77: a report of a user
",
    check: Check::Set(check),
};

fn check(members: &[Member<'_>]) -> Vec<(usize, Hit)> {
    count::judge(members, Client::Cursor, "Cursor passes on")
}
