use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::{Secret, secret_arguments},
    surface::Tool,
};

pub(super) const RULE: Rule = Rule {
    id: "security/secret-param",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "let the server read the secret from its own store, and take a name or an id by which it \
           finds it there",
    documentation: r#"
A tool takes a secret as an argument: a client secret, a private key, a passphrase.

## Why
Arguments are written by a model. A secret in them has been in the model's context, where any other
tool or document can ask for it, and it stays in the client's history and in every log on the way.
The server is the side that can keep a secret.

What a person signs in with (passwords, access tokens, API keys) is reported by
`auth/user-token-param`.

## Bad
```json
{"tools": [{"name": "sign_document", "inputSchema": {"type": "object", "properties": {
  "private_key": {"type": "string", "description": "PEM"}
}}}]}
```

## Good
```json
{"tools": [{"name": "sign_document", "inputSchema": {"type": "object", "properties": {
  "key_id": {"type": "string", "description": "name of a key the server holds"}
}}}]}
```

## References
- OWASP MCP Top 10: MCP01, token mismanagement and secret exposure
"#,
    check: Check::Tool(check),
};

fn check(tool: &Tool) -> Vec<Hit> {
    judge(tool).into_iter().collect()
}

fn judge(tool: &Tool) -> Option<Hit> {
    let arguments = secret_arguments(tool, Secret::Other);
    if arguments.is_empty() {
        return None;
    }
    let message = format!("takes a secret as an argument: `{}`", arguments.join("`, `"));
    Some(Hit::new(tool.pointer.join("inputSchema"), message))
}
