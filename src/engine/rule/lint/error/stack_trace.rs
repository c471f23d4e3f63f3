use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    surface::{
        Surface,
        evidence::{Answer, Question},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "error/stack-trace",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "log the trace, and answer with one sentence that says what was wrong and a correlation \
           id to find the trace by",
    documentation: r#"
An error carries the stack trace of the server.

## Why
A trace tells the model nothing that it could act on, and costs hundreds of tokens to say so. It does
tell whoever reads along: paths, names of users and modules, versions, at times values of variables.
It also means that the failure was not expected, so that nobody has thought about what the caller
should do next.

## Bad
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text",
              "text": "Traceback (most recent call last):\n  File \"/srv/orders.py\", line 41"}]}}]}
```
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"about": "an unknown tool", "error": {"code": -32602, "message": "no such tool",
            "data": "Error: no such tool\n    at find (/srv/build/index.js:12:7)"}}]}
```

## Good
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": true,
            "content": [{"type": "text", "text": "order_id is missing (request 81f2)"}]}}]}
```

## References
- OWASP, "Improper Error Handling"; CWE-209
- Specification 2026-07-28, server/tools, "Security Considerations": "Sanitize tool outputs"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for answer in surface.evidence.iter().flat_map(|evidence| &evidence.answers) {
        let Some(line) = answer.outcome.error_text().and_then(|text| trace_line(&text)) else {
            continue;
        };
        let message = "an error carries a stack trace";
        let hit = Hit::new(pointer(surface, answer), message).note(format!("\"{line}\""));
        if !hits.contains(&hit) {
            hits.push(hit);
        }
    }
    hits
}

fn pointer(surface: &Surface, answer: &Answer) -> crate::engine::protocol::pointer::Pointer {
    let tool = match &answer.question {
        Question::Call { tool, .. } => surface.tool(tool),
        _ => None,
    };
    tool.map_or_else(|| surface.pointer.clone(), |tool| tool.pointer.clone())
}

/// The line that gives a trace away. Text in structured content has its line breaks escaped.
fn trace_line(text: &str) -> Option<String> {
    let text = text.replace("\\n", "\n").replace("\\\"", "\"");
    text.lines().map(str::trim).find(|line| is_of_trace(line)).map(wording::shorten)
}

fn is_of_trace(line: &str) -> bool {
    // Python, Rust, Go.
    if line.starts_with("Traceback (most recent call last)")
        || (line.starts_with("File \"") && line.contains("\", line "))
        || (line.starts_with("thread '") && line.contains("panicked at"))
        || (line.starts_with("goroutine ") && line.ends_with("]:"))
    {
        return true;
    }
    // Frames of JavaScript, the JVM and .NET.
    let Some(frame) = line.strip_prefix("at ") else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let mut parts = frame.trim_end_matches(')').rsplit(':');
    let last = parts.next().unwrap_or_default();
    let before = parts.next().unwrap_or_default();
    let has_file = parts.next().is_some();
    (has_file && is_number(last) && is_number(before))
        || (is_number(last) && [".java", ".kt", ".scala"].iter().any(|it| before.ends_with(it)))
        || last.strip_prefix("line ").is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::is_of_trace;

    #[test]
    fn frames_of_many_languages_are_known() {
        for line in [
            "Traceback (most recent call last):",
            "File \"/srv/app.py\", line 3, in main",
            "at Object.<anonymous> (/srv/index.js:3:9)",
            "at file:///srv/index.mjs:12:5",
            "at com.example.Orders.find(Orders.java:41)",
            "at Orders.Find(String id) in /src/Orders.cs:line 12",
            "thread 'main' panicked at src/main.rs:4:5:",
            "goroutine 1 [running]:",
        ] {
            assert!(is_of_trace(line), "{line}");
        }
        for line in [
            "at least one order must be given",
            "at 10:30 the shop opens",
            "at 10:30",
            "File \"orders.csv\" was not found",
            "look at the manual (page 3)",
        ] {
            assert!(!is_of_trace(line), "{line}");
        }
    }
}
