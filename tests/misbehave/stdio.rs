//! The stdio transport: one JSON message a line, unless the way wants it otherwise.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Stdin, Stdout, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::answer;
use crate::life;
use crate::message::{Message, Reaction, Tally, encode};
use crate::way::Way;

/// No process of ours lives longer than this, however stubborn its way.
pub(crate) const LIMIT: Duration = Duration::from_secs(600);

/// Serves on standard input and output until the client closes our input.
pub(crate) fn serve(way: &'static Way) {
    life::limit(LIMIT);
    let mut stdio = Stdio::new();
    let mut tally = Tally::default();
    let mut initialized = false;

    (way.starts)(&mut stdio);
    while let Some(message) = stdio.hear() {
        match message {
            Message::Request(mut ask) => {
                tally.count(&mut ask);
                let answer = answer::answer(way, &ask, initialized).bytes;
                if way.at.includes(&ask.method) {
                    (way.sends)(&ask, &answer, &mut stdio);
                } else {
                    stdio.line(&answer);
                }
            }
            Message::Notification { method } => {
                initialized |= method == "notifications/initialized";
            }
            Message::Answer(_) => {}
            Message::Unreadable => {
                let error = json!({"code": -32700, "message": "that line is not a message"});
                stdio.line(&encode(&json!({"jsonrpc": "2.0", "id": null, "error": error})));
            }
        }
    }
    (way.ends)(&mut stdio);
}

/// Our input and output. When the client has closed its end of our output, the process leaves.
pub(crate) struct Stdio {
    input: BufReader<Stdin>,
    output: Stdout,
    /// Messages that came while we waited for an answer to a request of ours.
    postponed: VecDeque<Message>,
}

impl Stdio {
    pub(crate) fn new() -> Stdio {
        Stdio {
            input: BufReader::new(io::stdin()),
            output: io::stdout(),
            postponed: VecDeque::new(),
        }
    }

    /// The next message of the client; `None` when our input is closed.
    pub(crate) fn hear(&mut self) -> Option<Message> {
        self.postponed.pop_front().or_else(|| self.read())
    }

    /// Waits until the client has answered each of `ids`. `None` when our input closes before that.
    pub(crate) fn await_answers(&mut self, ids: &[Value]) -> Option<Vec<Reaction>> {
        let mut answers = Vec::new();
        while !ids.iter().all(|id| answers.iter().any(|answer: &Reaction| answer.id == *id)) {
            match self.read()? {
                Message::Answer(answer) => answers.push(answer),
                other => self.postponed.push_back(other),
            }
        }
        Some(answers)
    }

    fn read(&mut self) -> Option<Message> {
        self.read_line().map(|line| Message::read(&line))
    }

    /// The next line as it came, with its newline; `None` when our input is closed.
    pub(crate) fn read_line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        match self.input.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line),
        }
    }

    /// Writes the bytes and the newline that ends a message.
    pub(crate) fn line(&mut self, bytes: &[u8]) {
        self.bytes(&[bytes, b"\n"].concat());
    }

    /// Writes these bytes to standard output at once, and nothing else.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if self.output.write_all(bytes).and_then(|()| self.output.flush()).is_err() {
            life::leave(0);
        }
    }
}
