//! How a break reads: what changed, in a fragment.

use serde_json::Value;

use crate::engine::{
    diff::{Broken, Edit, Kind, Member},
    rule::wording::{self, names, shorten},
};

/// What changed, without the tool: `` `q` is now required``, `` `status`: enum loses "on_hold" ``.
pub(super) fn broken(broken: &Broken) -> String {
    let keyword = broken.keyword.as_str();
    let property = broken.subject().map(|it| names(&[it])).unwrap_or_default();
    let is_input = broken.member == Member::Input;
    let text = match broken.kind {
        Kind::Required if is_input => return format!("{property} is now required"),
        Kind::Required => return format!("{property} may be missing now"),
        Kind::RequiredHidden => return hidden(broken, &property),
        Kind::PropertyClosed if is_input && keyword == "properties" => {
            return format!("{property} may not be sent any more");
        }
        Kind::PropertyClosed if is_input => {
            return format!("{property} is refused now: it is gone, and the object is closed");
        }
        Kind::PropertyClosed => {
            return format!("{property} is new, and the old schema is closed");
        }
        Kind::PropertyRenamed => renamed(broken),
        Kind::ObjectClosed if is_input => "undeclared properties are refused now".to_owned(),
        Kind::ObjectClosed => "undeclared properties may come now".to_owned(),
        // The type that went or came stands in a branch.
        _ if keyword == "type" && types(&broken.old) == types(&broken.new) => {
            let refused = broken.refused.as_ref().map_or("a type", type_of);
            if is_input {
                format!("{refused} is refused now")
            } else {
                format!("may be {refused} now")
            }
        }
        _ if keyword == "type" => format!("type {} → {}", types(&broken.old), types(&broken.new)),
        Kind::EnumValue if is_input => format!("{keyword} loses {}", values(&broken.lost())),
        Kind::EnumValue => format!("{keyword} gains {}", values(&broken.lost())),
        Kind::EnumCase => match (&broken.refused, is_input) {
            (Some(value), true) => {
                format!("{keyword} changes case: {} is refused now", wording::value(value))
            }
            (Some(value), false) => {
                format!("{keyword} changes case: {} is new", wording::value(value))
            }
            (None, _) => format!("{keyword} changes case"),
        },
        Kind::EnumAdded if is_input && broken.new.is_none() => {
            format!("limited by `{keyword}` now")
        }
        Kind::EnumAdded if is_input => format!("limited to {keyword} {} now", shown(&broken.new)),
        Kind::EnumAdded => format!("not limited to {keyword} {} any more", shown(&broken.old)),
        Kind::Union if is_input => format!("a branch of `{keyword}` is gone or narrower"),
        Kind::Union => format!("a branch of `{keyword}` is new or wider"),
        Kind::Overlap if is_input => {
            "`oneOf` refuses more than before: a value has to fit one branch and no other"
                .to_owned()
        }
        Kind::Overlap => "`oneOf` allows more than before".to_owned(),
        Kind::Dialect => {
            return format!(
                "the dialect is another one: {} → {}",
                dialect(&broken.old),
                dialect(&broken.new)
            );
        }
        // Equal where the difference is in another branch or behind a reference.
        _ if broken.old == broken.new => {
            let verb = if is_input { "refuses" } else { "allows" };
            format!("`{keyword}` {verb} more than before")
        }
        _ => limit(keyword, broken.old.as_ref(), broken.new.as_ref()),
    };
    located(&broken.label, &text)
}

/// A text about a place, with the place in front; the root needs none.
pub(super) fn located(label: &str, text: &str) -> String {
    if label.is_empty() { text.to_owned() } else { format!("`{}`: {text}", shorten(label)) }
}

/// A value before and after: `default 10 → 100`.
pub(super) fn edit(what: &str, edit: &Edit) -> String {
    located(&edit.label, &limit(what, edit.old.as_ref(), edit.new.as_ref()))
}

fn limit(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    match (old, new) {
        (Some(old), Some(new)) if is_large(old) || is_large(new) => {
            format!("`{keyword}` is another one")
        }
        (None, Some(new)) if is_large(new) => format!("`{keyword}` is new"),
        (Some(old), None) if is_large(old) => format!("`{keyword}` is gone"),
        (Some(old), Some(new)) => {
            format!("{keyword} {} → {}", wording::value(old), wording::value(new))
        }
        (None, Some(new)) => format!("{keyword} {} is new", wording::value(new)),
        (Some(old), None) => format!("{keyword} {} is gone", wording::value(old)),
        (None, None) => format!("`{keyword}` is another one"),
    }
}

/// A schema or a list is not shown: what it contains says less than the witness.
fn is_large(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|values| values.len() > 4)
}

fn hidden(broken: &Broken, property: &str) -> String {
    let way = match broken.keyword.as_str() {
        "required" => "a branch or a condition".to_owned(),
        keyword => format!("`{keyword}`"),
    };
    match (broken.member, property.is_empty()) {
        (Member::Input, true) => format!("{way} now requires more than before"),
        (Member::Input, false) if broken.keyword == "required" => {
            format!("{property} is now required, by way of {way}")
        }
        (Member::Input, false) => {
            format!("what {property} comes with is now required, by way of {way}")
        }
        (Member::Output, _) => format!("{way} does not require what it did any more"),
    }
}

fn renamed(broken: &Broken) -> String {
    let property = broken.property.clone().unwrap_or_default();
    let similar = broken.similar.clone().unwrap_or_default();
    // A name that is required now is the new one; a name that is refused now is the old one.
    let is_new = (broken.keyword == "required") == (broken.member == Member::Input);
    let (old, new) = if is_new { (similar, property) } else { (property, similar) };
    format!("`{}` is now called `{}`", shorten(&old), shorten(&new))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn types(value: &Option<Value>) -> String {
    match value {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|")
        }
        _ => "any".to_owned(),
    }
}

fn values(values: &[&Value]) -> String {
    let shown: Vec<String> = values.iter().take(4).map(|value| wording::value(value)).collect();
    match values.len() {
        0 => "a value".to_owned(),
        count if count > 4 => format!("{} and {} more", shown.join(", "), count - 4),
        _ => shown.join(", "),
    }
}

fn shown(value: &Option<Value>) -> String {
    value.as_ref().map(wording::value).unwrap_or_default()
}

fn dialect(value: &Option<Value>) -> String {
    match value {
        Some(Value::String(uri)) => shorten(uri),
        _ => "2020-12 (none is named)".to_owned(),
    }
}
