//! An error in prose: what its words say, as far as they can be trusted.

use super::{Asked, Mark, Point};
use crate::engine::semantics::word::words;

/// Names of arguments that are words of English too: they count in quotes alone.
const COMMON: [&str; 12] = [
    "path", "name", "id", "query", "type", "time", "key", "text", "date", "value", "file", "status",
];
const IMPERATIVES: [&str; 15] = [
    "use", "call", "try", "retry", "wait", "provide", "omit", "set", "check", "pass", "supply",
    "choose", "specify", "add", "remove",
];
const CONSTRAINTS: [&str; 9] =
    ["must", "expected", "expects", "should", "required", "allowed", "between", "least", "most"];

pub(super) fn marks(text: &str, asked: &Asked<'_>) -> Vec<Mark> {
    let text = without_own_prefix(text, &asked.tool.name);
    let lower = text.to_lowercase();
    let said = words(&lower);
    let has = |list: &[&str]| said.iter().any(|word| list.contains(&word.as_str()));
    let names_argument = asked.argument.is_some_and(|name| names(text, name));
    let echoes = asked.injected.iter().any(|token| text.contains(token.as_str()));
    let other_tool = asked
        .surface
        .tools
        .iter()
        .any(|tool| tool.name != asked.tool.name && names(text, &tool.name));
    let mut marks = vec![
        mark(Point::Code, Some("prose has no code".to_owned())),
        mark(Point::Named, missed(names_argument || echoes, "it does not name what failed")),
    ];
    if asked.argument.is_some() {
        marks.push(mark(Point::Argument, missed(names_argument, "it does not name the argument")));
    }
    if asked.argument.is_some() && !asked.is_well_formed {
        let is_said = has(&CONSTRAINTS);
        marks.push(mark(Point::Expected, missed(is_said, "it does not say what was expected")));
    }
    let speaks_of_retrying = has(&["retry", "again", "temporarily", "later", "permanent"]);
    let why = "it does not say whether to try again";
    marks.push(mark(Point::Retryable, missed(speaks_of_retrying, why)));
    if asked.is_limited {
        let has_time = has(&["second", "seconds", "ms", "minute", "minutes"]);
        marks.push(mark(Point::RetryAfter, missed(has_time, "it does not say when to try again")));
    }
    let has_step = other_tool || starts_step(text);
    marks.push(mark(Point::Next, missed(has_step, "it does not say what to do next")));
    if asked.is_write {
        let why = "it does not say whether anything was changed".to_owned();
        marks.push(mark(Point::Effect, Some(why)));
    }
    marks
}

fn mark(point: Point, missed: Option<String>) -> Mark {
    Mark { point, missed }
}

fn missed(is_made: bool, why: &str) -> Option<String> {
    (!is_made).then(|| why.to_owned())
}

/// Every answer of some frameworks begins with the name of the tool, which says nothing.
fn without_own_prefix<'t>(text: &'t str, tool: &str) -> &'t str {
    let prefixes = [format!("Error executing tool {tool}"), format!("Error calling tool '{tool}'")];
    let rest = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix.as_str()));
    rest.unwrap_or(text).trim_start_matches([':', ' '])
}

/// Whether a text has a name as a name: in quotes or as a pointer, or by itself where it is no word.
fn names(text: &str, name: &str) -> bool {
    let quoted = ["`", "'", "\"", "/"];
    let is_quoted = quoted.iter().any(|quote| {
        text.match_indices(name).any(|(start, _)| {
            text[..start].ends_with(quote) && !text[start + name.len()..].starts_with(is_of_name)
        })
    });
    let is_word =
        name.len() <= 2 || COMMON.contains(&name) || name.chars().all(|it| it.is_ascii_lowercase());
    is_quoted
        || !is_word
            && text.match_indices(name).any(|(start, _)| {
                !text[..start].ends_with(is_of_name)
                    && !text[start + name.len()..].starts_with(is_of_name)
            })
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '-'
}

/// Whether a sentence or a part of one begins with what to do.
fn starts_step(text: &str) -> bool {
    let parts = text.split(['.', ';', ':', '\n', '(', ',', '-', '–']);
    parts.filter_map(|part| part.split_whitespace().next()).any(|first| {
        let first = first.to_lowercase();
        let first = first.trim_matches(|it: char| !it.is_alphanumeric());
        ["please", "then", "or"].contains(&first) || IMPERATIVES.contains(&first)
    })
}
