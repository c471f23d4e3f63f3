use super::wording;
use crate::engine::{
    diff::{Change, Diff, Fact, Member},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/format-asserted",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "keep the format, or say in a pattern what is really checked",
    documentation: r#"
The format of a text is another one.

## Why
By the specification `format` only describes; many validators check it all the same. A format that is
new or changed refuses old calls where it is checked, and one that is gone lets new texts into
results. With `--assert-formats` the schemas are compared with it, and what breaks is shown there.

## Bad
```json
{
  "old": {"tools": [
    {
      "name": "find_customer",
      "inputSchema": {"type": "object", "properties": {"mail": {"type": "string"}}}
    }
  ]},
  "new": {"tools": [
    {
      "name": "find_customer",
      "inputSchema": {
        "type": "object",
        "properties": {"mail": {"type": "string", "format": "email"}}
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
      "name": "find_customer",
      "inputSchema": {
        "type": "object",
        "properties": {"mail": {"type": "string", "format": "email"}}
      }
    }
  ]},
  "new": {"tools": [
    {
      "name": "find_customer",
      "inputSchema": {
        "type": "object",
        "properties": {"mail": {"type": "string", "format": "email", "title": "Address"}}
      }
    }
  ]}
}
```

## References
- JSON Schema 2020-12, Validation §7.2: format-annotation and format-assertion
"#,
    check: Check::Change(check),
};

fn check(change: &Change, diff: &Diff<'_>) -> Option<DiffHit> {
    let Fact::Format(member, keyword, edit) = &change.fact else { return None };
    let is_harmless = match member {
        Member::Input => edit.new.is_none(),
        Member::Output => edit.old.is_none(),
    };
    // Where formats are a demand, the schemas themselves are compared with them, and what breaks is
    // shown with its proof.
    let is_judged = diff.options.assert_formats && *keyword == "format";
    let severity = if is_harmless || is_judged { Severity::Info } else { Severity::Warning };
    Some(DiffHit::of(change, wording::edit(keyword, edit)).severity(severity))
}
