use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Member, Profile, Rule,
        client::{Client, What},
        wording::{grouped, shorten},
    },
};

pub(super) const RULE: Rule = Rule {
    id: "surface/set-token-budget",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "switch off the servers that the work at hand does not need, or use a client that searches \
           for tools instead of loading all of them",
    documentation: "
The tool definitions of all servers together cost more tokens than clients show to a model as they are.

## Why
A client puts the definitions of all its servers before the model, on every request. Each server may be
within its own budget (`surface/token-budget`) and the sum is not: 58 tools of five common servers came
to 55,000 tokens (Anthropic, November 2025). From about 10,000 tokens on the same vendor advises to hide
tools behind a search, and Claude Code does it by itself once they take a tenth of the context. Then a
tool is only found by what its name and description say, and not seen by chance.

Against it speaks that this search makes up for much: with one, a model's accuracy on such lists rose
from 49 to 74 % (the same source). The finding is about the set and not about any one server; it stands
at the server that costs most. Only seen where several servers are examined together
(`mcp-kit lint --all`). Counted are o200k_base tokens; treat them as ±20 %.

## Bad
```text
five servers with 2,500 tokens each
```

## Good
```text
five servers with 900 tokens each
```

## References
- Anthropic, \"Introducing advanced tool use\", 2025-11-24
- `mcp-kit lint --targets`: what clients do from where on
",
    check: Check::Set(check),
};

/// How many servers the message names.
const NAMED: usize = 3;

fn check(members: &[Member<'_>]) -> Vec<(usize, Hit)> {
    let most = Client::Anthropic.most(What::DefinitionTokens);
    let mut costs: Vec<(usize, usize)> =
        members.iter().map(|member| member.surface.tokens().model).enumerate().collect();
    let total: usize = costs.iter().map(|(_, tokens)| tokens).sum();
    // Of one server alone `surface/token-budget` has more to say.
    if members.len() < 2 || total <= most {
        return Vec::new();
    }
    costs.sort_by_key(|(_, tokens)| std::cmp::Reverse(*tokens));
    let named = costs.iter().take(NAMED);
    let heaviest: Vec<String> = named
        .map(|(index, tokens)| format!("`{}` {}", shorten(members[*index].name), grouped(*tokens)))
        .collect();
    let message = format!(
        "the tools of all {} servers cost {} tokens on every request, over {}; heaviest: {}",
        members.len(),
        grouped(total),
        grouped(most),
        heaviest.join(", ")
    );
    let heaviest = costs[0].0;
    vec![(heaviest, Hit::new(members[heaviest].surface.pointer.clone(), message).figure(total))]
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{
        protocol::json::Limits,
        rule::{Member, Profile, Selection, run_set},
        surface,
    };

    #[test]
    fn the_sum_counts_and_the_heaviest_server_has_the_finding() {
        let read = |count: usize| {
            let description = "Gets one order by its number. ".repeat(20);
            let tool = format!(r#"{{"name":"get_order","description":"{description}"}}"#);
            let text = format!("[{}]", vec![tool; count].join(","));
            surface::read(text.as_bytes(), &Limits::default()).unwrap()
        };
        let (small, large) = (read(20), read(60));
        let found = |members: &[Member<'_>]| -> Vec<Vec<String>> {
            let findings = run_set(members, &Selection::of(Profile::Recommended)).into_iter();
            let of_rule = findings.map(|findings| {
                let of_rule = findings.into_iter().filter(|finding| finding.rule == RULE.id);
                of_rule.map(|finding| finding.message).collect()
            });
            of_rule.collect()
        };
        let [a, b] = [("a", &small), ("b", &large)].map(|(name, surface)| Member { name, surface });
        let said = found(&[a, b]);
        assert_eq!((said[0].len(), said[1].len()), (0, 1));
        assert!(said[1][0].contains("of all 2 servers") && said[1][0].contains("heaviest: `b` "));
        assert!(said[1][0].contains("on every request, over 10,000;"), "{}", said[1][0]);
        assert_eq!((found(&[b])[0].len(), found(&[a, a]).concat().len()), (0, 0));
    }
}
