//! Spans of OpenTelemetry as OTLP JSON: one document, or JSON lines of export requests.
//!
//! Read are calls of tools by the conventions for MCP (`mcp.method.name` = `tools/call`) and for tools of
//! generative AI (`gen_ai.operation.name` = `execute_tool`): semantic-conventions-genai,
//! `docs/gen-ai/mcp.md`. One call may have several spans, of the agent, the client and the server; the
//! outermost one counts, with what the others know besides.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{At, Format, Found, Import, Imported, Shape, in_words, told};
use crate::engine::cassette::Party;

pub(super) const FORMAT: Format = Format {
    name: "otlp",
    title: "spans of OpenTelemetry (OTLP JSON, or JSON lines of it)",
    lacks: &[
        "the wire: handshake, tool lists, notifications; the messages are made up of spans",
        "arguments and results, unless the application was told to keep them",
        "requests other than calls of tools, of which a span does not have the answer",
    ],
    recognises: |shape: &Shape<'_>| shape.has(&["resourceSpans"]) || shape.has(&["resource_spans"]),
    open: || Box::new(Otlp),
};

struct Otlp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow, alias = "resource_spans")]
    resource_spans: Vec<ResourceSpans<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    #[serde(default)]
    resource: Resource,
    #[serde(borrow, default, alias = "scope_spans", alias = "instrumentationLibrarySpans")]
    scope_spans: Vec<ScopeSpans<'a>>,
}

#[derive(Deserialize, Default)]
struct Resource {
    #[serde(default)]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct ScopeSpans<'a> {
    #[serde(borrow, default)]
    spans: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
    #[serde(default)]
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    #[serde(borrow, alias = "trace_id")]
    trace_id: Cow<'a, str>,
    #[serde(borrow, alias = "span_id")]
    span_id: Cow<'a, str>,
    #[serde(borrow, alias = "parent_span_id")]
    parent_span_id: Option<Cow<'a, str>>,
    #[serde(default, alias = "start_time_unix_nano")]
    start_time_unix_nano: Value,
    #[serde(default, alias = "end_time_unix_nano")]
    end_time_unix_nano: Value,
    #[serde(default)]
    kind: Value,
    #[serde(default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize, Default)]
struct Status {
    message: Option<String>,
}

/// A span that is a call of a tool.
#[derive(Debug)]
struct Call {
    trace: String,
    parent: Option<String>,
    id: String,
    start_us: Option<u64>,
    end_us: Option<u64>,
    attributes: HashMap<String, Value>,
    status: Option<String>,
    /// What the server is called, as far as this span knows.
    server: String,
}

impl Import for Otlp {
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String> {
        let request: Request<'_> = serde_json::from_str(line).map_err(in_words)?;
        let mut calls = Vec::new();
        for (resource, spans) in request.resource_spans.iter().enumerate() {
            for (scope, spans_of_scope) in spans.scope_spans.iter().enumerate() {
                for (index, span) in spans_of_scope.spans.iter().enumerate() {
                    match serde_json::from_str::<Raw<'_>>(span.get()) {
                        Ok(span) => match call(span, &spans.resource) {
                            Ok(call) => calls.push(call),
                            Err(kind) => found.push(Found::LeftOut(kind)),
                        },
                        Err(error) => found.push(Found::Damaged {
                            place: format!(
                                "/resourceSpans/{resource}/scopeSpans/{scope}/spans/{index}"
                            ),
                            reason: in_words(error),
                        }),
                    }
                }
            }
        }
        let mut messages = Vec::new();
        for call in outermost(calls) {
            tell(call, &mut messages);
        }
        // Spans are exported when they end; calls are told in the order in which they were made.
        messages.sort_by_key(|message: &Imported| match message.at {
            At::Clock(at) => at,
            _ => 0,
        });
        found.extend(messages.into_iter().map(Found::from));
        Ok(())
    }
}

/// The call that a span is, or what it is instead.
fn call(span: Raw<'_>, resource: &Resource) -> Result<Call, &'static str> {
    let attributes: HashMap<String, Value> =
        span.attributes.into_iter().map(|it| (it.key, plain(it.value))).collect();
    let text = |name: &str| attributes.get(name).and_then(Value::as_str);
    let method = text("mcp.method.name");
    match (method, text("gen_ai.operation.name")) {
        (Some("tools/call"), _) | (None, Some("execute_tool")) => {}
        (Some(_), _) => return Err("spans of other requests of MCP"),
        (None, _) => return Err("spans of something else"),
    }
    if text("gen_ai.tool.name").is_none() {
        return Err("spans of calls that do not name the tool");
    }
    let is_server = span.kind == 2 || span.kind == "SPAN_KIND_SERVER";
    let service = resource.attributes.iter().find(|it| it.key == "service.name");
    let service = service.map(|it| plain(it.value.clone()));
    let server = match (is_server, text("server.address"), &service) {
        (true, _, Some(Value::String(service))) => service.clone(),
        (_, Some(address), _) => match attributes.get("server.port") {
            Some(port) => format!("{address}:{port}"),
            None => address.to_owned(),
        },
        _ => String::new(),
    };
    let micros = |nanos: &Value| {
        let nanos = nanos.as_u64().or_else(|| nanos.as_str().and_then(|it| it.parse().ok()));
        nanos.filter(|nanos| *nanos > 0).map(|nanos| nanos / 1_000)
    };
    Ok(Call {
        trace: span.trace_id.into_owned(),
        parent: span.parent_span_id.map(Cow::into_owned).filter(|it| !it.is_empty()),
        id: span.span_id.into_owned(),
        start_us: micros(&span.start_time_unix_nano),
        end_us: micros(&span.end_time_unix_nano),
        attributes,
        status: span.status.message,
        server,
    })
}

/// The calls that are inside of no other one of the same tool; each knows what those inside of it do.
fn outermost(calls: Vec<Call>) -> Vec<Call> {
    let key = |call: &Call| (call.trace.clone(), call.id.clone());
    let places: HashMap<_, _> =
        calls.iter().enumerate().map(|(index, call)| (key(call), index)).collect();
    let tool = |call: &Call| call.attributes.get("gen_ai.tool.name").cloned();
    let around: Vec<Option<usize>> = calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let parent = (call.trace.clone(), call.parent.clone()?);
            let place = *places.get(&parent)?;
            (place != index && tool(&calls[place]) == tool(call)).then_some(place)
        })
        .collect();
    // The way up is as long as there are spans at most: one that goes in circles ends nowhere.
    let top_of = |index: usize| {
        let mut top = index;
        for _ in 0..calls.len() {
            match around[top] {
                Some(place) => top = place,
                None => return Some(top),
            }
        }
        None
    };
    let tops: Vec<Option<usize>> = (0..calls.len()).map(top_of).collect();
    let mut calls: Vec<Option<Call>> = calls.into_iter().map(Some).collect();
    for (index, top) in tops.iter().enumerate() {
        let Some(top) = top.filter(|top| *top != index) else { continue };
        let Some(inner) = calls[index].take() else { continue };
        if let Some(outer) = &mut calls[top] {
            for (name, value) in inner.attributes {
                outer.attributes.entry(name).or_insert(value);
            }
            outer.status = outer.status.take().filter(|it| !it.is_empty()).or(inner.status);
            if outer.server.is_empty() {
                outer.server = inner.server;
            }
        }
    }
    calls.into_iter().flatten().collect()
}

fn tell(call: Call, messages: &mut Vec<Imported>) {
    let text = |name: &str| call.attributes.get(name).and_then(Value::as_str);
    let session = text("mcp.session.id").map(str::to_owned);
    // The id of a request counts within its session only.
    let id = match (&session, call.attributes.get("jsonrpc.request.id")) {
        (Some(_), Some(Value::String(id))) => match id.parse::<i64>() {
            Ok(number) => told::id_number(number),
            Err(_) => told::id(id),
        },
        (Some(_), Some(Value::Number(id))) => told::id_number(id.as_i64().unwrap_or_default()),
        _ => told::id(&call.id),
    };
    let arguments = call.attributes.get("gen_ai.tool.call.arguments").map(|value| match value {
        Value::String(text) => told::arguments(text),
        other => told::value(other),
    });
    let tool = text("gen_ai.tool.name").unwrap_or_default();
    let at = |time: Option<u64>| time.map_or(At::Unknown, At::Clock);
    let mut push = |at, from, body| {
        let mut message = Imported::new(&call.server, at, from, body);
        message.session.clone_from(&session);
        messages.push(message);
    };
    push(at(call.start_us), Party::Client, told::call(&id, tool, arguments.as_deref()));
    if call.end_us.is_none() {
        return;
    }
    let kept = call.attributes.get("gen_ai.tool.call.result");
    let status = call.status.as_deref().unwrap_or_default();
    let answer = match (text("error.type"), kept) {
        (None, None) => told::result(&id, &told::CallResult::default()),
        (None, Some(kept)) => result(&id, kept, false),
        (Some("tool_error"), Some(kept)) => result(&id, kept, true),
        (Some("tool_error"), None) => told::result(&id, &told::CallResult::text(status).failed()),
        (Some(kind), _) => {
            let code = text("rpc.response.status_code").unwrap_or(kind);
            let code = code.parse().unwrap_or(told::UNKNOWN_CODE);
            let message = if status.is_empty() { kind } else { status };
            told::error(&id, code, message)
        }
    };
    push(at(call.end_us), Party::Server, answer);
}

/// A result: one of MCP as it stands, or anything else as its text.
fn result(id: &RawValue, kept: &Value, is_error: bool) -> crate::engine::cassette::Body<'static> {
    let value = match kept {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| kept.clone()),
        other => other.clone(),
    };
    if value.get("content").is_some_and(Value::is_array) {
        let raw = match kept {
            Value::String(text) => told::read(text),
            _ => None,
        };
        return told::result(id, &raw.unwrap_or_else(|| told::value(&value)));
    }
    let text = match kept {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let result = told::CallResult::text(&text);
    told::result(id, &if is_error { result.failed() } else { result })
}

/// An `AnyValue` of OTLP as JSON.
fn plain(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let Some((kind, value)) = members.into_iter().next() else { return Value::Null };
    let list = |mut value: Value| match value.get_mut("values").map(Value::take) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    match kind.as_str() {
        // A 64-bit integer is a text in the JSON of protocol buffers.
        "intValue" | "int_value" => match value.as_str().and_then(|it| it.parse::<i64>().ok()) {
            Some(number) => number.into(),
            None => value,
        },
        "arrayValue" | "array_value" => list(value).into_iter().map(plain).collect(),
        "kvlistValue" | "kvlist_value" => {
            let members = list(value).into_iter().filter_map(|mut member| {
                let key = member.get("key")?.as_str()?.to_owned();
                Some((key, plain(member.get_mut("value")?.take())))
            });
            Value::Object(members.collect())
        }
        _ => value,
    }
}
