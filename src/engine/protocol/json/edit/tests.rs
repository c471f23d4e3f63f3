use serde_json::json;

use super::{Edit, Editor, apply};
use crate::engine::protocol::json::{Document, Limits};

/// The text after some edits.
fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let document = Document::read(text.as_bytes(), &Limits::default()).unwrap();
    let splices = Editor::new(&document).splices(edits, |pointer| document.root().at(pointer))?;
    let after = apply(text, &splices);
    Document::read(after.as_bytes(), &Limits::default()).expect("edited JSON is JSON");
    Some(after)
}

fn remove(pointer: &str) -> Edit {
    Edit::Remove(pointer.into())
}

#[test]
fn what_goes_takes_its_comma_and_its_line_along() {
    let text = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n";
    let without = |names: &[&str]| {
        let edits: Vec<_> = names.iter().map(|name| remove(name)).collect();
        edited(text, &edits).unwrap()
    };
    assert_eq!(without(&["/a"]), "{\n  \"b\": 2,\n  \"c\": 3\n}\n");
    assert_eq!(without(&["/b"]), "{\n  \"a\": 1,\n  \"c\": 3\n}\n");
    assert_eq!(without(&["/c"]), "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
    assert_eq!(without(&["/b", "/c"]), "{\n  \"a\": 1\n}\n");
    assert_eq!(without(&["/a", "/c"]), "{\n  \"b\": 2\n}\n");
    assert_eq!(without(&["/a", "/b", "/c"]), "{}\n");
    assert_eq!(edited("[1, 2, 2]", &[remove("/2")]).unwrap(), "[1, 2]");
    assert_eq!(edited(text, &[remove("/d")]), None);
}

#[test]
fn what_comes_is_laid_out_as_its_neighbours_are() {
    let hints = |to: &str| Edit::add(to.into(), "h", json!({"r": false}));
    let check = |text: &str, edit: Edit, expected: &str| {
        assert_eq!(edited(text, &[edit]).unwrap(), expected);
    };
    check("{\"a\":1}", hints(""), "{\"a\":1,\"h\":{\"r\":false}}");
    check("{\"a\": 1}", hints(""), "{\"a\": 1, \"h\": {\"r\": false}}");
    check("{\n\t\"a\": 1\n}", hints(""), "{\n\t\"a\": 1,\n\t\"h\": {\n\t\t\"r\": false\n\t}\n}");
    check(
        "{\r\n  \"a\": {\r\n    \"b\": 1\r\n  }\r\n}",
        hints("/a"),
        "{\r\n  \"a\": {\r\n    \"b\": 1,\r\n    \"h\": {\r\n      \"r\": false\r\n    }\r\n  }\r\n}",
    );
    // Beside an object on one line the new one is on one line.
    check(
        "{\n  \"a\": {\"b\": 1}\n}",
        hints(""),
        "{\n  \"a\": {\"b\": 1},\n  \"h\": {\"r\": false}\n}",
    );
    check(
        "{\n  \"a\": {}\n}",
        hints("/a"),
        "{\n  \"a\": {\n    \"h\": {\n      \"r\": false\n    }\n  }\n}",
    );
    check("[\n  {\"a\": {}}\n]", hints("/0/a"), "[\n  {\"a\": {\"h\": {\"r\": false}}}\n]");
    let first = Edit::Add { to: "".into(), key: "t".into(), value: json!("o"), is_first: true };
    check("{\n  \"a\": 1\n}", first.clone(), "{\n  \"t\": \"o\",\n  \"a\": 1\n}");
    check("{\"a\":1}", first, "{\"t\":\"o\",\"a\":1}");
    check("[1, 2]", Edit::Append("".into(), json!(3)), "[1, 2, 3]");
    check("[]", Edit::Append("".into(), json!("x")), "[\"x\"]");
    assert_eq!(edited("{\"h\": 1}", &[hints("")]), None);
}

#[test]
fn what_goes_and_what_comes_meet_at_one_comma() {
    let swap = |text: &str, key: &str| {
        let edits = [remove(key), Edit::add("".into(), "n", json!(0))];
        edited(text, &edits).unwrap()
    };
    assert_eq!(swap("{\"a\": 1, \"b\": 2}", "/b"), "{\"a\": 1, \"n\": 0}");
    assert_eq!(swap("{\"a\": 1, \"b\": 2}", "/a"), "{\"b\": 2, \"n\": 0}");
    assert_eq!(swap("{\"a\": 1}", "/a"), "{\"n\": 0}");
}

#[test]
fn the_rest_of_a_string_keeps_its_spelling() {
    let text = r#"{"a": "\u0041\u200b\/é\ud83d\ude00\u202eZ"}"#;
    let stripped = edited(text, &[Edit::Strip("/a".into(), vec![1, 5])]).unwrap();
    assert_eq!(stripped, r#"{"a": "\u0041\/é\ud83d\ude00Z"}"#);
    let key = edited("{\"a\u{200b}b\": 1.50}", &[Edit::StripKey("/a\u{200b}b".into(), vec![1])]);
    assert_eq!(key.unwrap(), "{\"ab\": 1.50}");
    let escaped = edited("{\"a\tb\": \"x\u{1}\n\\n\"}", &[Edit::Escape("/a\tb".into())]).unwrap();
    assert_eq!(escaped, "{\"a\\tb\": \"x\\u0001\\n\\n\"}");
}

#[test]
fn a_key_that_stands_twice_goes_altogether_or_stays_once() {
    let text = r#"{"a": 1, "b": 2, "a": 3}"#;
    assert_eq!(edited(text, &[remove("/a")]).unwrap(), r#"{"b": 2}"#);
    assert_eq!(edited(text, &[Edit::KeepLast("/a".into())]).unwrap(), r#"{"b": 2, "a": 3}"#);
    assert_eq!(edited(text, &[Edit::KeepLast("/b".into())]), None);
}

#[test]
fn a_member_gets_a_name_that_is_free() {
    let rename =
        |key: &str| edited(r#"{"$a": 1, "b": 2}"#, &[Edit::Rename("/$a".into(), key.into())]);
    assert_eq!(rename("a").unwrap(), r#"{"a": 1, "b": 2}"#);
    assert_eq!(rename("b"), None);
}

#[test]
fn a_value_is_replaced_in_the_shape_it_had() {
    let list = Edit::Replace("/a".into(), json!(["x", "y"]));
    assert_eq!(
        edited("{\n  \"a\": [1]\n}", std::slice::from_ref(&list)).unwrap(),
        "{\n  \"a\": [\"x\", \"y\"]\n}"
    );
    assert_eq!(
        edited("{\n  \"a\": [\n    1\n  ]\n}", &[list]).unwrap(),
        "{\n  \"a\": [\n    \"x\",\n    \"y\"\n  ]\n}"
    );
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let check = |text: &str, expected: &str| {
        let document = Document::read_with_comments(text.as_bytes(), &Limits::default()).unwrap();
        let edit = Edit::add("/s".into(), "n", json!({"c": 1}));
        let splices =
            Editor::new(&document).splices(&[edit], |pointer| document.root().at(pointer)).unwrap();
        let after = apply(text, &splices);
        assert_eq!(after, expected);
        let read = Document::read_with_comments(after.as_bytes(), &Limits::default());
        assert!(read.unwrap().root().at(&"/s/n/c".into()).is_some(), "{after}");
        // Whatever was there is there still, in its order.
        let mut rest = after.chars();
        assert!(text.chars().all(|old| rest.any(|new| new == old)), "{after}");
    };
    check(
        "{\n  \"s\": {\n    \"a\": {} // of a\n  }\n}",
        "{\n  \"s\": {\n    \"a\": {}, // of a\n    \"n\": {\n      \"c\": 1\n    }\n  }\n}",
    );
    check(
        "{\"s\": {\n  \"a\": 1, // of a\n  \"b\": 2, /* of b */ // too\n  // below\n}}",
        "{\"s\": {\n  \"a\": 1, // of a\n  \"b\": 2, /* of b */ // too\n  \"n\": {\n    \"c\": 1\n  },\n  // below\n}}",
    );
    check("{\"s\": {\"a\": 1 // of a\n}}", "{\"s\": {\"a\": 1, // of a\n \"n\": {\"c\": 1}\n}}");
    check(
        "{\n\t\"s\": {\n\t\t// \"a\": 1,\n\t\t// \"b\": 2\n\t}\n}",
        "{\n\t\"s\": {\n\t\t// \"a\": 1,\n\t\t// \"b\": 2\n\t\t\"n\": {\n\t\t\t\"c\": 1\n\t\t}\n\t}\n}",
    );
    check(
        "{\r\n  \"s\": { // none\r\n  }\r\n}",
        "{\r\n  \"s\": { // none\r\n    \"n\": {\r\n      \"c\": 1\r\n    }\r\n  }\r\n}",
    );
    check("{\"s\": {/* none */}}", "{\"s\": {/* none */ \"n\": {\"c\": 1}}}");
    check(
        "{\"s\": /* all */ { // lead\n  \"a\": /* one */ 1\n}}",
        "{\"s\": /* all */ { // lead\n  \"a\": /* one */ 1,\n  \"n\": {\n    \"c\": 1\n  }\n}}",
    );
}
