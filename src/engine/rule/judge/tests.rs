//! What is said, and how: two lists of tools in, findings out.

use serde_json::{Value, json};

use super::{judge, judge_unless};
use crate::engine::{
    contract,
    diff::{self, Options, Stability},
    finding::{Finding, Severity, Side},
    protocol::json::Limits,
    rule::{Profile, Selection},
    surface::{self, Surface},
};

fn surface(value: &Value) -> Surface {
    surface::read(value.to_string().as_bytes(), &Limits::default()).unwrap()
}

fn findings(old: &Value, new: &Value, options: &Options) -> Vec<Finding> {
    let (old, new) = (surface(old), surface(new));
    judge(&diff::compare(&old, &new, options), &Selection::of(Profile::Recommended))
}

/// The findings as lines: rule, severity's first letter, message, and the first place's note.
fn lines(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let rule = finding.rule.trim_start_matches("breaking/");
        let severity = &finding.severity.as_str()[..1];
        let note = finding.places[0].note.as_ref().map(|note| format!(" ({note})"));
        format!("{severity} {rule}: {}{}", finding.message, note.unwrap_or_default())
    };
    findings.iter().map(line).collect()
}

fn check(old: Value, new: Value, expected: &[&str]) {
    assert_eq!(lines(&findings(&old, &new, &Options::default())), expected);
}

fn check_input(old: Value, new: Value, expected: &[&str]) {
    let tool = |schema: Value| json!([{"name": "t", "inputSchema": schema}]);
    check(tool(old), tool(new), expected);
}

fn check_output(old: Value, new: Value, expected: &[&str]) {
    let tool = |schema: Value| json!([{"name": "t", "inputSchema": {}, "outputSchema": schema}]);
    check(tool(old), tool(new), expected);
}

#[test]
fn a_narrowed_input_says_what_is_refused() {
    check_input(
        json!({"properties": {"q": {"type": "string"}}, "additionalProperties": false}),
        json!({"properties": {"query": {"type": "string"}}, "required": ["query"], "additionalProperties": false}),
        &["e input-narrowed: `q` is now called `query` (property-renamed)"],
    );
    check_input(
        json!({"properties": {"level": {"enum": ["low", "high"]}}}),
        json!({"properties": {"level": {"enum": ["LOW", "HIGH"]}}}),
        &[
            "e input-narrowed: `level`: enum changes case: \"low\" is refused now (enum-case-changed)",
        ],
    );
    check_input(
        json!({"properties": {"a": {"maxLength": 100}, "b": {"items": {"type": "number"}}, "c": {}}}),
        json!({"properties": {"a": {"maxLength": 10}, "b": {"items": {"type": "integer"}}, "c": {"minItems": 1}}}),
        &[
            "e input-narrowed: `a`: maxLength 100 → 10 (length-tightened)",
            "e input-narrowed: `b[]`: type number → integer (items-narrowed)",
            "e input-narrowed: `c`: minItems 1 is new (items-narrowed)",
        ],
    );
    check_input(
        json!({"properties": {"f": {"properties": {"a": {}, "b": {}}}}}),
        json!({"properties": {"f": {"properties": {"a": {}, "b": {}}, "allOf": [{"required": ["b"]}]}}}),
        &[
            "e input-narrowed: `f.b` is now required, by way of a branch or a condition (required-hidden)",
        ],
    );
    check_input(
        json!({"properties": {"f": {"properties": {"a": {}}, "additionalProperties": false}}}),
        json!({"properties": {"f": {"properties": {}, "additionalProperties": false}}}),
        &["e input-narrowed: `f.a` is refused now: it is gone, and the object is closed \
           (property-removed-closed)"],
    );
}

#[test]
fn a_widened_output_says_what_may_come() {
    check_output(
        json!({"properties": {"r": {}, "s": {"enum": ["a"]}}, "required": ["r"]}),
        json!({"properties": {"r": {}, "s": {"enum": ["a", "b"]}}}),
        &[
            "e output-widened: `s`: enum gains \"b\" (enum-value-added)",
            "e output-widened: `r` may be missing now (required-dropped)",
        ],
    );
    check_output(
        json!({"properties": {"r": {}}, "additionalProperties": false}),
        json!({"properties": {"r": {}, "q": {}}, "additionalProperties": false}),
        &["e output-widened: `q` is new, and the old schema is closed (property-added-closed)"],
    );
    check_output(
        json!({"properties": {"r": {}, "q": {"type": "string"}}}),
        json!({"properties": {"r": {}}}),
        &["i output-narrowed: the optional field `q` is gone"],
    );
}

#[test]
fn what_is_harmless_is_said_as_well() {
    check_input(
        json!({"properties": {"a": {"maxLength": 10}}}),
        json!({"properties": {"a": {"maxLength": 100}, "b": {"type": "string"}}}),
        &[
            "i input-widened: `a`: accepts more: maxLength 10 → 100",
            "i input-widened: `b` is a new argument",
        ],
    );
    check_input(
        json!({"properties": {"a": {"type": ["string", "null"]}}}),
        json!({"properties": {"a": {"anyOf": [{"type": "null"}, {"type": "string"}]}}}),
        &["i schema-refactored: `inputSchema` is written differently and means the same"],
    );
    check_input(
        json!({"properties": {"a": {}}, "additionalProperties": false}),
        json!({"properties": {"a": {}, "b": {}}, "additionalProperties": false}),
        &["i input-widened: `b` is a new argument"],
    );
}

#[test]
fn a_witness_is_a_call_that_the_old_schema_accepts() {
    let tool = |required: Value| json!([{"name": "t", "inputSchema": {"properties": {"q": {"type": "string"}}, "required": required}}]);
    let found = findings(&tool(json!([])), &tool(json!(["q"])), &Options::default());
    let place = &found[0].places[0];
    let witness = place.witness.as_ref().unwrap();
    assert_eq!(witness.instance, json!({}));
    assert!(witness.is_call);
    assert_eq!(witness.accepted_by, Side::Old);
    assert_eq!(place.side, Side::New);
    assert_eq!(place.pointer.as_str(), "/0/inputSchema/required/0");
    assert_eq!(place.within.as_str(), "/inputSchema/required/0");
}

#[test]
fn the_same_edit_of_many_tools_is_one_finding() {
    let tools = |text: &str| -> Value {
        let tool = |name: &str| json!({"name": name, "description": format!("{name}. {text}"), "inputSchema": {}});
        ["a", "b", "c"].map(tool).into_iter().collect()
    };
    let found =
        findings(&tools("Times are in seconds."), &tools("Times are in ms."), &Options::default());
    assert_eq!(
        lines(&found),
        ["w description-drift: description changes: \"seconds\" → \"ms\" \
          (the unit changes: seconds → ms)"]
    );
    assert_eq!(found[0].tools(), ["a", "b", "c"]);
}

#[test]
fn a_tool_that_promises_nothing_fails_nothing() {
    let old = json!([{"name": "t", "inputSchema": {}}, {"name": "u", "inputSchema": {"properties": {"a": {}}}}]);
    let stability = [("t".to_owned(), Stability::Experimental)].into();
    let found = findings(&old, &json!([]), &Options { stability, ..Options::default() });
    assert_eq!(
        lines(&found),
        ["e tool-removed: the tool is gone", "i tool-removed: the tool is gone (experimental)"]
    );
}

#[test]
fn an_experimental_tool_fails_no_run_and_calls_for_no_version() {
    let surface =
        |tools: Value| json!({"serverInfo": {"name": "s", "version": "1.0.0"}, "tools": tools});
    let old = surface(json!([{"name": "t", "inputSchema": {}}]));
    let stability = [("t".to_owned(), Stability::Experimental)].into();
    let found = findings(&old, &surface(json!([])), &Options { stability, ..Options::default() });
    assert_eq!(lines(&found), ["i tool-removed: the tool is gone (experimental)"]);
    assert!(!found[0].fails(Severity::Info));
    let stable = findings(&old, &surface(json!([])), &Options::default());
    assert!(stable[0].fails(Severity::Info));
}

#[test]
fn a_removal_with_notice_is_a_warning() {
    let old = |since: &str| {
        json!({"serverInfo": {"name": "s", "version": "1.0.0"}, "tools": [
            {"name": "find", "inputSchema": {}, "_meta": {"dev.mcp-kit/deprecated": {"since": since, "replacement": "search"}}},
            {"name": "search", "inputSchema": {}}
        ]})
    };
    let new = json!({"tools": [{"name": "search", "inputSchema": {}}]});
    let mut options = Options { today: "2026-11-22".parse().ok(), ..Options::default() };
    let given = ["w tool-removed: the tool is gone (deprecated in favour of `search`)"];
    assert_eq!(lines(&findings(&old("1.0.0"), &new, &options)), given, "no policy");
    options.policy.window_days = Some(90);
    assert_eq!(lines(&findings(&old("2026-01-01"), &new, &options)), given);
    let short = "deprecated in favour of `search` for 21 of 90 days";
    let expected = [
        format!("e tool-removed: the tool is gone ({short})"),
        format!("w deprecation-missing: removed too soon: {short}"),
    ];
    assert_eq!(lines(&findings(&old("2026-11-01"), &new, &options)), expected);
    // The contract knows since when, whatever the mark says.
    let today = "2026-01-01".parse().unwrap();
    let written =
        contract::render_after(&surface(&old("1.0.0")), None, today, &options.policy.keys);
    let written: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(lines(&findings(&written, &new, &options)), given);
    options.policy.releases = Some(2);
    let found = lines(&findings(&written, &new, &options));
    assert!(found[0].contains("in 1 of 2 releases"), "{found:?}");
}

#[test]
fn a_tool_may_go_when_its_sunset_has_passed() {
    let old = |sunset: &str| {
        let mark = json!({"since": "1.4.0", "sunset": sunset, "replacement": "search"});
        json!({"tools": [
            {"name": "find", "inputSchema": {}, "_meta": {"dev.mcp-kit/deprecated": mark}},
            {"name": "search", "inputSchema": {}}
        ]})
    };
    let new = json!({"tools": [{"name": "search", "inputSchema": {}}]});
    let mut options = Options { today: "2026-11-22".parse().ok(), ..Options::default() };
    options.policy.window_days = Some(90);
    options.policy.releases = Some(2);
    let given =
        "w tool-removed: the tool is gone (deprecated in favour of `search`, sunset 2026-10-01)";
    assert_eq!(lines(&findings(&old("2026-10-01"), &new, &options)), [given], "no history");
    // A history that somebody kept is believed: the mark came with a day that was too near.
    let first = "2026-09-20".parse().unwrap();
    let keys = &options.policy.keys;
    let written = contract::render_after(&surface(&old("2026-10-01")), None, first, keys);
    let written: Value = serde_json::from_str(&written).unwrap();
    let found = lines(&findings(&written, &new, &options));
    assert!(found[0].starts_with("e tool-removed") && found[0].contains("63 of 90"), "{found:?}");
    // What is no date does not count.
    let found = lines(&findings(&old("soon"), &new, &options));
    assert!(found[0].contains("its sunset is no date, since when is not known"), "{found:?}");
    // A policy of nothing asks for the mark alone.
    (options.policy.window_days, options.policy.releases) = (Some(0), Some(0));
    let found = lines(&findings(&old("soon"), &new, &options));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("w tool-removed"), "{found:?}");
}

#[test]
fn a_sunset_that_is_no_date_is_said_when_it_is_written() {
    let tool = |meta: Value| json!({"tools": [{"name": "find", "inputSchema": {}, "_meta": meta}]});
    let mark = json!({"dev.mcp-kit/deprecated": {"since": "1.4.0", "sunset": "soon"}});
    check(
        tool(json!({})),
        tool(mark),
        &[
            "w deprecation-announced: the sunset `soon` is no date, and does not count",
            "i deprecation-announced: deprecated since 1.4.0, sunset soon",
        ],
    );
}

#[test]
fn a_version_answers_for_what_was_not_accepted() {
    let server = |version: &str, tools: &[&str]| {
        let tools: Vec<Value> =
            tools.iter().map(|name| json!({"name": name, "inputSchema": {}})).collect();
        json!({"serverInfo": {"name": "s", "version": version}, "tools": tools})
    };
    let (old, new) = (server("1.4.0", &["a", "b"]), server("1.4.1", &["a"]));
    check(
        old.clone(),
        new.clone(),
        &[
            "e tool-removed: the tool is gone",
            "w version-not-bumped: the changes call for a major version; 1.4.0 → 1.4.1 is patch",
        ],
    );
    let (old, new) = (surface(&old), surface(&new));
    let options = Options::default();
    let diff = diff::compare(&old, &new, &options);
    let selection = Selection::of(Profile::Recommended);
    let found = judge_unless(&diff, &selection, |finding| finding.severity == Severity::Error);
    assert_eq!(lines(&found), ["e tool-removed: the tool is gone"]);
    check(server("1.4.0", &["a"]), server("1.4.0", &["a"]), &[]);
}

#[test]
fn a_fingerprint_survives_reordering_and_edits_elsewhere() {
    let tool = |name: &str, title: &str, limit: u32| json!({"name": name, "title": title, "inputSchema": {"properties": {"a": {"maxLength": limit}}}});
    let fingerprint = |old: Value, new: Value| {
        let found = findings(&old, &new, &Options::default());
        let found = found.iter().find(|it| it.rule == "breaking/input-narrowed").unwrap();
        found.places[0].fingerprint.clone()
    };
    let other = tool("u", "", 9);
    let plain = fingerprint(json!([tool("t", "", 100)]), json!([tool("t", "", 10)]));
    let moved =
        fingerprint(json!([tool("t", "", 100), other]), json!([other, tool("t", "New", 10)]));
    assert_eq!(plain, moved);
    assert_ne!(plain, fingerprint(json!([tool("t", "", 100)]), json!([tool("t", "", 5)])));
}

/// Compares two input schemas given as text, because a value would not hold them.
fn check_text(old: &str, new: &str, expected: &[&str]) {
    let surface = |schema: &str| {
        let text = format!("{{\"tools\":[{{\"name\":\"t\",\"inputSchema\":{schema}}}]}}");
        surface::read(text.as_bytes(), &Limits::default()).unwrap()
    };
    let (old, new) = (surface(old), surface(new));
    let diff = diff::compare(&old, &new, &Options::default());
    let found = judge(&diff, &Selection::of(Profile::Recommended));
    assert_eq!(lines(&found), expected);
}

#[test]
fn what_the_reader_could_not_keep_is_not_passed() {
    let argument =
        |schema: &str| format!("{{\"type\":\"object\",\"properties\":{{\"a\":{schema}}}}}");
    let limit = |number: &str| argument(&format!("{{\"type\":\"integer\",\"maximum\":{number}}}"));
    let digits = "w schema-undecided: old calls may be refused; not decided: a number with more \
         digits than 64 bits hold";
    for (old, new) in
        [("18446744073709551617", "18446744073709551616"), ("1e25", "9999999999999999999999999")]
    {
        check_text(&limit(old), &limit(new), &[digits]);
    }
    // The same number, spelled differently, and the same text are no change.
    check_text(&limit("123456789012345678901"), &limit("123456789012345678901.0"), &[]);
    let deep = |leaf: &str| {
        format!("{}{{\"type\":\"{leaf}\"}}{}", "{\"items\":".repeat(130), "}".repeat(130))
    };
    let (old, new) = (argument(&deep("string")), argument(&deep("integer")));
    let mut found = Vec::new();
    for (old, new) in [
        (old, new),
        (argument("{\"type\":\"integer\",\"type\":\"string\"}"), argument("{\"type\":\"string\"}")),
    ] {
        let surface = |schema: &str| {
            let text = format!("{{\"tools\":[{{\"name\":\"t\",\"inputSchema\":{schema}}}]}}");
            surface::read(text.as_bytes(), &Limits::default()).unwrap()
        };
        let (old, new) = (surface(&old), surface(&new));
        let diff = diff::compare(&old, &new, &Options::default());
        found.extend(judge(&diff, &Selection::of(Profile::Recommended)));
    }
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["breaking/schema-undecided"; 2], "{found:#?}");
}

#[test]
fn what_has_no_name_is_not_passed() {
    let tool = json!({"name": "x", "inputSchema": {"type": "object"}});
    for odd in [json!({"inputSchema": {}}), json!({"name": 3}), json!(5), json!(null)] {
        let found = findings(&json!([tool]), &json!([tool, odd]), &Options::default());
        let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["breaking/unreadable-tool"], "{odd}");
    }
}

#[test]
fn arguments_are_objects_whether_the_schema_says_so_or_not() {
    let properties = json!({"a": {"type": "string"}});
    let (old, new) =
        (json!({"properties": properties}), json!({"type": "object", "properties": properties}));
    check_input(
        old,
        new,
        &["i schema-refactored: `inputSchema` is written differently and means the same"],
    );
}

#[test]
fn a_renamed_tool_is_compared_as_well() {
    let old = json!([{"name": "search_docs", "annotations": {"readOnlyHint": true}, "inputSchema": {
        "type": "object", "properties": {"q": {"type": "string"}}
    }}]);
    let new = json!([{"name": "searchDocs", "inputSchema": {
        "type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]
    }}]);
    let found = findings(&old, &new, &Options::default());
    let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
    let expected = ["breaking/tool-renamed", "breaking/input-narrowed", "breaking/hint-less-safe"];
    assert_eq!(rules, expected);
}

#[test]
fn a_capability_that_promised_nothing_is_not_missed() {
    let tools = json!([{"name": "t", "inputSchema": {"type": "object"}}]);
    let with = |capabilities: Value| json!({"capabilities": capabilities, "tools": tools});
    check(with(json!({"tools": {}, "experimental": {}})), with(json!({"tools": {}})), &[]);
}

fn of_schema(schema: Value) -> Value {
    json!({"tools": [{"name": "find", "inputSchema": schema}]})
}

fn fingerprints(old: Value, new: Value) -> Vec<String> {
    let found = findings(&of_schema(old), &of_schema(new), &Options::default());
    found.iter().map(Finding::fingerprint).collect()
}

#[test]
fn a_fingerprint_is_that_of_the_change_however_it_is_written() {
    let list = |names: Value| json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}}, "required": names});
    assert_eq!(
        fingerprints(list(json!(["c"])), list(json!(["c", "b"]))),
        fingerprints(list(json!(["c"])), list(json!(["b", "c"]))),
        "the order of names"
    );
    let one = |values: Value| json!({"type": "object", "properties": {"a": {"enum": values}}});
    assert_eq!(
        fingerprints(one(json!(["x", "y", "z"])), one(json!(["x", "y"]))),
        fingerprints(one(json!(["z", "x", "y"])), one(json!(["y", "x"]))),
        "the order of values"
    );
    let model = |name: &str, model: Value| {
        let target = format!("#/$defs/{name}");
        json!({
            "type": "object",
            "properties": {"m": {"anyOf": [{"$ref": target}, {"type": "null"}]}},
            "$defs": {name: model}
        })
    };
    let text = json!({"type": "object", "properties": {"x": {"type": "string"}}});
    let short = json!({"type": "object", "properties": {"x": {"type": "string", "maxLength": 9}}});
    let other = json!({"type": "object", "properties": {"x": {"type": "boolean"}}});
    let accepted = fingerprints(model("M", text.clone()), model("M", short.clone()));
    assert_eq!(accepted, fingerprints(model("Model", text.clone()), model("Model", short)));
    assert_ne!(accepted, fingerprints(model("M", text.clone()), model("M", other)));
    let with = |names: Value| {
        let mut schema = list(json!([]));
        schema["dependentRequired"] = json!({"a": names});
        schema
    };
    assert_ne!(
        fingerprints(with(json!([])), with(json!(["b"]))),
        fingerprints(with(json!([])), with(json!(["b", "c"]))),
        "what comes with an argument"
    );
}

#[test]
fn the_fingerprint_of_a_change_does_not_depend_on_how_the_json_is_written() {
    let fingerprints = |texts: [&str; 2]| -> Vec<String> {
        let [old, new] =
            texts.map(|text| surface::read(text.as_bytes(), &Limits::default()).unwrap());
        let diff = diff::compare(&old, &new, &Options::default());
        judge(&diff, &Selection::of(Profile::Strict)).iter().map(Finding::fingerprint).collect()
    };
    let plain = [
        r#"{"tools": [{"name": "größe", "inputSchema": {"properties": {"ä": {"enum": ["ü", 1]}}}}]}"#,
        r#"{"tools": [{"name": "größe", "inputSchema": {"properties": {"ä": {"enum": [1]}}}}]}"#,
    ];
    let escaped = [
        r#"{"tools": [{"name": "gr\u00f6\u00dfe", "inputSchema": {"properties": {"\u00e4": {"enum": ["\u00fc", 1]}}}}]}"#,
        r#"{"tools": [{"name": "gr\u00f6\u00dfe", "inputSchema": {"properties": {"\u00e4": {"enum": [1]}}}}]}"#,
    ];
    assert!(!fingerprints(plain).is_empty());
    assert_eq!(fingerprints(plain), fingerprints(escaped));
}

#[test]
fn a_closed_object_refuses_each_name_that_is_gone() {
    let closed = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        of_schema(json!({
            "type": "object", "properties": properties, "additionalProperties": false
        }))
    };
    let gone = |name: &str| {
        format!(
            "e input-narrowed: `{name}` is refused now: it is gone, and the object is closed \
             (property-removed-closed)"
        )
    };
    let found = findings(&closed(&["a", "b", "c", "d"]), &closed(&["a"]), &Options::default());
    let mut lines = lines(&found);
    lines.sort_unstable();
    assert_eq!(lines, [gone("b"), gone("c"), gone("d")]);
}

#[test]
fn a_key_that_stands_twice_hides_nothing() {
    let read = |text: &str| crate::engine::surface::read(text.as_bytes(), &Limits::default());
    let twice = r#"{"tools":[{"name":"a","inputSchema":{"type":"object"}}],"tools":[]}"#;
    let (old, new) = (read(twice).unwrap(), read(r#"{"tools":[]}"#).unwrap());
    let options = Options::default();
    let diff = diff::compare(&old, &new, &options);
    let found = lines(&judge(&diff, &Selection::of(Profile::Recommended)));
    assert!(found[0].starts_with("e unreadable-tool"), "{found:?}");
}
