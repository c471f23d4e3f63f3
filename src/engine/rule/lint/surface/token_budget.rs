use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, Settings, wording},
    semantics::split::{Draft, Verdict},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/token-budget",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "shorten the heaviest definitions first, take out tools no task needs, or split the server",
    documentation: "
The tool definitions together cost more tokens than a server should take.

## Why
Name, description and input schema of every tool stand before the model on every request of a
conversation, whether a tool is used or not. They are paid for each time, and they take room from
the work: 58 tools of five common servers came to 55,000 tokens (Anthropic, November 2025). From
about 10,000 tokens of definitions on, the same vendor advises to hide the tools behind a search,
and clients do it by themselves.

A server is one of several in most set-ups, so it should stay far below that. Over 2,000 tokens is a
warning, over 10,000 an error. Where to draw the first line is an opinion, and `max_tokens`
under `[lint]` in `mcp-kit.toml` draws another one; at the second the list is no
longer shown to the model as it is. Of the reference servers, git takes about 1,100, filesystem 1,700,
and GitHub's full list 25,000. Against it speaks that a search over tools makes up for much of it: with
one, a model's accuracy on such lists rose from 49 to 74 % (the same source).

Counted are o200k_base tokens of the compact JSON. Other model families use other vocabularies;
treat the figure as ±20 %.

## Bad
```text
117 tools, 25,101 tokens
```

## Good
```text
6 tools, 980 tokens
```

## References
- Anthropic, \"Introducing advanced tool use\", 2025-11-24
- arXiv 2505.03275 (RAG-MCP): half the prompt tokens, three times the accuracy with fewer tools
",
    check: Check::Planned(check),
};

/// From here on clients stop to show such lists to the model as they are.
const HIDDEN_ABOVE: usize = 10_000;
/// How many tools the message names.
const NAMED: usize = 3;

fn check(draft: &Draft<'_>, settings: &Settings) -> Vec<Hit> {
    let surface = draft.surface();
    let (total, budget) = (surface.tokens().model, settings.max_tokens);
    if total <= budget {
        return Vec::new();
    }
    let hidden = HIDDEN_ABOVE.max(budget);
    let (limit, severity) = match total > hidden {
        true => (hidden, Severity::Error),
        false => (budget, Severity::Warning),
    };
    let mut tools: Vec<(usize, &str)> =
        surface.tools.iter().map(|tool| (tool.tokens().model, tool.name.as_str())).collect();
    tools.sort_by_key(|(tokens, _)| std::cmp::Reverse(*tokens));
    let named = tools.iter().take(NAMED);
    let heaviest: Vec<String> = named
        .map(|(tokens, name)| format!("`{}` {}", wording::shorten(name), wording::grouped(*tokens)))
        .collect();
    let message = format!(
        "the definitions cost {} tokens on every request, over {}; heaviest: {}",
        wording::grouped(total),
        wording::grouped(limit),
        heaviest.join(", ")
    );
    let hit = Hit::new(surface.pointer.clone(), message).severity(severity).figure(total);
    // What should not be split is not told to be.
    vec![match draft.plan().verdict {
        Verdict::Splits => hit,
        Verdict::Small | Verdict::Whole => hit.help(
            "shorten the heaviest definitions first, merge tools that differ in one thing, and \
             take out those no task needs"
                .to_owned(),
        ),
    }]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{
        protocol::json::Limits,
        rule::{Settings, apply_with},
        surface,
    };

    #[test]
    fn a_small_list_is_fine_a_large_one_is_not() {
        let message_within = |count: usize, max_tokens: usize| {
            let description = "Gets one order by its number. ".repeat(20);
            let tool = format!(
                r#"{{"name":"get_order","description":"{description}","inputSchema":{{"type":"object"}}}}"#
            );
            let tools = vec![tool; count].join(",");
            let text = format!(r#"{{"tools":[{tools}]}}"#);
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            let settings = Settings { max_tokens, ..Settings::default() };
            apply_with(&RULE, &surface, &settings).first().map(|finding| finding.message.clone())
        };
        let message_of = |count| message_within(count, Settings::default().max_tokens);
        assert_eq!(message_of(5), None);
        assert!(message_of(30).unwrap().contains("over 2,000;"));
        assert!(message_of(200).unwrap().contains("over 10,000;"));
        assert_eq!(message_within(200, 1_000_000), None);
        assert!(message_within(5, 100).unwrap().contains("over 100;"));
    }
}
