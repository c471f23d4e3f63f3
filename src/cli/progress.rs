//! A sign of life for what takes over half a second.

use std::{
    cell::RefCell,
    env,
    ffi::OsString,
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::terminal::{Terminal, columns};
use crate::engine::report::escape::{for_terminal, within_columns};

const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(120);
/// How many names are shown, and how many columns of each.
const MAX_NAMES: usize = 2;
const MAX_NAME: usize = 16;
/// Columns that stay free at the end of the line: what is typed meanwhile, such as ^C, is shown there
/// and must not begin a line of its own, or the one above would never be cleared.
const FREE: usize = 8;
/// Columns of a spinner and the time beside it.
const SPINNER: usize = 8;
/// Columns of a terminal from which on the bar is a long one.
const WIDE: usize = 80;

/// Awaits some work and shows a spinner on standard error once it takes long. Nothing is shown
/// where standard error is no terminal or was asked to be quiet.
pub(super) async fn shown<T>(terminal: &Terminal, what: &str, work: impl Future<Output = T>) -> T {
    if !is_wanted(terminal) {
        return work.await;
    }
    let mut work = std::pin::pin!(work);
    if let Ok(done) = tokio::time::timeout(DELAY, &mut work).await {
        return done;
    }
    let bar = ProgressBar::with_draw_target(None, Line::target());
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    bar.set_style(style.expect("the template is fixed and valid"));
    bar.set_message(beside_spinner(what, columns()));
    bar.enable_steady_tick(TICK);
    let done = work.await;
    bar.finish_and_clear();
    done
}

/// Whether somebody looks on. The log of a CI run may be a terminal and is read afterwards.
fn is_wanted(terminal: &Terminal) -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value: OsString| !value.is_empty());
    let is_dumb = env::var_os("TERM").is_some_and(|value| value == "dumb");
    !terminal.is_quiet() && std::io::stderr().is_terminal() && !is_dumb && !is_set("CI")
}

/// How far several pieces of work that run at the same time have come, with the names of those
/// that are being waited for.
pub(super) struct Progress {
    bar: ProgressBar,
    running: RefCell<Vec<String>>,
    /// Columns for the names.
    room: usize,
}

impl Progress {
    /// Awaits such work and shows a bar on standard error once it takes long.
    pub(super) async fn of<T>(
        terminal: &Terminal,
        count: usize,
        work: impl AsyncFnOnce(&Self) -> T,
    ) -> T {
        let target = ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(Some(count as u64), target);
        let length = if columns() < WIDE { 10 } else { 20 };
        let style = format!("{{bar:{length}}} {{pos}} of {{len}} ({{elapsed}}){{msg}}");
        let style = ProgressStyle::with_template(&style);
        bar.set_style(style.expect("the template is fixed and valid").progress_chars("━╸─"));
        let numbers = format!(" {count} of {count} (59m)").len();
        let room = columns().saturating_sub(length + numbers + FREE);
        let progress = Self { bar, running: RefCell::default(), room };
        if !is_wanted(terminal) {
            return work(&progress).await;
        }
        let done = {
            let mut work = std::pin::pin!(work(&progress));
            match tokio::time::timeout(DELAY, &mut work).await {
                Ok(done) => done,
                Err(_) => {
                    progress.bar.set_draw_target(Line::target());
                    progress.bar.enable_steady_tick(TICK);
                    work.await
                }
            }
        };
        progress.bar.finish_and_clear();
        done
    }

    /// Says that something has begun.
    pub(super) fn begin(&self, name: &str) {
        self.running.borrow_mut().push(shown_name(name));
        self.show();
    }

    /// Says that something has come to its end.
    pub(super) fn end(&self, name: &str) {
        let name = shown_name(name);
        let mut running = self.running.borrow_mut();
        if let Some(index) = running.iter().position(|other| *other == name) {
            running.remove(index);
        }
        drop(running);
        self.bar.inc(1);
        self.show();
    }

    fn show(&self) {
        self.bar.set_message(waiting_for(&self.running.borrow(), self.room));
    }
}

/// An interrupt drops the work and leaves no half of a bar behind.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn beside_spinner(what: &str, columns: usize) -> String {
    within_columns(&for_terminal(what), columns.saturating_sub(FREE + SPINNER))
}

fn shown_name(name: &str) -> String {
    within_columns(&for_terminal(name), MAX_NAME)
}

/// As many of the names as there are columns for, and how many more there are.
fn waiting_for(running: &[String], room: usize) -> String {
    let some = (1..=MAX_NAMES.min(running.len())).rev().map(|count| {
        let mut names = running[..count].to_vec();
        if running.len() > count {
            names.push(format!("{} more", running.len() - count));
        }
        format!(" waiting for {}", names.join(", "))
    });
    let none = (!running.is_empty()).then(|| format!(" waiting for {}", running.len()));
    some.chain(none).find(|text| within_columns(text, room) == *text).unwrap_or_default()
}

/// The last line of standard error, which is all that a sign of life takes.
///
/// indicatif's own terminal fills a line to its end, so that the first key that is typed begins the next
/// one, and what it then clears is that one.
#[derive(Debug, Default)]
struct Line {
    pending: Mutex<String>,
}

impl Line {
    fn target() -> ProgressDrawTarget {
        ProgressDrawTarget::term_like(Box::new(Self::default()))
    }

    fn push(&self, text: &str) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }
}

impl TermLike for Line {
    fn width(&self) -> u16 {
        columns().try_into().unwrap_or(u16::MAX)
    }

    // There is one line, however wide indicatif takes it to be.
    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.push(&drawn(text, columns()));
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.push(&cleared(columns()));
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let text =
            std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        io::stderr().write_all(text.as_bytes())
    }
}

/// A line as it is drawn: not filled up with blanks, and with room for what is typed.
fn drawn(text: &str, columns: usize) -> String {
    within_columns(text.trim_end_matches(' '), columns.saturating_sub(FREE))
}

/// What clears the line, and what was typed behind it, without an escape sequence.
fn cleared(columns: usize) -> String {
    format!("\r{}\r", " ".repeat(columns.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::{FREE, beside_spinner, cleared, drawn, shown_name, waiting_for};
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn a_line_is_counted_in_columns_and_leaves_room_for_what_is_typed() {
        for text in ["名前".repeat(40), "🚀".repeat(90), "x".repeat(200)] {
            for columns in [60, 80, 100, 140] {
                let line = drawn(&format!("{text}      "), columns);
                assert!(line.width() <= columns - FREE, "{columns}: {line}");
            }
        }
        assert_eq!(drawn("3 of 4      ", 80), "3 of 4");
        assert_eq!(beside_spinner("waiting for \u{1b}[31m名前", 35), "waiting for \\u{1b}…");
        assert_eq!(cleared(4), "\r   \r");
    }

    #[test]
    fn names_that_do_not_fit_are_counted() {
        let names = ["slow1", "服务器服务器服务器服务器", "\u{1b}[31mevil"].map(shown_name);
        assert_eq!(names[1], "服务器服务器服…");
        assert_eq!(waiting_for(&names, 80), " waiting for slow1, 服务器服务器服…, 1 more");
        assert_eq!(waiting_for(&names, 30), " waiting for slow1, 2 more");
        assert_eq!(waiting_for(&names, 20), " waiting for 3");
        assert_eq!(waiting_for(&names[2..], 80), " waiting for \\u{1b}[31mevil");
        assert_eq!(waiting_for(&names, 10), "");
        assert_eq!(waiting_for(&[], 80), "");
    }
}
