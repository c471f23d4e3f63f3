use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, Settings, wording::grouped},
    surface::{Surface, Tool, token},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/tool-token-budget",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "shorten the heaviest parts: say each thing once, move manuals to a resource, leave \
           `title` and `$schema` out of schemas (`--fix --select schema/redundant-keyword` takes \
           them out of a file), and share repeated schemas in `$defs`",
    documentation: "
The definition of one tool costs more tokens than most tools need.

## Why
A definition is read by the model on every request, used or not. Over 400 tokens is more than nine
in ten tools of GitHub's server take (their median is 157), and it is mostly two things: a
description that has become a manual, and a schema that was generated with a `title` for every
property. Longer is not better for the model either: with fully written-out descriptions agents took
67 % more steps and did worse in one case of six, while compact ones kept the gain (arXiv
2602.14878).

Over 400 tokens is a warning, over 1,000 an error, and the note names the heaviest parts. Both limits are
opinions, drawn from what servers in use take; `max_tool_tokens` under `[lint]` in `mcp-kit.toml` puts
another number in place of the first one, and where it is higher of both.

## Bad
```text
query_orders: 1,240 tokens; `description` 610, argument `filter` 380, argument `sort` 95
```

## Good
```text
query_orders: 210 tokens; `description` 60, argument `filter` 90, argument `sort` 25
```

## References
- arXiv 2602.14878: what descriptions of 856 tools lack, and what filling them in costs
",
    check: Check::Configured(check),
};

/// More tokens than this are an error, unless the project's budget is higher.
const HEAVY_ABOVE: usize = 1_000;
/// How many parts the message names.
const NAMED: usize = 2;

fn check(surface: &Surface, settings: &Settings) -> Vec<Hit> {
    surface.tools.iter().filter_map(|tool| judge(tool, settings.max_tool_tokens)).collect()
}

fn judge(tool: &Tool, budget: usize) -> Option<Hit> {
    let tokens = tool.tokens().model;
    let heavy = HEAVY_ABOVE.max(budget);
    let (limit, severity) = match tokens {
        _ if tokens > heavy => (heavy, Severity::Error),
        _ if tokens > budget => (budget, Severity::Warning),
        _ => return None,
    };
    let heaviest = heaviest_parts(tool).join(", ");
    let message = format!("the definition costs more than {} tokens", grouped(limit));
    let note = format!("{}: {heaviest}", grouped(tokens));
    Some(Hit::new(tool.pointer.clone(), message).note(note).severity(severity).figure(tokens))
}

fn heaviest_parts(tool: &Tool) -> Vec<String> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    if let Some(description) = &tool.description {
        parts.push((token::count(description), "`description`".to_owned()));
    }
    for (name, schema) in tool.arguments() {
        parts.push((token::count(&schema.to_string()), format!("argument `{name}`")));
    }
    // What is neither under `properties` nor a word or two: shared definitions, combinators.
    let members = tool.input_schema().and_then(Value::as_object).into_iter().flatten();
    for (keyword, value) in members.filter(|(keyword, _)| *keyword != "properties") {
        parts.push((token::count(&value.to_string()), format!("`{keyword}`")));
    }
    parts.sort_by_key(|(tokens, _)| std::cmp::Reverse(*tokens));
    parts.into_iter().take(NAMED).map(|(tokens, part)| format!("{part} {tokens}")).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{
        protocol::json::Limits,
        rule::{Settings, apply, apply_with},
        surface,
    };

    #[test]
    fn the_heaviest_part_comes_first() {
        let words = "one order of one customer ".repeat(100);
        let text = format!(
            r#"{{"tools":[{{"name":"get_order","description":"Gets one order.","inputSchema":{{
                "type":"object","properties":{{"id":{{"type":"string","description":"{words}"}}}}}}}}]}}"#
        );
        let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
        let findings = apply(&RULE, &surface);
        let note = findings[0].places[0].note.as_deref().unwrap();
        assert!(note.contains(": argument `id`"), "{findings:#?}");

        let budget = |max_tool_tokens| Settings { max_tool_tokens, ..Settings::default() };
        assert!(apply_with(&RULE, &surface, &budget(2_000)).is_empty());
        let low = apply_with(&RULE, &surface, &budget(100));
        assert!(low[0].message.ends_with("more than 100 tokens"), "{low:#?}");

        let text = text.replace(&words, "the number of the order");
        let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
        assert!(apply(&RULE, &surface).is_empty());
    }
}
