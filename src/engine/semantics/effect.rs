//! Whether a tool changes anything.

use super::{
    verb::{self, Kind},
    word::words,
};
use crate::engine::surface::Tool;

/// What calling a tool does to the world, as far as its definition tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It changes something.
    Writes,
    /// It says neither, and nothing else tells.
    Unknown,
}

/// The effect of a tool: what `readOnlyHint` or `destructiveHint` says, else what its words say.
///
/// The specification's default for a missing `readOnlyHint` is "not read-only"; that is a rule for
/// clients that must be careful and would make every unannotated `get_…` a write here.
pub fn effect(tool: &Tool) -> Effect {
    match (tool.annotations.read_only, tool.annotations.destructive) {
        (Some(true), _) => Effect::Reads,
        (Some(false), _) | (None, Some(true)) => Effect::Writes,
        (None, _) => effect_of_words(tool),
    }
}

/// What name and description say, whatever the annotations claim. The verb of the name decides;
/// where the description plainly reads, or a word that may be a noun (`patch_notes`) is not borne
/// out by it, nothing is known.
pub fn effect_of_words(tool: &Tool) -> Effect {
    let description = tool.description.as_deref().unwrap_or_default();
    let said = description_verb(description).map(|(_, kind)| kind);
    match name_verb(&tool.name) {
        Some((_, Kind::Reads)) => Effect::Reads,
        Some(_) if said == Some(Kind::Reads) => Effect::Unknown,
        Some((_, Kind::MayBeNoun)) if said.is_none() && !description.trim().is_empty() => {
            Effect::Unknown
        }
        Some((_, Kind::Computes)) if verb::is_about_values(description) => Effect::Unknown,
        Some(_) => Effect::Writes,
        None if begins_with_a_change(description) => Effect::Writes,
        None => Effect::Unknown,
    }
}

/// Whether a description begins with a verb of change in the third person, for names that have no
/// verb: `new_order`, "Creates an order". "Create" would be as good, and begins titles as well.
fn begins_with_a_change(description: &str) -> bool {
    let mut words = description.split_whitespace();
    let first = words.next().unwrap_or_default().to_lowercase();
    let base = first.strip_suffix('s').filter(|base| verb::CHANGING.contains(base));
    let object: Vec<String> = words.take(5).map(str::to_lowercase).collect();
    let is_kept = |word: &String| !verb::PRODUCED.contains(&word.trim_end_matches(['.', ',', 's']));
    base.is_some()
        && object.first().is_some_and(|next| verb::starts_object(next))
        && object.iter().all(is_kept)
}

/// Whether both name and description say beyond doubt that the tool changes something.
pub fn plainly_writes(tool: &Tool) -> bool {
    let is_plain = |found: Option<(String, Kind)>| {
        found.is_some_and(|(verb, _)| verb::PLAINLY_WRITING.contains(&verb.as_str()))
    };
    let description = tool.description.as_deref().unwrap_or_default();
    // "Post codes", "Upload limits": only "Posts" and "Uploads" are verbs beyond doubt.
    let is_verb = |(verb, _): &(String, Kind)| {
        let sentence = description.split(['.', '\n', ':', ';']).next().unwrap_or_default();
        !verb::NOUNS_TOO.contains(&verb.as_str())
            || words(sentence)
                .iter()
                .take(4)
                .any(|word| word != verb && word.starts_with(verb.as_str()))
    };
    is_plain(name_verb(&tool.name)) && is_plain(description_verb(description).filter(is_verb))
}

/// Whether both name and description say beyond doubt that the tool only reads: each begins with
/// such a verb, and nowhere does the description speak of a change.
pub fn plainly_reads(tool: &Tool) -> bool {
    let is_plain = |found: Option<(String, Kind)>| {
        found.is_some_and(|(verb, _)| verb::PLAINLY_READING.contains(&verb.as_str()))
    };
    let description = tool.description.as_deref().unwrap_or_default();
    is_plain(name_verb(&tool.name))
        && is_plain(description_verb(description))
        && !words(description)
            .iter()
            .any(|word| verb::base_and_kind(word).is_some_and(|(_, kind)| kind == Kind::Writes))
}

/// Whether the verb in a tool's name takes something away for good, and the tool does write.
/// `drop` does so to a table; to a file it may only be the end of dragging it.
pub fn destroys(tool: &Tool) -> bool {
    let is_writing = [effect(tool), effect_of_words(tool)].iter().all(|it| *it == Effect::Writes);
    let is_dropped = |word: &String| verb::DROPPED.contains(&word.as_str());
    match name_verb(&tool.name) {
        Some((verb, _)) if verb == "drop" => is_writing && words(&tool.name).iter().any(is_dropped),
        Some((verb, _)) => is_writing && verb::DESTROYING.contains(&verb.as_str()),
        None => false,
    }
}

/// Whether a change can be made again without doing more, as the verb in the tool's name has it:
/// setting and deleting are such changes, creating and sending are not. None without such a verb.
pub fn is_repeatable(tool: &Tool) -> Option<bool> {
    let (verb, kind) = name_verb(&tool.name)?;
    (kind != Kind::Reads).then(|| verb::REPEATABLE.contains(&verb.as_str()))
}

/// The verb in a name. A vendor or domain word may stand before it: `crm_create_lead`,
/// `API-patch-page`. A word that may be a noun gives way to a verb of reading: `API-post-search`.
fn name_verb(name: &str) -> Option<(String, Kind)> {
    let words = words(name);
    let mut verbs = words.iter().take(3).filter_map(|word| Some((word.clone(), verb::kind(word)?)));
    let first = verbs.next()?;
    if first.1 != Kind::MayBeNoun {
        return Some(first);
    }
    let reading = verbs.find(|(verb, _)| verb::PLAINLY_READING.contains(&verb.as_str()));
    Some(reading.unwrap_or(first))
}

/// The first verb of the first sentence of a description: "Permanently deletes one customer",
/// "This tool creates …". What may be a noun ("Post statistics", "Book search") is a verb only
/// before an object.
fn description_verb(description: &str) -> Option<(String, Kind)> {
    let sentence = description.split(['.', '\n', ':', ';']).next().unwrap_or_default();
    let words = words(sentence);
    words.iter().enumerate().take(4).find_map(|(index, word)| {
        let (base, kind) = verb::of_sentence(word)?;
        let next = words.get(index + 1).map(String::as_str);
        let is_verb = match kind {
            Kind::Reads => true,
            Kind::MayBeNoun => next.is_some_and(verb::starts_object),
            Kind::Writes | Kind::Computes if base == *word => next.is_some_and(verb::starts_object),
            // "Updates of the week"
            Kind::Writes | Kind::Computes => !next.is_some_and(verb::follows_a_noun),
        };
        is_verb.then_some((base, kind))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Effect, effect_of_words, plainly_reads, plainly_writes};
    use crate::engine::{
        protocol::json::Limits,
        surface::{self, Tool},
    };

    fn tool(name: &str, description: &str) -> Tool {
        let text = json!({"tools": [{"name": name, "description": description}]}).to_string();
        surface::read(text.as_bytes(), &Limits::default()).unwrap().tools.remove(0)
    }

    #[test]
    fn name_and_description_together_say_what_a_tool_does() {
        for (name, description, expected) in [
            ("crm_create_lead", "", Effect::Writes),
            ("API-patch-page", "", Effect::Writes),
            ("search_deleted_orders", "", Effect::Reads),
            ("weather", "The weather of a city.", Effect::Unknown),
            ("place_order", "Places an order for seeds.", Effect::Writes),
            ("star_repository", "Star a repository.", Effect::Writes),
            ("patch_notes", "Shows what a version has changed.", Effect::Unknown),
            ("store_hours", "Store opening hours by town.", Effect::Unknown),
            ("post_statistics", "Post statistics of a blog.", Effect::Unknown),
            ("erase_background", "Returns a copy without its background.", Effect::Unknown),
            ("add", "Adds two numbers.", Effect::Unknown),
            ("add_comment", "Adds a comment and returns its number.", Effect::Writes),
            ("new_order", "Creates an order.", Effect::Writes),
            ("checkout", "Places the order and charges the card.", Effect::Writes),
            ("issues", "Issues of a repository.", Effect::Unknown),
            ("orders", "Create, read and delete orders.", Effect::Unknown),
        ] {
            assert_eq!(effect_of_words(&tool(name, description)), expected, "{name}");
        }
    }

    #[test]
    fn only_what_both_say_beyond_doubt_is_plain() {
        for (name, description, expected) in [
            ("delete_customer", "Permanently deletes one customer.", true),
            ("create_order", "This tool creates an order.", true),
            ("drop_index", "Drop the index of a table.", true),
            ("update_history", "Update history of a package.", false),
            ("updates", "Updates of the week.", false),
            ("merge_sorted_lists", "Merges two sorted lists into one.", false),
            ("delete_customer", "Returns the orders that were deleted.", false),
        ] {
            assert_eq!(plainly_writes(&tool(name, description)), expected, "{name}");
        }
        assert!(plainly_reads(&tool("API-post-search", "Search by title")));
        assert!(!plainly_reads(&tool("list_mails", "Lists mails and marks or deletes them.")));
    }
}
