//! What would put a finding right at one place, as edits of the text that was read.
//!
//! Not for: working it out (the rules do) or carrying it out ([`edit`](crate::engine::protocol::json::edit)).

use serde::Serialize;

use crate::engine::protocol::json::edit::Edit;

/// How far a fix can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// It changes nothing that a caller or the server goes by: no schema accepts anything else, and
    /// nothing has another name.
    Safe,
    /// It is what is most likely meant, and somebody has to look at it: the server may have to be
    /// changed with it.
    Unsafe,
}

impl Applicability {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What would put a finding right at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// What it does: a lowercase fragment that begins with a verb.
    pub title: String,
    /// What is edited. All of it or nothing.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that changes nothing anybody goes by.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { applicability: Applicability::Safe, title: title.into(), edits }
    }

    /// A fix that somebody has to look at.
    pub fn not_safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { applicability: Applicability::Unsafe, title: title.into(), edits }
    }
}
