use crate::engine::{
    finding::{Confidence, ObservationKind, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/truncated",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "check the paging first: a list without end is a fault of its cursor; a list of \
           thousands belongs behind a search tool",
    documentation: r#"
The list is so long that reading it was stopped.

## Why
Reading stops at a limit on pages, bytes or time, so what is reported here is about a part of the
server. Clients have limits too, mostly lower ones: VS Code and the OpenAI API take 128 tools, and
no model reads megabytes of definitions.

## Bad
```text
tools/list                        100 tools, nextCursor "100"
tools/list, cursor "100"          100 tools, nextCursor "200"
tools/list, cursor "200"          100 tools, nextCursor "300"
… and so on
```

## Good
```text
tools/list                        7 tools, no nextCursor
```

## References
- Specification 2026-07-28, server/utilities/pagination
- microsoft/vscode-copilot-release#11653: 128 tools in one request
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    Hit::observed(surface, ObservationKind::Truncated)
}
