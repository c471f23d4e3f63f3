use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
    },
    schema::Walk,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/openai-strict-size",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Target,
    help: "take a text and check it in the server instead of listing every value; split a tool that \
           takes everything into tools for tasks",
    documentation: "
An input schema is larger than OpenAI's strict mode takes.

## Why
In strict mode the schema becomes a grammar, and its size is limited: 5,000 properties, 10 levels,
1,000 values of enumerations, 120,000 characters of names and values. A tool beyond that is refused. It
is seldom a schema a model could fill in well anyhow. In force with `--target openai-strict`.

## Bad
```text
\"airport\": {\"enum\": [… 1,400 codes …]}
```

## Good
```text
\"airport\": {\"type\": \"string\", \"pattern\": \"^[A-Z]{3}$\", \"description\": \"IATA code, e.g. HAM\"}
```

## References
- OpenAI, structured outputs, \"Supported schemas\" (February 2026)
",
    check: Check::Tool(check),
};

#[derive(Default)]
struct Size {
    properties: usize,
    levels: usize,
    enum_values: usize,
    characters: usize,
}

fn check(tool: &Tool) -> Vec<Hit> {
    let Some(schema) = tool.input_schema().filter(|schema| schema.is_object()) else {
        return Vec::new();
    };
    let size = measure(schema);
    let figures = [
        (size.properties, What::Properties),
        (size.levels, What::Depth),
        (size.enum_values, What::EnumValues),
        (size.characters, What::NameCharacters),
    ];
    let client = Client::OpenAiStrict;
    let beyond = figures.into_iter().filter(|(figure, what)| *figure > client.most(*what));
    beyond
        .map(|(figure, what)| {
            let most = client.most(what);
            let message =
                format!("{}: more than the {most} that OpenAI's strict mode takes", what.as_str());
            Hit::new(tool.pointer.join("inputSchema"), message)
                .note(figure.to_string())
                .figure(figure)
        })
        .collect()
}

fn measure(schema: &Value) -> Size {
    let mut size = Size::default();
    for subschema in Walk::of(schema).iter() {
        if let Some(name) = subschema.property() {
            size.properties += 1;
            size.characters += name.chars().count();
        }
        size.levels = size.levels.max(subschema.depth());
        let values = subschema.get("enum").and_then(Value::as_array).into_iter().flatten();
        for value in values {
            size.enum_values += 1;
            size.characters += value.as_str().map_or(0, |text| text.chars().count());
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::engine::{protocol::json::Limits, rule::apply, surface};

    #[test]
    fn each_measure_has_its_limit() {
        let findings = |values: usize, length: usize| {
            let values: Vec<String> =
                (0..values).map(|value| format!("{value:0length$}")).collect();
            let schema = json!({"type": "object", "properties": {"code": {"enum": values}}});
            let text = json!({"tools": [{"name": "get_route", "inputSchema": schema}]}).to_string();
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            apply(&RULE, &surface).len()
        };
        assert_eq!(findings(1_000, 4), 0);
        assert_eq!(findings(1_001, 4), 1);
        assert_eq!(findings(1_000, 120), 1);
        assert_eq!(findings(1_001, 120), 2);
    }
}
