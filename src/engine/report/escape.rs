//! Hostile text made harmless for the place it is shown in, and no longer than there is room for.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

/// Text for a terminal, on one line: control characters, escape sequences, bidirectional controls
/// and characters that show nothing become visible escapes.
pub fn for_terminal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a string does not fail.
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Text for an HTML page, between tags or in a quoted attribute. Line breaks and tabs stay.
pub fn for_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            unsafe_one if is_unsafe(unsafe_one) => push_escape(unsafe_one, &mut escaped),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// Text for an XML document, between tags or in a quoted attribute. In an attribute a reader makes
/// blanks of line breaks.
pub fn for_xml(text: &str) -> String {
    // What HTML only warns of, no XML document may hold, not even as a reference.
    for_html(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// One line of text for GitHub-flavoured Markdown, in a paragraph or a table cell: nothing in it
/// starts a block, ends a cell, or becomes markup, HTML, a link, an image or a mention.
pub fn for_markdown(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len() + line.len() / 8);
    let mut rest = line.chars();
    let mut before = None;
    let mut is_number = true;
    let mut run_of_w = 0;
    while let Some(character) = rest.next() {
        let after = rest.clone().next();
        let is_first = escaped.is_empty();
        let is_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Inside a word an underscore is one, and is left readable.
            '_' if is_word(before) && is_word(after) => escaped.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                escaped.extend(['\\', character])
            }
            // What would start a heading, a list, a rule, an underline or a table.
            '#' | '-' | '+' | '=' | ':' if is_first => escaped.extend(['\\', character]),
            '.' | ')' if is_number && !is_first => escaped.extend(['\\', character]),
            // Addresses become links by themselves: `https://…`, `www.…`.
            '/' if before == Some(':') => escaped.push_str("\\/"),
            '.' if run_of_w >= 3 => escaped.push_str("\\."),
            // So do mail addresses, mentions and issue numbers, and those are looked for in the
            // finished text, where an escape is gone. An empty comment keeps them apart.
            '@' | '#' => {
                escaped.push(character);
                escaped.push_str("<!-- -->");
            }
            unsafe_one if is_unsafe(unsafe_one) => {
                escaped.push('\\');
                push_escape(unsafe_one, &mut escaped);
            }
            plain => escaped.push(plain),
        }
        is_number &= character.is_ascii_digit();
        run_of_w = if matches!(character, 'w' | 'W') { run_of_w + 1 } else { 0 };
        before = Some(character);
    }
    escaped
}

/// A short text as code in GitHub-flavoured Markdown, in a paragraph or a table cell.
pub fn for_markdown_code(text: &str) -> String {
    let text = for_terminal(text);
    // A code span knows no escapes but the one of the table around it, and readers disagree on a
    // backslash before a pipe.
    if text.is_empty() || text.contains(['`', '\\']) || text != text.trim() {
        return format!("<code>{}</code>", for_markdown(&text));
    }
    format!("`{}`", text.replace('|', "\\|"))
}

/// A message of ours for GitHub-flavoured Markdown: what it quotes in backticks is code, whatever it
/// holds, and the rest is plain text.
pub fn for_markdown_message(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    // A quoted name can hold backticks of its own, and then nobody knows what is quoted.
    if parts.len().is_multiple_of(2) {
        return for_markdown(message);
    }
    let escaped = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => for_markdown(part),
        _ => for_markdown_code(part),
    });
    escaped.collect()
}

/// JSON text that is shown as it is: unsafe characters, which can only stand in strings, are
/// written as JSON escapes.
pub fn for_json(json: &str) -> String {
    let is_escaped = |character: char| character != '\n' && is_unsafe(character);
    let mut escaped = String::with_capacity(json.len());
    // Reports are long and hold hardly anything unsafe, so they are taken over in runs.
    for run in json.split_inclusive(is_escaped) {
        let Some(last) = run.chars().next_back().filter(|last| is_escaped(*last)) else {
            escaped.push_str(run);
            continue;
        };
        escaped.push_str(&run[..run.len() - last.len_utf8()]);
        for unit in last.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

/// The beginning of a text that is longer than `most` characters, with an ellipsis.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// The beginning of a line that takes more than so many columns of a terminal, with an ellipsis.
pub fn within_columns(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    let ends = line.char_indices().map(|(start, character)| start + character.len_utf8());
    let fits = |end: &usize| line[..*end].width() < columns;
    format!("{}…", &line[..ends.take_while(fits).last().unwrap_or_default()])
}

fn push_escape(character: char, escaped: &mut String) {
    let _ = write!(escaped, "{}", character.escape_default());
}

/// Controls, format characters and everything else that moves a cursor or hides.
fn is_unsafe(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{3164}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{ffa0}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
                | '\u{f0000}'..='\u{10ffff}'
        )
}
