use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
        wording,
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "compat/root-combinator",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "fold the alternatives into one object: make their properties optional, say in the \
           descriptions which belong together, and check it in the server; or put the alternatives \
           one level down, under a property",
    documentation: r#"
The root of an input schema has `anyOf`, `oneOf`, `allOf`, `not`, `enum` or `const`.

## Why
It is valid JSON Schema, and model providers answer status 400 to the whole request: all tools of all
servers are gone until the one is removed. Anthropic's API refuses `anyOf`, `oneOf` and `allOf` there
(Notion's hosted server did this to every user of Claude on 2026-08-05); OpenAI's refuses all six in
ordinary function calls, strict or not. Inside a property the keywords are accepted.

## Bad
```json
{"tools": [{"name": "attach_file", "inputSchema": {
  "type": "object",
  "properties": {"content": {"type": "string"}, "url": {"type": "string", "format": "uri"}},
  "anyOf": [{"required": ["content"]}, {"required": ["url"]}]
}}]}
```
```json
{"tools": [{"name": "park_car", "inputSchema": {
  "type": "object",
  "properties": {"plate": {"type": "string"}, "lot": {"type": "string"}},
  "not": {"required": ["plate", "lot"]}
}}]}
```

## Good
```json
{"tools": [{"name": "attach_file", "inputSchema": {
  "type": "object",
  "properties": {"source": {"oneOf": [
    {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]},
    {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
  ]}},
  "required": ["source"]
}}]}
```

## References
- Anthropic, langchain-ai/langchain#39271: `input_schema does not support oneOf, allOf, or anyOf at the
  top level`
- OpenAI, langchain-ai/langchainjs#9804 and nspady/google-calendar-mcp#39: `schema must have type
  'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level`; for `const`,
  goruck/home-generative-agent#545
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let schema = tool.input_schema()?;
    let present = |names: &[&'static str]| {
        names.iter().copied().filter(|name| schema.get(name).is_some()).collect::<Vec<_>>()
    };
    let combinators = present(Client::Anthropic.refused(What::RootKeywords));
    let (found, provider) = match combinators.is_empty() {
        false => (combinators, "Anthropic and OpenAI refuse"),
        true => (present(Client::OpenAi.refused(What::RootKeywords)), "OpenAI refuses"),
    };
    let first = found.first()?;
    let message = format!(
        "the root of `inputSchema` has {}, for which {provider} the whole request",
        wording::names(&found)
    );
    Some(Hit::new(tool.pointer.join("inputSchema").join(first), message))
}
