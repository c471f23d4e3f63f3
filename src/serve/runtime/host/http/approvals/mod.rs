//! The approvals page, for a second person with a browser, and what `mcp-kit approve` asks for.
//!
//! ```text
//! Host → place, body → who asks → [`Approvals`]
//!                       page: the visit of a cookie, which began with a token in a form
//!                       api:  the bearer token of the request
//! ```
//!
//! Nobody comes in without a token of their own: who asks without one where a demonstration has a user
//! for that is nobody here. The page is plain forms and no script. What it answers is for nobody's
//! cache and nobody's frame, and every form carries a token of its visit besides the browser's word
//! (`Origin`, `Sec-Fetch-Site`) that it was sent from here.
//!
//! Not for: a login flow. Whoever has no token gets one where all tokens come from.

mod api;
mod form;
mod html;
mod page;
#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;
mod view;

use std::{error::Error, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts, uri::Authority},
    middleware::{self, from_fn_with_state},
    response::Response,
    routing::{get, post},
};
use http_body_util::LengthLimitError;
use tokio::time::timeout;
use tracing::warn;

use super::{
    super::{
        super::guidance::{Code, Failure, Next},
        Approvals,
        trace::Trace,
    },
    Access, Config, Tokens,
    answering::until_sent,
    guard::{Guard, REQUEST_ID, TRACEPARENT},
};

pub use api::{Answer, Decided, FORMAT};
pub use html::is_odd;

/// Where the page is.
pub const PATH: &str = "/approvals";
/// Where programs ask.
pub const API: &str = "/approvals/api/v1";

/// The most bytes of a form or a decision: a token has at most 16 KiB, and a form writes three bytes
/// for some of one.
const BODY_BYTES: usize = 64 << 10;

/// Whether there is anything to decide, and who could be told apart from whoever has proposed it.
pub(super) fn is_open(config: &Config) -> bool {
    config.approvals.is_some() && matches!(config.access, Access::Tokens(_))
}

/// The paths.
pub(super) fn router(guard: &Arc<Guard>) -> Router<Arc<Guard>> {
    Router::new()
        .route(PATH, get(page::list))
        .route("/approvals/sign-in", post(page::sign_in))
        .route("/approvals/sign-out", post(page::sign_out))
        .route("/approvals/changes/{id}", get(page::show).post(page::decide))
        .route("/approvals/api/v1/changes", get(api::list))
        .route("/approvals/api/v1/changes/{id}", get(api::show))
        .route("/approvals/api/v1/changes/{id}/decision", post(api::decide))
        .route_layer(from_fn_with_state(Arc::clone(guard), enter))
}

/// What the handlers get besides the request.
#[derive(Clone)]
struct Entered {
    trace: Trace,
    body: Bytes,
}

/// Takes a place and reads the body; says of every answer that nobody keeps or frames it.
async fn enter(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: middleware::Next,
) -> Response {
    let traceparent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    let trace = Trace::new(traceparent);
    let id = HeaderValue::from_str(&trace.correlation_id);
    let is_api = request.uri().path().starts_with(API);
    let refused = |(reason, failure): (&'static str, Failure), trace: &Trace| {
        guard.metrics().refused(reason);
        warn!(reason, "a request for the approvals is refused");
        match is_api {
            true => api::refused(failure, trace),
            false => {
                let words = view::sentence(&failure.message);
                view::problem(api::status(&failure), desk(&guard).0.title(), &words)
            }
        }
    };
    let mut response = match guard.place() {
        None => {
            let message = "the server is answering as many requests as it takes";
            refused(("busy", Failure::unavailable(message, api::RETRY_MS)), &trace)
        }
        Some(answering) => {
            let (mut parts, body) = request.into_parts();
            match read(&guard, body).await {
                Ok(body) => {
                    parts.extensions.insert(Entered { trace, body });
                    let response = next.run(Request::from_parts(parts, Body::empty())).await;
                    until_sent(response, answering)
                }
                Err(fault) => refused(fault, &trace),
            }
        }
    };
    let headers = response.headers_mut();
    if let Ok(id) = id {
        headers.insert(REQUEST_ID, id);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_str(view::policy());
    headers
        .insert(header::CONTENT_SECURITY_POLICY, policy.expect("ASCII without control characters"));
    response
}

async fn read(guard: &Guard, body: Body) -> Result<Bytes, (&'static str, Failure)> {
    let again = || Next::wait("send it again, whole");
    match timeout(guard.config().limits.body, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(fault)) if fault.source().is_some_and(|it| it.is::<LengthLimitError>()) => {
            let message = format!("what was sent has more than {BODY_BYTES} bytes");
            let next = Next::fix_arguments("send less");
            Err(("too_long", Failure::new(Code::QuotaExceeded, message, next)))
        }
        Ok(Err(_)) => {
            let failure = Failure::new(Code::InvalidArgument, "what was sent breaks off", again());
            Err(("not_whole", failure))
        }
        Err(_) => {
            let message = "what was sent has not come in time";
            Err(("too_slow", Failure::new(Code::DeadlineExceeded, message, again())))
        }
    }
}

/// What there is only where [`is_open`] says so.
fn desk(guard: &Guard) -> (&Approvals, &Tokens) {
    match (&guard.config().approvals, &guard.config().access) {
        (Some(approvals), Access::Tokens(tokens)) => (approvals, tokens),
        _ => unreachable!("the paths are there only where both are"),
    }
}

/// Whether a browser sent a request from a page of this server, or no browser did and it is no form.
///
/// A browser says in `Origin` from where a form is sent, and `null` where the page forbids to name
/// itself, as ours do; then `Sec-Fetch-Site`, which no page can set, has to say that it is from here.
fn is_from_here(parts: &Parts, is_secure: bool) -> bool {
    let headers = &parts.headers;
    let one = |name: HeaderName| {
        let mut values = headers.get_all(name).iter();
        (values.next().map(HeaderValue::as_bytes), values.next().is_some())
    };
    let (origin, more) = one(header::ORIGIN);
    let (site, more_sites) = one(HeaderName::from_static("sec-fetch-site"));
    if more || more_sites || site.is_some_and(|site| site != b"same-origin") {
        return false;
    }
    match origin {
        Some(b"null") | None => site.is_some(),
        Some(origin) => own_origin(headers, parts, is_secure).is_some_and(|own| own == origin),
    }
}

fn own_origin(headers: &HeaderMap, parts: &Parts, is_secure: bool) -> Option<Vec<u8>> {
    let host = || headers.get(header::HOST)?.to_str().ok()?.parse::<Authority>().ok();
    let authority = parts.uri.authority().cloned().or_else(host)?;
    let scheme = if is_secure { "https" } else { "http" };
    Some(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()).into_bytes())
}
