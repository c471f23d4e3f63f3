//! A tool that is gone and one that is new: are they one tool under two names?

use std::collections::HashSet;

use super::text::{likeness, words as words_of_text};
use crate::engine::{
    finding::Confidence,
    schema::types,
    semantics::word::{stem, words},
    surface::Tool,
};

/// Most pairs that are weighed. A surface that changes more than this at once is another server.
const MAX_PAIRS: usize = 40_000;
/// From this likeness on, two tools are taken for one.
const ENOUGH: f64 = 0.6;

/// One tool under two names.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    /// The old name.
    pub from: String,
    /// The new name.
    pub to: String,
    /// How sure.
    pub confidence: Confidence,
    /// Whether the input schema is the same.
    pub has_same_input: bool,
    /// Whether only upper and lower case or the separators differ.
    pub is_spelling: bool,
}

/// Pairs of indices into `removed` and `added`, best first; each tool is in one pair at most.
pub(super) fn pair(removed: &[&Tool], added: &[&Tool]) -> Vec<(usize, usize, Rename)> {
    if removed.len() * added.len() > MAX_PAIRS {
        return Vec::new();
    }
    let (old, new): (Vec<_>, Vec<_>) = (
        removed.iter().map(|tool| Features::of(tool)).collect(),
        added.iter().map(|tool| Features::of(tool)).collect(),
    );
    let mut scored: Vec<(f64, usize, usize)> = Vec::new();
    for (from, one) in old.iter().enumerate() {
        for (to, other) in new.iter().enumerate() {
            let score = one.likeness(other);
            if score >= ENOUGH {
                scored.push((score, from, to));
            }
        }
    }
    scored.sort_by(|one, two| two.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(two.1, two.2))));
    let (mut seen_old, mut seen_new) = (HashSet::new(), HashSet::new());
    scored.retain(|(_, from, to)| {
        let is_free = !seen_old.contains(from) && !seen_new.contains(to);
        if is_free {
            seen_old.insert(*from);
            seen_new.insert(*to);
        }
        is_free
    });
    let rename = |(score, from, to): (f64, usize, usize)| {
        let (old, new) = (removed[from], added[to]);
        let confidence = match score {
            0.85.. => Confidence::High,
            0.7.. => Confidence::Medium,
            _ => Confidence::Low,
        };
        let rename = Rename {
            from: old.name.clone(),
            to: new.name.clone(),
            confidence,
            has_same_input: old.input_schema() == new.input_schema(),
            is_spelling: words(&old.name) == words(&new.name),
        };
        (from, to, rename)
    };
    scored.into_iter().map(rename).collect()
}

/// What two tools are compared by.
struct Features<'a> {
    tool: &'a Tool,
    arguments: Vec<String>,
    description: Vec<String>,
}

impl<'a> Features<'a> {
    fn of(tool: &'a Tool) -> Self {
        let argument = |(name, schema): (&String, &serde_json::Value)| {
            let types = types::named_in_branches(schema).join("|");
            format!("{} {types}", words(name).join("_"))
        };
        let arguments = tool.arguments().map(argument).collect();
        let description = tool.description.as_deref().unwrap_or_default();
        let description =
            words_of_text(description).iter().map(|word| stem(&word.to_lowercase())).collect();
        Self { tool, arguments, description }
    }

    fn likeness(&self, other: &Self) -> f64 {
        let name = name_likeness(&self.tool.name, &other.tool.name);
        if name >= 1.0 {
            return 1.0;
        }
        let is_same_input = self.tool.input_schema() == other.tool.input_schema();
        let says_much = self.arguments.len() >= 2;
        let mut parts = vec![(0.4, name)];
        if is_same_input {
            // Having the one argument `id` in common says little.
            parts.push((if says_much { 0.4 } else { 0.2 }, 1.0));
        } else if !self.arguments.is_empty() || !other.arguments.is_empty() {
            parts.push((0.35, likeness(&self.arguments, &other.arguments)));
        }
        if !self.description.is_empty() && !other.description.is_empty() {
            let same = likeness(&self.description, &other.description);
            let weight = if self.description.len() >= 3 { 0.35 } else { 0.2 };
            parts.push((weight, same));
        }
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        parts.iter().map(|(weight, part)| weight * part).sum::<f64>() / total
    }
}

/// How alike two names are, 0 to 1: 1 where only case and separators differ, near 1 where one has
/// a word more at its beginning or end, else by the words and letters they share.
pub(super) fn name_likeness(one: &str, other: &str) -> f64 {
    let (one_words, other_words) = (words(one), words(other));
    let (joined, other_joined) = (one_words.concat(), other_words.concat());
    if joined == other_joined {
        return 1.0;
    }
    let (short, long) = if one_words.len() <= other_words.len() {
        (&one_words, &other_words)
    } else {
        (&other_words, &one_words)
    };
    if !short.is_empty() && (long.ends_with(short) || long.starts_with(short)) {
        return 0.9;
    }
    let is_abbreviation = !joined.is_empty()
        && !other_joined.is_empty()
        && (joined.starts_with(&other_joined) || other_joined.starts_with(&joined));
    let stems = |words: &[String]| words.iter().map(|word| stem(word)).collect::<Vec<_>>();
    let shared = likeness(&stems(&one_words), &stems(&other_words));
    let letters = likeness(&bigrams(&joined), &bigrams(&other_joined));
    shared.max(letters).max(if is_abbreviation { 0.6 } else { 0.0 })
}

fn bigrams(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(2).map(|pair| pair.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::pair;
    use crate::engine::{
        protocol::json::Limits,
        surface::{self, Surface},
    };

    fn surface(tools: Value) -> Surface {
        surface::read(tools.to_string().as_bytes(), &Limits::default()).unwrap()
    }

    fn check(removed: Value, added: Value, expected: &[(&str, &str)]) {
        let (old, new) = (surface(removed), surface(added));
        let (old, new): (Vec<_>, Vec<_>) = (old.tools.iter().collect(), new.tools.iter().collect());
        let mut found: Vec<(String, String)> =
            pair(&old, &new).into_iter().map(|(_, _, rename)| (rename.from, rename.to)).collect();
        found.sort();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        assert_eq!(found, expected);
    }

    fn tool(name: &str, description: &str, arguments: &[&str]) -> Value {
        let properties: Value = arguments
            .iter()
            .map(|argument| ((*argument).to_owned(), json!({"type": "string"})))
            .collect::<serde_json::Map<_, _>>()
            .into();
        json!({"name": name, "description": description,
            "inputSchema": {"type": "object", "properties": properties}})
    }

    #[test]
    fn each_tool_finds_the_one_it_was() {
        let removed = json!([
            tool("getOrder", "Reads one order.", &["order_id"]),
            tool("list_orders", "Lists orders of a customer.", &["customer", "state"])
        ]);
        let added = json!([
            tool("crm_list_orders", "Lists orders of a customer.", &["customer", "state"]),
            tool("get_order", "Reads one order by its number.", &["order_id"])
        ]);
        let expected = [("getOrder", "get_order"), ("list_orders", "crm_list_orders")];
        check(removed, added, &expected);
    }

    #[test]
    fn another_tool_is_another_tool() {
        check(
            json!([tool("delete_order", "Deletes an order for good.", &["id"])]),
            json!([tool("create_invoice", "Writes an invoice.", &["customer", "amount"])]),
            &[],
        );
    }
}
