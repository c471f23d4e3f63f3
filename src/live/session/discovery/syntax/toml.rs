//! TOML, by `toml_edit`, the reader that keeps positions.

use toml_edit::{Document, Item, TableLike, Value as TomlValue};

use super::{MAX_DEPTH, Member, Node, Value, position::Positions};
use crate::engine::protocol::json::{Position, ReadError};

pub(super) fn read(text: &str) -> Result<Node, ReadError> {
    let positions = Positions::of(text);
    let document = Document::parse(text).map_err(|error| ReadError {
        message: error.message().trim_end().replace('\n', ", "),
        position: error.span().map(|span| positions.at(span.start)),
    })?;
    let start = Position { line: 1, column: 1 };
    Ok(Node { position: start, value: table(document.as_table(), &positions, 1) })
}

fn table(table: &dyn TableLike, positions: &Positions<'_>, depth: usize) -> Value {
    let member = |(name, item): (&str, &Item)| {
        let key = table.key(name).and_then(|key| key.span());
        // A table that only its children mention (`[a.b]` without `[a]`) stands nowhere.
        let position = match key.or_else(|| item.span()) {
            Some(span) => positions.at(span.start),
            None => Position { line: 1, column: 1 },
        };
        Member {
            name: name.to_owned(),
            position,
            value: item_node(item, position, positions, depth),
        }
    };
    Value::Table(table.iter().map(member).collect())
}

fn item_node(item: &Item, key: Position, positions: &Positions<'_>, depth: usize) -> Node {
    let position = item.span().map_or(key, |span| positions.at(span.start));
    let value = match item {
        _ if depth >= MAX_DEPTH && !matches!(item, Item::Value(value) if is_leaf(value)) => {
            Value::Other("nested too deep to be read")
        }
        Item::None => Value::Null,
        Item::Value(value) => value_of(value, positions, depth),
        Item::Table(inner) => table(inner, positions, depth + 1),
        Item::ArrayOfTables(tables) => Value::List(
            tables
                .iter()
                .map(|inner| Node {
                    position: inner.span().map_or(key, |span| positions.at(span.start)),
                    value: table(inner, positions, depth + 1),
                })
                .collect(),
        ),
    };
    Node { position, value }
}

fn is_leaf(value: &TomlValue) -> bool {
    !matches!(value, TomlValue::Array(_) | TomlValue::InlineTable(_))
}

fn value_of(value: &TomlValue, positions: &Positions<'_>, depth: usize) -> Value {
    match value {
        _ if depth >= MAX_DEPTH && !is_leaf(value) => Value::Other("nested too deep to be read"),
        TomlValue::String(text) => Value::String(text.value().clone()),
        TomlValue::Integer(number) => Value::Number(number.value().to_string()),
        TomlValue::Float(number) => Value::Number(number.value().to_string()),
        TomlValue::Boolean(flag) => Value::Boolean(*flag.value()),
        TomlValue::Datetime(_) => Value::Other("a date"),
        TomlValue::InlineTable(inner) => table(inner, positions, depth + 1),
        TomlValue::Array(array) => Value::List(
            array
                .iter()
                .map(|item| Node {
                    position: positions.at(item.span().map_or(0, |span| span.start)),
                    value: value_of(item, positions, depth + 1),
                })
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::show, *};

    #[test]
    fn tables_inline_tables_and_dotted_keys() {
        let text = "x.y = 1\n[s.crm]\nargs = [\"a\", true]\nenv = { K = 'ä', D = 2020-01-01 }\n\
                    [[l]]\n";
        assert_eq!(
            show(&read(text).unwrap()),
            "{x@1:1={y@1:3=1@1:7}@1:1 s@2:2={crm@2:4={args@3:1=[\"a\"@3:9 true@3:14]@3:8 \
             env@4:1={K@4:9=\"ä\"@4:13 D@4:18=<a date>@4:22}@4:7}@2:1}@2:2 l@5:3=[{}@5:1]@5:1}@1:1"
        );
    }

    #[test]
    fn deep_nesting_is_refused_or_a_leaf_and_broken_text_has_a_place() {
        let error = read(&format!("a = {}", "[".repeat(100_000))).unwrap_err();
        assert!(error.position.is_some());
        let many = |depth| format!("a{} = 1", ".b".repeat(depth));
        assert!(show(&read(&many(70)).unwrap()).contains("<nested too deep to be read>"));
        assert!(read(&many(100_000)).is_err());
        let error = read("a = 1\nb = \n").unwrap_err();
        assert_eq!(error.position.unwrap().line, 2);
    }
}
