//! Which names are names of secrets.

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Nothing.
    Plain,
    /// It is a secret; `digits` where a number may be one as well, as with a PIN.
    Secret { digits: bool },
    /// It marks a place in a list, or something else that has to come back as it was.
    Cursor,
}

/// Words that make a name one of a secret, wherever they stand in it.
const ANYWHERE: &[&str] = &[
    "accesskey", "accesstoken", "apikey", "apikeys", "authorization", "authtoken", "bearer",
    "clientsecret", "cookie", "cookies", "credential", "credentials", "idtoken", "jwt", "mnemonic",
    "passcode", "passphrase", "passwd", "password", "passwords", "privatekey", "pwd",
    "refreshtoken", "secret", "secretkey", "secrets", "sessiontoken",
];

/// Of these a number is a secret too.
const DIGITS: &[&str] =
    &["cvc", "cvv", "otp", "passcode", "passwd", "password", "pin", "secret", "totp"];

/// What stands before `key` where it opens something.
pub(super) const BEFORE_KEY: &[&str] = &[
    "access", "account", "api", "auth", "deploy", "encryption", "hmac", "license", "master",
    "private", "secret", "service", "shared", "signing", "ssh", "storage", "subscription",
];

/// What stands before `token` where it marks a place.
const BEFORE_CURSOR: &[&str] = &[
    "continuation", "continue", "delta", "marker", "next", "page", "pagination", "prev",
    "previous", "progress", "resume", "start", "sync",
];

/// What stands before `tokens` where they are not words of a model.
const BEFORE_TOKENS: &[&str] = &["access", "api", "auth", "bearer", "refresh", "session"];

/// Last words of names that say something about a secret and do not hold it.
const ABOUT: &[&str] = &[
    "algorithm", "at", "count", "created", "description", "enabled", "endpoint", "env", "exists",
    "expires", "expiry", "field", "file", "format", "header", "id", "ids", "in", "label", "length",
    "limit", "location", "manager", "max", "min", "mode", "name", "names", "path", "placeholder",
    "policy", "prefix", "present", "provider", "ref", "required", "rotation", "scheme", "scope",
    "scopes", "set", "source", "status", "store", "strength", "supported", "title", "ttl", "type",
    "types", "uri", "url", "usage", "var", "variable", "version",
];

/// Last words that say nothing.
const EMPTY: &[&str] =
    &["base64", "current", "new", "old", "plain", "plaintext", "raw", "string", "text", "value"];

/// Bytes that every name of a secret or a cursor has.
const STEMS: &[&[u8]] = &[
    b"pass", b"pwd", b"secret", b"token", b"key", b"credential", b"authorization", b"bearer",
    b"jwt", b"otp", b"cvv", b"cvc", b"cookie", b"mnemonic", b"pin", b"cursor",
];

/// What a name says about its value, in whatever case it is written.
pub(super) fn naming(name: &str) -> Naming {
    const LONGEST: usize = 128;
    if name.len() < 3 || name.len() > LONGEST || !has_stem(name.as_bytes()) {
        return Naming::Plain;
    }
    let words = words(name);
    // `password2` is a second password.
    let unnumbered = |word: &'_ String| word.trim_end_matches(|it: char| it.is_ascii_digit()).len();
    let mut words: Vec<&str> = words
        .iter()
        .map(|word| &word[..unnumbered(word)])
        .filter(|word| !word.is_empty())
        .collect();
    while words.len() > 1 && words.last().is_some_and(|word| EMPTY.contains(word)) {
        words.pop();
    }
    let Some((last, before)) = words.split_last() else { return Naming::Plain };
    let previous = before.last().copied().unwrap_or_default();
    if words.contains(&"cursor") || (*last == "token" && BEFORE_CURSOR.contains(&previous)) {
        return Naming::Cursor;
    }
    if words.contains(&"idempotency") || (ABOUT.contains(last) && !before.is_empty()) {
        return Naming::Plain;
    }
    let digits = words.iter().any(|word| DIGITS.contains(word));
    let is_secret = words.iter().any(|word| ANYWHERE.contains(word))
        || match *last {
            "token" => true,
            "tokens" => BEFORE_TOKENS.contains(&previous),
            "key" | "keys" => BEFORE_KEY.contains(&previous),
            "pass" => !before.is_empty(),
            "pin" => before.is_empty() || matches!(previous, "card" | "user" | "security"),
            "otp" | "totp" | "cvv" | "cvc" => true,
            _ => false,
        };
    if is_secret { Naming::Secret { digits } } else { Naming::Plain }
}

fn has_stem(name: &[u8]) -> bool {
    // Names are short, and the first letters tell most of them apart.
    (0..name.len()).any(|at| {
        let rest = &name[at..];
        STEMS
            .iter()
            .any(|stem| rest.len() >= stem.len() && rest[..stem.len()].eq_ignore_ascii_case(stem))
    })
}

/// The words of a name in lower case: `X-APIKeyValue` has `x`, `api`, `key` and `value`.
fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| characters[index]);
        let after = characters.get(index + 1);
        let is_start = character.is_uppercase()
            && (before.is_some_and(|it| it.is_lowercase() || it.is_ascii_digit())
                || (before.is_some_and(char::is_uppercase)
                    && after.is_some_and(|it| it.is_lowercase())));
        if (is_start || !character.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Naming, naming};

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for name in [
            "password", "Password", "db_password", "DB_PASSWORD", "newPassword", "password2",
            "pwd", "smtp_pass", "api_key", "apiKey", "APIKey", "x-api-key", "apikey",
            "OPENAI_API_KEY", "api_key_value", "privateKey", "aws_secret_access_key", "AccountKey",
            "token", "github_token", "authToken", "csrfToken", "access_tokens", "client_secret",
            "credentials", "Authorization", "set-cookie", "pin", "otp", "cvv", "password_hash",
            "service token",
        ] {
            assert!(matches!(naming(name), Naming::Secret { .. }), "{name}");
        }
        for name in [
            "tokens", "max_tokens", "token_count", "total_tokens", "tokenizer", "token_type",
            "key", "keys", "public_key", "primary_key", "idempotency_key", "cache_key", "sort_key",
            "password_policy", "secret_name", "secretId", "token_url", "token_endpoint", "pinned",
            "monkey", "keyboard", "author", "authorize", "spinning", "pass", "compass", "passed",
            "has_password_set", "description", "id", "apiKeyName", "token_expires_at",
        ] {
            assert_eq!(naming(name), Naming::Plain, "{name}");
        }
        for name in [
            "cursor", "nextCursor", "next_page_token", "nextPageToken", "progressToken",
            "sync_token",
        ] {
            assert_eq!(naming(name), Naming::Cursor, "{name}");
        }
        assert_eq!(naming("pin"), Naming::Secret { digits: true });
        assert_eq!(naming("token"), Naming::Secret { digits: false });
    }
}
