//! `mcp-kit cassette show`: what was asked, and what was answered.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{
    StrictArgs,
    file::{Cassette, Damages},
    row::{Row, duration},
    selection::SelectionArgs,
};
use crate::{
    cli::{ExitStatus, error::CliError, terminal::Terminal},
    engine::{
        cassette::{Body, Exchanges, Header, Line, Message, Numbered, Party, Selection, Transport},
        report::escape::{for_json, for_terminal},
    },
};

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The cassette; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// One call with all that was said, by its number
    #[arg(long, value_name = "NUMBER", conflicts_with = "messages")]
    call: Option<u64>,
    /// Every message as it stands in the file, also those that are neither asked nor answered
    #[arg(long)]
    messages: bool,
    /// The format of the list
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "messages")]
    format: Format,
    #[command(flatten)]
    strict: StrictArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Jsonl,
}

/// What is printed at a time, in bytes.
const PORTION: usize = 1 << 16;

/// Prints what comes, in portions.
struct Printing<'a> {
    terminal: &'a Terminal,
    text: String,
}

impl Printing<'_> {
    fn push(&mut self, text: &str) -> Result<(), CliError> {
        self.text.push_str(text);
        if self.text.len() >= PORTION { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), CliError> {
        let printed = self.terminal.print(&self.text);
        self.text.clear();
        printed
    }
}

pub(super) fn run(arguments: &ShowArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let mut cassette = Cassette::open(&arguments.file)?;
    let mut damages = Damages::new(arguments.strict.strict, terminal);
    let mut printing = Printing { terminal, text: String::new() };
    let selection = Selection {
        calls: match arguments.call {
            Some(call) => vec![call..=call],
            None => arguments.selection.selection().calls,
        },
        ..arguments.selection.selection()
    };
    if arguments.messages {
        cassette.each(&mut damages, |line| {
            match line {
                Line::Message(it) if selection.has_line(it.n, it.session) => {
                    printing.push(&raw(&it))?;
                }
                Line::Event(event) if selection.has_line(event.n, 0) => {
                    let data = serde_json::to_string(&event.data).expect("a value becomes JSON");
                    let event_text = for_terminal(&event.event);
                    printing.push(&format!("{:>7} {event_text} {}\n", event.n, for_json(&data)))?;
                }
                _ => {}
            }
            Ok(true)
        })?;
        printing.flush()?;
        return Ok(ExitStatus::Clean);
    }
    let mut listing = Listing::new(arguments, &selection, terminal);
    listing.begin(&cassette, &mut printing)?;
    let mut exchanges = Exchanges::default();
    cassette.each(&mut damages, |line| {
        let Line::Message(message) = line else { return Ok(true) };
        let mut shown = Ok(());
        exchanges.push(&message, |numbered| {
            if shown.is_ok() {
                shown = listing.exchange(numbered, &mut printing);
            }
        });
        shown.map(|()| true)
    })?;
    let mut rest = Vec::new();
    exchanges.finish(|numbered| rest.push(numbered));
    for numbered in rest {
        listing.exchange(numbered, &mut printing)?;
    }
    listing.end(&mut printing)?;
    printing.flush()?;
    if let Some(call) = arguments.call.filter(|_| listing.shown == 0) {
        let calls = listing.all_calls;
        return Err(CliError::usage(format!("there is no call {call}")).help(format!(
            "the cassette has {calls} calls; `mcp-kit cassette show FILE` lists them"
        )));
    }
    Ok(ExitStatus::Clean)
}

/// A message as it stands in the file.
fn raw(message: &Message<'_>) -> String {
    let arrow = if message.from == Party::Client { "→" } else { "←" };
    let session =
        if message.session > 0 { format!(" #{}", message.session) } else { String::new() };
    let text = match &message.body {
        Body::Json(json) => for_json(json.get()),
        Body::Text(text) => for_terminal(text),
    };
    let at = message.at_us.map_or_else(|| "-".to_owned(), duration);
    format!("{:>7} {at:>9}{session} {arrow} {text}\n", message.n)
}

struct Listing<'a> {
    selection: &'a Selection,
    format: Format,
    is_whole: bool,
    width: usize,
    session: u64,
    shown: u64,
    all_calls: u64,
    /// Calls that are shown, by what came of them.
    outcomes: Vec<(&'static str, u64)>,
}

impl<'a> Listing<'a> {
    fn new(arguments: &ShowArgs, selection: &'a Selection, terminal: &Terminal) -> Self {
        Self {
            selection,
            format: arguments.format,
            is_whole: arguments.call.is_some(),
            width: terminal.width(),
            session: 0,
            shown: 0,
            all_calls: 0,
            outcomes: Vec::new(),
        }
    }

    fn begin(&self, cassette: &Cassette, printing: &mut Printing<'_>) -> Result<(), CliError> {
        match self.format {
            Format::Text if self.is_whole => Ok(()),
            Format::Text => {
                let head = Row::head(self.width);
                let dim = anstyle::Style::new().dimmed();
                let about = about(&cassette.name, cassette.header());
                printing.push(&format!("{about}\n{dim}{head}{dim:#}\n"))
            }
            Format::Json => {
                let file = json(&cassette.name);
                let header = json(cassette.header());
                printing.push(&format!(
                    "{{\n  \"format\": \"mcp-kit.cassette-show/1\",\n  \"file\": {file},\n  \
                     \"header\": {header},\n  \"exchanges\": ["
                ))
            }
            Format::Jsonl => Ok(()),
        }
    }

    fn exchange(
        &mut self,
        numbered: Numbered,
        printing: &mut Printing<'_>,
    ) -> Result<(), CliError> {
        self.all_calls = self.all_calls.max(numbered.call.unwrap_or_default());
        let row = Row::of(numbered, self.is_whole);
        let is_meant = self.selection.has_line(row.line_number(), row.session)
            && match (&row.tool, row.call) {
                (Some(tool), Some(call)) => self.selection.has_call(call, tool),
                _ => self.selection.is_of_lines(),
            };
        if !is_meant {
            return Ok(());
        }
        self.shown += 1;
        if row.call.is_some() {
            match self.outcomes.iter_mut().find(|(outcome, _)| *outcome == row.outcome) {
                Some((_, count)) => *count += 1,
                None => self.outcomes.push((row.outcome, 1)),
            }
        }
        match self.format {
            Format::Text if self.is_whole => printing.push(&row.whole()),
            Format::Text => {
                // A first session goes without saying.
                let is_plain = self.shown == 1 && row.session <= 1;
                if row.session != self.session && !is_plain {
                    let dim = anstyle::Style::new().dimmed();
                    printing.push(&format!("{dim}session {}{dim:#}\n", row.session))?;
                }
                self.session = row.session;
                printing.push(&format!("{}\n", row.line(self.width)))
            }
            Format::Json => {
                let comma = if self.shown > 1 { "," } else { "" };
                printing.push(&format!("{comma}\n    {}", json(&row)))
            }
            Format::Jsonl => printing.push(&format!("{}\n", json(&row))),
        }
    }

    fn end(&self, printing: &mut Printing<'_>) -> Result<(), CliError> {
        match self.format {
            Format::Text if self.is_whole => Ok(()),
            Format::Text => {
                let calls: u64 = self.outcomes.iter().map(|(_, count)| count).sum();
                let outcomes = self.outcomes.iter();
                let outcomes: Vec<String> = outcomes
                    .map(|(outcome, count)| format!("{count} {}", outcome.replace('_', " ")))
                    .collect();
                let of =
                    if calls == 0 { String::new() } else { format!(": {}", outcomes.join(", ")) };
                printing.push(&format!("\n{} exchanges, {calls} calls of tools{of}\n", self.shown))
            }
            Format::Json => printing.push("\n  ]\n}\n"),
            Format::Jsonl => Ok(()),
        }
    }
}

/// What the header says.
fn about(name: &str, header: &Header) -> String {
    let mut text = for_terminal(name);
    if let Some(server) = &header.server {
        text += &format!(": {}", for_terminal(server));
    }
    match header.transport {
        Some(Transport::Stdio) => text += " on stdio",
        Some(Transport::Http) => text += " over HTTP",
        None => {}
    }
    if let Some(started) = &header.started {
        text += &format!(", {}", for_terminal(started));
    }
    text.push('\n');
    if let Some(source) = &header.imported_from {
        text += &format!("imported from {}, which cannot carry:\n", for_terminal(source));
        for lack in &header.lacks {
            text += &format!("- {}\n", for_terminal(lack));
        }
    }
    text
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    for_json(&serde_json::to_string(value).expect("plain data becomes JSON"))
}
