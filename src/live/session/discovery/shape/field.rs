//! Single settings of a server's table, with the place of what is wrong with them.

use super::{
    super::{
        entry::Unexpanded,
        syntax::{Node, Value},
    },
    Fault,
};

/// A fault at a value that is not what it should be.
pub(super) fn mismatch(key: &str, node: &Node, expected: &str) -> Fault {
    let message = format!("`{key}` is {}, not {expected}", node.with_article());
    Fault { position: node.position, message }
}

/// The first of some keys that is there, as a string.
pub(super) fn string(table: &Node, keys: &[&str]) -> Result<Option<Unexpanded>, Fault> {
    let Some((key, node)) = keys.iter().find_map(|key| Some((key, table.get(key)?))) else {
        return Ok(None);
    };
    match &node.value {
        Value::String(text) => Ok(Some(Unexpanded { text: text.clone(), position: node.position })),
        _ => Err(mismatch(key, node, "a string")),
    }
}

/// A list of strings; empty where the key is absent.
pub(super) fn strings(table: &Node, key: &str) -> Result<Vec<Unexpanded>, Fault> {
    let Some(node) = table.get(key) else { return Ok(Vec::new()) };
    let Value::List(items) = &node.value else {
        return Err(mismatch(key, node, "a list of strings"));
    };
    let item = |(index, item): (usize, &Node)| match &item.value {
        Value::String(text) => Ok(Unexpanded { text: text.clone(), position: item.position }),
        _ => Err(mismatch(&format!("{key}[{index}]"), item, "a string")),
    };
    items.iter().enumerate().map(item).collect()
}

/// A table of strings; empty where the key is absent. Numbers and booleans count as their text, as
/// VS Code has it, and a null removes the name.
pub(super) fn pairs(table: &Node, key: &str) -> Result<Vec<(String, Unexpanded)>, Fault> {
    let Some(node) = table.get(key) else { return Ok(Vec::new()) };
    if !matches!(node.value, Value::Table(_)) {
        return Err(mismatch(key, node, "a table of strings"));
    }
    let mut pairs = Vec::new();
    for member in node.members() {
        let text = match &member.value.value {
            Value::Null => continue,
            Value::String(text) | Value::Number(text) => text.clone(),
            Value::Boolean(flag) => flag.to_string(),
            _ => {
                return Err(mismatch(&format!("{key}.{}", member.name), &member.value, "a string"));
            }
        };
        pairs.push((member.name.clone(), Unexpanded { text, position: member.value.position }));
    }
    Ok(pairs)
}

/// Whether a server is switched off, by either of the two ways to say it.
pub(super) fn is_disabled(table: &Node) -> Result<bool, Fault> {
    let flag = |key: &str, default: bool| match table.get(key) {
        None => Ok(default),
        Some(Node { value: Value::Boolean(flag), .. }) => Ok(*flag),
        Some(node) => Err(mismatch(key, node, "a boolean")),
    };
    Ok(flag("disabled", false)? || !flag("enabled", true)?)
}

/// Refuses a server that is no table.
pub(super) fn check_table(server: &Node) -> Result<(), Fault> {
    match server.value {
        Value::Table(_) => Ok(()),
        _ => {
            let message = format!("it is {}, not a table", server.with_article());
            Err(Fault { position: server.position, message })
        }
    }
}

/// Text that expands to a variable of the environment, for keys that hold the variable's name.
pub(super) fn variable(name: &Unexpanded, before: &str) -> Unexpanded {
    Unexpanded { text: format!("{before}${{env:{}}}", name.text), position: name.position }
}
