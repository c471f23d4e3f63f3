use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{Secret, secret_arguments},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "auth/user-token-param",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "take the argument out: the server signs in upstream with an account of its own, and learns \
           who is asking from the transport (OAuth over HTTP, the environment on stdio)",
    documentation: r#"
A tool takes a user's password, access token or API key as an argument.

## Why
Arguments are written by a model and kept where conversations are kept: in its context, in the
client's history, in traces and logs of every hop. To fill in the argument the user must paste the
credential into the chat, and any other tool or document in the conversation can then ask the model
for it. A server that acts with the user's own token also has all of the user's rights, so there is
nothing between a wrong call and its effect.

Exposed tokens and secrets are first on OWASP's list for MCP.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "access_token": {"type": "string", "description": "the user's token"}
}}}]}
```
```json
{"tools": [{"name": "get_grades", "inputSchema": {"type": "object", "properties": {
  "login": {"type": "object", "properties": {
    "user": {"type": "string"},
    "pass": {"type": "string", "description": "the parent's password for the portal"}
  }}
}}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "customer_id": {"type": "string"},
  "page_token": {"type": "string", "description": "from the previous answer"}
}}}]}
```
Not what they sound like:
```json
{"tools": [{"name": "find_files", "inputSchema": {"type": "object", "properties": {
  "pwd": {"type": "string", "description": "present working directory"},
  "authorization": {"type": "string", "description": "number of the hold on a card"}
}}}]}
```

## References
- OWASP MCP Top 10: MCP01, token mismanagement and secret exposure
- Specification 2026-07-28, basic/authorization: access tokens travel in the `Authorization` header
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let arguments = secret_arguments(tool, Secret::UserCredential);
    if arguments.is_empty() {
        return None;
    }
    let message = format!("takes a user's credential as an argument: `{}`", arguments.join("`, `"));
    Some(Hit::new(tool.pointer.join("inputSchema"), message).parts(arguments))
}
