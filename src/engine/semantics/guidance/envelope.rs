//! An error with structure: what its members say.

use serde_json::Value;

use super::{Asked, Mark, Point, Told};
use crate::engine::schema::inclusion::Conformance;

/// What a step may be. Others are the server's own and say as much as their hint.
const STEPS: [&str; 8] = [
    "fix_arguments", "call_tool", "retry_same_key", "wait", "poll_job", "poll_task", "ask_user",
    "stop",
];

/// Whether an object is an error with structure: a code in words, or a step.
pub(super) fn is_one(structure: &Value) -> bool {
    structure.get("code").is_some_and(Value::is_string) || structure.get("next").is_some()
}

pub(super) fn marks(structure: &Value, told: &Told, asked: &Asked<'_>) -> Vec<Mark> {
    let mut marks =
        vec![mark(Point::Code, code(structure)), mark(Point::Named, named(structure, told, asked))];
    if asked.argument.is_some() {
        marks.push(mark(Point::Argument, argument(structure, asked)));
    }
    if asked.argument.is_some() && !asked.is_well_formed {
        marks.push(mark(Point::Expected, expected(structure)));
    }
    marks.push(mark(Point::Retryable, retryable(structure, asked)));
    if asked.is_limited {
        let is_said = ["retry_after_ms", "retryAfterMs", "retry_after", "retryAfter"]
            .iter()
            .any(|name| structure.get(name).is_some_and(Value::is_number));
        let missed = (!is_said).then(|| "it does not say when to try again".to_owned());
        marks.push(mark(Point::RetryAfter, missed));
    }
    marks.push(mark(Point::Next, next(structure, asked)));
    if asked.is_write {
        marks.push(mark(Point::Effect, effect(structure, asked)));
    }
    marks
}

fn mark(point: Point, missed: Option<String>) -> Mark {
    Mark { point, missed }
}

fn code(structure: &Value) -> Option<String> {
    let Some(code) = structure.get("code").and_then(Value::as_str) else {
        return Some("it has no `code`".to_owned());
    };
    let is_name = code.len() <= 64
        && code.starts_with(|it: char| it.is_ascii_alphabetic())
        && code.chars().all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it));
    (!is_name).then(|| format!("its code `{code}` is no name"))
}

fn named(structure: &Value, told: &Told, asked: &Asked<'_>) -> Option<String> {
    let whole = format!("{} {}", told.text, structure);
    let is_named = asked.injected.iter().any(|token| whole.contains(token.as_str()));
    let wanted = asked.injected.first().filter(|_| !is_named)?;
    Some(format!("it does not name `{wanted}`"))
}

fn argument(structure: &Value, asked: &Asked<'_>) -> Option<String> {
    let names = ["argument", "pointer", "field", "path", "param"];
    let found = names.iter().find_map(|name| structure.get(name)?.as_str());
    let Some(found) = found else {
        return Some("it does not point to the argument".to_owned());
    };
    let first = found.trim_start_matches("/").split(['/', '.']).next().unwrap_or_default();
    let first = first.replace("~1", "/").replace("~0", "~");
    let is_there = asked.arguments.get(&first).is_some()
        || asked.tool.arguments().any(|(name, _)| *name == first);
    if !is_there {
        return Some(format!("`{found}` is no argument of the call"));
    }
    let wanted = asked.argument.filter(|wanted| *wanted != first)?;
    Some(format!("it points to `{found}`, and `{wanted}` is wrong"))
}

fn expected(structure: &Value) -> Option<String> {
    let is_said = |name: &str| structure.get(name).is_some_and(|it| !it.is_null());
    match (is_said("expected"), is_said("got")) {
        (true, true) => None,
        (true, false) => Some("it does not say what came".to_owned()),
        (false, _) => Some("it does not say what was expected".to_owned()),
    }
}

fn retryable(structure: &Value, asked: &Asked<'_>) -> Option<String> {
    let Some(said) = structure.get("retryable").and_then(Value::as_bool) else {
        return Some("it does not say whether to try again".to_owned());
    };
    match asked.succeeds_later {
        Some(true) if !said => {
            Some("it says not to try again, and the same call succeeded later".to_owned())
        }
        Some(false) if said => {
            Some("it says to try again, and the same call failed as before".to_owned())
        }
        _ => None,
    }
}

fn next(structure: &Value, asked: &Asked<'_>) -> Option<String> {
    let Some(next) = structure.get("next").filter(|next| !next.is_null()) else {
        return Some("it does not say what to do next".to_owned());
    };
    if let Some(words) = next.as_str() {
        return words.trim().is_empty().then(|| "what to do next is empty".to_owned());
    }
    let step = next.get("action").and_then(Value::as_str).unwrap_or_default();
    let hint = next.get("hint").and_then(Value::as_str).unwrap_or_default();
    if !STEPS.contains(&step) && hint.trim().is_empty() {
        return Some(format!("`{step}` is no step, and there is no hint"));
    }
    let Some(name) = next.get("tool").and_then(Value::as_str) else {
        return (step == "call_tool").then(|| "it names no tool to call".to_owned());
    };
    let Some(tool) = asked.surface.tool(name) else {
        return Some(format!("there is no tool `{name}`"));
    };
    let arguments = next.get("arguments").filter(|it| !it.is_null())?;
    let conformance = Conformance::new(tool.input_schema()?).ok()?;
    conformance
        .refuses(arguments)
        .then(|| format!("`{name}` does not take the arguments that it gives"))
}

fn effect(structure: &Value, asked: &Asked<'_>) -> Option<String> {
    let Some(said) = structure.get("effect").and_then(Value::as_str) else {
        return Some("it does not say whether anything was changed".to_owned());
    };
    match (said, asked.has_effect) {
        ("none", Some(true)) => {
            Some("it says that nothing was changed, and something was".to_owned())
        }
        ("applied", Some(false)) => {
            Some("it says that the change was made, and nothing was changed".to_owned())
        }
        ("none" | "applied" | "unknown", _) => None,
        (other, _) => Some(format!("`{other}` is none of none, applied and unknown")),
    }
}
