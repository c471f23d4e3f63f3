use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording::grouped},
    surface::Surface,
    usage::{ToolUsage, Usage},
};

pub(super) const RULE: Rule = Rule {
    id: "usage/never-correct",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "look at the errors: `mcp-kit usage FILE` counts them by code; describe the arguments, \
           give them types, or let the server take what models send",
    documentation: r#"
A tool is called and never once with success.

## Why
Each of these calls costs a round trip and the tokens of an error, and the task is not done. Where the
errors are about arguments, the schema or the description does not say what the server wants; where they
are not, the tool does not work for those who call it.

Judged only with `--traffic FILE`, and only for tools with 3 calls or more. A call that was answered with
a task, or with a request for input, is no failure.

## Bad
```traffic
{"tools": [{"name": "book_visit"}],
 "recorded": [{"call": "book_visit", "times": 3, "error": "Input validation error: date"}]}
```

## Good
```traffic
{"tools": [{"name": "book_visit"}],
 "recorded": [{"call": "book_visit", "times": 3, "error": "Input validation error: date"},
              {"call": "book_visit"}]}
```

## References
- `mcp-kit usage FILE` has the figures
"#,
    check: Check::Traffic(check),
};

/// Fewer calls may be an accident.
const LEAST_CALLS: u64 = 3;

fn check(surface: &Surface, usage: &Usage) -> Vec<Hit> {
    let hits = surface.tools.iter().filter_map(|tool| {
        let found = usage.tool(&tool.name)?;
        let is_bad = found.is_never_correct() && found.calls >= LEAST_CALLS;
        is_bad.then(|| {
            Hit::new(tool.pointer.clone(), "no recorded call of it succeeds").note(figures(found))
        })
    });
    hits.collect()
}

/// `12 calls, 9 with wrong arguments`
fn figures(tool: &ToolUsage) -> String {
    let calls = format!("{} calls", grouped(tool.calls as usize));
    match tool.invalid.calls {
        0 => calls,
        invalid => format!("{calls}, {} with wrong arguments", grouped(invalid as usize)),
    }
}
