//! Does one value conform to a schema? Asked of the independent validator that also has the last
//! word on a witness, and only where it will not take for ever.

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

use super::{confirm, cost, document::Document};
use crate::engine::protocol::pointer::Pointer;

/// Most schemas that the validator is made to look at for one value; see [`cost`].
const MAX_VISITS: u64 = 1_000_000;
/// Characters of the validator's words that are kept: they may quote the whole value.
const MAX_REASON: usize = 160;

/// A schema that values can be held to.
#[derive(Debug)]
pub struct Conformance<'a> {
    document: Document<'a>,
    validator: Validator,
}

/// What a schema has against a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where in the value.
    pub pointer: Pointer,
    /// What is wrong there, in the validator's words.
    pub reason: String,
}

/// One of the things that a schema has against a value, by its place in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The keyword that is not satisfied; of `required`, the name that is missing, by its index.
    pub keyword: Pointer,
    /// Where in the value: what is missing, or is there and may not be, has a place of its own.
    pub places: Vec<Pointer>,
}

/// Why nothing can be said, as a lowercase fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unjudged(pub &'static str);

impl<'a> Conformance<'a> {
    /// Reads a schema. What is not valid in it is left out, as everywhere.
    ///
    /// # Errors
    /// When the validator cannot make anything of it: a reference leads out of it or nowhere.
    pub fn new(schema: &'a Value) -> Result<Self, Unjudged> {
        let document = Document::read(schema);
        let validator = jsonschema::options()
            .with_draft(confirm::draft(document.dialect))
            .should_validate_formats(false)
            .build(document.value())
            .map_err(|_| Unjudged("the schema refers to what it does not hold"))?;
        Ok(Self { document, validator })
    }

    /// The same with a copy of the schema, for whoever does not keep it.
    pub fn into_owned(self) -> Conformance<'static> {
        Conformance { document: self.document.into_owned(), validator: self.validator }
    }

    /// Whether the value conforms, which is quicker to say than what is wrong.
    ///
    /// # Errors
    /// When schema and value together are too much to be checked in reasonable time.
    pub fn conforms(&self, value: &Value) -> Result<bool, Unjudged> {
        if cost::visits(&self.document, value) > MAX_VISITS {
            return Err(Unjudged("checking it would take too long"));
        }
        Ok(self.validator.is_valid(value))
    }

    /// The first thing that the schema has against a value; none where the value conforms.
    ///
    /// # Errors
    /// When schema and value together are too much to be checked in reasonable time.
    pub fn violation(&self, value: &Value) -> Result<Option<Violation>, Unjudged> {
        if cost::visits(&self.document, value) > MAX_VISITS {
            return Err(Unjudged("checking it would take too long"));
        }
        let mut errors = self.validator.iter_errors(value);
        Ok(errors.next().map(|error| {
            let pointer = Pointer::from(error.instance_path().as_str());
            let reason = error.to_string().chars().take(MAX_REASON).collect();
            Violation { pointer, reason }
        }))
    }

    /// All that the schema has against a value, up to so many things.
    ///
    /// # Errors
    /// When schema and value together are too much to be checked in reasonable time.
    pub fn objections(&self, value: &Value, most: usize) -> Result<Vec<Objection>, Unjudged> {
        if cost::visits(&self.document, value) > MAX_VISITS {
            return Err(Unjudged("checking it would take too long"));
        }
        let errors = self.validator.iter_errors(value).take(most);
        Ok(errors.map(|error| self.objection(&error)).collect())
    }

    fn objection(&self, error: &ValidationError<'_>) -> Objection {
        let mut keyword = Pointer::from(error.schema_path().as_str());
        let place = Pointer::from(error.instance_path().as_str());
        let places = match error.kind() {
            ValidationErrorKind::Required { property } => {
                let list = self.document.value().pointer(keyword.as_str());
                let mut names = list.and_then(Value::as_array).into_iter().flatten();
                if let Some(index) = names.position(|name| name == property) {
                    keyword.push(index);
                }
                property.as_str().map(|name| place.join(name)).into_iter().collect()
            }
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                unexpected.iter().map(|name| place.join(name)).collect()
            }
            _ => vec![place],
        };
        Objection { keyword, places }
    }

    /// Whether the value is known to conform.
    pub fn accepts(&self, value: &Value) -> bool {
        self.violation(value) == Ok(None)
    }

    /// Whether the value is known not to conform.
    pub fn refuses(&self, value: &Value) -> bool {
        matches!(self.violation(value), Ok(Some(_)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Conformance;

    #[test]
    fn the_first_violation_is_named_with_its_place() {
        let schema = json!({"type": "object", "properties": {"a/b": {"type": "string"}}});
        let conformance = Conformance::new(&schema).unwrap();
        assert!(conformance.accepts(&json!({"a/b": "text"})));
        let violation = conformance.violation(&json!({"a/b": 1})).unwrap().unwrap();
        assert_eq!(violation.pointer.as_str(), "/a~1b");
        assert_eq!(violation.reason, "1 is not of type \"string\"");
    }

    #[test]
    fn what_cannot_be_judged_is_neither_accepted_nor_refused() {
        let remote = json!({"$ref": "https://example.com/schema.json"});
        assert!(Conformance::new(&remote).is_err());
        // Sixty levels, each used twice, are 2^60 ways.
        let mut definitions = serde_json::Map::new();
        for level in 0..60 {
            let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
            definitions.insert(format!("d{level}"), json!({"allOf": [next, {"anyOf": [next]}]}));
        }
        definitions.insert("d60".to_owned(), json!({"type": "string"}));
        let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions});
        let conformance = Conformance::new(&schema).unwrap();
        assert!(!conformance.accepts(&json!("text")) && !conformance.refuses(&json!("text")));
    }
}
