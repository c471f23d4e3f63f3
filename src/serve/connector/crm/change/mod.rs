//! What can be changed about customers: how it is asked for, what it comes to, how it is done.
//!
//! An [`Operation`] is what a caller asks for. To [`prepare`] it is to check it against the records as
//! they are and to write down what would be different; to [`apply`] it is to do it, if they still are.
//! Whether somebody may is a [`Case`] for the policy.

mod apply;
mod field;
mod permission;
mod prepare;

use serde::{Deserialize, Serialize};

use super::model::{Guarded, Record, Status};

pub use apply::{Applied, apply};
pub use permission::{Barrier, Case, Needs, sees};
pub use prepare::{Prepared, hidden, prepare, version_conflict};

/// One change of customer records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// A new customer.
    Create(Create),
    /// Other values of fields.
    Update(Update),
    /// A note.
    AddNote(AddNote),
    /// Two records of one customer become one.
    Merge(Merge),
    /// A customer that nobody deals with any more.
    Archive(Archive),
}

/// A new customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of `Set`, explained there")]
pub struct Create {
    pub display_name: String,
    pub company: Option<String>,
    pub town: String,
    pub status: Option<Status>,
    pub owner: Option<String>,
    pub email: String,
    pub phone: String,
    pub tax_id: Option<String>,
    pub credit_limit_cents: Option<i64>,
}

/// Other values of fields of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The customer.
    pub customer_id: String,
    /// Its version as it was read.
    pub expected_version: i64,
    /// The new values.
    pub set: Set,
}

/// New values of fields; those that are left out stay as they are, and an empty text is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns of the table, explained there")]
pub struct Set {
    pub display_name: Option<String>,
    pub company: Option<String>,
    pub town: Option<String>,
    pub status: Option<Status>,
    pub owner: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub tax_id: Option<String>,
    pub credit_limit_cents: Option<i64>,
}

impl Set {
    /// The guarded fields that it names.
    fn guarded(&self) -> impl Iterator<Item = Guarded> {
        let named = [
            (Guarded::Email, self.email.is_some()),
            (Guarded::Phone, self.phone.is_some()),
            (Guarded::TaxId, self.tax_id.is_some()),
            (Guarded::CreditLimit, self.credit_limit_cents.is_some()),
        ];
        named.into_iter().filter_map(|(guarded, is_named)| is_named.then_some(guarded))
    }
}

/// A note on a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// The customer.
    pub customer_id: String,
    /// Its version as it was read, where the note is about no other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<i64>,
    /// The note.
    pub text: String,
}

/// Two records of one customer that become one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The customer that stays.
    pub customer_id: String,
    /// Its version as it was read.
    pub expected_version: i64,
    /// The customer that becomes part of it and is archived.
    pub duplicate_id: String,
    /// The version of that one, as it was read.
    pub duplicate_version: i64,
}

/// A customer that nobody deals with any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// The customer.
    pub customer_id: String,
    /// Its version as it was read.
    pub expected_version: i64,
}

impl Operation {
    /// As it is written, and what policies know it by.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Update(_) => "update",
            Self::AddNote(_) => "add_note",
            Self::Merge(_) => "merge",
            Self::Archive(_) => "archive",
        }
    }

    /// The customers that it touches, the one that it is about first; none where it makes one.
    pub fn records(&self) -> Vec<&str> {
        match self {
            Self::Create(_) => Vec::new(),
            Self::Update(Update { customer_id, .. })
            | Self::AddNote(AddNote { customer_id, .. })
            | Self::Archive(Archive { customer_id, .. }) => vec![customer_id],
            Self::Merge(merge) => vec![&merge.customer_id, &merge.duplicate_id],
        }
    }

    /// The record because of which it cannot be made any more, those that it touches being as they
    /// are: it has another version than it must, or nobody deals with it any more.
    pub fn outdated(&self, records: &[Record]) -> Option<&str> {
        let is_as_expected = |(id, version): &(&str, Option<i64>)| {
            records.iter().any(|record| {
                record.id == *id
                    && record.archived_at.is_none()
                    && version.is_none_or(|version| record.version == version)
            })
        };
        let expected = match self {
            Self::Create(_) => Vec::new(),
            Self::AddNote(note) => vec![(note.customer_id.as_str(), note.expected_version)],
            Self::Update(Update { customer_id, expected_version, .. })
            | Self::Archive(Archive { customer_id, expected_version }) => {
                vec![(customer_id.as_str(), Some(*expected_version))]
            }
            Self::Merge(merge) => vec![
                (merge.customer_id.as_str(), Some(merge.expected_version)),
                (merge.duplicate_id.as_str(), Some(merge.duplicate_version)),
            ],
        };
        expected.into_iter().find(|it| !is_as_expected(it)).map(|(id, _)| id)
    }
}
