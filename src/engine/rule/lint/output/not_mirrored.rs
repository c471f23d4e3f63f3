use serde_json::Value;

use super::result::{results, texts};
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "output/not-mirrored",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "put the same JSON, serialised, into a text block of `content`",
    documentation: r#"
A structured result is not repeated as text.

## Why
Many clients put the text of a result before the model and nothing else, also new ones: what stands
in `structuredContent` alone is then never seen, and the model answers from an empty result or from
another one. The specification asks for the same JSON in a text block for that reason.

Where the text says it in other words, it is information only: the specification has an example of
that itself. A single value that was wrapped into an object, as SDKs do (`{"result": …}`), counts as
repeated when the text is the value.

## Bad
```exchange
{"tools": [{"name": "count_orders"}],
 "asked": [{"call": "count_orders", "result": {"structuredContent": {"count": 12}, "content": []}}]}
```
```exchange
{"tools": [{"name": "count_orders"}],
 "asked": [{"call": "count_orders", "result": {"structuredContent": {"count": 12},
            "content": [{"type": "text", "text": "{\"count\": 11}"}]}}]}
```

## Good
```exchange
{"tools": [{"name": "count_orders"}],
 "asked": [{"call": "count_orders", "result": {"structuredContent": {"count": 12},
            "content": [{"type": "text", "text": "{\"count\": 12}"}]}}]}
```
```exchange
{"tools": [{"name": "read_note"}],
 "asked": [{"call": "read_note", "result": {"structuredContent": {"result": "Buy milk."},
            "content": [{"type": "text", "text": "Buy milk."}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Structured Content": "a tool that returns structured content
  SHOULD also return the serialized JSON in a TextContent block"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (tool, result) in results(surface) {
        let Some(structured) = result.get("structuredContent") else { continue };
        let texts = texts(result);
        if is_mirrored(structured, &texts) {
            continue;
        }
        let hit = |message: &str| Hit::new(tool.pointer.clone(), message);
        let is_json = |text: &&str| serde_json::from_str::<Value>(text).is_ok();
        hits.push(if texts.is_empty() {
            hit("a result has `structuredContent` and no text")
        } else if texts.iter().any(is_json) {
            hit("the text of a result is other JSON than its `structuredContent`")
        } else {
            hit("the text of a result says its `structuredContent` in other words")
                .severity(Severity::Info)
        });
    }
    hits
}

fn is_mirrored(structured: &Value, texts: &[&str]) -> bool {
    if texts.iter().any(|text| is_same(structured, text)) {
        return true;
    }
    let wrapped = structured.as_object().filter(|members| members.len() == 1);
    match wrapped.and_then(|members| members.values().next()) {
        // Lists are given a block for each item.
        Some(Value::Array(items)) => {
            items.len() == texts.len()
                && items.iter().zip(texts).all(|(item, text)| is_same(item, text))
        }
        Some(value) => texts.iter().any(|text| is_same(value, text)),
        None => false,
    }
}

fn is_same(value: &Value, text: &str) -> bool {
    value.as_str() == Some(text)
        || serde_json::from_str::<Value>(text).is_ok_and(|read| is_equal(value, &read))
}

/// `1` and `1.0` are the same number, at any depth.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has_same = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|other| is_equal(value, other))
            };
            one.len() == other.len() && one.iter().all(has_same)
        }
        _ => one == other,
    }
}
