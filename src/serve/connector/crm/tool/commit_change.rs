//! A change that was proposed, made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    super::{
        super::super::runtime::{
            approval::{self, Proposal, State},
            audit::{Approval, Phase},
            guidance::{Code, Failure, Next, Question},
            idempotency::Key,
            store::Transaction,
            tool::{Answer, Asks, Call, Change, Definition, Effect},
        },
        change::{Barrier, Case, Needs, apply, hidden, version_conflict},
        store,
    },
    WRITE,
    change::{Changed, TOOLS, operation, own, poll},
    store_failure,
};

/// `commit_change`
pub struct CommitChange;

/// Which change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// `change.id` from propose_change
    #[schemars(length(min = 1, max = 64), example = "6c0b2d8e-2f4e-4a55-9d3b-9a1f6f0f7a10")]
    change_id: String,
    #[expect(dead_code, reason = "the toolbox reads it")]
    idempotency_key: Key,
}

/// What was changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The customer as it is now
    customer: Changed,
    /// The change that was made
    change_id: String,
}

impl Change for CommitChange {
    type Arguments = Arguments;
    type Output = Output;

    const DEFINITION: Definition = Definition {
        name: "commit_change",
        title: "Commit change",
        description: "Makes a change from propose_change and returns the customer with its new version. \
            Small changes are made at once; others need the user's confirmation or the approval of a \
            second person, and answer approval_required until then: repeat the call with the same key \
            once get_change says that it is approved.",
        effect: Effect::Destroys,
        scopes: WRITE,
    };
    const PHASE: Phase = Phase::Commit;
    const ASKS: Asks = Asks::Sometimes;

    async fn change(
        &self,
        call: &Call,
        transaction: &mut dyn Transaction,
        arguments: Arguments,
    ) -> Result<Answer<Output>, Failure> {
        let (tenant, now) = (&call.identity.tenant, call.services.clock.now());
        let proposal =
            own(call, approval::find_in(transaction, TOOLS, tenant, &arguments.change_id).await)?;
        is_open(&proposal, now)?;
        let operation = operation(&proposal)?;
        let mut records = Vec::new();
        for id in operation.records() {
            let record = store::customer_in(transaction, tenant, id).await;
            records.extend(record.map_err(|fault| store_failure(&fault))?);
            call.touches(id);
        }
        let case = Case::of(&operation, &proposal, &records);
        let needs = needs(call, &case)?;
        // Before anybody is asked about what cannot be made.
        if let Some(id) = operation.outdated(&records) {
            return Err(version_conflict(id));
        }
        is_approved(call, &proposal, &case, needs)?;
        let user = &call.identity.subject;
        let applied = match apply(transaction, &operation, tenant, user, now).await {
            Ok(applied) => applied,
            Err(failure) => {
                // What has changed a record in the meantime may be this very change.
                let found = approval::find_in(transaction, TOOLS, tenant, &proposal.id).await;
                return match found {
                    Ok(Some(proposal)) => is_open(&proposal, now).and(Err(failure)),
                    _ => Err(failure),
                };
            }
        };
        let outcome = json!({"id": applied.customer_id, "version": applied.version});
        let is_used = approval::use_up(transaction, &proposal, &outcome, now).await;
        if !is_used.map_err(|fault| store_failure(&fault))? {
            let next = poll(&proposal.id, "somebody has decided about it or made it just now");
            let message = "the change is not as it was a moment ago";
            return Err(Failure::new(Code::VersionConflict, message, next));
        }
        if operation.records().is_empty() {
            call.touches(&applied.customer_id);
        }
        call.leaves_version(applied.version);
        if let Some(decision) = &proposal.decision {
            call.was_approved(Approval {
                change_id: proposal.id.clone(),
                is_approved: true,
                approver: decision.decider.clone(),
                method: decision.method.name().to_owned(),
                diff_sha256: proposal.digest.clone(),
            });
        }
        let customer = Changed { id: applied.customer_id, version: applied.version };
        Ok(Answer::of(Output { customer, change_id: proposal.id }))
    }
}

/// Refuses a change that was made, rejected or left lying.
fn is_open(proposal: &Proposal, now: i64) -> Result<(), Failure> {
    Err(match proposal.state(now) {
        State::Proposed | State::Approved => return Ok(()),
        State::Applied => Failure::invalid_argument(
            "/change_id",
            "the change is made already",
            "to see what came of it call get_change; for a further change propose it",
        )
        .because("already_applied"),
        State::Rejected => {
            let decision = proposal.decision.as_ref();
            let by = decision.map_or("somebody", |decision| &decision.decided_by);
            let why = decision.and_then(|decision| decision.reason.as_deref());
            let why = why.map_or(String::new(), |why| format!(": {why}"));
            let message = format!("{by} has rejected the change{why}");
            let next = Next::ask_user("tell the user, and propose something else if they want it");
            Failure::new(Code::ApprovalRejected, message, next).about("/change_id")
        }
        State::Expired => {
            let message = "the proposal has expired";
            Failure::new(Code::ApprovalRejected, message, again())
                .about("/change_id")
                .because("expired")
        }
    })
}

/// What has to be done for a change. Refuses one that is not for this user.
fn needs(call: &Call, case: &Case<'_>) -> Result<Needs, Failure> {
    case.needs(call).map_err(|barrier| {
        call.deny();
        match barrier {
            Barrier::Field(guarded) => hidden(guarded),
            Barrier::Record | Barrier::Change => {
                let next = Next::ask_user("tell the user that they may not make this change now");
                Failure::new(Code::NotPermitted, "this user may not make this change", next)
            }
        }
    })
}

/// Refuses a change for which not enough was done.
fn is_approved(
    call: &Call,
    proposal: &Proposal,
    case: &Case<'_>,
    needs: Needs,
) -> Result<(), Failure> {
    let done = match &proposal.decision {
        None => Needs::Nothing,
        Some(decision) if decision.method.is_by_another() => Needs::SecondPerson,
        Some(_) => Needs::Confirmation,
    };
    if case.permits(call, done) {
        return Ok(());
    }
    let id = &proposal.id;
    if done != Needs::Nothing {
        let message = "the change was confirmed, and takes the approval of somebody else by now";
        return Err(Failure::new(Code::ApprovalRequired, message, again()).about("/change_id"));
    }
    let (message, hint) = match needs {
        Needs::SecondPerson => (
            "somebody else has to approve the change",
            format!(
                "tell the user that a second person has to approve change {id}, on the page /approvals \
                 of this server or with `mcp-kit approve yes {id}`; ask get_change whether it is \
                 approved, then repeat this call with the same key"
            ),
        ),
        Needs::Confirmation | Needs::Nothing => (
            "the user has to confirm the change",
            format!(
                "tell the user that change {id} waits for them: a client that can ask them does so \
                 when this call is repeated with the same key; or somebody else approves it, on the \
                 page /approvals of this server or with `mcp-kit approve yes {id}`"
            ),
        ),
    };
    let mut failure = Failure::new(Code::ApprovalRequired, message, poll(id, hint));
    failure.retryable = true;
    failure.question = (needs == Needs::Confirmation).then(|| Question {
        proposal: proposal.id.clone(),
        digest: proposal.digest.clone(),
        text: question(proposal),
    });
    Err(failure.about("/change_id"))
}

/// The step to a proposal that can be made.
fn again() -> Next {
    Next::fix_arguments("propose the change again, and use the id of that proposal")
}

/// The question whether to make a change, with all that it would change. What others have written is
/// quoted, so that it cannot be taken for the words of the server.
fn question(proposal: &Proposal) -> String {
    let shown = |value: &Option<Value>| match value.as_ref().and_then(Value::as_str) {
        Some(text) => format!("{text:?}"),
        None => "nothing".to_owned(),
    };
    let new = &proposal.new;
    let of = new.payload.as_object().and_then(|it| it.values().next()?["customer_id"].as_str());
    let of = of.map_or(String::new(), |id| format!(" (customer {id})"));
    let mut text = format!("{}{of}?\n", new.title);
    for line in &new.diff {
        let (before, after) = (shown(&line.before), shown(&line.after));
        text.push_str(&format!("\n{}: {before} becomes {after}", line.field));
    }
    text.push_str(&format!("\n\nReason given: {:?}", new.reason));
    text
}
