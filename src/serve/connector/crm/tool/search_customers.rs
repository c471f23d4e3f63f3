//! Finding customers by words or by a filter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::super::runtime::{
            guidance::Failure,
            tool::{Answer, Call, Definition, Effect, Tool},
        },
        model::{Record, Status},
        store::{self, Filter},
    },
    READ, store_failure, time,
};

/// How often another page is read where the policy hides records of the one before.
const MAX_ROUNDS: usize = 4;
const DEFAULT_LIMIT: u32 = 20;

/// `search_customers`
pub struct SearchCustomers;

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// Words of the name, the company or the town, in any order; case and accents do not matter
    #[schemars(length(min = 1, max = 200))]
    query: Option<String>,
    /// What the customers have in common
    #[serde(default)]
    filter: FilterArguments,
    /// How many customers to return at most
    #[schemars(range(min = 1, max = 50), extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// `page.next_cursor` of the page before, for the next one
    #[schemars(length(min = 1, max = 2000))]
    cursor: Option<String>,
}

/// What the customers have in common; what is left out does not matter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FilterArguments {
    /// User name of the person who looks after them
    #[schemars(length(min = 1, max = 100))]
    owner: Option<String>,
    /// Where they stand
    status: Option<Status>,
    /// Changed at this time or later, as in 2026-11-22T09:30:00Z
    #[schemars(extend("format" = "date-time"))]
    updated_after: Option<String>,
}

/// The customers that were found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// In the order of their names
    customers: Vec<Summary>,
}

/// What a list says of a customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Summary {
    /// What other tools take as `customer_id`
    id: String,
    /// The name as it is written
    display_name: String,
    /// Where they stand
    status: Status,
    /// User name of the person who looks after them
    owner: String,
    /// Counts the changes of the record
    version: i64,
}

impl From<Record> for Summary {
    fn from(record: Record) -> Self {
        Self {
            id: record.id,
            display_name: record.display_name,
            status: record.status,
            owner: record.owner,
            version: record.version,
        }
    }
}

/// Where a list goes on: after this customer.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Position {
    sort_key: String,
    id: String,
}

impl Tool for SearchCustomers {
    type Arguments = Arguments;
    type Output = Output;

    const DEFINITION: Definition = Definition {
        name: "search_customers",
        title: "Search customers",
        description: "Finds customers by words of their name, company or town, or by owner, status \
            and time of change, and returns id, name, status, owner and version of each, ordered by \
            name. Use it to get the id that get_customer and list_activity take. Customers whom the \
            user may not see are left out.",
        effect: Effect::Reads,
        scopes: READ,
    };

    async fn call(&self, call: &Call, arguments: Arguments) -> Result<Answer<Output>, Failure> {
        let updated_from = arguments.filter.updated_after.as_deref();
        let updated_from = updated_from.map(|text| time::read("/filter/updated_after", text));
        let filter = Filter {
            patterns: arguments.query.as_deref().map(Filter::patterns).unwrap_or_default(),
            owner: arguments.filter.owner,
            status: arguments.filter.status,
            updated_from: updated_from.transpose()?,
        };
        // A cursor goes with the search that it came from.
        let search = format!("{filter:?}");
        let mut position: Position = match &arguments.cursor {
            Some(cursor) => call.open_cursor(&search, cursor)?,
            None => Position::default(),
        };
        let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT) as usize;
        let mut customers = Vec::with_capacity(limit);
        let mut goes_on = true;
        for _ in 0..MAX_ROUNDS {
            let after = (position.sort_key.as_str(), position.id.as_str());
            let tenant = &call.identity.tenant;
            // One more than fits says whether the list goes on.
            let fetched = limit - customers.len() + 1;
            let records =
                store::customers(&*call.services.store, tenant, &filter, after, fetched as i64)
                    .await
                    .map_err(|fault| store_failure(&fault))?;
            goes_on = records.len() == fetched;
            for record in records {
                if customers.len() == limit {
                    break;
                }
                position = Position { sort_key: record.sort_key.clone(), id: record.id.clone() };
                if call.is_allowed(&record.resource()) {
                    call.touches(&record.id);
                    customers.push(Summary::from(record));
                }
            }
            if customers.len() == limit || !goes_on {
                break;
            }
        }
        let cursor = goes_on.then(|| call.seal_cursor(&search, &position));
        Ok(Answer::page_of(Output { customers }, cursor))
    }
}
