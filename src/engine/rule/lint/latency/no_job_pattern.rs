use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    schema::Walk,
    semantics::{Effect, effect_of_words, word::words},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "latency/no-job-pattern",
    severity: Severity::Warning,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "answer within seconds with a `job_id`, and add a tool that takes it and says how far the \
           job is; or declare the extension `io.modelcontextprotocol/tasks`",
    documentation: r#"
A tool says it takes minutes, and there is no job to come back for.

## Why
Clients give up on a call after some time, 60 seconds in many of them, and proxies sooner. The work
then goes on without anybody waiting for it, or is started a second time. A tool that answers at
once with a job id, and a second one that reports on the job, survive every limit, a lost connection
and a closed laptop.

## Bad
```json
{"tools": [{
  "name": "render_report",
  "description": "Renders the yearly report. This can take several minutes.",
  "inputSchema": {"type": "object"}
}]}
```
```json
{"tools": [
  {"name": "train_model", "description": "Fits a model. This may take up to 10 minutes."},
  {"name": "count_stars", "description": "Counts the stars of a film, 5-10 minutes per film."},
  {"name": "copy_disk", "description": "Copies a disk. Usually takes about an hour."}
]}
```

## Good
```json
{"tools": [
  {
    "name": "render_report",
    "description": "Starts rendering the yearly report, which takes several minutes. Answers with a job id; ask get_job for the result.",
    "inputSchema": {"type": "object"},
    "outputSchema": {"type": "object", "properties": {"job_id": {"type": "string"}}}
  },
  {
    "name": "get_job",
    "description": "Tells how far a job is, and its result once it is done.",
    "inputSchema": {"type": "object", "properties": {"job_id": {"type": "string"}}}
  }
]}
```
What a tool is given is not how long it takes:
```json
{"tools": [{"name": "to_decimal_time", "description": "Takes hours and minutes and returns decimal hours."}]}
```

The answer comes at once, and another tool says how far it is:
```json
{"tools": [
  {
    "name": "start_harvest",
    "description": "Starts a harvest, which takes 5 to 20 minutes; get_harvest says how far it is.",
    "inputSchema": {"type": "object"},
    "outputSchema": {"type": "object", "properties": {"harvest_id": {"type": "string"}}}
  },
  {
    "name": "get_harvest",
    "description": "Returns the state of one harvest.",
    "inputSchema": {"type": "object", "properties": {"harvest_id": {"type": "string"}}}
  },
  {
    "name": "start_milking",
    "description": "Starts the milking and returns at once. It takes 5 to 20 minutes.",
    "inputSchema": {"type": "object"}
  }
]}
```

## References
- Extension `io.modelcontextprotocol/tasks` (SEP-2663)
- RFC 9110 §15.3.3, 202 Accepted: the same idea for HTTP
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let extensions = surface.server.capabilities.get("extensions");
    if extensions.is_some_and(|names| names.get("io.modelcontextprotocol/tasks").is_some()) {
        return Vec::new();
    }
    surface.tools.iter().filter_map(|tool| judge(tool, surface)).collect()
}

fn judge(tool: &Tool, surface: &Surface) -> Option<Hit> {
    let description = tool.description.as_deref()?.to_lowercase();
    let said = SLOW.iter().find(|phrase| description.contains(**phrase));
    let phrase = said.map(|phrase| (*phrase).to_owned()).or_else(|| duration(&description))?;
    let is_async = ASYNCHRONOUS.iter().any(|sign| description.contains(sign));
    if is_async
        || answers_with_a_job(tool)
        || is_watched(tool, surface)
        || tool.value().get("execution").is_some()
    {
        return None;
    }
    let message = format!("says \"{phrase}\" and answers with no job to come back for");
    Some(Hit::new(tool.pointer.join("description"), message))
}

/// Words by which a tool says it is slow itself, not that something else is.
const SLOW: &[&str] = &[
    "can take minutes",
    "may take minutes",
    "might take minutes",
    "can take hours",
    "may take hours",
    "might take hours",
    "several minutes to complete",
    "is a long-running",
    "this long-running",
    "a long running operation",
    "starts a long",
    "may run for several minutes",
    "runs for several minutes",
];

/// How long the tool says it takes: "takes up to 10 minutes", "may take about an hour", "5-10
/// minutes per film". A verb of lasting, then words of measure only, then the unit; "takes hours
/// and minutes" is about arguments and has no measure.
fn duration(description: &str) -> Option<String> {
    description.split(['.', ';', '\n']).find_map(|sentence| {
        let words = words(sentence);
        let units = words
            .iter()
            .enumerate()
            .filter(|(_, word)| ["hour", "hours", "minute", "minutes"].contains(&word.as_str()));
        units.into_iter().find_map(|(end, _)| {
            let measure = words[..end].iter().rev().take_while(|word| is_measure(word)).count();
            let start = end - measure;
            let lasts = start > 0 && LASTING.contains(&words[start - 1].as_str());
            let is_rate = measure == 2
                && words[start..end].iter().all(|word| is_number(word))
                && words.get(end + 1).is_some_and(|word| word == "per");
            let is_vague =
                words[start..end].iter().all(|word| ["a", "an"].contains(&word.as_str()));
            let from = if lasts { start - 1 } else { start };
            ((lasts || is_rate) && !is_vague).then(|| words[from..=end].join(" "))
        })
    })
}

const LASTING: &[&str] =
    &["last", "lasts", "need", "needs", "run", "runs", "take", "takes", "taking"];

fn is_measure(word: &str) -> bool {
    const MEASURES: &[&str] = &[
        "a", "about", "an", "approximately", "around", "between", "few", "five", "from", "many",
        "more", "often", "or", "over", "roughly", "several", "some", "ten", "than", "thirty", "to",
        "twenty", "typically", "up", "usually",
    ];
    is_number(word) || MEASURES.contains(&word)
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

const ASYNCHRONOUS: &[&str] = &[
    "asynchron", "background", "job", "poll", "progress", "task id", "run id", "operation id",
    "status of", "check the status", "webhook", "notif", "immediately", "returns at once",
    "answers at once", "comes back at once", "returns right away", "returns straight away",
];

/// Whether the answer holds an id that another tool reads by: `start_deployment` answers with a
/// `deployment_id`, and `get_deployment` takes it.
fn is_watched(tool: &Tool, surface: &Surface) -> bool {
    let Some(schema) = tool.output_schema() else { return false };
    let own = words(&tool.name);
    Walk::of(schema).iter().filter_map(|subschema| subschema.property()).any(|handle| {
        let parts = words(handle);
        let is_handle = parts.len() > 1
            && parts.last().is_some_and(|last| last == "id")
            && parts[..parts.len() - 1].iter().all(|part| own.contains(part));
        is_handle
            && surface.tools.iter().any(|other| {
                other.name != tool.name
                    && effect_of_words(other) == Effect::Reads
                    && other.arguments().any(|(name, _)| name == handle)
            })
    })
}

fn answers_with_a_job(tool: &Tool) -> bool {
    let Some(schema) = tool.output_schema() else { return false };
    Walk::of(schema).iter().filter_map(|subschema| subschema.property()).any(|name| {
        let words = words(name);
        let is_handle = |word: &String| {
            ["execution", "job", "operation", "run", "task", "workflow"].contains(&word.as_str())
        };
        words.last().is_some_and(|last| last == "id") && words.iter().any(is_handle)
    }) || schema.get("$ref").is_some_and(Value::is_string)
}
