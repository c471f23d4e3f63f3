//! Whether a failure of the upstream that has passed is over for a call that is made again.

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::{
    bench::{Bench, Case, keyed},
    upstream::UpstreamFault,
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/transient-error-cached",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success"],
    put,
};

/// What passes. Of a lost answer nobody knows whether it was done, so it is where a change is doubled.
const PASSING: [UpstreamFault; 4] = [
    UpstreamFault::Status(503),
    UpstreamFault::Status(429),
    UpstreamFault::Broken,
    UpstreamFault::Lost,
];

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        if bench.subject.upstream.is_none() {
            let why = "there is no upstream that could fail; name it with --upstream";
            return Ok(Ruling::Skipped(why.to_owned()));
        }
        if !bench.asks_upstream(case).await? {
            return Ok(Ruling::Skipped("it does not ask the upstream".to_owned()));
        }
        let patience = bench.subject.wait();
        for fault in PASSING {
            let arguments = bench.fresh(case).await?;
            let (before, key) = (bench.count(case).await?, bench.key());
            bench.log.clear();
            let what = fault.in_words();
            let (first, fired) = bench.under(fault, case, &keyed(case, &arguments, &key)).await?;
            bench.log.push(format!("{what} → {}", first.in_words()));
            if fired == 0 {
                let why = format!("{what}: the server did not ask it");
                return Ok(Ruling::Inconclusive(why));
            }
            let second = bench.until_answered(case, &arguments, &key, patience).await?;
            let effects = bench.effects(case, before, 1).await?;
            if !second.is_done() {
                return Ok(Ruling::Failed(format!(
                    "{what}; once that is over the same call is answered: {}",
                    second.in_words()
                )));
            }
            if effects != 1 {
                return Ok(count_of(effects, 1, &format!("{what}, and the call made again")));
            }
        }
        let count = PASSING.len();
        Ok(Ruling::Passed(format!("{count} failures of the upstream: done once they are over")))
    })
}
