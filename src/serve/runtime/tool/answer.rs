//! The shape that every result has.

use schemars::JsonSchema;
use serde::Serialize;

/// What a tool answers: its data, where the next page is if there is one, and what a reader of the
/// data must know.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer<T> {
    /// What was asked for
    pub data: T,
    /// Where a list goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// What to know when reading the data, such as that something was left out and why
    pub notices: Vec<String>,
}

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Pass it as `cursor`, with otherwise the same arguments, for the next page; null at the end
    pub next_cursor: Option<String>,
    /// Whether the list goes on
    pub truncated: bool,
}

impl<T> Answer<T> {
    /// Data that is whole.
    pub fn of(data: T) -> Self {
        Self { data, page: None, notices: Vec::new() }
    }

    /// One page of a list; a cursor where it goes on.
    pub fn page_of(data: T, next_cursor: Option<String>) -> Self {
        let page = Page { truncated: next_cursor.is_some(), next_cursor };
        Self { data, page: Some(page), notices: Vec::new() }
    }

    /// The same with a notice.
    pub fn noting(mut self, notice: impl Into<String>) -> Self {
        self.notices.push(notice.into());
        self
    }
}
