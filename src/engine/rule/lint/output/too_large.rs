use super::result::results;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::{
        Surface,
        evidence::{Case, Outcome, content_text},
        token,
    },
};

pub(super) const RULE: Rule = Rule {
    id: "output/too-large",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "return at most a page (`limit` and a cursor), leave out fields that nobody asked for, and \
           give long texts by reference",
    documentation: r#"
A result is longer than a client puts before the model.

## Why
All of a result goes into the context of the model, and stays there for every following step. Claude
Code warns from 10,000 tokens. Above 25,000 the model does not get the result at all: in its place stands
an error that asks for less, or, since 2026, the path of a file with the result in it. That is an error
here. Also below the limit long results cost: in LongFuncEval the accuracy of models drops by 7 to 91 %
as the answers of tools grow (arXiv 2505.10570). Users of Claude Code can raise the limit; what is said
of it here is what they report.

The tool was called once, with made-up arguments. What it returns for the arguments of a user may be
longer.

## Bad
A list of 2,500 orders in one result:
```text
{"content": [{"type": "text", "text": "[{\"id\": \"o-1\", …}, {\"id\": \"o-2\", …}, …]"}]}
```

## Good
```exchange
{"tools": [{"name": "list_orders"}],
 "asked": [{"call": "list_orders", "result": {"content": [{"type": "text", "text": "[]"}]}}]}
```

## References
- Claude Code, settings: `MAX_MCP_OUTPUT_TOKENS`; anthropics/claude-code#6158 (the error),
  invest-composer/composer-trade-mcp#38 (the file)
"#,
    check: Check::Surface(check),
};

const WARN_ABOVE: usize = 10_000;
const ERROR_ABOVE: usize = 25_000;

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (tool, result) in results(surface) {
        let structured = result.get("structuredContent").map(ToString::to_string);
        let texts = [content_text(result), structured.unwrap_or_default()];
        // No token is shorter than a byte, and counting takes longer than measuring.
        let is_long = |text: &&String| text.len() > WARN_ABOVE;
        let tokens = texts.iter().filter(is_long).map(|text| token::count(text)).max();
        let Some(tokens) = tokens.filter(|tokens| *tokens > WARN_ABOVE) else { continue };
        let (limit, severity) = match tokens > ERROR_ABOVE {
            true => {
                ("25,000 tokens, and Claude Code does not show it to the model", Severity::Error)
            }
            false => ("10,000 tokens, from which Claude Code warns", Severity::Warning),
        };
        let hit = Hit::new(tool.pointer.clone(), format!("a result is longer than {limit}"));
        hits.push(hit.severity(severity).note(format!("{tokens} tokens")));
    }
    let calls = surface.evidence.iter().flat_map(|evidence| evidence.calls());
    for (name, case, answer) in calls {
        let (Outcome::Oversized { bytes }, Case::Valid) = (&answer.outcome, case) else { continue };
        let Some(tool) = surface.tool(name) else { continue };
        let hit = Hit::new(tool.pointer.clone(), "a result is longer than any client takes");
        hits.push(hit.severity(Severity::Error).note(format!("{bytes} bytes")));
    }
    hits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::engine::{finding::Severity, rule::apply, rule::lint::exchange};

    #[test]
    fn a_long_result_is_a_warning_and_a_very_long_one_an_error() {
        for (words, expected) in
            [(9_000, None), (12_000, Some(Severity::Warning)), (30_000, Some(Severity::Error))]
        {
            let text = "order ".repeat(words);
            let code = json!({"tools": [{"name": "list_orders"}], "asked": [{"call": "list_orders",
                "result": {"content": [{"type": "text", "text": text}]}}]});
            let findings = apply(&RULE, &exchange::read(&code.to_string()));
            assert_eq!(findings.first().map(|finding| finding.severity), expected, "{words}");
        }
    }
}
