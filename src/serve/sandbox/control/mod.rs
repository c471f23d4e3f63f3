//! What a test holds in its hand while it talks to a server under test: the clock, the moment of a
//! crash, and the way back to the beginning.
//!
//! It listens on an address of its own, for this machine alone: a server that is in use has none of
//! this. Read [`Subject`] first, which is the server, then `kill`.
//!
//! Not for: judging. What ought to survive is for whoever asks.

mod kill;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Request, State},
    http::{Method, StatusCode, Uri, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::super::runtime::{
    clock::{self, Clock},
    points::Point,
    store::StoreError,
};
pub use kill::{Kill, Kills};

/// The most that a clock is turned at once: a hundred years, in milliseconds.
const MOST_MS: u64 = 100 * 366 * 24 * 60 * 60 * 1_000;

/// The server under test.
#[async_trait::async_trait]
pub trait Subject: Send + Sync + 'static {
    /// What there is to know of it, as the members of an object.
    fn about(&self) -> Value;

    /// The tools that write.
    fn writes(&self) -> &[&'static str];

    /// Forgets what is too old since the clock was turned.
    async fn expire(&self) -> Result<(), StoreError>;

    /// Brings its data back to how they were in the beginning.
    async fn reset(&self) -> Result<(), StoreError>;

    /// All that a token can be granted for.
    fn scopes(&self) -> &[&'static str];

    /// A token of a user, from now on; none where there is no such user.
    fn token(&self, user: &str, scopes: &[&str]) -> Option<String>;
}

/// What can be done to a server under test.
pub struct Control {
    /// The server.
    pub subject: Arc<dyn Subject>,
    /// Its clock.
    pub clock: Clock,
    /// When it dies.
    pub kills: Arc<Kills>,
}

/// Serves until told to stop.
pub async fn serve(listener: TcpListener, control: Control, stop: CancellationToken) {
    let router = Router::new()
        .route("/", get(about))
        .route("/clock", post(turn))
        .route("/kill", post(arm).delete(disarm))
        .route("/reset", post(reset))
        .route("/token", post(token))
        .fallback(nothing)
        .layer(from_fn(of_this_machine))
        .with_state(Arc::new(control));
    let serving = async { axum::serve(listener, router).await };
    tokio::select! {
        ended = serving => if let Err(fault) = ended {
            tracing::error!(%fault, "the control endpoint has ended");
        },
        () = stop.cancelled() => {}
    }
}

/// Refuses what a page of the web sends: it names its origin, or was led here under another name.
async fn of_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Uri>().ok());
    let is_local = host.is_some_and(|host| {
        let host = host.host().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    });
    if !is_local || request.headers().contains_key(header::ORIGIN) {
        return refusal(StatusCode::FORBIDDEN, "this is for programs of this machine");
    }
    next.run(request).await
}

async fn about(State(control): State<Arc<Control>>) -> Response {
    let mut about = control.subject.about();
    about["scopes"] = json!(control.subject.scopes());
    about["clock"] = shown(&control.clock);
    about["kill"] = json!({
        "armed": control.kills.armed().map(|kill| written(&kill)),
        "points": Point::ALL.map(Point::name),
        "tools": control.subject.writes(),
    });
    about["endpoints"] = json!({
        "POST /clock": "{\"advance_ms\": 86400000} or {\"set\": \"2027-01-01T00:00:00Z\"}",
        "POST /kill": "{\"point\": \"after_commit\", \"tool\": null, \"after\": 0}",
        "DELETE /kill": "disarms",
        "POST /reset": "the sample data as they were, and the clock put right",
        "POST /token": "{\"user\": \"bob\", \"scopes\": null}",
    });
    Json(about).into_response()
}

fn shown(clock: &Clock) -> Value {
    json!({"now": clock::written(clock.now()), "ahead_ms": clock.ahead()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    advance_ms: Option<u64>,
    set: Option<String>,
}

async fn turn(State(control): State<Arc<Control>>, body: Bytes) -> Response {
    let by = match read(&body) {
        Ok(Turn { advance_ms: Some(by), set: None }) => by,
        Ok(Turn { advance_ms: None, set: Some(time) }) => {
            let Ok(time) = OffsetDateTime::parse(&time, &Rfc3339) else {
                return bad("`set` is no time after RFC 3339, like 2027-01-01T00:00:00Z");
            };
            let time = i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
            let Ok(by) = u64::try_from(time.saturating_sub(control.clock.now())) else {
                return bad("the clock only goes forward; POST /reset puts it right again");
            };
            by
        }
        Ok(_) => return bad("expected one of `advance_ms` and `set`"),
        Err(message) => return bad(&message),
    };
    if by > MOST_MS {
        return bad(&format!("the clock is turned by {MOST_MS} ms at once at most"));
    }
    if i64::try_from(by).map_or(i64::MAX, |by| control.clock.now().saturating_add(by)) > clock::LAST
    {
        return bad("the clock ends with the year 9999: later times cannot be written");
    }
    control.clock.turn(Duration::from_millis(by));
    match control.subject.expire().await {
        Ok(()) => Json(json!({"clock": shown(&control.clock)})).into_response(),
        Err(fault) => {
            let message =
                format!("the clock is turned, and what is too old is still there: {fault}");
            refusal(StatusCode::SERVICE_UNAVAILABLE, &message)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arm {
    point: String,
    tool: Option<String>,
    #[serde(default)]
    after: u64,
}

async fn arm(State(control): State<Arc<Control>>, body: Bytes) -> Response {
    let arm: Arm = match read(&body) {
        Ok(arm) => arm,
        Err(message) => return bad(&message),
    };
    let Some(point) = Point::named(&arm.point) else {
        return bad(&format!("there is no point `{}`; see GET /", arm.point));
    };
    if let Some(tool) = &arm.tool
        && !control.subject.writes().contains(&tool.as_str())
    {
        return bad(&format!("there is no tool `{tool}` that writes; see GET /"));
    }
    let kill = Kill { point, tool: arm.tool, after: arm.after };
    let armed = written(&kill);
    control.kills.arm(kill);
    Json(json!({"armed": armed})).into_response()
}

async fn disarm(State(control): State<Arc<Control>>) -> Response {
    control.kills.disarm();
    Json(json!({"armed": null})).into_response()
}

fn written(kill: &Kill) -> Value {
    json!({"point": kill.point.name(), "tool": kill.tool, "after": kill.after})
}

async fn reset(State(control): State<Arc<Control>>) -> Response {
    control.kills.disarm();
    if let Err(fault) = control.subject.reset().await {
        let message = format!("nothing is reset: {fault}; end what is under way, and ask again");
        return refusal(StatusCode::SERVICE_UNAVAILABLE, &message);
    }
    control.clock.put_right();
    Json(json!({"clock": shown(&control.clock)})).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    user: String,
    scopes: Option<Vec<String>>,
}

async fn token(State(control): State<Arc<Control>>, body: Bytes) -> Response {
    let asked: Asked = match read(&body) {
        Ok(asked) => asked,
        Err(message) => return bad(&message),
    };
    let all = control.subject.scopes();
    let scopes: Vec<&str> = match &asked.scopes {
        Some(scopes) => scopes.iter().map(String::as_str).collect(),
        None => all.to_vec(),
    };
    if let Some(unknown) = scopes.iter().find(|scope| !all.contains(scope)) {
        return bad(&format!("there is no scope `{unknown}`; there are {}", all.join(", ")));
    }
    match control.subject.token(&asked.user, &scopes) {
        Some(token) => Json(json!({"token": token})).into_response(),
        None => bad(&format!("there are no tokens for a user `{}` here; see GET /", asked.user)),
    }
}

async fn nothing(method: Method, uri: Uri) -> Response {
    let message = format!("there is no {method} {}; GET / says what there is", uri.path());
    refusal(StatusCode::NOT_FOUND, &message)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|fault| fault.to_string())
}

fn bad(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, message)
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}
