//! Traces of OpenAI's Agents SDK: spans as its exporters write them, one by one, in lists or in batches
//! (`{"data": […]}`).
//!
//! A call is a span of the type `function`. One of an MCP server has `mcp_data` with its name; others
//! are functions of the application, kept as those of the server `functions`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Shape, clock, in_words, told};
use crate::engine::cassette::Party;

pub(super) const FORMAT: Format = Format {
    name: "openai-agents",
    title: "traces of OpenAI's Agents SDK (JSON, or JSON lines)",
    lacks: &[
        "the wire: handshake, tool lists, notifications, ids; the messages are made up of spans",
        "structured content",
        "errors of the protocol as such: they are results with `isError`",
    ],
    recognises: |shape: &Shape<'_>| {
        shape.has(&["span_data"])
            || shape.has_text("object", &["trace", "trace.span"])
            || shape.has(&["spans"])
    },
    open: || Box::new(OpenAiAgents),
};

/// What calls are called by here that name no server.
const FUNCTIONS: &str = "functions";

struct OpenAiAgents;

#[derive(Deserialize)]
struct Any<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    spans: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    trace_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    started_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ended_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    span_data: Option<&'a RawValue>,
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    message: Option<String>,
    data: Option<FailureData>,
}

/// The message says that a tool has failed, and this says how.
#[derive(Deserialize)]
struct FailureData {
    error: Option<String>,
}

#[derive(Deserialize)]
struct Function<'a> {
    name: String,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    mcp_data: Option<McpData>,
}

#[derive(Deserialize)]
struct McpData {
    server: Option<String>,
}

impl Import for OpenAiAgents {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let value: &RawValue = serde_json::from_str(line).map_err(in_words)?;
        let mut messages = Vec::new();
        take(value, "", 0, &mut messages, found);
        // Spans are exported when they end; calls are told in the order in which they were made.
        messages.sort_by_key(|message: &Imported| match message.at {
            At::Clock(at) => at,
            _ => 0,
        });
        found.extend(messages.into_iter().map(Found::from));
        Ok(())
    }
}

fn take(
    value: &RawValue,
    place: &str,
    depth: u8,
    messages: &mut Vec<Imported>,
    found: &mut Vec<Found>,
) {
    if depth > 8 {
        return;
    }
    if value.get().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
        for (index, item) in items.into_iter().enumerate() {
            take(item, &format!("{place}/{index}"), depth + 1, messages, found);
        }
        return;
    }
    let taken = serde_json::from_str::<Any<'_>>(value.get()).map_err(in_words).and_then(|any| {
        for (name, inside) in [("data", any.data), ("spans", any.spans)] {
            if let Some(inside) = inside.filter(|it| it.get().starts_with('[')) {
                take(inside, &format!("{place}/{name}"), depth + 1, messages, found);
            }
        }
        span(&any, messages)
    });
    if let Err(reason) = taken {
        found.push(Found::Damaged { place: place.to_owned(), reason });
    }
}

fn span(span: &Any<'_>, messages: &mut Vec<Imported>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        r#type: Option<Cow<'a, str>>,
    }
    let Some(data) = span.span_data else { return Ok(()) };
    let kind: Kind<'_> = serde_json::from_str(data.get()).map_err(in_words)?;
    if kind.r#type.as_deref() != Some("function") {
        return Ok(());
    }
    let function: Function<'_> = serde_json::from_str(data.get()).map_err(in_words)?;
    let server = function.mcp_data.and_then(|data| data.server);
    let server = server.unwrap_or_else(|| FUNCTIONS.to_owned());
    let at = |text: &Option<Cow<'_, str>>| text.as_deref().map_or(At::Unknown, clock::at);
    let id = told::id(span.id.as_deref().ok_or("a span without `id`")?);
    let arguments = function.input.filter(|it| it.get() != "null").map(|input| {
        match serde_json::from_str::<String>(input.get()) {
            Ok(text) => told::arguments(&text),
            Err(_) => told::on_one_line(input),
        }
    });
    let body = told::call(&id, &function.name, arguments.as_deref());
    let mut push = |at, from, body| {
        let mut message = Imported::new(&server, at, from, body);
        message.session = span.trace_id.as_deref().map(str::to_owned);
        messages.push(message);
    };
    push(at(&span.started_at), Party::Client, body);
    let output = function.output.filter(|it| it.get() != "null").map(output);
    let failed = span.error.as_ref().map(|failure| {
        let how = failure.data.as_ref().and_then(|data| data.error.clone());
        how.or_else(|| failure.message.clone()).unwrap_or_default()
    });
    let result = match (output, failed) {
        (Some(output), None) => output,
        (Some(output), Some(_)) => output.failed(),
        (None, Some(message)) => told::CallResult::text(&message).failed(),
        // A span that was not ended has no outcome.
        (None, None) if span.ended_at.is_none() => return Ok(()),
        (None, None) => told::CallResult::default(),
    };
    push(at(&span.ended_at), Party::Server, told::result(&id, &result));
    Ok(())
}

/// An output: a text, which may be an item of content of MCP or a list of them, or such items.
fn output(output: &RawValue) -> told::CallResult {
    let text = serde_json::from_str::<String>(output.get()).ok();
    let value = match &text {
        Some(text) => told::read(text),
        None => Some(told::on_one_line(output)),
    };
    match (value.as_deref().and_then(items), text) {
        (Some(content), _) => told::CallResult { content, ..told::CallResult::default() },
        (None, Some(text)) => told::CallResult::text(&text),
        (None, None) => told::CallResult::text(output.get()),
    }
}

/// The items of content that a value is; none where it is something else.
fn items(value: &RawValue) -> Option<Vec<Box<RawValue>>> {
    #[derive(Deserialize)]
    struct Item {
        r#type: String,
    }
    let items: Vec<&RawValue> = match value.get().starts_with('[') {
        true => serde_json::from_str(value.get()).ok()?,
        false => vec![value],
    };
    let is_content = |item: &&RawValue| {
        let kinds = ["text", "image", "audio", "resource", "resource_link"];
        let item = serde_json::from_str::<Item>(item.get());
        item.is_ok_and(|item| kinds.contains(&item.r#type.as_str()))
    };
    let is_all = !items.is_empty() && items.iter().all(is_content);
    is_all.then(|| items.into_iter().map(ToOwned::to_owned).collect())
}
