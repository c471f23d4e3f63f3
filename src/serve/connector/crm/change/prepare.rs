//! Checking a change against the records as they are.

use serde_json::json;

use super::{
    super::{
        super::super::runtime::{
            approval::Line,
            guidance::{Code, Failure, Next},
            tool::Call,
        },
        model::{Guarded, Record, Status},
        tool::visible_customer,
    },
    Operation,
    field::Fields,
    permission::sees,
};

/// A change that could be made now.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What it is, in a few words.
    pub title: String,
    /// What would be different.
    pub diff: Vec<Line>,
    /// The records that it touches, as they are; none where it makes one.
    pub records: Vec<Record>,
}

/// What a change comes to. Whoever asks must see the records, and every field that would change.
///
/// # Errors
///
/// Where it cannot be made now, or not by this user.
pub async fn prepare(call: &Call, operation: &Operation) -> Result<Prepared, Failure> {
    match operation {
        Operation::Create(create) => {
            let fields = Fields::created(create, &call.identity.subject);
            // There is nothing yet that could be hidden from whoever writes it.
            let diff = Fields::diff(None, &fields).into_iter().map(|(line, _)| line).collect();
            let title = format!("Create {:?}", fields.display_name);
            Ok(Prepared { title, diff, records: Vec::new() })
        }
        Operation::Update(update) => {
            let record = current(call, "customer_id", &update.customer_id).await?;
            unchanged(&record, update.expected_version, "expected_version")?;
            // Before what is different: a value that is guessed right would make no difference.
            visible(call, [&record], update.set.guarded())?;
            let before = Fields::of(&record);
            let after = before.clone().with(&update.set);
            let diff = Fields::diff(Some(&before), &after);
            if diff.is_empty() {
                let hint = "leave it be, or set another value";
                return Err(Failure::invalid_argument("/set", "nothing would change", hint));
            }
            let diff = diff.into_iter().map(|(line, _)| line).collect();
            let title = format!("Update {:?}", record.display_name);
            Ok(Prepared { title, diff, records: vec![record] })
        }
        Operation::AddNote(note) => {
            let record = current(call, "customer_id", &note.customer_id).await?;
            if let Some(expected) = note.expected_version {
                unchanged(&record, expected, "expected_version")?;
            }
            let diff = vec![line("note", None, Some(note.text.clone()))];
            let title = format!("Add a note on {:?}", record.display_name);
            Ok(Prepared { title, diff, records: vec![record] })
        }
        Operation::Merge(merge) => {
            if merge.customer_id == merge.duplicate_id {
                let hint = "give the id of the other record";
                let message = "a customer cannot be merged into itself";
                return Err(Failure::invalid_argument("/duplicate_id", message, hint));
            }
            let record = current(call, "customer_id", &merge.customer_id).await?;
            unchanged(&record, merge.expected_version, "expected_version")?;
            let duplicate = current(call, "duplicate_id", &merge.duplicate_id).await?;
            unchanged(&duplicate, merge.duplicate_version, "duplicate_version")?;
            // Whether anything comes of it or not: that would tell what the records hold.
            visible(call, [&record, &duplicate], Fields::COMPLETED)?;
            Ok(merged(record, duplicate))
        }
        Operation::Archive(archive) => {
            let record = current(call, "customer_id", &archive.customer_id).await?;
            unchanged(&record, archive.expected_version, "expected_version")?;
            let mut diff = vec![line("archived", Some("no".to_owned()), Some("yes".to_owned()))];
            diff.extend(closed("status", &record));
            let title = format!("Archive {:?}", record.display_name);
            Ok(Prepared { title, diff, records: vec![record] })
        }
    }
}

/// What merging comes to, the records as they are.
fn merged(record: Record, duplicate: Record) -> Prepared {
    let before = Fields::of(&record);
    let after = before.clone().completed(&Fields::of(&duplicate));
    let mut diff: Vec<Line> =
        Fields::diff(Some(&before), &after).into_iter().map(|(line, _)| line).collect();
    if before.sensitivity != after.sensitivity {
        let (before, after) = (before.sensitivity.to_string(), after.sensitivity.to_string());
        diff.push(line("sensitivity", Some(before), Some(after)));
    }
    let named = format!("{} ({})", duplicate.display_name, duplicate.id);
    diff.push(line("activities", None, Some(format!("also those of {named}"))));
    diff.push(line("duplicate", Some(named), None));
    diff.extend(closed("duplicate_status", &duplicate));
    let title = format!("Merge {:?} into {:?}", duplicate.display_name, record.display_name);
    Prepared { title, diff, records: vec![record, duplicate] }
}

/// A customer that is dealt with, by the argument that names it.
async fn current(call: &Call, argument: &str, id: &str) -> Result<Record, Failure> {
    let pointer = format!("/{argument}");
    let record = visible_customer(call, "get_customer", &pointer, id).await?;
    match record.archived_at {
        None => Ok(record),
        Some(_) => {
            let hint = "choose another customer: this one is not changed any more; get_customer says \
                        if it has become part of another";
            let message = "the customer is archived";
            Err(Failure::invalid_argument(pointer, message, hint).because("archived"))
        }
    }
}

fn line(field: &str, before: Option<String>, after: Option<String>) -> Line {
    Line {
        field: field.to_owned(),
        before: before.map(Into::into),
        after: after.map(Into::into),
        sensitivity: 0,
    }
}

/// What becomes of the status of a record that is archived.
fn closed(field: &str, record: &Record) -> Option<Line> {
    let (before, after) = (record.status.name(), Status::Closed.name());
    (before != after).then(|| line(field, Some(before.to_owned()), Some(after.to_owned())))
}

/// Refuses fields that the user may not see in each of the records: they may not learn of them by
/// changing them, and do not know what they overwrite.
fn visible<const N: usize>(
    call: &Call,
    records: [&Record; N],
    fields: impl IntoIterator<Item = Guarded>,
) -> Result<(), Failure> {
    let resources = records.map(Record::resource);
    let mut fields = fields.into_iter();
    let is_hidden =
        |guarded: &Guarded| resources.iter().any(|resource| !sees(call, resource, *guarded));
    match fields.find(is_hidden) {
        None => Ok(()),
        Some(guarded) => {
            call.deny();
            Err(hidden(guarded))
        }
    }
}

/// A field of the change is hidden from the user.
pub fn hidden(guarded: Guarded) -> Failure {
    let field = guarded.name();
    let message = format!("this user may not see `{field}`, and so cannot change it");
    let hint = format!("leave `{field}` alone, or ask somebody who may see it");
    Failure::new(Code::NotPermitted, message, Next::ask_user(hint))
}

fn unchanged(record: &Record, expected: i64, argument: &str) -> Result<(), Failure> {
    if record.version == expected {
        return Ok(());
    }
    let mut failure = version_conflict(&record.id)
        .about(format!("/{argument}"))
        .mismatch(format!("version {}", record.version), format!("version {expected}"));
    if expected > record.version {
        let current = record.version;
        failure.message =
            format!("the customer has never had version {expected}: it is at {current}");
    }
    Err(failure)
}

/// A record is not as it was read.
pub fn version_conflict(id: &str) -> Failure {
    let next = Next::call_tool(
        "get_customer",
        json!({"customer_id": id}),
        "read it again, then propose the change on the new version",
    );
    Failure::new(Code::VersionConflict, "the customer has changed since it was read", next)
}
