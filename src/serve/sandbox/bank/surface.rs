//! The tools as they are listed, with the bugs that show there.

use std::sync::Arc;

use rmcp::model::{Tool as ListedTool, ToolAnnotations};
use serde_json::{Map, Value, json};

use super::{
    account::KINDS,
    bug::{Bug, Bugs},
    data::{EXAMPLE_ACCOUNT, EXAMPLE_EXPORT},
};
use crate::serve::runtime::{idempotency::ARGUMENT, tool::Checker};

/// The currencies that there are accounts in.
const CURRENCIES: [&str; 3] = ["EUR", "GBP", "USD"];

/// How many entries a page has where nothing is said.
pub(super) const DEFAULT_LIMIT: i64 = 20;

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Opens an account.
    OpenAccount,
    /// Pays something in.
    Deposit,
    /// Closes an account.
    CloseAccount,
    /// Reads an account.
    GetAccount,
    /// Reads what was booked.
    ListEntries,
    /// Begins an export.
    ExportStatement,
    /// Says how far an export is.
    GetExport,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 7] = [
        Self::OpenAccount,
        Self::Deposit,
        Self::CloseAccount,
        Self::GetAccount,
        Self::ListEntries,
        Self::ExportStatement,
        Self::GetExport,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAccount => "open_account",
            Self::Deposit => "deposit",
            Self::CloseAccount => "close_account",
            Self::GetAccount => "get_account",
            Self::ListEntries => "list_entries",
            Self::ExportStatement => "export_statement",
            Self::GetExport => "get_export",
        }
    }

    /// The tool of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Whether it changes anything.
    pub fn writes(self) -> bool {
        !matches!(self, Self::GetAccount | Self::ListEntries | Self::GetExport)
    }

    /// Whether its arguments have an idempotency key, in a bank with these bugs.
    pub(super) fn takes_key(self, bugs: &Bugs) -> bool {
        match self {
            Self::Deposit => !bugs.has(Bug::NoIdempotencyKey),
            Self::CloseAccount => !bugs.has(Bug::HintContradicted),
            tool => tool.writes(),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::OpenAccount => "Open account",
            Self::Deposit => "Deposit",
            Self::CloseAccount => "Close account",
            Self::GetAccount => "Get account",
            Self::ListEntries => "List entries",
            Self::ExportStatement => "Export statement",
            Self::GetExport => "Get export",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::OpenAccount => {
                "Opens an account and returns it with its id, which the other tools take."
            }
            Self::Deposit => {
                "Pays an amount into an open account and returns the entry and the new balance. Where \
                 the bank has a payment network, the payment goes through it first."
            }
            Self::CloseAccount => {
                "Closes an account, pays out what is on it, and returns it. It cannot be opened again."
            }
            Self::GetAccount => "Returns one account: owner, currency, balance and status.",
            Self::ListEntries => {
                "Returns what was booked on one account, or on all of them, the latest first, page by \
                 page."
            }
            Self::ExportStatement => {
                "Begins to export the statement of an account and returns the export at once with its \
                 id. Ask get_export for the statement; clients that follow tasks get a task instead."
            }
            Self::GetExport => {
                "Returns how far an export of export_statement is, with the statement once it is ready."
            }
        }
    }

    fn annotations(self, bugs: &Bugs) -> ToolAnnotations {
        let hints = ToolAnnotations::new();
        let hints = match self {
            Self::GetAccount | Self::ListEntries | Self::GetExport => hints.read_only(true),
            // Closing an account twice may well be said to leave the same behind.
            Self::CloseAccount => hints.read_only(false).destructive(true).idempotent(true),
            tool => hints.read_only(false).destructive(false).idempotent(tool.takes_key(bugs)),
        };
        hints.open_world(false)
    }
}

/// A tool as it is listed.
pub(super) struct Listed {
    pub(super) tool: Tool,
    pub(super) listed: ListedTool,
    /// What arguments are checked with.
    pub(super) checker: Checker,
}

impl Listed {
    /// All tools of a bank with these bugs.
    pub(super) fn all(bugs: &Bugs) -> Vec<Self> {
        Tool::ALL.into_iter().map(|tool| Self::of(tool, bugs)).collect()
    }

    fn of(tool: Tool, bugs: &Bugs) -> Self {
        let mut input = members(input(tool));
        if tool.takes_key(bugs) {
            input["properties"][ARGUMENT] = key(bugs);
            if let Some(required) = input["required"].as_array_mut() {
                required.push(ARGUMENT.into());
            }
        }
        let checker = Checker::new(&input);
        let listed = ListedTool::new(tool.name(), tool.description(), Arc::new(input))
            .with_title(tool.title())
            .with_raw_output_schema(Arc::new(members(output(tool))))
            .annotate(tool.annotations(bugs));
        Self { tool, listed, checker }
    }

    /// What an argument is when it is left out, by its name.
    pub(super) fn defaults(&self) -> impl Iterator<Item = (&String, &Value)> {
        let properties = self.listed.input_schema.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        properties.filter_map(|(name, schema)| Some((name, schema.get("default")?)))
    }

    /// What an argument is about, in the words of its schema.
    pub(super) fn described(&self, argument: &str) -> Option<&str> {
        let properties = self.listed.input_schema.get("properties")?;
        properties.get(argument)?.get("description")?.as_str()
    }
}

fn members(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(members) => members,
        _ => unreachable!("every schema here is an object"),
    }
}

fn key(bugs: &Bugs) -> Value {
    let description = match bugs.has(Bug::KeyDescriptionMisleads) {
        false => {
            "Repeat the same key when you repeat this request; a new one only for a different change"
        }
        true => "A unique identifier: generate a new one for every request",
    };
    json!({"type": "string", "description": description, "pattern": "^[A-Za-z0-9_-]{16,64}$"})
}

fn input(tool: Tool) -> Value {
    let account_id = json!({
        "type": "string", "description": "`account_id` from open_account or list_entries",
        "minLength": 1, "maxLength": 64, "examples": [EXAMPLE_ACCOUNT],
    });
    let (properties, required) = match tool {
        Tool::OpenAccount => (
            json!({
                "owner": {
                    "type": "string", "description": "The name of the person whose account it is",
                    "minLength": 1, "maxLength": 80,
                },
                "currency": {
                    "type": "string", "description": "The currency after ISO 4217",
                    "enum": CURRENCIES, "default": "EUR",
                },
            }),
            json!(["owner"]),
        ),
        Tool::Deposit => (
            json!({
                "account_id": account_id,
                "amount_cents": {
                    "type": "integer", "description": "The amount in hundredths of the currency",
                    "minimum": 1, "maximum": 100_000_000,
                },
                "memo": {
                    "type": "string", "description": "What the payment is for",
                    "maxLength": 140, "default": "",
                },
            }),
            json!(["account_id", "amount_cents"]),
        ),
        Tool::CloseAccount | Tool::GetAccount | Tool::ExportStatement => {
            (json!({"account_id": account_id}), json!(["account_id"]))
        }
        Tool::ListEntries => (
            json!({
                "account_id": {
                    "type": "string",
                    "description": "`account_id` from open_account; all accounts if it is left out",
                    "minLength": 1, "maxLength": 64, "examples": [EXAMPLE_ACCOUNT],
                },
                "kind": {
                    "type": "string",
                    "description": "Which kind of entries; all of them if it is left out",
                    "enum": KINDS,
                },
                "limit": {
                    "type": "integer", "description": "How many entries to return at most",
                    "minimum": 1, "maximum": 100, "default": DEFAULT_LIMIT,
                },
                "cursor": {
                    "type": "string",
                    "description": "`next_cursor` of the page before, for the next one",
                    "minLength": 1, "maxLength": 2000,
                },
            }),
            json!([]),
        ),
        Tool::GetExport => (
            json!({"export_id": {
                "type": "string", "description": "`export_id` from export_statement",
                "minLength": 1, "maxLength": 64, "examples": [EXAMPLE_EXPORT],
            }}),
            json!(["export_id"]),
        ),
    };
    object(properties, required)
}

fn output(tool: Tool) -> Value {
    let receipt = text("The number of the receipt");
    let balance =
        json!({"type": "integer", "description": "The balance in hundredths of the currency"});
    match tool {
        Tool::OpenAccount | Tool::CloseAccount => object(
            json!({"account": account(), "receipt_id": receipt}),
            json!(["account", "receipt_id"]),
        ),
        Tool::Deposit => object(
            json!({"entry": entry(), "balance_cents": balance, "receipt_id": receipt}),
            json!(["entry", "balance_cents", "receipt_id"]),
        ),
        Tool::GetAccount => object(json!({"account": account()}), json!(["account"])),
        Tool::ListEntries => object(
            json!({
                "entries": {
                    "type": "array", "description": "The latest first", "items": entry(),
                },
                "next_cursor": text("Pass it as `cursor` for the next page; left out at the end"),
            }),
            json!(["entries"]),
        ),
        Tool::ExportStatement => object(
            json!({"export": export(), "receipt_id": receipt}),
            json!(["export", "receipt_id"]),
        ),
        Tool::GetExport => object(json!({"export": export()}), json!(["export"])),
    }
}

fn account() -> Value {
    let mut account = object(
        json!({
            "account_id": text("What tools take as `account_id`"),
            "owner": text("The name of the owner"),
            "currency": {"type": "string", "description": "The currency", "enum": CURRENCIES},
            "balance_cents": {"type": "integer", "description": "In hundredths of the currency"},
            "status": {
                "type": "string", "description": "Whether it is in use", "enum": ["open", "closed"],
            },
            "opened_at": time("When it was opened"),
            "closed_at": time("When it was closed; left out while it is open"),
        }),
        json!(["account_id", "owner", "currency", "balance_cents", "status", "opened_at"]),
    );
    account["description"] = "The account as it is now".into();
    account
}

fn entry() -> Value {
    let mut entry = object(
        json!({
            "entry_id": text("The id of the entry"),
            "account_id": text("The account that it is booked on"),
            "kind": {"type": "string", "description": "What it is", "enum": KINDS},
            "amount_cents": {
                "type": "integer", "description": "In hundredths of the currency; less than 0 is paid out",
            },
            "memo": text("What it is for"),
            "created_at": time("When it was booked"),
            "payment_reference": text("What the payment network knows it by; left out without one"),
        }),
        json!(["entry_id", "account_id", "kind", "amount_cents", "memo", "created_at"]),
    );
    entry["description"] = "What was booked".into();
    entry
}

fn export() -> Value {
    let statement = object(
        json!({
            "entries": {"type": "integer", "description": "How many entries it has"},
            "balance_cents": {"type": "integer", "description": "The sum of their amounts"},
            "until": time("The time that it is about"),
        }),
        json!(["entries", "balance_cents", "until"]),
    );
    let mut export = object(
        json!({
            "export_id": text("What get_export takes"),
            "account_id": text("The account"),
            "status": {
                "type": "string", "description": "How far it is",
                "enum": ["running", "ready", "cancelled"],
            },
            "requested_at": time("When it was asked for"),
            "poll_after_ms": {
                "type": "integer", "description": "While it runs: when to ask get_export again",
            },
            "statement": statement,
        }),
        json!(["export_id", "account_id", "status", "requested_at"]),
    );
    export["properties"]["statement"]["description"] = "The statement, once it is ready".into();
    export["description"] = "The export".into();
    export
}

/// An object of these members; `required` is a list, which is left out where it is empty.
fn object(properties: Value, required: Value) -> Value {
    let mut object =
        json!({"type": "object", "properties": properties, "additionalProperties": false});
    if required.as_array().is_some_and(|names| !names.is_empty()) {
        object["required"] = required;
    }
    object
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn time(description: &str) -> Value {
    json!({"type": "string", "description": description, "format": "date-time"})
}
