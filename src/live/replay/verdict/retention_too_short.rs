//! Whether a key still stands for its change a day later.

use std::time::Duration;

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::bench::{Bench, Case, Made};

pub(super) const QUESTION: Question = Question {
    rule: "replay/retention-too-short",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &[],
    put,
};

/// As long as a client may try again at least (IETF draft-ietf-httpapi-idempotency-key-header; Stripe
/// and others keep keys for a day), but for the minute that a test may take.
const DAY: Duration = Duration::from_secs(24 * 60 * 60 - 60);

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let Some(control) = bench.control.clone() else {
            let why = "the clock of the server cannot be turned; name its --control endpoint";
            return Ok(Ruling::Skipped(why.to_owned()));
        };
        let Made { arguments, key, before, .. } = bench.made(case).await?;
        if let Err(why) = control.advance(DAY).await {
            return Ok(Ruling::Inconclusive(format!("the clock was not turned: {why}")));
        }
        bench.log.push("the clock is put ahead by 23 h 59 min".to_owned());
        let second = bench.call(case, &arguments, &key).await?;
        let effects = bench.effects(case, before, 1).await?;
        if effects == 1 && !second.is_done() {
            let why = format!("a day later the same call is answered: {}", second.in_words());
            return Ok(Ruling::Failed(why));
        }
        Ok(count_of(effects, 1, "the same call a day later"))
    })
}
