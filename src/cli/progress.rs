//! A sign of life for what takes over half a second.

use std::{cell::RefCell, env, ffi::OsString, io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;
use crate::engine::report::escape::for_terminal;

const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(120);
/// Columns of a bar and its numbers, how many names it shows, and how many characters of each. It has
/// to stay on one line, or what is typed meanwhile, such as ^C, leaves pieces of it behind.
const BAR: usize = 40;
const MAX_NAMES: usize = 2;
const MAX_NAME: usize = 16;

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
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    bar.set_style(style.expect("the template is fixed and valid"));
    bar.set_message(what.to_owned());
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
        let style = ProgressStyle::with_template("{bar:20} {pos} of {len} ({elapsed}){msg}");
        bar.set_style(style.expect("the template is fixed and valid").progress_chars("━╸─"));
        let room = terminal.width().saturating_sub(BAR);
        let progress = Self { bar, running: RefCell::default(), room };
        if !is_wanted(terminal) {
            return work(&progress).await;
        }
        let done = {
            let mut work = std::pin::pin!(work(&progress));
            match tokio::time::timeout(DELAY, &mut work).await {
                Ok(done) => done,
                Err(_) => {
                    progress.bar.set_draw_target(ProgressDrawTarget::stderr());
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
        let running = self.running.borrow();
        let mut names: Vec<&str> = running.iter().take(MAX_NAMES).map(String::as_str).collect();
        let more = format!("{} more", running.len().saturating_sub(MAX_NAMES));
        if running.len() > MAX_NAMES {
            names.push(&more);
        }
        let message = match names.is_empty() {
            true => String::new(),
            false => format!(" waiting for {}", names.join(", ")),
        };
        self.bar.set_message(message.chars().take(self.room).collect::<String>());
    }
}

/// An interrupt drops the work and leaves no half of a bar behind.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn shown_name(name: &str) -> String {
    for_terminal(name).chars().take(MAX_NAME).collect()
}
