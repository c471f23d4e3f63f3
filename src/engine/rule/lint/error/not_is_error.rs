use serde_json::Value;

use super::wrong_calls;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    surface::{
        Surface,
        evidence::{Case, content_text},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "error/not-is-error",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "validate arguments against the input schema, and answer what fails with `isError: true`",
    documentation: r#"
A call that failed is answered as if it had not.

## Why
`isError` is how a client knows that a call failed. Without it the failure counts as a success: it
is shown as one, it ends a loop that should have tried again, it is not in anybody's error rate, and
the model may take the text for the data it asked for.

A call that the tool's own input schema refuses and that succeeds without a word is a warning: either
the schema asks for what nobody needs, or arguments are not validated, which the specification asks
for.

## Bad
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id",
            "result": {"content": [{"type": "text", "text": "Error: order_id is missing"}]}}]}
```
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "wrong_type": "order_id",
            "result": {"content": [{"type": "text", "text": "[]"}]}}]}
```

## Good
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text", "text": "order_id is missing"}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Error Handling" and "Security Considerations": "Servers
  MUST validate all tool inputs"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (tool, wrong, _, answer) in wrong_calls(surface) {
        let Some(result) = answer.outcome.success().filter(|result| is_complete(result)) else {
            continue;
        };
        let hit = |message: &str| Hit::new(tool.pointer.clone(), message);
        hits.push(match failure(result) {
            Some(said) => hit(FAILED).note(format!("{wrong}: \"{said}\"")),
            None => hit("a call that the input schema refuses succeeds")
                .severity(Severity::Warning)
                .note(wrong),
        });
    }
    let calls = surface.evidence.iter().flat_map(|evidence| evidence.calls());
    for (name, _, answer) in calls.filter(|(_, case, _)| **case == Case::Valid) {
        let said = answer.outcome.success().and_then(plain_failure);
        if let (Some(tool), Some(said)) = (surface.tool(name), said) {
            // The arguments were right: this may be data that begins like an error.
            let hit = Hit::new(tool.pointer.clone(), FAILED).severity(Severity::Warning);
            hits.push(hit.note(format!("\"{said}\"")));
        }
    }
    hits
}

const FAILED: &str = "a result says that the call failed, and has no `isError: true`";

/// A result that asks back has not taken the arguments yet.
fn is_complete(result: &Value) -> bool {
    result.get("resultType").is_none_or(|it| it == "complete")
}

/// What a result to a wrong call says of a failure.
fn failure(result: &Value) -> Option<String> {
    const WORDS: [&str; 9] = [
        "error", "errors", "invalid", "failed", "missing", "required", "exception", "failure",
        "undefined",
    ];
    plain_failure(result).or_else(|| {
        let text = content_text(result);
        let begin: String = text.to_lowercase().chars().take(200).collect();
        let mut words = begin.split(|character: char| !character.is_alphanumeric());
        words.any(|word| WORDS.contains(&word)).then(|| wording::shorten(&text))
    })
}

/// What a result says of a failure beyond doubt: data about a failed thing must not be taken for a
/// failure.
fn plain_failure(result: &Value) -> Option<String> {
    const BEGINNINGS: [&str; 5] =
        ["error:", "error executing", "failed to ", "exception:", "traceback (most"];
    let text = content_text(result);
    let begin: String = text.trim_start().to_lowercase().chars().take(40).collect();
    BEGINNINGS.iter().any(|it| begin.starts_with(it)).then(|| wording::shorten(&text))
}
