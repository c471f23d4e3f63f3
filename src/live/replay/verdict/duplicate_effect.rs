//! Whether a call that is repeated under its key takes effect once.

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/duplicate-effect",
    presupposes: &["replay/distinct-keys-collapsed"],
    spoiled_by: &["replay/task-duplicate"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let made = bench.made(case).await?;
        let second = bench.call(case, &made.arguments, &made.key).await?;
        let effects = bench.effects(case, made.before, 1).await?;
        if effects == 1 && !second.is_done() {
            let why = format!("the repeated call is answered: {}", second.in_words());
            return Ok(Ruling::Failed(why));
        }
        Ok(count_of(effects, 1, "one call, made twice"))
    })
}
