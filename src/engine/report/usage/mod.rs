//! The report of `mcp-kit usage`: what recorded traffic says about each tool.
//!
//! One file per format. Read [`Report`] and [`render`] first. Not for: counting, which is
//! [`crate::engine::usage`].

mod amount;
mod html;
mod json;
mod markdown;
#[cfg(test)]
mod tests;
mod text;

pub use json::FORMAT;

use crate::engine::usage::{ErrorFigures, MAX_OTHER_TOOLS, Pair, Retries, ToolUsage, Usage};

/// The formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people at a terminal.
    Text,
    /// For programs: `mcp-kit.usage/1`.
    Json,
    /// For a browser: one page with plots that needs nothing else.
    Html,
    /// For a comment or a wiki.
    Markdown,
}

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The figures.
    pub usage: &'a Usage,
    /// The files they come from.
    pub files: u64,
    /// Lines that could not be read.
    pub damaged: u64,
}

/// The report in a format, newline included. The width is for text.
pub fn render(format: Format, report: &Report<'_>, width: usize) -> String {
    match format {
        Format::Text => text::render(report, width),
        Format::Json => json::render(report),
        Format::Html => html::render(report),
        Format::Markdown => markdown::render(report),
    }
}

/// An error of a tool, with what was done after it.
struct Trouble<'a> {
    tool: &'a str,
    errors: &'a ErrorFigures,
}

/// Most errors whose aftermath is shown to people.
const MAX_TROUBLES: usize = 20;
/// Most pairs that are shown to people.
const MAX_PAIRS: usize = 12;
/// The least number of times that two tools meet to be shown to people.
const LEAST_MEETINGS: u64 = 2;

impl<'a> Report<'a> {
    /// The errors after which other tools were tried, worst first.
    fn troubles(&self) -> Vec<Trouble<'a>> {
        let of_tool = |tool: &'a ToolUsage| {
            tool.errors.iter().map(|errors| Trouble { tool: &tool.name, errors })
        };
        let mut troubles: Vec<_> = self.usage.tools.iter().flat_map(of_tool).collect();
        troubles.retain(|trouble| trouble.errors.count > 0);
        troubles.sort_by_key(|trouble| {
            std::cmp::Reverse((trouble.errors.with_other_tools(1), trouble.errors.count))
        });
        troubles
    }

    /// The pairs of tools that meet often enough to mean something.
    fn pairs(&self) -> Vec<&'a Pair> {
        let meetings = |pair: &Pair| pair.after_failure + pair.same_values;
        self.usage.pairs.iter().filter(|pair| meetings(pair) >= LEAST_MEETINGS).collect()
    }

    /// The names of the tools that are listed and never called.
    fn never_called(&self) -> Vec<&'a str> {
        self.usage.never_called().map(|tool| tool.name.as_str()).collect()
    }

    /// The names of the tools that were called and only answered with errors, with the calls.
    fn never_correct(&self) -> Vec<(&'a str, u64)> {
        self.usage.never_correct().map(|tool| (tool.name.as_str(), tool.calls)).collect()
    }

    /// What the reader has to know to take the figures for what they are, a sentence each.
    fn remarks(&self) -> Vec<String> {
        let usage = self.usage;
        let mut remarks = Vec::new();
        let is_sampled = usage.tools.iter().any(|tool| !tool.returned.is_exact());
        if is_sampled {
            let (counted, answers) = usage.tools.iter().fold((0, 0), |(counted, answers), tool| {
                (counted + tool.returned.counted, answers + tool.returned.answers)
            });
            remarks.push(format!(
                "tokens are counted in {} of {} answers and taken in proportion to their length in \
                 the others",
                amount::number(counted),
                amount::number(answers)
            ));
        }
        if usage.servers.len() > 1 {
            remarks.push(format!(
                "the recordings name {} servers ({}); tools of one name are counted together",
                usage.servers.len(),
                usage.servers.join(", ")
            ));
        }
        if usage.known_from.as_str() == "nowhere" {
            remarks.push(
                "no recording has a list of tools, so what was never called is not known; give it \
                 with --surface TARGET"
                    .to_owned(),
            );
        }
        remarks.extend(usage.lacks.iter().map(|lack| format!("an imported recording: {lack}")));
        if self.damaged > 0 {
            remarks.push(format!(
                "{} could not be read and {} left out",
                super::counted(self.damaged as usize, "line"),
                if self.damaged == 1 { "is" } else { "are" }
            ));
        }
        let beyond = [
            (usage.beyond.calls, "call", "of tools beyond the first 1,000"),
            (usage.beyond.sessions, "session", "taken for ended because too many were open"),
            (usage.beyond.errors, "error", "not followed because too many were open"),
            (usage.beyond.pairs, "meeting", "of pairs beyond the first 4,096"),
        ];
        for (count, noun, what) in beyond.into_iter().filter(|(count, ..)| *count > 0) {
            remarks.push(format!("{} {what}", super::counted(count as usize, noun)));
        }
        remarks
    }

    /// `3 recordings, 12 sessions, 1,024 calls of 9 tools`
    fn extent(&self) -> String {
        let usage = self.usage;
        let called = usage.tools.iter().filter(|tool| tool.calls > 0).count();
        format!(
            "{}, {}, {} of {}",
            super::counted(usage.recordings as usize, "recording"),
            super::counted(usage.sessions as usize, "session"),
            super::counted(usage.calls as usize, "call"),
            super::counted(called, "tool")
        )
    }
}

/// `none`, `1`, … and the last one as `8 or more`.
fn other_tools(index: usize) -> String {
    match index {
        0 => "none".to_owned(),
        MAX_OTHER_TOOLS => format!("{MAX_OTHER_TOOLS} or more"),
        index => index.to_string(),
    }
}

/// `12, of which 3 with the same key, …`
fn retries_in_words(retries: &Retries) -> String {
    let parts = [
        (retries.same_key, "with the same key"),
        (retries.new_key, "with a new key"),
        (retries.without_key, "without a key"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", amount::number(*count)))
        .collect();
    let at_risk = match retries.at_risk {
        0 => String::new(),
        count => format!("; {} after which something may be done twice", amount::number(count)),
    };
    format!("{}{at_risk}", parts.join(", "))
}

/// `get_lead, then get_customer: …`, with the names in quotation marks of that kind.
fn pair_in_words(pair: &Pair, quote: &str) -> String {
    let mut parts = Vec::new();
    if pair.after_failure > 0 {
        let times = amount::number(pair.after_failure);
        parts.push(format!("{times} × the first fails and the other succeeds with its values"));
    }
    if pair.same_values > 0 {
        let times = amount::number(pair.same_values);
        parts.push(format!("{times} × called one after the other with the same values"));
    }
    let (first, then) = (&pair.first, &pair.then);
    format!("{quote}{first}{quote}, then {quote}{then}{quote}: {}", parts.join(", "))
}
