//! Every list of a server, page by page, as one surface.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{Address, Budget, EraChoice, SessionError, handshake::Connection};
use crate::{
    engine::{
        finding::{Observation, ObservationKind},
        protocol::{
            canonical::{Layout, write},
            frame::{Frame, Message},
            json::{Kind, View},
            revision::Era,
        },
        surface::{Surface, compose::Parts, read_document},
    },
    live::transport::TransportError,
};

/// A server's surface and how it was got.
#[derive(Debug)]
pub struct Collected {
    /// The surface, observations included.
    pub surface: Surface,
    /// `stdio` or `http`.
    pub transport: &'static str,
    /// The era that was spoken.
    pub era: Era,
    /// The other era, where that was asked for and is spoken too.
    pub other_era: Option<Era>,
    /// Time spent on the server: starting it, waiting for it, stopping it.
    pub server_time: Duration,
}

/// The lists: what is asked, the member the answer has, and the capability that promises it.
const LISTS: [(&str, &str, &str); 4] = [
    ("tools/list", "tools", "tools"),
    ("prompts/list", "prompts", "prompts"),
    ("resources/list", "resources", "resources"),
    ("resources/templates/list", "resourceTemplates", "resources"),
];

const METHOD_NOT_FOUND: i64 = -32601;

/// Connects to a server, reads all it advertises, and disconnects.
///
/// # Errors
/// When there is no surface: the server cannot be reached, wants credentials, is too slow, or
/// breaks the protocol beyond reading.
pub async fn collect(
    address: &Address,
    choice: EraChoice,
    budget: &Budget,
) -> Result<Collected, SessionError> {
    if choice != EraChoice::Both {
        return collect_one(address, choice, budget).await;
    }
    let legacy = collect_one(address, EraChoice::Only(Era::Legacy), budget).await;
    let modern = collect_one(address, EraChoice::Only(Era::Modern), budget).await;
    let note = |detail: String| Observation::on_wire(ObservationKind::ErasDiffer, detail);
    match (modern, legacy) {
        (Ok(mut modern), Ok(legacy)) => {
            let differences = differences(&modern.surface, &legacy.surface);
            modern.surface.observations.extend(differences.into_iter().map(note));
            modern.server_time += legacy.server_time;
            modern.other_era = Some(legacy.era);
            Ok(modern)
        }
        (Ok(mut one), Err(error)) => {
            let detail = format!("only the modern era is offered; legacy: {error}");
            one.surface.observations.push(note(detail));
            Ok(one)
        }
        (Err(error), Ok(mut one)) => {
            let detail = format!("only the legacy era is offered; modern: {error}");
            one.surface.observations.push(note(detail));
            Ok(one)
        }
        (Err(_), Err(legacy)) => Err(legacy),
    }
}

async fn collect_one(
    address: &Address,
    choice: EraChoice,
    budget: &Budget,
) -> Result<Collected, SessionError> {
    let start = Instant::now();
    let connection = Connection::open(address, choice, budget).await?;
    match collect_from(connection, budget).await {
        // A session may be lost once; a client starts over (2025-11-25, "Session Management").
        Err((SessionError::Transport(TransportError::SessionLost { .. }), mut seen)) => {
            let connection = Connection::open(address, choice, budget).await?;
            let mut collected =
                collect_from(connection, budget).await.map_err(|(error, _)| error)?;
            let detail = "the session was forgotten between two requests";
            seen.push(Observation::on_wire(ObservationKind::SessionLost, detail));
            collected.surface.observations.extend(seen);
            collected.server_time = start.elapsed();
            Ok(collected)
        }
        Err((error, _)) => Err(error),
        Ok(mut collected) => {
            collected.server_time = start.elapsed();
            Ok(collected)
        }
    }
}

/// On failure what was observed comes along with the error.
async fn collect_from(
    mut connection: Connection,
    budget: &Budget,
) -> Result<Collected, (SessionError, Vec<Observation>)> {
    let mut lists: Vec<(&'static str, Vec<Frame>)> = Vec::new();
    for (method, member, capability) in LISTS {
        let promised =
            result_member(&connection.greeting, "capabilities").is_some_and(|capabilities| {
                capabilities.get(capability).is_some_and(|it| !it.is_null())
            });
        // Tools are what we came for: a server that forgot to declare them is asked all the same.
        if !promised && member != "tools" {
            continue;
        }
        match fetch(&mut connection, method, member, promised, budget).await {
            Ok(Some(pages)) => lists.push((member, pages)),
            Ok(None) => {}
            Err(error) => return Err((error, connection.exchange.close().await)),
        }
    }
    let Connection { exchange, era, revision, greeting } = connection;
    let transport = exchange.transport();
    let observations = exchange.close().await;
    let tools = lists.iter().find(|(member, _)| *member == "tools");
    let of_tools = |name: &str| tools?.1.first()?.result()?.get(name);
    let parts = Parts {
        server_info: result_member(&greeting, "serverInfo").or_else(|| {
            result_member(&greeting, "_meta")?.get("io.modelcontextprotocol/serverInfo")
        }),
        protocol_version: Some(revision),
        capabilities: result_member(&greeting, "capabilities"),
        instructions: result_member(&greeting, "instructions"),
        supported_versions: result_member(&greeting, "supportedVersions"),
        ttl_ms: of_tools("ttlMs"),
        cache_scope: of_tools("cacheScope"),
        lists: lists
            .iter()
            .map(|(member, pages)| {
                let items = pages.iter().filter_map(|page| page.result()?.get(member));
                (*member, items.flat_map(View::items).collect())
            })
            .collect(),
    };
    let document = match parts.compose(&budget.limits()) {
        Ok(document) => document,
        Err(error) => return Err((SessionError::TooLarge(error), observations)),
    };
    match read_document(document, observations) {
        Ok(surface) => {
            let (other_era, server_time) = (None, Duration::ZERO);
            Ok(Collected { surface, transport, era, other_era, server_time })
        }
        Err(error) => Err((error.into(), Vec::new())),
    }
}

/// All pages of one list, or none where the server does not have it.
pub(super) async fn fetch(
    connection: &mut Connection,
    method: &str,
    member: &str,
    promised: bool,
    budget: &Budget,
) -> Result<Option<Vec<Frame>>, SessionError> {
    let exchange = &mut connection.exchange;
    let (mut pages, mut seen, mut bytes) = (Vec::new(), HashSet::new(), 0);
    let mut params = json!({});
    loop {
        let page = exchange.request(method, params.clone()).await?;
        if let Message::Error(_, error) = &page.message {
            if !promised && error.code == Some(METHOD_NOT_FOUND) {
                return Ok(None);
            }
            let place = if pages.is_empty() { "" } else { " after the first page" };
            let detail =
                format!("`{method}` fails{place}: {}", describe(error.code, &error.message));
            exchange.observe(ObservationKind::ListFailed, detail);
            return Ok(Some(pages));
        }
        if !promised && pages.is_empty() {
            let detail = format!("`{method}` is answered, but the capability is not declared");
            exchange.observe(ObservationKind::UndeclaredList, detail);
        }
        if connection.era == Era::Modern {
            exchange.check_cache_hints(&page, pages.first(), method);
        }
        let list = page.result().and_then(|result| result.get(member));
        match list.map(View::kind) {
            Some(Kind::Array) => {}
            found => {
                let found = found.map_or("absent", Kind::with_article);
                let detail = format!("`{member}` is {found} in the answer to `{method}`");
                exchange.observe(ObservationKind::MissingList, detail);
            }
        }
        exchange.check_result_type(&page, method);
        bytes += page.view().text().len();
        let cursor = page.result().and_then(|result| result.get("nextCursor"));
        let next = match cursor.map(|cursor| (cursor, cursor.as_str())) {
            None => None,
            Some((_, Some(text))) if !text.is_empty() => Some(text.into_owned()),
            Some((odd, _)) => {
                let detail = format!("`nextCursor` of `{method}` is {}", odd.text());
                exchange.observe(ObservationKind::MalformedCursor, detail);
                None
            }
        };
        pages.push(page);
        let Some(next) = next else { return Ok(Some(pages)) };
        if !seen.insert(next.clone()) {
            let shown: String = next.chars().take(40).collect();
            let detail = format!("`{method}` hands out the cursor `{shown}` again");
            exchange.observe(ObservationKind::RepeatedCursor, detail);
            return Ok(Some(pages));
        }
        if pages.len() >= budget.max_pages || bytes >= budget.max_bytes {
            let detail =
                format!("`{method}` was given up after {} pages and {bytes} bytes", pages.len());
            exchange.observe(ObservationKind::Truncated, detail);
            return Ok(Some(pages));
        }
        params = json!({"cursor": next});
    }
}

pub(super) fn result_member<'a>(frame: &'a Frame, name: &str) -> Option<View<'a>> {
    frame.result()?.get(name)
}

fn describe(code: Option<i64>, message: &str) -> String {
    let message: String = match message {
        "" => "an error without a message".to_owned(),
        message => message.chars().take(120).collect(),
    };
    match code {
        Some(code) => format!("{message} ({code})"),
        None => message,
    }
}

/// What the two eras of one server do not have in common, tool by tool.
fn differences(modern: &Surface, legacy: &Surface) -> Vec<String> {
    let mut differences = Vec::new();
    for (these, those, era) in [(modern, legacy, "modern"), (legacy, modern, "legacy")] {
        let alone: Vec<&str> = these
            .tools
            .iter()
            .map(|tool| tool.name.as_str())
            .filter(|name| those.tools.iter().all(|tool| tool.name != *name))
            .collect();
        if !alone.is_empty() {
            differences.push(format!("only the {era} era lists {}", alone.join(", ")));
        }
    }
    for tool in &modern.tools {
        let Some(other) = legacy.tools.iter().find(|other| other.name == tool.name) else {
            continue;
        };
        let text = |surface: &Surface, pointer| {
            surface.view(pointer).map(|view| write(view, Layout::Canonical)).unwrap_or_default()
        };
        if text(modern, &tool.pointer) == text(legacy, &other.pointer) {
            continue;
        }
        let names = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        };
        let mut members = names(tool.value());
        members.extend(names(other.value()));
        members.sort_unstable();
        members.dedup();
        members.retain(|member| tool.value().get(member) != other.value().get(member));
        differences.push(format!(
            "`{}` differs between the eras in {}",
            tool.name,
            members.join(", ")
        ));
    }
    differences
}
