//! Cassettes of mcp-cassette, version 3 of its format: one JSON document.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Launch, Shape, clock, in_words, told};
use crate::engine::cassette::{Body, Party, Transport};

pub(super) const FORMAT: Format = Format {
    name: "mcp-cassette",
    title: "cassettes of mcp-cassette (JSON)",
    lacks: &[
        "times finer than a millisecond",
        "headers",
        "schemas of properties whose name sounds like a secret, and progress tokens, which it \
         replaces",
    ],
    recognises: |shape: &Shape<'_>| shape.has(&["format_version", "messages"]),
    open: || Box::new(McpCassette),
};

/// The version of the format that is read.
const VERSION: u64 = 3;

struct McpCassette;

#[derive(Deserialize)]
struct Document<'a> {
    format_version: u64,
    recorded_at: Option<String>,
    transport: Option<String>,
    server_url: Option<String>,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    t_offset_ms: u64,
    sender: Party,
    #[serde(borrow)]
    payload: &'a RawValue,
    exchange: Option<u64>,
}

impl Import for McpCassette {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let document: Document<'_> = serde_json::from_str(line).map_err(in_words)?;
        if document.format_version != VERSION {
            let version = document.format_version;
            return Err(format!("its `format_version` is {version}, and {VERSION} is read"));
        }
        let transport = match document.transport.as_deref() {
            Some("stdio") => Some(Transport::Stdio),
            Some(_) => Some(Transport::Http),
            None => None,
        };
        found.push(Found::About {
            of: String::new(),
            started: document.recorded_at.map_or(At::Unknown, |text| clock::at(&text)),
            transport,
            launch: document.server_url.map(Launch::Address),
        });
        for (index, text) in document.messages.iter().enumerate() {
            let entry: Entry<'_> = match serde_json::from_str(text.get()) {
                Ok(entry) => entry,
                Err(error) => {
                    let place = format!("/messages/{index}");
                    found.push(Found::Damaged { place, reason: in_words(error) });
                    continue;
                }
            };
            // A line that was no message is kept as its text.
            let body = match serde_json::from_str::<String>(entry.payload.get()) {
                Ok(text) => Body::Text(text.into()),
                Err(_) => told::kept(entry.payload),
            };
            let at = At::Since(entry.t_offset_ms.saturating_mul(1_000));
            let mut message = Imported::new("", at, entry.sender, body);
            message.channel = entry.exchange.map_or(0, |exchange| exchange + 1);
            if transport == Some(Transport::Http) {
                // It records one session, whose id it keeps to itself.
                message.session = Some(String::new());
            }
            found.push(message.into());
        }
        Ok(())
    }
}
