use serde_json::Value;

use super::spot::Spot;
use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::types,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/description-type-conflict",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "make the type and the description say the same; the type is what the server checks",
    documentation: r#"
The description of an argument names another type than the schema.

## Why
The model reads both and has to choose. It sends `true` because the description says "true or
false", the schema demands a string, and the call is rejected. Contradictions inside a definition
are the one kind of defect that has been measured to cost much: see
`schema/type-enum-contradiction`.

Only descriptions are compared that begin with a type ("Integer …", "(boolean) …", "array of …", "ISO
8601 date …") or say "true or false" or "a positive integer". A text that holds a list ("comma-separated
list", "one per line") or bytes is no contradiction.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"archived": {"type": "string", "description": "true or false, to include old ones"}}
}}]}
```
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"ids": {"type": "string", "description": "Array of order ids"}}
}}]}
```
```json
{"tools": [{"name": "list_concerts", "inputSchema": {
  "type": "object",
  "properties": {"day": {"type": "integer", "description": "ISO 8601 date, such as 2026-11-22"}}
}}]}
```
```json
{"tools": [{"name": "reserve_rooms", "inputSchema": {
  "type": "object",
  "properties": {"rooms": {"type": "string", "description": "number of rooms, a positive integer"}}
}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {
    "archived": {"type": "boolean", "description": "true to include old ones"},
    "ids": {"type": "array", "items": {"type": "string"}, "description": "Array of order ids"},
    "tags": {"type": "string", "description": "List of tags, separated by commas"}
  }
}}]}
```
```json
{"tools": [{"name": "find_articles", "inputSchema": {
  "type": "object",
  "properties": {
    "query": {"type": "string", "description": "Boolean query in Lucene syntax"},
    "names": {"type": "string", "description": "List of names, one per line"},
    "data": {"type": "string", "description": "Array of bytes, base64"},
    "count": {"type": "integer", "description": "how many true or false questions to draw"},
    "week": {"type": "integer", "description": "ISO 8601 week number"},
    "size": {"type": "string", "description": "a positive integer or 'all'"}
  }
}}]}
```

## References
- JSON Schema 2020-12, validation §6.1.1 `type`
"#,
    check: Check::Schema(judge),
};

fn judge(spot: Spot<'_, '_>) -> Option<Hit> {
    spot.schema.property().filter(|_| spot.is_input())?;
    let schema = spot.schema.value();
    let description = schema.get("description").and_then(Value::as_str)?.to_lowercase();
    let types = types::named_in_branches(schema);
    let claim = CLAIMS.iter().find(|claim| claim.is_made_by(&description))?;
    let agrees = types.iter().any(|name| claim.types.contains(name));
    if types.is_empty() || agrees || schema.get("enum").is_some() {
        return None;
    }
    let message = format!(
        "{} is {} by its description, and {} by its schema",
        spot.name(),
        claim.noun,
        types.join(" or ")
    );
    Some(Hit::new(spot.pointer(), message))
}

/// What a description says its argument is.
struct Claim {
    noun: &'static str,
    /// Types that agree with it.
    types: &'static [&'static str],
    /// A description that starts like this makes the claim.
    starts: &'static [&'static str],
    /// One that holds this, and says nothing else with it, makes it as well.
    phrases: &'static [&'static str],
    /// One that holds this does not, for it speaks of a text in which there is such a value.
    except: &'static [&'static str],
}

impl Claim {
    fn is_made_by(&self, description: &str) -> bool {
        let description = description.trim_start();
        let starts = |start: &&str| {
            let rest = description.strip_prefix(*start);
            // `Integer or string` leaves it open.
            rest.is_some_and(|rest| {
                !rest.starts_with(char::is_alphanumeric) && !rest.trim_start().starts_with("or ")
            })
        };
        let holds = |phrase: &&str| {
            // Hardly any is there, which `contains` sees before a search is prepared.
            description.contains(*phrase)
                && description.split_once(*phrase).is_some_and(|(_, after)| ends_clause(after))
        };
        (self.starts.iter().any(starts) || self.phrases.iter().any(holds))
            && !self.except.iter().any(|phrase| description.contains(phrase))
    }
}

/// Whether a type that a description names stands for itself: `true or false questions` speaks of
/// questions, `a positive integer or 'all'` leaves the type open.
fn ends_clause(after: &str) -> bool {
    const GOING_ON: &[&str] = &[
        "above", "as", "based", "below", "between", "default", "depending", "for", "from",
        "greater", "if", "in", "indicating", "less", "only", "that", "to", "up", "value", "values",
        "when", "which", "whether",
    ];
    let after = after.trim_start();
    let end = after.find(|character: char| !character.is_alphanumeric()).unwrap_or(after.len());
    end == 0 || GOING_ON.contains(&&after[..end])
}

const CLAIMS: &[Claim] = &[
    Claim {
        noun: "a boolean",
        types: &["boolean"],
        starts: &[
            "boolean", "a boolean", "(boolean)", "bool", "(bool)", "true to also",
            "true to include", "true to only", "true to return", "true to show", "true if",
            "whether to", "if true,", "set to true to",
        ],
        phrases: &["true or false", "true/false"],
        except: &[
            "string", "expression", "'true'", "\"true\"", " '", "('", " \"", "(\"", "`", " or an ",
            "how ", "boolean query", "boolean operator", "boolean search", "boolean logic",
            "boolean syntax", "boolean filter", "boolean condition", "boolean combination",
        ],
    },
    Claim {
        noun: "a number",
        types: &["integer", "number"],
        starts: &[
            "integer", "an integer", "(integer)", "(int)", "(number)", "(float)", "how many",
            "number of results", "number of items", "maximum number of", "max number of",
        ],
        phrases: &[
            "a positive integer", "a non-negative integer", "a whole number", ", an integer",
            "(int)", "(integer)",
        ],
        except: &["string", "as text", "separated", "range", "list of", " '", "('", " \"", "(\""],
    },
    Claim {
        noun: "an array",
        types: &["array"],
        starts: &["array of", "an array of", "(array)", "list of", "a list of"],
        phrases: &[],
        except: &[
            "string", "comma", "separated", "delimited", "json", "semicolon", "newline", "text",
            "csv", "joined", "line", "bytes", "base64", "encoded",
        ],
    },
    Claim {
        noun: "a text",
        types: &["string"],
        starts: &["(string)", "string:", "a string"],
        phrases: &[],
        except: &["array", "list", "object", "number", "strings"],
    },
    Claim {
        noun: "a list in text",
        // An array may be sent so, in a query.
        types: &["string", "array", "object"],
        starts: &["comma-separated", "a comma-separated", "comma separated", "a comma separated"],
        phrases: &[],
        except: &[],
    },
    Claim {
        noun: "a date in text",
        // A list or an object may well hold dates.
        types: &["string", "array", "object"],
        starts: &[
            "iso 8601", "iso-8601", "iso date", "an iso 8601", "an iso date", "date string",
            "a date string", "yyyy-mm-dd", "date in yyyy-mm-dd", "date in iso", "date (yyyy-mm-dd",
        ],
        phrases: &[],
        except: &[
            "number", "week", "year", "month", "duration", "epoch", "unix", "timestamp", "seconds",
        ],
    },
];
