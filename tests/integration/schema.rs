//! Our own check of schemas says the same as the meta-schemas do.
//!
//! `schema::validity` is read off a table of keywords; the `jsonschema` crate validates against the
//! published meta-schemas. Generated schemas, many of them wrong in one place, are put before both
//! in every dialect.

use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use mcp_kit::engine::schema::{
    Dialect,
    keyword::{Form, KEYWORDS, Keyword},
    validity,
};
use proptest::{
    collection::vec,
    prelude::{BoxedStrategy, Just, ProptestConfig, Strategy, proptest},
    sample::select,
};
use serde_json::{Map, Value, json};

/// The meta-schemas, without formats: whether a pattern is a regular expression and an address a
/// URI are other questions than the form of a keyword.
static META_SCHEMAS: LazyLock<Vec<(Dialect, Validator)>> = LazyLock::new(|| {
    let validator = |draft: Draft, uri: &str| {
        let options = jsonschema::options().with_draft(draft).should_validate_formats(false);
        options.build(&json!({"$ref": uri})).expect("a meta-schema is a schema")
    };
    let address = "json-schema.org";
    vec![
        (Dialect::Draft4, validator(Draft::Draft4, &format!("http://{address}/draft-04/schema#"))),
        (Dialect::Draft6, validator(Draft::Draft6, &format!("http://{address}/draft-06/schema#"))),
        (Dialect::Draft7, validator(Draft::Draft7, &format!("http://{address}/draft-07/schema#"))),
        (
            Dialect::Draft2019,
            validator(Draft::Draft201909, &format!("https://{address}/draft/2019-09/schema")),
        ),
        (
            Dialect::Draft2020,
            validator(Draft::Draft202012, &format!("https://{address}/draft/2020-12/schema")),
        ),
    ]
});

/// Puts a schema before both in every dialect; true for each that accepts it.
fn check(schema: &Value) -> Vec<bool> {
    let judge = |(dialect, meta_schema): &(Dialect, Validator)| {
        let ours = validity::check(schema, *dialect);
        let theirs: Vec<String> =
            meta_schema.iter_errors(schema).map(|error| error.to_string()).collect();
        let name = dialect.as_str();
        assert_eq!(
            ours.is_empty(),
            theirs.is_empty(),
            "{name} on {schema}\nours: {ours:#?}\ntheirs: {theirs:#?}"
        );
        ours.is_empty()
    };
    META_SCHEMAS.iter().map(judge).collect()
}

#[test]
fn the_two_agree_on_what_servers_get_wrong() {
    let cases = [
        (json!({"type": "object", "properties": {"a": {"type": "str"}}}), [false; 5]),
        (json!({"properties": {"a": {"required": true}}}), [false; 5]),
        (json!({"required": ["a", "a"]}), [false; 5]),
        (json!({"required": []}), [false, true, true, true, true]),
        (json!({"enum": []}), [true; 5]),
        (json!({"exclusiveMinimum": 3}), [false, true, true, true, true]),
        (json!({"minimum": 3, "exclusiveMinimum": true}), [true, false, false, false, false]),
        (json!({"items": [{"type": "string"}]}), [true, true, true, true, false]),
        (json!({"items": true}), [false, true, true, true, true]),
        (json!({"anyOf": []}), [false; 5]),
        (json!({"minLength": "3"}), [false; 5]),
        (json!({"properties": {"a": null}}), [false; 5]),
        (json!({"$defs": {"a": {"type": 1}}}), [true, true, true, false, false]),
        (json!([]), [false; 5]),
    ];
    for (schema, expected) in cases {
        assert_eq!(check(&schema), expected, "{schema}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_two_agree_on_generated_schemas(schema in schema(3)) {
        check(&schema);
    }
}

/// A schema of up to so many levels, most of it right.
fn schema(levels: u32) -> BoxedStrategy<Value> {
    let boolean = select(vec![json!(true), json!(false)]);
    if levels == 0 {
        return proptest::prop_oneof![4 => Just(json!({})), 1 => boolean].boxed();
    }
    let comparable: Vec<&Keyword> =
        KEYWORDS.iter().filter(|keyword| is_comparable(keyword)).collect();
    let members = select(comparable).prop_flat_map(move |keyword| {
        let name = Just(keyword.name.to_owned());
        let fine = value(keyword.value, levels - 1);
        // The schema itself is off, or one in twelve values is.
        (name, proptest::prop_oneof![11 => fine, 1 => odd_value()])
    });
    let object = vec(members, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<String, Value>>()));
    proptest::prop_oneof![30 => object, 2 => boolean, 1 => odd_value()].boxed()
}

/// Some keywords are left to other tests, because the meta-schemas disagree with their own text
/// about them: that of draft 4 does not mention `$ref`, those of 2019-09 and 2020-12 still list
/// `dependencies`, which no longer means anything, and all have patterns for names in `$…`.
fn is_comparable(keyword: &Keyword) -> bool {
    !keyword.name.starts_with('$') && keyword.name != "id" && keyword.name != "dependencies"
        || keyword.name == "$defs"
}

/// A value that a keyword of some form takes.
fn value(form: Form, levels: u32) -> BoxedStrategy<Value> {
    let any_of = |values: Vec<Value>| select(values).boxed();
    let array = |schemas: BoxedStrategy<Value>| vec(schemas, 1..3).prop_map(Value::Array).boxed();
    let map = |schemas: BoxedStrategy<Value>| {
        let named = vec((select(vec!["a", "b", "type"]).prop_map(str::to_owned), schemas), 0..3);
        named.prop_map(|members| Value::Object(members.into_iter().collect())).boxed()
    };
    match form {
        Form::Schema => schema(levels),
        Form::Schemas => array(schema(levels)),
        Form::SchemaOrSchemas => {
            proptest::prop_oneof![schema(levels), array(schema(levels))].boxed()
        }
        Form::SchemaMap | Form::SchemaMapByPattern | Form::SchemaOrNamesMap => map(schema(levels)),
        Form::NamesMap => map(value(Form::Names, 0)),
        Form::Names => any_of(vec![json!(["a"]), json!(["a", "b"]), json!([]), json!(["a", "a"])]),
        Form::Types => any_of(vec![
            json!("string"),
            json!("any"),
            json!(["string", "null"]),
            json!(["object", "object"]),
            json!([]),
        ]),
        Form::Values => any_of(vec![json!([1, "a"]), json!([null]), json!([]), json!([1, 1])]),
        Form::Boolean => any_of(vec![json!(true), json!(false)]),
        Form::Number => any_of(vec![json!(-1), json!(2.5), json!(0)]),
        Form::PositiveNumber => any_of(vec![json!(1), json!(0.5), json!(0), json!(-2)]),
        Form::NumberOrFlag => any_of(vec![json!(1), json!(true)]),
        Form::Count => any_of(vec![json!(0), json!(7), json!(-1), json!(1.5)]),
        Form::String | Form::Pattern => any_of(vec![json!("a"), json!("^b$")]),
        Form::Any => odd_value(),
    }
}

/// A value of some type or other.
fn odd_value() -> BoxedStrategy<Value> {
    let values = vec![
        json!(null),
        json!(true),
        json!("3"),
        json!(3),
        json!(-0.5),
        json!([]),
        json!(["a"]),
        json!({}),
        json!({"a": 1}),
        json!([{}, 1]),
    ];
    select(values).boxed()
}
