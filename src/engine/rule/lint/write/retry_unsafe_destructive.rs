use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{Effect, approval, destroys, effect, idempotency_key, word::words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/retry-unsafe-destructive",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "offer one way out: a `dry_run` that shows what would be lost, the version the caller has \
           seen (`expected_version`), an idempotency key, or `idempotentHint: true` if it holds",
    documentation: r#"
A destructive tool can be neither tried out nor repeated safely.

## Why
What is deleted is gone, and a model calls with the wrong id more often than a person does. Two
things make that bearable: seeing first what would happen (a dry run, a confirmation bound to what
was seen), somebody who is asked before it happens, and being able to repeat a call whose answer was lost (an idempotency key, or a tool that
is idempotent by itself). A tool without any of them turns every timeout into a guess: did it
happen?

Where something is deleted by its id, the remedy is one line: `idempotentHint: true`. A server that
asks a person first, whatever the model says, can declare that: `_meta` with
`"dev.mcp-kit/approval"`, which is `"always"` or `"sometimes"`.

Reported are tools that take something away by their name (delete, purge, …), and writes whose
description says that it is for good, unless `destructiveHint` is false (its default is true).

## Bad
```json
{"tools": [{
  "name": "purge_archive",
  "annotations": {"readOnlyHint": false, "destructiveHint": true},
  "inputSchema": {"type": "object", "properties": {"older_than_days": {"type": "integer"}}}
}]}
```
```json
{"tools": [{
  "name": "remove_animal",
  "description": "Permanently removes one animal from the register. This cannot be undone.",
  "inputSchema": {"type": "object", "properties": {"animal": {"type": "string"}}}
}]}
```

## Good
```json
{"tools": [{
  "name": "purge_archive",
  "annotations": {"readOnlyHint": false, "destructiveHint": true},
  "inputSchema": {"type": "object", "properties": {
    "older_than_days": {"type": "integer"},
    "dry_run": {"type": "boolean", "description": "count what would be deleted, delete nothing"}
  }}
}]}
```
```json
{"tools": [{
  "name": "delete_order",
  "annotations": {"readOnlyHint": false, "destructiveHint": true, "idempotentHint": true},
  "inputSchema": {"type": "object", "properties": {"order_id": {"type": "string"}}}
}]}
```
```json
{"tools": [{
  "name": "purge_archive",
  "annotations": {"readOnlyHint": false, "destructiveHint": true},
  "_meta": {"dev.mcp-kit/approval": "always"},
  "inputSchema": {"type": "object", "properties": {"older_than_days": {"type": "integer"}}}
}]}
```
```json
{"tools": [{
  "name": "erase_background",
  "description": "Returns a copy of a picture without its background.",
  "inputSchema": {"type": "object", "properties": {"picture": {"type": "string"}}}
}]}
```

## References
- Specification 2026-07-28, schema, `ToolAnnotations.destructiveHint` and `idempotentHint`
- RFC 9110 §9.2.2: why only idempotent methods are repeated automatically
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    if is_unsafe(tool) { vec![hit(tool)] } else { Vec::new() }
}

fn is_unsafe(tool: &Tool) -> bool {
    takes_away(tool)
        && tool.annotations.idempotent != Some(true)
        && idempotency_key(tool).is_none()
        && approval(tool).is_none()
        && !tool.arguments().any(|(name, _)| is_guard(name))
}

/// Whether something is gone after a call. The hint alone is not enough: servers put it on every
/// click and every comment, where a dry run would make no sense. Nor is it needed: its default is
/// true.
fn takes_away(tool: &Tool) -> bool {
    let hints = &tool.annotations;
    if hints.read_only == Some(true) || hints.destructive == Some(false) {
        return false;
    }
    let says_for_good = || {
        let text = tool.description.as_deref().unwrap_or_default().to_lowercase();
        FOR_GOOD.iter().any(|phrase| text.contains(phrase))
    };
    destroys(tool) || (effect(tool) == Effect::Writes && says_for_good())
}

const FOR_GOOD: &[&str] = &["cannot be undone", "can't be undone", "irreversibl", "permanently"];

/// An argument by which a caller can look before it leaps.
fn is_guard(argument: &str) -> bool {
    let words = words(argument);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["dry", "run"] | ["dryrun"] | ["validate", "only"] | ["if", "match"] | ["etag"] | ["sha"]
    ) || words.iter().any(|word| {
        ["confirm", "confirmation", "confirmed", "expected", "preview", "revision", "simulate"]
            .contains(word)
    }) || words.last() == Some(&"version")
}

fn hit(tool: &Tool) -> Hit {
    let message = "destructive, with no dry run, expected version, idempotency key or \
                   `idempotentHint`: no safe way to try or repeat it";
    Hit::new(tool.pointer.clone(), message)
}
