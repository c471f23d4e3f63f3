//! What a line of a cassette says.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

/// A line.
#[derive(Debug, Clone)]
pub enum Line<'a> {
    /// What was recorded, and how. The first line.
    Header(Box<Header>),
    /// A message.
    Message(Message<'a>),
    /// Something that happened besides.
    Event(Event),
    /// The recording was ended in order. The last line.
    End(End),
    /// A line of a kind that a later version has added.
    Unknown,
}

/// What was recorded, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`](super::FORMAT).
    pub format: String,
    /// Tells recordings apart: 32 hexadecimal digits. Parts of one recording have the same.
    pub id: String,
    /// Which file of the recording this is, from 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub part: u64,
    /// When the recording began, as RFC 3339 in UTC; unknown for some imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// How the messages were carried; unknown for some imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// The server as it may be shown: its command line, its address, or the name that a client has
    /// for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What it was imported from; none for what we recorded ourselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// What the format that it was imported from cannot carry, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// The version of the rules by which secrets were kept out; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<u32>,
    /// The program that wrote it, with its version.
    #[serde(default)]
    pub program: String,
}

/// How messages are carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Lines on standard input and output.
    Stdio,
    /// Streamable HTTP.
    Http,
}

/// Who has sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The client.
    Client,
    /// The server.
    Server,
}

impl Party {
    /// Whom it talks to.
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// A message.
#[derive(Debug, Clone, Serialize)]
pub struct Message<'a> {
    /// The number of the line among the messages and events of the recording, from 1.
    pub n: u64,
    /// Microseconds since the recording began, by a clock that only goes forward; unknown for some
    /// imports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_us: Option<u64>,
    /// Who has sent it.
    pub from: Party,
    /// The HTTP request on which it came, or to which it came in answer, from 1; 0 on stdio.
    #[serde(skip_serializing_if = "is_zero")]
    pub channel: u64,
    /// The session of the protocol among those of the recording, from 1; 0 without one. Its id is a
    /// secret.
    #[serde(skip_serializing_if = "is_zero")]
    pub session: u64,
    /// The request or response that has carried it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<Http>,
    /// The event of a stream that has carried it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sse: Option<Sse>,
    /// What was sent.
    #[serde(flatten)]
    pub body: Body<'a>,
}

/// What was sent.
#[derive(Debug, Clone, Serialize)]
pub enum Body<'a> {
    /// JSON, as it was sent but for what was redacted and for white space between lines.
    #[serde(rename = "message")]
    Json(Cow<'a, RawValue>),
    /// What is not JSON.
    #[serde(rename = "text")]
    Text(Cow<'a, str>),
}

/// The head of a request or response.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Http {
    /// Of a request: its method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Of a response: its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers that are kept, by their names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// An event of a stream of server-sent events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sse {
    /// Its `event` field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Its `id` field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Something that happened besides messages: the server started, ended, or a stream was closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The number of the line among the messages and events of the recording, from 1.
    pub n: u64,
    /// Microseconds since the recording began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_us: Option<u64>,
    /// What has happened.
    pub event: String,
    /// The HTTP request that it is about, from 1; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub channel: u64,
    /// The particulars.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// The recording was ended in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many messages and events the recording has, in all its parts.
    pub n: u64,
    /// Whether it goes on in another file.
    #[serde(default, skip_serializing_if = "is_false")]
    pub goes_on: bool,
}

impl Line<'_> {
    /// The line as text, with its line feed.
    pub fn to_text(&self) -> String {
        #[derive(Serialize)]
        #[serde(tag = "kind", rename_all = "lowercase")]
        enum Written<'a> {
            Header(&'a Header),
            Message(&'a Message<'a>),
            Event(&'a Event),
            End(&'a End),
        }
        let written = match self {
            Self::Header(header) => Written::Header(header),
            Self::Message(message) => Written::Message(message),
            Self::Event(event) => Written::Event(event),
            Self::End(end) => Written::End(end),
            Self::Unknown => return String::new(),
        };
        let mut text = serde_json::to_string(&written).expect("every key of a line is a string");
        text.push('\n');
        text
    }
}

fn one() -> u64 {
    1
}

fn is_one(number: &u64) -> bool {
    *number == 1
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}
