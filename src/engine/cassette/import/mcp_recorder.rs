//! Cassettes of mcp-recorder: one JSON document of requests, each with its response.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Launch, Shape, clock, in_words, told};
use crate::engine::cassette::{Http, Party, Transport};

pub(super) const FORMAT: Format = Format {
    name: "mcp-recorder",
    title: "cassettes of mcp-recorder (JSON)",
    lacks: &[
        "when a request was made: only how long its answer took",
        "which requests were under way at the same time",
        "requests and notifications of the server",
        "headers and sessions",
    ],
    recognises: |shape: &Shape<'_>| shape.has(&["interactions", "metadata"]),
    open: || Box::new(McpRecorder),
};

struct McpRecorder;

#[derive(Deserialize)]
struct Document<'a> {
    metadata: Metadata,
    #[serde(borrow)]
    interactions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata {
    recorded_at: Option<String>,
    server_url: Option<String>,
    transport_type: Option<String>,
}

#[derive(Deserialize)]
struct Interaction<'a> {
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(default)]
    response_is_sse: bool,
    response_status: Option<u16>,
    #[serde(default)]
    latency_ms: u64,
}

impl Import for McpRecorder {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let document: Document<'_> = serde_json::from_str(line).map_err(in_words)?;
        let metadata = document.metadata;
        let is_stdio = metadata.transport_type.as_deref() == Some("stdio");
        found.push(Found::About {
            of: String::new(),
            started: metadata.recorded_at.map_or(At::Unknown, |text| clock::at(&text)),
            transport: Some(if is_stdio { Transport::Stdio } else { Transport::Http }),
            launch: metadata.server_url.filter(|url| !url.is_empty()).map(Launch::Address),
        });
        let mut since_us = 0_u64;
        for (index, text) in document.interactions.iter().enumerate() {
            let interaction: Interaction<'_> = match serde_json::from_str(text.get()) {
                Ok(interaction) => interaction,
                Err(error) => {
                    let place = format!("/interactions/{index}");
                    found.push(Found::Damaged { place, reason: in_words(error) });
                    continue;
                }
            };
            // What opens and closes a stream has no message.
            let Some(request) = interaction.request else { continue };
            let mut push = |from, at, message: &RawValue, http| {
                let mut message = Imported::new("", At::Since(at), from, told::kept(message));
                if !is_stdio {
                    (message.channel, message.http) = (index as u64 + 1, Some(http));
                    let is_event = from == Party::Server && interaction.response_is_sse;
                    message.sse = is_event.then(Default::default);
                }
                found.push(message.into());
            };
            let sent = Http { method: Some("POST".to_owned()), ..Http::default() };
            push(Party::Client, since_us, request, sent);
            since_us = since_us.saturating_add(interaction.latency_ms.saturating_mul(1_000));
            if let Some(response) = interaction.response {
                let answered = Http { status: interaction.response_status, ..Http::default() };
                push(Party::Server, since_us, response, answered);
            }
        }
        Ok(())
    }
}
