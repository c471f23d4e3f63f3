//! Checking a change against the records as they are.

use serde_json::json;

use super::{
    super::{
        super::super::runtime::{
            approval::Line,
            guidance::{Code, Failure, Next},
            policy::Attribute,
            tool::Call,
        },
        model::{Guarded, Record},
        tool::visible_customer,
    },
    Operation,
    field::Fields,
};

/// A change that could be made now.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What it is, in a few words.
    pub title: String,
    /// What would be different.
    pub diff: Vec<Line>,
    /// The record that policies decide about: as it is, or as it would be where it is new.
    pub record: Record,
}

/// What a change comes to. Whoever asks must see the records, and every field that would change.
///
/// # Errors
///
/// Where it cannot be made now, or not by this user.
pub async fn prepare(call: &Call, operation: &Operation) -> Result<Prepared, Failure> {
    let pointer = |argument: &str| format!("/{argument}");
    let current = async |id: &str, argument: &str| {
        let record = visible_customer(call, "get_customer", &pointer(argument), id).await?;
        match record.archived_at {
            None => Ok(record),
            Some(_) => Err(archived(&pointer(argument))),
        }
    };
    let line = |field: &str, before: Option<String>, after: Option<String>| Line {
        field: field.to_owned(),
        before: before.map(Into::into),
        after: after.map(Into::into),
        sensitivity: 0,
    };
    match operation {
        Operation::Create(create) => {
            let fields = Fields::created(create, &call.identity.subject);
            let record = new_record(&call.identity.tenant, &fields);
            // There is nothing yet that could be hidden from whoever writes it.
            let diff = Fields::diff(None, &fields).into_iter().map(|(line, _)| line).collect();
            Ok(Prepared { title: format!("Create {}", fields.display_name), diff, record })
        }
        Operation::Update(update) => {
            let record = current(&update.customer_id, "customer_id").await?;
            unchanged(&record, update.expected_version, &pointer("expected_version"))?;
            // Before what is different: a value that is guessed right would make no difference.
            visible(call, &record, update.set.guarded())?;
            let before = Fields::of(&record);
            let after = before.clone().with(&update.set);
            let diff = seen(call, &record, Fields::diff(Some(&before), &after))?;
            if diff.is_empty() {
                let hint = "leave it be, or set another value";
                return Err(Failure::invalid_argument(
                    pointer("set"),
                    "nothing would change",
                    hint,
                ));
            }
            Ok(Prepared { title: format!("Update {}", record.display_name), diff, record })
        }
        Operation::AddNote(note) => {
            let record = current(&note.customer_id, "customer_id").await?;
            let diff = vec![line("note", None, Some(note.text.clone()))];
            Ok(Prepared { title: format!("Add a note on {}", record.display_name), diff, record })
        }
        Operation::Merge(merge) => {
            if merge.customer_id == merge.duplicate_id {
                let hint = "give the id of the other record";
                let message = "a customer cannot be merged into itself";
                return Err(Failure::invalid_argument(pointer("duplicate_id"), message, hint));
            }
            let record = current(&merge.customer_id, "customer_id").await?;
            unchanged(&record, merge.expected_version, &pointer("expected_version"))?;
            let duplicate = current(&merge.duplicate_id, "duplicate_id").await?;
            unchanged(&duplicate, merge.duplicate_version, &pointer("duplicate_version"))?;
            let before = Fields::of(&record);
            let after = before.clone().completed(&Fields::of(&duplicate));
            let mut diff = seen(call, &record, Fields::diff(Some(&before), &after))?;
            let named = format!("{} ({})", duplicate.display_name, duplicate.id);
            diff.push(line("duplicate", Some(named), None));
            let title = format!("Merge {} into {}", duplicate.display_name, record.display_name);
            Ok(Prepared { title, diff, record })
        }
        Operation::Archive(archive) => {
            let record = current(&archive.customer_id, "customer_id").await?;
            unchanged(&record, archive.expected_version, &pointer("expected_version"))?;
            let diff = vec![line("archived", Some("no".to_owned()), Some("yes".to_owned()))];
            Ok(Prepared { title: format!("Archive {}", record.display_name), diff, record })
        }
    }
}

/// A record that is not there yet, for policies to decide about.
fn new_record(tenant: &str, fields: &Fields) -> Record {
    Record {
        tenant: tenant.to_owned(),
        id: String::new(),
        display_name: fields.display_name.clone(),
        sort_key: String::new(),
        company: fields.company.clone(),
        town: fields.town.clone(),
        status: fields.status,
        owner: fields.owner.clone(),
        email: fields.email.clone(),
        phone: fields.phone.clone(),
        tax_id: fields.tax_id.clone(),
        credit_limit_cents: fields.credit_limit_cents,
        sensitivity: 0,
        version: 0,
        created_at: 0,
        updated_at: 0,
        archived_at: None,
    }
}

/// The lines, if the user may see all of them.
fn seen(
    call: &Call,
    record: &Record,
    lines: Vec<(Line, Option<Guarded>)>,
) -> Result<Vec<Line>, Failure> {
    visible(call, record, lines.iter().filter_map(|(_, guarded)| *guarded))?;
    Ok(lines.into_iter().map(|(line, _)| line).collect())
}

/// Refuses fields that the user may not see: they may not learn of them by changing them, and do not
/// know what they overwrite.
fn visible(
    call: &Call,
    record: &Record,
    fields: impl IntoIterator<Item = Guarded>,
) -> Result<(), Failure> {
    let resource = record.resource();
    let is_hidden = |guarded: &Guarded| {
        let context = [
            ("field", Attribute::Text(guarded.name().to_owned())),
            ("sensitivity", Attribute::Integer(guarded.sensitivity())),
        ];
        !call.may("see_field", &resource, &context)
    };
    match fields.into_iter().find(is_hidden) {
        None => Ok(()),
        Some(guarded) => {
            let field = guarded.name();
            let message = format!("this user may not see `{field}`, and so cannot change it");
            let hint = format!("leave `{field}` out, or ask somebody who may see it");
            Err(Failure::new(Code::NotPermitted, message, Next::fix_arguments(hint)))
        }
    }
}

fn unchanged(record: &Record, expected: i64, pointer: &str) -> Result<(), Failure> {
    match record.version == expected {
        true => Ok(()),
        false => Err(version_conflict(&record.id)
            .about(pointer)
            .mismatch(format!("version {}", record.version), format!("version {expected}"))),
    }
}

/// A record is not as it was read.
pub(super) fn version_conflict(id: &str) -> Failure {
    let next = Next::call_tool(
        "get_customer",
        json!({"customer_id": id}),
        "read it again, then propose the change on the new version",
    );
    Failure::new(Code::VersionConflict, "the customer has changed since it was read", next)
}

fn archived(pointer: &str) -> Failure {
    let hint = "choose another customer: this one is not changed any more";
    Failure::invalid_argument(pointer, "the customer is archived", hint).because("archived")
}
