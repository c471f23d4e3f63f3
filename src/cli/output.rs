//! Where reports go: `--format X -o FILE` pairs.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, ValueEnum, builder::PossibleValue};
use serde::Serialize;

use super::{error::CliError, terminal::Terminal};
use crate::engine::report::{self, Format, Layout, Report, escape::for_json, set::Set};

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// Most findings that are only information in the text report on a comparison, unless `--verbose`
/// is given.
const MAX_INFOS: usize = 5;

/// One report: a format, and a file or standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output<F> {
    pub(super) format: F,
    pub(super) file: Option<PathBuf>,
}

/// The outputs a command line asks for. Each `-o` belongs to the `--format` before it, or to the
/// default format where none is; a format without a file goes to standard output, and only one
/// can.
///
/// The arguments must be called `format` (of the type `F`) and `output`.
pub(super) fn outputs<F>(matches: &ArgMatches, default: F) -> Result<Vec<Output<F>>, CliError>
where
    F: ValueEnum + Clone + Send + Sync + 'static,
{
    let formats = indexed::<F>(matches, "format");
    let files = indexed::<PathBuf>(matches, "output");
    let mut outputs: Vec<Output<F>> = Vec::new();
    let mut words: Vec<(usize, Word<F>)> = Vec::new();
    words.extend(formats.into_iter().map(|(index, format)| (index, Word::Format(format))));
    words.extend(files.into_iter().map(|(index, file)| (index, Word::File(file))));
    words.sort_by_key(|(index, _)| *index);
    for (_, word) in words {
        match word {
            Word::Format(format) => outputs.push(Output { format, file: None }),
            Word::File(file) => match outputs.last_mut() {
                None => outputs.push(Output { format: default.clone(), file: Some(file) }),
                Some(last) if last.file.is_none() => last.file = Some(file),
                Some(_) => {
                    let message = format!("`-o {}` has no `--format` of its own", file.display());
                    return Err(CliError::usage(message).help(
                        "write pairs: --format text -o report.txt --format json -o report.json",
                    ));
                }
            },
        }
    }
    if outputs.is_empty() {
        outputs.push(Output { format: default, file: None });
    }
    for output in &mut outputs {
        output.file = output.file.take().and_then(file_of);
    }
    let files: Vec<_> = outputs.iter().filter_map(|output| output.file.as_ref()).collect();
    if let Some(twice) =
        files.iter().enumerate().find(|(index, file)| files[..*index].contains(file))
    {
        return Err(CliError::usage(format!("two reports for {}", twice.1.display()))
            .help("give each report a file of its own"));
    }
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(CliError::usage("two formats for standard output")
            .help("give all but one of them a file with -o"));
    }
    Ok(outputs)
}

/// Whether a path stands for standard output, as it does for standard input where it is a target.
pub(super) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The file that `-o` names; none for standard output.
pub(super) fn file_of(path: PathBuf) -> Option<PathBuf> {
    (!is_standard(&path)).then_some(path)
}

enum Word<F> {
    Format(F),
    File(PathBuf),
}

fn indexed<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Vec<(usize, T)> {
    let indices = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<T>(id).into_iter().flatten().cloned();
    if is_given(matches, id) { indices.zip(values).collect() } else { Vec::new() }
}

/// Whether standard output is for a program, so that errors should be too.
pub(super) fn wants_json(matches: &ArgMatches) -> bool {
    let is_defined = matches.ids().any(|id| id == "format") && is_given(matches, "format");
    let mut formats = is_defined.then(|| matches.get_raw("format")).flatten().into_iter().flatten();
    formats.any(|format| format == "json" || format == "jsonl")
}

impl Output<Format> {
    /// Writes a report in the format of this output. At most so many lines of findings are shown at
    /// the terminal, where 0 stands for all of them.
    pub(super) fn write_report(
        &self,
        report: &Report<'_>,
        max_lines: usize,
        terminal: &Terminal,
    ) -> Result<(), CliError> {
        self.write(&self.rendered(report, max_lines, terminal), terminal)
    }

    /// The report as this output has it.
    pub(super) fn rendered(
        &self,
        report: &Report<'_>,
        max_lines: usize,
        terminal: &Terminal,
    ) -> String {
        report::render(self.format, report, self.layout(max_lines, terminal))
    }

    /// Writes the report on several servers, in the same way.
    pub(super) fn write_set(
        &self,
        set: &Set<'_>,
        max_lines: usize,
        terminal: &Terminal,
    ) -> Result<(), CliError> {
        let layout = self.layout(max_lines, terminal);
        self.write(&report::set::render(self.format, set, layout), terminal)
    }

    fn layout(&self, max_lines: usize, terminal: &Terminal) -> Layout {
        // A file is read in an editor, where nothing needs to be left out.
        let is_for_terminal = self.file.is_none();
        Layout {
            width: terminal.width(),
            max_lines: (is_for_terminal && max_lines > 0).then_some(max_lines),
            max_infos: (is_for_terminal && max_lines > 0 && !terminal.is_verbose())
                .then_some(MAX_INFOS),
        }
    }
}

/// Whether an argument was given on the command line, rather than left to its default.
pub(super) fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine)
}

/// Makes sure that a file can be written, before anything is done that takes long or changes another
/// file. Nothing is written.
pub(super) fn check_file(path: &Path) -> Result<(), CliError> {
    let tried = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if metadata.is_file() => {
            fs::OpenOptions::new().append(true).open(path).map(drop)
        }
        // A pipe or a device may only be opened once.
        Ok(_) => Ok(()),
        Err(_) => {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            tempfile::tempfile_in(folder.unwrap_or(Path::new("."))).map(drop)
        }
    };
    tried.map_err(|error| {
        CliError::file("write", &path.display().to_string(), &error)
            .help("nothing was done; name a file that can be written")
    })
}

impl Output<Format> {
    /// Refuses a format that [`text_or_json`](Self::text_or_json) does not have.
    pub(super) fn check_text_or_json(&self, flag: &str) -> Result<(), CliError> {
        match self.format {
            Format::Text | Format::Json => Ok(()),
            other => Err(CliError::usage(format!("`{flag}` has no form as {}", other.as_str()))
                .help("take --format text or --format json")),
        }
    }

    /// The text, or the same as JSON, of what has no other form.
    pub(super) fn text_or_json<T: Serialize>(
        &self,
        flag: &str,
        text: impl Fn() -> String,
        json: impl Fn() -> T,
    ) -> Result<String, CliError> {
        self.check_text_or_json(flag)?;
        if self.format == Format::Text {
            return Ok(text());
        }
        let text = serde_json::to_string_pretty(&json()).expect("plain data becomes JSON");
        Ok(format!("{}\n", for_json(&text)))
    }
}

impl<F> Output<F> {
    /// Makes sure that the file can be written, before anything is done.
    pub(super) fn check(&self) -> Result<(), CliError> {
        self.file.as_deref().map_or(Ok(()), check_file)
    }

    /// Delivers the text of this output.
    pub(super) fn write(&self, text: &str, terminal: &Terminal) -> Result<(), CliError> {
        match &self.file {
            None => terminal.print(text)?,
            Some(path) => {
                let plain = anstream::adapter::strip_str(text).to_string();
                fs::write(path, plain).map_err(|error| {
                    CliError::file("write", &path.display().to_string(), &error)
                })?;
                if terminal.is_verbose() {
                    terminal.remark(&format!("wrote {}\n", path.display()));
                }
            }
        }
        Ok(())
    }
}
