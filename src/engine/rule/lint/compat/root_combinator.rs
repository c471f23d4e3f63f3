use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        client::{Client, What},
        repair::{Occurrence, Repair},
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

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "the branches become one object that takes what any of them takes, and what belongs together has to be said in the descriptions; not where branches give an argument different schemas",
    ),
    propose,
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

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let at = occurrence.tool()?.pointer.join("inputSchema");
    let schema = occurrence.tool()?.input_schema()?.as_object()?;
    let combinators: Vec<&str> =
        ["anyOf", "oneOf", "allOf"].into_iter().filter(|name| schema.contains_key(*name)).collect();
    let [keyword] = combinators.as_slice() else { return None };
    let is_foldable = |key: &String| {
        key == keyword
            || matches!(
                key.as_str(),
                "type"
                    | "properties"
                    | "required"
                    | "$defs"
                    | "definitions"
                    | "title"
                    | "description"
                    | "$schema"
                    | "additionalProperties"
            )
    };
    let branches: Vec<Branch> =
        schema.get(*keyword)?.as_array()?.iter().map(Branch::of).collect::<Option<_>>()?;
    if !schema.keys().all(is_foldable) || branches.is_empty() {
        return None;
    }
    let parts =
        |branch: &Branch<'_>| branch.required.len() + branch.properties.map_or(0, |it| it.len());
    if branches.iter().map(parts).sum::<usize>() > MAX_PARTS {
        return None;
    }
    let own = schema.get("properties").and_then(Value::as_object);
    let mut properties = serde_json::Map::new();
    for (name, property) in
        branches.iter().flat_map(|branch| branch.properties.into_iter().flatten())
    {
        let known = own.and_then(|own| own.get(name)).or_else(|| properties.get(name));
        match known {
            Some(known) if known != property => return None,
            Some(_) => {}
            None => drop(properties.insert(name.clone(), property.clone())),
        }
    }
    let required = schema.get("required").and_then(Value::as_array);
    let is_demanded = |name: &&Value| match *keyword {
        "allOf" => branches.iter().any(|branch| branch.required.contains(name)),
        _ => branches.iter().all(|branch| branch.required.contains(name)),
    };
    let is_new = |name: &&Value| required.is_none_or(|known| !known.contains(name));
    let mut demanded: Vec<Value> = Vec::new();
    for name in branches.iter().flat_map(|branch| branch.required.iter().copied()) {
        if is_demanded(&name) && is_new(&name) && !demanded.contains(name) {
            demanded.push(name.clone());
        }
    }
    let mut edits = vec![Edit::Remove(at.join(keyword))];
    match own {
        Some(_) => edits.extend(
            properties
                .into_iter()
                .map(|(name, property)| Edit::add(at.join("properties"), &name, property)),
        ),
        None => edits.push(Edit::add(at.clone(), "properties", properties)),
    }
    match required {
        Some(_) => {
            edits.extend(demanded.into_iter().map(|name| Edit::Append(at.join("required"), name)))
        }
        None if demanded.is_empty() => {}
        None => edits.push(Edit::add(at, "required", demanded)),
    }
    Some(Fix::not_safe(format!("fold `{keyword}` into one object"), edits))
}

/// Most arguments of all branches together; each is compared with all others.
const MAX_PARTS: usize = 1_000;

/// A branch that says nothing but properties and which of them are required.
struct Branch<'a> {
    properties: Option<&'a serde_json::Map<String, Value>>,
    required: Vec<&'a Value>,
}

impl<'a> Branch<'a> {
    fn of(schema: &'a Value) -> Option<Self> {
        let members = schema.as_object()?;
        let is_plain = members.iter().all(|(key, value)| match key.as_str() {
            "type" => value == "object",
            "properties" | "required" | "title" | "description" => true,
            _ => false,
        });
        let required = members.get("required").and_then(Value::as_array);
        let properties = members.get("properties").and_then(Value::as_object);
        let required = required.into_iter().flatten().collect();
        is_plain.then_some(Self { properties, required })
    }
}
