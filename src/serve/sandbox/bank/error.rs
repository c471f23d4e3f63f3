//! Failures of the bank, and how they are sent: right, or with one of the bugs of guidance.

use rmcp::{
    ErrorData,
    model::{CallToolResponse, CallToolResult, ContentBlock, MetaObject},
};
use serde_json::{Value, json};

use super::{
    bug::{Bug, Bugs},
    data::EXAMPLE_ACCOUNT,
    surface::Tool,
};
use crate::serve::runtime::{
    guidance::{Code, Effect, Failure, Next},
    idempotency::ARGUMENT,
    store::StoreError,
    tool::outage,
};

/// A call that is refused.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
    /// By this call.
    New(Failure),
    /// By an earlier one with the same key; its envelope.
    Kept(Value),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::New(failure)
    }
}

impl From<StoreError> for Refusal {
    fn from(fault: StoreError) -> Self {
        Self::New(store_failure(&fault))
    }
}

/// A fault of the store, before anything was durable.
pub(super) fn store_failure(fault: &StoreError) -> Failure {
    outage(fault, "the books cannot be read at the moment")
}

/// There is no such account for this tenant.
pub(super) fn no_account(id: &str) -> Failure {
    let next =
        Next::call_tool(Tool::ListEntries.name(), json!({}), "find an account_id in the entries");
    Failure::not_found("/account_id", format!("there is no account `{id}`"), next)
        .mismatch("the id of an account of this bank", id)
}

/// The account is closed.
pub(super) fn account_closed(id: &str) -> Failure {
    let next = Next::call_tool(
        Tool::GetAccount.name(),
        json!({"account_id": id}),
        "see when it was closed, and ask the user which account to use instead",
    );
    Failure::new(Code::InvalidArgument, format!("the account `{id}` is closed"), next)
        .because("account_closed")
        .about("/account_id")
        .mismatch("an open account", format!("{id}, which is closed"))
}

/// There is no such export for this tenant.
pub(super) fn no_export(id: &str) -> Failure {
    let hint = "find the account_id, then call export_statement for a new export";
    let next = Next::call_tool(Tool::ListEntries.name(), json!({}), hint);
    Failure::not_found("/export_id", format!("there is no export `{id}`"), next)
        .mismatch("the id of an export of this bank", id)
}

/// The key stands for another request.
pub(super) fn conflict(key: &str) -> Failure {
    let next = Next::fix_arguments(
        "for a different change use a new key; for the answer to the first request repeat its \
         arguments with this key",
    );
    let message = "this idempotency key was used for a request with other arguments";
    Failure::new(Code::IdempotencyConflict, message, next)
        .about(format!("/{ARGUMENT}"))
        .mismatch("a new key, or the arguments of the first request", key)
}

/// Somebody is at the same request, for so long at most.
pub(super) fn in_flight(wait_ms: u64) -> Failure {
    let hint = format!("repeat the same call with the same key after {wait_ms} ms");
    let message = "a request with this idempotency key is being carried out";
    let mut failure = Failure::new(Code::IdempotencyInFlight, message, Next::retry_same_key(hint))
        .about(format!("/{ARGUMENT}"))
        .mismatch("a key whose request has ended", "one whose request is under way");
    failure.retryable = true;
    failure.retry_after_ms = Some(wait_ms);
    failure
}

/// The client does not want an answer any more. Nothing was done.
pub(super) fn cancelled() -> Failure {
    let next = Next::retry_same_key("call again with the same key if it is wanted after all");
    let message = "the request was cancelled by its client";
    let mut failure = Failure::new(Code::DeadlineExceeded, message, next).because("cancelled");
    failure.retryable = true;
    failure
}

/// The failure that a commit is which the store has not confirmed.
pub(super) fn commit_in_doubt(fault: &StoreError) -> Failure {
    if !fault.is_transient() {
        return store_failure(fault);
    }
    let hint = "repeat the same call with the same key: it answers what was done, or does it now";
    let message = "it is not known whether the change was made";
    let mut failure = Failure::new(Code::OutcomeUnknown, message, Next::retry_same_key(hint));
    failure.retryable = true;
    failure.effect = Effect::Unknown;
    failure
}

/// A refusal as it is sent.
pub(super) fn answer(
    bugs: &Bugs,
    refusal: Refusal,
    correlation_id: &str,
) -> Result<CallToolResponse, ErrorData> {
    let (mut envelope, is_replayed) = match refusal {
        Refusal::New(mut failure) => {
            correlation_id.clone_into(&mut failure.correlation_id);
            (failure.envelope(), false)
        }
        Refusal::Kept(envelope) => (envelope, true),
    };
    spoil(bugs, &mut envelope["error"]);
    let is_about_input = envelope["error"]["code"] == Code::InvalidArgument.name()
        || envelope["error"]["code"] == Code::IdempotencyKeyRequired.name();
    if bugs.has(Bug::ProtocolErrorForInput) && is_about_input {
        let message = envelope["error"]["message"].as_str().unwrap_or_default().to_owned();
        return Err(ErrorData::invalid_params(message, Some(envelope)));
    }
    let mut result = CallToolResult::structured_error(envelope);
    if bugs.has(Bug::EmptyError) {
        result = CallToolResult::error(vec![ContentBlock::text("")]);
    }
    if bugs.has(Bug::ErrorAsSuccess) {
        result.is_error = Some(false);
    }
    result.meta = is_replayed.then(replayed);
    Ok(result.into())
}

/// What marks an answer that was given before.
pub(super) fn replayed() -> MetaObject {
    let mut meta = MetaObject::new();
    meta.insert("dev.mcp-kit/replayed".to_owned(), Value::Bool(true));
    meta
}

/// Makes an error worse.
fn spoil(bugs: &Bugs, error: &mut Value) {
    if bugs.has(Bug::ErrorNotSpecific) {
        *error = Failure::internal().envelope()["error"].take();
        error["message"] = "something went wrong".into();
    }
    let says = |error: &mut Value, more: &str| {
        let message = error["message"].as_str().unwrap_or_default();
        error["message"] = format!("{message}{more}").into();
    };
    if bugs.has(Bug::StackTrace) {
        says(error, TRACE);
    }
    if bugs.has(Bug::SecretLeak) {
        // In two parts, so that no scanner takes this file for a leak.
        says(
            error,
            &format!(" (Authorization: Bearer {}_{})", "sk_live", "4eC39HqLyjWDarjtT1zdp7dc"),
        );
    }
    if bugs.has(Bug::ErrorTooLong) {
        says(error, &"; see the terms and conditions of the bank".repeat(60));
    }
    if bugs.has(Bug::NoErrorCode)
        && let Some(members) = error.as_object_mut()
    {
        members.remove("code");
    }
    if bugs.has(Bug::WrongPointer)
        && let Some(pointer) = error["argument"].as_str()
    {
        error["argument"] = format!("/body{pointer}").into();
    }
    if bugs.has(Bug::NoExpectedGot) {
        error["expected"] = Value::Null;
        error["got"] = Value::Null;
    }
    if bugs.has(Bug::RetryableUntrue) {
        error["retryable"] = (error["retryable"] != true).into();
    }
    if bugs.has(Bug::NoRetryAfter) && error["code"] == Code::RateLimited.name() {
        error["retry_after_ms"] = Value::Null;
    }
    let next = &mut error["next"];
    if bugs.has(Bug::NextUnknownTool) {
        *next = json!({
            "action": "call_tool", "tool": "list_customers", "arguments": {},
            "hint": "find the customer with list_customers",
        });
    }
    if bugs.has(Bug::NextBadArguments) {
        *next = json!({
            "action": "call_tool", "tool": Tool::GetAccount.name(),
            "arguments": {"account": EXAMPLE_ACCOUNT}, "hint": "look at the account with get_account",
        });
    }
    if bugs.has(Bug::EffectUntrue) {
        error["effect"] = if error["effect"] == "none" { "applied" } else { "none" }.into();
    }
}

/// As a program leaves it that has panicked.
const TRACE: &str = "
thread 'bank-worker' panicked at src/ledger.rs:118:41:
called `Option::unwrap()` on a `None` value
stack backtrace:
   0: rust_begin_unwind
             at /rustc/library/std/src/panicking.rs:697:5
   1: core::panicking::panic_fmt
             at /rustc/library/core/src/panicking.rs:75:14
   2: bank::ledger::post
             at ./src/ledger.rs:118:41";
