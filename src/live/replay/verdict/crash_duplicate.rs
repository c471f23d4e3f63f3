//! Whether a call takes effect once during which the server was killed, and which is made again.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/crash-duplicate",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let sweep = bench.sweep(case).await?;
        Ok(match (&sweep.doubled, &sweep.unmade) {
            (Some(how), _) => Ruling::Failed(how.clone()),
            (None, Some(why)) if !bench.subject.is_ours() => Ruling::Skipped(why.clone()),
            (None, Some(why)) => Ruling::Inconclusive(why.clone()),
            // It says nothing of doubles where the sweep has ended with something else.
            (None, None) if sweep.lost.is_some() || sweep.stuck.is_some() => {
                Ruling::Inconclusive("another fault has ended the sweep".to_owned())
            }
            (None, None) => {
                Ruling::Passed(format!("killed {} times before it had answered", sweep.kills))
            }
        })
    })
}
