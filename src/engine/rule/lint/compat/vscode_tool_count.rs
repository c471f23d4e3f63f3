use super::count;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, client::Client},
    surface::Surface,
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
any other. In force with `--target vscode`.

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
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    count::judge(surface, Client::VsCode, "Copilot takes")
}
