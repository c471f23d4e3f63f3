use super::wrong_calls;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "error/no-next-step",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "name the argument, say what was expected and what came, and what to do next: \"`order_id` \
           is missing; find it with `find_orders`\"",
    documentation: r#"
An error says that something failed, and not what to do about it.

## Why
The text of an error is all that the model has to get the next call right. "Internal error" is
answered with the same call again, until the user gives up; "`order_id` is missing; find it with
`find_orders`" with the right one. The specification has tool errors for this purpose: they "contain
actionable feedback that language models can use to self-correct".

The tool was called without a required argument and with one of a wrong type. Reported is an answer
that neither names the argument nor has any word of advice (*must*, *expected*, *use*, …), which is a
generous test.

## Bad
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id",
            "result": {"isError": true, "content": [{"type": "text", "text": "Internal error"}]}}]}
```

## Good
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text", "text": "order_id is missing; find it with find_orders"}]}}]}
```
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text", "text": "No database here. Run `orders init` first"}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Error Handling"
"#,
    check: Check::Surface(check),
};

/// Words with which people say what to do or what was expected.
const ADVICE: &[&str] = &[
    "must", "should", "expect", "expected", "expects", "require", "required", "requires",
    "missing", "provide", "use", "try", "pass", "send", "give", "specify", "supply", "set",
    "instead", "allowed", "least", "most", "need", "needs", "check", "see", "retry", "call",
    "hint", "next", "either", "want", "wants", "run", "install", "wait", "ask", "choose", "select",
    "add", "enable", "find", "valid",
];

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (tool, wrong, argument, answer) in wrong_calls(surface) {
        let Some(text) = answer.outcome.error_text() else { continue };
        if is_helpful(&text, argument) {
            continue;
        }
        let said = match text.trim() {
            "" => "no text at all".to_owned(),
            text => format!("\"{}\"", wording::shorten(text)),
        };
        let message = "the error for a wrong argument names neither the argument nor what to do";
        hits.push(Hit::new(tool.pointer.clone(), message).note(format!("{wrong}: {said}")));
    }
    hits
}

fn is_helpful(text: &str, argument: &str) -> bool {
    let text = text.to_lowercase();
    // Nobody writes the quotes of an argument's name the same way, or its underscores.
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    if !argument.is_empty() && plain(&text).contains(&plain(argument)) {
        return true;
    }
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    words.any(|word| ADVICE.contains(&word))
}
