//! What `mcp-kit replay` asks a server, as rules like any other: one file each, in the order of reports.
//!
//! A rule says what its question means, why it matters and what a server should do instead. Nothing is
//! asked here: what came of the questions comes as verdicts, and [`findings`] turns those that failed, or
//! of which nothing is known, into findings. Read that and [`Trial`] first.

mod answer_differs;
mod cancel_ignored;
mod concurrent_duplicate_effect;
mod crash_duplicate;
mod crash_lost_effect;
mod distinct_keys_collapsed;
mod duplicate_effect;
mod effect_untrue;
mod empty_error;
mod error_as_success;
mod error_leaks;
mod error_not_specific;
mod error_too_long;
mod failure_not_named;
mod fingerprint_too_strict;
mod hangs_on_slow_upstream;
mod hint_contradicted;
mod key_description_misleads;
mod key_ignored_when_empty;
mod key_leaks_across_tenants;
mod key_leaks_across_tools;
mod key_reuse_not_rejected;
mod lost_response_duplicate;
mod near_limit;
mod next_not_callable;
mod no_error_code;
mod no_expectation;
mod no_idempotency_key;
mod no_progress;
mod no_retry_after;
mod protocol_error_for_input;
mod replay_after_state_change;
mod replayed_answer_differs;
mod retention_too_short;
mod retryable_untrue;
mod slow_sync;
mod stuck_in_flight;
mod task_duplicate;
mod task_never_terminal;
mod task_not_pollable;
#[cfg(test)]
mod tests;
mod transient_error_cached;
mod unhelpful_error;
mod validation_error_burns_key;
mod wrong_argument_named;

use super::{Check, Confidence, Profile, Rule};
use crate::engine::{
    finding::{
        Finding, Ordinals, Place, Severity, Side, Subject, adjust, fingerprint,
        verdict::{Verdict, VerdictOutcome},
    },
    protocol::pointer::Pointer,
    surface::Surface,
};

const RULES: &[Rule] = &[
    answer_differs::RULE,
    no_idempotency_key::RULE,
    key_description_misleads::RULE,
    key_ignored_when_empty::RULE,
    distinct_keys_collapsed::RULE,
    duplicate_effect::RULE,
    replayed_answer_differs::RULE,
    fingerprint_too_strict::RULE,
    replay_after_state_change::RULE,
    retention_too_short::RULE,
    hint_contradicted::RULE,
    task_duplicate::RULE,
    concurrent_duplicate_effect::RULE,
    lost_response_duplicate::RULE,
    crash_duplicate::RULE,
    crash_lost_effect::RULE,
    stuck_in_flight::RULE,
    key_reuse_not_rejected::RULE,
    validation_error_burns_key::RULE,
    transient_error_cached::RULE,
    key_leaks_across_tools::RULE,
    key_leaks_across_tenants::RULE,
    error_as_success::RULE,
    empty_error::RULE,
    error_leaks::RULE,
    error_too_long::RULE,
    protocol_error_for_input::RULE,
    error_not_specific::RULE,
    no_error_code::RULE,
    failure_not_named::RULE,
    wrong_argument_named::RULE,
    no_expectation::RULE,
    retryable_untrue::RULE,
    no_retry_after::RULE,
    next_not_callable::RULE,
    effect_untrue::RULE,
    unhelpful_error::RULE,
    slow_sync::RULE,
    near_limit::RULE,
    no_progress::RULE,
    hangs_on_slow_upstream::RULE,
    task_not_pollable::RULE,
    task_never_terminal::RULE,
    cancel_ignored::RULE,
];

/// What a question is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// What it is about: the column of the table that has its outcome.
    pub aspect: Aspect,
    /// The questions without whose pass its answer would mean nothing.
    pub presupposes: &'static [&'static str],
}

/// What a question is about. Each is a column of the table in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// Whether the tool takes an idempotency key, and what it says of it.
    Key,
    /// Whether a call that is repeated under its key is made once.
    Dup,
    /// The same of calls that come at one moment.
    Concurrent,
    /// The same where the answer is lost, or the server dies.
    Crash,
    /// What else a key is taken for: other arguments, other tools, other users, failures, no key at all.
    Conflict,
    /// Whether errors help.
    Errors,
    /// Whether the tool is fast, or answers with something to poll.
    Time,
    /// Whether answers are those that were recorded, which is compared and not asked.
    Same,
}

impl Aspect {
    /// Those of questions, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Key,
        Self::Dup,
        Self::Concurrent,
        Self::Crash,
        Self::Conflict,
        Self::Errors,
        Self::Time,
    ];

    /// The heading of its column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Dup => "dup",
            Self::Concurrent => "concurrent",
            Self::Crash => "crash",
            Self::Conflict => "conflict",
            Self::Errors => "errors",
            Self::Time => "time",
            Self::Same => "same",
        }
    }
}

/// The rules of the group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter()
}

/// What the question is like that a rule stands for; none where there is no such question.
pub fn trial(id: &str) -> Option<Trial> {
    match RULES.iter().find(|rule| rule.id == id)?.check {
        Check::Trial(trial) => Some(trial),
        _ => None,
    }
}

/// What to do about a question that could not be answered.
const NOT_KNOWN: &str = "put right what kept it from being found out, and ask again";

/// Findings out of verdicts: what failed is an error, what could not be found out a warning. Each tool has
/// its own, because each has its own history. Worst first, else in the order of the verdicts.
pub fn findings<'v>(
    verdicts: impl IntoIterator<Item = &'v Verdict>,
    surface: &Surface,
) -> Vec<Finding> {
    let mut ordinals = Ordinals::default();
    let found = verdicts.into_iter().filter_map(|verdict| {
        let severity = match verdict.outcome {
            VerdictOutcome::Failed => Severity::Error,
            VerdictOutcome::Inconclusive => Severity::Warning,
            VerdictOutcome::Blocked | VerdictOutcome::Skipped | VerdictOutcome::Passed => {
                return None;
            }
        };
        let rule = RULES.iter().find(|rule| rule.id == verdict.rule);
        let help = match verdict.outcome {
            // A guess about the words of an error is about the server; else nothing is known of it.
            VerdictOutcome::Inconclusive if verdict.rule != unhelpful_error::RULE.id => NOT_KNOWN,
            _ => rule.map_or("", |rule| rule.help),
        };
        let mut place = place(verdict, surface);
        place.fingerprint = ordinals.tell_apart(place.fingerprint);
        Some(Finding {
            rule: verdict.rule,
            severity,
            confidence: Confidence::High,
            message: verdict.reason.clone(),
            help: help.to_owned(),
            places: vec![place],
        })
    });
    let mut findings: Vec<Finding> = found.collect();
    adjust::worst_first(&mut findings);
    findings
}

/// The tool that a verdict is about. A baseline that knows that nothing was found out does not know a
/// failure: they have different fingerprints.
fn place(verdict: &Verdict, surface: &Surface) -> Place {
    let subject = Subject::named(Subject::Tool, &verdict.tool);
    let pointer = surface.tool(&verdict.tool).map(|tool| tool.pointer.clone()).unwrap_or_default();
    let is_unknown = verdict.outcome == VerdictOutcome::Inconclusive;
    let value = is_unknown.then_some("inconclusive");
    let fingerprint = fingerprint(verdict.rule, &subject, &Pointer::root(), value);
    Place::new(subject, Side::New, pointer, Pointer::root(), fingerprint)
}

/// The gates of errors: an error that fails one is not judged any further.
const GATES: [&str; 6] = [
    "replay/error-as-success",
    "replay/empty-error",
    "replay/error-leaks",
    "replay/error-too-long",
    "replay/protocol-error-for-input",
    "replay/error-not-specific",
];

/// The first of the gates.
const fn gates(count: usize) -> &'static [&'static str] {
    GATES.as_slice().split_at(count).0
}

const fn rule(
    id: &'static str,
    aspect: Aspect,
    presupposes: &'static [&'static str],
    help: &'static str,
    documentation: &'static str,
) -> Rule {
    Rule {
        id,
        severity: Severity::Error,
        confidence: Confidence::High,
        profile: Profile::Recommended,
        help,
        documentation,
        check: Check::Trial(Trial { aspect, presupposes }),
    }
}
