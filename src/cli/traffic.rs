//! Recorded traffic, read line by line for whoever looks at it.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{error::CliError, output::is_standard, overwrite::Files, terminal::Terminal};
use crate::engine::{
    cassette::{Damage, Line, ReadError, Reader},
    surface::Surface,
    usage::{Counter, Usage},
};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Most damaged lines of a file that are named one by one.
const MAX_NAMED: u64 = 10;

/// Traffic that a command judges something by.
#[derive(Debug, Args)]
#[command(next_help_heading = "Recorded traffic")]
pub(super) struct TrafficArgs {
    /// Judge by these cassettes too; a target stands before it or behind --
    #[arg(long, value_name = "FILE", num_args = 1..)]
    traffic: Vec<PathBuf>,
}

impl TrafficArgs {
    pub(super) fn is_given(&self) -> bool {
        !self.traffic.is_empty()
    }

    /// Takes note of what is read.
    pub(super) fn files(&self, files: &mut Files) {
        for file in &self.traffic {
            files.reads("recorded traffic", Some(file));
        }
    }

    /// What they say about the tools of a surface.
    pub(super) fn over(&self, surface: &Surface, terminal: &Terminal) -> Result<Usage, CliError> {
        let mut counter = Counter::over(surface);
        self.open().read(terminal, |_, _, line| counter.take(line))?;
        let usage = counter.finish();
        let mut listed = usage.tools.iter().filter(|tool| tool.is_listed == Some(true));
        if listed.all(|tool| tool.calls == 0) {
            remark_on_others(usage.calls, terminal);
        }
        Ok(usage)
    }

    /// The cassettes, of which damaged lines are left out.
    pub(super) fn open(&self) -> Traffic<'_> {
        Traffic::new(&self.traffic, false)
    }
}

/// Says that the traffic is about something else: a judgement by it would pass for the wrong reason.
fn remark_on_others(calls: u64, terminal: &Terminal) {
    terminal.remark(&format!(
        "note: the recorded traffic has {calls} calls, and none of a tool of this surface\n"
    ));
}

/// The cassettes of a command line.
#[derive(Debug)]
pub(super) struct Traffic<'a> {
    files: &'a [PathBuf],
    is_strict: bool,
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) files: u64,
    /// Lines that could not be read.
    pub(super) damaged: u64,
}

type Cassette = Reader<Box<dyn BufRead>>;

/// A cassette that is to be read, by its header.
struct Opened<'a> {
    path: &'a Path,
    id: String,
    part: u64,
    /// Of what can be read once only.
    reader: Option<Cassette>,
}

impl<'a> Traffic<'a> {
    /// Cassettes in which a damaged line is an error or is left out.
    pub(super) fn new(files: &'a [PathBuf], is_strict: bool) -> Self {
        Self { files, is_strict }
    }

    /// Reads one cassette after the other: for each of them its header, then its lines. The parts of
    /// one recording come in their order, wherever they stand on the command line.
    pub(super) fn read(
        &self,
        terminal: &Terminal,
        mut take: impl FnMut(&Path, u64, &Line<'_>),
    ) -> Result<Amount, CliError> {
        let mut amount = Amount::default();
        for opened in self.in_order(terminal)? {
            let path = opened.path;
            let mut reader = match opened.reader {
                Some(reader) => reader,
                None => open(path)?,
            };
            amount.files += 1;
            take(path, 1, &Line::Header(Box::new(reader.header().clone())));
            let mut damaged = 0;
            let mut number = 1;
            while let Some(line) = reader.next_line().map_err(|error| unread(path, &error))? {
                number += 1;
                match line {
                    Ok(line) => take(path, number, &line),
                    Err(damage) => {
                        damaged += 1;
                        self.report(path, &damage, damaged, terminal)?;
                    }
                }
            }
            if damaged > MAX_NAMED {
                let more = damaged - MAX_NAMED;
                let path = path.display();
                terminal.remark(&format!("warning: {path}: {more} more lines are left out\n"));
            }
            amount.damaged += damaged;
        }
        Ok(amount)
    }

    fn in_order(&self, terminal: &Terminal) -> Result<Vec<Opened<'a>>, CliError> {
        let mut opened: Vec<Opened<'_>> = Vec::new();
        let mut paths = Vec::new();
        for path in self.files {
            let is_stream = is_standard(path) || fs::metadata(path).is_ok_and(|it| !it.is_file());
            let real = fs::canonicalize(path).ok().filter(|_| !is_stream);
            if real.is_some() && paths.contains(&real) {
                let path = path.display();
                terminal.remark(&format!("note: {path} is given twice and read once\n"));
                continue;
            }
            paths.push(real);
            let reader = open(path)?;
            let (id, part) = (reader.header().id.clone(), reader.header().part);
            opened.push(Opened { path, id, part, reader: is_stream.then_some(reader) });
        }
        let first = |id: &str| opened.iter().position(|other| other.id == id);
        let order: Vec<_> = opened.iter().map(|it| (first(&it.id), it.part)).collect();
        let mut numbered: Vec<_> = order.into_iter().zip(opened).collect();
        numbered.sort_by_key(|(order, _)| *order);
        Ok(numbered.into_iter().map(|(_, opened)| opened).collect())
    }

    fn report(
        &self,
        path: &Path,
        damage: &Damage,
        damaged: u64,
        terminal: &Terminal,
    ) -> Result<(), CliError> {
        let Damage { line, reason, is_torn } = damage;
        let place = format!("{}:{line}", path.display());
        if self.is_strict {
            return Err(CliError::usage(format!("a line cannot be read: {reason}"))
                .place(place)
                .help("without --strict it is left out, and the rest is read"));
        }
        if damaged <= MAX_NAMED {
            let why = match is_torn {
                true => "the recording was broken off here",
                false => reason,
            };
            terminal.remark(&format!("warning: {place}: a line is left out: {why}\n"));
        }
        Ok(())
    }
}

fn unread(path: &Path, error: &io::Error) -> CliError {
    CliError::file("read", &path.display().to_string(), error)
}

fn open(path: &Path) -> Result<Cassette, CliError> {
    let source: Box<dyn BufRead> = match is_standard(path) {
        true => Box::new(BufReader::with_capacity(CHUNK, io::stdin())),
        false => {
            let file = File::open(path).map_err(|error| unread(path, &error))?;
            Box::new(BufReader::with_capacity(CHUNK, file))
        }
    };
    let name = path.display().to_string();
    Reader::open(source).map_err(|error| match error {
        ReadError::Io(error) => unread(path, &error),
        ReadError::NotACassette => CliError::usage(error.to_string())
            .place(name)
            .help("if it is recorded traffic, import it first: mcp-kit cassette import FILE"),
        ReadError::Newer(_) => CliError::usage(error.to_string())
            .place(name)
            .help("update mcp-kit, or record the traffic again with this version"),
    })
}
