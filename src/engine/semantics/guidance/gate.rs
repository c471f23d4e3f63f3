//! What makes an error worthless or worse, whatever else it says.

use super::Told;

/// The longest text that a model should be given for an error, in characters.
pub const LONGEST: usize = 2_000;

/// What takes all points away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It says nothing.
    Empty,
    /// It says too much: so many characters.
    TooLong(usize),
    /// It shows the inside of the server: what of it, in words.
    Leak(String),
}

pub(super) fn closed(told: &Told) -> Option<Gate> {
    let structure = told.structure.as_ref().map(ToString::to_string).unwrap_or_default();
    let length = told.text.chars().count();
    if told.text.trim().is_empty() && structure.is_empty() {
        return Some(Gate::Empty);
    }
    let leak = leak(&told.text).or_else(|| leak(&structure));
    match leak {
        Some(leak) => Some(Gate::Leak(leak.to_owned())),
        None => (length > LONGEST).then_some(Gate::TooLong(length)),
    }
}

/// What of the inside of a server a text shows.
fn leak(text: &str) -> Option<&'static str> {
    const TRACES: [&str; 8] = [
        "Traceback (most recent call last)",
        "stack backtrace:",
        "\n    at ",
        "\\n    at ",
        "goroutine 1 [",
        "panicked at ",
        "Exception in thread",
        "   File \"/",
    ];
    if TRACES.iter().any(|trace| text.contains(trace)) {
        return Some("a stack trace");
    }
    // As programs write it: in lower case it is English too often.
    let is_statement = |verb: &str, other: &str| {
        text.find(verb).is_some_and(|start| text[start..].contains(other))
    };
    if is_statement("SELECT ", " FROM ")
        || is_statement("INSERT INTO ", " VALUES")
        || is_statement("UPDATE ", " SET ")
        || is_statement("DELETE FROM ", " WHERE ")
    {
        return Some("a statement of SQL");
    }
    const SECRETS: [&str; 9] = [
        "sk-live", "sk_live", "ghp_", "github_pat_", "xoxb-", "AKIA", "-----BEGIN ", "AIza",
        "glpat-",
    ];
    let has_bearer = text.split("Bearer ").skip(1).any(|rest| {
        rest.split(|it: char| it.is_whitespace() || it == '"')
            .next()
            .is_some_and(|it| it.len() >= 16)
    });
    let has_password = text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '"', '?']).next().unwrap_or_default();
        authority.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    if SECRETS.iter().any(|secret| text.contains(secret)) || has_bearer || has_password {
        return Some("a secret");
    }
    None
}
