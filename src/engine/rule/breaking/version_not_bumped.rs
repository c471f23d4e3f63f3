use crate::engine::rule::wording::shorten;
use crate::engine::{
    diff::{Diff, version, version::Bump},
    finding::{Confidence, Severity},
    rule::{Check, DiffHit, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "breaking/version-not-bumped",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "set the version named here in `serverInfo`",
    documentation: r#"
The version of the server does not say what changed.

## Why
A version is how people notice: the first number for what breaks somebody, the middle one for what is
new, the last for the rest; before 1.0.0 the middle number stands for the first. Of 15 releases of one
real server that broke callers, the four after 1.0.0 were minor ones. Findings that were accepted do
not count. Where a version is a date, or no version at all, it cannot be judged.

## Bad
```json
{
  "old": {"serverInfo": {"name": "orders", "version": "1.4.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "cancel_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"serverInfo": {"name": "orders", "version": "1.5.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```
```json
{
  "old": {"serverInfo": {"name": "orders", "version": "1.4.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"serverInfo": {"name": "orders", "version": "1.4.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "list_orders", "inputSchema": {"type": "object"}}
  ]}
}
```

## Good
```json
{
  "old": {"serverInfo": {"name": "orders", "version": "1.4.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "cancel_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"serverInfo": {"name": "orders", "version": "2.0.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]}
}
```
```json
{
  "old": {"serverInfo": {"name": "orders", "version": "1.4.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}}
  ]},
  "new": {"serverInfo": {"name": "orders", "version": "1.5.0"}, "tools": [
    {"name": "get_order", "inputSchema": {"type": "object"}},
    {"name": "list_orders", "inputSchema": {"type": "object"}}
  ]}
}
```

## References
- Semantic Versioning 2.0.0, §6–8
"#,
    check: Check::Version(check),
};

fn check(diff: &Diff<'_>, wanted: Bump) -> Option<DiffHit> {
    let old = diff.old.server.version.as_deref()?;
    let new = diff.new.server.version.as_deref()?;
    let pointer = diff.new.pointer.join("serverInfo").join("version");
    let is_there = diff.new.view(&pointer).is_some();
    let pointer = if is_there { pointer } else { diff.new.pointer.clone() };
    let hit = |message: String| DiffHit::about_server(message, pointer.clone());
    let (old_shown, new_shown) = (shorten(old), shorten(new));
    let step = match version::step(old, new) {
        version::Step::Up(step) if step >= wanted => return None,
        version::Step::Up(step) => step,
        version::Step::Down => {
            return Some(hit(format!("the version goes down: {old_shown} → {new_shown}")));
        }
        version::Step::Unreadable(text) if wanted > Bump::None => {
            let message = format!(
                "a {wanted} change; whether the version says so cannot be told from `{}`",
                shorten(&text)
            );
            return Some(hit(message).severity(Severity::Info));
        }
        version::Step::Unreadable(_) => return None,
    };
    let found = match step {
        Bump::None => format!("the version stays {new_shown}"),
        step if new.trim_start_matches('v').starts_with("0.") => {
            format!("{old_shown} → {new_shown} is {step} before 1.0.0")
        }
        step => format!("{old_shown} → {new_shown} is {step}"),
    };
    // A text that changed under the same version is how every day of work looks.
    let severity = if wanted > Bump::Patch { Severity::Warning } else { Severity::Info };
    let hit = hit(format!("the changes call for a {wanted} version; {found}")).severity(severity);
    Some(match version::next(old, wanted) {
        Some(next) => hit.help(format!("set the version to {next} or higher")),
        None => hit,
    })
}
