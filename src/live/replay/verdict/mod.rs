//! Questions about a write, one file each, and the order in which they presuppose one another.
//!
//! A [`Question`] that fails makes those that presuppose it worthless: of a server that does everything
//! twice it is no news that it does so after a crash as well. They are *blocked* by it. What could not
//! be found out is never taken for a pass.

mod concurrent_duplicate_effect;
mod crash_duplicate;
mod crash_lost_effect;
mod distinct_keys_collapsed;
mod duplicate_effect;
mod fingerprint_too_strict;
mod hint_contradicted;
mod key_description_misleads;
mod key_ignored_when_empty;
mod key_leaks_across_tenants;
mod key_leaks_across_tools;
mod key_reuse_not_rejected;
mod lost_response_duplicate;
mod no_idempotency_key;
mod replay_after_state_change;
mod replayed_answer_differs;
mod retention_too_short;
mod stuck_in_flight;
mod task_duplicate;
mod transient_error_cached;
mod validation_error_burns_key;

use futures_util::future::LocalBoxFuture;

use super::bench::{Bench, Case, Trouble};

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// The server does what it should.
    Passed(String),
    /// It does not.
    Failed(String),
    /// It could not be found out.
    Inconclusive(String),
    /// It does not apply.
    Skipped(String),
}

/// A question about a write.
pub struct Question {
    /// The rule that failing it breaks.
    pub rule: &'static str,
    /// The questions without whose pass this one means nothing.
    pub presupposes: &'static [&'static str],
    /// Those whose failing says what comes of this one, though it can be put where they do not apply.
    pub spoiled_by: &'static [&'static str],
    /// How it is put.
    pub put: for<'b> fn(&'b mut Bench<'_>, &'b Case) -> Putting<'b>,
}

/// A question being put.
pub type Putting<'b> = LocalBoxFuture<'b, Result<Ruling, Trouble>>;

/// Every question, each after those that it presupposes.
pub const ALL: &[Question] = &[
    no_idempotency_key::QUESTION,
    key_description_misleads::QUESTION,
    distinct_keys_collapsed::QUESTION,
    task_duplicate::QUESTION,
    duplicate_effect::QUESTION,
    replayed_answer_differs::QUESTION,
    concurrent_duplicate_effect::QUESTION,
    key_reuse_not_rejected::QUESTION,
    fingerprint_too_strict::QUESTION,
    validation_error_burns_key::QUESTION,
    key_ignored_when_empty::QUESTION,
    key_leaks_across_tools::QUESTION,
    key_leaks_across_tenants::QUESTION,
    replay_after_state_change::QUESTION,
    transient_error_cached::QUESTION,
    lost_response_duplicate::QUESTION,
    crash_lost_effect::QUESTION,
    crash_duplicate::QUESTION,
    stuck_in_flight::QUESTION,
    hint_contradicted::QUESTION,
    // The clock stays ahead.
    retention_too_short::QUESTION,
];

/// What a wrong number of effects comes to.
fn count_of(effects: i64, expected: i64, what: &str) -> Ruling {
    let times = |count: i64| match count {
        0 => "no effect".to_owned(),
        1 => "one effect".to_owned(),
        more => format!("{more} effects"),
    };
    match effects == expected {
        true => Ruling::Passed(format!("{what}: {}", times(effects))),
        false => {
            Ruling::Failed(format!("{what}: {} instead of {}", times(effects), times(expected)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn a_question_comes_after_those_that_it_presupposes() {
        for (index, question) in ALL.iter().enumerate() {
            for needed in question.presupposes {
                assert!(
                    ALL[..index].iter().any(|earlier| earlier.rule == *needed),
                    "{} presupposes {needed}",
                    question.rule
                );
            }
        }
    }
}
