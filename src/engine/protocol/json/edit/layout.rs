//! How a text is laid out, and new values in the same manner.

use serde_json::Value;

use super::{
    super::{Document, Kind, View},
    comment::indentation,
    string::literal,
};

/// Bytes at the start of a text that are looked at: how it begins it goes on.
const SAMPLE: usize = 64 << 10;

/// The habits of a text.
#[derive(Debug)]
pub(super) struct Style {
    /// What ends a line; none where the text is one line.
    pub(super) newline: Option<&'static str>,
    /// What stands between a key and its value.
    pub(super) colon: String,
}

/// How one value is written.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// On the line it stands in.
    Inline,
    /// One member a line.
    Lines {
        newline: String,
        /// The indentation of the line in which the value begins.
        indent: String,
        /// What each level adds to it.
        unit: String,
    },
}

impl Style {
    pub(super) fn of(document: &Document) -> Self {
        let text = document.text();
        let sample = &text[..text.floor_char_boundary(SAMPLE.min(text.len()))];
        let newline =
            sample.find('\n').map(|at| if sample[..at].ends_with('\r') { "\r\n" } else { "\n" });
        let root = document.root();
        // What stands in a list was written by somebody; what is around it may be ours.
        let mut lists = root.members().map(|(_, value)| value).chain([root]);
        let listed = lists.find_map(|list| list.items().next()?.members().next());
        let first = listed.or_else(|| root.members().next());
        let colon = first.map(|(key, value)| text[key.span().end..value.span().start].to_owned());
        // A break or a comment between the two is nobody's habit.
        let colon = colon.filter(|colon| is_plain(colon)).unwrap_or_else(|| ": ".to_owned());
        Self { newline, colon }
    }

    /// What stands between two members on one line.
    pub(super) fn comma(&self) -> &'static str {
        if self.colon.ends_with(' ') { ", " } else { "," }
    }

    /// A value as it is written in a container: as those beside it are, or what it takes the place
    /// of was.
    pub(super) fn replacement(
        &self,
        old: View<'_>,
        around: Option<View<'_>>,
        value: &Value,
    ) -> String {
        let shape = match around {
            _ if !old.text().contains('\n') && is_filled(old.kind(), old.text()) => Shape::Inline,
            Some(around) => self.shape_in(around),
            None => Shape::Inline,
        };
        self.written(value, &shape)
    }

    /// How a value is written in a container: a member a line where the members of the container
    /// have their own lines, and none of them is an object or array on one line.
    pub(super) fn shape_in(&self, container: View<'_>) -> Shape {
        let text = container.text();
        let values = container.items().chain(container.members().map(|(_, value)| value));
        let mut values = values.peekable();
        let Some(first) = values.peek() else { return Shape::Inline };
        let start =
            container.members().next().map_or(first.span().start, |(key, _)| key.span().start);
        let lead = &text[1..start - container.span().start];
        let has_inline =
            |value: View<'_>| is_filled(value.kind(), value.text()) && !value.text().contains('\n');
        match lead.rsplit_once('\n') {
            Some((_, line)) if !values.any(has_inline) => {
                let indent = indentation(line);
                let outer = text[..text.len() - 1].rsplit_once('\n').map_or("", |(_, outer)| outer);
                let outer = indentation(outer);
                let unit = indent.strip_prefix(outer).filter(|unit| !unit.is_empty());
                Shape::Lines {
                    newline: self.newline.unwrap_or("\n").to_owned(),
                    indent: indent.to_owned(),
                    unit: unit.unwrap_or("  ").to_owned(),
                }
            }
            _ => Shape::Inline,
        }
    }

    /// How the members of an empty container are written: on lines of their own where the container
    /// stands alone in its line.
    pub(super) fn shape_of_empty(&self, container: View<'_>) -> Shape {
        let Some(newline) = self.newline else { return Shape::Inline };
        let before = &container.document().text()[..container.span().start];
        let line = before.rsplit_once('\n').map_or("", |(_, line)| line);
        if !before.contains('\n') || line.contains(['{', '[', ',']) {
            return Shape::Inline;
        }
        let length = line.len() - line.trim_start_matches([' ', '\t']).len();
        let unit = if line.starts_with('\t') { "\t" } else { "  " };
        let (newline, indent) = (newline.to_owned(), line[..length].to_owned());
        Shape::Lines { newline, indent, unit: unit.to_owned() }
    }

    /// A value as text.
    pub(super) fn written(&self, value: &Value, shape: &Shape) -> String {
        match value {
            Value::Array(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| self.written(item, &shape.inner())).collect();
                self.bracketed("[]", &items, shape)
            }
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| {
                    format!("{}{}{}", literal(key), self.colon, self.written(value, &shape.inner()))
                };
                self.bracketed("{}", &members.iter().map(member).collect::<Vec<_>>(), shape)
            }
            Value::String(text) => literal(text),
            scalar => scalar.to_string(),
        }
    }

    /// Written members with brackets around them.
    pub(super) fn bracketed(&self, brackets: &str, members: &[String], shape: &Shape) -> String {
        let (open, close) = brackets.split_at(1);
        match shape {
            Shape::Lines { newline, indent, unit } if !members.is_empty() => {
                let line = format!("{newline}{indent}{unit}");
                let members = members.join(&format!(",{line}"));
                format!("{open}{line}{members}{newline}{indent}{close}")
            }
            _ => format!("{open}{}{close}", members.join(self.comma())),
        }
    }
}

impl Shape {
    /// The shape of what stands one level further in.
    pub(super) fn inner(&self) -> Self {
        match self {
            Self::Inline => Self::Inline,
            Self::Lines { newline, indent, unit } => Self::Lines {
                newline: newline.clone(),
                indent: format!("{indent}{unit}"),
                unit: unit.clone(),
            },
        }
    }
}

/// Whether what stands between a key and its value is a colon with blanks.
pub(super) fn is_plain(colon: &str) -> bool {
    colon.bytes().all(|byte| matches!(byte, b':' | b' ' | b'\t'))
}

/// Whether it is an object or an array with something in it.
fn is_filled(kind: Kind, text: &str) -> bool {
    matches!(kind, Kind::Object | Kind::Array) && text.len() > 2
}
