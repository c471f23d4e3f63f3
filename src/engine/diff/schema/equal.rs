//! Are two schemas the same but for what is only said, not demanded?
//!
//! The cheap question before the real one: titles and descriptions change far more often than what
//! a schema accepts, and no proof is needed to see that nothing else did.

use serde_json::{Map, Value};

use crate::engine::schema::{
    Dialect,
    keyword::{self, Form},
};

/// Keywords that describe and do not constrain.
const ANNOTATIONS: [&str; 8] = [
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "$comment",
];
/// Annotations by the specification that many validators assert.
pub(in crate::engine::diff) const FORMATS: [&str; 3] =
    ["format", "contentEncoding", "contentMediaType"];

/// Whether two schemas accept the same, as far as one sees by leaving out what only describes.
pub(super) fn means_the_same(old: &Value, new: &Value, assert_formats: bool) -> bool {
    let (dialect, other) = (Dialect::of(old), Dialect::of(new));
    // A reference into an extension makes a schema of what would be left out here.
    let is_plain = |schema: &Value| !schema.to_string().contains("\"#/x-");
    dialect.is_some()
        && dialect == other
        && Comparison { dialect: dialect.unwrap_or(Dialect::Draft2020), assert_formats }
            .schemas(old, new)
        && is_plain(old)
}

struct Comparison {
    dialect: Dialect,
    assert_formats: bool,
}

impl Comparison {
    fn schemas(&self, old: &Value, new: &Value) -> bool {
        let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return old == new };
        let counts =
            |members: &Map<String, Value>| members.keys().filter(|name| self.counts(name)).count();
        let is_same = |name: &String, value: &Value| {
            new.get(name).is_some_and(|other| self.members(name, value, other))
        };
        counts(old) == counts(new)
            && old
                .iter()
                .filter(|(name, _)| self.counts(name))
                .all(|(name, value)| is_same(name, value))
    }

    /// Whether a keyword has a say in what is accepted.
    fn counts(&self, name: &str) -> bool {
        let is_format = FORMATS.contains(&name) && !(self.assert_formats && name == "format");
        !ANNOTATIONS.contains(&name) && !name.starts_with("x-") && !is_format && name != "$schema"
    }

    fn members(&self, name: &str, old: &Value, new: &Value) -> bool {
        if old == new {
            return true;
        }
        let form = keyword::find(name, self.dialect).map(|keyword| keyword.value);
        match (form, old, new) {
            (Some(Form::Schema | Form::SchemaOrSchemas), Value::Object(_), Value::Object(_)) => {
                self.schemas(old, new)
            }
            (Some(Form::Schemas | Form::SchemaOrSchemas), Value::Array(old), Value::Array(new)) => {
                old.len() == new.len()
                    && old.iter().zip(new).all(|(old, new)| self.schemas(old, new))
            }
            (
                Some(Form::SchemaMap | Form::SchemaMapByPattern | Form::SchemaOrNamesMap),
                Value::Object(old),
                Value::Object(new),
            ) => {
                old.len() == new.len()
                    && old.iter().all(|(name, value)| {
                        new.get(name).is_some_and(|other| self.schemas(value, other))
                    })
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::means_the_same;

    fn check(old: Value, new: Value, expected: bool) {
        assert_eq!(means_the_same(&old, &new, false), expected, "{old} {new}");
    }

    #[test]
    fn what_only_describes_does_not_count() {
        let old = json!({"type": "object", "title": "A", "properties": {"a": {"type": "string"}}});
        let new = json!({"type": "object", "properties": {"a": {
            "type": "string", "description": "An a.", "default": "x", "format": "uri", "x-mcp-header": "A"
        }}});
        check(old.clone(), new.clone(), true);
        assert!(!means_the_same(&old, &new, true), "an asserted format counts");
    }

    #[test]
    fn a_property_called_title_counts() {
        let with = json!({"properties": {"title": {"type": "string"}}});
        check(with, json!({"properties": {}}), false);
        check(json!({"enum": [{"title": 1}]}), json!({"enum": [{"title": 2}]}), false);
    }

    #[test]
    fn the_dialect_counts() {
        let seven = json!({"$schema": "http://json-schema.org/draft-07/schema#"});
        check(seven.clone(), json!({}), false);
        check(seven, json!({"$schema": "https://json-schema.org/draft-07/schema"}), true);
        check(json!({"$schema": "https://json-schema.org/draft/2020-12/schema"}), json!({}), true);
        check(json!({"$schema": "urn:x"}), json!({"$schema": "urn:y"}), false);
    }
}
