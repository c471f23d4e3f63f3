use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::Walk,
    semantics::word::{stem, words},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "latency/poll-without-start",
    severity: Severity::Warning,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "name the id in the output schema of the tool that starts the work, and say in its \
           description which tool to ask afterwards",
    documentation: r#"
A tool asks for the id of a job that no other tool speaks of.

## Why
To poll a job the model needs its id, and it can only have it from the answer of another tool. Where
no description, argument or output schema of the server mentions such a job, the model makes up an
id, or never calls the tool. Mostly the starting tool exists and answers with prose, so that nothing
says the number in it is what the second tool wants.

## Bad
```json
{"tools": [
  {"name": "get_job_status", "description": "Tells how far a job is.", "inputSchema":
    {"type": "object", "properties": {"job_id": {"type": "string"}}, "required": ["job_id"]}},
  {"name": "render_report", "description": "Renders the yearly report.", "inputSchema": {"type": "object"}}
]}
```

## Good
```json
{"tools": [
  {"name": "get_job_status", "description": "Tells how far a job is.", "inputSchema":
    {"type": "object", "properties": {"job_id": {"type": "string"}}, "required": ["job_id"]}},
  {"name": "render_report", "description": "Renders the yearly report.", "inputSchema": {"type": "object"},
    "outputSchema": {"type": "object", "properties": {"job_id": {"type": "string"}}}}
]}
```

## References
- Extension `io.modelcontextprotocol/tasks`: handles that the protocol itself carries
"#,
    check: Check::Surface(check),
};

/// What a piece of work in progress is called.
const HANDLES: [&str; 4] = ["job", "task", "operation", "execution"];

fn check(surface: &Surface) -> Vec<Hit> {
    surface.tools.iter().filter_map(|tool| judge(tool, surface)).collect()
}

fn judge(tool: &Tool, surface: &Surface) -> Option<Hit> {
    let name = words(&tool.name);
    let polls = name.iter().any(|word| ["poll", "status", "progress"].contains(&word.as_str()));
    if !polls {
        return None;
    }
    let (argument, handle) = tool
        .arguments()
        .filter(|(argument, _)| tool.requires(argument))
        .find_map(|(argument, _)| Some((argument, handle_of(argument)?)))?;
    let mut others = surface.tools.iter().filter(|other| other.name != tool.name);
    if others.any(|other| speaks_of(other, handle)) {
        return None;
    }
    let message = format!("wants `{argument}`, and no other tool speaks of a {handle}");
    Some(Hit::new(tool.argument_pointer(argument), message))
}

fn handle_of(argument: &str) -> Option<&'static str> {
    let words = words(argument);
    HANDLES
        .into_iter()
        .find(|handle| matches!(words.as_slice(), [word, id] if word == handle && id == "id"))
}

fn speaks_of(tool: &Tool, handle: &str) -> bool {
    let has_word = |text: &str| words(text).iter().any(|word| stem(word) == stem(handle));
    let in_schema = |schema: Option<&serde_json::Value>| {
        schema.is_some_and(|schema| {
            Walk::of(schema).iter().filter_map(|subschema| subschema.property()).any(has_word)
        })
    };
    has_word(&tool.name)
        || tool.description.as_deref().is_some_and(has_word)
        || in_schema(tool.input_schema())
        || in_schema(tool.output_schema())
}
