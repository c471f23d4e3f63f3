//! What an operator asks: is it alive, can it serve, what does it count; and where tokens come from.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::guard::Guard;

/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The store answers too.
pub(super) async fn ready(State(guard): State<Arc<Guard>>) -> Response {
    let fault = match timeout(PATIENCE, guard.store().ping()).await {
        Ok(Ok(())) => return "ready\n".into_response(),
        Ok(Err(fault)) => fault.to_string(),
        Err(_) => "the store does not answer".to_owned(),
    };
    tracing::warn!(%fault, "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response()
}

/// The counters, as OpenMetrics text.
pub(super) async fn metrics(State(guard): State<Arc<Guard>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], guard.metrics().text()).into_response()
}

/// The protected resource metadata (RFC 9728, section 3).
pub(super) async fn resource_metadata(State(guard): State<Arc<Guard>>) -> Response {
    match guard.metadata() {
        Some(metadata) => {
            ([(header::CONTENT_TYPE, "application/json")], metadata.document().to_owned())
                .into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
