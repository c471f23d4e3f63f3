use super::count;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, client::Client},
    surface::Surface,
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
any other. In force with `--target windsurf`.

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
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    count::judge(surface, Client::Windsurf, "Windsurf passes on")
}
