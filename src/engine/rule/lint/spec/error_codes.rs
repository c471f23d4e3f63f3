use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    protocol::revision::Era,
    rule::{Check, Hit, Profile, Rule, wording},
    surface::{
        Surface,
        evidence::{Answer, Outcome, Question},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "spec/error-codes",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "answer with the error that the specification has for it, and over HTTP with its status",
    documentation: r#"
A request that has to be refused is not refused as the specification has it.

## Why
Error codes are read by programs. A client that gets -32601 knows that a method is missing and does
without; -32022 tells it to try an older revision, and which; -32602 that there is no such tool, so
that the list has to be read again. With another code it shows a failure, and with no answer it waits
until it gives up. Over HTTP, gateways decide by the status before anybody has read the message, and
a header that may differ from the message lets a request past a gateway that looks at headers alone.

| asked for | error | HTTP status |
|---|---|---|
| a method that does not exist | -32601 | 404 (2026-07-28) |
| a tool that does not exist | -32602; a result with `isError` is information, because SDKs do so | |
| a revision that does not exist | -32022, with `data.supported` (2026-07-28) | 400 |
| something, without saying a revision (2026-07-28) | -32602 | 400 |
| a method other than `Mcp-Method` says (2026-07-28, HTTP) | -32020 | 400 |

## Bad
```exchange
{"protocolVersion": "2025-11-25", "tools": [{"name": "get_order"}],
 "asked": [{"about": "an unknown method", "error": {"code": -32603, "message": "oops"}}]}
```
```exchange
{"protocolVersion": "2025-11-25", "tools": [{"name": "get_order"}],
 "asked": [{"about": "an unknown method"}]}
```
```exchange
{"protocolVersion": "2026-07-28", "tools": [{"name": "get_order"}],
 "asked": [{"about": "another method in the header", "status": 200,
            "result": {"resultType": "complete", "tools": [{"name": "get_order"}]}}]}
```

## Good
```exchange
{"protocolVersion": "2026-07-28", "tools": [{"name": "get_order"}],
 "asked": [
   {"about": "an unknown method", "status": 404, "error": {"code": -32601, "message": "not found"}},
   {"about": "an unknown tool", "status": 200, "error": {"code": -32602, "message": "no such tool"}},
   {"about": "an unknown revision", "status": 400,
    "error": {"code": -32022, "message": "unsupported", "data": {"supported": ["2026-07-28"]}}},
   {"about": "another method in the header", "status": 400, "error": {"code": -32020, "message": "x"}}
 ]}
```

## References
- Specification 2026-07-28, basic, "Error Codes"; server/tools, "Error Handling"; basic/versioning;
  basic/transports/streamable-http, "Server Validation"
- JSON-RPC 2.0, "Error object"
"#,
    check: Check::Surface(check),
};

/// How a question has to be answered.
struct Expected {
    /// What was asked for, as the beginning of a sentence.
    what: &'static str,
    /// The codes that are right; the first one is named.
    codes: &'static [i64],
    /// The HTTP status.
    status: Option<u16>,
    /// How bad another code is.
    severity: Severity,
}

fn check(surface: &Surface) -> Vec<Hit> {
    let Some(evidence) = &surface.evidence else { return Vec::new() };
    let is_modern = surface.server.revision().is_none_or(|it| it.era() == Era::Modern);
    let mut hits = Vec::new();
    for answer in &evidence.answers {
        let Some(expected) = expected(&answer.question, is_modern) else { continue };
        let complaint = complaint(answer, &expected).or_else(|| wrong_status(answer, &expected));
        hits.extend(complaint.map(|(severity, complaint)| {
            let message = format!("{} {complaint}", expected.what);
            Hit::new(surface.pointer.clone(), message).severity(severity)
        }));
    }
    hits
}

fn expected(question: &Question, is_modern: bool) -> Option<Expected> {
    let error = Severity::Error;
    let of = |what, codes, status, severity| Some(Expected { what, codes, status, severity });
    let modern = |status| is_modern.then_some(status);
    match question {
        Question::UnknownMethod => {
            of("a method that does not exist", &[-32601], modern(404), error)
        }
        Question::UnknownTool => {
            of("a tool that does not exist", &[-32602], None, Severity::Warning)
        }
        Question::UnknownRevision if is_modern => {
            of("a revision that does not exist", &[-32022], Some(400), error)
        }
        // Before, only the status was laid down.
        Question::UnknownRevision => {
            of("a revision that does not exist", &[], Some(400), Severity::Warning)
        }
        Question::NoRevision => {
            of("a request without a revision", &[-32602, -32020], Some(400), Severity::Warning)
        }
        Question::OtherMethodHeader => {
            of("a method other than `Mcp-Method` says", &[-32020], Some(400), error)
        }
        Question::UndiscoveredList | Question::Call { .. } => None,
    }
}

fn complaint(answer: &Answer, expected: &Expected) -> Option<(Severity, String)> {
    let wanted = match expected.codes.first() {
        Some(code) => format!("the error {code}"),
        None => "an error".to_owned(),
    };
    match &answer.outcome {
        Outcome::Result(result) => {
            let is_error = result.get("isError") == Some(&Value::Bool(true));
            // Some SDKs leave their users no choice here.
            let severity = if is_error { Severity::Info } else { RULE.severity };
            let what = if is_error { "a result with `isError`" } else { "a result" };
            Some((severity, format!("is answered with {what}, not with {wanted}")))
        }
        Outcome::Error { code, data, .. } => {
            let is_right = expected.codes.is_empty()
                || code.is_some_and(|code| expected.codes.contains(&code));
            if !is_right {
                let found = code.map_or("no code".to_owned(), |code| code.to_string());
                return Some((expected.severity, format!("is refused with {found}, not {wanted}")));
            }
            let names_versions = data.get("supported").is_some_and(Value::is_array);
            (*code == Some(-32022) && !names_versions).then(|| {
                let what = "is refused without `data.supported`, the revisions to try instead";
                (RULE.severity, what.to_owned())
            })
        }
        Outcome::Oversized { .. } => {
            Some((RULE.severity, format!("is answered with a result, not with {wanted}")))
        }
        Outcome::Silence => {
            let seconds = answer.time.as_secs();
            Some((
                RULE.severity,
                format!("is not answered at all ({seconds} s), not with {wanted}"),
            ))
        }
        Outcome::Gone(how) => {
            Some((RULE.severity, format!("ends the connection: {}", wording::shorten(how))))
        }
        // A refusal by status alone is what the older era asks for.
        Outcome::Unreadable(_) if expected.codes.is_empty() => None,
        Outcome::Unreadable(what) => {
            let what = wording::shorten(what);
            Some((expected.severity, format!("is answered with what is no message: {what}")))
        }
    }
}

fn wrong_status(answer: &Answer, expected: &Expected) -> Option<(Severity, String)> {
    let (found, wanted) = (answer.status?, expected.status?);
    let severity = expected.severity.min(Severity::Warning);
    (found != wanted)
        .then(|| (severity, format!("is refused with the HTTP status {found}, not {wanted}")))
}
