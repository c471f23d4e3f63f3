//! What a write is known by: the request of the runtime's ledger, or one with a bug in it.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Shared,
    bug::{Bug, Bugs},
    surface::Tool,
};
use crate::serve::runtime::{
    encoding::hexadecimal,
    guidance::Failure,
    idempotency::{ARGUMENT, Request},
    identity::Identity,
};

/// The longest key that an error repeats.
const SHOWN: usize = 80;

/// The request that a call is, by arguments in which defaults are filled in; `sent` are those without
/// them. None where the call is not known by anything.
///
/// # Errors
///
/// Without a key, or with one that is none.
pub(super) fn of(
    bank: &Shared,
    identity: &Identity,
    tool: Tool,
    (sent, filled): (&Value, &Value),
) -> Result<Option<Request>, Failure> {
    let bugs = &bank.bugs;
    if !tool.takes_key(bugs) {
        return Ok(None);
    }
    let request = match Request::of(identity, tool.name(), filled) {
        Err(_) if bugs.has(Bug::KeyIgnoredWhenEmpty) => return Ok(None),
        Err(failure) => return Err(explained(failure, sent)),
        Ok(request) => request,
    };
    let is_forgotten = bugs.has(Bug::DuplicateEffect)
        || (bugs.has(Bug::TaskDuplicate) && tool == Tool::ExportStatement);
    Ok((!is_forgotten).then(|| spoilt(bugs, request, sent)))
}

fn spoilt(bugs: &Bugs, mut request: Request, sent: &Value) -> Request {
    if bugs.has(Bug::FingerprintTooStrict) {
        let mut others = sent.as_object().cloned().unwrap_or_default();
        others.remove(ARGUMENT);
        // As it was sent: in its order, and without what is left out.
        let text = Value::Object(others).to_string();
        request.fingerprint = hexadecimal(&Sha256::digest(text));
    }
    if bugs.has(Bug::KeyReuseActs) {
        request.key = format!("{} {}", request.key, request.fingerprint);
    }
    if bugs.has(Bug::KeyLeaksAcrossTenants) {
        request.tenant = "all".to_owned();
        request.actor = "everybody".to_owned();
    }
    if bugs.has(Bug::KeyLeaksAcrossTools) {
        request.tool = "any";
    }
    request
}

/// The key of the payment that a request is, by when the ledger has first seen it: the same in each
/// attempt, and another one where the request was forgotten in between.
pub(super) fn payment_key(request: &Request, since: i64) -> String {
    let Request { tenant, actor, tool, key, .. } = request;
    let known = serde_json::json!([tenant, actor, tool, key, since]).to_string();
    format!("pay-{}", &hexadecimal(&Sha256::digest(known))[..32])
}

/// The failure that a key is, with what was expected and what came.
fn explained(failure: Failure, sent: &Value) -> Failure {
    let got = match &sent[ARGUMENT] {
        Value::Null => "nothing".to_owned(),
        Value::String(key) if key.is_empty() => "an empty text".to_owned(),
        Value::String(key) if key.len() <= SHOWN => key.clone(),
        Value::String(key) => format!("{} characters", key.chars().count()),
        other => other.to_string().chars().take(SHOWN).collect(),
    };
    let expected = "a key of 16 to 64 letters, digits, `-` and `_`";
    failure.mismatch(expected, got)
}
