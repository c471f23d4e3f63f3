use super::wording;
use crate::engine::rule::wording::{shorten, shorten_to};
use crate::engine::{
    diff::{Change, Diff, Fact, Signal, TextChange},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/description-drift",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "read the two texts side by side; what a parameter means is part of the contract",
    documentation: r#"
A text that a model reads says something else.

## Why
A description is what a model goes by: it decides whether the tool is called, and with what. Edits of
one are the change no schema shows: "seconds" that become "milliseconds" let every old call through
with another meaning. The note says what speaks for more than a rewording: another unit, a negation, a
number, an order to the model, the name of another tool, hidden characters. A text where there was
none is only mentioned. White space and case do not count.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "wait_for_order",
      "inputSchema": {
        "type": "object",
        "properties": {"timeout": {"type": "integer", "description": "Timeout in seconds."}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "wait_for_order",
      "inputSchema": {
        "type": "object",
        "properties": {"timeout": {"type": "integer", "description": "Timeout in milliseconds."}}
      }
    }
  ]}
}
```
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "description": "Reads one order. Always call this first.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "description": "Reads one order.",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "get_order",
      "description": "Reads  one order. ",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]}
}
```

## References
- Specification 2026-07-28, server/tools, `Tool.description`
- OWASP MCP Top 10: MCP03, tool poisoning
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Text(text) = &change.fact else { return None };
    if text.is_reflow {
        return None;
    }
    let hit = DiffHit::of(change, wording::located(&text.label, &describe(text)));
    let is_only_new = text.old.as_deref().is_none_or(str::is_empty);
    if text.signals.is_empty() {
        let confidence =
            if text.likeness < REWRITTEN { Confidence::Medium } else { Confidence::Low };
        let severity = if is_only_new { Severity::Info } else { Severity::Warning };
        return Some(hit.severity(severity).confidence(confidence));
    }
    // A first description naturally has numbers and negations; what it must not have are orders.
    let is_telling = |signal: &&Signal| {
        !is_only_new
            || matches!(signal, Signal::Directive(_) | Signal::NamedTool(_) | Signal::Hidden)
    };
    let why: Vec<String> = text.signals.iter().filter(is_telling).map(Signal::to_string).collect();
    Some(if why.is_empty() {
        hit.severity(Severity::Info).confidence(Confidence::Low)
    } else {
        hit.note(shorten_to(&why.join("; "), MAX_NOTE)).confidence(Confidence::High)
    })
}

/// Below this share of common words a text is another one.
const REWRITTEN: f64 = 0.4;
/// Most characters of what an edit says to a model.
const MAX_NOTE: usize = 200;
/// Most edits that are spelled out.
const MAX_EDITS: usize = 3;

fn describe(text: &TextChange) -> String {
    let member = text.member;
    match (&text.old, &text.new) {
        (None, Some(new)) => format!("{member} is new: \"{}\"", shorten(new)),
        (Some(old), None) => format!("{member} is gone: \"{}\"", shorten(old)),
        _ if text.edits.is_empty() => format!("{member} has other characters that are not seen"),
        (Some(old), Some(new)) if text.likeness < REWRITTEN && text.edits.len() > 1 => {
            format!("{member} is rewritten: \"{}\" → \"{}\"", shorten(old), shorten(new))
        }
        _ => {
            let shown: Vec<String> = text.edits.iter().take(MAX_EDITS).map(edit).collect();
            let rest = match text.edits.len().saturating_sub(MAX_EDITS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{member} changes: {}{rest}", shown.join(", "))
        }
    }
}

fn edit((old, new): &(String, String)) -> String {
    match (old.as_str(), new.as_str()) {
        ("", new) => format!("adds \"{}\"", shorten(new)),
        (old, "") => format!("drops \"{}\"", shorten(old)),
        (old, new) => format!("\"{}\" → \"{}\"", shorten(old), shorten(new)),
    }
}
