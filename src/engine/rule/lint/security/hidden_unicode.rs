use crate::engine::{
    finding::{Confidence, Fix, Severity},
    protocol::json::edit::Edit,
    rule::{
        Check, Hit, Profile, Rule,
        repair::{Occurrence, Repair},
    },
    schema::{Dialect, Walk},
    semantics::texts,
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "security/hidden-unicode",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "take the characters out; where they came from is worth knowing, because nobody types them",
    documentation: r#"
A text holds characters that a reader cannot see.

## Why
A model reads every character, a person who approves a tool only those that are drawn. Tag
characters (U+E0000 and up) spell whole sentences that no screen shows; bidirectional controls show
a text in another order than it is read; zero-width and private characters make two names look the
same. All of them have been used to give models orders behind the user's back, and they hide as well
in enum values, defaults and `_meta` as in descriptions. Control characters besides tab, line feed
and carriage return give orders to the terminal that prints them, and separators that no keyboard has
end a line for some readers and not for others. Every text of the surface is looked at.

Allowed are soft hyphens, joiners inside emoji and in scripts that need them (Persian, Hindi, …),
zero-width spaces in scripts written without spaces (Thai, Lao, Khmer, Myanmar), direction marks in
Hebrew and Arabic text, flags made of tag characters, and variation selectors after what has
variants: emoji, digits, symbols and Chinese characters. A blank Braille cell may stand in Braille, a
vowel separator in Mongolian.

## Bad
```json
{"tools": [{"name": "get_invoice", "description": "Returns one invoice\u200b\u202e by its id.", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "set_locale", "inputSchema": {"type": "object", "properties": {
  "locale": {"enum": ["en\udb40\udc68\udb40\udc69", "de"]}
}}}]}
```
```json
{"tools": [{"name": "read_gauge", "description": "Reads one gauge.I\ufe00g\ufe01n\ufe02o\ufe03r\ufe04e\ufe05", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "get_berth", "description": "Gets one berth \u009b31m\u0000 by its\u2028name.", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{
  "name": "send_greeting",
  "title": "👩‍💻 می‌خواهم",
  "description": "ស្វែងរក\u200bផ្សារ Sends a greet\u00ading 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️.",
  "inputSchema": {"type": "object"}
}]}
```

## References
- Unicode Technical Report #36, Unicode Security Considerations
- OWASP MCP Top 10: MCP03, tool poisoning
"#,
    check: Check::Surface(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: Some(
        "the characters go from descriptions, titles and instructions, and a separator between two \
         words becomes a line feed or a space",
    ),
    not_safe: Some("they go from names, values and everything else that callers or servers go by"),
    propose,
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for text in texts(surface) {
        if text.content.bytes().all(is_plain) {
            continue;
        }
        let hidden = hidden_characters(&text.content);
        if !hidden.is_empty() {
            let message = format!("{} hides {}", text.label(surface), describe(&hidden));
            hits.push(Hit::new(text.pointer(), message));
        }
    }
    hits
}

/// Nearly all texts are plain, and this is all that is spent on them.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')
}

fn hidden_characters(text: &str) -> Vec<char> {
    hidden_indices(text).into_iter().map(|(_, character)| character).collect()
}

/// The hidden characters, each with its index among all.
fn hidden_indices(text: &str) -> Vec<(usize, char)> {
    let characters: Vec<char> = text.chars().collect();
    let is_right_to_left = characters.iter().any(|character| is_right_to_left(*character));
    let mut hidden = Vec::new();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| characters[index]);
        let after = characters.get(index + 1).copied();
        let is_hidden = match character {
            '\u{200C}' | '\u{200D}' => !is_joined(before, after),
            '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2066}'..='\u{2069}' => !is_right_to_left,
            '\u{E0020}'..='\u{E007F}' => !is_flag(&characters[..=index]),
            // After what has no variant a selector changes nothing that is drawn, so it can only
            // carry data.
            '\u{FE00}'..='\u{FE0F}' => !before.is_some_and(has_variants),
            '\u{200B}' => ![before, after].into_iter().flatten().any(is_written_without_spaces),
            '\u{180E}' => !before.is_some_and(|it| matches!(it, '\u{1820}'..='\u{18AA}')),
            '\u{2800}' => ![before, after].into_iter().flatten().any(is_braille),
            '\u{E0100}'..='\u{E01EF}' => !before.is_some_and(is_ideograph),
            _ => is_invisible(character),
        };
        if is_hidden {
            hidden.push((index, character));
        }
    }
    hidden
}

/// A text as it is seen, without the characters that it hides. What separates words is seen.
pub(super) fn visible(text: &str) -> String {
    let hidden = hidden_indices(text).into_iter().filter(|(_, it)| separator(*it).is_none());
    let hidden: Vec<usize> = hidden.map(|(index, _)| index).collect();
    let rest = text.chars().enumerate().filter(|(index, _)| hidden.binary_search(index).is_err());
    rest.map(|(_, character)| character).collect()
}

/// Characters that are never drawn, or only where somebody has agreed on a drawing.
fn is_invisible(character: char) -> bool {
    is_control(character)
        || is_noncharacter(character)
        || matches!(character,
        '\u{2028}' | '\u{2029}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}' | '\u{FFA0}'
        | '\u{200B}' | '\u{FEFF}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E001F}'
        | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// The control characters, of which the second half are terminal escapes in one character.
fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

/// What Unicode will never give a meaning to.
fn is_noncharacter(character: char) -> bool {
    let code = u32::from(character);
    matches!(character, '\u{FDD0}'..='\u{FDEF}') || code & 0xFFFE == 0xFFFE
}

/// What a hidden character that parts two words is put for in plain text.
fn separator(character: char) -> Option<char> {
    match character {
        '\u{000B}' | '\u{000C}' | '\u{0085}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{001C}'..='\u{001F}' | '\u{2800}' => Some(' '),
        _ => None,
    }
}

fn is_braille(character: char) -> bool {
    matches!(character, '\u{2801}'..='\u{28FF}')
}

/// Whether a joiner stands where one is needed: after a letter of a script that joins, or between
/// the parts of an emoji.
fn is_joined(before: Option<char>, after: Option<char>) -> bool {
    let joins = |character: char| {
        matches!(character, '\u{0600}'..='\u{08FF}' | '\u{0900}'..='\u{0DFF}'
            | '\u{0F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFC}')
    };
    let is_emoji = |character: char| {
        ('\u{2190}'..='\u{2BFF}').contains(&character)
            || ('\u{1F000}'..='\u{1FAFF}').contains(&character)
            || character == '\u{FE0F}'
    };
    before.is_some_and(joins) || (before.is_some_and(is_emoji) && after.is_some_and(is_emoji))
}

/// Whether a tag character, the last of these, belongs to the flag of a region: a black flag and a
/// few tags.
fn is_flag(until: &[char]) -> bool {
    let tags = until
        .iter()
        .rev()
        .take_while(|character| matches!(character, '\u{E0020}'..='\u{E007F}'))
        .count();
    let base = until.len().checked_sub(tags + 1).map(|index| until[index]);
    tags <= 7 && base == Some('\u{1F3F4}')
}

/// Emoji, digits, symbols, Chinese characters and punctuation, and the few letters of Myanmar and
/// Phags-pa with standardized variants.
fn has_variants(character: char) -> bool {
    is_ideograph(character)
        || matches!(character, '#' | '*' | '0'..='9' | '\u{A9}' | '\u{AE}'
            | '\u{1000}'..='\u{109F}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205F}'
            | '\u{20A0}'..='\u{2BFF}' | '\u{3000}'..='\u{33FF}' | '\u{A840}'..='\u{A87F}'
            | '\u{FF00}'..='\u{FF9F}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Thai, Lao, Myanmar and Khmer, where a zero-width space tells where a line may end.
fn is_written_without_spaces(character: char) -> bool {
    matches!(character, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_right_to_left(character: char) -> bool {
    matches!(character, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
        && character != '\u{061C}'
}

fn describe(hidden: &[char]) -> String {
    let spelled: String = hidden.iter().filter_map(|character| untagged(*character)).collect();
    if !spelled.is_empty() {
        let shown: String = spelled.chars().take(60).collect();
        return format!("tag characters that spell \"{shown}\"");
    }
    let mut kinds: Vec<char> = Vec::new();
    for character in hidden {
        if !kinds.contains(character) {
            kinds.push(*character);
        }
    }
    let more = if kinds.len() > 3 { ", …" } else { "" };
    let names: Vec<String> = kinds.iter().take(3).map(|character| name(*character)).collect();
    format!("{}{more}", names.join(", "))
}

/// The ASCII character that a tag character stands for.
fn untagged(character: char) -> Option<char> {
    let code = u32::from(character).checked_sub(0xE0000)?;
    char::from_u32(code).filter(|plain| matches!(plain, ' '..='~'))
}

fn name(character: char) -> String {
    let code = u32::from(character);
    let kind = match character {
        '\u{200B}' => "zero width space",
        '\u{200C}' | '\u{200D}' => "zero width joiner",
        '\u{FEFF}' => "byte order mark",
        '\u{202D}' | '\u{202E}' => "direction override",
        '\u{200E}'
        | '\u{200F}'
        | '\u{061C}'
        | '\u{202A}'..='\u{202C}'
        | '\u{2066}'..='\u{2069}' => "direction control",
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. => "private character",
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => "variation selector",
        '\u{2028}' | '\u{2029}' => "line separator",
        _ if is_control(character) => "control character",
        _ if is_noncharacter(character) => "noncharacter",
        _ => "invisible character",
    };
    format!("{kind} U+{code:04X}")
}

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let pointer = occurrence.pointer();
    let indices = |text: &str| -> Vec<usize> {
        hidden_indices(text).into_iter().map(|(index, _)| index).collect()
    };
    // The pointer of a key is that of the value it names.
    let content = occurrence.view()?.as_str();
    let in_value = content.map(|it| (indices(&it), it)).filter(|(hidden, _)| !hidden.is_empty());
    let is_key = in_value.is_none();
    let (hidden, text) = match in_value {
        Some(found) => found,
        None => {
            let key = pointer.last()?;
            (indices(&key), key)
        }
    };
    let rest = text.chars().enumerate().filter(|(index, _)| hidden.binary_search(index).is_err());
    if hidden.is_empty() || rest.map(|(_, it)| it).all(char::is_whitespace) {
        return None;
    }
    let noun = if hidden.len() == 1 { "character" } else { "characters" };
    let title = format!("take out {} hidden {noun}", hidden.len());
    let is_read = !is_key && is_only_read(occurrence);
    let edit = match is_read.then(|| without_gluing(&text, &hidden)).flatten() {
        Some(replaced) => Edit::Replace(pointer.clone(), replaced.into()),
        None if is_key => Edit::StripKey(pointer.clone(), hidden),
        None => Edit::Strip(pointer.clone(), hidden),
    };
    let edits = vec![edit];
    Some(match is_read {
        true => Fix::safe(title, edits),
        false => Fix::not_safe(title, edits),
    })
}

/// A text without its hidden characters, and with plain ones for those that part two words. None
/// where there are no such.
fn without_gluing(text: &str, hidden: &[usize]) -> Option<String> {
    let mut plain = String::new();
    let mut parting = None;
    let mut has_parted = false;
    for (index, character) in text.chars().enumerate() {
        if hidden.binary_search(&index).is_ok() {
            parting = parting.or(separator(character));
            continue;
        }
        if let Some(parting) = parting.take() {
            let is_glued = !character.is_whitespace() && !plain.ends_with(char::is_whitespace);
            if is_glued && !plain.is_empty() {
                plain.push(parting);
                has_parted = true;
            }
        }
        plain.push(character);
    }
    has_parted.then_some(plain)
}

/// Whether a text is there to be read and nothing is compared with it: prose of an item, or of what
/// a walk through its schema meets. An argument may be called `title` or `default` as well.
fn is_only_read(occurrence: &Occurrence<'_>) -> bool {
    const PROSE: &[&str] = &["description", "title", "instructions", "$comment"];
    const DATA: &[&str] = &["_meta", "capabilities", "extensions", "experimental"];
    let pointer = occurrence.pointer();
    let (Some(last), Some(around)) = (pointer.last(), pointer.parent()) else { return false };
    if !PROSE.contains(&last.as_ref()) {
        return false;
    }
    let mut schemas = occurrence.tool().into_iter().flat_map(Tool::schemas);
    match schemas.find_map(|(at, schema)| Some((schema, around.strip_prefix(&at)?))) {
        Some((schema, within)) => {
            let dialect = Dialect::of(schema).unwrap_or(Dialect::Draft2020);
            last != "instructions" && Walk::meets(schema, &within, dialect)
        }
        None => !pointer.tokens().any(|token| DATA.contains(&token.as_ref())),
    }
}

#[cfg(test)]
mod tests {
    use super::{hidden_characters, hidden_indices, visible, without_gluing};

    #[test]
    fn what_a_script_or_an_emoji_needs_is_not_hidden() {
        for text in [
            "👩\u{200D}💻",
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "❤\u{FE0F}",
            "שלום\u{200E}",
            "co\u{AD}operate",
            "ក\u{200B}ខ",
            "1\u{FE0F}\u{20E3}",
            "祇\u{FE00}",
            "a\tb\r\n",
            "\u{2813}\u{2800}\u{2811}",
            "\u{182C}\u{180E}\u{1820}",
        ] {
            assert!(hidden_characters(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn what_nobody_types_is_hidden() {
        for text in [
            "a\u{200B}b", "a\u{200D}b", "a\u{200E}b", "1\u{FE0F}\u{FE0E}", "a\u{FE0F}",
            "a\u{E0041}", "\u{E000}", "x\u{FEFF}", "a\u{180E}", "a\u{2800}b", "a\u{2028}b",
            "a\u{2029}", "\u{FDD0}", "\u{FFFE}", "\u{10FFFF}",
        ] {
            assert_eq!(hidden_characters(text).len(), 1, "{text:?}");
        }
        let controls = ('\0'..='\u{9F}').filter(|it| it.is_control() && !"\t\n\r".contains(*it));
        for control in controls {
            assert_eq!(hidden_characters(&format!("a{control}b")), [control]);
        }
    }

    #[test]
    fn what_parts_two_words_does_not_go_without_a_trace() {
        for (text, expected) in [
            ("one\u{2028}two", Some("one\ntwo")),
            ("one\u{0}\u{1F}\u{85}two", Some("one two")),
            ("one \u{2028}two\u{C}", None),
            ("\u{B}one\u{2029}\ntwo", None),
            ("one\u{0}two", None),
        ] {
            let hidden: Vec<usize> = hidden_indices(text).into_iter().map(|(at, _)| at).collect();
            assert_eq!(without_gluing(text, &hidden).as_deref(), expected, "{text:?}");
        }
        assert_eq!(visible("one\u{2028}two\u{0}"), "one\u{2028}two");
    }
}
