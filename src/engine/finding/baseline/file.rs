//! `mcp-kit.baseline/1`: a [`Baseline`] as a text.
//!
//! An entry is a line, so that two branches that put different findings right can be merged.

use std::{collections::HashSet, fmt::Write};

use serde_json::{Value, json};

use super::{Baseline, Known};
use crate::engine::{
    finding::Severity,
    protocol::json::{Document, Limits, Position, View},
};

/// The format this version reads and writes.
pub const FORMAT: &str = "mcp-kit.baseline/1";

/// What a baseline's format is called in every version.
const FAMILY: &str = "mcp-kit.baseline/";

/// What is wrong with a baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BaselineError {
    /// What: a lowercase fragment.
    pub message: String,
    /// Where in the file.
    pub position: Position,
    /// What to do.
    pub help: &'static str,
}

const NO_BASELINE: &str = "name a file that `mcp-kit lint --write-baseline` has written";
const DAMAGED: &str = "take the file from version control again, or delete it and write a new one \
                       with --write-baseline";

/// The text of a baseline, newline included.
pub fn render(baseline: &Baseline) -> String {
    let mut text = format!("{{\n  \"format\": \"{FORMAT}\",\n  \"rules\": {{");
    let rules = baseline.counts();
    let rules = rules.iter().map(|(rule, count)| format!("{}: {count}", json!(rule)));
    let entries = baseline.entries.iter().map(line);
    push_lines(&mut text, rules);
    text.push_str("},\n  \"findings\": [");
    push_lines(&mut text, entries);
    text.push_str("]\n}\n");
    text
}

fn push_lines(text: &mut String, lines: impl Iterator<Item = String>) {
    let mut is_empty = true;
    for line in lines {
        let comma = if is_empty { "" } else { "," };
        let _ = write!(text, "{comma}\n    {line}");
        is_empty = false;
    }
    if !is_empty {
        text.push_str("\n  ");
    }
}

fn line(entry: &Known) -> String {
    let mut members = vec![
        ("rule", json!(entry.rule)),
        ("severity", json!(entry.severity.as_str())),
        ("kind", json!(entry.kind)),
    ];
    members.extend(entry.name.as_ref().map(|name| ("name", json!(name))));
    members.push(("fingerprint", json!(entry.fingerprint)));
    if entry.count > 1 {
        members.push(("count", json!(entry.count)));
    }
    members.extend(entry.figure.map(|figure| ("figure", json!(figure))));
    if !entry.parts.is_empty() {
        members.push(("parts", json!(entry.parts)));
    }
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value): (_, Value)| format!("\"{name}\": {value}"))
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// Reads the text of a baseline. Members that this version does not know are passed over: within a
/// version of the format some may be added.
///
/// # Errors
/// When it is no JSON, no baseline, of another version of the format, or damaged.
pub fn read(text: &[u8]) -> Result<Baseline, BaselineError> {
    let start = Position { line: 1, column: 1 };
    let document = Document::read(text, &Limits::for_bytes(text.len())).map_err(|error| {
        let position = error.position.unwrap_or(start);
        BaselineError { message: error.message, position, help: NO_BASELINE }
    })?;
    let file = File { document: &document };
    let root = document.root();
    let format = root.get("format").and_then(View::as_str);
    match format.as_deref() {
        Some(FORMAT) => {}
        Some(other) if other.starts_with(FAMILY) => {
            let shown: String = other.chars().take(FAMILY.len() + 8).collect();
            let message =
                format!("the baseline's format is `{shown}`; this version reads `{FORMAT}`");
            let help = "take the version of mcp-kit that wrote it, or delete the file and write it \
                        anew with --write-baseline";
            return Err(file.error(root.get("format").unwrap_or(root), message, help));
        }
        _ => return Err(file.error(root, "the file is no baseline", NO_BASELINE)),
    }
    let findings = root.get("findings");
    let Some(findings) = findings.filter(|it| it.text().starts_with('[')) else {
        let message = "the baseline has no list of `findings`";
        return Err(file.error(findings.unwrap_or(root), message, DAMAGED));
    };
    let entries: Vec<Known> =
        findings.items().map(|entry| file.entry(entry)).collect::<Result<_, _>>()?;
    let mut keys = HashSet::new();
    if let Some(twice) = entries.iter().find(|entry| !keys.insert(entry.key())) {
        let message = format!("the finding `{}` stands in the baseline twice", twice.fingerprint);
        return Err(BaselineError { message, position: twice.position, help: DAMAGED });
    }
    let mut baseline = Baseline { entries };
    baseline.sort();
    Ok(baseline)
}

struct File<'a> {
    document: &'a Document,
}

impl File<'_> {
    fn entry(&self, entry: View<'_>) -> Result<Known, BaselineError> {
        let text = |name: &str| entry.get(name).and_then(View::as_str);
        let required = |name: &str| {
            let found = text(name).filter(|text| !text.is_empty());
            found.map(|text| text.into_owned()).ok_or_else(|| {
                let message = format!("a finding of the baseline has no `{name}`");
                self.error(entry, message, DAMAGED)
            })
        };
        let severity = required("severity")?;
        let severity = Severity::ALL.into_iter().find(|it| it.as_str() == severity);
        let count = entry.get("count").map_or(Some(1), |count| count.text().parse().ok());
        let figure = entry.get("figure").map(|figure| figure.text().parse());
        let parts = entry.get("parts").map_or(Some(Vec::new()), |parts| {
            let names = parts.items().map(|part| Some(part.as_str()?.into_owned()));
            names.collect::<Option<Vec<String>>>().filter(|_| parts.text().starts_with('['))
        });
        let mut parts = parts.ok_or_else(|| {
            let message = "the `parts` of a finding of the baseline are no list of names";
            self.error(entry, message, DAMAGED)
        })?;
        parts.sort_unstable();
        parts.dedup();
        Ok(Known {
            rule: required("rule")?,
            severity: severity.ok_or_else(|| {
                let message = "a finding of the baseline has a severity that there is not";
                self.error(entry, message, DAMAGED)
            })?,
            kind: required("kind")?,
            name: text("name").map(|name| name.into_owned()),
            fingerprint: required("fingerprint")?,
            count: count.filter(|count| *count > 0).ok_or_else(|| {
                let message = "the `count` of a finding of the baseline is no number above zero";
                self.error(entry, message, DAMAGED)
            })?,
            figure: figure.transpose().map_err(|_| {
                let message = "the `figure` of a finding of the baseline is no number";
                self.error(entry, message, DAMAGED)
            })?,
            parts,
            position: self.document.position(entry.span().start),
        })
    }

    fn error(&self, at: View<'_>, message: impl Into<String>, help: &'static str) -> BaselineError {
        let position = self.document.position(at.span().start);
        BaselineError { message: message.into(), position, help }
    }
}
