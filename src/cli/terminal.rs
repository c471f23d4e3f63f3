//! Standard output and standard error: colors, width, and what may be asked.

use std::io::{self, BufRead, IsTerminal, Write};

use anstream::{
    AutoStream,
    stream::{AsLockedWrite, RawStream},
};
use clap::ValueEnum;
use serde::Serialize;

use super::{GlobalArgs, error::CliError};
use crate::engine::report::escape::for_json;

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// Widest text: longer lines are hard to read.
const MAX_WIDTH: usize = 100;

/// How this run talks to the user.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    color: anstream::ColorChoice,
    quiet: u8,
    verbose: u8,
    may_ask: bool,
}

/// Columns that the terminal has now.
pub(super) fn columns() -> usize {
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    width.unwrap_or(MAX_WIDTH)
}

impl Terminal {
    pub(super) fn new(arguments: &GlobalArgs) -> Self {
        let color = match arguments.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        let may_ask =
            !arguments.no_input && io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { color, quiet: arguments.quiet, verbose: arguments.verbose, may_ask }
    }

    /// Columns to wrap at.
    pub(super) fn width(&self) -> usize {
        columns().clamp(40, MAX_WIDTH)
    }

    /// `-q`: no remarks, no progress.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet >= 1
    }

    /// `-qq`: nothing but the exit code.
    pub(super) fn is_silent(&self) -> bool {
        self.quiet >= 2
    }

    /// `-v`
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose >= 1
    }

    /// Prints a result. A reader that has gone away, as `head` does, is not an error; a full disk
    /// is.
    pub(super) fn print(&self, text: &str) -> Result<(), CliError> {
        if self.is_silent() {
            return Ok(());
        }
        match self.write(io::stdout(), text) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(CliError::file("write", "standard output", &error))
            }
            _ => Ok(()),
        }
    }

    /// Prints a result on standard error, where standard output is for a program. It was asked for,
    /// so `-q` does not silence it; `-qq` does.
    pub(super) fn print_aside(&self, text: &str) {
        if !self.is_silent() {
            let _ = self.write(io::stderr(), text);
        }
    }

    /// Prints JSON for programs, with what could harm a terminal escaped.
    pub(super) fn print_json(&self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(value).expect("plain data becomes JSON");
        self.print(&format!("{}\n", for_json(&text)))
    }

    /// Whether results go to a terminal, where text of a server must be harmless.
    pub(super) fn is_watched(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a remark on standard error.
    pub(super) fn remark(&self, text: &str) {
        if self.quiet == 0 {
            let _ = self.write(io::stderr(), text);
        }
    }

    pub(super) fn print_error(&self, error: &CliError, is_json: bool) {
        if !self.is_silent() {
            let text = if is_json { error.render_json() } else { error.render(self.width()) };
            let _ = self.write(io::stderr(), &text);
        }
    }

    /// Asks a question that is answered with yes or no. None where nobody can be asked.
    pub(super) fn confirm(&self, question: &str) -> Option<bool> {
        if !self.may_ask {
            return None;
        }
        let _ = self.write(io::stderr(), &format!("{question} [y/N] "));
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer).ok()? == 0 {
            // The end of the input is an answer without a line.
            let _ = self.write(io::stderr(), "\n");
        }
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    fn write<S: RawStream + AsLockedWrite>(&self, stream: S, text: &str) -> io::Result<()> {
        let color = match self.color {
            anstream::ColorChoice::Auto => AutoStream::choice(&stream),
            given => given,
        };
        let mut stream = AutoStream::new(stream, color);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }
}
