//! `mcp-kit cassette cut`, `merge` and `redact`: cassettes made of cassettes.

use std::path::{Path, PathBuf};

use clap::Args;
use sha2::{Digest, Sha256};

use super::{
    OutputArgs, PROGRAM, StrictArgs,
    file::{Cassette, Damages},
    redaction::{SecretArgs, Secrets},
    selection::SelectionArgs,
    writing::Writing,
};
use crate::{
    cli::{ExitStatus, error::CliError, output::is_standard, overwrite::Files, terminal::Terminal},
    engine::{
        cassette::{Cut, End, Header, Line, Merge, redact},
        report::escape::for_terminal,
    },
};

#[derive(Debug, Args)]
pub(super) struct CutArgs {
    /// The cassette; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    strict: StrictArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The cassettes, in the order in which they follow each other
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    strict: StrictArgs,
}

#[derive(Debug, Args)]
pub(super) struct RedactArgs {
    /// The cassette; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    strict: StrictArgs,
}

pub(super) fn cut(arguments: &CutArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    if arguments.selection.is_empty() {
        return Err(CliError::usage("nothing says what to keep").help(
            "--calls 3..7, --tool NAME, --session N, --from-n N, --to-n N; \
             `mcp-kit cassette show FILE` prints the numbers",
        ));
    }
    let output = arguments.output.output.as_deref();
    let files = std::slice::from_ref(&arguments.file);
    check_files(files, output)?;
    let mut cassette = Cassette::open(&arguments.file)?;
    let selection = arguments.selection.selection();
    let what = format!("cut {selection:?}");
    let header = Header { part: 1, ..derived(cassette.header(), &what) };
    let mut cut = Cut::new(selection);
    let mut writing = Writing::to(output, terminal)?;
    writing.line(&Line::Header(Box::new(header)))?;
    let mut damages = Damages::new(arguments.strict.strict, terminal);
    let mut n = 0;
    cassette.each(&mut damages, |line| match line {
        Line::Message(mut message) if cut.keeps(&message) => {
            n += 1;
            message.n = n;
            writing.line(&Line::Message(message))
        }
        Line::Event(mut event) if cut.keeps_event(&event) => {
            n += 1;
            event.n = n;
            writing.line(&Line::Event(event))
        }
        _ => Ok(true),
    })?;
    end(writing, n, output, terminal)
}

pub(super) fn merge(arguments: &MergeArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let output = arguments.output.output.as_deref();
    check_files(&arguments.files, output)?;
    if arguments.files.iter().any(|path| is_standard(path)) {
        return Err(CliError::usage(
            "cassettes to be merged are read twice, and standard input once",
        )
        .help("name files"));
    }
    // All of them are looked at before anything is written.
    let headers = arguments
        .files
        .iter()
        .map(|path| Cassette::open(path).map(|cassette| cassette.header().clone()))
        .collect::<Result<Vec<_>, _>>()?;
    let mut writing = Writing::to(output, terminal)?;
    writing.line(&Line::Header(Box::new(joint(&headers))))?;
    let mut merge = Merge::default();
    let mut damages = Damages::new(arguments.strict.strict, terminal);
    for path in &arguments.files {
        let mut cassette = Cassette::open(path)?;
        merge.begin(cassette.header());
        cassette.each(&mut damages, |line| match line {
            Line::Message(mut message) => {
                merge.message(&mut message);
                writing.line(&Line::Message(message))
            }
            Line::Event(mut event) => {
                merge.event(&mut event);
                writing.line(&Line::Event(event))
            }
            Line::Header(header) => {
                merge.begin(&header);
                Ok(true)
            }
            Line::End(_) | Line::Unknown => Ok(true),
        })?;
    }
    end(writing, merge.n(), output, terminal)
}

pub(super) fn redact(arguments: &RedactArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let output = arguments.output.output.as_deref();
    check_files(std::slice::from_ref(&arguments.file), output)?;
    let mut cassette = Cassette::open(&arguments.file)?;
    let mut secrets = Secrets::new(&arguments.secrets)?;
    let mut writing = Writing::to(output, terminal)?;
    let redaction = Some(redact::RULES.max(cassette.header().redaction.unwrap_or_default()));
    let what = format!("redact {}", redact::RULES);
    let header = Header { redaction, ..derived(cassette.header(), &what) };
    writing.line(&Line::Header(Box::new(header)))?;
    let mut damages = Damages::new(arguments.strict.strict, terminal);
    let name = cassette.name.clone();
    let mut suspicious = Vec::new();
    // Another part than the first goes on with the numbers of the one before.
    let (mut before, mut n) = (None, 0);
    cassette.each(&mut damages, |line| match line {
        Line::Message(message) => {
            let first = *before.get_or_insert(message.n.saturating_sub(1));
            match secrets.message(message) {
                Ok(mut message) => {
                    n += 1;
                    message.n = first + n;
                    writing.line(&Line::Message(message))
                }
                Err((line, reason)) => {
                    suspicious.push((line, reason));
                    Ok(true)
                }
            }
        }
        Line::Event(mut event) => {
            let first = *before.get_or_insert(event.n.saturating_sub(1));
            n += 1;
            event.n = first + n;
            writing.line(&Line::Event(secrets.event(event)))
        }
        Line::Header(header) => {
            writing.line(&Line::Header(Box::new(Header { redaction, ..*header })))
        }
        Line::End(end) => {
            let n = before.unwrap_or_default() + n;
            writing.line(&Line::End(End { n, ..end }))
        }
        Line::Unknown => Ok(true),
    })?;
    for (line, reason) in suspicious {
        damages.skip(&format!("{name}: message {line}"), &reason)?;
    }
    damages.end(&name);
    writing.finish()?;
    let replaced = secrets.replaced();
    terminal.remark(&format!("{n} messages and events, replaced: {replaced}\n"));
    Ok(ExitStatus::Clean)
}

/// The header of several recordings as one: what all of them say.
fn joint(headers: &[Header]) -> Header {
    fn same<T: PartialEq + Clone>(
        headers: &[Header],
        of: impl Fn(&Header) -> Option<T>,
    ) -> Option<T> {
        let first = of(headers.first()?)?;
        headers.iter().all(|header| of(header).as_ref() == Some(&first)).then_some(first)
    }
    let ids: Vec<&str> = headers.iter().map(|header| header.id.as_str()).collect();
    let mut lacks: Vec<String> = Vec::new();
    let mut sources: Vec<&str> = Vec::new();
    for header in headers {
        for lack in &header.lacks {
            if !lacks.contains(lack) {
                lacks.push(lack.clone());
            }
        }
        if let Some(source) = header.imported_from.as_deref().filter(|it| !sources.contains(it)) {
            sources.push(source);
        }
    }
    let first = headers.first().cloned().unwrap_or_else(|| unreachable!("a merge has files"));
    Header {
        part: 1,
        transport: same(headers, |header| header.transport),
        server: same(headers, |header| header.server.clone()),
        imported_from: (!sources.is_empty()).then(|| sources.join(", ")),
        lacks,
        // As little as was kept out of the one of which least was.
        redaction: headers.iter().map(|header| header.redaction).min().flatten(),
        ..derived(&first, &format!("merge {}", ids.join(" ")))
    }
}

/// The header of a recording made of another one, named by what it was made of.
pub(in crate::cli) fn derived(header: &Header, what: &str) -> Header {
    let digest = Sha256::new().chain_update(&header.id).chain_update(what).finalize();
    Header {
        id: digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect(),
        program: PROGRAM.to_owned(),
        ..header.clone()
    }
}

fn check_files(read: &[PathBuf], written: Option<&Path>) -> Result<(), CliError> {
    let mut files = Files::default();
    for path in read {
        files.reads("the cassette", Some(path));
    }
    let what = format!("-o {}", written.unwrap_or(Path::new("-")).display());
    files.writes(&what, written.filter(|path| !is_standard(path)));
    files.check()
}

fn end(
    mut writing: Writing,
    n: u64,
    output: Option<&Path>,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    writing.line(&Line::End(End { n, goes_on: false }))?;
    writing.finish()?;
    if let Some(path) = output.filter(|path| !is_standard(path)) {
        let path = for_terminal(&path.display().to_string());
        terminal.remark(&format!("{path}: {n} messages and events\n"));
    }
    Ok(ExitStatus::Clean)
}
