//! Checking arguments against the schema that was listed, and wording what is wrong with them.

use jsonschema::{
    JsonType, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::{Map, Value};

use super::super::guidance::Failure;

/// Characters of a wrong value that an error shows.
const SHOWN: usize = 80;
/// How alike two names must be, from 0 to 1, for one to be meant by the other.
const ALIKE: f64 = 0.7;

/// The schema of arguments or of an answer, compiled once.
pub struct Checker {
    validator: Validator,
    schema: Value,
}

impl Checker {
    /// Compiles a schema of our own making.
    ///
    /// # Panics
    ///
    /// If it is no schema.
    pub fn new(schema: &Map<String, Value>) -> Self {
        let schema = Value::Object(schema.clone());
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema that is made from a type is a schema");
        Self { validator, schema }
    }

    /// The first thing that is wrong, in the words of an error; nothing where all is well.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub fn check(&self, arguments: &Value) -> Result<(), Failure> {
        // Validity is asked first because it is what nearly every call has, and asking is cheaper
        // than looking for reasons.
        if self.validator.is_valid(arguments) {
            return without_nul(arguments, &mut String::new());
        }
        // An argument that is not declared explains most other errors, since it is usually one of
        // them misspelt. That a value is of another type says less than anything else about it.
        let mut errors: Vec<_> = self.validator.iter_errors(arguments).collect();
        errors.sort_by_key(|error| match error.kind() {
            Kind::AdditionalProperties { .. } => 0,
            Kind::Type { .. } => 2,
            _ => 1,
        });
        match errors.first() {
            Some(error) => Err(self.failure(error)),
            None => Ok(()),
        }
    }

    /// Whether a value is as the schema says, and if not, where it is not: for the log.
    pub(super) fn fault(&self, value: &Value) -> Option<String> {
        // Asking is cheaper than looking for reasons.
        if self.validator.is_valid(value) {
            return None;
        }
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
                let schema = error.schema_path().as_str().rsplit_once('/');
                let schema = schema.and_then(|(parent, _)| self.schema.pointer(parent));
                unknown(&pointer, name, schema.unwrap_or(&Value::Null), error.instance())
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let message = format!("the argument `{name}` is missing");
                let schema = error.schema_path().as_str().rsplit_once('/');
                let schema = schema.and_then(|(parent, _)| self.schema.pointer(parent));
                let property = schema.and_then(|schema| schema.get("properties")?.get(name));
                let hint = format!("add `{name}` and call again");
                Failure::invalid_argument(at(name), message, hint)
                    .mismatch(wanted(property), "nothing")
            }
            // Whoever writes JSON into a string has the right idea and one step too many.
            _ if place.is_empty() && is_object_in_text(error.instance()) => {
                let message = "the arguments are a string";
                let hint = "pass the arguments as an object, not as a string that holds one";
                Failure::invalid_argument(place, message, hint).mismatch("an object", got)
            }
            kind => {
                let expected = expected(kind);
                let message = format!("{} must be {expected}", spoken(&place));
                let hint = format!("make {} {expected} and call again", spoken(&place));
                Failure::invalid_argument(place, message, hint).mismatch(expected, got)
            }
        }
    }
}

/// The failure that an argument is which the schema does not declare.
fn unknown(pointer: &str, name: &str, schema: &Value, arguments: &Value) -> Failure {
    let shown = shortened(name);
    let message = format!("there is no argument `{shown}`");
    let declared = schema["properties"].as_object();
    let mut declared: Vec<&str> = declared.into_iter().flatten().map(|(name, _)| &**name).collect();
    // Whether a map keeps an order of its own depends on the build.
    declared.sort_unstable();
    let alike = |known: &str| strsim::jaro_winkler(known, name);
    let nearest = declared
        .iter()
        .copied()
        .max_by(|left, right| alike(left).total_cmp(&alike(right)))
        .filter(|known| alike(known) >= ALIKE);
    // Leaving it out is half a correction where something is missing as well.
    let required = schema["required"].as_array();
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    let missing = required.find(|name| arguments.get(name).is_none());
    let hint = match (nearest, missing, for_what_is_given(schema, arguments)) {
        (Some(known), ..) => format!("is `{known}` meant? otherwise leave it out"),
        (None, Some(missing), _) => format!("is `{missing}` meant? it is missing"),
        (None, None, Some((known, given))) => {
            format!("is `{known}` meant, which is for {given}? otherwise leave it out")
        }
        (None, None, None) => "leave it out".to_owned(),
    };
    let known = match declared.as_slice() {
        [] => "no arguments".to_owned(),
        names => format!("one of {}", names.join(", ")),
    };
    Failure::invalid_argument(pointer, message, hint).mismatch(known, shown)
}

/// The one argument that is not given and whose description begins with `For` and a value that is: a
/// schema has no other way to say that they go together. None where there are several.
fn for_what_is_given<'a>(schema: &'a Value, arguments: &'a Value) -> Option<(&'a str, &'a str)> {
    let declared = schema["properties"].as_object()?;
    let given: Vec<&str> = declared
        .iter()
        .filter(|(_, schema)| !options_of(schema).is_empty())
        .filter_map(|(name, schema)| {
            let given = arguments.get(name)?.as_str()?;
            options_of(schema).contains(&given).then_some(given)
        })
        .collect();
    let mut fitting = declared.iter().filter_map(|(name, schema)| {
        if arguments.get(name).is_some() {
            return None;
        }
        let words = schema["description"].as_str()?.strip_prefix("For ")?;
        let words = words.split_once(':').map_or(words, |(before, _)| before);
        let mut words = words.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let word = words.find_map(|word| given.iter().copied().find(|given| *given == word))?;
        Some((name.as_str(), word))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// The texts that a schema allows, where it allows only these.
fn options_of(schema: &Value) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let branches = ["oneOf", "anyOf"].into_iter().filter_map(|name| schema[name].as_array());
    let constants = branches.flatten().filter_map(|branch| branch["const"].as_str());
    listed.chain(constants).collect()
}

/// The failure that arguments are which the schema takes and their type does not.
pub(super) fn mistyped(fault: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    use serde_path_to_error::Segment;

    let mut place = String::new();
    for segment in fault.path() {
        match segment {
            Segment::Seq { index } => place.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                place.push('/');
                place.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => break,
        }
    }
    let fault = shortened(&fault.inner().to_string());
    let message = format!("{} cannot be read: {fault}", spoken(&place));
    let hint = format!("correct {} after the input schema", spoken(&place));
    Failure::invalid_argument(place, message, hint)
}

/// Takes out what is null: some clients write out every argument that there is. In a list, null is an
/// element.
pub fn without_nulls(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

/// Writes whole numbers as the integers that they are in JSON Schema: `20.0` is `20`, which the types
/// of arguments tell apart.
pub fn with_integers(value: &mut Value) {
    match value {
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            // Beyond these, not every integer is a double.
            const EXACT: f64 = 9_007_199_254_740_992.0;
            let whole = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= EXACT);
            if let Some(whole) = whole {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(with_integers),
        Value::Object(members) => members.values_mut().for_each(with_integers),
        _ => {}
    }
}

fn is_object_in_text(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    serde_json::from_str::<Value>(text).is_ok_and(|inner| inner.is_object())
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

/// What can be said of forms that are more than values.
const FORMS: &str = "one of the forms that the input schema lists";

/// The values that the branches of a schema allow, where each allows only certain values. Nothing is
/// said of null, which is as well left out.
fn options(branches: &[Vec<ValidationError<'_>>]) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for branch in branches {
        let before = all.len();
        let mut is_null = false;
        for error in branch {
            match error.kind() {
                Kind::Constant { expected_value } => all.push(expected_value.to_string()),
                Kind::Enum { options } => {
                    all.extend(options.as_array()?.iter().map(Value::to_string));
                }
                Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                    all.extend(options(context)?);
                }
                Kind::Type { kind: TypeKind::Single(JsonType::Null) } => is_null = true,
                // The type stands beside the value that it is of.
                Kind::Type { .. } => {}
                _ => return None,
            }
        }
        if all.len() == before && !is_null {
            return None;
        }
    }
    (!all.is_empty()).then_some(all)
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
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match options(context) {
            Some(options) => format!("one of {}", options.join(", ")),
            None => FORMS.to_owned(),
        },
        Kind::OneOfMultipleValid { .. } => FORMS.to_owned(),
        kind => format!("as `{}` in the input schema says", kind.keyword()),
    }
}

/// What is expected where nothing came.
fn wanted(property: Option<&Value>) -> String {
    let choices = property.and_then(|property| property.get("enum")?.as_array());
    let kind = property.and_then(|property| property.get("type")?.as_str());
    match (choices, kind) {
        (Some(choices), _) => {
            let choices: Vec<String> = choices.iter().map(Value::to_string).collect();
            format!("one of {}", choices.join(", "))
        }
        (None, Some(kind)) => format!("a value of type {kind}"),
        (None, None) => "a value".to_owned(),
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

    use super::{super::schema, Checker, mistyped, with_integers, without_nulls};

    #[derive(JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Arguments {
        query: String,
        #[schemars(range(min = 1, max = 50))]
        limit: Option<u32>,
        since: Option<Kind>,
        #[serde(default)]
        filter: Filter,
    }

    #[derive(Default, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Filter {
        owner: Option<String>,
        kinds: Vec<Kind>,
        either: Option<Either>,
    }

    #[derive(JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    enum Either {
        Kind(Kind),
        Number(u32),
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is asked for")]
    enum Kind {
        /// With a description, a value is a schema of its own.
        Note,
        /// Another one.
        Meeting,
    }

    fn check(mut arguments: Value) -> Value {
        without_nulls(&mut arguments);
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
                "a value of type string",
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
                "one of filter, limit, query, since",
                "is `limit` meant? otherwise leave it out"
            ])
        );
        assert_eq!(check(json!({"query": "Ada", "tenant": "globex"}))[3], "leave it out");
        assert_eq!(check(json!({"words": "Ada"}))[3], "is `query` meant? it is missing");
        assert_eq!(check(json!([]))[1], "the list of arguments must be of type object");
    }

    #[derive(JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    struct Proposed {
        /// What to do
        operation: Asked,
        /// The one that it is about; for all but add_note
        customer_id: Option<String>,
        /// For add_note
        note: Option<String>,
        /// For merge: the other one
        duplicate_id: Option<String>,
        /// For merge: its version
        duplicate_version: Option<u32>,
    }

    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is asked for")]
    enum Asked {
        AddNote,
        Merge,
    }

    #[test]
    fn the_text_of_a_note_is_led_to_the_argument_that_goes_with_what_is_given() {
        let checker = Checker::new(&schema::of_input::<Proposed>());
        let hint = |arguments| checker.check(&arguments).unwrap_err().next.hint.clone();
        assert_eq!(
            hint(json!({"operation": "add_note", "text": "Called"})),
            "is `note` meant, which is for add_note? otherwise leave it out"
        );
        for arguments in [
            json!({"operation": "add_note", "note": "Called", "text": "Called"}),
            // It could be either.
            json!({"operation": "merge", "text": "Called"}),
        ] {
            assert_eq!(hint(arguments), "leave it out");
        }
    }

    #[test]
    fn what_there_is_instead_is_named_wherever_it_is() {
        assert_eq!(
            check(json!({"query": "Ada", "filter": {"kinds": [], "ownr": "bob"}})),
            json!([
                "/filter/ownr",
                "there is no argument `ownr`",
                "one of either, kinds, owner",
                "is `owner` meant? otherwise leave it out"
            ])
        );
        let values = "one of \"note\", \"meeting\"";
        for wrong in [json!("Note"), json!(7)] {
            let error = check(json!({"query": "Ada", "since": wrong}));
            assert_eq!(error[2], values);
            assert_eq!(error[3], format!("make `since` {values} and call again"));
        }
        let error = check(json!({"query": "Ada", "filter": {"kinds": ["fax"]}}));
        assert_eq!((&error[0], &error[2]), (&json!("/filter/kinds/0"), &json!(values)));
        // Not all that is allowed is a value.
        let error = check(json!({"query": "Ada", "filter": {"kinds": [], "either": "fax"}}));
        assert_eq!(error[2], "one of the forms that the input schema lists");
    }

    #[test]
    fn arguments_in_a_string_are_told_to_be_an_object() {
        let error = check(json!(json!({"query": "Ada"}).to_string()));
        assert_eq!(
            error,
            json!([
                "",
                "the arguments are a string",
                "an object",
                "pass the arguments as an object, not as a string that holds one"
            ])
        );
        let error = check(json!("Ada"));
        assert_eq!(error[1], "the list of arguments must be of type object");
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        let mut value = json!({"a": [20.0, -0.0, 1.5, 1e300, -3.0, 7], "b": {"c": 9_007_199_254_740_992.0_f64}});
        with_integers(&mut value);
        assert_eq!(
            value.to_string(),
            json!({"a": [20, 0, 1.5, 1e300, -3, 7], "b": {"c": 9_007_199_254_740_992_i64}})
                .to_string()
        );
    }

    #[test]
    fn what_a_type_does_not_take_is_pointed_at() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "it is never made")]
        struct Outer {
            list: Vec<Inner>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "it is never made")]
        struct Inner {
            size: u32,
        }
        let value = json!({"list": [{"size": 1}, {"size": 4_294_967_296_i64}]});
        let fault = serde_path_to_error::deserialize::<_, Outer>(value).unwrap_err();
        let failure = mistyped(&fault);
        assert_eq!(failure.argument.as_deref(), Some("/list/1/size"));
        assert!(failure.next.hint.contains("/list/1/size"), "{failure:?}");
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
