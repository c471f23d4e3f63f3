//! `mcp-kit cassette import`: a cassette of what others have recorded.
//!
//! Each file is gone through twice: once to see what belongs together and to name the recording by
//! its content, once to write it.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use clap::{Args, builder::PossibleValuesParser};
use sha2::{Digest, Sha256};

use super::{
    OutputArgs, StrictArgs,
    file::{self, Damages},
    lines::Source,
    redaction::{SecretArgs, Secrets},
    writing::Writing,
};
use crate::{
    cli::{ExitStatus, error::CliError, output::is_standard, overwrite::Files, terminal::Terminal},
    engine::{
        cassette::{
            End, FORMAT, Header, Line, Transport,
            import::{self, At, Format, Found, Import, Imported, Launch, Tape},
            redact,
        },
        report::escape::for_terminal,
    },
    live::mask,
};

/// What stands for the name of the server in the name of a file.
const SERVER: &str = "{server}";

/// Most servers that are listed.
const MOST_LISTED: usize = 20;

/// What helps where a format is not known.
pub(super) const FORMATS: &str = "known are claude-code, openai-responses, openai-agents, otlp, har, \
    mcp-cassette, mcp-recorder, mcp-rec and mcp-vcr; --from NAME insists on one of them";

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// What was recorded; `-` is standard input. Several files become one cassette, one after the other
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    /// The format of the files, instead of what they look like
    #[arg(long, value_name = "NAME", value_parser = names())]
    from: Option<String>,
    /// Only what was said to this server. With `{server}` in the name of -o, each has its own file
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    strict: StrictArgs,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(import::FORMATS.iter().map(|format| format.name))
}

/// The cassettes of a run.
struct Importing<'a> {
    arguments: &'a ImportArgs,
    terminal: &'a Terminal,
    /// Names the recording by its content.
    digest: Sha256,
    formats: Vec<&'static Format>,
    facts: HashMap<String, Facts>,
    cassettes: BTreeMap<String, One>,
    left_out: BTreeMap<&'static str, u64>,
    /// How many messages each server has, written or not.
    messages: BTreeMap<String, u64>,
}

/// What is known of a recording besides its messages.
struct Facts {
    started: At,
    transport: Option<Transport>,
    launch: Option<Launch>,
}

/// A cassette that is being written.
struct One {
    tape: Tape,
    writing: Writing,
    secrets: Secrets,
    has_header: bool,
    /// Where to, as it is shown; none for standard output.
    file: Option<String>,
}

pub(super) fn run(arguments: &ImportArgs, terminal: &Terminal) -> Result<ExitStatus, CliError> {
    let asked = arguments.from.as_deref().and_then(import::named);
    let sources = arguments
        .files
        .iter()
        .map(|path| Source::open(path, asked).map(|source| (path.as_path(), source)))
        .collect::<Result<Vec<_>, _>>()?;
    let output = arguments.output.output.as_deref();
    if !is_for_each(arguments) {
        files(arguments, output).check()?;
    }
    let mut formats: Vec<&'static Format> = Vec::new();
    for (_, source) in &sources {
        if formats.iter().all(|format| format.name != source.format.name) {
            formats.push(source.format);
        }
    }
    let mut importing = Importing {
        arguments,
        terminal,
        digest: Sha256::new(),
        formats,
        facts: HashMap::new(),
        cassettes: BTreeMap::new(),
        left_out: BTreeMap::new(),
        messages: BTreeMap::new(),
    };
    let is_printed = output.is_none_or(is_standard);
    let mut readers = Vec::new();
    for (path, source) in &sources {
        let mut reader = (source.format.open)();
        source.each(path, |_, line| {
            importing.digest.update(line.as_ref().copied().unwrap_or_default().as_bytes());
            importing.digest.update(b"\n");
            line.into_iter().for_each(|line| reader.survey(line));
            Ok(())
        })?;
        readers.push(reader);
    }
    // What is printed cannot be taken back, so it has to be known before whether it is of one server.
    if is_printed && arguments.server.is_none() {
        let mut servers = BTreeMap::new();
        for (path, source) in &sources {
            count_servers(path, source, &mut servers)?;
        }
        several(&servers)?;
    }
    let mut damages = Damages::new(arguments.strict.strict, terminal);
    for ((path, source), reader) in sources.iter().zip(readers) {
        importing.read(path, source, reader, &mut damages)?;
    }
    importing.finish()
}

/// Counts the messages of each server, without writing any.
fn count_servers(
    path: &Path,
    source: &Source,
    servers: &mut BTreeMap<String, u64>,
) -> Result<(), CliError> {
    let mut reader = (source.format.open)();
    source.each(path, |_, line| {
        line.into_iter().for_each(|line| reader.survey(line));
        Ok(())
    })?;
    let mut found = Vec::new();
    source.each(path, |_, line| {
        // What cannot be read is said when it is read again.
        let _ = line.and_then(|line| reader.read(line, &mut found));
        for found in found.drain(..) {
            if let Found::Message(message) = found {
                *servers.entry(message.server).or_default() += 1;
            }
        }
        Ok(())
    })
}

/// Refuses what is of more than one server.
fn several(servers: &BTreeMap<String, u64>) -> Result<(), CliError> {
    if servers.len() < 2 {
        return Ok(());
    }
    let message = format!("the traffic is of {} servers, and a cassette is of one", servers.len());
    Err(CliError { details: list(servers), ..CliError::usage(message) }
        .help("choose one with --server NAME, or write all of them: -o 'traffic-{server}.jsonl'"))
}

fn list(servers: &BTreeMap<String, u64>) -> Vec<String> {
    let mut lines: Vec<String> = servers
        .iter()
        .take(MOST_LISTED)
        .map(|(name, messages)| {
            let name = if name.is_empty() { "(without a name)" } else { name };
            format!("{name}: {messages} messages")
        })
        .collect();
    if servers.len() > MOST_LISTED {
        lines.push(format!("and {} more", servers.len() - MOST_LISTED));
    }
    lines
}

/// Whether every server has a file of its own.
fn is_for_each(arguments: &ImportArgs) -> bool {
    let output = arguments.output.output.as_deref();
    output.is_some_and(|path| path.to_string_lossy().contains(SERVER))
}

fn files(arguments: &ImportArgs, output: Option<&Path>) -> Files {
    let mut files = Files::default();
    for path in &arguments.files {
        files.reads("the recording", Some(path));
    }
    files.writes(&format!("-o {}", output.unwrap_or(Path::new("-")).display()), output);
    files
}

impl Importing<'_> {
    fn read(
        &mut self,
        path: &Path,
        source: &Source,
        mut reader: Box<dyn Import>,
        damages: &mut Damages<'_>,
    ) -> Result<(), CliError> {
        let name = file::name(path);
        if self.terminal.is_verbose() {
            let title = source.format.title;
            self.terminal.remark(&format!("{}: {title}\n", for_terminal(&name)));
        }
        self.cassettes.values_mut().for_each(|one| one.tape.next_file());
        let mut found = Vec::new();
        source.each(path, |number, line| {
            let place = if number == 0 { name.clone() } else { format!("{name}:{number}") };
            let read = line.and_then(|line| reader.read(line, &mut found));
            match read {
                // A document that cannot be read leaves nothing to go on with.
                Err(reason) if number == 0 => {
                    return Err(CliError::usage(format!(
                        "{name} cannot be read as {}: {reason}",
                        source.format.name
                    ))
                    .help(FORMATS));
                }
                Err(reason) => damages.skip(&place, &reason)?,
                Ok(()) => {}
            }
            for found in found.drain(..) {
                self.take(found, &place, damages)?;
            }
            Ok(())
        })?;
        damages.end(&name);
        Ok(())
    }

    fn take(
        &mut self,
        found: Found,
        place: &str,
        damages: &mut Damages<'_>,
    ) -> Result<(), CliError> {
        match found {
            Found::About { of, started, transport, launch } => {
                if let Some(one) = self.cassettes.get_mut(&of) {
                    one.tape.begins(started);
                }
                self.facts.insert(of, Facts { started, transport, launch });
                Ok(())
            }
            Found::Damaged { place: inside, reason } => {
                damages.skip(&format!("{place} {inside}"), &reason)
            }
            Found::LeftOut(what) => {
                *self.left_out.entry(what).or_default() += 1;
                Ok(())
            }
            Found::Message(message) => self.message(*message, place, damages),
        }
    }

    fn message(
        &mut self,
        message: Imported,
        place: &str,
        damages: &mut Damages<'_>,
    ) -> Result<(), CliError> {
        *self.messages.entry(message.server.clone()).or_default() += 1;
        let wanted = self.arguments.server.as_ref();
        if wanted.is_some_and(|wanted| *wanted != message.server) {
            return Ok(());
        }
        let server = message.server.clone();
        if !self.cassettes.contains_key(&server) {
            // Of several servers it is only counted how many: the run will be refused.
            if !self.cassettes.is_empty() && !is_for_each(self.arguments) {
                return Ok(());
            }
            let one = self.begin(&server)?;
            self.cassettes.insert(server.clone(), one);
        }
        let Some(one) = self.cassettes.get_mut(&server) else { return Ok(()) };
        let message = one.tape.next(message);
        if !one.has_header {
            one.has_header = true;
            let header = header(
                &self.formats,
                self.digest.clone(),
                &server,
                self.facts.get(&server),
                one.tape.started(),
            );
            one.writing.line(&Line::Header(Box::new(header)))?;
        }
        match one.secrets.message(message) {
            Ok(message) => one.writing.line(&Line::Message(message)).map(drop),
            Err((_, reason)) => {
                one.tape.takes_back();
                damages.skip(place, &reason)
            }
        }
    }

    fn begin(&self, server: &str) -> Result<One, CliError> {
        let output = self.arguments.output.output.as_deref();
        let path = match output {
            Some(path) if is_for_each(self.arguments) => {
                let path = path.to_string_lossy().replace(SERVER, &file_name(server));
                Some(PathBuf::from(path))
            }
            other => other.map(Path::to_owned),
        };
        let path = path.filter(|path| !is_standard(path));
        let mut files = files(self.arguments, path.as_deref());
        for file in self.cassettes.values().filter_map(|one| one.file.as_deref()) {
            files.reads("the cassette of another server", Some(Path::new(file)));
        }
        files.check()?;
        let file = path.as_ref().map(|path| path.display().to_string());
        if let Some(taken) = file
            .as_ref()
            .filter(|file| self.cassettes.values().any(|one| one.file.as_ref() == Some(file)))
        {
            return Err(CliError::usage(format!("two servers would be written to {taken}"))
                .help("choose one with --server NAME"));
        }
        let mut tape = Tape::default();
        if let Some(facts) = self.facts.get(server) {
            tape.begins(facts.started);
        }
        let writing = Writing::to(path.as_deref(), self.terminal)?;
        let secrets = Secrets::new(&self.arguments.secrets)?;
        Ok(One { tape, writing, secrets, has_header: false, file })
    }

    fn finish(self) -> Result<ExitStatus, CliError> {
        if self.arguments.server.is_none() && !is_for_each(self.arguments) {
            several(&self.messages)?;
        }
        let left_out: Vec<String> =
            self.left_out.iter().map(|(what, count)| format!("left out: {count} {what}")).collect();
        if self.cassettes.is_empty() {
            let message = match &self.arguments.server {
                Some(name) => format!("nothing was said to a server `{name}`"),
                None => "there is no traffic with a server in it".to_owned(),
            };
            let mut details = left_out;
            details.extend(list(&self.messages));
            return Err(CliError { details, ..CliError::usage(message) });
        }
        for (server, one) in self.cassettes {
            let mut writing = one.writing;
            let n = one.tape.n();
            writing.line(&Line::End(End { n, goes_on: false }))?;
            writing.finish()?;
            if let Some(file) = one.file {
                let of = if server.is_empty() { String::new() } else { format!(" of {server}") };
                self.terminal.remark(&format!(
                    "{}: {n} messages{}\n",
                    for_terminal(&file),
                    for_terminal(&of)
                ));
            }
        }
        for line in left_out {
            self.terminal.remark(&format!("{line}\n"));
        }
        Ok(ExitStatus::Clean)
    }
}

fn header(
    formats: &[&'static Format],
    mut digest: Sha256,
    server: &str,
    facts: Option<&Facts>,
    started: Option<String>,
) -> Header {
    digest.update(server.as_bytes());
    let id = digest.finalize();
    let launch = facts.and_then(|facts| facts.launch.as_ref()).map(|launch| match launch {
        Launch::Command(words) => mask::command(words),
        Launch::Address(url) => mask::address(url),
    });
    let named = (!server.is_empty()).then(|| mask::address(server));
    let names: Vec<&str> = formats.iter().map(|format| format.name).collect();
    Header {
        format: FORMAT.to_owned(),
        id: id.iter().take(16).map(|byte| format!("{byte:02x}")).collect(),
        part: 1,
        started,
        transport: facts.and_then(|facts| facts.transport),
        server: launch.or(named),
        imported_from: Some(names.join(", ")),
        lacks: formats.iter().flat_map(|it| it.lacks).map(|it| (*it).to_owned()).collect(),
        redaction: Some(redact::RULES),
        program: super::PROGRAM.to_owned(),
    }
}

/// The name of a server as a part of the name of a file.
fn file_name(server: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let plain: String =
        server.chars().map(|character| if is_plain(character) { character } else { '-' }).collect();
    let plain = plain.trim_matches(['.', '-']);
    if plain.is_empty() { "server".to_owned() } else { plain.to_owned() }
}
