//! Pairs that earlier attempts at this got wrong, each named after the mistake.

use serde_json::{Value, json};

use super::{Senders, argument, ask, breaks, broken, equal, included, undecided};

#[test]
fn what_was_learned_inside_a_cycle_hides_no_break_elsewhere() {
    let schema = |leaf: Value| {
        json!({
            "type": "object",
            "properties": {"p": {"$ref": "#/$defs/P"}, "q": {"$ref": "#/$defs/Q"}},
            "$defs": {
                "P": {"type": "object", "properties": {"l": {"$ref": "#/$defs/Q"}, "v": leaf}},
                "Q": {"type": "object", "properties": {"l": {"$ref": "#/$defs/P"}}}
            }
        })
    };
    let (old, new) =
        (schema(json!({"type": ["integer", "string"]})), schema(json!({"type": "string"})));
    let inclusion = ask(&old, &new, Senders::Declared);
    let places: Vec<_> =
        inclusion.failures.iter().map(|failure| failure.instance.as_str()).collect();
    assert_eq!(places, ["/p/v", "/q/l/v"]);
}

#[test]
fn a_reference_to_itself_in_place_means_nothing() {
    let schema = |list: Value| json!({"$ref": "#/$defs/T", "$defs": {"T": {"oneOf": [{"$ref": "#/$defs/T"}, list]}}});
    let inclusion = ask(
        &schema(json!({"type": "array"})),
        &schema(json!({"type": "array", "maxItems": 1})),
        Senders::Declared,
    );
    assert!(!inclusion.undecided.is_empty(), "{inclusion:#?}");
}

#[test]
fn what_cannot_be_read_does_not_cancel_across_documents() {
    let dangling = |title: &str| json!({"title": title, "$ref": "#/$defs/X"});
    undecided(dangling("old"), dangling("new"));
    let remote = |title: &str| json!({"title": title, "$ref": "https://x.example/s.json"});
    included(remote("old"), remote("new"));
    undecided(remote("old"), json!({"$ref": "https://x.example/t.json"}));
}

#[test]
fn references_below_another_address_are_not_read_here() {
    let schema = |inner: &str, outer: &str| {
        json!({
            "properties": {"a": {
                "$id": "https://x.example/s", "$ref": "#/$defs/T", "$defs": {"T": {"type": inner}}
            }},
            "$defs": {"T": {"type": outer}}
        })
    };
    // Nothing is proved with them; a candidate that the validator confirms is still a witness.
    undecided(schema("string", "boolean"), schema("string", "null"));
    breaks(
        schema("string", "boolean"),
        schema("integer", "boolean"),
        "/properties/a/$id",
        json!({"a": "x"}),
    );
}

#[test]
fn declared_names_are_not_guessed_from_branches() {
    breaks(
        json!({"type": "object", "properties": {"c": {}}, "dependentRequired": {"a": ["b"]}}),
        json!({"type": "object", "properties": {"c": {}}, "additionalProperties": false}),
        "/additionalProperties",
        json!({"b": "x"}),
    );
}

#[test]
fn an_enum_of_objects_of_the_accepting_side_proposes_no_keys() {
    included_by_convention(
        json!({"type": "object", "properties": {"b": {}, "a": {}}, "required": ["a"]}),
        json!({"if": {"enum": [{"a": 1, "zz": 1}]}, "then": false}),
    );
}

#[test]
fn what_both_sides_say_is_still_declared_by_the_sender() {
    let plain = json!({"type": "object", "properties": {"o": {"type": "string"}}});
    equal(plain.clone(), json!({"not": {"not": plain}}));
}

#[test]
fn keywords_speak_of_one_type_only() {
    breaks(
        argument(json!({"minLength": 2})),
        argument(json!({"type": "string", "minLength": 2})),
        "/properties/a/type",
        json!({"a": 1}),
    );
}

#[test]
fn a_schema_that_accepts_nothing_is_included_and_said_so() {
    let nothing = json!({"type": "object", "required": ["a"], "properties": {"a": false}});
    let inclusion = ask(&nothing, &json!({"type": "string"}), Senders::Any);
    assert!(inclusion.is_included() && inclusion.is_empty);
}

#[test]
fn additional_properties_sees_its_own_object_only() {
    let found = broken(
        json!({"type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": false}),
        json!({"type": "object", "allOf": [
            {"properties": {"a": {}}}, {"properties": {"b": {}}, "additionalProperties": false}
        ]}),
    );
    assert_eq!(found, [("/allOf/1/additionalProperties".to_owned(), json!({"a": "x"}))]);
}

#[test]
fn all_true_branches_of_a_union_evaluate() {
    equal(
        json!({
            "type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": false,
            "minProperties": 1
        }),
        json!({
            "type": "object",
            "anyOf": [
                {"properties": {"a": {}}, "required": ["a"]},
                {"properties": {"b": {}}, "required": ["b"]}
            ],
            "unevaluatedProperties": false
        }),
    );
}

#[test]
fn finite_domains_bound_counts() {
    included(
        argument(json!({"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": true})),
        argument(json!({"type": "array", "maxItems": 2})),
    );
    included(
        argument(json!({"type": "object", "propertyNames": {"enum": ["a", "b"]}})),
        argument(json!({"type": "object", "maxProperties": 2})),
    );
}

#[test]
fn multiples_are_exact() {
    included(
        argument(json!({"type": "integer", "multipleOf": 0.4})),
        argument(json!({"multipleOf": 2})),
    );
}

#[test]
fn digits_are_those_of_ecma_262() {
    equal(
        argument(json!({"type": "string", "pattern": "^\\d+$"})),
        argument(json!({"type": "string", "pattern": "^[0-9]+$"})),
    );
}

#[test]
fn a_branch_more_may_refuse() {
    breaks(
        argument(json!({"oneOf": [{"type": "integer"}, {"type": "string"}]})),
        argument(json!({"oneOf": [
            {"type": "integer"}, {"type": "string"}, {"type": "integer", "minimum": 5}
        ]})),
        "/properties/a/oneOf",
        json!({"a": 5}),
    );
    breaks(
        json!({"type": "object", "properties": {"a": {}, "b": {}}}),
        json!({
            "type": "object", "properties": {"a": {}, "b": {}},
            "if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}
        }),
        "/then",
        json!({}),
    );
}

#[test]
fn a_key_of_a_map_is_a_word_if_it_can_be() {
    breaks(
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        json!({
            "type": "object", "additionalProperties": {"type": "string"},
            "propertyNames": {"pattern": "^x-"}
        }),
        "/propertyNames/pattern",
        json!({"extra": "x"}),
    );
}

#[test]
fn a_long_list_is_gone_through_once() {
    let list = |count: usize| {
        let members: Vec<_> = (0..count).map(|index| format!("value {index}")).collect();
        argument(json!({"enum": members}))
    };
    breaks(list(5_000), list(4_999), "/properties/a/enum", json!({"a": "value 4999"}));
}

#[test]
fn many_changed_properties_are_all_found() {
    let schema = |limited: bool| {
        let properties: serde_json::Map<String, Value> = (0..300)
            .map(|index| {
                let plain = json!({"type": "string"});
                let short = json!({"type": "string", "maxLength": 10});
                (format!("p{index}"), if limited { short } else { plain })
            })
            .collect();
        json!({"type": "object", "properties": properties})
    };
    assert_eq!(broken(schema(false), schema(true)).len(), 300);
}

#[test]
fn definitions_that_double_are_compared_once() {
    let schema = |leaf: &str| {
        let mut definitions = serde_json::Map::new();
        for level in 0..25 {
            let next = json!({"$ref": format!("#/$defs/T{}", level + 1)});
            let value = json!({"type": "object", "properties": {"a": next, "b": next}});
            definitions.insert(format!("T{level}"), value);
        }
        definitions.insert("T25".to_owned(), json!({"type": leaf}));
        json!({"$ref": "#/$defs/T0", "$defs": definitions})
    };
    included(schema("integer"), schema("number"));
}

#[test]
fn a_long_chain_of_references_ends() {
    let schema = |leaf: &str| {
        let mut definitions = serde_json::Map::new();
        for level in 0..20_000 {
            let next = json!({"$ref": format!("#/$defs/T{}", level + 1)});
            definitions.insert(format!("T{level}"), next);
        }
        definitions.insert("T20000".to_owned(), json!({"type": leaf}));
        json!({"$ref": "#/$defs/T0", "$defs": definitions})
    };
    undecided(schema("number"), schema("integer"));
}

fn included_by_convention(first: Value, second: Value) {
    let inclusion = ask(&first, &second, Senders::Declared);
    assert!(inclusion.is_included(), "{first}\n{second}\n{inclusion:#?}");
    assert!(!ask(&first, &second, Senders::Any).is_included());
}

#[test]
fn contains_may_evaluate_items_in_the_eyes_of_a_validator() {
    let schema = |body: Value| {
        let mut schema = body;
        schema["$schema"] = json!("https://json-schema.org/draft/2019-09/schema");
        schema
    };
    undecided(schema(json!({})), schema(json!({"contains": true, "unevaluatedItems": false})));
}

#[test]
fn one_key_can_violate_two_schemas_of_names() {
    let inclusion = ask(
        &json!({
            "type": "object", "maxProperties": 1, "not": {"propertyNames": {"pattern": "^x"}}
        }),
        &json!({"propertyNames": {"minLength": 2}}),
        Senders::Any,
    );
    assert!(!inclusion.is_included(), "{inclusion:#?}");
}

#[test]
fn one_item_can_violate_two_schemas_of_items() {
    let inclusion = ask(
        &json!({
            "type": "array", "prefixItems": [{"type": "string"}], "maxItems": 2,
            "not": {"items": {"type": "string"}}
        }),
        &json!({"prefixItems": [true], "items": {"type": "string"}}),
        Senders::Any,
    );
    assert!(!inclusion.is_included(), "{inclusion:#?}");
}

#[test]
fn a_count_beyond_all_counts_refuses() {
    let inclusion =
        ask(&json!({"type": "array"}), &json!({"type": "array", "minItems": 1e30}), Senders::Any);
    assert!(!inclusion.is_included(), "{inclusion:#?}");
}

#[test]
fn a_group_of_a_look_ahead_can_be_referred_to() {
    let inclusion = ask(
        &json!({"enum": ["a", "ab"], "pattern": "^(?=(a))\\1"}),
        &json!({"enum": ["b"]}),
        Senders::Any,
    );
    assert!(!inclusion.is_included(), "{inclusion:#?}");
}

#[test]
fn another_document_is_the_same_only_at_the_same_address() {
    let schema =
        |id: &str| json!({"$id": id, "title": id, "properties": {"a": {"$ref": "t.json"}}});
    undecided(schema("https://x.example/a/"), schema("https://x.example/b/"));
    let schema = |kind: &str| {
        json!({
            "$schema": "http://json-schema.org/draft-04/schema#",
            "definitions": {"T": {"id": "http://x.example/t.json", "type": kind}},
            "properties": {"a": {"$ref": "http://x.example/t.json"}}
        })
    };
    undecided(schema("string"), schema("integer"));
}

#[test]
fn many_counted_items_end() {
    let schema = |least: u64| json!({"contains": {"type": "string"}, "minContains": least});
    included(schema(1_500), schema(1_500));
    ask(&schema(1_999), &schema(2_000), Senders::Any);
    ask(&schema(5_000_000), &schema(5_000_001), Senders::Any);
}

#[test]
fn what_is_not_valid_is_set_aside_and_proves_nothing() {
    let (strange, other) = (json!({"minLength": "3"}), json!({"minLength": "4"}));
    included(argument(strange.clone()), argument(json!({"minLength": "3", "title": "same"})));
    undecided(argument(strange.clone()), argument(other));
    // What else changed is found all the same.
    let narrowed = json!({"minLength": "3", "maxLength": 2});
    breaks(argument(strange), argument(narrowed), "/properties/a/maxLength", json!({"a": "xxx"}));
    let tuple = |last: &str| argument(json!({"type": "array", "items": [{"type": last}]}));
    undecided(tuple("string"), tuple("integer"));
    // Names that stand twice leave no doubt.
    breaks(
        json!({"type": "object", "properties": {"a": {}}}),
        json!({"type": "object", "properties": {"a": {}}, "required": ["a", "a"]}),
        "/required/0",
        json!({}),
    );
}

#[test]
fn a_reference_out_of_the_document_may_evaluate_properties() {
    undecided(
        json!({"enum": [{"a": 1}]}),
        json!({"$ref": "https://x.example/s.json", "unevaluatedProperties": false}),
    );
    // And it may accept one property and refuse the other.
    let other = json!({"$ref": "https://x.example/s.json"});
    undecided(
        json!({"enum": [{"a": 1, "b": 2}]}),
        json!({"oneOf": [{"properties": {"a": other}}, {"properties": {"b": other}}]}),
    );
}

#[test]
fn a_recursive_reference_is_one() {
    let schema = |leaf: &str| {
        json!({
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "type": "object", "additionalProperties": false,
            "properties": {"a": {"type": leaf}, "next": {"$recursiveRef": "#"}}
        })
    };
    let inclusion = ask(
        &json!({
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "enum": [{"next": {"a": 1}}]
        }),
        &schema("string"),
        Senders::Any,
    );
    assert_eq!(inclusion.failures.len(), 1, "{inclusion:#?}");
    included(schema("integer"), schema("number"));
}

#[test]
fn what_a_text_contains_is_not_looked_into() {
    let old = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "string", "contentMediaType": "application/json", "contentEncoding": "base64"
    });
    let inclusion = ask(&old, &json!({"type": "integer"}), Senders::Any);
    assert_eq!(inclusion.failures[0].witness, json!("x"));
}

#[test]
fn dependencies_are_no_keyword_of_later_dialects() {
    let schema = json!({"type": "object", "dependencies": {"a": ["b"]}, "required": ["a"]});
    let inclusion = ask(&schema, &json!({"required": ["b"]}), Senders::Any);
    assert_eq!(inclusion.failures[0].witness, json!({"a": "x"}));
    included(json!({"type": "object"}), json!({"dependencies": {"a": ["b"]}}));
}

#[test]
fn a_schema_inside_may_be_of_another_dialect() {
    let inner = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "dependentRequired": {"a": ["b"]}, "type": "object"
    });
    undecided(
        json!({"enum": [{"p": {"a": 1, "b": 2}}]}),
        json!({"properties": {"p": inner}, "title": "new"}),
    );
}

#[test]
fn a_validator_is_not_sent_down_more_ways_than_it_can_go() {
    let schema = |leaf: Value, around: &dyn Fn(Value) -> Value| {
        let mut definitions = serde_json::Map::new();
        for level in 0..40 {
            let next = json!({"$ref": format!("#/$defs/T{}", level + 1)});
            definitions.insert(format!("T{level}"), around(next));
        }
        definitions.insert("T40".to_owned(), leaf);
        json!({"properties": {"a": {"$ref": "#/$defs/T0"}}, "$defs": definitions})
    };
    let twice = |next: Value| json!({"allOf": [next, next]});
    let (wide, narrow) = (json!({"type": "string"}), json!({"type": "string", "maxLength": 3}));
    undecided(schema(wide.clone(), &twice), schema(narrow.clone(), &twice));
    included(schema(narrow.clone(), &twice), schema(wide.clone(), &twice));
    let inside = |next: Value| json!({"allOf": [{"items": next}, {"items": next}]});
    included(schema(narrow, &inside), schema(wide, &inside));
}

#[test]
fn a_witness_against_what_means_nothing_is_none() {
    // Validators cut the circle where they come to it first, and answer by the spelling.
    let schema = |body: Value| json!({"$ref": "#/$defs/T", "title": "T", "$defs": {"T": body}, "type": ["number", "null"]});
    let circle = |inner: Value| schema(json!({"multipleOf": 1, "not": inner}));
    let inlined = circle(json!({"multipleOf": 1, "not": {"$ref": "#/$defs/T"}}));
    let plain = circle(json!({"$ref": "#/$defs/T"}));
    for (first, second) in [(&plain, &inlined), (&inlined, &plain)] {
        let inclusion = ask(first, second, Senders::Any);
        assert_eq!(inclusion.failures, [], "{first}\n{second}");
    }
}
