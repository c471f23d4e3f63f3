use memchr::memmem;

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    semantics::texts,
    surface::Surface,
};

use super::connection_string::holds_password;

pub(super) const RULE: Rule = Rule {
    id: "security/secret-in-metadata",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "revoke it now, since everybody who can list the tools has read it; then take it out and \
           let the server read it from its environment",
    documentation: concat!(
        r#"
A text of the surface holds what looks like a live credential.

## Why
Everything a server lists is sent to each client, shown to a model, and kept in its logs and caches.
A key that stands in a default, an example or a description has been published. It gets there when a
working call is copied into the documentation, or a default is read from the environment at start.

Known shapes are looked for: keys of AWS, GitHub, GitLab, Slack, Stripe, OpenAI, Anthropic, Google
and npm, JSON web tokens, bearer tokens, private keys, and addresses with user and password
(`postgres://user:…@host`). Obvious placeholders are left alone; a key that somebody seems to have typed
by hand (`…abcdef0123456789`) is a warning.

## Bad
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "key": {"type": "string", "default": ""#,
        // In two pieces, so that nobody's scanner takes this file for a leak.
        "glpat-",
        "q7Zr2LmX9vTb4KfWc3Hd",
        r#""}
}}}]}
```

## Good
```json
{"tools": [{"name": "list_orders", "inputSchema": {"type": "object", "properties": {
  "account": {"type": "string", "examples": ["glpat-xxxxxxxxxxxxxxxxxxxx"]}
}}}]}
```

## References
- OWASP MCP Top 10: MCP01, token mismanagement and secret exposure
"#
    ),
    check: Check::Surface(check),
};

/// How one kind of credential is recognised: it starts so, and so many characters follow at least.
struct Shape {
    prefix: &'static str,
    least: usize,
    name: &'static str,
}

const fn shape(prefix: &'static str, least: usize, name: &'static str) -> Shape {
    Shape { prefix, least, name }
}

const SHAPES: &[Shape] = &[
    shape("AKIA", 16, "an AWS access key"),
    shape("ASIA", 16, "an AWS session key"),
    shape("ghp_", 36, "a GitHub token"),
    shape("gho_", 36, "a GitHub token"),
    shape("ghs_", 36, "a GitHub token"),
    shape("ghu_", 36, "a GitHub token"),
    shape("github_pat_", 40, "a GitHub token"),
    shape("glpat-", 20, "a GitLab token"),
    shape("xoxb-", 24, "a Slack token"),
    shape("xoxp-", 24, "a Slack token"),
    shape("sk_live_", 24, "a Stripe key"),
    shape("rk_live_", 24, "a Stripe key"),
    shape("sk-ant-", 32, "an Anthropic key"),
    shape("sk-proj-", 32, "an OpenAI key"),
    shape("sk-live-", 16, "an API key"),
    shape("sk-", 20, "an API key"),
    shape("sk_test_", 24, "a Stripe key"),
    shape("AIza", 35, "a Google key"),
    shape("npm_", 36, "an npm token"),
    shape("eyJ", 60, "a JSON web token"),
    shape("Bearer ", 40, "a bearer token"),
    shape("-----BEGIN PRIVATE KEY-----", 0, "a private key"),
    shape("-----BEGIN RSA PRIVATE KEY-----", 0, "a private key"),
    shape("-----BEGIN EC PRIVATE KEY-----", 0, "a private key"),
    shape("-----BEGIN OPENSSH PRIVATE KEY-----", 0, "a private key"),
];

/// A private key is more than its first line, which descriptions may well quote.
const KEY_BODY: usize = 64;
/// `{"sub":"1234567890","name":"John D…` in lower case: the token that documentation shows.
const SAMPLE_PAYLOAD: &str = "eyjzdwiioiixmjm0nty3odkwiiwibmftzsi6ikpvag4g";
/// Text made by chance has more different characters than a placeholder has.
const DISTINCT: usize = 10;

fn check(surface: &Surface) -> Vec<Hit> {
    // Most surfaces hold none of the prefixes, and one search through the whole text tells.
    let document = surface.document.text().as_bytes();
    let shapes: Vec<&Shape> = SHAPES
        .iter()
        .filter(|shape| memmem::find(document, shape.prefix.as_bytes()).is_some())
        .collect();
    let has_addresses = memmem::find(document, b"://").is_some();
    if shapes.is_empty() && !has_addresses {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for text in texts(surface) {
        if let Some((shape, made_up)) = seen(&shapes, &text.content)
            && !(made_up && text.label(surface).starts_with("`examples`"))
        {
            let Shape { prefix, name, .. } = shape;
            let message = format!("{} holds {name} (`{prefix}…`)", text.label(surface));
            let hit = Hit::new(text.pointer(), message);
            hits.push(if made_up {
                hit.severity(Severity::Warning).confidence(Confidence::Low)
            } else {
                hit
            });
        } else if has_addresses && holds_password(&text.content) {
            let message = format!("{} holds an address with a password", text.label(surface));
            hits.push(Hit::new(text.pointer(), message));
        }
    }
    hits
}

/// The first shape that is in a text, and whether what is in it was typed by hand.
fn seen<'a>(shapes: &[&'a Shape], text: &str) -> Option<(&'a Shape, bool)> {
    shapes.iter().find_map(|shape| Some((*shape, shape.find_in(text)?)))
}

impl Shape {
    /// Whether the credential in a text was typed by hand; none where there is none.
    fn find_in(&self, text: &str) -> Option<bool> {
        text.match_indices(self.prefix).find_map(|(start, prefix)| {
            let is_start = !text[..start].ends_with(|before: char| before.is_ascii_alphanumeric());
            let rest = &text[start + prefix.len()..];
            match self.least {
                _ if !is_start || is_introduced_as_sample(&text[..start]) => None,
                0 => is_key_body(rest).then_some(false),
                _ => self.continued(rest).map(is_typed),
            }
        })
    }

    /// The rest of a credential at the start of a text.
    fn continued<'a>(&self, rest: &'a str) -> Option<&'a str> {
        let is_part = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || (matches!(byte, b'_' | b'-') && self.prefix != "sk-")
                || (byte == b'.' && self.prefix == "eyJ")
        };
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        let secret = &rest[..length];
        let is_whole = match self.prefix {
            "eyJ" => secret.matches('.').count() == 2,
            // "sk-" begins names as well, which have few digits.
            "sk-" | "Bearer " => secret.bytes().filter(u8::is_ascii_digit).count() >= 4,
            _ => true,
        };
        // AWS's own sample ends in EXAMPLE; others write the word where a key would be.
        let is_sample = secret.to_ascii_lowercase().contains("example") && self.prefix != "AKIA";
        (length >= self.least && is_whole && !is_sample && !is_placeholder(secret))
            .then_some(secret)
    }
}

fn is_key_body(rest: &str) -> bool {
    let body = rest.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    body.take_while(is_base64).count() >= KEY_BODY
}

fn is_placeholder(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    let mut distinct: Vec<u8> = lower.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < DISTINCT
        || lower.contains(SAMPLE_PAYLOAD)
        || ["xxxx", "your", "redacted", "placeholder"].iter().any(|sign| lower.contains(sign))
}

/// Whether the words before a credential say that it is there to be looked at.
fn is_introduced_as_sample(before: &str) -> bool {
    const REACH: usize = 24;
    let start = before.floor_char_boundary(before.len().saturating_sub(REACH));
    let before = before[start..].to_ascii_lowercase();
    ["e.g", "example", "for instance", "like", "sample", "starting", "such as"]
        .iter()
        .any(|sign| before.contains(sign))
}

/// Whether somebody ran a finger over the keys. It may be a stand-in, and it may be the key of a
/// test account, so it is a warning.
fn is_typed(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    ["0123456", "1234567", "abcdef", "qwerty", "example"].iter().any(|run| lower.contains(run))
}

#[cfg(test)]
mod tests {
    use super::SHAPES;

    fn is_secret(text: &str) -> bool {
        SHAPES.iter().any(|shape| shape.find_in(text).is_some())
    }

    #[test]
    fn placeholders_and_formats_are_no_secrets() {
        for text in [
            "the id of the key, e.g. AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "a token that starts with ghp_ or github_pat_",
            "PEM text from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----",
            "eyJhbGciOiJIUzI1NiJ9",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9l\
             IiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        ] {
            assert!(!is_secret(text), "{text}");
        }
    }

    #[test]
    fn a_key_that_was_typed_by_hand_is_told_apart() {
        let found = |text: &str| SHAPES.iter().find_map(|shape| shape.find_in(text));
        let typed = format!("{}{}", "ghp_", "abcdefghijklmnopqrstuvwxyz0123456789");
        assert_eq!(found(&typed), Some(true));
        let drawn = format!("{}{}", "ghp_", "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAiB0");
        assert_eq!(found(&drawn), Some(false));
        assert_eq!(found("AKIAIOSFODNN7EXAMPLE"), Some(true));
        assert_eq!(found("uses sk-learn-extra-models-for-text-classification"), None);
    }

    #[test]
    fn a_secret_is_seen_inside_other_text() {
        let token = format!(
            "curl -H 'Authorization: Bearer {}{}'",
            "ghp_", "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAiB0"
        );
        assert!(is_secret(&token));
        let drawn = "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAiB0q7Zr2LmX9vTb4K";
        assert!(is_secret(&["Bearer ", drawn].concat()));
        assert!(!is_secret("Bearer and carrier of all letters between the two towns"));
        let key = format!(
            "-----BEGIN {} KEY-----\n{}",
            "PRIVATE",
            "MIIEvQIBADANBgkqhkiG9w0BAQEF".repeat(3)
        );
        assert!(is_secret(&key));
    }
}
