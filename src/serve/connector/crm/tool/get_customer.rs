//! One customer, with the fields that this user sees.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::super::runtime::{
            guidance::Failure,
            tool::{Answer, Call, Definition, Effect, Tool},
        },
        change::sees,
        model::{Guarded, Record, Status},
        store,
    },
    EXAMPLE_CUSTOMER, READ, store_failure, time, visible_customer,
};

/// `get_customer`
pub struct GetCustomer;

/// Which customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// `id` of a customer from search_customers
    #[schemars(length(min = 1, max = 64), example = EXAMPLE_CUSTOMER)]
    customer_id: String,
    /// Which fields to return; all of them if it is left out
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    fields: Option<Vec<Field>>,
}

/// A field that can be asked for; `id`, `version` and `redacted_fields` always come, and those of an archived
/// customer that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Field {
    DisplayName,
    Company,
    Town,
    Status,
    Owner,
    Email,
    Phone,
    TaxId,
    CreditLimit,
    CreatedAt,
    UpdatedAt,
}

/// The customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Fields that were not asked for are left out; those that this user may not see are named in
    /// `redacted_fields`
    customer: Customer,
}

/// A customer, as far as this user sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Customer {
    /// What tools take as `customer_id`
    id: String,
    /// Counts the changes of the record
    version: i64,
    /// The name as it is written
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// The company; an empty text for a person
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
    /// The town
    #[serde(skip_serializing_if = "Option::is_none")]
    town: Option<String>,
    /// Where they stand
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// User name of the person who looks after them
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// The e-mail address
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The telephone number
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// The number at the tax office; an empty text where there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_id: Option<String>,
    /// What they may owe
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_limit: Option<Money>,
    /// When the record was made
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    created_at: Option<String>,
    /// When it was changed last
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    updated_at: Option<String>,
    /// When it was archived; such a customer is not changed any more
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    archived_at: Option<String>,
    /// `id` of the customer that it has become part of
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<String>,
    /// Fields that were asked for and that this user may not see
    redacted_fields: Vec<String>,
}

/// An amount of money.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Money {
    /// In hundredths of the currency
    cents: i64,
    /// The currency after ISO 4217
    currency: String,
}

impl Tool for GetCustomer {
    type Arguments = Arguments;
    type Output = Output;

    const DEFINITION: Definition = Definition {
        name: "get_customer",
        title: "Get customer",
        description: "Returns one customer with its version: names, town, status, owner, contact, \
            tax number, credit limit and times. Fields that the user may not see are not returned \
            but named in redacted_fields. Needs the id of a customer from search_customers.",
        effect: Effect::Reads,
        scopes: READ,
    };

    async fn call(&self, call: &Call, arguments: Arguments) -> Result<Answer<Output>, Failure> {
        let record =
            visible_customer(call, call.tool, "/customer_id", &arguments.customer_id).await?;
        let wanted =
            |field: Field| arguments.fields.as_ref().is_none_or(|fields| fields.contains(&field));
        let into = into(call, &record).await?;
        let customer = customer(call, record, into, wanted);
        let answer = Answer::of(Output { customer });
        let answer = match answer.data.customer.archived_at {
            None => answer,
            Some(_) => answer.noting("the customer is archived and cannot be changed any more"),
        };
        Ok(match answer.data.customer.redacted_fields.as_slice() {
            [] => answer,
            _ => answer.noting("the user may not see the fields in redacted_fields"),
        })
    }
}

/// The customer that one has become part of, if this user sees it.
async fn into(call: &Call, record: &Record) -> Result<Option<String>, Failure> {
    let Some(id) = &record.merged_into else { return Ok(None) };
    let found = store::customer(&*call.services.store, &record.tenant, id).await;
    let found = found.map_err(|fault| store_failure(&fault))?;
    Ok(found.filter(|it| call.is_allowed(&it.resource())).map(|it| it.id))
}

fn customer(
    call: &Call,
    record: Record,
    merged_into: Option<String>,
    wanted: impl Fn(Field) -> bool,
) -> Customer {
    let resource = record.resource();
    let mut redacted_fields = Vec::new();
    let mut shown = |field: Field, guarded: Guarded| {
        if !wanted(field) {
            return false;
        }
        let sees = sees(call, &resource, guarded);
        if !sees {
            redacted_fields.push(guarded.name().to_owned());
        }
        sees
    };
    let email = shown(Field::Email, Guarded::Email).then_some(record.email);
    let phone = shown(Field::Phone, Guarded::Phone).then_some(record.phone);
    let tax_id = shown(Field::TaxId, Guarded::TaxId).then(|| record.tax_id.unwrap_or_default());
    let credit_limit = shown(Field::CreditLimit, Guarded::CreditLimit)
        .then(|| Money { cents: record.credit_limit_cents, currency: "EUR".to_owned() });
    Customer {
        id: record.id,
        version: record.version,
        display_name: wanted(Field::DisplayName).then_some(record.display_name),
        company: wanted(Field::Company).then(|| record.company.unwrap_or_default()),
        town: wanted(Field::Town).then_some(record.town),
        status: wanted(Field::Status).then_some(record.status),
        owner: wanted(Field::Owner).then_some(record.owner),
        email,
        phone,
        tax_id,
        credit_limit,
        created_at: wanted(Field::CreatedAt).then(|| time::written(record.created_at)),
        updated_at: wanted(Field::UpdatedAt).then(|| time::written(record.updated_at)),
        archived_at: record.archived_at.map(time::written),
        merged_into,
        redacted_fields,
    }
}
