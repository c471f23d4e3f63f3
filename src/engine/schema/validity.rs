//! Whether a schema is one: every keyword has a value of the form its dialect asks for.
//!
//! Says the same as validating against the meta-schema (a test holds the two together over the
//! drafts), with a message that names the keyword, and without building a validator at start.
//! Regular expressions are another question: see the rule on patterns.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Dialect, Subschema, Walk,
    keyword::{self, Form},
};
use crate::engine::protocol::pointer::Pointer;

/// A keyword whose value is not what its dialect asks for, or a schema that is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The schema object, or what stands in its place.
    pub schema: Pointer,
    /// Its keyword; none where it is the schema itself that is none.
    pub keyword: Option<String>,
    /// What is wrong, for example ``` `minLength` is "3", not an integer of zero or more ```.
    pub message: String,
}

impl Invalid {
    /// Where in the schema it stands.
    pub fn pointer(&self) -> Pointer {
        match &self.keyword {
            Some(keyword) => self.schema.join(keyword),
            None => self.schema.clone(),
        }
    }
}

/// Everything that is invalid in a schema, in document order.
pub fn check(schema: &Value, dialect: Dialect) -> Vec<Invalid> {
    let mut invalid = Vec::new();
    for subschema in Walk::within(schema, dialect).iter() {
        match subschema.value() {
            Value::Object(members) => {
                for (name, value) in members {
                    let Some(keyword) = keyword::find(name, dialect) else { continue };
                    if let Some(expected) = mismatch(keyword.value, value, dialect) {
                        let message = format!("`{name}` is {}, not {expected}", show(value));
                        let (schema, keyword) = (subschema.pointer(), Some(name.clone()));
                        invalid.push(Invalid { schema, keyword, message });
                    }
                }
                if dialect == Dialect::Draft4 {
                    invalid.extend(lone_flag(subschema));
                }
            }
            // Boolean schemas came with draft 6; draft 4 has them in two places only.
            Value::Bool(_)
                if dialect > Dialect::Draft4
                    || matches!(
                        subschema.keyword(),
                        "additionalProperties" | "additionalItems"
                    ) => {}
            other => invalid.push(Invalid {
                schema: subschema.pointer(),
                keyword: None,
                message: format!("a schema is {}, not an object or a boolean", show(other)),
            }),
        }
    }
    invalid
}

/// In draft 4 `exclusiveMinimum` is a flag on `minimum` and may not stand alone.
fn lone_flag(schema: Subschema<'_, '_>) -> Option<Invalid> {
    let pairs = [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")];
    let (flag, bound) = pairs
        .into_iter()
        .find(|(flag, bound)| schema.get(flag).is_some() && schema.get(bound).is_none())?;
    let message = format!("`{flag}` stands without the `{bound}` that it modifies in draft-04");
    Some(Invalid { schema: schema.pointer(), keyword: Some(flag.to_owned()), message })
}

/// What was expected, if the value is something else. Values inside that are schemas themselves
/// are not looked at: the walk comes to them.
fn mismatch(form: Form, value: &Value, dialect: Dialect) -> Option<&'static str> {
    let (is_fine, expected) = match form {
        Form::Schema | Form::Any => (true, ""),
        Form::Schemas => (
            value.as_array().is_some_and(|schemas| !schemas.is_empty()),
            "a non-empty array of schemas",
        ),
        Form::SchemaMap | Form::SchemaMapByPattern | Form::SchemaOrNamesMap => {
            let are_names = |value: &Value| !value.is_array() || is_names(value, 0);
            let is_fine = value.as_object().is_some_and(|schemas| {
                form != Form::SchemaOrNamesMap || schemas.values().all(are_names)
            });
            (is_fine, "an object that holds schemas")
        }
        Form::SchemaOrSchemas => (
            value.is_object()
                || value.is_boolean()
                || value.as_array().is_some_and(|a| !a.is_empty()),
            "a schema or an array of schemas",
        ),
        Form::NamesMap => (
            value.as_object().is_some_and(|lists| lists.values().all(|list| is_names(list, 0))),
            "an object that holds arrays of property names",
        ),
        Form::Names => {
            // Draft 4 asks for at least one name.
            let least = usize::from(dialect == Dialect::Draft4);
            (is_names(value, least), "an array of distinct strings")
        }
        Form::Types => (is_types(value), "a type name or an array of distinct type names"),
        Form::Values => (value.is_array(), "an array"),
        Form::Boolean => (value.is_boolean(), "a boolean"),
        Form::Number => (value.is_number(), "a number"),
        Form::PositiveNumber => {
            (value.as_f64().is_some_and(|number| number > 0.0), "a number above zero")
        }
        Form::NumberOrFlag if dialect == Dialect::Draft4 => {
            (value.is_boolean(), "a boolean, as draft-04 has it")
        }
        Form::NumberOrFlag => (value.is_number(), "a number"),
        Form::Count => (is_count(value), "an integer of zero or more"),
        Form::String | Form::Pattern => (value.is_string(), "a string"),
    };
    (!is_fine).then_some(expected)
}

fn is_names(value: &Value, least: usize) -> bool {
    let Some(names) = value.as_array() else { return false };
    let mut seen = HashSet::new();
    names.len() >= least
        && names.iter().all(|name| name.as_str().is_some_and(|name| seen.insert(name)))
}

fn is_types(value: &Value) -> bool {
    let is_type = |value: &Value| {
        matches!(
            value.as_str(),
            Some("array" | "boolean" | "integer" | "null" | "number" | "object" | "string")
        )
    };
    is_type(value)
        || value.as_array().is_some_and(|types| {
            !types.is_empty() && types.iter().all(is_type) && is_names(value, 1)
        })
}

/// A whole number of zero or more; `2.0` counts as whole.
fn is_count(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number >= 0.0 && number.fract() == 0.0)
}

/// A value short enough for a message.
fn show(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 40 {
        return text;
    }
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        _ => format!("{}…", text.chars().take(39).collect::<String>()),
    }
}
