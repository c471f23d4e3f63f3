use super::{Said, described};
use crate::engine::{
    finding::{
        Confidence, Severity,
        allow::{Allow, Lapsed},
    },
    rule::{Check, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "allow/expired",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "keep the promise that the entry stands for, or agree on a later `until` and say in \
           `reason` why",
    documentation: r#"
An entry of the allow-list has passed its last day.

## Why

An accepted break is a promise to somebody: the callers have until then to follow. `until` is the
last day on which the entry counts; from the next day on the finding is open again, with its own
severity, and fails the run as it did before it was allowed. This finding says why a run that was
green yesterday is red today. An entry that has expired and matches nothing any more can go.

## Bad

```toml
[[allow]]
rule = "name/too-long"
reason = "renamed in the next release"
until = 2026-01-31
```

## Good

```toml
[[allow]]
rule = "name/too-long"
reason = "renamed in the next release"
until = 2999-12-31
```

## References

- `docs/formats.md`, `mcp-kit.toml`
"#,
    check: Check::AllowList(check),
};

fn check(lapsed: &Lapsed, entry: &Allow) -> Option<Said> {
    let until = entry.until.filter(|_| lapsed.is_expired)?;
    let matches = match lapsed.places {
        0 => "; it matches nothing any more",
        _ => "",
    };
    let message = format!("the entry for {} counted until {until}{matches}", described(entry));
    let help = (lapsed.places == 0).then(|| "take the entry out".to_owned());
    Some(Said { message, help })
}
