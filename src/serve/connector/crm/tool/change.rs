//! What the tools for changes share: a proposal as it is answered, and what it needs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::{
        super::super::runtime::{
            approval::{self, Proposal, State},
            guidance::{Failure, Next},
            store::StoreError,
            tool::Call,
        },
        change::{Needs, Operation},
    },
    store_failure, time,
};

/// The tools that proposals are made for.
pub(super) const TOOLS: &[&str] = &["commit_change"];

/// A proposal, as far as this user sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    /// What commit_change and get_change take as `change_id`
    id: String,
    /// What the change is
    title: String,
    /// Why it is wanted
    reason: String,
    /// What would be different
    diff: Vec<Line>,
    /// Fields that would be different and that this user may not see any more
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redacted_fields: Vec<String>,
    /// What has to happen before it can be made
    needs: Needs,
    /// How far it has come
    state: Stage,
    /// Until when it can be made
    #[schemars(extend("format" = "date-time"))]
    expires_at: String,
    /// User name of whoever proposed it
    proposed_by: String,
    /// User name of whoever approved or rejected it
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    /// What they said about it
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_reason: Option<String>,
    /// The customer, once the change is made
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Changed>,
}

/// One field that would be different.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Line {
    /// The field
    field: String,
    /// What it is; null where there is nothing yet
    before: Option<String>,
    /// What it would be; null where it would be gone
    after: Option<String>,
}

/// How far a proposal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// It waits for commit_change, which says if it takes an approval
    Proposed,
    /// It was approved and can be made
    Approved,
    /// It was rejected and cannot be made
    Rejected,
    /// It was made
    Applied,
    /// Its time is up
    Expired,
    /// A record has changed since, so that it cannot be made any more
    Void,
}

/// A customer that was changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Changed {
    /// `id` of the customer
    pub(super) id: String,
    /// Its version after the change
    pub(super) version: i64,
}

impl Shown {
    /// A proposal at a time, with the lines that `shows` says are to be seen. `is_void` says whether a
    /// record has changed since.
    pub(super) fn of(
        proposal: &Proposal,
        needs: Needs,
        (now, is_void): (i64, bool),
        shows: impl Fn(&str) -> bool,
    ) -> Self {
        let text = |value: &Option<Value>| Some(value.as_ref()?.as_str()?.to_owned());
        let line = |line: approval::Line| Line {
            field: line.field,
            before: text(&line.before),
            after: text(&line.after),
        };
        let diff = proposal.new.diff.iter().cloned();
        let (diff, hidden): (Vec<_>, Vec<_>) = diff.partition(|line| shows(&line.field));
        let customer = proposal.outcome.as_ref().and_then(|outcome| {
            let id = outcome["id"].as_str()?.to_owned();
            Some(Changed { id, version: outcome["version"].as_i64()? })
        });
        let state = match proposal.state(now) {
            State::Proposed | State::Approved if is_void => Stage::Void,
            State::Proposed => Stage::Proposed,
            State::Approved => Stage::Approved,
            State::Rejected => Stage::Rejected,
            State::Applied => Stage::Applied,
            State::Expired => Stage::Expired,
        };
        let decision = proposal.decision.as_ref();
        Self {
            id: proposal.id.clone(),
            title: proposal.new.title.clone(),
            reason: proposal.new.reason.clone(),
            diff: diff.into_iter().map(line).collect(),
            redacted_fields: hidden.into_iter().map(|line| line.field).collect(),
            needs,
            state,
            expires_at: time::written(proposal.expires_at),
            proposed_by: proposal.new.proposed_by.clone(),
            decided_by: decision.map(|decision| decision.decided_by.clone()),
            decision_reason: decision.and_then(|decision| decision.reason.clone()),
            customer,
        }
    }
}

/// A proposal that was found, if it is this user's: one of somebody else's is like none.
pub(super) fn own(
    call: &Call,
    found: Result<Option<Proposal>, StoreError>,
) -> Result<Proposal, Failure> {
    let proposal = found
        .map_err(|fault| store_failure(&fault))?
        .filter(|proposal| proposal.new.proposer == call.identity.principal())
        .ok_or_else(no_such_change)?;
    call.touches(&proposal.id);
    Ok(proposal)
}

/// The operation that a proposal holds.
pub(super) fn operation(proposal: &Proposal) -> Result<Operation, Failure> {
    serde_json::from_value(proposal.new.payload.clone()).map_err(|fault| {
        tracing::error!(%fault, id = proposal.id, "a proposal holds no operation");
        Failure::internal()
    })
}

/// There is no such proposal for this user.
fn no_such_change() -> Failure {
    Failure::not_found(
        "/change_id",
        "there is no change with this id",
        Next::fix_arguments("use the id that propose_change has returned"),
    )
}

/// The step to the state of a change.
pub(super) fn poll(id: &str, hint: impl Into<String>) -> Next {
    Next::poll_job("get_change", json!({"change_id": id}), hint)
}
