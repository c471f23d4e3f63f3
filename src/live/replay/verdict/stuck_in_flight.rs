//! Whether a key can be used again that the server held when it was killed.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/stuck-in-flight",
    presupposes: &["replay/crash-duplicate"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let sweep = bench.sweep(case).await?;
        Ok(match &sweep.stuck {
            Some(how) => Ruling::Failed(how.clone()),
            None => Ruling::Passed("every call made again was answered".to_owned()),
        })
    })
}
