use super::count;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Member, Profile, Rule, client::Client},
};

pub(super) const RULE: Rule = Rule {
    id: "compat/windsurf-tool-count",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "split the server by domain, or let users choose which groups of tools it offers",
    documentation: "
The server has more tools than Windsurf takes.

## Why
Windsurf passes on 50 tools. The figure is one user's report of June 2025.

The limit is on the tools of all servers together, so a server that fills it alone leaves no room for
any other. In force with `--target windsurf`; `mcp-kit lint --all` counts the tools of all servers.

## Bad
```text
a server with 51 tools
```

## Good
```text
a server with 7 tools
```

## References
- keanemind/jj-mcp-server#1
",
    check: Check::Set(check),
};

fn check(members: &[Member<'_>]) -> Vec<(usize, Hit)> {
    count::judge(members, Client::Windsurf, "Windsurf passes on")
}
