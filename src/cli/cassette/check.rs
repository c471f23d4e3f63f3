//! `mcp-kit cassette check`: whether cassettes are whole.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{
    file::Cassette,
    redaction::{redactor, suspicion},
    row::duration,
};
use crate::{
    cli::{ExitStatus, error::CliError, terminal::Terminal},
    engine::{
        cassette::{Examination, Header, Health, Line, redact::Suspicion},
        report::escape::for_terminal,
    },
};

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The cassettes; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Fail also where something only might be a secret: it is long and looks random
    #[arg(long)]
    strict: bool,
    /// The format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Most damaged lines that are named in each file.
const MOST_NAMED: usize = 20;

/// What is known of one file.
struct Checked {
    name: String,
    header: Header,
    health: Health,
    damaged: Vec<(u64, String)>,
    secrets: Secrets,
}

/// What is left in a cassette that should not be.
#[derive(Debug, Default)]
struct Secrets {
    /// How many places the rules of this version would replace, and in which messages the first are.
    places: u64,
    messages: Vec<u64>,
    /// How many messages look as if they held something else.
    suspicious: u64,
    suspicions: Vec<(u64, Suspicion)>,
}

pub(super) fn run(arguments: &CheckArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let checked = arguments.files.iter().map(|path| check(path)).collect::<Result<Vec<_>, _>>()?;
    match arguments.format {
        Format::Text => {
            for file in &checked {
                terminal.print(&text(file))?;
            }
        }
        Format::Json => terminal.print_json(&Report::from(checked.as_slice()))?,
    }
    let is_sound = checked.iter().all(|file| {
        let is_suspicious = arguments.strict && file.secrets.suspicious > 0;
        !(file.health.is_damaged() || file.secrets.places > 0 || is_suspicious)
    });
    Ok(if is_sound { ExitStatus::Clean } else { ExitStatus::Findings })
}

fn check(path: &Path) -> Result<Checked, CliError> {
    let mut cassette = Cassette::open(path)?;
    let header = cassette.header().clone();
    let mut examination = Examination::new(header.part);
    let mut damaged = Vec::new();
    let mut redactor = redactor()?;
    let mut secrets = Secrets::default();
    while let Some(line) = cassette.next_line()? {
        let line = match line {
            Ok(line) => line,
            Err(damage) => {
                examination.damage(&damage);
                if !damage.is_torn && damaged.len() < MOST_NAMED {
                    damaged.push((damage.line, damage.reason));
                }
                continue;
            }
        };
        examination.line(&line);
        let replaced = redactor.replaced();
        let n = match line {
            Line::Message(message) => {
                let redacted = redactor.message(message);
                if let Some(found) = suspicion(&redactor, &redacted) {
                    secrets.suspicious += 1;
                    if secrets.suspicions.len() < MOST_NAMED {
                        secrets.suspicions.push((redacted.n, found));
                    }
                }
                redacted.n
            }
            Line::Event(event) => redactor.event(event).n,
            Line::Header(_) | Line::End(_) | Line::Unknown => continue,
        };
        if redactor.replaced() > replaced && secrets.messages.len() < MOST_NAMED {
            secrets.messages.push(n);
        }
    }
    secrets.places = redactor.replaced();
    Ok(Checked { name: cassette.name, header, health: examination.finish(), damaged, secrets })
}

fn text(file: &Checked) -> String {
    let Checked { name, header, health, damaged, secrets } = file;
    let name = for_terminal(name);
    let (red, yellow) =
        (anstyle::AnsiColor::Red.on_default(), anstyle::AnsiColor::Yellow.on_default());
    let verdict = match health.is_damaged() {
        true => format!("{red}damaged{red:#}"),
        false => "whole".to_owned(),
    };
    let messages = health.from_client + health.from_server;
    let failed = match health.failed_calls {
        0 => String::new(),
        failed => format!(" ({failed} failed)"),
    };
    let mut text = format!(
        "{name}: {verdict}: {messages} messages in {}, {} requests, {} calls{failed}\n",
        duration(health.last_at_us),
        health.requests,
        health.calls,
    );
    let mut say = |style: anstyle::Style, what: String| {
        text += &format!("  {style}{what}{style:#}\n");
    };
    for (line, reason) in damaged {
        say(red, format!("line {line} cannot be read: {}", for_terminal(reason)));
    }
    if health.damaged > damaged.len() as u64 {
        say(red, format!("and {} lines more", health.damaged - damaged.len() as u64));
    }
    if health.misnumbered > 0 {
        say(red, format!("lines out of order or missing before: {}", health.misnumbered));
    }
    if health.missing > 0 {
        say(red, format!("missing at the end: {} lines", health.missing));
    }
    if health.is_torn {
        say(yellow, "the last line is cut off: the recording was stopped by force".to_owned());
    } else if !health.is_ended {
        say(yellow, "it has no end: the recording was stopped by force, or goes on".to_owned());
    }
    if health.goes_on {
        say(anstyle::Style::new(), format!("part {} goes on in another file", header.part));
    }
    if health.unanswered > 0 {
        say(yellow, format!("requests without an answer: {}", health.unanswered));
    }
    if health.texts > 0 {
        say(yellow, format!("messages that are no JSON: {}", health.texts));
    }
    if secrets.places > 0 {
        let lines: Vec<String> = secrets.messages.iter().map(|n| format!("n {n}")).collect();
        let more = if secrets.messages.len() == MOST_NAMED { ", …" } else { "" };
        say(red, format!("secrets at {} places, in {}{more}", secrets.places, lines.join(", ")));
        say(red, "take them out: mcp-kit cassette redact FILE -o OUT".to_owned());
    }
    for (n, suspicion) in &secrets.suspicions {
        let pointer = for_terminal(&suspicion.pointer);
        say(yellow, format!("n {n}, `{pointer}`: {}, and may be a secret", suspicion.reason));
    }
    if secrets.suspicious > secrets.suspicions.len() as u64 {
        let more = secrets.suspicious - secrets.suspicions.len() as u64;
        say(yellow, format!("and {more} messages more that may hold secrets"));
    }
    if header.redaction.is_none() {
        say(yellow, "no secrets were taken out of it when it was written".to_owned());
    }
    text
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    files: Vec<ReportFile<'a>>,
}

#[derive(Serialize)]
struct ReportFile<'a> {
    file: &'a str,
    is_damaged: bool,
    header: &'a Header,
    lines: u64,
    messages: Messages,
    events: u64,
    requests: u64,
    unanswered: u64,
    calls: u64,
    failed_calls: u64,
    sessions: u64,
    last_at_us: u64,
    damaged: u64,
    damaged_lines: Vec<DamagedLine<'a>>,
    misnumbered: u64,
    missing: u64,
    is_torn: bool,
    is_ended: bool,
    goes_on: bool,
    secrets: u64,
    suspicious: u64,
    suspicions: Vec<ReportSuspicion<'a>>,
}

#[derive(Serialize)]
struct ReportSuspicion<'a> {
    n: u64,
    pointer: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Messages {
    client: u64,
    server: u64,
    not_json: u64,
}

#[derive(Serialize)]
struct DamagedLine<'a> {
    line: u64,
    reason: &'a str,
}

impl<'a> From<&'a [Checked]> for Report<'a> {
    fn from(checked: &'a [Checked]) -> Self {
        let files = checked.iter().map(|file| {
            let health = &file.health;
            let damaged = file.damaged.iter();
            let suspicions = file.secrets.suspicions.iter();
            ReportFile {
                file: &file.name,
                is_damaged: health.is_damaged(),
                header: &file.header,
                lines: health.lines,
                messages: Messages {
                    client: health.from_client,
                    server: health.from_server,
                    not_json: health.texts,
                },
                events: health.events,
                requests: health.requests,
                unanswered: health.unanswered,
                calls: health.calls,
                failed_calls: health.failed_calls,
                sessions: health.sessions,
                last_at_us: health.last_at_us,
                damaged: health.damaged,
                damaged_lines: damaged
                    .map(|(line, reason)| DamagedLine { line: *line, reason })
                    .collect(),
                misnumbered: health.misnumbered,
                missing: health.missing,
                is_torn: health.is_torn,
                is_ended: health.is_ended,
                goes_on: health.goes_on,
                secrets: file.secrets.places,
                suspicious: file.secrets.suspicious,
                suspicions: suspicions
                    .map(|(n, it)| ReportSuspicion {
                        n: *n,
                        pointer: &it.pointer,
                        reason: it.reason,
                    })
                    .collect(),
            }
        });
        Self { format: "mcp-kit.cassette-check/1", files: files.collect() }
    }
}
