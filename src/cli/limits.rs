//! `mcp-kit lint --targets`: the table of what clients and model providers take.
//!
//! Two lines for a limit and not a row: seven columns fit no terminal.

use std::fmt::Write;

use textwrap::Options;

use super::{ExitStatus, error::CliError, terminal::Terminal};
use crate::engine::rule::client::{Client, LIMITS};

pub(super) fn print(terminal: &Terminal) -> Result<ExitStatus, CliError> {
    terminal.print(&table(terminal.width()))?;
    Ok(ExitStatus::Clean)
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
