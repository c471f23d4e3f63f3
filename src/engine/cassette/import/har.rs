//! HTTP archives (HAR 1.2), as browsers and proxies write them: requests that carry JSON-RPC, and what
//! came back, as JSON or as a stream of events.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Launch, Shape, clock, in_words, told};
use crate::engine::cassette::{Body, Http, Party, Sse, Transport};

pub(super) const FORMAT: Format = Format {
    name: "har",
    title: "HTTP archives (HAR 1.2)",
    lacks: &[
        "when an event of a stream came: all have the time at which the stream ended",
        "the rest of a stream that was still open, or too long to be kept",
    ],
    recognises: |shape: &Shape<'_>| shape.has(&["log"]),
    open: || Box::new(Har),
};

struct Har;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<String>,
    /// Milliseconds; -1 where it is not known.
    #[serde(default)]
    time: f64,
    request: Request,
    response: Option<Response>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Field>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<String>,
}

#[derive(Deserialize)]
struct Response {
    status: i32,
    #[serde(default)]
    headers: Vec<Field>,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: String,
}

impl Import for Har {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let document: Document<'_> = serde_json::from_str(line).map_err(in_words)?;
        for (index, text) in document.log.entries.iter().enumerate() {
            let place = || format!("/log/entries/{index}");
            match serde_json::from_str::<Entry>(text.get()) {
                Ok(entry) => {
                    if let Err(reason) = take(entry, index as u64 + 1, found) {
                        found.push(Found::Damaged { place: place(), reason });
                    }
                }
                Err(error) => {
                    found.push(Found::Damaged { place: place(), reason: in_words(error) });
                }
            }
        }
        Ok(())
    }
}

fn take(entry: Entry, channel: u64, found: &mut Vec<Found>) -> Result<(), String> {
    let request = entry.request;
    let sent = request.post_data.and_then(|data| data.text).unwrap_or_default();
    let is_stream = request.method == "GET"
        && header(&request.headers, "accept").is_some_and(|it| it.contains("text/event-stream"));
    if !is_rpc(&sent) && !is_stream {
        found.push(Found::LeftOut("requests that carry no JSON-RPC"));
        return Ok(());
    }
    let server = request.url.split(['?', '#']).next().unwrap_or_default().to_owned();
    let response = entry.response;
    let session = header(&request.headers, "mcp-session-id")
        .or_else(|| response.as_ref().and_then(|it| header(&it.headers, "mcp-session-id")))
        .map(str::to_owned);
    let at = entry.started_date_time.as_deref().map_or(At::Unknown, clock::at);
    found.push(Found::About {
        of: server.clone(),
        started: At::Unknown,
        transport: Some(Transport::Http),
        launch: Some(Launch::Address(request.url)),
    });
    let mut push = |at, from, body, http, sse| {
        let mut message = Imported::new(&server, at, from, body);
        (message.channel, message.session) = (channel, session.clone());
        (message.http, message.sse) = (Some(http), sse);
        found.push(message.into());
    };
    if let Some(message) = told::read(&sent) {
        let http =
            Http { method: Some(request.method), status: None, headers: fields(&request.headers) };
        push(at, Party::Client, told::kept(&message), http, None);
    }
    let Some(response) = response else { return Ok(()) };
    // A status of 0 is one that never came.
    let Ok(status @ 1..) = u16::try_from(response.status) else { return Ok(()) };
    let took_us = if entry.time > 0.0 { (entry.time * 1e3).round() as u64 } else { 0 };
    let at = match at {
        At::Clock(at) => At::Clock(at.saturating_add(took_us)),
        other => other,
    };
    let http = Http { method: None, status: Some(status), headers: fields(&response.headers) };
    let Some(content) = response.content else { return Ok(()) };
    let text = content.text.unwrap_or_default();
    let text = match content.encoding.as_deref() {
        Some("base64") => decoded(&text).ok_or("its content is not base64 of UTF-8")?,
        _ => text,
    };
    if text.is_empty() {
        return Ok(());
    }
    if content.mime_type.is_some_and(|it| it.trim_start().starts_with("text/event-stream")) {
        let (events, is_cut) = events(&text);
        for (sse, data) in events {
            let body =
                told::read(&data).map_or_else(|| Body::Text(data.into()), |data| told::kept(&data));
            push(at, Party::Server, body, http.clone(), Some(sse));
        }
        return if is_cut { Err("its last event is cut off".to_owned()) } else { Ok(()) };
    }
    let body = told::read(&text).map_or_else(|| Body::Text(text.into()), |it| told::kept(&it));
    push(at, Party::Server, body, http, None);
    Ok(())
}

/// Whether a text is a message of JSON-RPC, or a batch of them.
fn is_rpc(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Rpc {
        jsonrpc: String,
    }
    match text.trim_start().starts_with('[') {
        true => serde_json::from_str::<Vec<Rpc>>(text)
            .is_ok_and(|batch| batch.iter().any(|message| message.jsonrpc == "2.0")),
        false => serde_json::from_str::<Rpc>(text).is_ok_and(|message| message.jsonrpc == "2.0"),
    }
}

fn header<'a>(fields: &'a [Field], name: &str) -> Option<&'a str> {
    fields.iter().find(|it| it.name.eq_ignore_ascii_case(name)).map(|it| it.value.as_str())
}

fn fields(fields: &[Field]) -> BTreeMap<String, String> {
    let named = fields.iter().filter(|field| !field.name.starts_with(':'));
    named.map(|field| (field.name.to_lowercase(), field.value.clone())).collect()
}

/// The events of a stream that have data, and whether the last one is cut off and left out.
fn events(text: &str) -> (Vec<(Sse, String)>, bool) {
    let mut events = Vec::new();
    let (mut sse, mut data) = (Sse::default(), None::<String>);
    for line in text.split_inclusive('\n') {
        let line = line.trim_end_matches(['\n', '\r']);
        if line.is_empty() {
            if let Some(data) = data.take().filter(|data| !data.is_empty()) {
                events.push((std::mem::take(&mut sse), data));
            }
            sse = Sse::default();
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => sse.event = Some(value.to_owned()),
            "id" => sse.id = Some(value.to_owned()),
            "data" => match &mut data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => data = Some(value.to_owned()),
            },
            _ => {}
        }
    }
    // An archive may leave out the empty line at the end, but not half of a message.
    let Some(data) = data else { return (events, false) };
    let is_cut = told::read(&data).is_none();
    if !is_cut {
        events.push((sse, data));
    }
    (events, is_cut)
}

/// The text that some base64 holds (RFC 4648).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}
