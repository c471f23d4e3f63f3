//! Whether a key that stands for one change is refused for another.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/key-reuse-not-rejected",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let arguments = bench.fresh(case).await?;
        // Where nothing of its own can be varied, another change of the same kind is another one.
        let other = match bench.varied(case, &arguments) {
            Some(other) => other,
            None => bench.fresh(case).await?,
        };
        if other == arguments {
            let why = "no other arguments were found that the tool takes".to_owned();
            return Ok(Ruling::Inconclusive(why));
        }
        let (before, key) = (bench.count(case).await?, bench.key());
        let first = bench.call(case, &arguments, &key).await?;
        if !first.is_done() {
            return Ok(Ruling::Inconclusive(format!("the call is answered: {}", first.in_words())));
        }
        let second = bench.call(case, &other, &key).await?;
        let effects = bench.effects(case, before, 1).await?;
        if effects != 1 {
            let why = format!("another change under the same key is made: {effects} effects");
            return Ok(Ruling::Failed(why));
        }
        if second.is_done() {
            let why =
                "another change under the same key is answered with the result of the first, \
                       and not made"
                    .to_owned();
            return Ok(Ruling::Failed(why));
        }
        // That the other arguments are refused for themselves would prove nothing.
        let key = bench.key();
        let alone = bench.call(case, &other, &key).await?;
        if !alone.is_done() && alone.code() == second.code() {
            let answer = alone.in_words();
            let why = format!("the other arguments are refused under a key of their own: {answer}");
            return Ok(Ruling::Inconclusive(why));
        }
        Ok(Ruling::Passed(match second.code() {
            Some(code) => format!("`{code}`"),
            None => format!("refused: {}", second.in_words()),
        }))
    })
}
