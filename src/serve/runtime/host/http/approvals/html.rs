//! Text of others on a page: it is never markup, and what cannot be seen is shown.

use std::fmt::Write;

/// Text that may have lines, between tags or in a quoted attribute.
pub(super) fn text(text: &str) -> String {
    escaped(text, |character| character == '\n' || character == '\t')
}

/// Text that stands on one line.
pub(super) fn line(text: &str) -> String {
    escaped(text, |_| false)
}

fn escaped(text: &str, is_plain: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = text.replace("\r\n", "\n");
    for (index, character) in text.char_indices() {
        match character {
            // What somebody has typed does not look like what stands for a character.
            '⟨' if text[index..].starts_with("⟨U+") => escaped.push_str("⟨U+27E8⟩"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            odd if is_odd(odd) && !is_plain(odd) => {
                // Writing to a string does not fail. No tags: it may be in an attribute.
                let _ = write!(escaped, "⟨U+{:04X}⟩", u32::from(odd));
            }
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// Characters that show nothing, break lines, or turn the direction of what stands around them.
pub fn is_odd(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{line, text};

    #[test]
    fn nothing_becomes_markup() {
        let hostile = "<script>alert('1')</script>\"&";
        assert_eq!(line(hostile), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;");
        assert_eq!(text(hostile), line(hostile));
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(line("a\u{202e}b\u{200b}c\0d\u{2028}"), "a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩d⟨U+2028⟩");
        assert_eq!(line("a\r\nb\tc"), "a⟨U+000A⟩b⟨U+0009⟩c");
        assert_eq!(text("a\r\nb\tc\rd"), "a\nb\tc⟨U+000D⟩d");
        assert_eq!(line("⟨U+0041⟩ ⟨a⟩"), "⟨U+27E8⟩U+0041⟩ ⟨a⟩");
        assert_eq!(line("\u{fe0f}\u{34f}"), "⟨U+FE0F⟩⟨U+034F⟩");
        assert_eq!(text("Ærø 李小龙 نور"), "Ærø 李小龙 نور");
    }
}
