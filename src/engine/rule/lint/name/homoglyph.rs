use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::Walk,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "name/homoglyph",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: "type the name anew with a Latin keyboard layout; if you did not write it, find out who \
           did before anybody calls the tool",
    documentation: r#"
A name mixes Latin letters with letters of another script that look the same.

## Why
`get_account` with a Cyrillic `а` is another name than `get_account`, and nobody sees it. That is how
a tool is put beside a trusted one to receive its calls, and how an approval, an allow-list or a log
search is passed by. By accident it is a typing error that makes the tool impossible to call by hand.

Checked are the names of tools and of arguments, word by word. A word written entirely in another
script imitates nothing and is left to `name/invalid-chars`.

## Bad
```json
{"tools": [{"name": "get_\u0430ccount", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "get_account", "inputSchema": {
  "type": "object", "properties": {"t\u03bfken": {"type": "string"}}
}}]}
```

## Good
```json
{"tools": [{"name": "get_account", "inputSchema": {
  "type": "object", "properties": {"имя": {"type": "string"}}
}}]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names": ASCII only
- Unicode Technical Standard 39, §5.1 mixed-script detection
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool)
}

fn judge(tool: &Tool) -> Vec<Hit> {
    let mut hits = Vec::new();
    if let Some((character, latin)) = impostor(&tool.name) {
        let message = format!("the name has {} in place of `{latin}`", show(character));
        hits.push(Hit::new(tool.pointer.join("name"), message));
    }
    for (declared_at, schema) in tool.schemas() {
        for schema in Walk::of(schema).iter() {
            let properties = schema.get("properties").and_then(Value::as_object);
            for name in properties.into_iter().flat_map(|properties| properties.keys()) {
                let Some((character, latin)) = impostor(name) else { continue };
                let shown = show(character);
                let message = format!("the argument `{name}` has {shown} in place of `{latin}`");
                let pointer = schema.pointer().join("properties").join(name);
                hits.push(Hit::new(declared_at.concat(&pointer), message));
            }
        }
    }
    hits
}

fn show(character: char) -> String {
    format!("`{character}` (U+{:04X})", u32::from(character))
}

/// The first letter that stands for a Latin one it looks like, in a word with real Latin letters.
pub(super) fn impostor(name: &str) -> Option<(char, char)> {
    if name.is_ascii() {
        return None;
    }
    let words = name.split(|character: char| !character.is_alphanumeric());
    let mut mixed = words.filter(|word| word.contains(|letter: char| letter.is_ascii_alphabetic()));
    mixed.find_map(|word| word.chars().find_map(|letter| Some((letter, imitated(letter)?))))
}

/// What a name looks like at a glance: without what only parts its words, with Latin letters for those
/// of other scripts that look the same, and one for the letters and digits of ASCII that do.
pub(in crate::engine::rule::lint) fn look_alike(name: &str) -> String {
    let shown = |letter: char| match imitated(letter).unwrap_or(letter) {
        '1' | 'I' => 'l',
        '0' | 'O' => 'o',
        other => other,
    };
    let seen = name.chars().filter(|letter| !parts_words(*letter));
    seen.map(shown).collect()
}

/// A name without what styles differ in: small letters, and nothing between the words.
pub(in crate::engine::rule::lint) fn without_style(name: &str) -> String {
    name.chars().filter(|letter| !parts_words(*letter)).flat_map(char::to_lowercase).collect()
}

fn parts_words(letter: char) -> bool {
    matches!(letter, '_' | '-' | '.' | '/' | ' ')
}

/// The Latin letter a letter of another script looks like.
fn imitated(letter: char) -> Option<char> {
    let index = LOOKALIKES.chars().position(|lookalike| lookalike == letter);
    if let Some(index) = index {
        return LATIN.chars().nth(index);
    }
    let code = u32::from(letter);
    let offset = match code {
        // Full-width forms, capital and small.
        0xFF21..=0xFF3A => return char::from_u32(code - 0xFF21 + u32::from('A')),
        0xFF41..=0xFF5A => return char::from_u32(code - 0xFF41 + u32::from('a')),
        // The mathematical alphabets: thirteen styles of 26 capitals and 26 small letters.
        0x1D400..=0x1D6A3 => (code - 0x1D400) % 52,
        _ => return None,
    };
    char::from_u32(if offset < 26 { u32::from('A') + offset } else { u32::from('a') + offset - 26 })
}

/// Cyrillic, Greek and Armenian letters, each above the Latin letter it looks like.
const LOOKALIKES: &str = "аеорсухіјѕһԁԛԝАВЕКМНОРСТХУІЈЅοανρικυΑΒΕΖΗΙΚΜΝΟΡΤΥΧոսօհ";
const LATIN: &str = "aeopcyxijshdqwABEKMHOPCTXYIJSoavpikuABEZHIKMNOPTYXnuoh";

#[cfg(test)]
mod tests {
    use super::{LATIN, LOOKALIKES, impostor, look_alike, without_style};

    #[test]
    fn every_lookalike_has_its_letter() {
        assert_eq!(LOOKALIKES.chars().count(), LATIN.len());
        assert!(LOOKALIKES.chars().all(|letter| !letter.is_ascii()));
    }

    #[test]
    fn names_that_look_the_same_have_one_look() {
        assert_eq!(look_alike("get_\u{430}ll"), look_alike("get_all"));
        assert_eq!(look_alike("get_a11"), look_alike("get_all"));
        assert_eq!(look_alike("get_0rder"), look_alike("get_order"));
        assert_ne!(look_alike("listItems"), look_alike("listitems"));
        assert_ne!(look_alike("get_LP"), look_alike("get_IP"));
        assert_ne!(look_alike("get_list"), look_alike("get_lost"));
    }

    #[test]
    fn a_style_is_case_and_what_stands_between_words() {
        for name in ["getOrder", "GET_ORDER", "get-order", "Get.Order"] {
            assert_eq!(without_style(name), "getorder");
        }
        assert_ne!(without_style("get_0rder"), "getorder");
    }

    #[test]
    fn only_a_word_of_two_scripts_is_an_impostor() {
        assert_eq!(impostor("get_аccount"), Some(('а', 'a')));
        assert_eq!(impostor("ｇet"), Some(('ｇ', 'g')));
        assert_eq!(impostor("\u{1D41A}dmin"), Some(('\u{1D41A}', 'a')));
        for name in ["get_account", "get_имя", "größe", "名前_get", "Δt", "naïve"] {
            assert_eq!(impostor(name), None, "{name}");
        }
    }
}
