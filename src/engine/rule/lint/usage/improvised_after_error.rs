use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording::grouped},
    surface::Surface,
    usage::{ErrorFigures, Usage},
};

pub(super) const RULE: Rule = Rule {
    id: "usage/improvised-after-error",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "let the error say what to do next: which argument to change, which tool to call, whether \
           to wait, or that there is nothing to be done",
    documentation: r#"
After an error of a tool the model tries one other tool after another.

## Why
An error that does not say what to do next leaves the model to guess. It calls what looks similar, reads
what it does not need, and may change something that nobody asked for, until something succeeds or it
gives up. What was tried in between can be counted.

Judged only with `--traffic FILE`: an error code of a tool of which 3 errors or more were followed, and
after at least half of them two or more different other tools were called before anything succeeded or
the session ended. A tool that the error itself advises (`next.tool`) is not counted.

## Bad
```traffic
{"tools": [{"name": "get_invoice"}, {"name": "search"}, {"name": "list_files"}],
 "recorded": [{"repeat": 3, "each": [
   {"call": "get_invoice", "error": "error 4711"},
   {"call": "search", "error": "error 4711"},
   {"call": "list_files", "error": "error 4711"}]}]}
```

## Good
```traffic
{"tools": [{"name": "get_invoice"}, {"name": "search"}, {"name": "list_files"}],
 "recorded": [{"repeat": 3, "each": [
   {"call": "get_invoice", "error": "no invoice has this number; take one from search"},
   {"call": "search"},
   {"call": "get_invoice"}]}]}
```

## References
- Specification 2025-11-25, SEP-1303: errors of tools are for the model to correct itself by
- `error/no-next-step`: the same, asked of a running server
"#,
    check: Check::Traffic(check),
};

/// Fewer errors of a code may be an accident.
const LEAST_ERRORS: u64 = 3;
/// One other tool may be where the missing argument comes from.
const LEAST_OTHER_TOOLS: usize = 2;

fn check(surface: &Surface, usage: &Usage) -> Vec<Hit> {
    let is_bad = |errors: &&ErrorFigures| {
        errors.followed >= LEAST_ERRORS
            && errors.with_other_tools(LEAST_OTHER_TOOLS) * 2 >= errors.followed
    };
    let hits = surface.tools.iter().filter_map(|tool| {
        let found = usage.tool(&tool.name)?;
        let bad: Vec<&ErrorFigures> = found.errors.iter().filter(is_bad).collect();
        let figures: Vec<String> = bad.iter().map(|errors| figures(errors)).collect();
        let hit =
            Hit::new(tool.pointer.clone(), "after an error of it other tools are tried at random")
                .note(figures.join("; "))
                .parts(bad.iter().map(|errors| errors.code.as_str()));
        (!bad.is_empty()).then_some(hit)
    });
    hits.collect()
}

/// `upstream_unavailable: 2.4 other tools on average after 12 errors, 4 end in success`
fn figures(errors: &ErrorFigures) -> String {
    let tenths = errors.mean_other_tools_in_tenths();
    format!(
        "{}: {}.{} other tools on average after {} errors, {} end in success",
        errors.code,
        tenths / 10,
        tenths % 10,
        grouped(errors.followed as usize),
        grouped(errors.ended_in_success as usize)
    )
}
