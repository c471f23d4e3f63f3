//! Identifiers taken apart into words.

use std::borrow::Cow;

/// The words of an identifier in lower case: `getOrder`, `get_order`, `get-order`, `Orders.Get`
/// and `HTTPGet2` all come apart where a reader would take them apart.
pub fn words(identifier: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut add = |word: &str| {
        if !word.is_empty() {
            words.push(lower(word));
        }
    };
    // Where the word begins that is being read.
    let mut start = 0;
    let mut before: Option<char> = None;
    let mut characters = identifier.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let mut is_before_lower =
            || characters.peek().is_some_and(|(_, after)| after.is_lowercase());
        let starts_hump = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && is_before_lower())
            });
        if !character.is_alphanumeric() {
            add(&identifier[start..at]);
            start = at + character.len_utf8();
        } else if starts_hump {
            add(&identifier[start..at]);
            start = at;
        }
        before = Some(character);
    }
    add(&identifier[start..]);
    words
}

/// Nearly every word is ASCII, where one character stays one.
fn lower(word: &str) -> String {
    if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        word.chars().flat_map(char::to_lowercase).collect()
    }
}

/// A word without its ending, so that "orders", "order" and "ordering" are one. Rough, and only
/// good for comparing words with each other.
pub fn stem(word: &str) -> String {
    let stem = match word {
        _ if word.len() < 4 => word,
        _ if word.ends_with("ss") => word,
        _ if word.ends_with("ies") => return format!("{}y", &word[..word.len() - 3]),
        _ => ["ing", "ed", "es", "s"]
            .iter()
            .filter_map(|ending| word.strip_suffix(ending))
            .find(|stem| stem.len() >= 3)
            .unwrap_or(word),
    };
    stem.strip_suffix('e').unwrap_or(stem).to_owned()
}

/// A word in the singular, as far as its ending tells; what is no plural stays as it is. Unlike a
/// [`stem`] it is still a word that can be shown.
pub fn singular(word: &str) -> Cow<'_, str> {
    const NO_PLURALS: [&str; 5] = ["ss", "us", "is", "ics", "ous"];
    const SIBILANTS: [&str; 5] = ["ches", "shes", "sses", "xes", "zes"];
    let ends_with = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let cut = |bytes: usize| Cow::Borrowed(&word[..word.len() - bytes]);
    match word {
        _ if word.len() < 4 || !word.ends_with('s') || ends_with(&NO_PLURALS) => {
            Cow::Borrowed(word)
        }
        "series" | "species" | "news" => Cow::Borrowed(word),
        _ if word.len() > 4 && word.ends_with("ies") => Cow::Owned(format!("{}y", cut(3))),
        _ if ends_with(&SIBILANTS) => cut(2),
        _ => cut(1),
    }
}

#[cfg(test)]
mod tests {
    use super::{singular, stem, words};

    #[test]
    fn a_plural_becomes_a_word_one_can_show() {
        for (word, expected) in [
            ("orders", "order"),
            ("entities", "entity"),
            ("branches", "branch"),
            ("boxes", "box"),
            ("databases", "database"),
            ("status", "status"),
            ("analysis", "analysis"),
            ("statistics", "statistics"),
            ("class", "class"),
            ("ids", "ids"),
            ("bus", "bus"),
            ("series", "series"),
        ] {
            assert_eq!(singular(word), expected);
        }
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (one, other) in [
            ("order", "orders"),
            ("delete", "deletes"),
            ("delete", "deleting"),
            ("entity", "entities"),
            ("search", "searches"),
            ("file", "files"),
        ] {
            assert_eq!(stem(one), stem(other));
        }
        assert_ne!(stem("order"), stem("border"));
        assert_eq!(stem("class"), "class");
    }

    #[test]
    fn identifiers_come_apart_where_a_reader_would_take_them_apart() {
        let cases: [(&str, &[&str]); 6] = [
            ("getOrder", &["get", "order"]),
            ("get_order", &["get", "order"]),
            ("Orders.get-all", &["orders", "get", "all"]),
            ("HTTPGet", &["http", "get"]),
            ("API-patch-page", &["api", "patch", "page"]),
            ("", &[]),
        ];
        for (identifier, expected) in cases {
            assert_eq!(words(identifier), expected, "{identifier}");
        }
    }
}
