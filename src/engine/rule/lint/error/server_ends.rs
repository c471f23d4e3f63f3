use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    surface::{
        Surface,
        evidence::{Case, Outcome},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "error/server-ends",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "catch what a tool throws where tools are called, and answer with `isError: true`",
    documentation: r#"
The server ends, or drops the connection, when a tool is called.

## Why
One call takes everything down: all other calls that are under way, and all tools of the server until
somebody starts it again. On stdio many clients do not, so that the tools are gone for the rest of
the conversation. The model gets no answer that it could learn from. The usual causes are an
exception that nobody catches and an `exit` in a library.

## Bad
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "gone": "the server ended (exit code 1)"}]}
```

## Good
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text", "text": "order_id is missing"}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Error Handling": what fails in a tool is reported in its
  result
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let calls = surface.evidence.iter().flat_map(|evidence| evidence.calls());
    let hits = calls.filter_map(|(name, case, answer)| {
        let Outcome::Gone(how) = &answer.outcome else { return None };
        let how = wording::shorten(how);
        let note = match case {
            Case::Valid => how,
            Case::Missing(argument) => format!("without `{argument}`: {how}"),
            Case::WrongType(argument) => format!("`{argument}` of a wrong type: {how}"),
        };
        let pointer = surface.tool(name)?.pointer.clone();
        Some(Hit::new(pointer, "a call ends the connection").note(note))
    });
    hits.collect()
}
