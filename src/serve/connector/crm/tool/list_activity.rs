//! What has happened with a customer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::super::runtime::{
            guidance::Failure,
            tool::{Answer, Call, Definition, Effect, Tool},
        },
        model::Kind,
        store::{self, Happened},
    },
    EXAMPLE_CUSTOMER, READ, store_failure, time, visible_customer,
};

const DEFAULT_LIMIT: u32 = 20;

/// `list_activity`
pub struct ListActivity;

/// Of which customer, and what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// `id` of a customer from search_customers
    #[schemars(length(min = 1, max = 64), example = EXAMPLE_CUSTOMER)]
    customer_id: String,
    /// Which kinds of activity; all of them if it is left out
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    kinds: Option<Vec<Kind>>,
    /// Only what happened at this time or later, as in 2026-11-22T09:30:00Z
    #[schemars(extend("format" = "date-time"))]
    since: Option<String>,
    /// How many activities to return at most
    #[schemars(range(min = 1, max = 50), extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// `page.next_cursor` of the page before, for the next one
    #[schemars(length(min = 1, max = 2000))]
    cursor: Option<String>,
}

/// What has happened.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The latest first
    activities: Vec<Activity>,
}

/// Something that has happened with a customer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Activity {
    /// The id of the activity
    id: String,
    /// What it was
    kind: Kind,
    /// When it happened
    #[schemars(extend("format" = "date-time"))]
    happened_at: String,
    /// User name of whoever did it or wrote it down
    author: String,
    /// What happened, in a sentence
    summary: String,
    /// Of a change: the version of the record that it made
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// Of a change: the fields that it changed
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_fields: Option<Vec<String>>,
}

impl From<Happened> for Activity {
    fn from(happened: Happened) -> Self {
        let fields = happened.fields.as_deref();
        Self {
            id: happened.id,
            kind: happened.kind,
            happened_at: time::written(happened.happened_at),
            author: happened.author,
            summary: happened.summary,
            version: happened.version,
            changed_fields: fields
                .map(|fields| fields.split_whitespace().map(str::to_owned).collect()),
        }
    }
}

/// Where a list goes on: after this activity.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    happened_at: i64,
    id: String,
}

impl Tool for ListActivity {
    type Arguments = Arguments;
    type Output = Output;

    const DEFINITION: Definition = Definition {
        name: "list_activity",
        title: "List activity",
        description: "Returns what has happened with one customer, the latest first: notes, changes \
            of the record with the version they made, meetings and calls. Use it for what was \
            agreed or who changed what. Needs the id of a customer from search_customers.",
        effect: Effect::Reads,
        scopes: READ,
    };

    async fn call(&self, call: &Call, arguments: Arguments) -> Result<Answer<Output>, Failure> {
        let since =
            arguments.since.as_deref().map(|text| time::read("/since", text)).transpose()?;
        let customer =
            visible_customer(call, call.tool, "/customer_id", &arguments.customer_id).await?;
        let kinds = arguments.kinds.unwrap_or_else(|| Kind::ALL.to_vec());
        // A cursor goes with the list that it came from.
        let list = format!("{} {kinds:?} {since:?}", customer.id);
        let position = match &arguments.cursor {
            Some(cursor) => call.open_cursor(&list, cursor)?,
            None => Position { happened_at: i64::MAX, id: String::new() },
        };
        let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT) as usize;
        let mut happened = store::activities(
            &*call.services.store,
            &call.identity.tenant,
            &customer.id,
            &kinds,
            since.unwrap_or(i64::MIN),
            (position.happened_at, &position.id),
            // One more than fits says whether the list goes on.
            limit as i64 + 1,
        )
        .await
        .map_err(|fault| store_failure(&fault))?;
        let goes_on = happened.len() > limit;
        happened.truncate(limit);
        let cursor = happened.last().filter(|_| goes_on).map(|last| {
            let position = Position { happened_at: last.happened_at, id: last.id.clone() };
            call.seal_cursor(&list, &position)
        });
        let activities = happened.into_iter().map(Activity::from).collect();
        Ok(Answer::page_of(Output { activities }, cursor))
    }
}
