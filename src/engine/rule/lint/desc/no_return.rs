use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{Effect, effect_of_words, word::words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "desc/no-return",
    severity: Severity::Info,
    confidence: Confidence::Low,
    profile: Profile::Strict,
    help: "declare an `outputSchema`, or end the description with what comes back: \"Returns the id of \
           the new order\"",
    documentation: r#"
Neither an output schema nor the description says what comes back.

## Why
A model plans several calls ahead: after "Creates an order" it has to know whether the answer holds the
number of the order, or whether it has to look for it. What comes back is one of the parts that
descriptions lack most often. Tools that read are left out, since "Lists orders" says it.

The evidence is weak, so the rule is in the strict profile only: descriptions completed in all respects
raised the share of solved tasks by 5.9 points, and also took 67 % more steps and did worse in one case
of six (arXiv 2602.14878).

## Bad
```json
{"tools": [{"name": "create_order", "description": "Creates an order.", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [
  {"name": "create_order", "description": "Creates an order and returns its number."},
  {"name": "cancel_order", "description": "Cancels one order.",
   "outputSchema": {"type": "object", "properties": {"state": {"type": "string"}}}},
  {"name": "list_orders", "description": "Lists the orders of one customer."}
]}
```

## References
- arXiv 2602.14878: what descriptions of 856 tools lack
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let description = tool.description.as_deref().filter(|text| !text.trim().is_empty())?;
    let is_ours = tool.output_schema().is_none() && effect_of_words(tool) == Effect::Writes;
    let says_it = || words(description).iter().any(|word| ANSWERING.contains(&word.as_str()));
    if !is_ours || says_it() {
        return None;
    }
    let message = "neither `outputSchema` nor the description says what comes back";
    Some(Hit::new(tool.pointer.join("description"), message))
}

const ANSWERING: &[&str] = &[
    "answer", "answers", "gives", "output", "outputs", "produces", "reports", "response", "result",
    "results", "return", "returned", "returns", "shows", "yields",
];
