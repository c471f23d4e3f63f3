//! An exchange on one line, for people and for programs.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::engine::{
    cassette::{Answer, Call, CallOutcome, Numbered, Party},
    report::escape::{for_json, for_terminal, within_columns},
};

/// An exchange as it is listed.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// Which call of a tool it is, from 1; null for something else.
    pub(super) call: Option<u64>,
    n: u64,
    answered_n: Option<u64>,
    pub(super) session: u64,
    at_us: Option<u64>,
    time_us: Option<u64>,
    from: Party,
    method: String,
    pub(super) tool: Option<String>,
    pub(super) outcome: &'static str,
    error: Option<Fault>,
    /// The length of the result or error, in bytes.
    answer_bytes: usize,
    /// `arguments` of a call, `params` of something else.
    arguments: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Box<RawValue>>,
}

/// An error of JSON-RPC.
#[derive(Debug, Serialize, serde::Deserialize)]
struct Fault {
    code: i64,
    message: String,
}

/// The columns of the table that have one width each.
const WIDTHS: [usize; 4] = [5, 7, 9, 26];
/// Outcome and time.
const LAST: (usize, usize) = (14, 8);

impl Row {
    /// A row; with the answer itself only where it is asked for.
    pub(super) fn of(numbered: Numbered, with_answer: bool) -> Self {
        let call_number = numbered.call;
        let called = Call::of(numbered.exchange);
        let (exchange, tool, arguments, outcome) = match called {
            Ok(call) => {
                let outcome = call.outcome();
                (call.exchange, Some(call.tool), call.arguments, Some(outcome))
            }
            Err(exchange) => {
                let params = exchange.params.clone();
                (exchange, None, params, None)
            }
        };
        let outcome = match (outcome, &exchange.answer) {
            (Some(CallOutcome::ToolError), _) => "tool_error",
            (Some(CallOutcome::InputRequired), _) => "input_required",
            (Some(CallOutcome::Task), _) => "task",
            (_, Answer::Result(_)) => "ok",
            (_, Answer::Error(_)) => "protocol_error",
            (_, Answer::None) => "unanswered",
        };
        let error = match &exchange.answer {
            Answer::Error(error) => serde_json::from_str(error.get()).ok(),
            _ => None,
        };
        let answer = match exchange.answer {
            Answer::Result(value) | Answer::Error(value) => Some(value),
            Answer::None => None,
        };
        Self {
            call: call_number,
            n: exchange.n,
            answered_n: exchange.answered_n,
            session: exchange.session,
            at_us: exchange.at_us,
            time_us: exchange.time_us,
            from: exchange.from,
            method: exchange.method,
            tool,
            outcome,
            error,
            answer_bytes: answer.as_ref().map_or(0, |answer| answer.get().len()),
            arguments,
            answer: answer.filter(|_| with_answer),
        }
    }

    /// The line of the table.
    pub(super) fn line(&self, width: usize) -> String {
        let call = self.call.map_or_else(String::new, |call| call.to_string());
        let at = self.at_us.map_or_else(|| "-".to_owned(), moment);
        let name = match (&self.tool, self.from) {
            (Some(tool), _) => tool.clone(),
            (None, Party::Client) => self.method.clone(),
            (None, Party::Server) => format!("server: {}", self.method),
        };
        let arguments = self.arguments.as_ref().map_or("", |arguments| arguments.get());
        let outcome = match &self.error {
            Some(fault) => format!("error {}", fault.code),
            None => self.outcome.replace('_', " "),
        };
        let took = self.time_us.map_or_else(|| "-".to_owned(), duration);
        // Only what can be seen of it is escaped: arguments may be long.
        let beginning: String = arguments.chars().take(width).collect();
        let [calls, lines, times, names] = WIDTHS;
        let fixed = calls + lines + times + names + LAST.0 + LAST.1 + 6;
        let room = width.saturating_sub(fixed).max(8);
        let style = match self.outcome {
            "ok" | "task" | "input_required" => anstyle::Style::new(),
            "unanswered" => anstyle::AnsiColor::Yellow.on_default(),
            _ => anstyle::AnsiColor::Red.on_default(),
        };
        let arguments = match arguments.len() > beginning.len() {
            true => within_columns(&format!("{}…", for_terminal(&beginning)), room),
            false => within_columns(&for_terminal(&beginning), room),
        };
        format!(
            "{call:>calls$} {:>lines$} {at:>times$} {} {} {style}{}{style:#} {took:>last$}",
            self.n,
            padded(&within_columns(&for_terminal(&name), names), names),
            padded(&arguments, room),
            padded(&outcome, LAST.0),
            last = LAST.1,
        )
    }

    /// The line of the request in the cassette.
    pub(super) fn line_number(&self) -> u64 {
        self.n
    }

    /// The exchange with all that was said.
    pub(super) fn whole(&self) -> String {
        let call = self.call.map_or_else(String::new, |call| format!("call {call}: "));
        let name = self.tool.as_ref().unwrap_or(&self.method);
        let answered = match (self.answered_n, self.time_us) {
            (Some(n), Some(time)) => format!("answered in line {n} after {}", duration(time)),
            (Some(n), None) => format!("answered in line {n}"),
            (None, _) => "not answered".to_owned(),
        };
        let at = self.at_us.map(|at| format!(" at {}", moment(at))).unwrap_or_default();
        let bold = anstyle::Style::new().bold();
        let mut text = format!(
            "{bold}{call}{}{bold:#}\nasked in line {}{at}, {answered}: {}\n",
            for_terminal(name),
            self.n,
            self.outcome.replace('_', " "),
        );
        for (title, value) in [("arguments", &self.arguments), ("answer", &self.answer)] {
            if let Some(value) = value {
                text += &format!("\n{title}\n{}\n", laid_out(value));
            }
        }
        text
    }

    /// The heads of the columns.
    pub(super) fn head(width: usize) -> String {
        let [calls, lines, times, names] = WIDTHS;
        let fixed = calls + lines + times + names + LAST.0 + LAST.1 + 6;
        let room = width.saturating_sub(fixed).max(8);
        format!(
            "{:>calls$} {:>lines$} {:>times$} {:names$} {:room$} {:outcome$} {:>took$}",
            "call",
            "n",
            "at",
            "tool or method",
            "arguments",
            "outcome",
            "took",
            outcome = LAST.0,
            took = LAST.1,
        )
    }
}

/// JSON over several lines, with keys and numbers as they were sent.
fn laid_out(value: &RawValue) -> String {
    let mut text = String::with_capacity(value.get().len() * 2);
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    let mut characters =
        value.get().chars().filter(|it| !matches!(it, '\n' | '\r' | '\t')).peekable();
    let begin = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth.min(40)));
    };
    while let Some(character) = characters.next() {
        if is_string {
            text.push(character);
            is_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            continue;
        }
        match character {
            ' ' => {}
            '{' | '[' => {
                text.push(character);
                while characters.next_if_eq(&' ').is_some() {}
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    begin(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                begin(&mut text, depth);
                text.push(character);
            }
            ',' => {
                text.push(character);
                begin(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ => {
                is_string = character == '"';
                text.push(character);
            }
        }
    }
    for_json(&text)
}

/// Filled up with blanks to so many columns of a terminal.
fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(unicode_width::UnicodeWidthStr::width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Microseconds since the recording began: `1:02:03.4`.
fn moment(at_us: u64) -> String {
    let tenths = at_us / 100_000;
    let (seconds, minutes, hours) = (tenths / 10 % 60, tenths / 600 % 60, tenths / 36_000);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}.{}s", tenths % 10),
        (0, _) => format!("{minutes}:{seconds:02}.{}", tenths % 10),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Some microseconds, with three digits that count.
pub(super) fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{}.{:02} ms", us / 1_000, us % 1_000 / 10),
        10_000..1_000_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        1_000_000..60_000_000 => format!("{}.{:02} s", us / 1_000_000, us % 1_000_000 / 10_000),
        _ => format!("{}:{:02} min", us / 60_000_000, us / 1_000_000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, moment};

    #[test]
    fn times_are_short() {
        let durations = [0, 999, 1_234, 45_678, 999_999, 1_000_000, 61_000_000].map(duration);
        assert_eq!(
            durations,
            ["0 µs", "999 µs", "1.23 ms", "45.6 ms", "999.9 ms", "1.00 s", "1:01 min"]
        );
        let moments = [0, 1_250_000, 61_000_000, 3_723_000_000].map(moment);
        assert_eq!(moments, ["0.0s", "1.2s", "1:01.0", "1:02:03"]);
    }
}
