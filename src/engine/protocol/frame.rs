//! One JSON-RPC message as it came in: exact bytes beside a lenient view (JSON-RPC 2.0).
//!
//! A typed decoder would drop or refuse most of what is worth reporting about a server, so a frame
//! is classified by what it has and everything odd about it is listed. Whether an oddity matters
//! is for others to say.

use std::sync::Arc;

use super::json::{Document, Kind, Limits, Oddity, ReadError, View};

/// A message and what is odd about it.
#[derive(Debug, Clone)]
pub struct Frame {
    document: Arc<Document>,
    /// The place of this message in a batch; none for a message on its own.
    batch_index: Option<usize>,
    /// What the message is.
    pub message: Message,
    /// What a strict peer would refuse, in no particular order.
    pub oddities: Vec<FrameOddity>,
}

/// What a message is, judged by its members alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// It has `result`.
    Result(Id),
    /// It has `error` and no usable `result`.
    Error(Id, ErrorObject),
    /// It has `method` and `id`.
    Request(Id, String),
    /// It has `method` and no `id`.
    Notification(String),
    /// JSON, but none of the above; says what it is.
    Other(String),
}

/// The `id` of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// A number, as its text.
    Number(String),
    /// A string.
    String(String),
    /// `null`, absent, or of a type that JSON-RPC does not allow.
    None,
}

/// The `error` member, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorObject {
    /// `code`, if it is a number that fits.
    pub code: Option<i64>,
    /// `message`, or the whole member where it is a string.
    pub message: String,
}

/// Ways in which a message is not what JSON-RPC 2.0 says it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameOddity {
    /// The JSON itself is odd.
    Json(Oddity),
    /// `jsonrpc` is absent or not `"2.0"`; holds its text.
    Version(Option<String>),
    /// `id` is a fraction, neither a number nor a string, or missing from a result; holds its text.
    /// An error may have none: whoever could not read the request does not know its id.
    Id(String),
    /// An answer has neither `result` nor `error`.
    NoOutcome,
    /// `result` and `error` together.
    ResultAndError,
    /// `error` is not an object with an integer `code` and a string `message`; holds its text.
    Error(String),
    /// The message came inside a JSON-RPC batch, which MCP dropped in 2025-06-18.
    Batch,
}

/// Reads the message, or the messages of a batch, in some bytes.
///
/// # Errors
/// When the bytes are not JSON or exceed the limits.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Frame>, ReadError> {
    let document = Arc::new(Document::read(bytes, limits)?);
    let root = document.root();
    let frames = if root.kind() == Kind::Array {
        let indices = 0..root.items().count();
        indices.map(|index| Frame::classify(&document, Some(index))).collect()
    } else {
        vec![Frame::classify(&document, None)]
    };
    Ok(frames)
}

impl Frame {
    fn classify(document: &Arc<Document>, batch_index: Option<usize>) -> Self {
        let mut frame = Self {
            document: Arc::clone(document),
            batch_index,
            message: Message::Other(String::new()),
            oddities: Vec::new(),
        };
        let view = frame.view();
        let mut oddities: Vec<_> = batch_index.map(|_| FrameOddity::Batch).into_iter().collect();
        if batch_index.unwrap_or(0) == 0 {
            oddities.extend(document.oddities().iter().cloned().map(FrameOddity::Json));
        }
        let message = classify(view, &mut oddities);
        frame.message = message;
        frame.oddities = oddities;
        frame
    }

    /// The message as JSON.
    pub fn view(&self) -> View<'_> {
        let root = self.document.root();
        match self.batch_index {
            None => root,
            Some(index) => root.items().nth(index).expect("the index counted the items"),
        }
    }

    /// `result`, if there is one.
    pub fn result(&self) -> Option<View<'_>> {
        self.view().get("result")
    }
}

impl Id {
    /// Whether this answers our request of that number. A string of the same digits counts: the
    /// answer is plainly meant, and the wrong type is reported apart.
    pub fn answers(&self, request: u64) -> bool {
        match self {
            Self::Number(text) | Self::String(text) => *text == request.to_string(),
            Self::None => false,
        }
    }
}

fn classify(view: View<'_>, oddities: &mut Vec<FrameOddity>) -> Message {
    if view.kind() != Kind::Object {
        return Message::Other(view.kind().with_article().to_owned());
    }
    let version = view.get("jsonrpc");
    if version.and_then(View::as_str).as_deref() != Some("2.0") {
        oddities.push(FrameOddity::Version(version.map(|version| version.text().to_owned())));
    }
    let method = view.get("method").and_then(View::as_str);
    let (result, error) = (view.get("result"), view.get("error"));
    if let Some(method) = method {
        return match view.get("id") {
            None => Message::Notification(method.into_owned()),
            Some(id) => Message::Request(read_id(id, oddities), method.into_owned()),
        };
    }
    if result.is_none() && error.is_none() && view.get("id").is_none() {
        let names: Vec<_> = view.members().filter_map(|(key, _)| key.as_str()).take(6).collect();
        return Message::Other(format!("an object with the keys {}", names.join(", ")));
    }
    if result.is_none() && error.is_none() {
        oddities.push(FrameOddity::NoOutcome);
    }
    let id = match view.get("id").filter(|id| !id.is_null()) {
        Some(id) => read_id(id, oddities),
        None => {
            if error.is_none() {
                let found = view.get("id").map_or("absent", View::text);
                oddities.push(FrameOddity::Id(found.to_owned()));
            }
            Id::None
        }
    };
    // A null beside the other member is how several libraries write "not this one".
    match (result, error.filter(|error| !error.is_null() || result.is_none())) {
        (Some(result), Some(error)) => {
            oddities.push(FrameOddity::ResultAndError);
            if result.is_null() { read_error(id, error, oddities) } else { Message::Result(id) }
        }
        (None, Some(error)) => read_error(id, error, oddities),
        _ => Message::Result(id),
    }
}

fn read_id(id: View<'_>, oddities: &mut Vec<FrameOddity>) -> Id {
    match id.kind() {
        Kind::Number if id.text().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
            Id::Number(id.text().to_owned())
        }
        Kind::String => Id::String(id.as_str().unwrap_or_default().into_owned()),
        _ => {
            oddities.push(FrameOddity::Id(id.text().to_owned()));
            Id::None
        }
    }
}

fn read_error(id: Id, error: View<'_>, oddities: &mut Vec<FrameOddity>) -> Message {
    let code = error.get("code").and_then(|code| code.text().parse().ok());
    let message = error.get("message").and_then(View::as_str);
    if code.is_none() || message.is_none() {
        oddities.push(FrameOddity::Error(error.text().to_owned()));
    }
    let message = message.or_else(|| error.as_str()).unwrap_or_default().into_owned();
    Message::Error(id, ErrorObject { code, message })
}
