//! Whether what was answered as done is still there when the server was killed.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/crash-lost-effect",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let sweep = bench.sweep(case).await?;
        Ok(match (&sweep.lost, &sweep.unmade) {
            (Some(how), _) => Ruling::Failed(how.clone()),
            (None, Some(why)) if !bench.subject.is_ours() => Ruling::Skipped(why.clone()),
            (None, Some(why)) => Ruling::Inconclusive(why.clone()),
            (None, None) => {
                Ruling::Passed("every call that was answered as done has its effect".to_owned())
            }
        })
    })
}
