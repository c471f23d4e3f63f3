//! Whether a call takes effect once during which the server was killed, and which is made again.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/crash-duplicate",
    presupposes: &["replay/crash-lost-effect"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let sweep = bench.sweep(case).await?;
        Ok(match &sweep.doubled {
            Some(how) => Ruling::Failed(how.clone()),
            None => Ruling::Passed(format!("killed {} times before it had answered", sweep.kills)),
        })
    })
}
