use super::{Said, described};
use crate::engine::{
    finding::{
        Confidence, Severity,
        allow::{Allow, Lapsed},
    },
    rule::{Check, Profile, Rule},
};

pub(super) const RULE: Rule = Rule {
    id: "allow/stale",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "take the entry out; if it was to match, compare its tool, pointer and fingerprint with \
           the finding in the JSON report",
    documentation: r#"
An entry of the allow-list matches no finding.

## Why

Either what it allowed has been put right, and then the entry would silently let the same problem
back in, or it never matched: a tool was renamed, a pointer is misspelt. Users of other linters ask
for this more than for anything else about suppressions, and the ones that have it (Ruff's unused
`noqa`, ESLint's `--report-unused-disable-directives`) report it for every kind of suppression.

Some rules have one finding for all arguments of a tool; an entry with the pointer of one argument
does not match it, and is told the pointer that does. It then allows what the rule finds there later
as well.

Only entries whose rule was applied are looked at: `mcp-kit lint` says nothing about entries for
`breaking/…`, and a run with `--ignore schema` nothing about entries for `schema/…`. An entry belongs
to the project's server; `--isolated` lints another one without the project's file.

## Bad

```toml
[[allow]]
rule = "name/too-long"
tool = "a_tool_that_was_removed"
reason = "renamed in the next release"
```

## Good

```toml
[[allow]]
rule = "name/too-long"
tool = "a_tool_that_is_there"
reason = "renamed in the next release"
```

## References

- `docs/formats.md`, `mcp-kit.toml`
"#,
    check: Check::AllowList(check),
};

fn check(lapsed: &Lapsed, entry: &Allow) -> Option<Said> {
    let message = format!("the entry for {} matches nothing", described(entry));
    let help = lapsed.around.as_ref().map(|around| match around.as_str() {
        "" => "the rule has one finding for the whole tool; leave `pointer` out".to_owned(),
        around => format!(
            "the rule has one finding for all of `{around}`; take that for `pointer`, or put what \
             the entry names right"
        ),
    });
    (!lapsed.is_expired).then_some(Said { message, help })
}
