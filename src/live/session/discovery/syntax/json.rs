//! JSON, with the comments and trailing commas that editors allow.

use super::{MAX_DEPTH, Member, Node, Value, position::Positions};
use crate::engine::protocol::json::{Document, Kind, Limits, ReadError, View};

pub(super) fn read(bytes: &[u8]) -> Result<Node, ReadError> {
    let limits = Limits { max_depth: MAX_DEPTH, ..Limits::default() };
    let document = Document::read_with_comments(bytes, &limits)?;
    let positions = Positions::of(document.text());
    Ok(node(document.root(), &positions))
}

/// The recursion ends at [`MAX_DEPTH`], where the reader leaves a leaf.
fn node(view: View<'_>, positions: &Positions<'_>) -> Node {
    let value = match view.kind() {
        Kind::Null => Value::Null,
        Kind::True => Value::Boolean(true),
        Kind::False => Value::Boolean(false),
        Kind::Number => Value::Number(view.text().to_owned()),
        Kind::String => Value::String(string(view)),
        Kind::Array => Value::List(view.items().map(|item| node(item, positions)).collect()),
        Kind::Object => {
            let member = |(key, value): (View<'_>, View<'_>)| Member {
                name: string(key),
                position: positions.at(key.span().start),
                value: node(value, positions),
            };
            Value::Table(view.members().map(member).collect())
        }
        Kind::TooDeep => Value::Other("nested too deep to be read"),
    };
    Node { position: positions.at(view.span().start), value }
}

fn string(view: View<'_>) -> String {
    view.as_str().unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::show, *};

    #[test]
    fn comments_trailing_commas_and_duplicates() {
        let text =
            "{ // note\n  \"a\": [1, true, null,],\n  /* x */ \"ä\": {}, \"ä\": \"b\\n\",\n}";
        let node = read(text.as_bytes()).unwrap();
        let expected =
            "{a@2:3=[1@2:9 true@2:12 null@2:18]@2:8 ä@3:11={}@3:16 ä@3:20=\"b\\n\"@3:25}@1:1";
        assert_eq!(show(&node), expected);
        assert_eq!(node.get("ä").unwrap().with_article(), "a string");
    }

    #[test]
    fn deep_nesting_is_a_leaf_and_broken_text_has_a_place() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(show(&read(deep.as_bytes()).unwrap()).contains("<nested too deep to be read>"));
        let error = read(b"{\n \"a\" 1}").unwrap_err();
        assert_eq!(error.to_string(), "expected `:` after the key, found `1` at line 2, column 6");
    }
}
