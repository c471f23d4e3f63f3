//! Whether two changes under two keys are two: the control without which a server that does nothing
//! would pass everything else.

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/distinct-keys-collapsed",
    presupposes: &["replay/no-idempotency-key"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let before = bench.count(case).await?;
        for _ in 0..2 {
            let arguments = bench.fresh(case).await?;
            let key = bench.key();
            let answer = bench.call(case, &arguments, &key).await?;
            if !answer.is_done() {
                let why = format!("a call under a new key is answered: {}", answer.in_words());
                return Ok(Ruling::Inconclusive(why));
            }
        }
        let effects = bench.effects(case, before, 2).await?;
        Ok(count_of(effects, 2, "two keys"))
    })
}
