//! `--update`: the recording with the answers of now, as a new cassette.
//!
//! While calls are made, what was sent and answered is kept in a file that has no name, without secrets;
//! when the last call is done, the recording is copied and the kept parts put in. So a recording of any
//! length is renewed without holding it, and a run that is broken off leaves nothing behind.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use crate::{
    cli::{
        cassette::{
            edit::derived,
            file::{Cassette, Damages},
            redaction::redactor,
            writing::Writing,
        },
        error::CliError,
        terminal::Terminal,
    },
    engine::{
        cassette::{
            Body, End, Header, Line, Message, Seen,
            redact::{self, Redactor},
        },
        report::escape::for_terminal,
    },
    live::replay::comparison::{Made, joiner},
};

/// What was sent and answered, for later.
pub(super) struct Kept {
    file: BufWriter<File>,
    redactor: Redactor,
    calls: u64,
}

/// A call that was made.
#[derive(Serialize, Deserialize)]
struct Record {
    serial: u64,
    request: Box<RawValue>,
    response: Box<RawValue>,
    time_us: u64,
}

impl Kept {
    pub(super) fn new() -> Result<Self, CliError> {
        let file = tempfile::tempfile()
            .map_err(|error| CliError::file("write", "a temporary file", &error))?;
        let file = BufWriter::with_capacity(1 << 18, file);
        Ok(Self { file, redactor: redactor()?, calls: 0 })
    }

    /// Keeps a call.
    pub(super) fn keep(&mut self, made: Made<'_>) -> io::Result<()> {
        let request = json!({"jsonrpc": "2.0", "id": made.serial, "method": "tools/call",
            "params": {"name": made.tool, "arguments": made.arguments}});
        let response = match made.answer {
            Ok(result) => json!({"jsonrpc": "2.0", "id": made.serial, "result": result}),
            Err(error) => json!({"jsonrpc": "2.0", "id": made.serial, "error": error}),
        };
        let mut raw = |message: Value| {
            RawValue::from_string(self.redactor.json(&message.to_string()).into_owned())
        };
        let record = Record {
            serial: made.serial,
            request: raw(request)?,
            response: raw(response)?,
            time_us: u64::try_from(made.time.as_micros()).unwrap_or(u64::MAX),
        };
        serde_json::to_writer(&mut self.file, &record)?;
        self.file.write_all(b"\n")?;
        self.calls += 1;
        Ok(())
    }

    /// Writes the new cassette.
    pub(super) fn write(self, from: &Path, to: &Path, terminal: &Terminal) -> Result<(), CliError> {
        let Self { file, mut redactor, calls } = self;
        let failed = |error: &io::Error| CliError::file("read", "a temporary file", error);
        let mut file = file.into_inner().map_err(|error| failed(error.error()))?;
        file.seek(SeekFrom::Start(0)).map_err(|error| failed(&error))?;
        let mut records = Records { file: BufReader::new(file), next: None, open: BTreeMap::new() };
        let mut cassette = Cassette::open(from)?;
        let redaction = Some(redact::RULES.max(cassette.header().redaction.unwrap_or_default()));
        let header = Header { part: 1, redaction, ..derived(cassette.header(), "update") };
        let mut writing = Writing::to(Some(to), terminal)?;
        writing.line(&Line::Header(Box::new(header)))?;
        let mut damages = Damages::new(false, terminal);
        let mut joiner = joiner();
        let mut clock = Clock::default();
        let mut n = 0;
        cassette.each(&mut damages, |line| match line {
            Line::Message(mut message) => {
                let (mut asked, mut answered) = (Vec::new(), Vec::new());
                let line = message.n;
                joiner.watch(&message, |seen| match seen {
                    Seen::Asked(exchange) => asked.push(exchange.serial),
                    Seen::Done(exchange) if exchange.answered_n == Some(line) => {
                        answered.push((exchange.serial, exchange.time_us));
                    }
                    Seen::Done(_) => {}
                });
                // Of several calls in one line it is not told which is which.
                if let ([serial], []) = (asked.as_slice(), answered.as_slice()) {
                    let record = records.of(*serial).map_err(|error| failed(&error))?;
                    if let Some(record) = record {
                        put(&mut message, &record.request, &["params"]);
                    }
                } else if let ([], [(serial, before)]) = (asked.as_slice(), answered.as_slice())
                    && let Some(record) = records.take(*serial)
                {
                    put(&mut message, &record.response, &["result", "error"]);
                    clock.took(before.unwrap_or_default(), record.time_us);
                }
                n += 1;
                message.n = n;
                message.at_us = message.at_us.map(|at_us| clock.at(at_us));
                writing.line(&Line::Message(redactor.message(message)))
            }
            Line::Event(mut event) => {
                n += 1;
                event.n = n;
                event.at_us = event.at_us.map(|at_us| clock.at(at_us));
                writing.line(&Line::Event(redactor.event(event)))
            }
            Line::Header(_) | Line::End(_) | Line::Unknown => Ok(true),
        })?;
        writing.line(&Line::End(End { n, goes_on: false }))?;
        writing.finish()?;
        let path = for_terminal(&to.display().to_string());
        terminal.remark(&format!("{path}: {n} messages and events, new answers: {calls}\n"));
        Ok(())
    }
}

/// What was kept, in the order of the calls.
struct Records<R> {
    file: R,
    next: Option<Record>,
    /// Those whose answer is still to come in the recording.
    open: BTreeMap<u64, Record>,
}

/// The most calls whose answers are still to come.
const MOST_OPEN: usize = 4_096;

impl<R: BufRead> Records<R> {
    fn of(&mut self, serial: u64) -> io::Result<Option<&Record>> {
        loop {
            if self.next.is_none() {
                let mut line = String::new();
                if self.file.read_line(&mut line)? == 0 {
                    return Ok(None);
                }
                self.next = Some(serde_json::from_str(&line)?);
            }
            match self.next.as_ref().map(|next| next.serial) {
                Some(next) if next > serial => return Ok(None),
                Some(next) => {
                    self.open.extend(self.next.take().map(|record| (next, record)));
                    if self.open.len() > MOST_OPEN {
                        self.open.pop_first();
                    }
                    if next == serial {
                        return Ok(self.open.get(&serial));
                    }
                }
                None => return Ok(None),
            }
        }
    }

    fn take(&mut self, serial: u64) -> Option<Record> {
        self.open.remove(&serial)
    }
}

/// Puts some members of one message into another one.
fn put(message: &mut Message<'_>, from: &RawValue, names: &[&str]) {
    let Body::Json(old) = &message.body else { return };
    let (Ok(mut whole), Ok(from)) =
        (serde_json::from_str::<Value>(old.get()), serde_json::from_str::<Value>(from.get()))
    else {
        return;
    };
    for name in names {
        match (*name, from.get(*name)) {
            // The rest of what was asked belongs to the protocol.
            ("params", Some(params)) => whole["params"]["arguments"] = params["arguments"].clone(),
            (_, Some(member)) => whole[*name] = member.clone(),
            (_, None) => {
                whole.as_object_mut().map(|members| members.remove(*name));
            }
        }
    }
    if let Body::Json(json) = redact::body(whole.to_string()) {
        message.body = Body::Json(json);
    }
}

/// Times move with the calls before them.
#[derive(Default)]
struct Clock {
    shift_us: i64,
    last_us: u64,
}

impl Clock {
    fn took(&mut self, before_us: u64, now_us: u64) {
        let signed = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        self.shift_us =
            self.shift_us.saturating_add(signed(now_us).saturating_sub(signed(before_us)));
    }

    fn at(&mut self, at_us: u64) -> u64 {
        self.last_us = at_us.saturating_add_signed(self.shift_us).max(self.last_us);
        self.last_us
    }
}
