//! Whether a change that was undone since is not made again by a late repetition of its call.

use serde_json::Value;

use super::{Putting, Question, Ruling};
use crate::{
    engine::{
        semantics::{destroys, word::words},
        surface::Tool,
    },
    live::replay::{
        answer::content_of,
        bench::{Bench, Case},
        binding::Values,
    },
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/replay-after-state-change",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let Some((undo, recorded)) = undo(bench, case) else {
            let why = "no call was recorded that undoes it";
            return Ok(Ruling::Skipped(why.to_owned()));
        };
        let arguments = bench.fresh(case).await?;
        let key = bench.key();
        let first = bench.call(case, &arguments, &key).await?;
        if !first.is_done() {
            return Ok(Ruling::Inconclusive(format!("the call is answered: {}", first.in_words())));
        }
        let mut values = Values::default();
        values.learn(case.n.unwrap_or_default(), &recorded, first.content().as_ref());
        let step = &bench.recording.steps[undo];
        let (tool, mut undoing) =
            (step.tool.clone(), values.rewritten(&step.arguments, &|_| false));
        undoing = bench.fitted(&tool, &undoing);
        if let Some(name) = bench.key_of(&tool) {
            undoing[name.as_str()] = Value::String(bench.key());
        }
        let undone = bench.subject.call(&tool, &undoing).await?;
        bench.log.push(format!("{tool} → {}", undone.in_words()));
        if !undone.is_done() {
            return Ok(Ruling::Inconclusive(format!("`{tool}`: {}", undone.in_words())));
        }
        let before = bench.count(case).await?;
        let again = bench.call(case, &arguments, &key).await?;
        let effects = bench.effects(case, before, 0).await?;
        Ok(match effects {
            0 if again.is_done() => {
                Ruling::Passed("the answer of the first time, and nothing is made again".to_owned())
            }
            0 => Ruling::Passed(format!("refused, and not made again: {}", again.in_words())),
            more => Ruling::Failed(format!("it is made again after `{tool}`: {more} effects")),
        })
    })
}

/// A recorded call that takes away what the write has made, and what the write was answered.
fn undo(bench: &Bench<'_>, case: &Case) -> Option<(usize, Value)> {
    let n = case.n?;
    let made = bench.recording.steps.iter().find(|step| step.n == n)?;
    let undo = bench.recording.steps.iter().position(|step| {
        step.bindings.iter().any(|binding| binding.from.n == n)
            && bench.surface.tool(&step.tool).is_some_and(takes_away)
    })?;
    Some((undo, content_of(&made.answer)?))
}

/// Verbs that take away what was made and leave a trace of it.
const UNDOING: [&str; 10] = [
    "archive", "cancel", "close", "deactivate", "disable", "revoke", "terminate", "unpublish",
    "void", "withdraw",
];

fn takes_away(tool: &Tool) -> bool {
    destroys(tool) || words(&tool.name).first().is_some_and(|it| UNDOING.contains(&it.as_str()))
}
