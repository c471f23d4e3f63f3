//! Transcripts of mcp-vcr: a YAML document, or JSON lines.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Launch, Shape, clock, in_words, told, yaml};
use crate::engine::cassette::{Party, Transport};

pub(super) const FORMAT: Format = Format {
    name: "mcp-vcr",
    title: "transcripts of mcp-vcr (YAML, or JSON lines)",
    lacks: &[
        "times finer than a millisecond",
        "the order of keys and the text of numbers, where it is YAML",
        "schemas of properties whose name sounds like a secret, which it replaces",
    ],
    recognises: |shape: &Shape<'_>| {
        let is_document = |text: &str| {
            let mut lines = text.lines();
            lines.any(|line| line.starts_with("messages:")) && text.contains("server_command:")
        };
        shape.has(&["t", "dir", "payload"])
            || shape.has_text("_type", &["meta"])
            || shape.has(&["meta", "messages"])
            || shape.other().is_some_and(is_document)
    },
    open: || Box::new(McpVcr),
};

struct McpVcr;

#[derive(Deserialize)]
struct Document<'a> {
    meta: Meta,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Meta {
    recorded_at: Option<String>,
    server_command: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Line<'a> {
    t: u64,
    dir: &'a str,
    #[serde(borrow)]
    payload: &'a RawValue,
}

impl Import for McpVcr {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        #[derive(Deserialize)]
        struct Head {
            _type: Option<String>,
            dir: Option<String>,
        }
        match serde_json::from_str::<Head>(line) {
            Ok(Head { _type: Some(kind), .. }) if kind == "meta" => {
                found.push(about(serde_json::from_str(line).map_err(in_words)?));
                Ok(())
            }
            Ok(Head { _type: Some(_), .. }) => Ok(()),
            Ok(Head { dir: Some(_), .. }) => message(line).map(|message| found.push(message)),
            Ok(_) => document(line, found),
            // Whoever sent a cut line of JSON meant no YAML, though much of it is.
            Err(error) if line.starts_with('{') => Err(in_words(error)),
            Err(_) => document(&yaml::to_json(line)?, found),
        }
    }
}

fn document(text: &str, found: &mut Vec<Found>) -> Result<(), String> {
    let document: Document<'_> = serde_json::from_str(text).map_err(in_words)?;
    found.push(about(document.meta));
    for (index, line) in document.messages.iter().enumerate() {
        found.push(message(line.get()).unwrap_or_else(|reason| Found::Damaged {
            place: format!("/messages/{index}"),
            reason,
        }));
    }
    Ok(())
}

fn about(meta: Meta) -> Found {
    Found::About {
        of: String::new(),
        started: meta.recorded_at.map_or(At::Unknown, |text| clock::at(&text)),
        transport: Some(Transport::Stdio),
        launch: meta.server_command.map(Launch::Command),
    }
}

fn message(line: &str) -> Result<Found, String> {
    let line: Line<'_> = serde_json::from_str(line).map_err(in_words)?;
    let from = match line.dir {
        "c2s" => Party::Client,
        "s2c" => Party::Server,
        other => return Err(format!("`dir` is `{other}`")),
    };
    let at = At::Since(line.t.saturating_mul(1_000));
    Ok(Imported::new("", at, from, told::kept(line.payload)).into())
}
