//! How a tool says that it is on its way out.

use serde_json::Value;

use crate::engine::surface::Tool;

/// Whether the description speaks of the tool itself: it says so outright, in a sentence that begins
/// with it, or as its last word or bracket. "Lists deprecated packages" does not.
pub(super) fn says_deprecated(description: &str) -> bool {
    let lower = description.trim().to_lowercase();
    let outright = [
        "tool is deprecated",
        "tool has been deprecated",
        "this tool is no longer",
        "this tool will be removed",
        "this tool is obsolete",
        "this tool is outdated",
        "this tool is retired",
    ];
    outright.iter().any(|phrase| lower.contains(phrase))
        || lower.split(['.', '\n', ';']).any(begins_with_it)
        || ends_with_it(&lower)
}

fn begins_with_it(sentence: &str) -> bool {
    if sentence.trim().starts_with("@deprecated") {
        return true;
    }
    let is_mark = |character: char| "([*_`!⚠\u{FE0F} ".contains(character);
    let sentence = sentence.trim().trim_start_matches(is_mark);
    if GONE.iter().any(|phrase| sentence.starts_with(phrase)) {
        return true;
    }
    // "Legacy orders of a shop" are orders.
    if ["do not use", "legacy", "obsolete", "retired"]
        .iter()
        .any(|it| sentence == *it || sentence.starts_with(&format!("{it}: ")))
    {
        return true;
    }
    let Some(rest) = sentence.strip_prefix("deprecated") else { return false };
    // "Deprecated packages of a project" goes on with a noun.
    let goes_on = [" use ", " in favo", " since ", " as of ", " and will", " - ", " – ", " — "];
    !rest.starts_with([' ', '-', '_']) || goes_on.iter().any(|words| rest.starts_with(words))
}

const GONE: &[&str] = &[
    "no longer supported", "no longer maintained", "superseded by", "replaced by",
    "will be removed in", "will be removed with", "obsolete, use", "obsolete, do not use",
    "obsolete since ", "legacy, use", "retired since ", "do not use, use", "do not use this tool",
];

fn ends_with_it(text: &str) -> bool {
    let bracket = text.rfind(['(', '[']).filter(|start| {
        let rest = &text[start + 1..];
        let end = rest.find([')', ']']).unwrap_or(rest.len());
        rest.starts_with("deprecated")
            && rest[end..].chars().all(|character| !character.is_alphanumeric())
    });
    let last = text.trim_end_matches(|character: char| !character.is_alphanumeric());
    bracket.is_some() || last.ends_with(" is deprecated") || last.ends_with(", deprecated")
}

/// Whether a program can read it: ours or anybody's key in `_meta`, or a flag on the tool.
pub(super) fn is_marked(tool: &Tool) -> bool {
    let keys = tool.value().get("_meta").and_then(Value::as_object).into_iter().flatten();
    let in_meta = keys.into_iter().any(|(key, _)| key.to_lowercase().contains("deprecated"));
    in_meta || tool.value().get("deprecated").is_some_and(|value| value != &Value::Bool(false))
}

/// Whether a text names a tool, as a word of its own.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.split(|character: char| !is_part(character) && character != '-').any(|word| word == name)
}
