//! The baseline of `mcp-kit lint`: reading it, asking it, and writing it.
//!
//! Writing only ever shrinks a baseline that exists. What is new is taken in when somebody insists,
//! so that a baseline in CI cannot grow by itself.

use std::{fs, io, path::PathBuf};

use clap::Args;

use super::{
    beside::{self, Accepts},
    error::CliError,
    project::Project,
    terminal::Terminal,
};
use crate::engine::{
    finding::{
        Applied,
        allow::Judged,
        baseline::{self, Baseline},
    },
    report::KnownList,
};

#[derive(Debug, Args)]
#[command(next_help_heading = "Baseline")]
pub(super) struct BaselineArgs {
    /// Let pass what this file knows from before: only what is new fails the run
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    pub(super) baseline: Option<PathBuf>,
    /// Write what is found to a new file, or take out of an existing one what is gone
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// With --write-baseline: take what is new into the existing file as well
    #[arg(long, requires = "write_baseline")]
    force: bool,
}

/// The baseline of a run.
#[derive(Debug)]
pub(super) struct BaselineFile {
    path: PathBuf,
    /// The file as it is shown.
    file: String,
    baseline: Baseline,
    write: Option<Write>,
}

/// What is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    /// All that is found: the file is new, or somebody insists.
    All,
    /// What is left of the file.
    Rest,
}

impl BaselineArgs {
    /// Reads the baseline that the flags name, or else the one of the project; none where there is
    /// none to ask or to write.
    ///
    /// # Errors
    /// When the file is missing although it is to be asked, or is no baseline of this version.
    pub(super) fn open(&self, project: &Project) -> Result<Option<BaselineFile>, CliError> {
        let (path, named_by) = match (&self.write_baseline, &self.baseline) {
            (Some(path), _) | (None, Some(path)) => (path.clone(), None),
            (None, None) => match project.baseline() {
                Some((path, file)) => (path, Some(file)),
                None => return Ok(None),
            },
        };
        let file = path.display().to_string();
        let is_written = self.write_baseline.is_some();
        let text = match beside::read(&path, Accepts::File) {
            Ok(text) => text,
            Err(error) if is_written && error.kind() == io::ErrorKind::NotFound => {
                let (baseline, write) = (Baseline::default(), Some(Write::All));
                return Ok(Some(BaselineFile { path, file, baseline, write }));
            }
            Err(error) => {
                let shown = beside::failed(&file, &error);
                let shown = match error.kind() {
                    io::ErrorKind::NotFound => shown.help(format!(
                        "write it first: mcp-kit lint --write-baseline {file} TARGET"
                    )),
                    _ => shown,
                };
                return Err(match named_by {
                    Some(project) => shown.place(project.to_owned()),
                    None => shown,
                });
            }
        };
        let baseline = baseline::read(&text).map_err(|error| {
            let place = format!("{file}:{}:{}", error.position.line, error.position.column);
            CliError::usage(error.message).place(place).help(error.help)
        })?;
        let write = is_written.then_some(if self.force { Write::All } else { Write::Rest });
        Ok(Some(BaselineFile { path, file, baseline, write }))
    }
}

impl BaselineFile {
    /// Whether the run writes the file.
    pub(super) fn is_to_be_written(&self) -> bool {
        self.write.is_some()
    }

    /// The baseline for reports.
    pub(super) fn list(&self) -> KnownList<'_> {
        KnownList { file: &self.file, baseline: &self.baseline }
    }

    /// What the baseline leaves open; nothing is written.
    pub(super) fn left_open(&self, judged: Judged, project: &Project, applied: &Applied) -> Judged {
        project.judge_with(&self.baseline, &self.file, judged, applied)
    }

    /// Asks the baseline about what is open, after writing it where it is to be written.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn apply(
        &mut self,
        judged: Judged,
        project: &Project,
        applied: &Applied,
        terminal: &Terminal,
    ) -> Result<Judged, CliError> {
        if let Some(write) = self.write {
            let shrunk = project.shrunk(&self.baseline, &judged, applied);
            let next = match write {
                Write::All => shrunk.joined(Baseline::of(&judged.open)),
                Write::Rest => shrunk,
            };
            self.replace(next, terminal)?;
        }
        let judged = project.judge_with(&self.baseline, &self.file, judged, applied);
        if self.write == Some(Write::Rest) && !judged.open.is_empty() {
            let new = Baseline::of(&judged.open).total();
            if new > 0 {
                terminal.remark(&format!(
                    "{}: {new} not in it and not taken in; put right what is new, or insist with \
                     --force\n",
                    self.file
                ));
            }
        }
        Ok(judged)
    }

    fn replace(&mut self, next: Baseline, terminal: &Terminal) -> Result<(), CliError> {
        let text = baseline::render(&next);
        let before = fs::read(&self.path).ok();
        let (had, has) = (self.baseline.total(), next.total());
        self.baseline = next;
        if before.is_some_and(|before| before == text.as_bytes()) {
            terminal.remark(&format!("{}: is up to date, places known: {has}\n", self.file));
            return Ok(());
        }
        fs::write(&self.path, text).map_err(|error| CliError::file("write", &self.file, &error))?;
        let before = if had > 0 { format!(", before: {had}") } else { String::new() };
        terminal.remark(&format!("{}: written, places known: {has}{before}\n", self.file));
        Ok(())
    }
}
