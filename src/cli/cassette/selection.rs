//! Which calls and lines are meant: the flags of `show` and `cut`.

use std::ops::RangeInclusive;

use clap::Args;

use crate::engine::cassette::Selection;

#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct SelectionArgs {
    /// Calls by their numbers, as `show` prints them: `3`, `3..7`, `9..`; may be repeated
    #[arg(long, value_name = "RANGE", value_parser = range, value_delimiter = ',')]
    calls: Vec<RangeInclusive<u64>>,
    /// Calls of this tool; may be repeated
    #[arg(long = "tool", value_name = "NAME")]
    tools: Vec<String>,
    /// One session
    #[arg(long, value_name = "NUMBER")]
    session: Option<u64>,
    /// From this line on, by its `n`
    #[arg(long, value_name = "N")]
    from_n: Option<u64>,
    /// Up to this line, by its `n`
    #[arg(long, value_name = "N")]
    to_n: Option<u64>,
}

impl SelectionArgs {
    pub(super) fn is_empty(&self) -> bool {
        let is_of_lines = self.session.or(self.from_n).or(self.to_n).is_some();
        self.calls.is_empty() && self.tools.is_empty() && !is_of_lines
    }

    pub(super) fn selection(&self) -> Selection {
        Selection {
            calls: self.calls.clone(),
            tools: self.tools.clone(),
            session: self.session,
            from_n: self.from_n,
            to_n: self.to_n,
        }
    }
}

/// `3`, `3..7` (both included), `3..`, `..7`
fn range(text: &str) -> Result<RangeInclusive<u64>, String> {
    let number = |text: &str, open: u64| match text.trim() {
        "" => Ok(open),
        text => text.parse().map_err(|_| format!("`{text}` is no number")),
    };
    let (start, end) = match text.split_once("..") {
        Some((start, end)) => (number(start, 1)?, number(end.trim_start_matches('='), u64::MAX)?),
        None if text.trim().is_empty() => return Err("a range is missing".to_owned()),
        None => (number(text, 1)?, number(text, 1)?),
    };
    if start == 0 || start > end {
        return Err("calls count from 1, and a range does not go backwards".to_owned());
    }
    Ok(start..=end)
}
