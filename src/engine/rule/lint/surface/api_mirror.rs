use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::word::{stem, words},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/api-mirror",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "start from the tasks a user has (\"reschedule a delivery\") and give each one tool that \
           makes the calls it needs; keep a read and a search for each entity",
    documentation: r#"
The tools repeat a database or HTTP API, one tool for each verb and entity.

## Why
An API for programs offers small steps, because a program gets them right every time. A model has to
find the steps, order them, carry ids from one to the next and undo what it began when a step fails;
every step is a request to the model with all definitions in it. One tool per task needs one call,
can be made idempotent, and says in its name what it is for. Generated servers (one tool for each
path of an OpenAPI document) have the problem most.

Reported are lists of six tools and more in which at least 60 % are a verb of create, read, list,
update, delete on an entity and two entities have three of these verbs, or in which the names carry
HTTP methods.

## Bad
```json
{"tools": [
  {"name": "create_order"}, {"name": "get_order"}, {"name": "update_order"}, {"name": "delete_order"},
  {"name": "create_customer"}, {"name": "get_customer"}, {"name": "update_customer"}
]}
```
```json
{"tools": [
  {"name": "API-get-order"}, {"name": "API-post-order"}, {"name": "API-patch-order"},
  {"name": "API-post-search"}, {"name": "API-get-customer"}, {"name": "API-patch-customer"}
]}
```

## Good
```json
{"tools": [
  {"name": "search_orders"}, {"name": "get_order"}, {"name": "place_order"},
  {"name": "reschedule_delivery"}, {"name": "cancel_order"}, {"name": "refund_order"}
]}
```

## References
- Anthropic, "Writing effective tools for agents": tools for tasks, not wrappers of endpoints
"#,
    check: Check::Surface(check),
};

/// Smaller lists are not worth reshaping.
const FEWEST_TOOLS: usize = 6;
/// The share of mirroring tools, in per cent.
const SHARE: usize = 60;
/// This many entities with this many verbs each make a grid.
const ENTITIES: usize = 2;
const VERBS_EACH: usize = 3;

fn check(surface: &Surface) -> Vec<Hit> {
    let count = surface.tools.len();
    if count < FEWEST_TOOLS {
        return Vec::new();
    }
    let names: Vec<Vec<String>> = surface.tools.iter().map(|tool| words(&tool.name)).collect();
    let is_share = |part: usize| part * 100 >= count * SHARE;

    let by_method = names.iter().filter(|name| verb(name, HTTP_METHODS).is_some()).count();
    // `get` alone is a word of its own; the other methods are not how a task is called.
    let telling = |name: &&Vec<String>| verb(name, HTTP_METHODS).is_some_and(|(_, at)| at != "get");
    if is_share(by_method) && names.iter().filter(telling).count() >= VERBS_EACH {
        let message = format!("{by_method} of {count} tools are named after HTTP methods");
        return vec![Hit::new(surface.pointer.clone(), message)];
    }

    let mut grid: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut mirrored = 0;
    for name in &names {
        let Some((index, operation)) = verb(name, OPERATIONS) else { continue };
        let entity: Vec<String> = name[index + 1..].iter().map(|word| stem(word)).collect();
        if !entity.is_empty() {
            mirrored += 1;
            grid.entry(entity.join(" ")).or_default().insert(operation);
        }
    }
    let full = grid.values().filter(|operations| operations.len() >= VERBS_EACH).count();
    if !is_share(mirrored) || full < ENTITIES {
        return Vec::new();
    }
    let message = format!("{mirrored} of {count} tools are one database verb on one entity");
    vec![Hit::new(surface.pointer.clone(), message)]
}

/// Words and what they stand for.
type Verbs = &'static [(&'static str, &'static str)];

const HTTP_METHODS: Verbs =
    &[("get", "get"), ("post", "post"), ("put", "put"), ("patch", "patch"), ("delete", "delete")];

const OPERATIONS: Verbs = &[
    ("create", "create"),
    ("add", "create"),
    ("insert", "create"),
    ("post", "create"),
    ("get", "read"),
    ("read", "read"),
    ("fetch", "read"),
    ("retrieve", "read"),
    ("list", "list"),
    ("update", "update"),
    ("edit", "update"),
    ("patch", "update"),
    ("put", "update"),
    ("delete", "delete"),
    ("remove", "delete"),
];

/// The verb of a name and what it stands for; a vendor or `api` may come first.
fn verb(name: &[String], verbs: Verbs) -> Option<(usize, &'static str)> {
    name.iter().take(2).enumerate().find_map(|(index, word)| {
        let (_, operation) = verbs.iter().find(|(verb, _)| verb == word)?;
        Some((index, *operation))
    })
}
