use super::spot::{is_in_place, shorten_path};
use crate::engine::{
    finding::{Confidence, Severity},
    protocol::pointer::Pointer,
    rule::{Check, Hit, Profile, Rule},
    schema::{Subschema, Walk},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/too-deep",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "flatten the arguments; an identifier of something created by an earlier call often \
           replaces a whole branch",
    documentation: r#"
A schema nests values more than ten levels deep.

## Why
Each level costs tokens in every request and adds a bracket that can be put wrong. OpenAI's strict
mode refuses schemas of more than ten levels, and the specification asks clients to bound the depth of
the schemas they accept, so that a deep one may be refused anywhere.

Counted are the levels of the value: an object, its property, the elements of an array. Branches of
`anyOf` and definitions add none.

## Bad
```json
{"tools": [{"name": "draw", "inputSchema": {"type": "object", "properties": {
  "a": {"type": "object", "properties": {"b": {"type": "object", "properties": {
  "c": {"type": "object", "properties": {"d": {"type": "object", "properties": {
  "e": {"type": "object", "properties": {"f": {"type": "object", "properties": {
  "g": {"type": "object", "properties": {"h": {"type": "object", "properties": {
  "i": {"type": "object", "properties": {"j": {"type": "string"}}}
}}}}}}}}}}}}}}}}}}}]}
```

## Good
```json
{"tools": [{"name": "draw", "inputSchema": {"type": "object", "properties": {
  "shape_id": {"type": "string", "description": "a shape made by `create_shape`"},
  "at": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}
}}}]}
```

## References
- Specification 2026-07-28, basic, "Composition-Keyword Resource Use": "a maximum schema depth"
- OpenAI, structured outputs: up to 10 levels of nesting
"#,
    check: Check::Tool(check),
};

/// More levels than this are too deep.
const MAX_LEVELS: usize = 10;

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool)
}

fn judge(tool: &Tool) -> Vec<Hit> {
    let judge_one = |(pointer, schema): (Pointer, _)| {
        let walk = Walk::of(schema);
        let deepest = walk.iter().map(|schema| (levels(schema), schema));
        let (levels, deepest) = deepest.max_by_key(|(levels, _)| *levels)?;
        if levels <= MAX_LEVELS {
            return None;
        }
        let member = pointer.last().unwrap_or_default();
        let message =
            format!("`{member}` is {levels} levels deep, at `{}`", shorten_path(&deepest.label()));
        Some(Hit::new(pointer, message))
    };
    tool.schemas().filter_map(judge_one).collect()
}

/// How many levels deep the value that a schema describes lies, counted from one.
fn levels(schema: Subschema<'_, '_>) -> usize {
    let around = std::iter::successors(Some(schema), |schema| schema.parent());
    let starts_value = |schema: &Subschema<'_, '_>| {
        !is_in_place(*schema)
            && !matches!(schema.keyword(), "" | "$defs" | "definitions" | "contentSchema")
    };
    1 + around.filter(starts_value).count()
}
