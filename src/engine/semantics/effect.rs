//! Whether a tool changes anything.
//!
//! Not for: how sure one may be of that, which is `claim`.

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
    // A ticket is opened for somebody to work on, a document is opened to be read.
    let is_to_read = base == Some("open") && object.iter().any(|word| verb::is_read_open(word));
    base.is_some()
        && !is_to_read
        && object.first().is_some_and(|next| verb::starts_object(next))
        && object.iter().all(|word| is_kept(word))
}

/// Whether what a word names is still there after a call that makes it.
fn is_kept(word: &str) -> bool {
    !verb::PRODUCED.contains(&word.trim_end_matches(['.', ',', 's']))
}

/// Whether a sentence says that something is made which is given back and nowhere kept: "Creates a
/// chart".
pub(super) fn makes_nothing_lasting(verb: &str, sentence: &[String]) -> bool {
    let object = sentence.iter().skip_while(|word| !word.starts_with(verb)).skip(1).take(4);
    ["create", "make", "write"].contains(&verb)
        && object
            .into_iter()
            .any(|word| !is_kept(word) && !["table", "report"].contains(&word.as_str()))
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
pub(super) fn name_verb(name: &str) -> Option<(String, Kind)> {
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
pub(super) fn description_verb(description: &str) -> Option<(String, Kind)> {
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

    use super::{Effect, effect_of_words};
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
            ("open_document", "Opens a document and returns its text.", Effect::Unknown),
            ("open_claim", "Opens a claim for a storm.", Effect::Writes),
            ("orders", "Create, read and delete orders.", Effect::Unknown),
        ] {
            assert_eq!(effect_of_words(&tool(name, description)), expected, "{name}");
        }
    }
}
