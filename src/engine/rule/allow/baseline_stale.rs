use super::Said;
use crate::engine::{
    finding::{Confidence, Severity, baseline::Known},
    rule::{Check, Profile, Rule, find, nearest_rule, wording},
};

pub(super) const RULE: Rule = Rule {
    id: "allow/baseline-stale",
    severity: Severity::Info,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "write the baseline again with --write-baseline, which takes out what is gone and takes \
           nothing in",
    documentation: r#"
An entry of the baseline matches no finding any more.

## Why

What it stood for has been put right. As long as the entry is there, the same problem can come back
and nobody is told. A baseline is worth something only as long as it shrinks: PHPStan reports entries
that match nothing for the same reason (`reportUnmatchedIgnoredErrors`), and so does ESLint for its
bulk suppressions, where `--prune-suppressions` takes them out.

It is information and no more, because nothing is wrong with the server: whoever has put something
right should not be stopped by it. An entry that stands for several findings of a rule at one place is
stale as soon as one of them is gone, and an entry for a rule that no longer exists always is. Entries
whose rule was not applied are left alone.

## Bad

```json
{
  "format": "mcp-kit.baseline/1",
  "rules": {"name/too-long": 1},
  "findings": [
    {
      "rule": "name/too-long",
      "severity": "warning",
      "kind": "tool",
      "name": "a_tool_that_was_removed",
      "fingerprint": "89abcdef01234567"
    }
  ]
}
```

## Good

```json
{
  "format": "mcp-kit.baseline/1",
  "rules": {"name/too-long": 1},
  "findings": [
    {
      "rule": "name/too-long",
      "severity": "warning",
      "kind": "tool",
      "name": "a_tool_that_is_there",
      "fingerprint": "0123456789abcdef"
    }
  ]
}
```

## References

- `docs/formats.md`, `mcp-kit.baseline/1`
- ESLint, "Bulk Suppressions"; PHPStan, "The Baseline"
"#,
    check: Check::Baseline(check),
};

fn check(entry: &Known) -> Said {
    if find(&entry.rule).is_some() {
        return Said { message: "the baseline has findings that are gone".to_owned(), help: None };
    }
    let near = nearest_rule(&entry.rule).map(|near| format!("; the nearest is `{near}`"));
    let (rule, near) = (wording::shorten(&entry.rule), near.unwrap_or_default());
    Said {
        message: format!("the baseline names a rule `{rule}` that there is not{near}"),
        help: None,
    }
}
