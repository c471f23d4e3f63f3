use super::result::results;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    schema::inclusion::Conformance,
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "output/not-conforming",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "make the schema from the type that is returned, or validate results against it in the \
           tests",
    documentation: r#"
The result of a tool is not what its `outputSchema` says.

## Why
A schema that does not hold is worse than none. Clients validate results, as the specification asks
them to, and throw away what does not conform: the tool has run, and the user sees an error. Code
that was generated from the schema breaks on the first field that is missing.

The tool was called once with arguments made from its input schema; only a result without
`isError: true` counts. A tool that declares a schema and returns no `structuredContent` is reported
as well.

## Bad
```exchange
{"tools": [{"name": "count_orders", "inputSchema": {"type": "object"},
            "outputSchema": {"type": "object", "properties": {"count": {"type": "integer"}},
                             "required": ["count"]}}],
 "asked": [{"call": "count_orders", "result": {"structuredContent": {"count": "12"},
            "content": [{"type": "text", "text": "{\"count\": \"12\"}"}]}}]}
```
```exchange
{"tools": [{"name": "count_orders", "inputSchema": {"type": "object"},
            "outputSchema": {"type": "object", "properties": {"count": {"type": "integer"}}}}],
 "asked": [{"call": "count_orders", "result": {"content": [{"type": "text", "text": "12 orders"}]}}]}
```

## Good
```exchange
{"tools": [{"name": "count_orders", "inputSchema": {"type": "object"},
            "outputSchema": {"type": "object", "properties": {"count": {"type": "integer"}},
                             "required": ["count"]}}],
 "asked": [{"call": "count_orders", "result": {"structuredContent": {"count": 12},
            "content": [{"type": "text", "text": "{\"count\": 12}"}]}}]}
```

## References
- Specification 2026-07-28, server/tools, "Output Schema": "Servers MUST provide structured results
  that conform to this schema"
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (tool, result) in results(surface) {
        let Some(schema) = tool.output_schema() else { continue };
        let pointer = tool.pointer.join("outputSchema");
        let Some(structured) = result.get("structuredContent") else {
            let message =
                "the tool declares `outputSchema` and answers without `structuredContent`";
            hits.push(Hit::new(pointer, message));
            continue;
        };
        let judged = Conformance::new(schema).and_then(|it| it.violation(structured));
        // What could not be judged is said to be so by whoever asked.
        if let Ok(Some(violation)) = judged {
            let place = match violation.pointer.as_str() {
                "" => "`structuredContent`".to_owned(),
                place => format!("`{}` of `structuredContent`", wording::shorten(place)),
            };
            let reason = wording::shorten(&violation.reason);
            hits.push(Hit::new(pointer, format!("{place} is not as the schema says: {reason}")));
        }
    }
    hits
}
