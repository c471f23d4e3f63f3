//! Which draft of JSON Schema a schema is written in.

use serde_json::Value;

use super::{
    Walk, keyword,
    reference::{self, Target},
    types,
};

/// A published draft, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// draft-04
    Draft4,
    /// draft-06
    Draft6,
    /// draft-07
    Draft7,
    /// 2019-09
    Draft2019,
    /// 2020-12
    Draft2020,
}

impl Dialect {
    /// The dialect that `$schema` names; 2020-12 where it is absent, as MCP has it
    /// (specification 2026-07-28, basic, "JSON Schema Usage"). None for a dialect we do not know.
    pub fn of(schema: &Value) -> Option<Self> {
        match schema.get("$schema") {
            None => Some(Self::Draft2020),
            Some(uri) => Self::from_uri(uri.as_str()?),
        }
    }

    /// The dialect behind a meta-schema's address, with http or https and with or without `#`.
    pub fn from_uri(uri: &str) -> Option<Self> {
        let address = uri.trim_end_matches('#');
        let address =
            address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        match address {
            "json-schema.org/draft-04/schema" => Some(Self::Draft4),
            "json-schema.org/draft-06/schema" => Some(Self::Draft6),
            "json-schema.org/draft-07/schema" => Some(Self::Draft7),
            "json-schema.org/draft/2019-09/schema" => Some(Self::Draft2019),
            "json-schema.org/draft/2020-12/schema" => Some(Self::Draft2020),
            _ => None,
        }
    }

    /// Whether a schema of this dialect means the same in 2020-12: every keyword in it has one
    /// meaning in both, and nothing refers to what is not looked at. Careful rather than complete.
    pub fn reads_as_2020(self, root: &Value) -> bool {
        self == Self::Draft2020
            || Walk::within(root, Self::Draft2020).iter().all(|schema| match schema.value() {
                Value::Object(members) => {
                    let is_root = schema.is_root();
                    members.iter().all(|(name, value)| {
                        self.has_as_2020(name, value) && (is_root || name != "$schema")
                    }) && !(self <= Self::Draft7 && has_silenced_neighbours(members))
                        && refers_to_schemas(root, schema.value())
                        // 1.0 is an integer since draft-06.
                        && !(self == Self::Draft4
                            && types::named(schema.value()).contains(&"integer"))
                }
                Value::Bool(_) => self > Self::Draft4,
                _ => false,
            })
    }

    fn has_as_2020(self, name: &str, value: &Value) -> bool {
        let [here, there] = [self, Self::Draft2020].map(|dialect| keyword::find(name, dialect));
        match name {
            // What is no constraint may be unknown.
            "$defs" | "deprecated" | "examples" | "$comment" | "readOnly" | "writeOnly" => true,
            // Its base, and with it what a reference means, was another thing before 2019-09.
            "$id" | "id" => false,
            "exclusiveMinimum" | "exclusiveMaximum" => self > Self::Draft4,
            // A list of schemas is `prefixItems` now.
            "items" => !value.is_array(),
            // 2019-09 has it behind `contains` alone, and later ones where it is all that counts.
            "unevaluatedItems" => false,
            _ => here.is_some() == there.is_some(),
        }
    }

    /// The name the draft is known by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft4 => "draft-04",
            Self::Draft6 => "draft-06",
            Self::Draft7 => "draft-07",
            Self::Draft2019 => "2019-09",
            Self::Draft2020 => "2020-12",
        }
    }
}

/// Whether the reference of a schema, if it has one, leads to a schema that a walk meets: what lies
/// elsewhere, as under a keyword that nobody knows, may use words of any dialect.
fn refers_to_schemas(root: &Value, schema: &Value) -> bool {
    let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return true };
    match reference::pointer(reference) {
        Some(pointer) => Walk::meets(root, &pointer, Dialect::Draft2020),
        // An anchor is looked for on a walk.
        None => {
            reference.starts_with('#')
                && matches!(reference::resolve(root, reference), Target::Local(_))
        }
    }
}

/// Whether keywords stand beside a `$ref`, which hides them up to draft-07.
fn has_silenced_neighbours(members: &serde_json::Map<String, Value>) -> bool {
    const SILENT: &[&str] = &[
        "$ref", "title", "description", "default", "examples", "$comment", "$defs", "definitions",
        "$schema",
    ];
    members.contains_key("$ref") && members.keys().any(|name| !SILENT.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Dialect;

    #[test]
    fn a_schema_is_the_same_in_2020_12_where_each_keyword_is() {
        let same = json!({"type": "object", "properties": {
            "a": {"$ref": "#/definitions/A", "description": "one"},
            "b": {"type": "array", "items": {"minimum": 1, "exclusiveMinimum": 0}}
        }, "definitions": {"A": {"const": 1}}});
        assert!(Dialect::Draft7.reads_as_2020(&same));
        for other in [
            json!({"items": [{"type": "string"}]}),
            json!({"properties": {"a": {"additionalItems": false}}}),
            json!({"dependencies": {"a": ["b"]}}),
            json!({"properties": {"a": {"$ref": "#/definitions/A", "minLength": 2}}}),
            json!({"properties": {"a": {"minContains": 2}}}),
            json!({"$ref": "#/x-defs/A", "x-defs": {"A": {"items": [{"type": "string"}]}}}),
            json!({"properties": {
                "a": {"allOf": [{"$ref": "#/properties/b/default"}]},
                "b": {"default": {"items": [{"type": "string"}]}}
            }}),
            json!({"properties": {"a": {"$ref": "https://harbour.example/berth.json"}}}),
        ] {
            assert!(!Dialect::Draft7.reads_as_2020(&other), "{other}");
        }
        assert!(!Dialect::Draft4.reads_as_2020(&json!({"minimum": 0, "exclusiveMinimum": true})));
        assert!(!Dialect::Draft4.reads_as_2020(&json!({"const": 1})));
        let integer = json!({"anyOf": [{"type": ["integer", "null"]}]});
        assert!(!Dialect::Draft4.reads_as_2020(&integer));
        assert!(Dialect::Draft6.reads_as_2020(&integer));
        assert!(Dialect::Draft7.reads_as_2020(&json!({"items": {"$ref": "#"}})));
        assert!(Dialect::Draft4.reads_as_2020(&json!({"properties": {"id": {"type": "string"}}})));
    }
}
