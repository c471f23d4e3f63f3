//! Responses of OpenAI's Responses API: a response, a list of them or of their items, or JSON lines of
//! these or of the events of a stream.
//!
//! `mcp_call` and `mcp_list_tools` name the server by its label. A `function_call` is a call of a
//! function of the application, which may or may not be behind a server; all of them are kept as those
//! of the server `functions`.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{At, Format, Found, Import, Imported, Shape, clock, in_words, told};
use crate::engine::cassette::{Body, Party};

pub(super) const FORMAT: Format = Format {
    name: "openai-responses",
    title: "responses and items of OpenAI's Responses API (JSON, or JSON lines)",
    lacks: &[
        "the wire: handshake, notifications, ids; the messages are made up of calls and their outputs",
        "how long a call took: all of a response has the time of the response",
        "structured content, and every content that is no text",
        "whether a function of the application has failed",
    ],
    recognises: |shape: &Shape<'_>| {
        shape.has_text("object", &["response"])
            || shape.has_text("type", ITEMS)
            || shape.has_text("type", EVENTS)
            || shape.has(&["output", "model"])
    },
    open: || Box::new(OpenAiResponses::default()),
};

/// What `function_call`s are called by here, which name no server.
const FUNCTIONS: &str = "functions";

const ITEMS: &[&str] = &[
    "mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "function_call",
    "function_call_output",
];

/// The events of a stream that hold a response or an item that is complete.
const EVENTS: &[&str] = &[
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.output_item.done",
    "response.created",
    "response.in_progress",
];

#[derive(Default)]
struct OpenAiResponses {
    /// The items that were seen: the next request repeats what came before it.
    seen: HashSet<String>,
    /// How many items had no name of their own.
    nameless: u64,
    /// The calls that have no outcome yet.
    waiting: HashMap<String, Box<RawValue>>,
}

/// Anything of the above.
#[derive(Deserialize)]
struct Any<'a> {
    #[serde(borrow)]
    r#type: Option<Cow<'a, str>>,
    created_at: Option<f64>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    call_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    server_label: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    arguments: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

impl Import for OpenAiResponses {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let value: &RawValue = serde_json::from_str(line).map_err(in_words)?;
        self.take(value, At::Unknown, "", 0, found);
        Ok(())
    }
}

impl OpenAiResponses {
    fn take(&mut self, value: &RawValue, at: At, place: &str, depth: u8, found: &mut Vec<Found>) {
        // Nothing of theirs is nested deeper, and what is nested endlessly is none of theirs.
        if depth > 8 {
            return;
        }
        if value.get().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
            for (index, item) in items.into_iter().enumerate() {
                self.take(item, at, &format!("{place}/{index}"), depth + 1, found);
            }
            return;
        }
        let any: Any<'_> = match serde_json::from_str(value.get()) {
            Ok(any) => any,
            Err(error) => {
                // What a person or the model has said may have any form.
                if ITEMS.iter().any(|kind| value.get().contains(&format!("\"{kind}\""))) {
                    let (place, reason) = (place.to_owned(), in_words(error));
                    found.push(Found::Damaged { place, reason });
                }
                return;
            }
        };
        let at = any.created_at.map_or(at, clock::at_seconds);
        let kind = any.r#type.as_deref().unwrap_or_default();
        if ITEMS.contains(&kind) {
            if let Err(reason) = self.item(kind, &any, at, found) {
                found.push(Found::Damaged { place: place.to_owned(), reason });
            }
            return;
        }
        let inside = [
            ("input", any.input),
            ("output", any.output),
            ("data", any.data),
            ("response", any.response),
            ("item", any.item),
        ];
        // An item of a stream is only begun when it is added.
        for (name, inside) in inside.into_iter().filter(|_| kind != "response.output_item.added") {
            let inside = inside.filter(|it| it.get().starts_with(['[', '{']));
            if let Some(inside) = inside {
                self.take(inside, at, &format!("{place}/{name}"), depth + 1, found);
            }
        }
    }

    fn item(
        &mut self,
        kind: &str,
        item: &Any<'_>,
        at: At,
        found: &mut Vec<Found>,
    ) -> Result<(), String> {
        match kind {
            "mcp_call" => self.mcp_call(item, at, found),
            "mcp_list_tools" => self.mcp_list_tools(item, at, found),
            "function_call" => {
                let id = item.call_id.as_deref().ok_or("it has no `call_id`")?;
                let name = item.name.as_deref().ok_or("it has no `name`")?;
                if self.is_new("call", Some(id)) {
                    let arguments = told::arguments(item.arguments.as_deref().unwrap_or_default());
                    let id_json = told::id(id);
                    let body = told::call(&id_json, name, Some(&arguments));
                    self.waiting.insert(format!("function_call {id}"), id_json);
                    found.push(Imported::new(FUNCTIONS, at, Party::Client, body).into());
                }
                Ok(())
            }
            "function_call_output" => {
                let id = item.call_id.as_deref().ok_or("it has no `call_id`")?;
                if let Some(id) = self.waiting.remove(&format!("function_call {id}")) {
                    let result = item.output.map(output).unwrap_or_default();
                    let body = told::result(&id, &result);
                    found.push(Imported::new(FUNCTIONS, at, Party::Server, body).into());
                }
                Ok(())
            }
            // What is permitted comes again as a call.
            _ => {
                if kind == "mcp_approval_request" && self.is_new("approval", item.id.as_deref()) {
                    found.push(Found::LeftOut("requests for approval"));
                }
                Ok(())
            }
        }
    }

    fn mcp_call(&mut self, item: &Any<'_>, at: At, found: &mut Vec<Found>) -> Result<(), String> {
        let server = item.server_label.as_deref().ok_or("it has no `server_label`")?;
        let name = item.name.as_deref().ok_or("it has no `name`")?;
        let output = item.output.filter(|it| it.get() != "null");
        let error = item.error.filter(|it| it.get() != "null");
        let is_open = output.is_none() && error.is_none();
        // A call that has no outcome yet comes again with one.
        let waiting = item
            .id
            .as_deref()
            .filter(|_| !is_open)
            .and_then(|id| self.waiting.remove(&format!("mcp_call {id}")));
        let id = match waiting {
            Some(id) => id,
            None if !self.is_new("mcp_call", item.id.as_deref()) => return Ok(()),
            None => {
                let id = self.id(item.id.as_deref());
                let arguments = told::arguments(item.arguments.as_deref().unwrap_or_default());
                let body = told::call(&id, name, Some(&arguments));
                found.push(Imported::new(server, at, Party::Client, body).into());
                if let Some(name) = item.id.as_deref().filter(|_| is_open) {
                    self.waiting.insert(format!("mcp_call {name}"), id.clone());
                }
                id
            }
        };
        let answer = match (error, output) {
            (Some(error), _) => failure(&id, error),
            (None, Some(text)) => told::result(&id, &self::output(text)),
            (None, None) => return Ok(()),
        };
        found.push(Imported::new(server, at, Party::Server, answer).into());
        Ok(())
    }

    fn mcp_list_tools(
        &mut self,
        item: &Any<'_>,
        at: At,
        found: &mut Vec<Found>,
    ) -> Result<(), String> {
        let server = item.server_label.as_deref().ok_or("it has no `server_label`")?;
        if !self.is_new("mcp_list_tools", item.id.as_deref()) {
            return Ok(());
        }
        let id = self.id(item.id.as_deref());
        let answer = match item.error.filter(|it| it.get() != "null") {
            Some(error) => failure(&id, error),
            None => {
                let tools = item.tools.ok_or("it has no `tools`")?;
                let tools: Vec<Tool<'_>> = serde_json::from_str(tools.get()).map_err(in_words)?;
                told::result(&id, &Tools { tools })
            }
        };
        found.push(Imported::new(server, at, Party::Client, told::ask(&id, "tools/list")).into());
        found.push(Imported::new(server, at, Party::Server, answer).into());
        Ok(())
    }

    fn is_new(&mut self, kind: &str, id: Option<&str>) -> bool {
        id.is_none_or(|id| self.seen.insert(format!("{kind} {id}")))
    }

    fn id(&mut self, id: Option<&str>) -> Box<RawValue> {
        match id {
            Some(id) => told::id(id),
            None => {
                self.nameless += 1;
                told::id(&format!("import-{}", self.nameless))
            }
        }
    }
}

/// A tool, in their words as in those of MCP. What they do not know is left out there.
#[derive(Deserialize, Serialize)]
struct Tool<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    #[serde(borrow, rename(serialize = "inputSchema"))]
    input_schema: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    annotations: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Tools<'a> {
    tools: Vec<Tool<'a>>,
}

/// An output: a text, or items of content.
fn output(output: &RawValue) -> told::CallResult {
    #[derive(Deserialize)]
    struct Text {
        text: String,
    }
    if let Ok(text) = serde_json::from_str::<String>(output.get()) {
        return told::CallResult::text(&text);
    }
    let items: Vec<&RawValue> = serde_json::from_str(output.get()).unwrap_or_default();
    let items = items.into_iter().map(|item| match serde_json::from_str::<Text>(item.get()) {
        Ok(item) => told::text_item(&item.text),
        Err(_) => told::on_one_line(item),
    });
    told::CallResult { content: items.collect(), ..told::CallResult::default() }
}

/// An error: a text, or an object that says which of three kinds it is.
fn failure(id: &RawValue, error: &RawValue) -> Body<'static> {
    #[derive(Deserialize)]
    struct Failure<'a> {
        r#type: Option<String>,
        code: Option<i64>,
        message: Option<String>,
        #[serde(borrow)]
        content: Option<&'a RawValue>,
    }
    let Ok(failure) = serde_json::from_str::<Failure<'_>>(error.get()) else {
        let text = serde_json::from_str::<String>(error.get());
        let text = text.unwrap_or_else(|_| error.get().to_owned());
        return told::result(id, &told::CallResult::text(&text).failed());
    };
    let message = failure.message.unwrap_or_default();
    match (failure.r#type.as_deref(), failure.content) {
        (_, Some(content)) => told::result(id, &output(content).failed()),
        (Some("protocol_error"), None) => {
            told::error(id, failure.code.unwrap_or(told::UNKNOWN_CODE), &message)
        }
        (Some("http_error"), None) => {
            let code = failure.code.map(|code| format!(" {code}")).unwrap_or_default();
            told::error(id, told::UNKNOWN_CODE, &format!("HTTP{code}: {message}"))
        }
        _ => told::result(id, &told::CallResult::text(&message).failed()),
    }
}
