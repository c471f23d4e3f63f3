//! Making a change, in a transaction that others write.

use uuid::Uuid;

use super::{
    super::{
        super::super::runtime::{
            guidance::Failure,
            store::{Statement, Transaction},
        },
        model::{Kind, Record, search_text, sort_key},
        store::customer_in,
        tool::store_failure,
    },
    Operation,
    field::Fields,
    prepare::version_conflict,
};

/// What a change has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The customer.
    pub customer_id: String,
    /// Its version now.
    pub version: i64,
}

/// Who makes a change, and when.
#[derive(Debug, Clone, Copy)]
struct By<'a> {
    tenant: &'a str,
    user: &'a str,
    now: i64,
}

/// Makes a change, if the records are as they were when it was prepared.
///
/// # Errors
///
/// Where they are not, or the store does not answer.
pub async fn apply(
    transaction: &mut dyn Transaction,
    operation: &Operation,
    tenant: &str,
    user: &str,
    now: i64,
) -> Result<Applied, Failure> {
    let by = By { tenant, user, now };
    match operation {
        Operation::Create(create) => {
            let (fields, id) = (Fields::created(create, user), Uuid::new_v4().to_string());
            insert(transaction, by, &id, &fields).await?;
            note(transaction, by, &id, "Created the customer", Some((1, ""))).await?;
            Ok(Applied { customer_id: id, version: 1 })
        }
        Operation::Update(update) => {
            let id = &update.customer_id;
            let before = read(transaction, by, id, update.expected_version).await?;
            let fields = Fields::of(&before).with(&update.set);
            let names = changed(&before, &fields);
            let version = write(transaction, by, &before, &fields).await?;
            let summary = format!("Changed {}", names.join(", "));
            note(transaction, by, id, &summary, Some((version, &names.join(" ")))).await?;
            Ok(Applied { customer_id: id.clone(), version })
        }
        Operation::AddNote(added) => {
            let id = &added.customer_id;
            let version = hold(transaction, by, id).await?;
            if added.expected_version.is_some_and(|expected| expected != version) {
                return Err(version_conflict(id));
            }
            note(transaction, by, id, &added.text, None).await?;
            Ok(Applied { customer_id: id.clone(), version })
        }
        Operation::Merge(merge) => {
            let (id, other) = (&merge.customer_id, &merge.duplicate_id);
            // In one order, whichever becomes part of which: two merges of the same records would wait
            // for one another otherwise.
            hold(transaction, by, id.min(other)).await?;
            hold(transaction, by, id.max(other)).await?;
            let before = read(transaction, by, id, merge.expected_version).await?;
            let duplicate = read(transaction, by, other, merge.duplicate_version).await?;
            let fields = Fields::of(&before).completed(&Fields::of(&duplicate));
            let names = changed(&before, &fields).join(" ");
            archive(transaction, by, &duplicate, Some(id)).await?;
            let moved = Statement::new(
                // Their versions are those of another record.
                "UPDATE activity SET customer_id = $3, version = NULL \
                 WHERE tenant = $1 AND customer_id = $2",
            );
            run(transaction, moved.bind(tenant).bind(other.as_str()).bind(id.as_str())).await?;
            let version = write(transaction, by, &before, &fields).await?;
            let summary = format!("Merged {} ({other}) into this", duplicate.display_name);
            note(transaction, by, id, &summary, Some((version, &names))).await?;
            Ok(Applied { customer_id: id.clone(), version })
        }
        Operation::Archive(archived) => {
            let id = &archived.customer_id;
            let before = read(transaction, by, id, archived.expected_version).await?;
            let version = archive(transaction, by, &before, None).await?;
            note(transaction, by, id, "Archived the customer", Some((version, ""))).await?;
            Ok(Applied { customer_id: id.clone(), version })
        }
    }
}

/// The names of the fields that are different.
fn changed(before: &Record, after: &Fields) -> Vec<String> {
    let diff = Fields::diff(Some(&Fields::of(before)), after);
    diff.into_iter().map(|(line, _)| line.field).collect()
}

/// A record as it is now, if it has the version that is expected and is not archived.
async fn read(
    transaction: &mut dyn Transaction,
    by: By<'_>,
    id: &str,
    expected: i64,
) -> Result<Record, Failure> {
    let record = customer_in(transaction, by.tenant, id).await;
    let record = record.map_err(|fault| store_failure(&fault))?;
    record
        .filter(|record| record.archived_at.is_none() && record.version == expected)
        .ok_or_else(|| version_conflict(id))
}

/// Keeps a record from being archived until the transaction ends. Returns its version.
async fn hold(transaction: &mut dyn Transaction, by: By<'_>, id: &str) -> Result<i64, Failure> {
    // An update that changes nothing is the lock that every engine has.
    let statement = Statement::new(
        "UPDATE customer SET version = version \
         WHERE tenant = $1 AND id = $2 AND archived_at IS NULL RETURNING version",
    );
    let rows = transaction.query(statement.bind(by.tenant).bind(id)).await;
    let rows = rows.map_err(|fault| store_failure(&fault))?;
    let row = rows.first().ok_or_else(|| version_conflict(id))?;
    row.integer("version").map_err(|fault| store_failure(&fault))
}

async fn insert(
    transaction: &mut dyn Transaction,
    by: By<'_>,
    id: &str,
    fields: &Fields,
) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO customer (tenant, id, display_name, sort_key, search_text, company, town, \
         status, owner, email, phone, tax_id, credit_limit_cents, sensitivity, version, created_at, \
         updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $15)",
    );
    let statement = bound(statement.bind(by.tenant).bind(id), fields).bind(by.now);
    run(transaction, statement).await.map(|_| ())
}

/// Gives a record new values, unless it has changed. Returns its version.
async fn write(
    transaction: &mut dyn Transaction,
    by: By<'_>,
    before: &Record,
    fields: &Fields,
) -> Result<i64, Failure> {
    let statement = Statement::new(
        "UPDATE customer SET display_name = $3, sort_key = $4, search_text = $5, company = $6, \
         town = $7, status = $8, owner = $9, email = $10, phone = $11, tax_id = $12, \
         credit_limit_cents = $13, sensitivity = $14, updated_at = $15, version = version + 1 \
         WHERE tenant = $1 AND id = $2 AND version = $16 AND archived_at IS NULL",
    );
    let statement = bound(statement.bind(by.tenant).bind(before.id.as_str()), fields);
    match run(transaction, statement.bind(by.now).bind(before.version)).await? {
        1 => Ok(before.version + 1),
        _ => Err(version_conflict(&before.id)),
    }
}

fn bound(statement: Statement, fields: &Fields) -> Statement {
    let company = fields.company.as_deref();
    let search = search_text(&[&fields.display_name, company.unwrap_or_default(), &fields.town]);
    statement
        .bind(fields.display_name.as_str())
        .bind(sort_key(&fields.display_name))
        .bind(search)
        .bind(company)
        .bind(fields.town.as_str())
        .bind(fields.status.name())
        .bind(fields.owner.as_str())
        .bind(fields.email.as_str())
        .bind(fields.phone.as_str())
        .bind(fields.tax_id.as_deref())
        .bind(fields.credit_limit_cents)
        .bind(fields.sensitivity)
}

/// Archives a record, unless it has changed. Returns its version.
async fn archive(
    transaction: &mut dyn Transaction,
    by: By<'_>,
    before: &Record,
    into: Option<&str>,
) -> Result<i64, Failure> {
    let statement = Statement::new(
        "UPDATE customer SET archived_at = $3, updated_at = $3, merged_into = $4, \
         status = 'closed', version = version + 1 \
         WHERE tenant = $1 AND id = $2 AND version = $5 AND archived_at IS NULL",
    );
    let statement = statement.bind(by.tenant).bind(before.id.as_str()).bind(by.now);
    match run(transaction, statement.bind(into).bind(before.version)).await? {
        1 => Ok(before.version + 1),
        _ => Err(version_conflict(&before.id)),
    }
}

/// Writes down what has happened: a note, or a change with the version that it made and its fields.
async fn note(
    transaction: &mut dyn Transaction,
    by: By<'_>,
    customer: &str,
    summary: &str,
    change: Option<(i64, &str)>,
) -> Result<(), Failure> {
    let statement = Statement::new(
        "INSERT INTO activity \
         (tenant, id, customer_id, kind, happened_at, author, summary, version, fields) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    let kind = if change.is_some() { Kind::Change } else { Kind::Note };
    let statement = statement
        .bind(by.tenant)
        .bind(Uuid::new_v4().to_string())
        .bind(customer)
        .bind(kind.name())
        .bind(by.now)
        .bind(by.user)
        .bind(summary)
        .bind(change.map(|(version, _)| version))
        .bind(change.map(|(_, fields)| fields).filter(|fields| !fields.is_empty()));
    run(transaction, statement).await.map(|_| ())
}

async fn run(transaction: &mut dyn Transaction, statement: Statement) -> Result<u64, Failure> {
    transaction.execute(statement).await.map_err(|fault| store_failure(&fault))
}
