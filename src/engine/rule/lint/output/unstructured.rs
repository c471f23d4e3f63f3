use serde_json::Value;

use super::result::{results, texts};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "output/unstructured",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "return the object in `structuredContent` too, and declare it in `outputSchema`",
    documentation: r#"
A result is JSON, but only as text.

## Why
The tool has typed data in its hands and gives it away as a string. Clients cannot validate it, code
that calls the tool has to parse prose and hope, and nothing says which fields there are: they change
without anybody noticing. The data is there already; only `structuredContent` and a schema are
missing.

Of 252 tools on public servers 225 declare no `outputSchema`, and a good part of them answers with
JSON in a string. Prose that is meant to be read (a page, a summary) is not reported.

## Bad
```exchange
{"tools": [{"name": "count_orders"}],
 "asked": [{"call": "count_orders",
            "result": {"content": [{"type": "text", "text": "{\"count\": 12}"}]}}]}
```

## Good
```exchange
{"tools": [{"name": "count_orders"}],
 "asked": [{"call": "count_orders", "result": {"structuredContent": {"count": 12},
            "content": [{"type": "text", "text": "{\"count\": 12}"}]}}]}
```
```exchange
{"tools": [{"name": "read_page"}],
 "asked": [{"call": "read_page", "result": {"content": [{"type": "text", "text": "Orders of May"}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Structured Content"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let is_data = |text: &&str| {
        text.trim_start().starts_with(['{', '['])
            && serde_json::from_str::<Value>(text)
                .is_ok_and(|value| value.is_object() || value.is_array())
    };
    let without = results(surface).filter(|(tool, result)| {
        // With a schema it is worse, and for `output/not-conforming` to say.
        result.get("structuredContent").is_none()
            && tool.output_schema().is_none()
            && texts(result).iter().any(is_data)
    });
    let message = "the result is JSON in a text, without `structuredContent`";
    without.map(|(tool, _)| Hit::new(tool.pointer.clone(), message)).collect()
}
