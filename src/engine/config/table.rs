//! Typed access to the tables of a TOML text; what is not as it should be is an error with a place.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::ConfigError;
use crate::engine::{
    protocol::{date::Date, json::Position},
    rule::{nearest, wording},
};

/// One table of the file.
pub(super) struct Table<'a> {
    members: &'a dyn TableLike,
    /// How it is called in messages: `[lint]`, or empty for the file itself.
    name: String,
    span: Range<usize>,
    text: &'a str,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Spanned<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

impl<'a> Table<'a> {
    /// The file itself.
    pub(super) fn root(document: &'a Document<&'a str>, text: &'a str) -> Self {
        Self { members: document.as_table(), name: String::new(), span: 0..0, text }
    }

    /// Refuses every member that is not listed.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ConfigError> {
        let mut names = self.members.iter().map(|(name, _)| name);
        let Some(unknown) = names.find(|name| !known.contains(name)) else { return Ok(()) };
        let list = wording::names(known);
        let help = match nearest(unknown, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? there are {list}"),
            None => format!("there are {list}"),
        };
        let shown = wording::shorten(unknown);
        let message = match self.name.as_str() {
            "" => format!("there is no section `{shown}`"),
            name => format!("{name} has no key `{shown}`"),
        };
        Err(self.error(self.key_span(unknown), message).help(help))
    }

    /// The members of a table whose keys are the user's.
    pub(super) fn entries(&self) -> Vec<Spanned<&'a str>> {
        let members = self.members;
        let entry =
            |(name, _): (&'a str, &Item)| Spanned { value: name, span: self.key_span(name) };
        members.iter().map(entry).collect()
    }

    /// A table inside this one.
    pub(super) fn table(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(None) };
        let Some(members) = item.as_table_like() else {
            return Err(self.wrong_type(key, item, "a table"));
        };
        let name = match self.name.as_str() {
            "" => format!("`[{key}]`"),
            outer => {
                format!("`[{}.{}]`", outer.trim_matches(['`', '[', ']']), wording::shorten(key))
            }
        };
        Ok(Some(Self { members, name, span: self.span_of(key, item), text: self.text }))
    }

    /// An array of tables inside this one; empty where there is none.
    pub(super) fn tables(&self, key: &str) -> Result<Vec<Self>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(Vec::new()) };
        let name = match self.name.as_str() {
            "" => format!("`[[{key}]]`"),
            outer => format!("`[[{}.{key}]]`", outer.trim_matches(['`', '[', ']'])),
        };
        let table = |members: &'a dyn TableLike, span: Option<Range<usize>>| Self {
            members,
            name: name.clone(),
            span: span.unwrap_or_else(|| self.span_of(key, item)),
            text: self.text,
        };
        match item {
            Item::ArrayOfTables(tables) => {
                Ok(tables.iter().map(|members| table(members, members.span())).collect())
            }
            Item::Value(Value::Array(array)) => {
                let inline = array.iter().map(|value| match value {
                    Value::InlineTable(members) => Ok(table(members, members.span())),
                    _ => Err(self.wrong_type(key, item, "a list of tables")),
                });
                inline.collect()
            }
            _ => Err(self.wrong_type(key, item, "a list of tables")),
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<Spanned<&'a str>>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(None) };
        let Some(text) = item.as_str() else { return Err(self.wrong_type(key, item, "a text")) };
        let span = self.span_of(key, item);
        if text.trim().is_empty() {
            return Err(self.error(span, format!("`{key}` of {} is empty", self.name)));
        }
        Ok(Some(Spanned { value: text, span }))
    }

    /// A text that has to be there.
    pub(super) fn required(&self, key: &str, help: &str) -> Result<Spanned<&'a str>, ConfigError> {
        self.text(key)?.ok_or_else(|| self.missing(key, help))
    }

    /// A list of texts; empty where there is none.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<Spanned<&'a str>>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.wrong_type(key, item, "a list of texts");
        let array = item.as_array().ok_or_else(wrong)?;
        let texts = array.iter().map(|value| {
            let span = value.span().unwrap_or_else(|| self.span_of(key, item));
            Ok(Spanned { value: value.as_str().ok_or_else(wrong)?, span })
        });
        texts.collect()
    }

    /// True or false.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(None) };
        item.as_bool().map(Some).ok_or_else(|| self.wrong_type(key, item, "true or false"))
    }

    /// A whole number from zero.
    pub(super) fn count(&self, key: &str) -> Result<Option<u32>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(None) };
        let number =
            item.as_integer().ok_or_else(|| self.wrong_type(key, item, "a whole number"))?;
        let count = u32::try_from(number).map_err(|_| {
            let message = format!("`{key}` of {} is {number}", self.name);
            self.error(self.span_of(key, item), message).help("give a number from 0 to 4294967295")
        })?;
        Ok(Some(count))
    }

    /// A day: a date of TOML or a text in the same form.
    pub(super) fn date(&self, key: &str) -> Result<Option<Date>, ConfigError> {
        let Some(item) = self.get(key) else { return Ok(None) };
        let text = match (item.as_str(), item.as_datetime()) {
            (Some(text), _) => text.to_owned(),
            (_, Some(date)) => date.to_string(),
            _ => return Err(self.wrong_type(key, item, "a date")),
        };
        // A time of day behind the date would say nothing.
        let day = text.parse().ok().filter(|_| text.len() == "YYYY-MM-DD".len());
        day.map(Some).ok_or_else(|| {
            let shown = wording::shorten(&text);
            let message = format!("`{key}` of {} is `{shown}`, which is no date", self.name);
            self.error(self.span_of(key, item), message).help("write the day as YYYY-MM-DD")
        })
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if let Some((_, chosen)) = choices.iter().find(|(word, _)| *word == text.value) {
            return Ok(Some(*chosen));
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let shown = wording::shorten(text.value);
        let list = wording::names(&words);
        let help = match nearest(text.value, words) {
            Some(near) => format!("did you mean `{near}`? there are {list}"),
            None => format!("there are {list}"),
        };
        let what = if self.name.is_empty() { String::new() } else { format!(" of {}", self.name) };
        Err(self.error(text.span, format!("`{key}`{what} cannot be `{shown}`")).help(help))
    }

    /// An error for a member that is not there.
    pub(super) fn missing(&self, key: &str, help: &str) -> ConfigError {
        self.error(self.span.clone(), format!("{} has no `{key}`", self.name)).help(help)
    }

    /// An error about a place in the file.
    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>) -> ConfigError {
        let position = position(self.text, span.start);
        ConfigError { message: message.into(), position, help: None }
    }

    /// Where the table starts.
    pub(super) fn position(&self) -> Position {
        position(self.text, self.span.start)
    }

    /// Where a part of the file starts.
    pub(super) fn position_of(&self, span: &Range<usize>) -> Position {
        position(self.text, span.start)
    }

    fn wrong_type(&self, key: &str, item: &Item, wanted: &str) -> ConfigError {
        let found = match item {
            Item::None => "nothing",
            Item::Table(_) | Item::Value(Value::InlineTable(_)) => "a table",
            Item::ArrayOfTables(_) => "a list of tables",
            Item::Value(Value::Array(_)) => "a list",
            Item::Value(Value::String(_)) => "a text",
            Item::Value(Value::Integer(_) | Value::Float(_)) => "a number",
            Item::Value(Value::Boolean(_)) => "true or false",
            Item::Value(Value::Datetime(_)) => "a date",
        };
        let key_shown = wording::shorten(key);
        let what = match self.name.as_str() {
            "" => format!("`{key_shown}`"),
            name => format!("`{key_shown}` of {name}"),
        };
        let message = if found == "a list" || wanted.starts_with("a list") {
            format!("{what} is not {wanted}")
        } else {
            format!("{what} is {found}, not {wanted}")
        };
        self.error(self.span_of(key, item), message)
    }

    fn get(&self, key: &str) -> Option<&'a Item> {
        let members = self.members;
        members.get(key).filter(|item| !item.is_none())
    }

    fn span_of(&self, key: &str, item: &Item) -> Range<usize> {
        item.span().unwrap_or_else(|| self.key_span(key))
    }

    fn key_span(&self, key: &str) -> Range<usize> {
        self.members.key(key).and_then(|key| key.span()).unwrap_or_else(|| self.span.clone())
    }
}

impl ConfigError {
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Line and column of a byte offset. Errors are few, so that counting from the start is good
/// enough.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position { line, column: before[start..].chars().count() + 1 }
}
