//! The instance that proves a finding, as something to paste and something to read.

use std::fmt::Write;

use serde_json::{Value, json};

use super::escape::for_json;
use crate::engine::{
    finding::{Place, Side, Witness},
    protocol::json::ordered,
};

/// Texts longer than this, in characters, are shown shortened.
const MAX_TEXT: usize = 60;
/// Lists and objects with more members than this are shown shortened.
const MAX_MEMBERS: usize = 12;
/// How many members of a shortened list or object are shown.
const SHOWN_MEMBERS: usize = 3;
/// How deep a witness is shown.
const MAX_DEPTH: usize = 24;

/// What a witness is an example of.
pub(super) fn introduction(witness: &Witness) -> &'static str {
    match (witness.is_call, witness.accepted_by) {
        (true, Side::Old) => "accepted before, refused now",
        (true, Side::New) => "refused before, accepted now",
        (false, Side::New) => "not allowed before, may be answered now",
        (false, Side::Old) => "may have been answered before, not any more",
    }
}

/// The message that shows the witness at work: the call with these arguments, or the answer. As it
/// is read by people: on one line where that is short enough, long runs counted (`"x" × 401`).
/// Whether something was left out for that says the second member.
pub(super) fn shown(place: &Place, witness: &Witness, width: usize) -> (String, bool) {
    if !witness.is_call {
        return fit(&Tree::Value(&message(place, witness)), width);
    }
    // The name comes first, as everybody writes it; the members of a value are sorted.
    let method = Value::from("tools/call");
    let name = Value::from(place.subject.tool().unwrap_or_default());
    let params = Tree::Members(vec![
        ("name", Tree::Value(&name)),
        ("arguments", Tree::Value(&witness.instance)),
    ]);
    fit(&Tree::Members(vec![("method", Tree::Value(&method)), ("params", params)]), width)
}

/// The same message for programs.
pub(super) fn message(place: &Place, witness: &Witness) -> Value {
    if witness.is_call {
        let name = place.subject.tool().unwrap_or_default();
        let params = json!({"name": name, "arguments": witness.instance});
        ordered(json!({"method": "tools/call", "params": params}))
    } else {
        ordered(json!({"result": {"structuredContent": witness.instance}}))
    }
}

/// A value, or members in an order of their own.
enum Tree<'a> {
    Value(&'a Value),
    Members(Vec<(&'static str, Self)>),
}

fn fit(tree: &Tree<'_>, width: usize) -> (String, bool) {
    let written = |is_pretty| {
        let mut shown = Shown { text: String::new(), is_shortened: false, is_pretty };
        shown.push_tree(tree, 0);
        shown
    };
    let mut shown = written(false);
    if shown.text.chars().count() > width {
        shown = written(true);
    }
    (shown.text, shown.is_shortened)
}

struct Shown {
    text: String,
    is_shortened: bool,
    is_pretty: bool,
}

impl Shown {
    fn push_tree(&mut self, tree: &Tree<'_>, depth: usize) {
        match tree {
            Tree::Value(value) => self.push(value, depth),
            Tree::Members(members) => {
                let all = members.len();
                self.push_members('{', '}', all, all, depth, |this, index| {
                    let (name, member) = &members[index];
                    this.push_name(name);
                    this.push_tree(member, depth + 1);
                });
            }
        }
    }

    fn push(&mut self, value: &Value, depth: usize) {
        match value {
            Value::String(text) => self.push_text(text),
            Value::Array(items) if !items.is_empty() => self.push_list(items, depth),
            Value::Object(members) if !members.is_empty() => {
                let all = members.len();
                let shown = if all > MAX_MEMBERS { SHOWN_MEMBERS } else { all };
                self.push_members('{', '}', shown, all, depth, |this, index| {
                    if let Some((name, member)) = members.iter().nth(index) {
                        this.push_name(name);
                        this.push(member, depth + 1);
                    }
                });
            }
            scalar => self.text.push_str(&for_json(&scalar.to_string())),
        }
    }

    fn push_list(&mut self, items: &[Value], depth: usize) {
        let all = items.len();
        if all > MAX_MEMBERS && items.iter().all(|item| *item == items[0]) {
            self.text.push('[');
            self.push(&items[0], depth + 1);
            // Writing to a string does not fail.
            let _ = write!(self.text, "] × {all}");
            self.is_shortened = true;
            return;
        }
        let shown = if all > MAX_MEMBERS { SHOWN_MEMBERS } else { all };
        self.push_members('[', ']', shown, all, depth, |this, index| {
            this.push(&items[index], depth + 1);
        });
    }

    fn push_members(
        &mut self,
        open: char,
        close: char,
        shown: usize,
        all: usize,
        depth: usize,
        push_member: impl Fn(&mut Self, usize),
    ) {
        if depth >= MAX_DEPTH {
            let _ = write!(self.text, "{open}…{close}");
            self.is_shortened = true;
            return;
        }
        let line = |this: &mut Self, depth: usize| {
            if this.is_pretty {
                let _ = write!(this.text, "\n{}", "  ".repeat(depth));
            }
        };
        self.text.push(open);
        for index in 0..shown {
            line(self, depth + 1);
            push_member(self, index);
            if index + 1 < all {
                self.text.push(',');
            }
        }
        if shown < all {
            line(self, depth + 1);
            let _ = write!(self.text, "… {} more", all - shown);
            self.is_shortened = true;
        }
        line(self, depth);
        self.text.push(close);
    }

    fn push_name(&mut self, name: &str) {
        self.push_text(name);
        self.text.push_str(if self.is_pretty { ": " } else { ":" });
    }

    fn push_text(&mut self, text: &str) {
        let count = text.chars().count();
        let quoted = |text: &str| for_json(&Value::from(text).to_string());
        if count <= MAX_TEXT {
            self.text.push_str(&quoted(text));
            return;
        }
        self.is_shortened = true;
        let first: String = text.chars().take(1).collect();
        if text.chars().all(|character| first.starts_with(character)) {
            let _ = write!(self.text, "{} × {count}", quoted(&first));
        } else {
            let start: String = text.chars().take(MAX_TEXT / 2).collect();
            let quoted = quoted(&start);
            let start = quoted.strip_suffix('"').unwrap_or(&quoted);
            let _ = write!(self.text, "{start}…\" ({count} characters)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(value: &Value, width: usize) -> (String, bool) {
        fit(&Tree::Value(value), width)
    }

    fn line(value: &Value) -> String {
        fitted(value, 1_000).0
    }

    #[test]
    fn short_values_are_the_json_they_are() {
        let value = json!({"a": [1, 2.5, null], "b": {"c": "x\"\u{202e}"}, "d": [], "e": {}});
        assert_eq!(line(&value), r#"{"a":[1,2.5,null],"b":{"c":"x\"\u202e"},"d":[],"e":{}}"#);
        assert!(!fitted(&value, 1_000).1);
    }

    #[test]
    fn long_runs_are_counted() {
        let value = json!({"x": "x".repeat(401), "y": "ab".repeat(100), "z": vec![0; 1001]});
        assert_eq!(
            line(&value),
            "{\"x\":\"x\" × 401,\"y\":\"ababababababababababababababab…\" (200 characters),\
             \"z\":[0] × 1001}"
        );
        let list: Vec<usize> = (0..1000).collect();
        assert_eq!(line(&json!(list)), "[0,1,2,… 997 more]");
        assert!(fitted(&json!(list), 1_000).1);
    }

    #[test]
    fn what_is_too_wide_stands_on_several_lines() {
        let value = json!({"method": "tools/call", "params": {"name": "x"}});
        assert_eq!(
            fitted(&value, 20).0,
            "{\n  \"method\": \"tools/call\",\n  \"params\": {\n    \"name\": \"x\"\n  }\n}"
        );
    }
}
