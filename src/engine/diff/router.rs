//! Tools that are gone because another tool takes what they did as a choice.

use std::collections::HashSet;

use serde_json::Value;

use super::change::Move;
use crate::engine::{
    finding::Confidence,
    semantics::word::{stem, words},
    surface::Tool,
};

/// Fewest tools that have to have gone the same way.
const FEWEST: usize = 2;
/// Arguments that choose what is done, where no list says so.
const SELECTORS: &[&str] = &[
    "tool", "tool_name", "action", "operation", "method", "command", "name", "function", "request",
];

/// For each of the removed tools, the router it moved behind. `routers` are the tools that are new
/// or changed.
pub(super) fn find(removed: &[&Tool], routers: &[&Tool]) -> Vec<Option<Move>> {
    let mut moves: Vec<Option<Move>> = vec![None; removed.len()];
    if removed.len() < FEWEST {
        return moves;
    }
    for router in routers {
        for (selector, choices) in selectors(router) {
            let taken: Vec<Option<Move>> = removed
                .iter()
                .map(|tool| moved(tool, router, selector, choices.as_deref()))
                .collect();
            if taken.iter().flatten().count() < FEWEST {
                continue;
            }
            for (known, taken) in moves.iter_mut().zip(taken) {
                if known.is_none() {
                    *known = taken;
                }
            }
        }
    }
    moves
}

/// The arguments of a tool that may choose among others, with their values where they are listed.
/// There has to be something to send along as well: what the removed tools took.
fn selectors(tool: &Tool) -> Vec<(&str, Option<Vec<String>>)> {
    let takes_more = tool.arguments().count() >= 2 || has_union(tool);
    if !takes_more {
        return Vec::new();
    }
    let takes_anything = tool.arguments().any(|(_, schema)| is_free_form(schema));
    tool.arguments()
        .filter_map(|(name, schema)| match choices(schema) {
            choices if choices.len() >= FEWEST => Some((name.as_str(), Some(choices))),
            _ if takes_anything && SELECTORS.contains(&words(name).join("_").as_str()) => {
                Some((name.as_str(), None))
            }
            _ => None,
        })
        .collect()
}

/// The texts that an argument is limited to, as an `enum` or a union of `const`.
fn choices(schema: &Value) -> Vec<String> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let branches = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    let constants = branches.into_iter().flatten().filter_map(|branch| branch.get("const"));
    listed.chain(constants).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn has_union(tool: &Tool) -> bool {
    let schema = tool.input_schema();
    schema.is_some_and(|schema| schema.get("oneOf").is_some() || schema.get("anyOf").is_some())
}

fn is_free_form(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
        && schema.get("properties").is_none()
}

fn moved(tool: &Tool, router: &Tool, selector: &str, choices: Option<&[String]>) -> Option<Move> {
    let found = |choice: Option<String>, confidence| {
        let (router, selector) = (router.name.clone(), selector.to_owned());
        Some(Move { router, selector, choice, confidence })
    };
    let Some(choices) = choices else {
        // No list: only where the router's own text names the tool.
        let text = router.description.as_deref().unwrap_or_default();
        let is_part = |character: char| character.is_alphanumeric() || "_-.".contains(character);
        let is_named = text.split(|character| !is_part(character)).any(|word| word == tool.name);
        return if is_named { found(None, Confidence::Medium) } else { None };
    };
    let name = words(&tool.name);
    if let Some(choice) = choices.iter().find(|choice| words(choice) == name) {
        return found(Some(choice.clone()), Confidence::High);
    }
    // `get_pull_request_diff` as the method `get_diff` of `pull_request_read`.
    let stems = |words: &[String]| words.iter().map(|word| stem(word)).collect::<HashSet<_>>();
    let (wanted, of_router) = (stems(&name), stems(&words(&router.name)));
    let is_rest = |choice: &&String| {
        let choice = stems(&words(choice));
        !choice.is_empty()
            && choice.is_subset(&wanted)
            && wanted.iter().all(|word| choice.contains(word) || of_router.contains(word))
    };
    let choice = choices.iter().filter(is_rest).max_by_key(|choice| choice.len())?;
    found(Some(choice.clone()), Confidence::Medium)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::find;
    use crate::engine::{protocol::json::Limits, surface};

    fn check(removed: &[&str], router: Value, expected: &[Option<&str>]) {
        let tools: Value =
            removed.iter().map(|name| json!({"name": name, "inputSchema": {}})).collect();
        let read =
            |tools: Value| surface::read(tools.to_string().as_bytes(), &Limits::default()).unwrap();
        let (old, new) = (read(tools), read(json!([router])));
        let old: Vec<_> = old.tools.iter().collect();
        let found = find(&old, &[&new.tools[0]]);
        let choices: Vec<Option<&str>> = found
            .iter()
            .map(|moved| moved.as_ref().map(|moved| moved.choice.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(choices, expected);
    }

    #[test]
    fn a_selector_names_the_tools_that_are_gone() {
        let router = json!({"name": "run_tool", "inputSchema": {"properties": {
            "tool": {"enum": ["get_order", "list_orders"]},
            "arguments": {"type": "object"}
        }}});
        let expected = [Some("get_order"), Some("list_orders"), None];
        check(&["get_order", "list_orders", "delete_order"], router, &expected);
    }

    #[test]
    fn a_method_and_the_routers_name_make_the_old_name() {
        let router = json!({"name": "pull_request_read", "inputSchema": {"properties": {
            "method": {"enum": ["get", "get_diff", "get_files"]},
            "number": {"type": "integer"}
        }}});
        let removed = ["get_pull_request", "get_pull_request_diff", "delete_branch"];
        check(&removed, router, &[Some("get"), Some("get_diff"), None]);
    }

    #[test]
    fn one_tool_alone_is_no_move() {
        let router = json!({"name": "search", "inputSchema": {"properties": {
            "kind": {"enum": ["find_orders", "other"]}, "text": {"type": "string"}
        }}});
        check(&["find_orders", "x"], router, &[None, None]);
    }
}
