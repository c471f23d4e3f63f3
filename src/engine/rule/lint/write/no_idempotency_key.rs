use serde_json::json;

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    semantics::{
        Effect, effect, effect_of_words, idempotency_key, is_repeatable, plainly_reads, word::words,
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "write/no-idempotency-key",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "if a repeated call leaves the same behind, say `idempotentHint: true`; otherwise take a \
           required `idempotency_key` and let the server remember it with the result; its \
           description is the contract: \"reuse the same key when you repeat this request; a new key \
           only for a different change\"",
    documentation: r#"
A tool that changes something has neither an idempotency key nor `idempotentHint: true`.

## Why
Models retry, clients retry, and answers get lost after the change was made. Without a key the
server cannot tell a repeated request from a second one, and the repeat is carried out again: two
mails, two bookings, two payments. A key that the caller makes once per change and repeats with it
lets the server answer the second call with the first result.

What creates, sends, pays or adds something needs a key. What sets, deletes, updates or moves
something is mostly idempotent by itself, needs no key, and only has to say so with
`idempotentHint: true`; without it, clients must assume that a repeat does more. Of 122 write tools on
public servers, 112 had neither.

Left out are tools that operate a user interface (`browser_click`), where no server could keep a key,
and those that edit or move something in a closed world and say that they are not idempotent: a repeat
fails there.

The description matters as much as the argument: told only "unique identifier", a model made a new
key for its retry, and a customer was billed twice.

## Bad
```json
{"tools": [{
  "name": "create_invoice",
  "annotations": {"readOnlyHint": false},
  "inputSchema": {"type": "object", "properties": {"customer_id": {"type": "string"}}}
}]}
```

## Good
```json
{"tools": [{
  "name": "create_invoice",
  "annotations": {"readOnlyHint": false},
  "inputSchema": {
    "type": "object",
    "properties": {
      "customer_id": {"type": "string"},
      "idempotency_key": {
        "type": "string",
        "minLength": 16,
        "description": "reuse the same key when you repeat this request; a new key only for a different change"
      }
    },
    "required": ["customer_id", "idempotency_key"]
  }
}]}
```
Idempotent by itself:
```json
{"tools": [{
  "name": "set_status",
  "annotations": {"readOnlyHint": false, "idempotentHint": true},
  "inputSchema": {"type": "object", "properties": {"status": {"type": "string"}}}
}]}
```

Nothing could keep a key, or the author has thought of it:
```json
{"tools": [
  {"name": "browser_click", "annotations": {"readOnlyHint": false}},
  {"name": "move_file", "annotations": {"readOnlyHint": false, "idempotentHint": false, "openWorldHint": false}}
]}
```

## References
- Specification 2026-07-28, `ToolAnnotations.idempotentHint`
- draft-ietf-httpapi-idempotency-key-header: the same idea for HTTP
- lago-agent-toolkit#65: the key that was renewed on retry
"#,
    check: Check::Tool(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "a tool whose name says that it sets or deletes gets `idempotentHint: true`; any other one an optional argument `idempotency_key`, which the server has to honour before this is published",
    ),
    propose,
};

fn check(tool: &Tool) -> Vec<Hit> {
    if lacks_key(tool) { vec![hit(tool)] } else { Vec::new() }
}

/// A tool that plainly reads under a hint that says it writes has a wrong hint, which is reported
/// as that.
fn lacks_key(tool: &Tool) -> bool {
    effect(tool) == Effect::Writes
        && tool.annotations.idempotent != Some(true)
        && idempotency_key(tool).is_none()
        && !plainly_reads(tool)
        && !drives_an_interface(tool)
        && !is_settled(tool)
}

/// Whether a tool operates a user interface, where a click is a click and nobody could keep a key.
fn drives_an_interface(tool: &Tool) -> bool {
    words(&tool.name).iter().any(|word| INTERFACE.contains(&word.as_str()))
}

const INTERFACE: &[&str] = &[
    "browser", "click", "cursor", "drag", "hover", "keyboard", "keypress", "mouse", "scroll", "tap",
];

/// Whether the author has thought of repeats: the tool acts on a closed world and says that it is
/// not idempotent, and no word of it says that a repeat would add anything.
fn is_settled(tool: &Tool) -> bool {
    let hints = &tool.annotations;
    let adds_nothing = effect_of_words(tool) != Effect::Writes || is_repeatable(tool) == Some(true);
    hints.open_world == Some(false) && hints.idempotent == Some(false) && adds_nothing
}

fn hit(tool: &Tool) -> Hit {
    let hit = |message: &str| Hit::new(tool.pointer.clone(), message);
    if is_repeatable(tool) != Some(true) {
        return hit("a repeated call does it again: no idempotency key, no `idempotentHint: true`");
    }
    hit("sounds safe to repeat, and no `idempotentHint: true` says so").help(
        "say `idempotentHint: true` if calling it again with the same arguments changes nothing \
         more; if it does, take an `idempotency_key`",
    )
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let tool = occurrence.tool()?;
    if is_repeatable(tool) == Some(true) {
        let annotations = tool.pointer.join("annotations");
        let edit = match occurrence.surface.view(&annotations) {
            Some(_) if tool.annotations.idempotent.is_some() => {
                Edit::Replace(annotations.join("idempotentHint"), true.into())
            }
            Some(_) => Edit::add(annotations, "idempotentHint", true),
            None => Edit::add(tool.pointer.clone(), "annotations", json!({"idempotentHint": true})),
        };
        return Some(Fix::not_safe("say `idempotentHint: true`", vec![edit]));
    }
    let schema = tool.pointer.join("inputSchema");
    let key = json!({"description": KEY_DESCRIPTION, "type": "string"});
    let edit = match tool.input_schema()?.get("properties") {
        Some(_) => Edit::add(schema.join("properties"), "idempotency_key", key),
        None => Edit::add(schema, "properties", json!({"idempotency_key": key})),
    };
    let title = "add an argument `idempotency_key`; the server has to honour it";
    Some(Fix::not_safe(title, vec![edit]))
}

const KEY_DESCRIPTION: &str = "Reuse the same key when you repeat this request; a new key only for a \
                               different change";
