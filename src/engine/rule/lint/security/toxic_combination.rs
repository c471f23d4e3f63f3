use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording},
    semantics::{Effect, effect, open_arguments, word::words},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "security/toxic-combination",
    severity: Severity::Warning,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "take one of the three away: put what writes outside into a server of its own, let a person \
           approve it, or keep what strangers wrote apart from what is private",
    documentation: r#"
One server reads what strangers write, reads what is private, and writes where others can see it.

## Why
Whoever can get a text before the model can give it orders: an issue, a mail, a web page. With the other
two at hand the orders can be carried out without any fault in a tool: read the private thing, put it
into a comment. Each of the three is harmless, and each pair is; it is the three together that have no
defence but a person who looks. It has been shown on GitHub's server with one issue in a public
repository.

A user may bring the three together from several servers anyway; a server that has all of them leaves no
choice. Which tool does what is guessed from names and annotations, so confidence is low. `openWorldHint:
false` takes a tool out.

## Bad
```json
{"tools": [
  {"name": "list_tickets", "description": "Lists what customers have written.", "annotations": {"readOnlyHint": true}},
  {"name": "get_customer", "description": "Gets one customer.", "annotations": {"readOnlyHint": true}},
  {"name": "send_email", "description": "Sends an e-mail.", "annotations": {"readOnlyHint": false}}
]}
```

## Good
```json
{"tools": [
  {"name": "get_customer", "description": "Gets one customer.", "annotations": {"readOnlyHint": true}},
  {"name": "send_email", "description": "Sends an e-mail.", "annotations": {"readOnlyHint": false}}
]}
```
```json
{"tools": [
  {"name": "list_tickets", "description": "Lists tickets.", "annotations": {"readOnlyHint": true}},
  {"name": "get_customer", "description": "Gets one customer.", "annotations": {"readOnlyHint": true}},
  {"name": "close_ticket", "description": "Closes a ticket.", "annotations": {"readOnlyHint": false}}
]}
```

## References
- OWASP MCP Top 10: MCP10, context injection and over-sharing
- Simon Willison, "The lethal trifecta for AI agents", 2025-06-16
- Invariant Labs, "GitHub MCP exploited", 2025-05-26
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut parts: [Vec<&str>; 3] = Default::default();
    for tool in surface.tools.iter().filter(|tool| tool.annotations.open_world != Some(false)) {
        let words = words(&tool.name);
        let effect = effect(tool);
        let reads = effect == Effect::Reads;
        let has = [
            reads && reads_strangers(tool, &words),
            reads && is_any(&words, PRIVATE),
            effect == Effect::Writes && writes_outside(&words),
        ];
        for (part, _) in parts.iter_mut().zip(has).filter(|(_, has)| *has) {
            part.push(&tool.name);
        }
    }
    let [strangers, private, outside] = parts.map(|names| shown(&names));
    let (Some(strangers), Some(private), Some(outside)) = (strangers, private, outside) else {
        return Vec::new();
    };
    let message = format!(
        "reads what strangers write ({strangers}), reads what is private ({private}) and writes where \
         others see it ({outside})"
    );
    vec![Hit::new(surface.pointer.clone(), message)]
}

/// A few names are enough to see what is meant; none where there are no names.
fn shown(names: &[&str]) -> Option<String> {
    const SHOWN: usize = 2;
    (!names.is_empty()).then(|| wording::names(&names[..names.len().min(SHOWN)]))
}

fn is_any(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| {
        list.contains(&word.as_str()) || word.strip_suffix('s').is_some_and(|it| list.contains(&it))
    })
}

fn reads_strangers(tool: &Tool, words: &[String]) -> bool {
    let fetches = is_any(words, &["browse", "crawl", "fetch", "scrape"])
        && open_arguments(tool)
            .any(|it| it.words.last().is_some_and(|word| ["url", "uri"].contains(&word.as_str())));
    fetches || is_any(words, STRANGERS)
}

/// What people write who are not the user.
const STRANGERS: &[&str] = &[
    "discussion", "email", "feed", "inbox", "issue", "mail", "message", "notification", "review",
    "ticket", "tweet", "web", "webpage", "website",
];

/// What is not everybody's business.
const PRIVATE: &[&str] = &[
    "account", "calendar", "contact", "credential", "customer", "database", "document", "email",
    "employee", "file", "inbox", "invoice", "mail", "memory", "note", "order", "patient",
    "payment", "record", "secret",
];

fn writes_outside(words: &[String]) -> bool {
    is_any(words, SENDING) || (is_any(words, MAKING) && is_any(words, PUBLIC))
}

const SENDING: &[&str] = &[
    "forward", "invite", "notify", "post", "publish", "push", "reply", "send", "share", "tweet",
    "upload",
];

const MAKING: &[&str] = &["add", "create", "update", "write"];

/// What others get to see once it is made.
const PUBLIC: &[&str] = &[
    "comment", "discussion", "email", "gist", "issue", "mail", "message", "post", "release",
    "reply", "webhook",
];
