//! Verbs that a model takes for the same.

use crate::engine::semantics::word::words;

/// Verbs that mean the same to a model. `list` is not `get`: many against one; nor is `show`, which
/// may put something on a screen.
const SYNONYMS: &[&[&str]] = &[
    &["get", "fetch", "read", "retrieve", "load", "view", "lookup"],
    &["search", "find", "query"],
    &["create", "add", "make", "insert"],
    &["update", "edit", "modify", "change"],
    &["delete", "remove", "erase"],
    &["run", "execute", "invoke"],
    &["start", "begin", "launch"],
];

/// One word for a verb and all its synonyms; the word itself where it is no such verb.
pub(super) fn canonical(word: &str) -> &str {
    SYNONYMS.iter().find(|verbs| verbs.contains(&word)).map_or(word, |verbs| verbs[0])
}

/// A name with its verb replaced by one word for all its synonyms; none for a name without such a
/// verb, or without anything beside it.
pub(super) fn meaning(name: &str) -> Option<String> {
    let mut name = words(name);
    let is_verb = |word: &&mut String| SYNONYMS.iter().any(|verbs| verbs.contains(&word.as_str()));
    let verb = name.iter_mut().take(2).find(is_verb)?;
    *verb = canonical(verb).to_owned();
    // What the arguments say anyway: `get_order_by_id`.
    if let [before @ .., by, id] = name.as_slice()
        && by == "by"
        && (id == "id" || id == "ids")
    {
        name.truncate(before.len());
    }
    (name.len() > 1).then(|| name.join(" "))
}
