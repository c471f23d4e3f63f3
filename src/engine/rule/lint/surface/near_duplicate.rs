use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::synonym::meaning;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::word::words,
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/near-duplicate",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "keep one of the two; if they do differ, say in both descriptions when to take which",
    documentation: r#"
Two tools do the same as far as a model can tell.

## Why
A model picks a tool by its name, description and arguments. Where two agree in all of them it picks
by chance, so the same request takes different ways on different days, and a correction made in one
of the tools is missing in the other. It is mostly an old name that was kept, or the work of two
people.

Two tools are reported when their names say the same with another verb (`get_…`, `fetch_…`) and they
take the same arguments, or when both description and arguments are the same.

## Bad
```json
{"tools": [
  {"name": "get_shipment", "description": "Gets one shipment by its id.", "inputSchema":
    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
  {"name": "fetch_shipment", "description": "Loads a shipment.", "inputSchema":
    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}}
]}
```

## Good
```json
{"tools": [
  {"name": "get_shipment", "description": "Gets one shipment by its id.", "inputSchema":
    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
  {"name": "list_shipments", "description": "Lists the shipments of one order.", "inputSchema":
    {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}},
  {"name": "show_shipment", "description": "Shows one shipment on the screen in the hall.", "inputSchema":
    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}},
  {"name": "track_shipment", "description": "Gets the stops of one shipment.", "inputSchema":
    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}}
]}
```

## References
- arXiv 2505.10570 (LongFuncEval): more tools to choose from, more wrong choices
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let shapes: Vec<Shape> = surface.tools.iter().map(Shape::of).collect();
    // Tools are put into groups instead of being compared with each other, so that a long list of
    // look-alikes stays cheap.
    let mut groups: HashMap<(&str, &[Argument]), Vec<usize>> = HashMap::new();
    for (index, shape) in shapes.iter().enumerate() {
        let keys = [&shape.meaning, &shape.other_meaning, &shape.description];
        for key in keys.into_iter().flatten() {
            groups.entry((key, &shape.arguments)).or_default().push(index);
        }
    }
    // The first tool of all that a tool is one with, in the order of the list.
    let mut first: Vec<usize> = (0..shapes.len()).collect();
    for indices in groups.values() {
        let least = indices.iter().map(|index| first[*index]).min().unwrap_or_default();
        let joined: Vec<usize> = indices.iter().map(|index| first[*index]).collect();
        for of_tool in &mut first {
            if joined.contains(of_tool) {
                *of_tool = least;
            }
        }
    }
    let mut twins: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, least) in first.into_iter().enumerate() {
        twins.entry(least).or_default().push(index);
    }
    twins.into_values().flat_map(|indices| hits(surface, &indices)).collect()
}

/// The same words for each of the tools that are one to a model, so that they are one finding.
fn hits(surface: &Surface, indices: &[usize]) -> Vec<Hit> {
    let names: BTreeSet<&str> =
        indices.iter().map(|index| surface.tools[*index].name.as_str()).collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let message = match names.as_slice() {
        [] | [_] => return Vec::new(),
        [one, other] => format!("{one} and {other} do the same, as far as a model can tell"),
        [one, other, rest @ ..] => {
            let count = rest.len();
            format!("{one}, {other} and {count} more do the same, as far as a model can tell")
        }
    };
    let pointers = indices.iter().map(|index| surface.tools[*index].pointer.clone());
    pointers.map(|pointer| Hit::new(pointer, message.clone())).collect()
}

/// What two tools are compared by.
struct Shape {
    /// The name with its verb replaced by one word for all its synonyms, if it has such a verb.
    meaning: Option<String>,
    /// A second one: looking something up is getting it, and finding it as well.
    other_meaning: Option<String>,
    /// The words of the description, if there are enough to tell tools apart.
    description: Option<String>,
    /// Name, type and necessity of each argument.
    arguments: Vec<Argument>,
}

type Argument = (String, Value, bool);

impl Shape {
    fn of(tool: &Tool) -> Self {
        let text = words(tool.description.as_deref().unwrap_or_default());
        let argument = |(name, schema): (&String, &Value)| {
            let kind = schema.get("type").or_else(|| schema.get("$ref")).cloned();
            (name.clone(), kind.unwrap_or_default(), tool.requires(name))
        };
        Self {
            meaning: meaning(&tool.name),
            other_meaning: tool
                .name
                .contains("lookup")
                .then(|| meaning(&tool.name.replace("lookup", "find")))
                .flatten(),
            description: (text.len() > 3).then(|| text.join(" ")),
            arguments: tool.arguments().map(argument).collect(),
        }
    }
}
