use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{OpenArgument, open_arguments, word::words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "security/raw-sql",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "offer the questions users have as tools with typed arguments; where free SQL is the point, \
           run it as a database role that can only read, with limits on rows and time",
    documentation: r#"
A tool passes SQL from an argument to a database.

## Why
The statement is written by a model, out of text that others may have written. No filter on words
keeps a statement from changing data, reading tables it should not, or running for an hour: only the
rights of the database role do. Several published attacks on database servers worked through a
"read-only" check of the text.

Nothing is reported when the tool says `openWorldHint: false`, or by its name only formats, parses or
checks the statement.

## Bad
```json
{"tools": [{"name": "query_database", "inputSchema": {"type": "object", "properties": {
  "sql": {"type": "string", "description": "statement to execute"}
}}}]}
```
```json
{"tools": [{"name": "ask_database", "inputSchema": {"type": "object", "properties": {
  "query": {"type": "string", "description": "Raw SQL"}
}}}]}
```

## Good
```json
{"tools": [{"name": "search_orders", "inputSchema": {"type": "object", "properties": {
  "query": {"type": "string", "description": "words in the order or its items"},
  "status": {"type": "string", "enum": ["open", "shipped"]}
}}}]}
```
```json
{"tools": [{"name": "format_statement", "description": "Indents SQL and returns it.", "inputSchema": {
  "type": "object", "properties": {"sql": {"type": "string", "description": "the text to indent"}}
}}]}
```

## References
- CWE-89
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    if words(&tool.name).iter().any(|word| HANDLING_TEXT.contains(&word.as_str())) {
        return Vec::new();
    }
    let hit = |argument: OpenArgument<'_>| {
        let message = format!("`{}` takes any SQL", argument.name);
        Hit::new(tool.argument_pointer(argument.name), message)
    };
    open_arguments(tool).filter(is_sql).map(hit).collect()
}

/// Words of a name that say the statement is treated as a text.
const HANDLING_TEXT: &[&str] = &[
    "beautify", "format", "formatter", "highlight", "indent", "lint", "parse", "prettify",
    "translate", "transpile",
];

fn is_sql(argument: &OpenArgument<'_>) -> bool {
    let words: Vec<&str> = argument.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sql"] | ["sql", "query" | "statement" | "text"] | [.., "sql"] => true,
        [
            "clause" | "condition" | "expression" | "filter" | "q" | "query" | "statement"
            | "where",
        ] => [
            "any sql", "raw sql", "select statement", "sql clause", "sql code", "sql condition",
            "sql expression", "sql query", "sql select", "sql statement", "sql to ", "sql where",
            "where clause",
        ]
        .iter()
        .any(|sign| argument.description.contains(sign)),
        _ => false,
    }
}
