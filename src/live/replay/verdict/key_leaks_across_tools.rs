//! Whether a key that was used with one tool stands for something else with another.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/key-leaks-across-tools",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let mut others = bench.others.iter().filter(|other| {
            other.tool != case.tool && other.key.is_some() && other.counted.is_ok()
        });
        let Some(other) = others.next().cloned() else {
            let why = "there is no other write with a key whose effects are counted".to_owned();
            return Ok(Ruling::Skipped(why));
        };
        let (mine, theirs) = (bench.fresh(case).await?, bench.fresh(&other).await?);
        let key = bench.key();
        let first = bench.call(case, &mine, &key).await?;
        // The one may count what the other does.
        let between = bench.count(&other).await?;
        let second = bench.call(&other, &theirs, &key).await?;
        let effects = bench.effects(&other, between, 1).await?;
        let name = &other.tool;
        if !first.is_done() {
            return Ok(Ruling::Inconclusive(format!("the call is answered: {}", first.in_words())));
        }
        Ok(match (second.is_done(), effects) {
            (true, 1) => Ruling::Passed(format!("`{name}` does its own under the same key")),
            (true, _) if second.content() == first.content() => {
                Ruling::Failed(format!("`{name}` answers with what `{}` has answered", case.tool))
            }
            (true, effects) => {
                Ruling::Failed(format!("`{name}` under the same key: {effects} effects"))
            }
            (false, 0) => match second.code() {
                Some(code) if code.contains("conflict") => {
                    Ruling::Passed(format!("`{name}` refuses the key: `{code}`"))
                }
                _ => Ruling::Failed(format!("`{name}` is answered: {}", second.in_words())),
            },
            (false, effects) => Ruling::Failed(format!(
                "`{name}` is refused, and has taken effect: {effects} effects"
            )),
        })
    })
}
