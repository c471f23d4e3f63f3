//! Whether a decision depends on which record it is about, or only on what the record is like.

use std::collections::HashSet;

use cedar_policy::PolicySet;
use serde_json::Value;

/// The kinds of resources that policies may tell apart by more than their attributes: by comparing
/// the resource itself, or by naming one of that kind.
///
/// In doubt a kind is among them. What is looked at is the JSON form of the policies (Cedar policy
/// language reference, "JSON policy format").
pub(super) fn told_apart<'k>(
    policies: &PolicySet,
    kinds: impl IntoIterator<Item = &'k String>,
) -> HashSet<String> {
    let policies: Option<Vec<Value>> =
        policies.policies().map(|policy| policy.to_json().ok()).collect();
    let tells_apart = |kind: &str| {
        policies
            .as_ref()
            .is_none_or(|all| all.iter().any(|policy| policy_tells_apart(policy, kind)))
    };
    kinds.into_iter().filter(|kind| tells_apart(kind)).cloned().collect()
}

fn policy_tells_apart(policy: &Value, kind: &str) -> bool {
    let scope = &policy["resource"];
    let scope_tells_apart = match scope["op"].as_str() {
        Some("All") => false,
        Some("is") if scope["entity_type"] != kind => return false,
        Some("is") => scope.get("in").is_some(),
        Some("==") if !is_entity_of(&scope["entity"], kind) => return false,
        _ => true,
    };
    scope_tells_apart || tells_apart(&policy["conditions"], kind)
}

/// Whether an expression, or what holds several, looks at more than the attributes of a resource of
/// that kind.
fn tells_apart(expression: &Value, kind: &str) -> bool {
    let operator = expression.as_object().filter(|members| members.len() == 1);
    let Some((operator, operands)) = operator.and_then(|members| members.iter().next()) else {
        return match expression {
            Value::Object(members) => members.values().any(|value| tells_apart(value, kind)),
            Value::Array(items) => items.iter().any(|item| tells_apart(item, kind)),
            _ => false,
        };
    };
    let operand = |name: &str| tells_apart(&operands[name], kind);
    match operator.as_str() {
        "Record" => operands
            .as_object()
            .is_none_or(|members| members.values().any(|value| tells_apart(value, kind))),
        "Var" => operands == "resource",
        "Value" => names_one(operands, kind),
        "." | "has" => !is_resource(&operands["left"]) && operand("left"),
        "is" if operands.get("in").is_none() && is_resource(&operands["left"]) => false,
        "if-then-else" => match truth(&operands["if"], kind) {
            Some(true) => operand("then"),
            Some(false) => operand("else"),
            None => operand("if") || operand("then") || operand("else"),
        },
        "&&" if truth(&operands["left"], kind) == Some(false) => false,
        "||" if truth(&operands["left"], kind) == Some(true) => false,
        _ => tells_apart(operands, kind),
    }
}

/// Whether a literal is, or holds, an entity of a kind.
fn names_one(literal: &Value, kind: &str) -> bool {
    is_entity_of(&literal["__entity"], kind)
        || match literal {
            Value::Object(members) => members.values().any(|value| names_one(value, kind)),
            Value::Array(items) => items.iter().any(|item| names_one(item, kind)),
            _ => false,
        }
}

/// What a condition comes to for every resource of a kind, where its kind decides that.
fn truth(expression: &Value, kind: &str) -> Option<bool> {
    let (operator, operands) = expression.as_object()?.iter().next()?;
    let [left, right] = ["left", "right"].map(|name| truth(&operands[name], kind));
    match operator.as_str() {
        "is" if is_resource(&operands["left"]) && operands.get("in").is_none() => {
            Some(operands["entity_type"] == kind)
        }
        "!" => truth(&operands["arg"], kind).map(|truth| !truth),
        "&&" if left == Some(false) => left,
        "&&" if left == Some(true) => right,
        "||" if left == Some(true) => left,
        "||" if left == Some(false) => right,
        _ => None,
    }
}

fn is_resource(expression: &Value) -> bool {
    expression["Var"] == "resource"
}

fn is_entity_of(entity: &Value, kind: &str) -> bool {
    entity["type"] == kind
}
