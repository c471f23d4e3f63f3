//! Transcripts of Claude Code: JSON lines, a tree by `uuid` and `parentUuid`.
//!
//! Of the tree the branch counts that was gone on with ([`branch`]). Calls of the tools of MCP servers
//! are named `mcp__SERVER__TOOL`; a call is a block of an assistant's message, its result a block of a
//! later message. Line types are no closed set, and what is not known is passed over.

mod branch;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Shape, clock, in_words, told};
use crate::engine::cassette::Party;

use branch::Branch;

pub(super) const FORMAT: Format = Format {
    name: "claude-code",
    title: "transcripts of Claude Code (JSON lines)",
    lacks: &[
        "the wire: handshake, tool lists, notifications, ids; the messages are made up of calls and \
         results",
        "when a server was asked and had answered: times are those of the transcript, with the work of \
         the client and the consent of the user in them",
        "errors of the protocol as such: they are results with `isError`, as are errors of the client",
        "results that were too long for the model: what stands in their place",
    ],
    recognises: |shape: &Shape<'_>| {
        shape.has(&["uuid", "parentUuid"])
            || shape.has(&["sessionId", "type", "message"])
            || shape.has(&["session_id", "type", "message"])
    },
    open: || Box::new(ClaudeCode::default()),
};

#[derive(Default)]
struct ClaudeCode {
    branch: Branch,
    /// Calls that were not made: the user did not permit them.
    refused: HashSet<String>,
    /// The calls that have no result yet: which server they are of.
    waiting: HashMap<String, String>,
    /// Calls that were seen: a message may be written down again while it grows.
    seen: HashSet<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(borrow)]
    uuid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parent_uuid: Option<Cow<'a, str>>,
    /// The parent over the seam of a compacted conversation.
    #[serde(borrow)]
    logical_parent_uuid: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "session_id")]
    session_id: Option<Cow<'a, str>>,
    #[serde(default)]
    is_sidechain: bool,
    #[serde(borrow)]
    agent_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    mcp_meta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_use_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    is_error: Option<bool>,
}

impl Import for ClaudeCode {
    fn survey(&mut self, line: &str) {
        let Ok(line) = serde_json::from_str::<Line<'_>>(line) else { return };
        let said = line.message.and_then(|text| serde_json::from_str::<Said<'_>>(text.get()).ok());
        if let Some(uuid) = &line.uuid {
            let parent = line.parent_uuid.as_deref().or(line.logical_parent_uuid.as_deref());
            let message = said.as_ref().and_then(|said| said.id.as_deref());
            self.branch.add(uuid, parent, message, line.is_sidechain, said.is_some());
        }
        for block in said.map(|said| blocks(&said)).unwrap_or_default() {
            if block.r#type == "tool_result"
                && block.is_error == Some(true)
                && was_refused(block.content)
                && let Some(id) = block.tool_use_id
            {
                self.refused.insert(id.into_owned());
            }
        }
    }

    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let line: Line<'_> = serde_json::from_str(line).map_err(in_words)?;
        let Some(message) = line.message else { return Ok(()) };
        // Of other types, a message may be anything.
        let Ok(said) = serde_json::from_str::<Said<'_>>(message.get()) else { return Ok(()) };
        for block in blocks(&said) {
            match &*block.r#type {
                "tool_use" => self.call(&line, &said, block, found),
                "tool_result" => self.result(&line, block, found),
                _ => {}
            }
        }
        Ok(())
    }
}

impl ClaudeCode {
    fn call(&mut self, line: &Line<'_>, said: &Said<'_>, block: Block<'_>, found: &mut Vec<Found>) {
        let (Some(id), Some(name)) = (block.id, block.name) else {
            let (place, reason) = ("a tool_use".to_owned(), "it has no `id` or `name`".to_owned());
            found.push(Found::Damaged { place, reason });
            return;
        };
        if !self.seen.insert(branch::hash(&id)) {
            return;
        }
        let Some((server, tool)) = name.strip_prefix("mcp__").and_then(|it| it.split_once("__"))
        else {
            found.push(Found::LeftOut("calls of tools of the client itself"));
            return;
        };
        let uuid = line.uuid.as_deref();
        if uuid.is_some_and(|uuid| !self.branch.has(uuid, said.id.as_deref())) {
            found.push(Found::LeftOut("calls on branches that were given up"));
            return;
        }
        if self.refused.contains(&*id) {
            found.push(Found::LeftOut("calls that the user did not permit"));
            return;
        }
        self.waiting.insert(id.clone().into_owned(), server.to_owned());
        let body = told::call(&told::id(&id), tool, block.input.map(told::on_one_line).as_deref());
        let mut message = Imported::new(server, at(line), Party::Client, body);
        message.session = session(line);
        found.push(message.into());
    }

    /// A result belongs to its call, wherever in the tree it stands: those of calls made side by side
    /// hang on branches of their own.
    fn result(&mut self, line: &Line<'_>, block: Block<'_>, found: &mut Vec<Found>) {
        let Some((id, server)) = block.tool_use_id.and_then(|id| self.waiting.remove_entry(&*id))
        else {
            return;
        };
        let mut result = block.content.map(content).unwrap_or_default();
        result.is_error = block.is_error == Some(true);
        result.structured_content = line.mcp_meta.and_then(structured);
        let body = told::result(&told::id(&id), &result);
        let mut message = Imported::new(&server, at(line), Party::Server, body);
        message.session = session(line);
        found.push(message.into());
    }
}

fn at(line: &Line<'_>) -> At {
    line.timestamp.as_deref().map_or(At::Unknown, clock::at)
}

/// A helper of the model has a conversation of its own.
fn session(line: &Line<'_>) -> Option<String> {
    let session = line.session_id.as_deref()?;
    Some(match (&line.agent_id, line.is_sidechain) {
        (Some(agent), _) => format!("{session}/{agent}"),
        (None, true) => format!("{session}/"),
        (None, false) => session.to_owned(),
    })
}

fn blocks<'a>(said: &Said<'a>) -> Vec<Block<'a>> {
    // What a user types is a text.
    let Some(content) = said.content.filter(|it| it.get().starts_with('[')) else {
        return Vec::new();
    };
    let blocks: Vec<&RawValue> = serde_json::from_str(content.get()).unwrap_or_default();
    blocks.iter().filter_map(|block| serde_json::from_str(block.get()).ok()).collect()
}

/// Whether a result says that its call was not made.
fn was_refused(content: Option<&RawValue>) -> bool {
    const BEGINNINGS: [&str; 4] = [
        "The user doesn't want to proceed with this tool use",
        "The user doesn't want to take this action",
        "[Request interrupted by user",
        "Permission to use ",
    ];
    let text = content.map(texts).unwrap_or_default();
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || (text.starts_with("Claude requested permissions to use ")
            && text.contains("haven't granted it"))
}

/// The first text of a result.
fn texts(content: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Text {
        text: Option<String>,
    }
    match serde_json::from_str::<String>(content.get()) {
        Ok(text) => text,
        Err(_) => {
            let items: Vec<Text> = serde_json::from_str(content.get()).unwrap_or_default();
            items.into_iter().find_map(|item| item.text).unwrap_or_default()
        }
    }
}

/// The content of a result, in the words of MCP.
fn content(content: &RawValue) -> told::CallResult {
    #[derive(Deserialize)]
    struct Image<'a> {
        r#type: &'a str,
        source: Source<'a>,
    }
    #[derive(Deserialize)]
    struct Source<'a> {
        data: &'a str,
        media_type: &'a str,
    }
    if let Ok(text) = serde_json::from_str::<String>(content.get()) {
        return told::CallResult::text(&text);
    }
    let items: Vec<&RawValue> = serde_json::from_str(content.get()).unwrap_or_default();
    let items = items.into_iter().map(|item| match serde_json::from_str::<Image<'_>>(item.get()) {
        Ok(image) if image.r#type == "image" => {
            told::image_item(image.source.data, image.source.media_type)
        }
        _ => told::on_one_line(item),
    });
    told::CallResult { content: items.collect(), ..told::CallResult::default() }
}

/// The structured content, which newer versions keep beside the text.
fn structured(meta: &RawValue) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta<'a> {
        #[serde(borrow)]
        structured_content: Option<&'a RawValue>,
    }
    let meta: Meta<'_> = serde_json::from_str(meta.get()).ok()?;
    meta.structured_content.map(told::on_one_line)
}
