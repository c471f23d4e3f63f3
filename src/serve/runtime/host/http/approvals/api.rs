//! What programs ask, `mcp-kit approve` above all: JSON, with a bearer token.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Extension, Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tracing::{error, info};

use super::{
    super::super::super::{
        approval::Method,
        guidance::{Code, Failure, Next},
        identity::{Challenge, Identity, Refusal, bearer},
    },
    super::{
        super::{approvals::Said, trace::Trace},
        guard::{Guard, challenge},
    },
    Entered, desk, is_from_here,
};

/// What the answers are.
pub const FORMAT: &str = "mcp-kit.approvals/1";

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer<T> {
    /// [`FORMAT`].
    pub format: String,
    /// What was asked for.
    #[serde(flatten)]
    pub content: T,
}

/// A decision, as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The digest of what was seen.
    pub digest: String,
    /// Whether the change may be made.
    pub approve: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The proposals.
pub(super) async fn list(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    parts: Parts,
) -> Response {
    let who = match identity(&guard, &parts, &entered.trace).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    answer(desk(&guard).0.list(&who, &entered.trace).await)
}

/// One proposal.
pub(super) async fn show(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let who = match identity(&guard, &parts, &entered.trace).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    answer(desk(&guard).0.show(&who, &id, &entered.trace).await)
}

/// A decision about one.
pub(super) async fn decide(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let who = match identity(&guard, &parts, &entered.trace).await {
        Ok(who) => who,
        Err(response) => return response,
    };
    let decided: Decided = match serde_json::from_slice(&entered.body) {
        Ok(decided) => decided,
        Err(fault) => {
            let hint = "send {\"digest\", \"approve\", \"reason\"}: the digest of what was seen, true \
                        or false, and why";
            let message = format!("this is no decision: {fault}");
            let failure = Failure::invalid_argument("", message, hint);
            let refused = desk(&guard).0.refuse(&who, &id, failure, &entered.trace).await;
            return answer::<()>(Err(refused));
        }
    };
    let Decided { digest, approve, reason } = decided;
    let said = Said { digest, is_approved: approve, reason, method: Method::Command };
    answer(desk(&guard).0.decide(&who, &id, said, &entered.trace).await)
}

/// Who asks, by a token that is good for this.
async fn identity(guard: &Guard, parts: &Parts, trace: &Trace) -> Result<Arc<Identity>, Response> {
    let (approvals, tokens) = desk(guard);
    let is_of_browser =
        ["origin", "sec-fetch-site"].iter().any(|it| parts.headers.contains_key(*it));
    if is_of_browser && !is_from_here(parts, tokens.is_secure()) {
        guard.metrics().refused("origin");
        let message = "the request was sent by a page of somebody else (Origin)";
        let next = Next::stop("programs that are no pages ask here");
        return Err(refused(Failure::new(Code::NotPermitted, message, next), trace));
    }
    let values = parts.headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let checked = match bearer(values) {
        Ok(token) => tokens.verifier.verify(token).await,
        Err(refusal) => Err(refusal),
    };
    let (metadata, scopes) = (&tokens.metadata, approvals.scopes());
    match checked {
        Ok(who) if who.has_scopes(scopes.iter().copied()) => Ok(who),
        Ok(_) => {
            guard.metrics().refused("insufficient_scope");
            Err(challenge(metadata, Challenge::InsufficientScope, scopes))
        }
        Err(Refusal::NoKeys(fault)) => {
            error!(%fault, "tokens cannot be checked");
            guard.metrics().refused("no_keys");
            Err(refused(
                Failure::unavailable("tokens cannot be checked at the moment", RETRY_MS),
                trace,
            ))
        }
        Err(refusal) => {
            guard.metrics().refused(refusal.name());
            info!(%refusal, "a request for the approvals is not authenticated");
            Err(challenge(metadata, Challenge::from(&refusal), scopes))
        }
    }
}

fn answer<T: Serialize>(outcome: Result<T, Failure>) -> Response {
    match outcome {
        Ok(content) => Json(Answer { format: FORMAT.to_owned(), content }).into_response(),
        Err(failure) => (status(&failure), Json(failure.envelope())).into_response(),
    }
}

/// The status that says the same as a failure.
pub(super) fn status(failure: &Failure) -> StatusCode {
    match failure.code {
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        Code::NotPermitted => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::DeadlineExceeded => StatusCode::REQUEST_TIMEOUT,
        Code::QuotaExceeded => StatusCode::PAYLOAD_TOO_LARGE,
        Code::VersionConflict | Code::ApprovalRejected => StatusCode::CONFLICT,
        Code::UpstreamUnavailable | Code::OutcomeUnknown => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// How long to wait, in milliseconds, before asking again what cannot be answered now.
pub(super) const RETRY_MS: u64 = 2_000;

/// The answer to what is not even looked at.
pub(super) fn refused(mut failure: Failure, trace: &Trace) -> Response {
    trace.correlation_id.clone_into(&mut failure.correlation_id);
    (status(&failure), Json(failure.envelope())).into_response()
}
