use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::word::words,
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "desc/no-purpose",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "begin with a verb and its object (\"Cancels one order that has not shipped\"), then say \
           when to use the tool",
    documentation: r#"
The description of a tool is too short or too vague to say what the tool does.

## Why
A model that cannot tell what a tool is for leaves it alone, or tries it. Unclear purpose is a
frequent weakness: 56 % of 856 examined tools have it. Giving agents descriptions completed in all
respects raised the median share of solved tasks by 5.9 points, at the price of 67 % more steps, and
made 16.67 % of the cases worse; shorter ones kept the gain (arXiv 2602.14878). What is missing is
never length, it is a verb with an object.

Reported are descriptions of a single word, and those in which no word means anything in particular.

## Bad
```json
{"tools": [{"name": "run", "description": "Orders.", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "helper", "description": "Does some things with the data.", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{"name": "water_plants", "description": "Description goes here.", "inputSchema": {"type": "object"}}]}
```

## Good
```json
{"tools": [{"name": "add", "description": "Adds two numbers.", "inputSchema": {"type": "object"}}]}
```

## References
- arXiv 2602.14878: the smell "unclear purpose"
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let text = tool.description.as_deref()?.trim();
    // Languages that are written without spaces come as one long word.
    if !text.is_ascii() {
        return None;
    }
    let words = words(text);
    let problem = match words.len() {
        // Blank is missing, which another rule reports.
        0 => return None,
        1 => "is a single word",
        _ if words.iter().all(|word| is_vague(word)) => "says nothing in particular",
        _ => return None,
    };
    let shown: String = text.chars().take(60).collect();
    let message = format!("the description {problem}: \"{shown}\"");
    Some(Hit::new(tool.pointer.join("description"), message))
}

fn is_vague(word: &str) -> bool {
    VAGUE.contains(&word) || word.strip_suffix('s').is_some_and(|word| VAGUE.contains(&word))
}

const VAGUE: &[&str] = &[
    "a", "action", "all", "an", "and", "any", "back", "be", "can", "command", "custom", "data",
    "describe", "description", "do", "doe", "example", "execute", "foo", "for", "from", "function",
    "general", "generic", "give", "go", "goe", "handle", "help", "helper", "here", "in", "input",
    "is", "it", "item", "main", "manage", "method", "my", "new", "object", "of", "on", "one",
    "operation", "or", "outcome", "output", "perform", "process", "processe", "processing",
    "request", "resource", "result", "return", "run", "sample", "some", "something", "stuff",
    "task", "test", "that", "the", "thing", "this", "to", "todo", "tool", "use", "useful",
    "utility", "value", "various", "with", "work", "your",
];
