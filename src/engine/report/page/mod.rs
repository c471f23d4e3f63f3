//! What every HTML page of ours is made of: the head, the style sheet, tables, text.
//!
//! A page is one file that needs nothing else: no scripts, no network. Its content security policy
//! allows its one style sheet, by digest, and nothing more; should text ever slip through the
//! escaping, it could still neither run nor fetch. Not for: what a page says; that is the business
//! of [`super::reference`] and [`super::html`].

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::escape::for_html;

/// The style sheet that all pages share; each has rules of its own behind it.
const STYLE: &str = include_str!("style.css");

/// A page as far as it is written.
pub(super) struct Page {
    html: String,
}

impl Page {
    /// The head of a page, up to where its body begins. The title is plain text on one line.
    pub(super) fn open(title: &str, style: &str) -> Self {
        let title = for_html(title);
        let style = format!("{STYLE}{style}");
        let digest = base64(&Sha256::digest(&style));
        let mut page = Self { html: String::new() };
        page.add(&format!(
            r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>"##
        ));
        page
    }

    /// The finished page.
    pub(super) fn close(mut self) -> String {
        self.add("</main>\n</body>\n</html>");
        self.html
    }

    /// A piece of markup, which must be escaped already.
    pub(super) fn add(&mut self, html: &str) {
        self.html.push_str(html);
        self.html.push('\n');
    }

    /// Opens a table in a box of its own, which scrolls where the table is too wide. On a narrow
    /// screen the cells are stacked; the roles keep them a table for those who do not see it.
    pub(super) fn open_table(&mut self, label: &str, class: &str, columns: &[&str]) {
        let columns =
            columns.iter().map(|column| format!("<th role=\"columnheader\">{column}</th>"));
        self.add(&format!(
            "<div class=\"scroll\" role=\"group\" aria-label=\"{}\" tabindex=\"0\">\n\
             <table role=\"table\" class=\"{class}\">\n<thead role=\"rowgroup\"><tr role=\"row\">{}</tr></thead>\n\
             <tbody role=\"rowgroup\">",
            for_html(label),
            columns.collect::<String>()
        ));
    }

    pub(super) fn table_row(&mut self, header: &str, cells: &[String]) {
        let cells = cells.iter().map(|cell| format!("<td role=\"cell\">{cell}</td>"));
        let cells = cells.collect::<String>();
        self.add(&format!("<tr role=\"row\"><th role=\"rowheader\">{header}</th>{cells}</tr>"));
    }

    pub(super) fn close_table(&mut self) {
        self.add("</tbody>\n</table>\n</div>");
    }
}

/// Hands out anchors that are unique on the page.
#[derive(Default)]
pub(super) struct Anchors {
    given: HashSet<String>,
}

impl Anchors {
    pub(super) fn next(&mut self, kind: &str, name: &str) -> String {
        // Whatever is not a letter, a digit, `_` or `-` in ASCII becomes `-`. There is never a dot:
        // the anchors inside a tool are told from those of other tools by one.
        let characters = name.chars().take(80).map(|character| match character {
            '_' => '_',
            character if character.is_ascii_alphanumeric() => character.to_ascii_lowercase(),
            _ => '-',
        });
        let mut anchor = format!("{kind}-{}", characters.collect::<String>());
        while !self.given.insert(anchor.clone()) {
            anchor.push_str(&format!("-{}", self.given.len()));
        }
        anchor
    }
}

/// A link to a place of the page, which a name stands for.
pub(super) fn link(name: &str, anchor: &str) -> String {
    format!("<a href=\"#{anchor}\">{}</a>", name_code(name))
}

/// A name or a path, which may be long: it breaks between its words first.
pub(super) fn name_code(name: &str) -> String {
    code(name).replace('_', "_<wbr>").replace('.', ".<wbr>")
}

/// Text as code, on one line.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", for_html(&one_line(text)))
}

/// A message of ours: what it quotes in backticks is code, whatever it holds.
pub(super) fn message(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // A quoted name can hold backticks of its own, and then nobody knows what is quoted.
    if parts.len().is_multiple_of(2) {
        return for_html(&one_line(text));
    }
    let parts = parts.iter().enumerate().map(|(index, part)| match index % 2 {
        0 => for_html(&part.replace('\n', " ")),
        _ => code(part),
    });
    parts.collect()
}

/// Text that keeps its lines. Line endings are made one kind first: a lone carriage return is no
/// line ending and is shown.
pub(super) fn prose(text: &str) -> String {
    format!("<div class=\"prose\" dir=\"auto\">{}</div>", for_html(&text.replace("\r\n", "\n")))
}

/// Text for a place of one line: its line breaks are shown for what they are.
pub(super) fn one_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\t', " ")
}

/// Base64 with padding (RFC 4648 §4), for the digest in the content security policy.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            if index <= chunk.len() {
                let sextet = bits >> (18 - 6 * index) & 63;
                text.push(char::from(ALPHABET[sextet as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_the_one_the_policy_allows() {
        let page = Page::open("t", ".x { color: red; }").close();
        let (_, rest) = page.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        assert!(!style.contains("url(") && !style.contains("@import"));
        let digest = base64(&Sha256::digest(style));
        assert!(page.contains(&format!("style-src 'sha256-{digest}'; base-uri 'none'")));
        // The digest of the empty text is a known one.
        let of_nothing = base64(&Sha256::digest(""));
        assert_eq!(of_nothing, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_eq!(base64(b"a"), "YQ==");
    }
}
