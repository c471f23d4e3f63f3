//! Whether two changes under two keys are two: the control without which a server that does nothing
//! would pass everything else.

use super::{Putting, Question, count_of};
use crate::live::replay::bench::{Bench, Case, Made};

pub(super) const QUESTION: Question = Question {
    rule: "replay/distinct-keys-collapsed",
    presupposes: &["replay/no-idempotency-key"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let Made { arguments, before, .. } = bench.made(case).await?;
        let key = bench.key();
        let same = bench.call(case, &arguments, &key).await?;
        let tool = bench.surface.tool(&case.tool);
        let is_idempotent = tool.is_some_and(|it| it.annotations.idempotent == Some(true));
        if same.is_done() && !is_idempotent {
            let effects = bench.effects(case, before, 2).await?;
            return Ok(count_of(effects, 2, "the same arguments under two keys"));
        }
        // What can be done once only, like closing an account, is done to another one.
        bench.effects(case, before, 1).await?;
        let first = bench.made(case).await?;
        let one = bench.effects(case, first.before, 1).await?;
        let second = bench.made(case).await?;
        let both = one + bench.effects(case, second.before, 1).await?;
        Ok(count_of(both, 2, "two changes under two keys"))
    })
}
