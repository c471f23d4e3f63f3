//! All that changes among the members of one object or array, worked out together: what goes and
//! what comes may meet at the same comma.

use std::{collections::BTreeSet, ops::Range};

use serde_json::Value;

use super::{
    super::{Kind, View},
    Splice,
    comment::{Tail, behind_comments, blanks},
    layout::{Shape, Style, is_plain},
    string::literal,
};

/// What changes in one container.
#[derive(Debug)]
pub(super) struct Change<'d> {
    container: View<'d>,
    removed: BTreeSet<usize>,
    first: Vec<Addition>,
    last: Vec<Addition>,
}

/// A new element, or a member with its key.
#[derive(Debug)]
struct Addition {
    key: Option<String>,
    value: Value,
}

impl<'d> Change<'d> {
    pub(super) fn new(container: View<'d>) -> Self {
        Self { container, removed: BTreeSet::new(), first: Vec::new(), last: Vec::new() }
    }

    pub(super) fn is_about(&self, container: View<'_>) -> bool {
        self.container.anchor() == container.anchor()
    }

    /// Removes a member or element; of a key that stands more than once all but the last, if the
    /// last is to stay. None where there is nothing to remove.
    pub(super) fn remove(&mut self, token: &str, keeps_last: bool) -> Option<()> {
        let mut found: Vec<usize> = match self.container.kind() {
            Kind::Array => {
                let index = token.parse().ok()?;
                (index < self.container.items().count()).then_some(index).into_iter().collect()
            }
            _ => {
                let keys = self.container.members().map(|(key, _)| key).enumerate();
                let is_it = |key: View<'_>| key.as_str().is_some_and(|name| name == token);
                keys.filter(|(_, key)| is_it(*key)).map(|(index, _)| index).collect()
            }
        };
        if keeps_last {
            found.pop();
        }
        if found.is_empty() {
            return None;
        }
        self.removed.extend(found);
        Some(())
    }

    /// Adds a member. None where it is there already, or where no member can be.
    pub(super) fn add(&mut self, key: &str, value: Value, is_first: bool) -> Option<()> {
        let is_free = self.container.kind() == Kind::Object && self.container.get(key).is_none();
        let list = if is_first { &mut self.first } else { &mut self.last };
        list.push(Addition { key: Some(key.to_owned()), value });
        is_free.then_some(())
    }

    /// Adds an element. None where the container is no array.
    pub(super) fn append(&mut self, value: Value) -> Option<()> {
        self.last.push(Addition { key: None, value });
        (self.container.kind() == Kind::Array).then_some(())
    }

    /// The change as splices.
    pub(super) fn splices(&self, style: &Style) -> Vec<Splice> {
        let spans: Vec<Range<usize>> = match self.container.kind() {
            Kind::Array => self.container.items().map(View::span).collect(),
            _ => {
                let members = self.container.members();
                members.map(|(key, value)| key.span().start..value.span().end).collect()
            }
        };
        let is_kept = |index: &usize| !self.removed.contains(index);
        let Some(last_kept) = (0..spans.len()).rev().find(is_kept) else {
            let among_comments = spans.is_empty().then(|| self.behind_comments(style)).flatten();
            return vec![among_comments.unwrap_or_else(|| self.emptied(style))];
        };
        let mut splices = Vec::new();
        let mut index = 0;
        while index < spans.len() {
            let start = index;
            while self.removed.contains(&index) {
                index += 1;
            }
            if index > start {
                // A run at the end takes the comma before it, any other one the comma behind it.
                let span = match spans.get(index) {
                    Some(next) => spans[start].start..next.start,
                    None => spans[last_kept].end..spans[index - 1].end,
                };
                splices.push(Splice { span, text: String::new() });
            }
            index += 1;
        }
        let mut insert = |at: usize, text: String| match splices
            .iter_mut()
            .find(|splice| splice.span.start == at)
        {
            Some(splice) => splice.text = text,
            None => splices.push(Splice { span: at..at, text }),
        };
        let shape = style.shape_in(self.container);
        let written = |addition: &Addition| self.written(addition, style, &shape);
        if !self.first.is_empty() {
            let gap = self.gap(&spans, 0, style);
            let texts = self.first.iter().map(|it| format!("{},{gap}", written(it)));
            insert(spans[0].start, texts.collect());
        }
        if !self.last.is_empty() {
            let gap = self.gap(&spans, spans.len().saturating_sub(2), style);
            let end = spans[last_kept].end;
            let behind = &self.container.document().text()[end..self.container.span().end - 1];
            let tail = Tail::of(behind).filter(|_| last_kept + 1 == spans.len());
            let Some(tail) = tail else {
                let texts = self.last.iter().map(|it| format!(",{gap}{}", written(it)));
                insert(end, texts.collect());
                return splices;
            };
            // A comment that goes on to the end of the line would take in what comes behind it.
            let breaks = tail.ends_line && !gap.contains('\n');
            let gap = if breaks { format!("{}{gap}", style.newline.unwrap_or("\n")) } else { gap };
            let texts: Vec<_> =
                self.last.iter().map(|it| format!("{gap}{}", written(it))).collect();
            let comma = if tail.has_comma { "," } else { "" };
            insert(end + tail.length, texts.join(",") + comma);
            if !tail.has_comma {
                insert(end, ",".to_owned());
            }
        }
        splices
    }

    /// The additions to a container that has no members and a comment; none where it has none.
    fn behind_comments(&self, style: &Style) -> Option<Splice> {
        let (at, shape) = behind_comments(self.container, style)?;
        let gap = match &shape {
            Shape::Lines { newline, indent, .. } => format!("{newline}{indent}"),
            Shape::Inline => " ".to_owned(),
        };
        let additions = self.first.iter().chain(&self.last);
        let texts: Vec<_> =
            additions.map(|it| format!("{gap}{}", self.written(it, style, &shape))).collect();
        Some(Splice { span: at..at, text: texts.join(",") })
    }

    /// The container where none of its members stays.
    fn emptied(&self, style: &Style) -> Splice {
        let brackets = if self.container.kind() == Kind::Array { "[]" } else { "{}" };
        let shape = style.shape_of_empty(self.container);
        let inner = shape.inner();
        let additions = self.first.iter().chain(&self.last);
        let members: Vec<_> = additions.map(|it| self.written(it, style, &inner)).collect();
        let text = style.bracketed(brackets, &members, &shape);
        Splice { span: self.container.span(), text }
    }

    fn written(&self, addition: &Addition, style: &Style, shape: &Shape) -> String {
        let value = style.written(&addition.value, shape);
        match &addition.key {
            Some(key) => format!("{}{}{value}", literal(key), self.colon(style)),
            None => value,
        }
    }

    /// What stands between a key and its value in this object.
    fn colon<'s>(&'s self, style: &'s Style) -> &'s str {
        let text = self.container.document().text();
        let first = self.container.members().next();
        let own = first.map(|(key, value)| &text[key.span().end..value.span().start]);
        own.filter(|colon| is_plain(colon)).unwrap_or(&style.colon)
    }

    /// The blanks behind the comma after a member.
    fn gap(&self, spans: &[Range<usize>], index: usize, style: &Style) -> String {
        let text = self.container.document().text();
        if let (Some(one), Some(next)) = (spans.get(index), spans.get(index + 1)) {
            let between = &text[one.end..next.start];
            let behind = between.split_once(',').map_or("", |(_, gap)| gap);
            return blanks(behind, &style.comma()[1..]);
        }
        let lead = &text[self.container.span().start + 1..spans[0].start];
        let otherwise = &style.comma()[1..];
        if lead.contains('\n') { blanks(lead, otherwise) } else { otherwise.to_owned() }
    }
}
