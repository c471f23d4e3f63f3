//! A sign of life for what takes over half a second.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;

const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(120);

/// Awaits some work and shows a spinner on standard error once it takes long. Nothing is shown
/// where standard error is no terminal or was asked to be quiet.
pub(super) async fn shown<T>(terminal: &Terminal, what: &str, work: impl Future<Output = T>) -> T {
    if terminal.is_quiet() {
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
