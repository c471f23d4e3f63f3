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
        store::{self, Filter, MAX_WORDS},
    },
    READ, store_failure, time,
};

/// How many records are read at once where the policy hides some of the first.
const CHUNK: usize = 256;
const DEFAULT_LIMIT: u32 = 20;

/// `search_customers`
pub struct SearchCustomers;

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// Up to six words of name, company or town, in any order; case and accents do not matter
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
            patterns: arguments.query.as_deref().map_or_else(|| Ok(Vec::new()), patterns)?,
            owner: arguments.filter.owner,
            status: arguments.filter.status,
            updated_from: updated_from.transpose()?,
        };
        // A cursor goes with the search that it came from.
        let search = format!("{filter:?}");
        let after: Position = match &arguments.cursor {
            Some(cursor) => call.open_cursor(&search, cursor)?,
            None => Position::default(),
        };
        let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT) as usize;
        // One more than fits says whether the list goes on.
        let mut found = visible(call, &filter, after, limit + 1).await?;
        let goes_on = found.len() > limit;
        found.truncate(limit);
        let cursor = found.last().filter(|_| goes_on).map(|last| {
            let position = Position { sort_key: last.sort_key.clone(), id: last.id.clone() };
            call.seal_cursor(&search, &position)
        });
        for record in &found {
            call.touches(&record.id);
        }
        let customers = found.into_iter().map(Summary::from).collect();
        Ok(Answer::page_of(Output { customers }, cursor))
    }
}

fn patterns(query: &str) -> Result<Vec<String>, Failure> {
    Filter::patterns(query).map_err(|words| {
        let message = format!("the query has {words} words, and at most {MAX_WORDS} are searched");
        let hint = format!("search for the {MAX_WORDS} words that say most, or fewer");
        Failure::invalid_argument("/query", message, hint)
            .mismatch(format!("at most {MAX_WORDS} words"), format!("{words} words"))
    })
}

/// The customers after a place that this user may see, so many of them. Where that takes long because
/// most are hidden, the deadline of the call ends it: to say how far one has come would say that there
/// are hidden ones.
async fn visible(
    call: &Call,
    filter: &Filter,
    mut after: Position,
    wanted: usize,
) -> Result<Vec<Record>, Failure> {
    let of = (call.identity.tenant.as_str(), call.identity.clearance);
    let mut found: Vec<Record> = Vec::with_capacity(wanted);
    let mut fetched = wanted;
    loop {
        let place = (after.sort_key.as_str(), after.id.as_str());
        let records = store::customers(&*call.services.store, of, filter, place, fetched)
            .await
            .map_err(|fault| store_failure(&fault))?;
        let is_last = records.len() < fetched;
        if let Some(last) = records.last() {
            after = Position { sort_key: last.sort_key.clone(), id: last.id.clone() };
        }
        let visible = records.into_iter().filter(|record| call.is_allowed(&record.resource()));
        found.extend(visible.take(wanted - found.len()));
        if is_last || found.len() == wanted {
            return Ok(found);
        }
        // Most users see all or little of what the store gives.
        fetched = CHUNK;
    }
}
