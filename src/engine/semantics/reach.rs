//! What a caller can reach through an argument.

use serde_json::Value;

use super::word::words;
use crate::engine::surface::Tool;

/// The arguments of a tool that take any text at all, with the words of their names: strings
/// without `enum`, `const` or `pattern`. Nothing for a tool that
/// says it works on a closed world, because its author has thought about what can be reached.
///
/// The specification's default for `openWorldHint` is true, so a tool without it is an open one.
pub fn open_arguments(tool: &Tool) -> impl Iterator<Item = OpenArgument<'_>> {
    let is_open = tool.annotations.open_world != Some(false);
    let arguments = tool.arguments().filter(move |(_, schema)| is_open && is_unconstrained(schema));
    arguments.map(|(name, schema)| OpenArgument {
        name,
        words: words(name),
        description: schema
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase(),
        format: schema.get("format").and_then(Value::as_str).unwrap_or_default(),
    })
}

/// An argument that takes any text.
#[derive(Debug, Clone)]
pub struct OpenArgument<'a> {
    /// Its name.
    pub name: &'a str,
    /// The words of its name.
    pub words: Vec<String>,
    /// Its description in lower case; empty where there is none.
    pub description: String,
    /// Its `format`; empty where there is none.
    pub format: &'a str,
}

fn is_unconstrained(schema: &Value) -> bool {
    let is_string = match schema.get("type") {
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        _ => false,
    };
    is_string && !["enum", "const", "pattern"].iter().any(|keyword| schema.get(keyword).is_some())
}

/// Whether a tool takes what a shell, an interpreter or a database carries out, however it guards
/// against misuse.
pub(super) fn takes_a_program(tool: &Tool) -> bool {
    tool.arguments().any(|(name, schema)| {
        let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let description = description.to_lowercase();
        let said = words(&description);
        let speaks_of = |signs: &[&str]| said.iter().any(|word| signs.contains(&word.as_str()));
        let last = words(name).pop().unwrap_or_default();
        let is_named = PROGRAMS.contains(&last.as_str());
        let is_code = last == "code" && speaks_of(&["eval", "evaluate", "execute", "run"]);
        let is_free = schema.get("enum").is_none() && schema.get("const").is_none();
        let is_said = speaks_of(&["bash", "powershell", "shell", "sql"])
            || ["sh -c", "command line", "command to run"]
                .iter()
                .any(|it| description.contains(it));
        is_free && takes_text(schema) && (is_named || is_code || is_said)
    })
}

const PROGRAMS: &[&str] =
    &["bash", "cmd", "cmdline", "command", "commandline", "script", "shell", "snippet", "sql"];

fn takes_text(schema: &Value) -> bool {
    match schema.get("type") {
        None => true,
        Some(Value::String(name)) => name == "string" || name == "array",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        Some(_) => false,
    }
}
