//! What a fine server answers in either era, with the steps of a way in their places.
//!
//! The fine server is strict on purpose: a client that forgets what the specification asks of it is
//! refused, so that every test against it tests the client as well.

use serde_json::{Value, json};

use crate::message::Ask;
use crate::tools;
use crate::way::{Era, Way};

/// A result, or an error object.
pub(crate) type Answer = Result<Value, Value>;

pub(crate) const MODERN_VERSION: &str = "2026-07-28";
const LEGACY_VERSIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];

/// An answer ready to be sent.
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    /// The code of the error, if it is one, before the way had its say in writing.
    pub(crate) code: Option<i64>,
}

/// An error answer.
pub(crate) fn refusal(code: i64, message: &str) -> Answer {
    Err(json!({"code": code, "message": message}))
}

/// Whether a server of this way takes the request as one of 2026-07-28.
pub(crate) fn is_modern(way: &Way, ask: &Ask) -> bool {
    match way.era {
        Era::Legacy => false,
        Era::Modern => true,
        Era::Both => ask.meta_version().is_some() || ask.method == "server/discover",
    }
}

/// Answers as the way wants it. `initialized` tells whether the legacy handshake is complete.
pub(crate) fn answer(way: &Way, ask: &Ask, initialized: bool) -> Written {
    let mut answer = if is_modern(way, ask) { modern(way, ask) } else { legacy(ask, initialized) };
    if let Ok(result) = &mut answer {
        match ask.method.as_str() {
            "initialize" | "server/discover" => (way.greets)(result),
            "tools/list" => (way.lists)(ask, result),
            _ => {}
        }
    }
    write(way, ask, answer)
}

/// Writes an answer that was made elsewhere, as the way wants it.
pub(crate) fn write(way: &Way, ask: &Ask, answer: Answer) -> Written {
    let here = way.at.includes(&ask.method);
    let answer = if here { (way.says)(ask, answer) } else { answer };
    let code = answer.as_ref().err().and_then(|error| error["code"].as_i64());
    let message = match answer {
        Ok(result) => json!({"jsonrpc": "2.0", "id": ask.id, "result": result}),
        Err(error) => json!({"jsonrpc": "2.0", "id": ask.id, "error": error}),
    };
    let writes = if here { way.writes } else { crate::way::GOOD.writes };
    Written { bytes: writes(ask, message), code }
}

fn legacy(ask: &Ask, initialized: bool) -> Answer {
    match ask.method.as_str() {
        "initialize" => initialize(ask),
        "ping" => Ok(json!({})),
        method if knows(method) && !initialized => {
            refusal(-32600, &format!("{method} before notifications/initialized"))
        }
        _ => ordinary(ask),
    }
}

fn initialize(ask: &Ask) -> Answer {
    let wanted = ask.params["protocolVersion"].as_str().unwrap_or_default();
    if !ask.params["capabilities"].is_object() || !ask.params["clientInfo"]["name"].is_string() {
        return refusal(-32602, "initialize without capabilities or clientInfo");
    }
    let version = LEGACY_VERSIONS.into_iter().find(|version| *version == wanted);
    Ok(json!({
        "protocolVersion": version.unwrap_or(LEGACY_VERSIONS[0]),
        "capabilities": capabilities(),
        "serverInfo": server_info(),
        "instructions": instructions()
    }))
}

fn modern(way: &Way, ask: &Ask) -> Answer {
    if ask.method == "initialize" || ask.method == "ping" {
        return refusal(-32601, &format!("method not found: {}", ask.method));
    }
    let versions = versions(way);
    check_meta(ask, &versions)?;
    let mut result = if ask.method == "server/discover" {
        json!({
            "supportedVersions": versions,
            "capabilities": capabilities(),
            "instructions": instructions()
        })
    } else {
        ordinary(ask)?
    };
    result["resultType"] = json!("complete");
    result["_meta"] = json!({"io.modelcontextprotocol/serverInfo": server_info()});
    if ask.method != "tools/call" && ask.method != "prompts/get" {
        result["ttlMs"] = json!(60_000);
        result["cacheScope"] = json!("private");
    }
    Ok(result)
}

/// The versions that a server of this way speaks.
fn versions(way: &Way) -> Vec<&'static str> {
    let mut versions = vec![MODERN_VERSION];
    if way.era == Era::Both {
        versions.extend(LEGACY_VERSIONS);
    }
    versions
}

/// What every request of 2026-07-28 has to say about its sender.
fn check_meta(ask: &Ask, versions: &[&str]) -> Result<(), Value> {
    let Some(version) = ask.meta_version() else {
        return refusal(-32602, "_meta without io.modelcontextprotocol/protocolVersion").map(drop);
    };
    if version != MODERN_VERSION {
        return Err(json!({
            "code": -32022,
            "message": format!("unsupported protocol version {version}"),
            "data": {"supported": versions, "requested": version}
        }));
    }
    if !ask.params["_meta"]["io.modelcontextprotocol/clientCapabilities"].is_object() {
        return refusal(-32602, "_meta without io.modelcontextprotocol/clientCapabilities")
            .map(drop);
    }
    Ok(())
}

/// The methods that [`ordinary`] answers.
fn knows(method: &str) -> bool {
    matches!(
        method,
        "tools/list"
            | "tools/call"
            | "prompts/list"
            | "prompts/get"
            | "resources/list"
            | "resources/read"
            | "resources/templates/list"
    )
}

/// The methods that both eras share.
fn ordinary(ask: &Ask) -> Answer {
    match ask.method.as_str() {
        "tools/list" => Ok(json!({"tools": tools::tools()})),
        "tools/call" => tools::call(&ask.params),
        "prompts/list" => Ok(json!({"prompts": tools::prompts()})),
        "prompts/get" => Ok(tools::prompt()),
        "resources/list" => Ok(json!({"resources": tools::resources()})),
        "resources/read" => Ok(tools::resource()),
        "resources/templates/list" => Ok(json!({"resourceTemplates": tools::resource_templates()})),
        method => refusal(-32601, &format!("method not found: {method}")),
    }
}

fn capabilities() -> Value {
    json!({"tools": {}, "prompts": {}, "resources": {}})
}

fn server_info() -> Value {
    json!({"name": "library", "title": "Lending library", "version": "1.4.0"})
}

fn instructions() -> &'static str {
    "Books and loans of a lending library. Find the book id with find_books first."
}
