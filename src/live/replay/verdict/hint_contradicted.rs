//! Whether a tool that says of itself that it can be repeated can be.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/hint-contradicted",
    presupposes: &[],
    spoiled_by: &["replay/key-ignored-when-empty"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let tool = bench.surface.tool(&case.tool);
        if tool.is_none_or(|tool| tool.annotations.idempotent != Some(true)) {
            return Ok(Ruling::Skipped("it does not say `idempotentHint: true`".to_owned()));
        }
        let arguments = bench.fresh(case).await?;
        let before = bench.count(case).await?;
        let first = bench.subject.call(&case.tool, &arguments).await?;
        bench.note(&case.tool, "", &first);
        if !first.is_done() {
            let why = "a call without a key is refused, so a repetition always has one".to_owned();
            return Ok(Ruling::Skipped(why));
        }
        let once = bench.effects(case, before, 1).await?;
        let second = bench.subject.call(&case.tool, &arguments).await?;
        bench.note(&case.tool, "", &second);
        let twice = bench.effects(case, before, once).await?;
        Ok(match twice == once {
            true => Ruling::Passed("a second call without a key does nothing more".to_owned()),
            false => Ruling::Failed(format!(
                "`idempotentHint` is true, and two calls without a key have {twice} effects"
            )),
        })
    })
}
