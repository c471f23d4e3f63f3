use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    protocol::revision::Revision,
    rule::{Check, Hit, Profile, Rule, wording},
    surface::{
        Surface,
        evidence::{Case, Outcome},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "spec/call-result",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "build results with the types of the SDK: an object with an array `content`, each block of \
           it with its `type` and what belongs to that type",
    documentation: r#"
The result of a call has not the form of a result.

## Why
Clients read a result by its schema, and what does not fit is no result: the Python SDK raises an error,
the TypeScript SDK rejects the call. The tool has run, and the model is told that it failed, or nothing
at all. A lenient client does worse: it takes `isError: "true"` for success, since it is not `true`.

`content` has to be there, as an array, also where everything is in `structuredContent` or there is
nothing to say (`[]`). A block is an object with a `type`:

| `type` | has to have |
|---|---|
| `text` | `text` |
| `image`, `audio` | `data` (base64), `mimeType` |
| `resource_link` | `uri`, `name` |
| `resource` | `resource`, an object with `uri` and either `text` or `blob` |

`isError` is `true` or `false`. `structuredContent` is an object up to 2025-11-25, and any JSON from
2026-07-28 on. All answers to calls are looked at, also those that report an error. What is asked with
`"resultType": "input_required"` is no result yet.

## Bad
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "result": {"content": "12 orders"}}]}
```
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "without": "order_id", "result": {"isError": "true",
            "content": [{"type": "text", "text": "order_id is missing"}]}}]}
```
```exchange
{"tools": [{"name": "get_label"}],
 "asked": [{"call": "get_label", "result": {"content": [{"type": "image", "data": "iVBORw0KGgo="}]}}]}
```
```exchange
{"protocolVersion": "2025-11-25", "tools": [{"name": "list_orders"}],
 "asked": [{"call": "list_orders", "result": {"structuredContent": [],
            "content": [{"type": "text", "text": "[]"}]}}]}
```

## Good
```exchange
{"tools": [{"name": "get_order"}],
 "asked": [{"call": "get_order", "result": {"content": [{"type": "text", "text": "12 orders"}]}}]}
```
```exchange
{"tools": [{"name": "get_label"}],
 "asked": [{"call": "get_label", "result": {"isError": false, "content": [
            {"type": "image", "data": "iVBORw0KGgo=", "mimeType": "image/png"},
            {"type": "resource_link", "uri": "label://7", "name": "label 7"},
            {"type": "resource", "resource": {"uri": "label://7", "blob": "iVBORw0KGgo="}}]}}]}
```
```exchange
{"protocolVersion": "2026-07-28", "tools": [{"name": "list_orders"}],
 "asked": [{"call": "list_orders", "result": {"resultType": "complete", "structuredContent": [],
            "content": [{"type": "text", "text": "[]"}]}}]}
```

## References
- Specification 2026-07-28 and 2025-11-25, schema, `CallToolResult` and `ContentBlock`
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut said: Vec<(&str, String)> = Vec::new();
    let calls = surface.evidence.iter().flat_map(|evidence| evidence.calls());
    for (name, case, answer) in calls {
        let (Outcome::Result(result), Some(tool)) = (&answer.outcome, surface.tool(name)) else {
            continue;
        };
        for fault in faults(result, surface.server.revision()) {
            let is_said = said.iter().any(|(tool, said)| *tool == name && *said == fault);
            if is_said {
                continue;
            }
            let hit = Hit::new(tool.pointer.clone(), fault.clone());
            hits.push(match case {
                Case::Valid => hit,
                Case::Missing(argument) => hit.note(format!("called without `{argument}`")),
                Case::WrongType(argument) => {
                    hit.note(format!("called with `{argument}` of a wrong type"))
                }
            });
            said.push((name, fault));
        }
    }
    hits
}

/// What is wrong with a result.
fn faults(result: &Value, revision: Option<Revision>) -> Vec<String> {
    let Value::Object(members) = result else {
        return vec![format!("the result of a call is {}, not an object", kind(result))];
    };
    // A server asks back, or an extension is at work: `spec/result-type` says whether it may.
    let is_other = |it: &Value| it.as_str().is_some_and(|it| it != "complete");
    if members.get("resultType").is_some_and(is_other) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    match members.get("content") {
        None => faults.push("the result of a call has no `content`".to_owned()),
        Some(Value::Array(blocks)) => faults.extend(blocks.iter().filter_map(fault_of_block)),
        Some(other) => {
            faults.push(format!("`content` of a result is {}, not an array", kind(other)));
        }
    }
    if let Some(other) = members.get("isError").filter(|it| !it.is_boolean()) {
        faults.push(format!("`isError` of a result is {}, not a boolean", kind(other)));
    }
    let strict = Revision::V2025_06_18..Revision::V2026_07_28;
    let structured = members.get("structuredContent").filter(|it| !it.is_object());
    if let (Some(revision), Some(other)) = (revision.filter(|it| strict.contains(it)), structured) {
        faults.push(format!(
            "`structuredContent` of a result is {}, and {} allows an object only",
            kind(other),
            revision.as_str()
        ));
    }
    faults
}

/// What is wrong with a block of `content`.
fn fault_of_block(block: &Value) -> Option<String> {
    if !block.is_object() {
        return Some(format!("a block of `content` is {}, not an object", kind(block)));
    }
    let Some(name) = block.get("type") else {
        return Some("a block of `content` has no `type`".to_owned());
    };
    let Some(name) = name.as_str() else {
        return Some(format!("`type` of a block of `content` is {}, not a string", kind(name)));
    };
    let what = format!("a block of the type `{}`", wording::shorten(name));
    let required: &[&str] = match name {
        "text" => &["text"],
        "image" | "audio" => &["data", "mimeType"],
        "resource_link" => &["uri", "name"],
        "resource" => {
            let Some(resource) = block.get("resource") else {
                return Some(format!("{what} has no `resource`"));
            };
            if !resource.is_object() {
                return Some(format!("`resource` of {what} is {}, not an object", kind(resource)));
            }
            if !["text", "blob"].iter().any(|name| resource.get(name).is_some_and(Value::is_string))
            {
                return Some(format!("`resource` of {what} has neither `text` nor `blob`"));
            }
            return fault_of_members(resource, &format!("`resource` of {what}"), &["uri"]);
        }
        _ => return Some(format!("{what}, which there is not, stands in `content`")),
    };
    fault_of_members(block, &what, required)
}

/// Which of the strings that an object has to have is not there.
fn fault_of_members(object: &Value, what: &str, required: &[&str]) -> Option<String> {
    required.iter().find_map(|name| match object.get(name) {
        None => Some(format!("{what} has no `{name}`")),
        Some(Value::String(_)) => None,
        Some(other) => Some(format!("`{name}` of {what} is {}, not a string", kind(other))),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::faults;
    use crate::engine::protocol::revision::Revision;

    fn of(result: &Value) -> String {
        faults(result, Some(Revision::V2025_11_25)).join("; ")
    }

    #[test]
    fn what_is_wrong_is_said() {
        let block = |block: Value| of(&json!({"content": [block]}));
        let all = [
            of(&Value::Null),
            of(&json!([1])),
            of(&json!({})),
            of(&json!({"content": "hello", "structuredContent": [1], "isError": null})),
            block(json!("hello")),
            block(json!({"txt": "hello"})),
            block(json!({"type": 1})),
            block(json!({"type": "html", "html": "<p>"})),
            block(json!({"type": "text", "text": 12})),
            block(json!({"type": "audio", "mimeType": "audio/wav"})),
            block(json!({"type": "resource_link", "uri": "a://b"})),
            block(json!({"type": "resource"})),
            block(json!({"type": "resource", "resource": "a://b"})),
            block(json!({"type": "resource", "resource": {"uri": "a://b"}})),
            block(json!({"type": "resource", "resource": {"text": ""}})),
        ];
        insta::assert_snapshot!(all.join("\n"), @"
        the result of a call is null, not an object
        the result of a call is an array, not an object
        the result of a call has no `content`
        `content` of a result is a string, not an array; `isError` of a result is null, not a boolean; `structuredContent` of a result is an array, and 2025-11-25 allows an object only
        a block of `content` is a string, not an object
        a block of `content` has no `type`
        `type` of a block of `content` is a number, not a string
        a block of the type `html`, which there is not, stands in `content`
        `text` of a block of the type `text` is a number, not a string
        a block of the type `audio` has no `data`
        a block of the type `resource_link` has no `name`
        a block of the type `resource` has no `resource`
        `resource` of a block of the type `resource` is a string, not an object
        `resource` of a block of the type `resource` has neither `text` nor `blob`
        `resource` of a block of the type `resource` has no `uri`
        ");
    }

    #[test]
    fn structured_content_is_an_object_in_two_revisions() {
        let result = json!({"content": [], "structuredContent": 12});
        let is_wrong = |revision| !faults(&result, revision).is_empty();
        let wrong: Vec<Revision> =
            Revision::ALL.into_iter().filter(|revision| is_wrong(Some(*revision))).collect();
        assert_eq!(wrong, [Revision::V2025_06_18, Revision::V2025_11_25]);
        assert!(!is_wrong(None));
    }

    #[test]
    fn what_is_no_result_yet_is_left_alone() {
        assert_eq!(of(&json!({"resultType": "input_required", "inputRequests": {}})), "");
    }
}
