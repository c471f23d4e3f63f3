use super::count;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Member, Profile, Rule, client::Client},
};

pub(super) const RULE: Rule = Rule {
    id: "compat/openai-tool-count",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Target,
    help: "split the server by domain, or let users choose which groups of tools it offers",
    documentation: "
The server has more tools than OpenAI's API takes.

## Why
OpenAI's API takes 128 tools in one request and answers status 400 to more. It advises to stay under 20.

The limit is on the tools of all servers together, so a server that fills it alone leaves no room for
any other. In force with `--target openai`; `mcp-kit lint --all` counts the tools of all servers.

## Bad
```text
a server with 129 tools
```

## Good
```text
a server with 7 tools
```

## References
- OpenAI API reference, `tools`
",
    check: Check::Set(check),
};

fn check(members: &[Member<'_>]) -> Vec<(usize, Hit)> {
    count::judge(members, Client::OpenAi, "OpenAI's API takes")
}
