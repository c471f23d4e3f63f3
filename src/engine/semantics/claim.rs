//! How strongly the words of a tool say that it changes something.
//!
//! Three readers need three answers. Who accuses asks [`plainly_writes`] or [`plainly_reads`]: name
//! and description must both say so. Who decides weighs them against each other, which is
//! `effect_of_words`. Who must not take part in a change asks [`may_write`](super::may_write), to
//! which one word is enough.

use super::{
    effect::{description_verb, makes_nothing_lasting, name_verb},
    verb::{self, Kind},
    word::words,
};
use crate::engine::surface::Tool;

/// Whether both name and description say beyond doubt that the tool changes something.
///
/// Most verbs of change have a harmless use on texts, numbers and pictures, which a tool takes and
/// gives back (`truncate_text`, `add_vat`). They count where nothing of the kind is spoken of.
pub fn plainly_writes(tool: &Tool) -> bool {
    let description = tool.description.as_deref().unwrap_or_default();
    let (Some((of_name, _)), Some((said, _))) =
        (name_verb(&tool.name), description_verb(description))
    else {
        return false;
    };
    let sentence = first_sentence(description);
    let is_certain = |verb: &String| verb::PLAINLY_WRITING.contains(&verb.as_str());
    // "Post codes", "Upload limits": only "Posts" and "Uploads" are verbs beyond doubt.
    let is_noun = verb::NOUNS_TOO.contains(&said.as_str()) && !is_inflected(&said, &sentence);
    if is_certain(&of_name) && is_certain(&said) {
        return !is_noun && !makes_nothing_lasting(&said, &sentence);
    }
    let is_change = |verb: &String| {
        is_certain(verb) || verb::WRITING_UNLESS_GIVEN_BACK.contains(&verb.as_str())
    };
    let is_said = is_inflected(&said, &sentence) || is_ordered(&said, &sentence);
    is_change(&of_name)
        && is_change(&said)
        && is_said
        && !is_noun
        && !verb::is_about_values(description)
        && !words(description).iter().any(|word| verb::is_given_back(word))
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

pub(super) fn first_sentence(description: &str) -> Vec<String> {
    words(description.split(['.', '\n', ':', ';']).next().unwrap_or_default())
}

/// Whether a sentence has a verb in the third person near its beginning: "Posts", not "post".
fn is_inflected(verb: &str, sentence: &[String]) -> bool {
    let is_form =
        |word: &String| word != verb && verb::base_and_kind(word).is_some_and(|(it, _)| it == verb);
    sentence.iter().take(4).any(is_form)
}

/// Whether a sentence has a verb as an order with its object: "Edit one page", not "Set theory" or
/// "Set operations".
fn is_ordered(verb: &str, sentence: &[String]) -> bool {
    let mut pairs = sentence.windows(2).take(4);
    pairs.any(|pair| pair[0] == verb && verb::is_determiner(&pair[1]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{plainly_reads, plainly_writes};
    use crate::engine::{
        protocol::json::Limits,
        surface::{self, Tool},
    };

    fn tool(name: &str, description: &str) -> Tool {
        let text = json!({"tools": [{"name": name, "description": description}]}).to_string();
        surface::read(text.as_bytes(), &Limits::default()).unwrap().tools.remove(0)
    }

    #[test]
    fn only_what_both_say_beyond_doubt_is_plain() {
        for (name, description, expected) in [
            ("delete_customer", "Permanently deletes one customer.", true),
            ("create_order", "This tool creates an order.", true),
            ("drop_index", "Drop the index of a table.", true),
            ("write_note", "Writes a note.", true),
            ("move_pallet", "Moves one pallet to another gate.", true),
            ("edit_recipe", "Edit one recipe", true),
            ("thread_close", "Closes a thread for good.", true),
            ("update_history", "Update history of a package.", false),
            ("updates", "Updates of the week.", false),
            ("merge_sorted_lists", "Merges two sorted lists into one.", false),
            ("delete_customer", "Returns the orders that were deleted.", false),
            ("delete_customer", "", false),
            ("set_theory_search", "Set theory papers by subject.", false),
            ("set_operations", "Set operations and what they mean.", false),
            ("truncate_text", "Truncates a text to a number of words.", false),
            ("add_up", "Adds two amounts.", false),
            ("write_poem", "Writes a poem about a season.", false),
            ("insert_separator", "Inserts a separator and returns what came of it.", false),
            ("create_diagram", "Creates a diagram of a process.", false),
        ] {
            assert_eq!(plainly_writes(&tool(name, description)), expected, "{name}");
        }
        assert!(plainly_reads(&tool("API-post-search", "Search by title")));
        assert!(!plainly_reads(&tool("list_mails", "Lists mails and marks or deletes them.")));
    }
}
