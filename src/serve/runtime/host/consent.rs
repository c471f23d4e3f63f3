//! Asking the user who has called a tool, where their client can ask.
//!
//! From 2026-07-28 on a question is the answer to the call, and the client calls again with the
//! user's answer and a state that it cannot read. Before, it is a request of the server while the call
//! is open. In both eras the answer goes into the store as a decision about the proposal, so that any
//! process can go on.

use std::time::Duration;

use rmcp::{
    RoleServer,
    model::{
        CancelledNotificationParam, ClientResult, ElicitRequest, ElicitRequestParams, ElicitResult,
        ElicitationAction, ElicitationSchema, InputRequest, InputRequests, InputRequiredResult,
        InputResponses, ServerRequest,
    },
    service::{PeerRequestOptions, RequestContext, ServiceError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::warn;

use super::super::{guidance::Question, identity::Identity, tool::Seal};

/// How long a question is good, in milliseconds.
const LIFETIME_MS: i64 = 10 * 60 * 1_000;
/// The name of the question among those of an answer.
const QUESTION: &str = "confirmation";
/// The field of the form.
const FIELD: &str = "confirm";

/// What was asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) proposal: String,
    pub(super) digest: String,
    until: i64,
}

/// What a state is bound to: who calls which tool with what.
pub(super) fn bound(identity: &Identity, tool: &str, arguments: &Value) -> [String; 4] {
    let arguments = serde_json_canonicalizer::to_string(arguments).unwrap_or_default();
    ["question".to_owned(), identity.principal(), tool.to_owned(), arguments]
}

/// Whether the client of a request can ask its user to fill in a form.
pub(super) fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let capability = context.client_capabilities().and_then(|all| all.elicitation);
    // A client that names no mode has the first one that there was.
    capability.is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
}

fn form(question: &Question) -> Option<ElicitRequestParams> {
    let schema = ElicitationSchema::builder()
        .required_bool(FIELD)
        .build()
        .inspect_err(|fault| warn!(fault, "a form cannot be made"))
        .ok()?;
    Some(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question.text.clone(),
        requested_schema: schema,
    })
}

/// The question as the answer to a call.
pub(super) fn question(
    seal: &Seal,
    bound: &[String],
    question: &Question,
    now: i64,
) -> Option<InputRequiredResult> {
    let asked = Asked {
        proposal: question.proposal.clone(),
        digest: question.digest.clone(),
        until: now.saturating_add(LIFETIME_MS),
    };
    let mut requests = InputRequests::new();
    let request = ElicitRequest::new(form(question)?);
    requests.insert(QUESTION.to_owned(), InputRequest::Elicitation(request));
    Some(InputRequiredResult::new(Some(requests), Some(seal.close(bound, &asked))))
}

/// What was asked in the call before, if it was this one and not too long ago.
pub(super) fn asked(seal: &Seal, bound: &[String], state: &str, now: i64) -> Option<Asked> {
    seal.open::<Asked>(bound, state).filter(|asked| now < asked.until)
}

/// What the user has said, among the answers of a call; none where they have said nothing.
pub(super) fn said(answers: Option<&InputResponses>) -> Option<bool> {
    let answer = answers?.get(QUESTION)?;
    decided(&serde_json::from_value(answer.clone()).ok()?)
}

/// Asks while the call is open; none where the user says nothing, or the call is cancelled. What the
/// user says to a question of a call that was cancelled is no answer any more.
pub(super) async fn elicit(
    context: &RequestContext<RoleServer>,
    question: &Question,
    limit: Duration,
) -> Option<bool> {
    let answer = ask(context, ElicitRequest::new(form(question)?), limit).await;
    let answer = answer.inspect_err(|fault| warn!(%fault, "the user is not asked")).ok()?;
    decided(&answer?).filter(|_| !context.ct.is_cancelled())
}

/// The answer to a form; none where the call was cancelled in the meantime, and then the question is
/// withdrawn as well.
async fn ask(
    context: &RequestContext<RoleServer>,
    form: ElicitRequest,
    limit: Duration,
) -> Result<Option<ElicitResult>, ServiceError> {
    let options = PeerRequestOptions::with_timeout(limit);
    let request = ServerRequest::ElicitRequest(form);
    let asked = context.peer.send_cancellable_request(request, options).await?;
    let id = asked.id.clone();
    tokio::select! {
        answer = asked.await_response() => match answer? {
            ClientResult::ElicitResult(answer) => Ok(Some(answer)),
            _ => Err(ServiceError::UnexpectedResponse),
        },
        () = context.ct.cancelled() => {
            let reason = "the call that has asked was cancelled".to_owned();
            let withdrawn = CancelledNotificationParam::new(Some(id), Some(reason));
            context.peer.notify_cancelled(withdrawn).await?;
            Ok(None)
        }
    }
}

fn decided(answer: &ElicitResult) -> Option<bool> {
    match &answer.action {
        // Anything but yes or no is a form that was not filled in.
        ElicitationAction::Accept => answer.content.as_ref()?.get(FIELD)?.as_bool(),
        ElicitationAction::Decline => Some(false),
        _ => None,
    }
}
