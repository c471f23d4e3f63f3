//! `mcp-kit lint --targets`: the table of what clients and model providers take.
//!
//! Two lines for a limit and not a row: seven columns fit no terminal.

use std::fmt::Write;

use serde::Serialize;
use textwrap::Options;

use super::{ExitStatus, error::CliError, output::Output, overwrite::Files, terminal::Terminal};
use crate::engine::{
    report::Format,
    rule::client::{Client, LIMITS},
};

/// `mcp-kit.targets/1`.
#[derive(Debug, Serialize)]
struct Table {
    format: &'static str,
    targets: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: &'static str,
    on_top_of: Option<&'static str>,
    limits: Vec<Cells>,
}

#[derive(Debug, Serialize)]
struct Cells {
    what: &'static str,
    value: String,
    beyond: &'static str,
    rule: Option<&'static str>,
    source: &'static str,
    date: &'static str,
}

pub(super) fn print(
    outputs: &[Output<Format>],
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let mut files = Files::default();
    files.writes_reports(outputs);
    files.keeps_configurations(None);
    files.check()?;
    for output in outputs {
        output.write(
            &output.text_or_json("--targets", || table(terminal.width()), rows)?,
            terminal,
        )?;
    }
    Ok(ExitStatus::Clean)
}

fn rows() -> impl Serialize {
    let row = |client: Client| Row {
        name: client.as_str(),
        on_top_of: client.on_top_of().map(Client::as_str),
        limits: LIMITS
            .iter()
            .filter(|limit| limit.client == client)
            .map(|limit| Cells {
                what: limit.what.as_str(),
                value: limit.value.to_string(),
                beyond: limit.beyond,
                rule: limit.rule,
                source: limit.source,
                date: limit.date,
            })
            .collect(),
    };
    Table { format: "mcp-kit.targets/1", targets: Client::ALL.into_iter().map(row).collect() }
}

fn table(width: usize) -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = String::new();
    for client in Client::ALL {
        let over = client.on_top_of().map(|other| format!(" (and what holds for {other})"));
        let _ = writeln!(text, "{bold}{client}{bold:#}{}", over.unwrap_or_default());
        for limit in LIMITS.iter().filter(|limit| limit.client == client) {
            let fact =
                format!("{}: {}; beyond it, {}", limit.what.as_str(), limit.value, limit.beyond);
            let rule = limit.rule.unwrap_or("no rule");
            let origin = format!("{rule}; {} ({})", limit.source, limit.date);
            for (line, indent) in [(fact, "  "), (origin, "      ")] {
                let options =
                    Options::new(width).initial_indent(indent).subsequent_indent("      ");
                let _ = writeln!(text, "{}", textwrap::fill(&line, options));
            }
        }
        text.push('\n');
    }
    text
}
