//! Getting to know a server, in either era (specification 2026-07-28, "Versioning", and the
//! lifecycle of the revisions before).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Address, Budget, EraChoice, SessionError,
    collect::result_member,
    exchange::{Exchange, client_info, is_refusal},
};
use crate::{
    engine::{
        finding::ObservationKind,
        protocol::{
            frame::{Frame, Message},
            json::{Kind, View},
            revision::{Era, Revision},
        },
    },
    live::transport::TransportError,
};

/// `UnsupportedProtocolVersion` of 2026-07-28.
const UNSUPPORTED_PROTOCOL_VERSION: i64 = -32022;
/// How long a server may take over a method it may never have heard of. Some ignore such a request
/// instead of refusing it; they are then asked the old way.
const PROBE: Duration = Duration::from_secs(5);

/// A server that has said who it is.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) exchange: Exchange,
    pub(super) era: Era,
    /// The revision as the server named it.
    pub(super) revision: String,
    /// The `DiscoverResult` or `InitializeResult`.
    pub(super) greeting: Frame,
}

impl Connection {
    /// Connects and shakes hands.
    pub(super) async fn open(
        address: &Address,
        choice: EraChoice,
        budget: &Budget,
    ) -> Result<Self, SessionError> {
        Self::open_as(address, choice, budget, &json!({})).await
    }

    /// The same as a client with these capabilities.
    pub(super) async fn open_as(
        address: &Address,
        choice: EraChoice,
        budget: &Budget,
        capabilities: &Value,
    ) -> Result<Self, SessionError> {
        let start = Instant::now();
        let connect = || Exchange::open_as(address, budget, capabilities.clone());
        match choice {
            EraChoice::Only(Era::Modern) => {
                let mut exchange = connect().await?;
                match discover(&mut exchange, budget.connect_timeout, budget).await? {
                    Discovered::Modern(greeting) => Ok(modern(exchange, greeting)),
                    Discovered::Legacy(error) => Err(error),
                }
            }
            EraChoice::Only(Era::Legacy) => {
                let exchange = connect().await?;
                initialize(exchange, start, budget).await
            }
            EraChoice::Auto | EraChoice::Both => {
                let mut exchange = connect().await?;
                let probe = PROBE.min(budget.connect_timeout / 2);
                match discover(&mut exchange, probe, budget).await {
                    Ok(Discovered::Modern(greeting)) => Ok(modern(exchange, greeting)),
                    Ok(Discovered::Legacy(_)) => initialize(exchange, start, budget).await,
                    // A server that dies of a question it does not know gets a second chance.
                    Err(SessionError::Transport(
                        error @ (TransportError::Exited { .. } | TransportError::Closed { .. }),
                    )) => {
                        exchange.close().await;
                        let mut second = connect().await?;
                        second.speak_modern(None);
                        let opened = initialize(second, start, budget).await;
                        let mut connection = opened.map_err(|_| SessionError::from(error))?;
                        let detail = "the server ends when it is asked for `server/discover`, \
                                      instead of refusing a method it does not know";
                        connection.exchange.observe(ObservationKind::StreamCut, detail);
                        Ok(connection)
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }
}

enum Discovered {
    Modern(Frame),
    /// The server is not modern; the error is for those who insist.
    Legacy(SessionError),
}

async fn discover(
    exchange: &mut Exchange,
    wait: Duration,
    budget: &Budget,
) -> Result<Discovered, SessionError> {
    const METHOD: &str = "server/discover";
    exchange.speak_modern(Some(Revision::LATEST_MODERN));
    let answer = exchange.request_within(METHOD, json!({}), wait, wait.min(budget.timeout)).await;
    let legacy = |exchange: &mut Exchange, error| {
        exchange.speak_modern(None);
        Ok(Discovered::Legacy(error))
    };
    let frame = match answer {
        Ok(frame) => frame,
        Err(error) if is_refusal(&error) => return legacy(exchange, error),
        Err(error) => return Err(error),
    };
    let method = METHOD.to_owned();
    if let Message::Error(_, error) = &frame.message {
        let offered =
            frame.view().get("error").and_then(|error| error.get("data")?.get("supported"));
        let offered = offered.map(strings).unwrap_or_default();
        let is_known = |text: &String| text.parse::<Revision>().is_ok();
        if error.code == Some(UNSUPPORTED_PROTOCOL_VERSION) && !offered.iter().any(is_known) {
            return Err(SessionError::NoCommonRevision { offered });
        }
        let (code, message) = (error.code, error.message.clone());
        return legacy(exchange, SessionError::Refused { method, code, message });
    }
    let supported = frame.result().and_then(|result| result.get("supportedVersions"));
    let found = match supported.map(strings) {
        Some(offered) if offered.iter().any(|text| text == Revision::LATEST_MODERN.as_str()) => {
            exchange.check_result_type(&frame, METHOD);
            exchange.check_cache_hints(&frame, None, METHOD);
            if result_member(&frame, "capabilities").is_none() {
                let detail = format!("`{METHOD}` is answered without `capabilities`");
                exchange.observe(ObservationKind::Discover, detail);
            }
            return Ok(Discovered::Modern(frame));
        }
        Some(offered) => return legacy(exchange, SessionError::NoCommonRevision { offered }),
        None => "a result without `supportedVersions`".to_owned(),
    };
    let detail = format!("`{METHOD}` is answered with {found}");
    exchange.observe(ObservationKind::Discover, detail);
    // What has capabilities is meant as a `DiscoverResult`, only incomplete.
    if frame.result().is_some_and(|result| result.get("capabilities").is_some()) {
        return Ok(Discovered::Modern(frame));
    }
    legacy(exchange, SessionError::WrongAnswer { method, found })
}

fn modern(mut exchange: Exchange, greeting: Frame) -> Connection {
    exchange.settle();
    let revision = Revision::LATEST_MODERN.as_str().to_owned();
    Connection { exchange, era: Era::Modern, revision, greeting }
}

/// `start` is when connecting began: the limit is for all of it.
async fn initialize(
    mut exchange: Exchange,
    start: Instant,
    budget: &Budget,
) -> Result<Connection, SessionError> {
    const METHOD: &str = "initialize";
    let params = json!({
        "protocolVersion": Revision::LATEST_LEGACY.as_str(),
        "capabilities": exchange.capabilities(),
        "clientInfo": client_info(),
    });
    let limit = budget.connect_timeout;
    let left = limit.saturating_sub(start.elapsed());
    let frame = match exchange.request_within(METHOD, params, left, limit).await {
        Ok(frame) => frame,
        Err(error) => {
            exchange.close().await;
            return Err(error);
        }
    };
    let method = METHOD.to_owned();
    if let Message::Error(_, error) = &frame.message {
        let (code, message) = (error.code, error.message.clone());
        return Err(SessionError::Refused { method, code, message });
    }
    // A greeting that says nothing is odd, but the lists can be asked for all the same.
    if frame.result().is_none_or(|result| result.kind() != Kind::Object) {
        let found = frame.result().map_or("nothing", |result| result.kind().with_article());
        let detail = format!("`{METHOD}` is answered with {found}, not an object");
        exchange.observe(ObservationKind::MalformedMessage, detail);
    }
    if frame.result().is_some_and(|result| result.get("serverInfo").is_none()) {
        let detail = format!("`{METHOD}` is answered without `serverInfo`");
        exchange.observe(ObservationKind::MalformedMessage, detail);
    }
    let version = frame.result().and_then(|result| result.get("protocolVersion"));
    let revision = match version.and_then(View::as_str) {
        Some(revision) => revision.into_owned(),
        None => {
            let detail = "`initialize` is answered without a `protocolVersion`";
            exchange.observe(ObservationKind::Revision, detail);
            Revision::LATEST_LEGACY.as_str().to_owned()
        }
    };
    match revision.parse::<Revision>() {
        Ok(known) if known.era() == Era::Modern => {
            let detail = format!("`initialize` settles on {known}, which has no `initialize`");
            exchange.observe(ObservationKind::Revision, detail);
        }
        Ok(old) if old < Revision::V2025_06_18 => {
            let detail = format!("the server settles on {old}, an old revision");
            exchange.observe(ObservationKind::Revision, detail);
        }
        Ok(_) => {}
        Err(error) => {
            exchange.observe(
                ObservationKind::Revision,
                format!("the server settles on a revision nobody knows: {error}"),
            );
        }
    }
    exchange.speak_legacy(&revision);
    exchange.notify("notifications/initialized").await?;
    Ok(Connection { exchange, era: Era::Legacy, revision, greeting: frame })
}

fn strings(view: View<'_>) -> Vec<String> {
    view.items().filter_map(|item| Some(item.as_str()?.into_owned())).collect()
}
