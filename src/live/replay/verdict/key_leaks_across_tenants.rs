//! Whether somebody else gets the answer of a change by using its key.

use super::{Putting, Question, Ruling};
use crate::live::replay::{
    bench::{Bench, Case, Made, keyed},
    subject::call,
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/key-leaks-across-tenants",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        if !bench.subject.has_other() {
            let why = "there is no other user; name one with --other-bearer-env or --other-command";
            return Ok(Ruling::Skipped(why.to_owned()));
        }
        let Made { arguments, key, before, answer: first } = bench.made(case).await?;
        let other = bench.subject.other_client().await?;
        let theirs = keyed(case, &arguments, &key);
        let second = call(&other, &case.tool, &theirs, bench.subject.wait()).await;
        other.close().await;
        bench.note(&case.tool, &key, &second);
        let effects = bench.effects(case, before, 1).await?;
        let is_same = second.is_done() && second.content() == first.content();
        Ok(match (second.is_done(), is_same || second.is_marked_as_repeated()) {
            (true, true) => {
                Ruling::Failed("another user is answered with the result of the first".to_owned())
            }
            (true, false) => {
                Ruling::Passed(format!("another user has their own: {effects} effects"))
            }
            (false, _) if second.is_lost() => {
                Ruling::Inconclusive(format!("the other user's call: {}", second.in_words()))
            }
            (false, _) => match second.code() {
                // A conflict tells them that somebody has used the key.
                Some(code) if code.contains("conflict") || code.contains("in_flight") => {
                    Ruling::Failed(format!("another user learns that the key was used: `{code}`"))
                }
                _ => Ruling::Passed(format!("another user is refused: {}", second.in_words())),
            },
        })
    })
}
