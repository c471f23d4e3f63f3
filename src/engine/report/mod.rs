//! Findings and surfaces as text: one file per output format.
//!
//! A format takes values and returns a string; where it goes is not its business. Text that came
//! from a server is escaped for where it will be shown ([`escape`]).

pub mod escape;
pub mod json;
pub mod reference;
pub mod text;

use super::{
    finding::{Finding, Severity},
    protocol::revision::Era,
    surface::Surface,
};

/// All that a report on one linted surface says.
#[derive(Debug, Clone, Copy)]
pub struct LintReport<'a> {
    /// The surface.
    pub surface: &'a Surface,
    /// What was found, worst first.
    pub findings: &'a [Finding],
    /// Where the surface came from.
    pub origin: &'a Origin,
    /// The name of the profile that was applied.
    pub profile: &'static str,
}

/// Where a surface came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The target as it was given: a file, a command, an address.
    pub name: String,
    /// How it was read.
    pub transport: Transport,
}

/// How a surface was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// From a text, so that positions in it mean something to the reader.
    File,
    /// From a server on stdio.
    Stdio(Era),
    /// From a server over HTTP.
    Http(Era),
}

impl Transport {
    /// `file`, `stdio` or `http`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Stdio(_) => "stdio",
            Self::Http(_) => "http",
        }
    }

    /// The era that was spoken, if any.
    pub fn era(self) -> Option<Era> {
        match self {
            Self::File => None,
            Self::Stdio(era) | Self::Http(era) => Some(era),
        }
    }
}

impl LintReport<'_> {
    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// A number and its noun: `1 tool`, `12 tools`.
fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A number with its thousands apart: `12,345`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
