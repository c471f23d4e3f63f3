//! YAML, from the events of `saphyr-parser`.
//!
//! Events rather than the ready-made tree of `saphyr`: that tree is as deep as the file says, and
//! dropping a hostile one overflows the stack. Aliases are not followed; no client writes them, and
//! following them is how a small file becomes a large one.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Tag};

use super::{MAX_DEPTH, Member, Node, Value};
use crate::engine::protocol::json::{Position, ReadError};

pub(super) fn read(text: &str) -> Result<Node, ReadError> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    // Only the first document; `next_event` does not recurse, the parser's `load` does.
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| read_error(&error))?;
        if event == Event::DocumentEnd {
            break;
        }
        builder.take(event, position(span.start));
    }
    let start = Position { line: 1, column: 1 };
    Ok(builder.root.unwrap_or(Node { position: start, value: Value::Null }))
}

fn read_error(error: &ScanError) -> ReadError {
    ReadError { message: error.info().to_owned(), position: Some(position(*error.marker())) }
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

#[derive(Default)]
struct Builder {
    /// The containers that are not closed, outermost first; never more than [`MAX_DEPTH`].
    open: Vec<Open>,
    /// How many containers are open below the deepest that is kept.
    skipped: usize,
    root: Option<Node>,
}

struct Open {
    node: Node,
    /// A key whose value has not come yet; only in tables.
    key: Option<(String, Position)>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, position: Position) {
        match event {
            Event::SequenceStart(..) => self.begin(Value::List(Vec::new()), position),
            Event::MappingStart(..) => self.begin(Value::Table(Vec::new()), position),
            Event::SequenceEnd | Event::MappingEnd if self.skipped > 0 => self.skipped -= 1,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.place(open.node);
                }
            }
            _ if self.skipped > 0 => {}
            Event::Scalar(text, style, _, tag) => {
                self.place(Node { position, value: scalar(&text, style, tag.as_ref()) });
            }
            Event::Alias(_) => self.place(Node { position, value: Value::Other("an alias") }),
            _ => {}
        }
    }

    fn begin(&mut self, value: Value, position: Position) {
        if self.skipped > 0 {
            self.skipped += 1;
        } else if self.open.len() < MAX_DEPTH {
            self.open.push(Open { node: Node { position, value }, key: None });
        } else {
            self.skipped = 1;
            self.place(Node { position, value: Value::Other("nested too deep to be read") });
        }
    }

    /// Puts a finished value where it belongs: into the container around it, as its next item, key
    /// or value.
    fn place(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Table(members), Some((name, position))) => {
                members.push(Member { name, position, value: node });
            }
            (_, None) => open.key = Some((key(&node), node.position)),
            (_, Some(_)) => unreachable!("only lists and tables are opened"),
        }
    }
}

/// A key as text. Nothing here has keys that are lists or tables; such a key matches no name.
fn key(node: &Node) -> String {
    match &node.value {
        Value::String(text) | Value::Number(text) => text.clone(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Null => "null".to_owned(),
        _ => String::new(),
    }
}

/// The core schema of YAML 1.2 (section 10.3.2) as far as it matters here: a quoted or tagged
/// scalar is a string, a plain one may be null, a boolean or a number.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Cow<'_, Tag>>) -> Value {
    let is_number = || {
        text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
            && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
            && text.parse::<f64>().is_ok()
    };
    match text {
        _ if style != ScalarStyle::Plain || tag.is_some() => Value::String(text.to_owned()),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Boolean(true),
        "false" | "False" | "FALSE" => Value::Boolean(false),
        _ if is_number() => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::show, *};

    #[test]
    fn mappings_sequences_and_scalars() {
        let text = "# note\nextensions:\n  crm:\n    args:\n    - -y\n    - 'true'\n    - 8080\n    \
                    enabled: true\n    note:\n    ä: {k: .5, 1: +inf}\n---\nsecond: 1\n";
        assert_eq!(
            show(&read(text).unwrap()),
            "{extensions@2:1={crm@3:3={args@4:5=[\"-y\"@5:7 \"true\"@6:7 8080@7:7]@5:7 \
             enabled@8:5=true@8:14 note@9:5=null@9:9 ä@10:5={k@10:9=.5@10:12 \
             1@10:16=\"+inf\"@10:19}@10:8}@4:5}@3:3}@2:1"
        );
        assert_eq!(show(&read("").unwrap()), "null@1:1");
    }

    #[test]
    fn aliases_are_leaves() {
        let text = "a: &x [1, 2]\nb: *x\n? [c]\n: 1\n";
        let expected = "{a@1:1=[1@1:8 2@1:11]@1:4 b@2:1=<an alias>@2:4 @3:3=1@4:3}@1:1";
        assert_eq!(show(&read(text).unwrap()), expected);
    }

    #[test]
    fn deep_nesting_is_a_leaf_and_broken_text_has_a_place() {
        let deep = "- ".repeat(50_000) + "x";
        assert!(show(&read(&deep).unwrap()).contains("<nested too deep to be read>"));
        let flow = "[".repeat(100_000);
        assert!(read(&flow).is_err());
        let error = read("a: 1\nb: [1\n").unwrap_err();
        assert!(error.position.unwrap().line >= 2);
    }
}
