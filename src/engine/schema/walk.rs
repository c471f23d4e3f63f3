//! All subschemas of a schema, in document order.

use std::{cell::OnceCell, collections::HashMap};

use serde_json::Value;

use super::{
    Dialect,
    keyword::{self, Form},
};
use crate::engine::protocol::pointer::Pointer;

/// A schema taken apart: itself first, then every schema inside it. References are not followed.
#[derive(Debug)]
pub struct Walk<'a> {
    steps: Vec<Step<'a>>,
    /// The schemas with a reference, by what it says. Asked for when a definition is to be named.
    referrers: OnceCell<HashMap<&'a str, Vec<usize>>>,
}

#[derive(Debug)]
struct Step<'a> {
    value: &'a Value,
    parent: usize,
    keyword: &'a str,
    token: Option<Token<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Token<'a> {
    Name(&'a str),
    Index(usize),
}

/// One schema met on a [`Walk`].
#[derive(Debug, Clone, Copy)]
pub struct Subschema<'w, 'a> {
    walk: &'w Walk<'a>,
    index: usize,
}

impl<'a> Walk<'a> {
    /// Walks a schema in the dialect it names, or in 2020-12.
    pub fn of(schema: &'a Value) -> Self {
        Self::within(schema, Dialect::of(schema).unwrap_or(Dialect::Draft2020))
    }

    /// Walks a schema in a given dialect.
    pub fn within(schema: &'a Value, dialect: Dialect) -> Self {
        let root = Step { value: schema, parent: 0, keyword: "", token: None };
        let mut walk = Self { steps: vec![root], referrers: OnceCell::new() };
        let mut next = 0;
        while next < walk.steps.len() {
            walk.add_children(next, dialect);
            next += 1;
        }
        walk
    }

    /// Whether a pointer leads to a schema inside another one that a walk in this dialect meets, and
    /// not to a value or to what no keyword names.
    pub fn meets(root: &Value, pointer: &Pointer, dialect: Dialect) -> bool {
        let mut value = root;
        let mut is_schema = true;
        for token in pointer.tokens() {
            let inner = match value {
                Value::Array(items) => token.parse().ok().and_then(|index: usize| items.get(index)),
                _ => value.get(token.as_ref()),
            };
            let Some(inner) = inner else { return false };
            is_schema = if is_schema {
                let Some(keyword) = keyword::find(&token, dialect) else { return false };
                match (keyword.value, inner) {
                    (Form::Schema, _) => true,
                    (Form::SchemaOrSchemas, Value::Object(_) | Value::Bool(_)) => true,
                    (Form::Schemas | Form::SchemaOrSchemas, Value::Array(_)) => false,
                    (
                        Form::SchemaMap | Form::SchemaMapByPattern | Form::SchemaOrNamesMap,
                        Value::Object(_),
                    ) => false,
                    _ => return false,
                }
            } else {
                // What a list or a map of schemas has.
                true
            };
            value = inner;
        }
        is_schema && matches!(value, Value::Object(_) | Value::Bool(_))
    }

    /// The schemas, outer before inner.
    pub fn iter(&self) -> impl Iterator<Item = Subschema<'_, 'a>> {
        (0..self.steps.len()).map(|index| Subschema { walk: self, index })
    }

    fn referrers(&self, reference: &str) -> &[usize] {
        let referrers = self.referrers.get_or_init(|| {
            let mut referrers: HashMap<_, Vec<usize>> = HashMap::new();
            for (index, step) in self.steps.iter().enumerate() {
                let reference = step.value.get("$ref").or_else(|| step.value.get("$dynamicRef"));
                if let Some(reference) = reference.and_then(Value::as_str) {
                    referrers.entry(reference).or_default().push(index);
                }
            }
            referrers
        });
        referrers.get(reference).map_or(&[], Vec::as_slice)
    }

    fn add_children(&mut self, parent: usize, dialect: Dialect) {
        let Some(members) = self.steps[parent].value.as_object() else { return };
        for (name, value) in members {
            let Some(keyword) = keyword::find(name, dialect) else { continue };
            let mut add = |value: &'a Value, token| {
                self.steps.push(Step { value, parent, keyword: name, token });
            };
            match (keyword.value, value) {
                (Form::Schema, _) | (Form::SchemaOrSchemas, Value::Object(_) | Value::Bool(_)) => {
                    add(value, None);
                }
                (Form::Schemas | Form::SchemaOrSchemas, Value::Array(schemas)) => {
                    for (index, schema) in schemas.iter().enumerate() {
                        add(schema, Some(Token::Index(index)));
                    }
                }
                (Form::SchemaMap | Form::SchemaMapByPattern, Value::Object(schemas)) => {
                    for (name, schema) in schemas {
                        add(schema, Some(Token::Name(name)));
                    }
                }
                (Form::SchemaOrNamesMap, Value::Object(schemas)) => {
                    for (name, schema) in schemas.iter().filter(|(_, value)| !value.is_array()) {
                        add(schema, Some(Token::Name(name)));
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'w, 'a> Subschema<'w, 'a> {
    fn step(self) -> &'w Step<'a> {
        &self.walk.steps[self.index]
    }

    /// The schema.
    pub fn value(self) -> &'a Value {
        self.step().value
    }

    /// The value of one of its keywords.
    pub fn get(self, keyword: &str) -> Option<&'a Value> {
        self.value().get(keyword)
    }

    /// Whether this is the schema the walk started from.
    pub fn is_root(self) -> bool {
        self.index == 0
    }

    /// The schema around this one.
    pub fn parent(self) -> Option<Self> {
        (!self.is_root()).then(|| Self { walk: self.walk, index: self.step().parent })
    }

    /// The keyword of the parent that this schema stands under; empty for the root.
    pub fn keyword(self) -> &'a str {
        self.step().keyword
    }

    /// The property this schema describes, if it stands directly under `properties`.
    pub fn property(self) -> Option<&'a str> {
        match self.step().token {
            Some(Token::Name(name)) if self.keyword() == "properties" => Some(name),
            _ => None,
        }
    }

    /// How many schemas it is inside of.
    pub fn depth(self) -> usize {
        std::iter::successors(self.parent(), |schema| schema.parent()).count()
    }

    /// Where it stands in the schema the walk started from.
    pub fn pointer(self) -> Pointer {
        let Some(parent) = self.parent() else { return Pointer::root() };
        let mut pointer = parent.pointer();
        pointer.push(self.keyword());
        match self.step().token {
            Some(Token::Name(name)) => pointer.push(name),
            Some(Token::Index(index)) => pointer.push(index),
            None => {}
        }
        pointer
    }

    /// The definition it is part of, the innermost one.
    pub fn definition(self) -> Option<Self> {
        let mut around = std::iter::successors(Some(self), |schema| schema.parent());
        around.find(|schema| matches!(schema.keyword(), "$defs" | "definitions"))
    }

    /// A short name a reader will recognise: `filter.status`, `tags[]`, or `the schema` for the
    /// root. What is defined elsewhere goes by the path of the argument that refers to it.
    pub fn label(self) -> String {
        self.label_within(&mut Vec::new())
    }

    /// `named` are the definitions on the way, so that those that refer to each other end.
    fn label_within(self, named: &mut Vec<usize>) -> String {
        let Some(parent) = self.parent() else { return ROOT.to_owned() };
        if matches!(self.keyword(), "$defs" | "definitions") {
            return match (self.referrer(named), self.step().token) {
                (Some(referrer), _) => referrer.label_within(named),
                (None, Some(Token::Name(name))) => name.to_owned(),
                (None, _) => parent.label_within(named),
            };
        }
        let outer = match parent.label_within(named) {
            // A branch of the root describes the root.
            outer if outer == ROOT => String::new(),
            outer => outer,
        };
        match (self.property(), self.keyword()) {
            (Some(name), _) if outer.is_empty() => name.to_owned(),
            (Some(name), _) => format!("{outer}.{name}"),
            (None, "items" | "prefixItems" | "contains" | "additionalItems") => {
                format!("{outer}[]")
            }
            (None, _) if outer.is_empty() => ROOT.to_owned(),
            (None, _) => outer,
        }
    }

    /// The schema that refers to this definition: an argument where there is one, or else a
    /// definition that is not named yet.
    fn referrer(self, named: &mut Vec<usize>) -> Option<Self> {
        named.push(self.index);
        if named.len() > MAX_DEFINITIONS {
            return None;
        }
        let anchors = ["$anchor", "$dynamicAnchor"].map(|keyword| self.get(keyword)?.as_str());
        let fragments = anchors.into_iter().flatten().map(str::to_owned);
        let fragments = fragments.chain([self.pointer().as_str().to_owned()]);
        let referrers = fragments.flat_map(|it| self.walk.referrers(&format!("#{it}")));
        let referrers = referrers.map(|&index| Self { walk: self.walk, index });
        let is_new = |referrer: &Self| {
            let definition = referrer.definition();
            definition.is_none_or(|definition| !named.contains(&definition.index))
        };
        referrers.filter(is_new).min_by_key(|referrer| referrer.definition().is_some())
    }
}

/// The label of a root.
const ROOT: &str = "the schema";

/// Most definitions that a label leads through.
const MAX_DEFINITIONS: usize = 16;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Dialect, Walk};

    #[test]
    fn a_definition_goes_by_the_argument_that_refers_to_it() {
        let schema = json!({
            "$defs": {
                "Text": {"properties": {"link": {"type": "object"}}},
                "Block": {"properties": {
                    "text": {"$ref": "#/$defs/Text"},
                    "children": {"items": {"$ref": "#/$defs/Block"}}
                }},
                "Ring": {"properties": {"next": {"$ref": "#/$defs/Ring"}}}
            },
            "properties": {"body": {"type": "array", "items": {"$ref": "#/$defs/Block"}}}
        });
        let label = |pointer: &str| {
            let walk = Walk::of(&schema);
            walk.iter().find(|it| it.pointer().as_str() == pointer).expect("is there").label()
        };
        assert_eq!(label("/$defs/Text/properties/link"), "body[].text.link");
        assert_eq!(label("/$defs/Block/properties/children/items"), "body[].children[]");
        assert_eq!(label("/$defs/Ring/properties/next"), "Ring.next");
        assert_eq!(label("/properties/body"), "body");
    }

    #[test]
    fn a_name_is_no_keyword_and_a_value_no_schema() {
        let schema = json!({
            "properties": {
                "properties": {"const": {"title": "a"}, "enum": [{"title": "a"}]},
                "default": {"items": {"type": "string"}}
            },
            "allOf": [{"properties": {}}],
            "x-defs": {"A": {"type": "array"}}
        });
        for (pointer, is_met) in [
            ("", true),
            ("/properties/properties", true),
            ("/properties/default", true),
            ("/properties/default/items", true),
            ("/allOf/0", true),
            ("/properties", false),
            ("/allOf", false),
            ("/allOf/1", false),
            ("/properties/properties/const", false),
            ("/properties/properties/enum/0", false),
            ("/x-defs/A", false),
        ] {
            let found = Walk::meets(&schema, &pointer.into(), Dialect::Draft2020);
            assert_eq!(found, is_met, "{pointer}");
            let walked = Walk::of(&schema).iter().any(|it| it.pointer().as_str() == pointer);
            assert_eq!(walked, is_met, "{pointer}");
        }
    }
}
