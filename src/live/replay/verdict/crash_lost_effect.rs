//! Whether what was answered as done is still there when the server was killed.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/crash-lost-effect",
    presupposes: &["replay/crash-duplicate"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let sweep = bench.sweep(case).await?;
        Ok(match &sweep.lost {
            Some(how) => Ruling::Failed(how.clone()),
            None => {
                Ruling::Passed("every call that was answered as done has its effect".to_owned())
            }
        })
    })
}
