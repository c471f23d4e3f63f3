//! What the tools for changes share: a proposal as it is answered, and what it needs.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::{
        super::super::runtime::{
            approval::{Proposal, State},
            guidance::{Failure, Next},
            policy::{Attribute, Resource},
            tool::Call,
        },
        change::Operation,
    },
    time,
};

/// The tools that proposals are made for.
pub(super) const TOOLS: &[&str] = &["commit_change"];

/// What has to happen before a change can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Needs {
    /// Nothing
    Nothing,
    /// The user who asked for it confirms it, in the client
    Confirmation,
    /// Somebody else approves it
    SecondPerson,
}

impl Needs {
    /// What the policy wants of a user for an operation; none where they may not make it at all. The
    /// policy permits making it directly, making it with an approval, or making it with the approval
    /// of another person: which operation is which is for its rules to say.
    pub(super) fn of(call: &Call, resource: &Resource, operation: &Operation) -> Option<Self> {
        let all = [Self::Nothing, Self::Confirmation, Self::SecondPerson];
        all.into_iter().find(|needs| permits(call, resource, operation, *needs))
    }
}

/// Whether a user may make a change for which this much was done.
pub(super) fn permits(
    call: &Call,
    resource: &Resource,
    operation: &Operation,
    done: Needs,
) -> bool {
    let mut context = vec![("operation", Attribute::from(operation.name()))];
    let by_another = match done {
        Needs::Nothing => None,
        Needs::Confirmation => Some(false),
        Needs::SecondPerson => Some(true),
    };
    if let Some(by_another) = by_another {
        let members = vec![("by_another", Attribute::Boolean(by_another))];
        context.push(("approval", Attribute::Record(members)));
    }
    call.may("commit_change", resource, &context)
}

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
    /// A proposal at a time. `is_void` says whether a record has changed since.
    pub(super) fn of(proposal: &Proposal, needs: Needs, now: i64, is_void: bool) -> Self {
        let text = |value: &Option<Value>| Some(value.as_ref()?.as_str()?.to_owned());
        let line = |line: &super::super::super::super::runtime::approval::Line| Line {
            field: line.field.clone(),
            before: text(&line.before),
            after: text(&line.after),
        };
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
            diff: proposal.new.diff.iter().map(line).collect(),
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

/// The operation that a proposal holds.
pub(super) fn operation(proposal: &Proposal) -> Result<Operation, Failure> {
    serde_json::from_value(proposal.new.payload.clone()).map_err(|fault| {
        tracing::error!(%fault, id = proposal.id, "a proposal holds no operation");
        Failure::internal()
    })
}

/// There is no such proposal for this user.
pub(super) fn no_such_change() -> Failure {
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
