//! The fields of a customer that can be given other values.

use super::{
    super::{
        super::super::runtime::approval::Line,
        model::{Guarded, Record, Status},
    },
    Create, Set,
};

/// The values of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub display_name: String,
    pub company: Option<String>,
    pub town: String,
    pub status: Status,
    pub owner: String,
    pub email: String,
    pub phone: String,
    pub tax_id: Option<String>,
    pub credit_limit_cents: i64,
    /// The clearance that it takes to see the record; nobody sets it, but records that become one are
    /// as sensitive as either was.
    pub sensitivity: i64,
}

impl Fields {
    /// The guarded fields that a record may get from one that is merged into it.
    pub(super) const COMPLETED: [Guarded; 1] = [Guarded::TaxId];

    /// Those of a record.
    pub(super) fn of(record: &Record) -> Self {
        Self {
            display_name: record.display_name.clone(),
            company: record.company.clone(),
            town: record.town.clone(),
            status: record.status,
            owner: record.owner.clone(),
            email: record.email.clone(),
            phone: record.phone.clone(),
            tax_id: record.tax_id.clone(),
            credit_limit_cents: record.credit_limit_cents,
            sensitivity: record.sensitivity,
        }
    }

    /// Those of a customer that is made by a user.
    pub(super) fn created(create: &Create, by: &str) -> Self {
        Self {
            display_name: create.display_name.clone(),
            company: create.company.clone(),
            town: create.town.clone(),
            status: create.status.unwrap_or(Status::Lead),
            owner: create.owner.clone().unwrap_or_else(|| by.to_owned()),
            email: create.email.clone(),
            phone: create.phone.clone(),
            tax_id: create.tax_id.clone(),
            credit_limit_cents: create.credit_limit_cents.unwrap_or_default(),
            sensitivity: 0,
        }
    }

    /// The same with new values.
    pub(super) fn with(mut self, set: &Set) -> Self {
        let text = |place: &mut String, new: &Option<String>| {
            if let Some(new) = new {
                place.clone_from(new);
            }
        };
        let optional = |place: &mut Option<String>, new: &Option<String>| {
            if let Some(new) = new {
                *place = Some(new.clone()).filter(|new| !new.is_empty());
            }
        };
        text(&mut self.display_name, &set.display_name);
        optional(&mut self.company, &set.company);
        text(&mut self.town, &set.town);
        self.status = set.status.unwrap_or(self.status);
        text(&mut self.owner, &set.owner);
        text(&mut self.email, &set.email);
        text(&mut self.phone, &set.phone);
        optional(&mut self.tax_id, &set.tax_id);
        self.credit_limit_cents = set.credit_limit_cents.unwrap_or(self.credit_limit_cents);
        self
    }

    /// The same with what another record of the customer has and this one lacks.
    pub(super) fn completed(mut self, other: &Self) -> Self {
        self.company = self.company.or_else(|| other.company.clone());
        self.tax_id = self.tax_id.or_else(|| other.tax_id.clone());
        self.sensitivity = self.sensitivity.max(other.sensitivity);
        self
    }

    /// Each by its name, as it is shown, with what guards it.
    fn shown(&self) -> [(&'static str, Option<String>, Option<Guarded>); 9] {
        let limit = self.credit_limit_cents;
        let limit = format!("{}.{:02} EUR", limit / 100, limit % 100);
        [
            ("display_name", Some(self.display_name.clone()), None),
            ("company", self.company.clone(), None),
            ("town", Some(self.town.clone()), None),
            ("status", Some(self.status.name().to_owned()), None),
            ("owner", Some(self.owner.clone()), None),
            ("email", Some(self.email.clone()), Some(Guarded::Email)),
            ("phone", Some(self.phone.clone()), Some(Guarded::Phone)),
            ("tax_id", self.tax_id.clone(), Some(Guarded::TaxId)),
            ("credit_limit", Some(limit), Some(Guarded::CreditLimit)),
        ]
    }

    /// What is different, with what guards each line; before there was anything, all that there is.
    pub(super) fn diff(before: Option<&Self>, after: &Self) -> Vec<(Line, Option<Guarded>)> {
        let before = before.map(Self::shown);
        let lines = after.shown().into_iter().enumerate().filter_map(|(index, shown)| {
            let (field, after, guarded) = shown;
            let before = before.as_ref().and_then(|before| before[index].1.clone());
            let line = Line {
                field: field.to_owned(),
                before: before.map(Into::into),
                after: after.map(Into::into),
                sensitivity: guarded.map_or(0, Guarded::sensitivity),
            };
            (line.before != line.after).then_some((line, guarded))
        });
        lines.collect()
    }
}
