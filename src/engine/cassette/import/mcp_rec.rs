//! Recordings of mcp-rec: JSON lines of a time, a direction and a message.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Format, Found, Import, Imported, Shape, clock, in_words, told};
use crate::engine::cassette::{Body, Party, Transport};

pub(super) const FORMAT: Format = Format {
    name: "mcp-rec",
    title: "recordings of mcp-rec (JSON lines)",
    lacks: &["the command of the server"],
    recognises: |shape: &Shape<'_>| shape.has(&["ts", "dir", "msg"]),
    open: || Box::new(McpRec::default()),
};

#[derive(Default)]
struct McpRec {
    is_begun: bool,
}

#[derive(Deserialize)]
struct Line<'a> {
    ts: f64,
    dir: &'a str,
    #[serde(borrow)]
    msg: &'a RawValue,
}

/// What it makes of a line that is no JSON.
#[derive(Deserialize)]
struct Unparsed {
    _raw: String,
    #[serde(rename = "_unparsed")]
    _is_unparsed: bool,
}

impl Import for McpRec {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let line: Line<'_> = serde_json::from_str(line).map_err(in_words)?;
        let from = match line.dir {
            "client->server" => Party::Client,
            "server->client" => Party::Server,
            other => return Err(format!("`dir` is `{other}`")),
        };
        let at = clock::at_seconds(line.ts);
        if !self.is_begun {
            self.is_begun = true;
            let transport = Some(Transport::Stdio);
            found.push(Found::About { of: String::new(), started: at, transport, launch: None });
        }
        let body = match serde_json::from_str::<Unparsed>(line.msg.get()) {
            Ok(unparsed) => Body::Text(unparsed._raw.into()),
            Err(_) => told::kept(line.msg),
        };
        found.push(Imported::new("", at, from, body).into());
        Ok(())
    }
}
