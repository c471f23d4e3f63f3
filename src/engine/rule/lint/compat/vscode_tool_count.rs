use super::count;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Member, Profile, Rule, client::Client},
};

pub(super) const RULE: Rule = Rule {
    id: "compat/vscode-tool-count",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "split the server by domain, or let users choose which groups of tools it offers",
    documentation: "
The server has more tools than Visual Studio Code takes.

## Why
Copilot in Visual Studio Code takes 128 tools in one request. Before that it groups them into virtual
tools, which the model has to open first; beyond it the request fails, and users have to switch tools
off by hand.

The limit is on the tools of all servers together, so a server that fills it alone leaves no room for
any other. In force with `--target vscode`; `mcp-kit lint --all` counts the tools of all servers.

## Bad
```text
a server with 129 tools
```

## Good
```text
a server with 7 tools
```

## References
- microsoft/vscode-copilot-release#11653; microsoft/copilot-intellij-feedback#1842
",
    check: Check::Set(check),
};

fn check(members: &[Member<'_>]) -> Vec<(usize, Hit)> {
    count::judge(members, Client::VsCode, "Copilot takes")
}
