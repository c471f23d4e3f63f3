//! Whether two changes under two keys are two: the control without which a server that does nothing
//! would pass everything else.

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::bench::{Bench, Write};

pub(super) const QUESTION: Question = Question {
    rule: "replay/distinct-keys-collapsed",
    presupposes: &["replay/no-idempotency-key"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, write: &'b Write) -> Putting<'b> {
    Box::pin(async move {
        let before = bench.count(write).await?;
        for _ in 0..2 {
            let arguments = bench.fresh(write).await?;
            let key = bench.key();
            let answer = bench.write(write, &arguments, &key).await?;
            if !answer.is_done() {
                let why = format!("a call under a new key is answered: {}", answer.in_words());
                return Ok(Ruling::Inconclusive(why));
            }
        }
        let effects = bench.effects(write, before, 2).await?;
        Ok(count_of(effects, 2, "two keys"))
    })
}
