use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::Walk,
    semantics::{
        Effect, effect,
        word::{stem, words},
    },
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "schema/unbounded-list",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "take a `limit` with a default and a maximum, and a `cursor` that the answer hands out \
           when there is more",
    documentation: r#"
A tool lists or searches, and the caller cannot say how much to return.

## Why
The answer goes into the model's context whole. Accuracy fell by 7 to 91 % as tool answers grew
longer (LongFuncEval, arXiv 2505.10570), and clients do not take any length: Claude Code warns
from 10,000 tokens, and above 25,000 does not show the answer to the model. What works with ten test
records fails in production with ten thousand, and the model has no way to ask for less.

A tool passes when any of its arguments bounds or pages the result (`limit`, `page`, `cursor`,
`offset`, `first`, `max_…`, `since` …), or when its description says how many it returns ("up to 20",
"the 20 best"). Lists that are short by nature (of allowed directories, of tables, of types) pass as
well. A tool lists when `list` or `search` is the verb of its name, or when it gets or finds `all`.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {"customer_id": {"type": "string"}}
}}]}
```
```json
{"tools": [{"name": "get_all_patients", "inputSchema": {
  "type": "object",
  "properties": {"number": {"type": "string", "description": "number of the ward"}}
}}]}
```
```json
{"tools": [{
  "name": "find_sightings",
  "description": "Finds all sightings of a species, up to the day it was last seen.",
  "inputSchema": {"type": "object", "properties": {"species": {"type": "string"}}}
}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {
  "type": "object",
  "properties": {
    "customer_id": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "cursor": {"type": "string", "description": "`next_cursor` of the previous answer"}
  }
}}]}
```
```json
{"tools": [
  {"name": "get_list_price", "inputSchema": {
    "type": "object", "properties": {"article": {"type": "string"}}
  }},
  {"name": "get_mailing_list_settings", "inputSchema": {
    "type": "object", "properties": {"mailing": {"type": "string"}}
  }},
  {"name": "search_hymns", "description": "Searches hymns. Returns the 20 best.", "inputSchema": {
    "type": "object", "properties": {"line": {"type": "string"}}
  }}
]}
```

## References
- arXiv 2505.10570 (LongFuncEval)
- Claude Code, "MCP output limits and warnings"
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    if is_unbounded_list(tool) { vec![hit(tool)] } else { Vec::new() }
}

fn hit(tool: &Tool) -> Hit {
    let message = "a list without an argument that limits or pages it";
    Hit::new(tool.pointer.join("inputSchema"), message)
}

fn is_unbounded_list(tool: &Tool) -> bool {
    let name = words(&tool.name);
    let is_object = tool.input_schema().is_some_and(serde_json::Value::is_object);
    (lists(&name) || gets_all(&name, tool.description.as_deref().unwrap_or_default()))
        && is_object
        && effect(tool) != Effect::Writes
        && !name.iter().any(|word| SHORT_BY_NATURE.contains(&word.as_str()))
        && !says_how_many(tool)
        && !takes_bound(tool)
}

/// Whether `list` or `search` is the verb of a name. A domain or vendor word may stand before it
/// (`crm_list_leads`), another verb may not (`get_list_price`).
fn lists(name: &[String]) -> bool {
    let verb = name.iter().take(3).position(|word| matches!(word.as_str(), "list" | "search"));
    verb.is_some_and(|at| !name[..at].iter().any(|word| VERBS.contains(&word.as_str())))
}

/// Whether a tool says that it returns all there is: `get_all_orders`, "Finds all sightings".
fn gets_all(name: &[String], description: &str) -> bool {
    let is_all = |word: &str| matches!(word, "all" | "every");
    let Some(verb) = name.first().filter(|verb| GETTING.contains(&verb.as_str())) else {
        return false;
    };
    let of_description = words(description.split(['.', '\n']).next().unwrap_or_default());
    let mut of_description = of_description.iter();
    name.get(1).is_some_and(|word| is_all(word))
        || of_description.next().is_some_and(|word| stem(word) == stem(verb))
            && of_description.next().is_some_and(|word| is_all(word))
}

/// Whether the description bounds the answer: `up to 20`, `the 20 best`, `paginated`.
fn says_how_many(tool: &Tool) -> bool {
    const BEFORE_NUMBER: &[&str] = &[
        "at most", "up to", "first", "last", "latest", "maximum of", "limited to", "top", "the",
        "returns", "max",
    ];
    let description = tool.description.as_deref().unwrap_or_default().to_lowercase();
    let is_number = |text: &str| {
        let word = text.trim_start().split(|it: char| !it.is_alphanumeric()).next();
        word.is_some_and(|word| {
            word.starts_with(|first: char| first.is_ascii_digit()) || NUMBERS.contains(&word)
        })
    };
    let is_bounded = |phrase: &&str| {
        description
            .match_indices(*phrase)
            .any(|(at, phrase)| is_number(&description[at + phrase.len()..]))
    };
    description.contains("paginat") || BEFORE_NUMBER.iter().any(is_bounded)
}

fn takes_bound(tool: &Tool) -> bool {
    let Some(schema) = tool.input_schema() else { return false };
    let is_bound = |name: &str| words(name).iter().any(|word| BOUNDS.contains(&word.as_str()));
    Walk::of(schema).iter().any(|schema| {
        schema.property().is_some_and(is_bound)
            // What is defined elsewhere may hold one.
            || schema.get("$ref").is_some_and(|_| schema.parent().is_some_and(|it| it.is_root()))
    })
}

/// Verbs that make `list` and `search` nouns.
const VERBS: &[&str] = &[
    "add", "analyze", "check", "clear", "compare", "count", "create", "delete", "describe",
    "download", "explain", "export", "fetch", "find", "get", "import", "load", "open", "print",
    "read", "remove", "rename", "retrieve", "run", "save", "set", "show", "sort", "update", "view",
];

/// Verbs after which `all` means everything.
const GETTING: &[&str] = &["fetch", "find", "get", "read", "retrieve", "show"];

/// Numbers that stand in words.
const NUMBERS: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve",
    "twenty", "thirty", "fifty", "hundred",
];

/// Words of arguments that say how much or from where.
const BOUNDS: &[&str] = &[
    "after", "amount", "before", "bookmark", "count", "cursor", "depth", "first", "head", "k",
    "last", "length", "limit", "lines", "marker", "max", "maximum", "n", "num", "offset", "page",
    "pages", "paging", "pagination", "per", "range", "results", "rows", "since", "size", "skip",
    "start", "tail", "take", "token", "top", "until",
];

/// Words of lists that somebody keeps short.
const SHORT_BY_NATURE: &[&str] = &[
    "accounts", "allowed", "available", "calendars", "capabilities", "categories", "commands",
    "configured", "connections", "countries", "currencies", "databases", "devices", "drives",
    "enabled", "environments", "fields", "formats", "kinds", "label", "labels", "languages",
    "locales", "models", "options", "permissions", "regions", "roles", "schemas", "servers",
    "states", "statuses", "supported", "tables", "tabs", "templates", "themes", "timezones",
    "tools", "types", "voices", "workspaces", "zones",
];
