//! Which arguments hold a secret.

use serde_json::Value;

use super::word::words;
use crate::engine::{schema::Walk, surface::Tool};

/// Whose secret an argument holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// What a person signs in with: a password, an access token, an API key.
    UserCredential,
    /// Anything else that must not be known: a client secret, a private key, a passphrase.
    Other,
}

/// The arguments of a tool that hold a secret of that kind, at any depth, by their labels.
pub fn secret_arguments(tool: &Tool, wanted: Secret) -> Vec<String> {
    let Some(schema) = tool.input_schema() else { return Vec::new() };
    let walk = Walk::of(schema);
    let holds_it = walk.iter().filter(|subschema| {
        subschema.property().and_then(|name| secret(name, subschema.value())) == Some(wanted)
    });
    let mut labels: Vec<String> = holds_it.map(|subschema| subschema.label()).collect();
    labels.dedup();
    labels
}

/// Whether an argument of that name and schema holds a secret. Only free text can: a flag
/// (`reset_password: true`) or one of a few values is none.
pub fn secret(name: &str, schema: &Value) -> Option<Secret> {
    if !takes_free_text(schema) {
        return None;
    }
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [
            ..,
            "access" | "api" | "auth" | "bearer" | "github" | "gitlab" | "login" | "oauth"
            | "personal" | "refresh" | "session" | "slack" | "user",
            "token",
        ]
        | [.., "api", "key"]
        | [.., "apikey" | "password" | "passwd" | "jwt"] => Some(Secret::UserCredential),
        [.., "pwd"] if !speaks_of(schema, &["directory", "folder", "path"]) => {
            Some(Secret::UserCredential)
        }
        ["pass"] if speaks_of(schema, &["password"]) => Some(Secret::UserCredential),
        ["bearer"] if description(schema).is_empty() || is_about_access(schema) => {
            Some(Secret::UserCredential)
        }
        ["credential" | "credentials"] if speaks_of(schema, &["account", "login", "user"]) => {
            Some(Secret::UserCredential)
        }
        ["pat"] if speaks_of(schema, &["access", "personal", "token"]) => {
            Some(Secret::UserCredential)
        }
        // `auth` alone may be the way of signing in, and `session_id` a session of a conference.
        ["auth"] if speaks_of(schema, &["bearer", "header", "password", "token"]) => {
            Some(Secret::UserCredential)
        }
        ["session", "id"] | ["session"] | ["cookie"] if speaks_of(schema, &["cookie"]) => {
            Some(Secret::UserCredential)
        }
        ["authorization"] if description(schema).is_empty() => Some(Secret::UserCredential),
        ["authorization" | "token" | "credential" | "credentials"] if is_about_access(schema) => {
            Some(Secret::UserCredential)
        }
        // `farm_token`: whose it is, only the description tells.
        [.., _, "token"] if is_personal(schema) => Some(Secret::UserCredential),
        [.., "client" | "webhook" | "shared" | "signing", "secret"]
        | [.., "secret" | "private" | "signing" | "encryption", "key"]
        | [.., "service", "account", "key"]
        | [.., "secret", "access", "key"]
        | [.., "seed", "phrase"]
        | [.., "passphrase"]
        | ["secret"] => Some(Secret::Other),
        _ if schema.get("format").and_then(Value::as_str) == Some("password") => {
            Some(Secret::Other)
        }
        _ => None,
    }
}

fn takes_free_text(schema: &Value) -> bool {
    let is_string = match schema.get("type") {
        None => true,
        Some(Value::String(name)) => name == "string",
        Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
        Some(_) => false,
    };
    is_string && schema.get("enum").is_none() && schema.get("const").is_none()
}

/// `token` alone may be a page token or a word; its description tells.
fn is_about_access(schema: &Value) -> bool {
    const SIGNS: &[&str] = &[
        "access", "api", "auth", "authentication", "authorization", "bearer", "login", "oauth",
        "personal",
    ];
    speaks_of(schema, SIGNS)
}

fn is_personal(schema: &Value) -> bool {
    speaks_of(schema, &["bearer", "login", "oauth", "personal"])
        || ["account page", "account settings"]
            .iter()
            .any(|place| description(schema).contains(place))
}

fn speaks_of(schema: &Value, signs: &[&str]) -> bool {
    words(description(schema)).iter().any(|word| signs.contains(&word.as_str()))
}

fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Secret, secret};

    #[test]
    fn a_credential_is_told_from_what_only_sounds_like_one() {
        let text = json!({"type": "string"});
        for name in ["access_token", "apiKey", "api_key", "user_password", "githubAccessToken"] {
            assert_eq!(secret(name, &text), Some(Secret::UserCredential), "{name}");
        }
        for name in ["client_secret", "privateKey", "passphrase"] {
            assert_eq!(secret(name, &text), Some(Secret::Other), "{name}");
        }
        for name in ["page_token", "token", "token_count", "secret_type", "api_key_id", "key"] {
            assert_eq!(secret(name, &text), None, "{name}");
        }
        assert_eq!(secret("reset_password", &json!({"type": "boolean"})), None);
        for (name, description, expected) in [
            ("token", "personal access token", Some(Secret::UserCredential)),
            ("farm_token", "personal token of the keeper", Some(Secret::UserCredential)),
            ("bearer", "", Some(Secret::UserCredential)),
            ("bearer", "who carries the letter", None),
            ("credentials", "Credentials of the keeper's account", Some(Secret::UserCredential)),
            ("credentials", "Diploma and licence", None),
            ("pat", "Personal access token", Some(Secret::UserCredential)),
            ("pat", "How the pattern repeats", None),
            ("auth", "Authorization header", Some(Secret::UserCredential)),
            ("auth", "basic or none", None),
            ("session_id", "Session cookie of the keeper", Some(Secret::UserCredential)),
            ("session_id", "Which session of the fair", None),
            ("page_token", "from the previous answer", None),
            ("pass", "the parent's password", Some(Secret::UserCredential)),
            ("pass", "number of the mountain pass", None),
            ("pwd", "present working directory", None),
            ("pwd", "of the account", Some(Secret::UserCredential)),
            ("authorization", "number of the hold", None),
            ("authorization", "bearer token", Some(Secret::UserCredential)),
        ] {
            let schema = json!({"type": "string", "description": description});
            assert_eq!(secret(name, &schema), expected, "{name}: {description}");
        }
    }
}
