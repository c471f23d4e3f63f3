use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{OpenArgument, open_arguments, word::words},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "security/ssrf-param",
    severity: Severity::Warning,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "resolve the host first and refuse loopback, link-local and private addresses, again after \
           each redirect; say so in the description, or allow known hosts with a `pattern`",
    documentation: r#"
A tool fetches whatever address stands in an argument.

## Why
The server stands in a network the caller cannot reach. An address such as `http://169.254.169.254/`
makes it hand out the credentials of its own machine, and `http://localhost:…` opens what was never
meant to face anybody. The address is written by a model, out of text that others may have written.

Nothing is reported when the argument is constrained by `enum`, `const` or `pattern`, when the
description says that private addresses are refused, or when the tool says `openWorldHint: false`.

## Bad
```json
{"tools": [{"name": "fetch_page", "description": "Downloads a page.", "inputSchema": {
  "type": "object", "properties": {"url": {"type": "string", "description": "any URL"}}
}}]}
```

## Good
```json
{"tools": [{
  "name": "fetch_page",
  "description": "Downloads a public page; private addresses are refused.",
  "inputSchema": {"type": "object", "properties": {"url": {"type": "string"}}}
}]}
```
```json
{"tools": [{"name": "add_bookmark", "description": "Keeps an address for later.", "inputSchema": {
  "type": "object", "properties": {"url": {"type": "string"}}
}}]}
```
```json
{"tools": [{"name": "request_review", "description": "Asks a colleague to look at a draft.", "inputSchema": {
  "type": "object", "properties": {"draft_url": {"type": "string"}}
}}]}
```

## References
- OWASP Top 10: server-side request forgery
- CWE-918
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let about = tool.description.as_deref().unwrap_or_default().to_lowercase();
    let is_fetching =
        |word: &str| FETCHING.contains(&word) || FETCHING.contains(&third_person(word));
    let fetches = words(&tool.name).iter().any(|word| FETCHING.contains(&word.as_str()))
        || about.split_whitespace().next().is_some_and(is_fetching)
        || LOADING.iter().any(|phrase| about.starts_with(phrase));
    let argument = open_arguments(tool).find(|argument| {
        let is_guarded =
            GUARDS.iter().any(|sign| about.contains(sign) || argument.description.contains(sign));
        !is_guarded && (is_called_back(argument) || (fetches && is_address(argument)))
    })?;
    let message = format!("`{}` takes any address, and the server fetches it", argument.name);
    Some(Hit::new(tool.argument_pointer(argument.name), message))
}

const FETCHING: &[&str] = &["crawl", "curl", "download", "fetch", "http", "scrape"];

/// Beginnings of a description that say the same of a page of the web.
const LOADING: &[&str] =
    &["loads a web page", "load a web page", "opens a web page", "reads a web page"];

/// The verb of "fetches" and "downloads".
fn third_person(word: &str) -> &str {
    let verb = word.strip_suffix("es").filter(|verb| verb.ends_with("ch"));
    verb.or_else(|| word.strip_suffix('s')).unwrap_or(word)
}

/// Words by which a description says that somebody has thought of this.
const GUARDS: &[&str] =
    &["allowlist", "allow list", "allowed", "internal address", "loopback", "private"];

fn is_address(argument: &OpenArgument<'_>) -> bool {
    let is_last =
        |names: &[&str]| argument.words.last().is_some_and(|word| names.contains(&word.as_str()));
    let is_said = words(&argument.description)
        .iter()
        .any(|word| ["http", "https", "uri", "url", "website"].contains(&word.as_str()))
        || argument.description.contains("web address");
    is_last(&["endpoint", "href", "hyperlink", "link", "uri", "url", "website"])
        || ["uri", "url"].contains(&argument.format)
        || (is_last(&["address", "location", "page", "site", "source", "target"]) && is_said)
}

/// An address that is there to be called.
fn is_called_back(argument: &OpenArgument<'_>) -> bool {
    let words: Vec<&str> = argument.words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["webhook" | "callback", "url" | "uri"])
}
