//! Checking arguments against the schema that was listed, and wording what is wrong with them.

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::{Map, Value};

use super::super::guidance::Failure;

/// Characters of a wrong value that an error shows.
const SHOWN: usize = 80;
/// How alike two names must be, from 0 to 1, for one to be meant by the other.
const ALIKE: f64 = 0.7;

/// A schema, compiled once, with the names that are declared at its root.
pub(super) struct Checker {
    validator: Validator,
    properties: Vec<String>,
}

impl Checker {
    /// Compiles a schema of our own making.
    pub(super) fn new(schema: &Map<String, Value>) -> Self {
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut properties: Vec<String> =
            properties.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        // Whether a map keeps an order of its own depends on the build.
        properties.sort();
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&Value::Object(schema.clone()))
            .expect("a schema that is made from a type is a schema");
        Self { validator, properties }
    }

    /// The first thing that is wrong, in the words of an error; nothing where all is well.
    pub(super) fn check(&self, arguments: &Value) -> Result<(), Failure> {
        // Validity is asked first because it is what nearly every call has, and asking is cheaper
        // than looking for reasons.
        if self.validator.is_valid(arguments) {
            return without_nul(arguments, &mut String::new());
        }
        // An argument that is not declared explains most other errors, since it is usually one of
        // them misspelt.
        let mut errors: Vec<_> = self.validator.iter_errors(arguments).collect();
        errors.sort_by_key(|error| !matches!(error.kind(), Kind::AdditionalProperties { .. }));
        match errors.first() {
            Some(error) => Err(self.failure(error)),
            None => Ok(()),
        }
    }

    /// Whether a value is as the schema says, and if not, where it is not: for the log.
    pub(super) fn fault(&self, value: &Value) -> Option<String> {
        let error = self.validator.iter_errors(value).next()?;
        Some(format!("{} at `{}`", error.kind().keyword(), error.instance_path()))
    }

    fn failure(&self, error: &ValidationError<'_>) -> Failure {
        let place = error.instance_path().to_string();
        let got = shortened(&error.instance().to_string());
        let at = |name: &str| format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                let name = unexpected.first().map(String::as_str).unwrap_or_default();
                // A name of any length can be sent; one that is not shown whole is no pointer.
                let pointer = if name.len() > SHOWN { place.clone() } else { at(name) };
                self.unknown(&pointer, name, place.is_empty())
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let message = format!("the argument `{name}` is missing");
                Failure::invalid_argument(at(name), message, format!("add `{name}` and call again"))
            }
            kind => {
                let expected = expected(kind);
                let message = format!("{} must be {expected}", spoken(&place));
                let hint = format!("make {} {expected} and call again", spoken(&place));
                Failure::invalid_argument(place, message, hint).mismatch(expected, got)
            }
        }
    }

    fn unknown(&self, pointer: &str, name: &str, is_root: bool) -> Failure {
        let shown = shortened(name);
        let message = format!("there is no argument `{shown}`");
        if !is_root {
            return Failure::invalid_argument(pointer, message, format!("leave `{shown}` out"));
        }
        let alike = |known: &String| strsim::jaro_winkler(known, name);
        let nearest = self
            .properties
            .iter()
            .max_by(|left, right| alike(left).total_cmp(&alike(right)))
            .filter(|known| alike(known) >= ALIKE);
        let hint = match nearest {
            Some(known) => format!("is `{known}` meant? otherwise leave it out"),
            None => "leave it out".to_owned(),
        };
        let known = match self.properties.as_slice() {
            [] => "no arguments".to_owned(),
            names => format!("one of {}", names.join(", ")),
        };
        Failure::invalid_argument(pointer, message, hint).mismatch(known, shown)
    }
}

/// No schema forbids the character U+0000 in a text, and no store takes it.
fn without_nul(value: &Value, place: &mut String) -> Result<(), Failure> {
    let mut inside = |name: &str, value: &Value| {
        let length = place.len();
        place.push('/');
        place.push_str(&name.replace('~', "~0").replace('/', "~1"));
        without_nul(value, place)?;
        place.truncate(length);
        Ok(())
    };
    match value {
        Value::String(text) if text.contains('\0') => {
            let message = format!("{} has the character U+0000", spoken(place));
            let hint = format!("leave U+0000 out of {}", spoken(place));
            Err(Failure::invalid_argument(place.as_str(), message, hint))
        }
        Value::Object(members) => members.iter().try_for_each(|(name, value)| inside(name, value)),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(index, item)| inside(&index.to_string(), item))
        }
        _ => Ok(()),
    }
}

/// What a value must be, as the end of "must be".
fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Type { kind: TypeKind::Single(kind) } => format!("of type {kind}"),
        Kind::Type { kind: TypeKind::Multiple(kinds) } => {
            let names: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
            format!("of type {}", names.join(" or "))
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let options: Vec<String> = options.iter().map(Value::to_string).collect();
            format!("one of {}", options.join(", "))
        }
        Kind::Constant { expected_value } => expected_value.to_string(),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::MinLength { limit } => format!("at least {limit} characters long"),
        Kind::MaxLength { limit } => format!("at most {limit} characters long"),
        Kind::MinItems { limit } => format!("a list of at least {limit}"),
        Kind::MaxItems { limit } => format!("a list of at most {limit}"),
        Kind::UniqueItems => "a list without repetitions".to_owned(),
        Kind::Pattern { pattern } => format!("like the pattern {pattern}"),
        Kind::Format { format } => format!("in the format {format}"),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => {
            "one of the forms that the input schema lists".to_owned()
        }
        kind => format!("as `{}` in the input schema says", kind.keyword()),
    }
}

fn spoken(pointer: &str) -> String {
    match pointer.strip_prefix('/') {
        Some(name) if !name.contains('/') => format!("`{}`", shortened(name)),
        Some(_) => format!("the value at {}", shortened(pointer)),
        None => "the list of arguments".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::{Value, json};

    use super::{super::schema, Checker};

    #[derive(JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Arguments {
        query: String,
        #[schemars(range(min = 1, max = 50))]
        limit: Option<u32>,
        since: Option<Kind>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is asked for")]
    enum Kind {
        Note,
        Meeting,
    }

    fn check(arguments: Value) -> Value {
        let checker = Checker::new(&schema::of_input::<Arguments>());
        match checker.check(&arguments) {
            Ok(()) => json!("fine"),
            Err(failure) => {
                let error = failure.envelope()["error"].take();
                json!([
                    error["argument"], error["message"], error["expected"], error["next"]["hint"]
                ])
            }
        }
    }

    #[test]
    fn what_fits_passes() {
        assert_eq!(check(json!({"query": "Ada", "limit": 50, "since": "note"})), "fine");
        assert_eq!(check(json!({"query": "Ada", "limit": null})), "fine");
    }

    #[test]
    fn an_error_says_where_what_and_how_to_correct_it() {
        assert_eq!(
            check(json!({"limit": 3})),
            json!([
                "/query",
                "the argument `query` is missing",
                null,
                "add `query` and call again"
            ])
        );
        assert_eq!(
            check(json!({"query": "Ada", "limit": 51})),
            json!([
                "/limit",
                "`limit` must be at most 50",
                "at most 50",
                "make `limit` at most 50 and call again"
            ])
        );
        assert_eq!(
            check(json!({"query": "Ada", "limt": 51})),
            json!([
                "/limt",
                "there is no argument `limt`",
                "one of limit, query, since",
                "is `limit` meant? otherwise leave it out"
            ])
        );
        assert_eq!(check(json!({"query": "Ada", "tenant": "globex"}))[3], "leave it out",);
        assert_eq!(check(json!([]))[1], "the list of arguments must be of type object");
    }

    #[test]
    fn the_character_that_no_store_takes_is_refused() {
        assert_eq!(
            check(json!({"query": "A\0da"})),
            json!([
                "/query",
                "`query` has the character U+0000",
                null,
                "leave U+0000 out of `query`"
            ])
        );
    }

    #[test]
    fn a_long_value_is_cut() {
        let error = check(json!({"query": "Ada", "x".repeat(5_000): 1}));
        assert!(error.to_string().len() < 400, "{error}");
    }
}
