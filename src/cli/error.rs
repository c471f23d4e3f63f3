//! What went wrong, where, and what to do: the one way a command fails.

use std::{fmt::Write, io};

use serde::Serialize;

use super::ExitStatus;
use crate::{
    engine::report::escape::{for_json, for_terminal},
    live::session::{Failure, SessionError},
};

/// A failure as it is shown to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CliError {
    pub(super) status: ExitStatus,
    /// What is wrong: a lowercase fragment.
    pub(super) message: String,
    /// What is to be said beyond it, a line each.
    pub(super) details: Vec<String>,
    /// A file, with line and column where known.
    pub(super) place: Option<String>,
    /// The last lines of the server's standard error.
    pub(super) stderr: Vec<String>,
    pub(super) help: Option<String>,
}

impl CliError {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status: ExitStatus::Usage,
            message,
            details: Vec::new(),
            place: None,
            stderr: Vec::new(),
            help: None,
        }
    }

    /// What is wrong in several lines, of which the first says it. For texts about what the user
    /// wrote: a line that somebody else had a hand in may pose as one of ours.
    #[cfg(feature = "serve")]
    pub(super) fn lines(text: &str) -> Self {
        let mut lines = text.lines().map(str::to_owned);
        let message = lines.next().unwrap_or_default();
        Self { details: lines.collect(), ..Self::usage(message) }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// A file that could not be read or written.
    pub(super) fn file(action: &str, path: &str, error: &io::Error) -> Self {
        Self::usage(format!("cannot {action} {path}: {error}"))
    }

    /// The error for people, styled with ANSI sequences.
    pub(super) fn render(&self, width: usize) -> String {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let mut text = format!("{red}error{red:#}: {}\n", for_terminal(&self.message));
        for line in &self.details {
            let _ = writeln!(text, "       {}", for_terminal(line));
        }
        if let Some(place) = &self.place {
            let _ = writeln!(text, "  --> {}", for_terminal(place));
        }
        if !self.stderr.is_empty() {
            text.push_str("  = the server's standard error:\n");
            for line in &self.stderr {
                let _ = writeln!(text, "      | {}", for_terminal(line));
            }
        }
        if let Some(help) = &self.help {
            // A command that is to be agreed to stands on lines of its own.
            let help = help.lines().map(for_terminal).collect::<Vec<_>>().join("\n");
            let options = textwrap::Options::new(width)
                .initial_indent("  = help: ")
                .subsequent_indent("          ")
                .break_words(false);
            let _ = writeln!(text, "{}", textwrap::fill(&help, options));
        }
        text
    }

    /// The error for programs, on one line.
    pub(super) fn render_json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            error: Body<'a>,
        }
        #[derive(Serialize)]
        struct Body<'a> {
            code: u8,
            message: &'a str,
            place: Option<&'a str>,
            help: Option<&'a str>,
            stderr: &'a [String],
        }
        let mut message = self.message.clone();
        for line in &self.details {
            message.push('\n');
            message.push_str(line);
        }
        let body = Body {
            code: self.status.code(),
            message: &message,
            place: self.place.as_deref(),
            help: self.help.as_deref(),
            stderr: &self.stderr,
        };
        let line = serde_json::to_string(&Line { error: body }).expect("plain data becomes JSON");
        format!("{}\n", for_json(&line))
    }
}

impl From<SessionError> for CliError {
    fn from(error: SessionError) -> Self {
        Self {
            status: match error.failure() {
                Failure::Usage => ExitStatus::Usage,
                Failure::Authentication => ExitStatus::Authentication,
                Failure::Unavailable => ExitStatus::Unavailable,
                Failure::Protocol => ExitStatus::Protocol,
            },
            message: error.to_string(),
            details: Vec::new(),
            place: None,
            stderr: error.stderr().to_vec(),
            help: Some(error.help()),
        }
    }
}
