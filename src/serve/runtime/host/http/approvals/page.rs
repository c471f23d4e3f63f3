//! The pages and forms for a person with a browser.

use std::sync::Arc;

use axum::{
    extract::{Extension, Path, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use tracing::{error, info};

use super::{
    super::super::super::{
        approval::{
            Method,
            visit::{self, Door, LIFETIME_MS, Secret},
        },
        guidance::{Code, Failure},
        identity::{Challenge, Identity, Refusal, bearer},
        store::StoreError,
    },
    super::{super::approvals::Said, Tokens, guard::Guard},
    Entered, PATH, api, desk,
    form::Form,
    is_from_here,
    view::{self, Frame},
};

/// The name of the cookie.
const COOKIE: &str = "approvals";

/// Somebody who has come in.
struct Visitor {
    who: Arc<Identity>,
    secret: Secret,
}

/// The list, or the form to come in.
pub(super) async fn list(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    parts: Parts,
) -> Response {
    let visitor = match visitor(&guard, &parts).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => return view::sign_in(StatusCode::OK, frame(&guard, None), "", None),
        Err(response) => return response,
    };
    let frame = frame(&guard, Some(&visitor));
    match desk(&guard).0.list(&visitor.who, &entered.trace).await {
        Ok(listing) => view::list(frame, &listing),
        Err(failure) => failed(frame, &failure),
    }
}

/// One proposal, or the form to come in and see it.
pub(super) async fn show(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let visitor = match visitor(&guard, &parts).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => {
            let id = if is_id(&id) { &id } else { "" };
            return view::sign_in(StatusCode::OK, frame(&guard, None), id, None);
        }
        Err(response) => return response,
    };
    let frame = frame(&guard, Some(&visitor));
    match desk(&guard).0.show(&visitor.who, &id, &entered.trace).await {
        Ok(shown) => view::show(StatusCode::OK, frame, &shown, None),
        Err(failure) => failed(frame, &failure),
    }
}

/// What somebody has decided.
pub(super) async fn decide(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let form = match sent(&guard, &parts, &entered) {
        Ok(form) => form,
        Err(response) => return response,
    };
    let visitor = match visitor(&guard, &parts).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => {
            let words = "You were signed out before you decided. Nothing was decided; sign in and \
                         decide again.";
            let (frame, id) = (frame(&guard, None), if is_id(&id) { &id } else { "" });
            return view::sign_in(StatusCode::FORBIDDEN, frame, id, Some(words));
        }
        Err(response) => return response,
    };
    if let Err(response) = checked(&guard, &visitor, &form) {
        return response;
    }
    let is_approved = match form.get("decision") {
        "approve" => true,
        "reject" => false,
        _ => {
            let message = "the form says no decision";
            let failure = Failure::invalid_argument("/decision", message, "approve or reject");
            let failure = desk(&guard).0.refuse(&visitor.who, &id, failure, &entered.trace).await;
            return failed(frame(&guard, Some(&visitor)), &failure);
        }
    };
    let reason = Some(form.get("reason").replace("\r\n", "\n"));
    let digest = form.get("digest").to_owned();
    let said = Said { digest, is_approved, reason: reason.clone(), method: Method::Page };
    let (approvals, _) = desk(&guard);
    let failure = match approvals.decide(&visitor.who, &id, said, &entered.trace).await {
        Ok(shown) => return see_other(&format!("{PATH}/changes/{}#status", shown.id)),
        Err(failure) => failure,
    };
    let frame = frame(&guard, Some(&visitor));
    // How it is now, with what was wrong.
    let is_shown = matches!(
        failure.code,
        Code::InvalidArgument | Code::VersionConflict | Code::ApprovalRejected
    ) || failure.reason == Some("own_proposal");
    if is_shown && let Ok(shown) = approvals.show(&visitor.who, &id, &entered.trace).await {
        let said = (failure.message.as_str(), reason.as_deref().unwrap_or_default());
        return view::show(api::status(&failure), frame, &shown, Some(said));
    }
    failed(frame, &failure)
}

/// Somebody shows their token.
pub(super) async fn sign_in(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    parts: Parts,
) -> Response {
    let form = match sent(&guard, &parts, &entered) {
        Ok(form) => form,
        Err(response) => return response,
    };
    let (approvals, tokens) = desk(&guard);
    // Nothing else of a form comes back: somebody has put their token into the wrong field.
    let to = Some(form.get("change")).filter(|to| is_id(to)).unwrap_or_default();
    let again = |status, words: &str| view::sign_in(status, frame(&guard, None), to, Some(words));
    let value = format!("Bearer {}", form.get("token").trim());
    let checked = match bearer([value.as_bytes()]) {
        Ok(token) => tokens.verifier.verify_until(token).await,
        Err(refusal) => Err(refusal),
    };
    let (who, ends) = match checked {
        Ok(checked) => checked,
        Err(Refusal::NoKeys(fault)) => {
            error!(%fault, "tokens cannot be checked");
            guard.metrics().refused("no_keys");
            let words = "Tokens cannot be checked at the moment. Try again later.";
            return again(StatusCode::SERVICE_UNAVAILABLE, words);
        }
        Err(refusal) => {
            guard.metrics().refused(refusal.name());
            info!(%refusal, "somebody does not come in to the approvals page");
            let words = "This token is not taken. It has to be an access token of your own for this \
                         server, and may have expired.";
            let mut response = again(StatusCode::UNAUTHORIZED, words);
            // A 401 says what would do (RFC 9110, section 15.5.2); browsers take no notice of this one.
            let challenge = tokens.metadata.challenge(Challenge::InvalidToken, approvals.scopes());
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            return response;
        }
    };
    if let Some(scope) = approvals.scopes().iter().find(|scope| !who.scopes.contains(**scope)) {
        guard.metrics().refused("insufficient_scope");
        let words = format!("This token lacks the scope {scope}. Get one that was granted for it.");
        return again(StatusCode::FORBIDDEN, &words);
    }
    let config = guard.config();
    let now = config.clock.now();
    let secret = match visit::begin(&*config.store, door(tokens), &who, (now, ends)).await {
        Ok(secret) => secret,
        Err(fault) => return store_fault(&guard, &fault),
    };
    info!(tenant = who.tenant, user = who.subject, "somebody comes in to the approvals page");
    let to = match to.is_empty() {
        false => format!("{PATH}/changes/{to}"),
        true => PATH.to_owned(),
    };
    let seconds = ends.saturating_sub(now).min(LIFETIME_MS) / 1_000;
    with_cookie(see_other(&to), &cookie(secret.text(), seconds, tokens))
}

/// Somebody goes.
pub(super) async fn sign_out(
    State(guard): State<Arc<Guard>>,
    Extension(entered): Extension<Entered>,
    parts: Parts,
) -> Response {
    let form = match sent(&guard, &parts, &entered) {
        Ok(form) => form,
        Err(response) => return response,
    };
    let tokens = desk(&guard).1;
    match visitor(&guard, &parts).await {
        Ok(Some(visitor)) => {
            if let Err(response) = checked(&guard, &visitor, &form) {
                return response;
            }
            let ended = visit::end(&*guard.config().store, door(tokens), &visitor.secret).await;
            if let Err(fault) = ended {
                return store_fault(&guard, &fault);
            }
        }
        Ok(None) => {}
        Err(response) => return response,
    }
    with_cookie(see_other(PATH), &cookie("", 0, tokens))
}

fn door(tokens: &Tokens) -> Door<'_> {
    Door { issuer: tokens.verifier.issuer(), resource: tokens.metadata.resource() }
}

fn frame<'a>(guard: &'a Guard, visitor: Option<&'a Visitor>) -> Frame<'a> {
    let visitor = visitor.map(|visitor| (&*visitor.who, visitor.secret.form_token()));
    Frame { server: desk(guard).0.title(), visitor }
}

/// Who goes on with a visit, by the cookie.
async fn visitor(guard: &Guard, parts: &Parts) -> Result<Option<Visitor>, Response> {
    let headers = parts.headers.get_all(header::COOKIE).iter();
    let pairs = headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut ours = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|it| it.0 == COOKIE);
    let presented = ours.next().and_then(|(_, value)| Secret::presented(value));
    // Two of them are not from us: one was set by another server of this machine.
    let Some(secret) = presented.filter(|_| ours.next().is_none()) else { return Ok(None) };
    let config = guard.config();
    let (_, tokens) = desk(guard);
    let found = visit::find(&*config.store, door(tokens), &secret, config.clock.now()).await;
    let found = found.map_err(|fault| store_fault(guard, &fault))?;
    Ok(found.map(|who| Visitor { who: Arc::new(who), secret }))
}

/// The form that a page of ours has sent.
fn sent(guard: &Guard, parts: &Parts, entered: &Entered) -> Result<Form, Response> {
    if !is_from_here(parts, desk(guard).1.is_secure()) {
        guard.metrics().refused("origin");
        let words = "This form was not sent from a page of this server, or your browser does not say \
                     so. Nothing was done.";
        return Err(problem(guard, StatusCode::FORBIDDEN, words));
    }
    Form::read(&parts.headers, &entered.body)
        .ok_or_else(|| problem(guard, StatusCode::BAD_REQUEST, "This is no form of this page."))
}

/// Refuses a form that is not of this visit.
fn checked(guard: &Guard, visitor: &Visitor, form: &Form) -> Result<(), Response> {
    if visitor.secret.is_form_token(form.get("form")) {
        return Ok(());
    }
    guard.metrics().refused("form_token");
    let words = "This form is from before you signed in, or not from this page. Nothing was done: go \
                 back to the list, look at the change again and decide there.";
    Err(problem(guard, StatusCode::FORBIDDEN, words))
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

fn failed(frame: Frame<'_>, failure: &Failure) -> Response {
    view::failed(api::status(failure), frame, failure)
}

fn store_fault(guard: &Guard, fault: &StoreError) -> Response {
    error!(%fault, "visits cannot be kept");
    let words = "The server cannot look anything up at the moment. Try again in a few seconds.";
    problem(guard, StatusCode::SERVICE_UNAVAILABLE, words)
}

fn problem(guard: &Guard, status: StatusCode, words: &str) -> Response {
    view::problem(status, desk(guard).0.title(), words)
}

fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static(PATH));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// The cookie, for these pages alone. No page of others sends it along.
fn cookie(value: &str, seconds: i64, tokens: &Tokens) -> String {
    let secure = if tokens.is_secure() { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
