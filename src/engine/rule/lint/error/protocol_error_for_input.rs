use super::wrong_calls;
use crate::engine::{
    finding::{Confidence, Severity},
    protocol::revision::Revision,
    rule::{Check, Hit, Profile, Rule},
    surface::{Surface, evidence::Outcome},
};

pub(super) const RULE: Rule = Rule {
    id: "error/protocol-error-for-input",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "answer with a result that has `isError: true` and says what is wrong; keep JSON-RPC \
           errors for an unknown tool and a malformed request",
    documentation: r#"
Wrong arguments are answered with a protocol error, which the model may never see.

## Why
There are two kinds of errors. A tool error (a result with `isError: true`) goes to the model, which
corrects its call. A protocol error (JSON-RPC `error`) goes to the client, which may show it to the
user, log it or end the run; clients "SHOULD" give the first kind to the model and only "MAY" give
it the second. Wrong arguments are the mistake that a model can correct best.

Since 2025-11-25 the specification says that input validation is a tool error. The revisions before
listed invalid arguments as a protocol error, so nothing is reported there.

## Bad
```exchange
{"protocolVersion": "2025-11-25", "tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id",
            "error": {"code": -32602, "message": "order_id is missing"}}]}
```

## Good
```exchange
{"protocolVersion": "2025-11-25", "tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text", "text": "order_id is missing"}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Error Handling": "Input validation errors" are tool
  execution errors
- Specification 2025-11-25, changelog (SEP-1303)
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    if surface.server.revision().is_some_and(|it| it < Revision::V2025_11_25) {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for (tool, wrong, _, answer) in wrong_calls(surface) {
        let Outcome::Error { code, .. } = &answer.outcome else { continue };
        let message =
            "wrong arguments are answered with a JSON-RPC error, not with `isError: true`";
        let code = code.map(|code| format!(": {code}")).unwrap_or_default();
        hits.push(Hit::new(tool.pointer.clone(), message).note(format!("{wrong}{code}")));
    }
    hits
}
