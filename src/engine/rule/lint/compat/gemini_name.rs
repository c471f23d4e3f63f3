use super::name;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, client::Client},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/gemini-name",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Target,
    help: "join the words with `_` and begin with a letter, which every provider takes",
    documentation: r#"
A tool has a name that the specification allows and Gemini's API refuses.

## Why
Gemini's API takes names that begin with a letter or an underscore; the specification does not mind
a digit or a hyphen there. Many clients rename such a tool before they pass it on, which is why this
is a warning.

Names with other characters are the business of `name/invalid-chars`, those longer than 64
characters of `name/too-long`. In force with `--target gemini`.

## Bad
```json
{"tools": [{"name": "2fa_status", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{"name": "get_second_factor", "inputSchema": {"type": "object"}}]}
```

## References
- promptfoo/promptfoo#6902
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    name::judge(tool, Client::Gemini, "Gemini's API wants a letter or an underscore first")
        .into_iter()
        .collect()
}
