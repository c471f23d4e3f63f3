//! How strongly the words of a tool say that it changes something.
//!
//! Three readers need three answers. Who accuses asks [`plainly_writes`] or [`plainly_reads`]: name
//! and description must both say so. Who decides weighs them against each other, which is
//! `effect_of_words`. Who must not take part in a change asks [`may_write`]: one word is enough.

use super::{
    effect::{Effect, description_verb, effect_of_words, makes_nothing_lasting, name_verb},
    reach::takes_a_program,
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

/// Whether anything about a tool but its hints says that calling it may change something: its name,
/// its title, a sentence of its description, or an argument that takes a program.
///
/// Errs on the side of saying so, because a tool that is left alone for nothing costs little.
pub fn may_write(tool: &Tool) -> bool {
    let description = tool.description.as_deref().unwrap_or_default();
    let title = tool.title.as_deref().unwrap_or_default();
    let reads = description_verb(description).is_some_and(|(_, kind)| kind == Kind::Reads);
    effect_of_words(tool) == Effect::Writes
        || names_a_change(&tool.name, reads, description)
        || names_a_change(title, reads, description)
        || speaks_of_a_change(description)
        || takes_a_program(tool)
}

/// Whether the first verb of a name is one of change. What is a noun as often counts unless the
/// description begins with a verb of reading.
fn names_a_change(name: &str, reads: bool, description: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let first = words.iter().take(3).find_map(|word| {
        let is_act = |list: &[&str]| list.contains(&word.as_str());
        if is_act(verb::ACTING) || (word == "format" && has(verb::FORMATTED)) {
            return Some(true);
        }
        if is_act(verb::ACTING_OR_NOUN) {
            return Some(!reads);
        }
        match verb::kind(word)? {
            Kind::Reads => Some(false),
            _ if is_act(verb::PLAINLY_WRITING) && !is_act(verb::NOUNS_TOO) => Some(true),
            Kind::Writes => Some(!reads),
            Kind::MayBeNoun => Some(!reads && !has(verb::PLAINLY_READING)),
            Kind::Computes => Some(!reads && !verb::is_about_values(description)),
        }
    });
    first.unwrap_or(false)
}

/// Whether any sentence of a description speaks of a change: "Deletes everything", "and removes them
/// from the server", "cannot be undone".
fn speaks_of_a_change(description: &str) -> bool {
    let lower = description.to_lowercase().replace('\u{2019}', "'");
    if verb::GONE_FOR_GOOD.iter().any(|phrase| lower.contains(phrase)) {
        return true;
    }
    let begins_so = description_verb(description).is_some_and(|(verb, kind)| {
        matches!(kind, Kind::Writes | Kind::MayBeNoun)
            && !makes_nothing_lasting(&verb, &first_sentence(description))
    });
    begins_so || lower.split(['.', ';', ':', '\n']).any(|sentence| has_change(&words(sentence)))
}

/// Whether a verb of change in the third person stands in a sentence with its object, and is not
/// said of something else ("the rule that deletes old rows") or denied.
fn has_change(sentence: &[String]) -> bool {
    const OF_OTHERS: &[&str] = &[
        "all", "any", "by", "for", "from", "if", "its", "latest", "never", "new", "no", "not",
        "of", "recent", "that", "the", "their", "what", "when", "whether", "which", "who", "with",
    ];
    sentence.iter().enumerate().any(|(index, word)| {
        let is_act = verb::base_and_kind(word).is_some_and(|(base, kind)| {
            base != *word
                && kind == Kind::Writes
                && !makes_nothing_lasting(&base, &sentence[index..])
        }) || verb::is_form_of(word, verb::ACTING);
        let before = index.checked_sub(1).map(|before| sentence[before].as_str());
        let is_object =
            |next: &String| verb::starts_object(next) || next == "everything" || next == "anything";
        is_act
            && !before.is_some_and(|before| OF_OTHERS.contains(&before))
            && (index == 0 || sentence.get(index + 1).is_some_and(is_object))
            && !sentence.get(index + 1).is_some_and(|next| verb::follows_a_noun(next))
    })
}

fn first_sentence(description: &str) -> Vec<String> {
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

    use super::{may_write, plainly_reads, plainly_writes};
    use crate::engine::{
        protocol::json::Limits,
        surface::{self, Tool},
    };

    fn read(tool: &serde_json::Value) -> Tool {
        let text = json!({"tools": [tool]}).to_string();
        surface::read(text.as_bytes(), &Limits::default()).unwrap().tools.remove(0)
    }

    fn tool(name: &str, description: &str) -> Tool {
        read(&json!({"name": name, "description": description}))
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

    #[test]
    fn one_word_is_enough_to_leave_a_tool_alone() {
        for (name, description) in [
            ("harvest", "Deletes everything."),
            ("tidy", "Clears the barn. This cannot be undone."),
            ("empty_bin", "Takes away what is in it."),
            ("reboot", ""),
            ("format_disk", "For a new start."),
            ("buy_seed", "Seed of the season."),
            ("get_mails", "Gets new mails and removes them from the server."),
            ("field_tool", "Runs a shell command on the host."),
            ("delete_candidates", "Lists files."),
        ] {
            assert!(may_write(&tool(name, description)), "{name}");
        }
        for (name, description) in [
            ("get_delete_policy", "Returns the policy that deletes old rows."),
            ("post_code_lookup", "Looks up a post code."),
            ("open_document", "Opens a document and returns its text."),
            ("set_theory_search", "Searches papers on set theory."),
            ("render_chart", "Draws numbers as a chart."),
            ("add", "Adds two numbers."),
            ("convert_units", "Converts a length into another unit."),
            ("format_date", "Gives a date in the form of a country."),
            ("launch_calendar", "Lists launches of the year."),
            ("list_changes", "Lists the latest updates of each field."),
        ] {
            assert!(!may_write(&tool(name, description)), "{name}");
        }
    }

    #[test]
    fn a_tool_that_takes_a_program_is_left_alone() {
        for (argument, description, expected) in [
            ("sql", "What to ask", true),
            ("question", "SQL to run", true),
            ("command", "For the shell", true),
            ("args", "passed to sh -c", true),
            ("country_code", "Two letters", false),
            ("question", "In plain words", false),
        ] {
            let schema = json!({"type": "object", "properties": {
                argument: {"type": "string", "description": description},
            }});
            let tool = read(&json!({"name": "ask_barn", "inputSchema": schema}));
            assert_eq!(may_write(&tool), expected, "{argument}: {description}");
        }
    }
}
