use crate::engine::{
    diff::{Change, Diff, Fact},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/unparsable-schema",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "declare an object schema, for example {\"type\":\"object\",\"properties\":{…}}",
    documentation: r#"
A schema is none, so nothing can be compared with it.

## Why
Whether callers are broken cannot be told where one of the two schemas is missing or is no object. A
comparison with this finding never passes, changed or not; the rest of the tool is compared.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
      "inputSchema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}},
        "required": ["order_id"]
      }
    }
  ]},
  "new": {"tools": [
    {"name": "get_order", "inputSchema": true}
  ]}
}
```

## Good
```json
{
  "old": {"tools": [
    {
      "name": "get_order",
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
      "title": "Get an order",
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
- Specification 2026-07-28, server/tools, `Tool.inputSchema`: a JSON Schema object
- The lint rule `schema/root-not-object`
"#,
    check: Check::Change(check),
};

fn check(change: &Change, _diff: &Diff<'_>) -> Option<DiffHit> {
    if change.fact == Fact::UntypedRoot {
        let message = "the root of `inputSchema` does not say `type: object` any more";
        let help = "say it: clients refuse the whole list over one tool without it";
        return Some(DiffHit::of(change, message).severity(Severity::Warning).help(help));
    }
    let Fact::Unparsable(member, found) = &change.fact else { return None };
    let side = if change.new.is_some() { "" } else { " in the old surface" };
    let message = match found.as_str() {
        "missing" => format!("`{}` is missing{side}", member.as_str()),
        found => format!("`{}` is {found}{side}, not an object", member.as_str()),
    };
    Some(DiffHit::of(change, message))
}
