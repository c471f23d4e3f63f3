//! What others have recorded, as messages of a cassette.
//!
//! An importer is one file and one line in [`FORMATS`]. It is given the lines of a file, or the file
//! as a whole where it is one document, and hands on [`Found`]s: messages, what is damaged, and what
//! it leaves out on purpose. Formats that keep calls instead of messages (transcripts, traces) get
//! their messages made up (`told`), and every format says what it cannot carry.
//!
//! Read [`Format`] and [`Import`] first; [`Tape`] numbers the messages of a file. Not for: reading
//! files and writing cassettes (`cli`), or taking secrets out of what was imported.

mod claude_code;
mod clock;
mod har;
mod mcp_cassette;
mod mcp_rec;
mod mcp_recorder;
mod mcp_vcr;
mod openai_agents;
mod openai_responses;
mod otlp;
mod shape;
mod tape;
#[cfg(test)]
mod tests;
mod told;
mod yaml;

pub use shape::Shape;
pub use tape::Tape;

use super::{Body, Http, Party, Sse, Transport};

/// Every format that is read, in the order in which they are tried.
pub const FORMATS: &[Format] = &[
    claude_code::FORMAT,
    openai_responses::FORMAT,
    openai_agents::FORMAT,
    otlp::FORMAT,
    har::FORMAT,
    mcp_cassette::FORMAT,
    mcp_recorder::FORMAT,
    mcp_rec::FORMAT,
    mcp_vcr::FORMAT,
];

/// A format that is read.
pub struct Format {
    /// Its name, as `--from` takes it.
    pub name: &'static str,
    /// What writes it, in words.
    pub title: &'static str,
    /// What it cannot carry, in words.
    pub lacks: &'static [&'static str],
    /// Whether a text is of this format.
    recognises: fn(&Shape<'_>) -> bool,
    /// A reader for one file.
    pub open: fn() -> Box<dyn Import>,
}

/// Reads one file. Each line of it is surveyed first, and then each is read; a document is one line.
pub trait Import {
    /// Looks at a line before any is read, where what is in one depends on later ones.
    fn survey(&mut self, _line: &str) {}

    /// Reads a line.
    ///
    /// # Errors
    /// When the whole line cannot be read: why, as a lowercase fragment. What is damaged inside is
    /// handed on as [`Found::Damaged`].
    fn read(&mut self, line: &str, found: &mut Vec<Found>) -> Result<(), String>;
}

/// What an importer has found.
#[derive(Debug)]
pub enum Found {
    /// When the recording of a server began, how it was carried, and how the server is started.
    About {
        /// The name of the server; empty in formats that know only one.
        of: String,
        /// When the recording began.
        started: At,
        /// Standard streams, or HTTP.
        transport: Option<Transport>,
        /// The command line or address of the server.
        launch: Option<Launch>,
    },
    /// A message.
    Message(Box<Imported>),
    /// Something that cannot be read.
    Damaged {
        /// Where it is in the line: a JSON Pointer, or words.
        place: String,
        /// What is wrong with it, as a lowercase fragment.
        reason: String,
    },
    /// Something that is left out on purpose, as a plural: `calls of built-in tools`.
    LeftOut(&'static str),
}

/// How a server is started or reached. It may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// A command line.
    Command(Vec<String>),
    /// An address.
    Address(String),
}

/// A message as the other format has it.
#[derive(Debug)]
pub struct Imported {
    /// The name of the server; empty in formats that know only one.
    pub server: String,
    /// When it was sent.
    pub at: At,
    /// Who has sent it.
    pub from: Party,
    /// The HTTP request of the file, from 1; 0 for none.
    pub channel: u64,
    /// What tells the sessions of the file apart; none without one.
    pub session: Option<String>,
    /// The request or response that has carried it.
    pub http: Option<Http>,
    /// The event of a stream that has carried it.
    pub sse: Option<Sse>,
    /// What was sent.
    pub body: Body<'static>,
}

/// When a message was sent, as far as a format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// It does not say.
    Unknown,
    /// Microseconds since the recording began.
    Since(u64),
    /// Microseconds since 1970.
    Clock(u64),
}

impl Imported {
    /// A message of which only this much is known.
    fn new(server: &str, at: At, from: Party, body: Body<'static>) -> Self {
        let server = server.to_owned();
        Self { server, at, from, channel: 0, session: None, http: None, sse: None, body }
    }
}

impl From<Imported> for Found {
    fn from(message: Imported) -> Self {
        Self::Message(Box::new(message))
    }
}

/// The format of this name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format that a text has: of a document the whole, of lines the first ones. None for none that
/// is known.
pub fn detect(shape: &Shape<'_>) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.recognises)(shape))
}

/// What serde says of a text that is not what it should be, without a place in a text that nobody
/// sees.
fn in_words(error: serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}
