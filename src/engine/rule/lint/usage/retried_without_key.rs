use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording::grouped},
    semantics::{Effect, effect, is_repeatable},
    surface::{Surface, Tool},
    usage::{Retries, Usage},
};

pub(super) const RULE: Rule = Rule {
    id: "usage/retried-without-key",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "require an idempotency key, and say in its description: reuse the same key when you \
           repeat this request; a new key only for a different change",
    documentation: r#"
A write is repeated without the idempotency key of the first attempt.

## Why
The first call had no answer, or an error that does not say that nothing was done. The model called again
with the same arguments, and without the same key: no server can tell that from a second order. If the
first one was carried out, it is carried out twice.

Judged only with `--traffic FILE`, for tools that write. Not counted are repeats after an error that says
that nothing was done (`effect: none`, refused arguments, an unknown tool), and repeats of what may be
repeated (`idempotentHint: true`, or a verb such as set or delete).

## Bad
```traffic
{"tools": [{"name": "create_order", "inputSchema": {"type": "object",
   "properties": {"item": {"type": "string"}}}}],
 "recorded": [{"call": "create_order", "arguments": {"item": "lamp"}, "error": "upstream timed out"},
              {"call": "create_order", "arguments": {"item": "lamp"}}]}
```

```traffic
{"tools": [{"name": "create_order", "inputSchema": {"type": "object",
   "properties": {"item": {"type": "string"}, "idempotency_key": {"type": "string"}}}}],
 "recorded": [
  {"call": "create_order", "arguments": {"item": "lamp", "idempotency_key": "k-1"}, "is_lost": true},
  {"call": "create_order", "arguments": {"item": "lamp", "idempotency_key": "k-2"}}]}
```

## Good
```traffic
{"tools": [{"name": "create_order", "inputSchema": {"type": "object",
   "properties": {"item": {"type": "string"}, "idempotency_key": {"type": "string"}}}}],
 "recorded": [
  {"call": "create_order", "arguments": {"item": "lamp", "idempotency_key": "k-1"}, "is_lost": true},
  {"call": "create_order", "arguments": {"item": "lamp", "idempotency_key": "k-1"}}]}
```

## References
- `write/no-idempotency-key` and `write/idempotency-key-misleads`: the same, by the words of the tool
- `mcp-kit usage FILE` has the figures
"#,
    check: Check::Traffic(check),
};

fn check(surface: &Surface, usage: &Usage) -> Vec<Hit> {
    let may_be_repeated = |tool: &Tool| {
        tool.annotations.idempotent == Some(true) || is_repeatable(tool) == Some(true)
    };
    let hits = surface.tools.iter().filter_map(|tool| {
        let found = usage.tool(&tool.name)?;
        let is_bad =
            found.retries.at_risk > 0 && effect(tool) == Effect::Writes && !may_be_repeated(tool);
        is_bad.then(|| {
            Hit::new(tool.pointer.clone(), "is called again without the key of the first attempt")
                .note(figures(&found.retries))
        })
    });
    hits.collect()
}

/// `3 of 5 retries`
fn figures(retries: &Retries) -> String {
    let (at_risk, all) = (grouped(retries.at_risk as usize), grouped(retries.all as usize));
    format!("{at_risk} of {all} {}", if retries.all == 1 { "retry" } else { "retries" })
}
