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
            policy::Resource,
            store::Transaction,
            tool::{Answer, Call, Change, Definition, Effect},
        },
        change::{Operation, apply},
        model::Record,
        store,
    },
    WRITE,
    change::{Changed, Needs, TOOLS, no_such_change, operation, permits, poll},
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

    async fn change(
        &self,
        call: &Call,
        transaction: &mut dyn Transaction,
        arguments: Arguments,
    ) -> Result<Answer<Output>, Failure> {
        let (tenant, now) = (&call.identity.tenant, call.services.clock.now());
        let found = approval::find_in(transaction, TOOLS, tenant, &arguments.change_id).await;
        let proposal = found
            .map_err(|fault| store_failure(&fault))?
            .filter(|proposal| proposal.new.proposer == call.identity.principal())
            .ok_or_else(no_such_change)?;
        is_open(&proposal, now)?;
        let operation = operation(&proposal)?;
        let resource = resource(call, transaction, &operation).await?;
        is_approved(call, &proposal, &operation, &resource)?;
        let user = &call.identity.subject;
        let applied = apply(transaction, &operation, tenant, user, now).await?;
        let outcome = json!({"id": applied.customer_id, "version": applied.version});
        let is_used = approval::use_up(transaction, &proposal, &outcome, now).await;
        if !is_used.map_err(|fault| store_failure(&fault))? {
            let next = poll(&proposal.id, "somebody has decided about it or made it just now");
            let message = "the change is not as it was a moment ago";
            return Err(Failure::new(Code::VersionConflict, message, next));
        }
        call.touches(&applied.customer_id);
        call.leaves_version(applied.version);
        if let Some(decision) = &proposal.decision {
            call.was_approved(Approval {
                change_id: proposal.id.clone(),
                approver: decision.decider.clone(),
                method: decision.method.name().to_owned(),
                diff_sha256: proposal.digest.clone(),
            });
        }
        let customer = Changed { id: applied.customer_id, version: applied.version };
        Ok(Answer::of(Output { customer, change_id: proposal.id }))
    }
}

/// The record that the policy decides about, as it is now.
async fn resource(
    call: &Call,
    transaction: &mut dyn Transaction,
    operation: &Operation,
) -> Result<Resource, Failure> {
    let tenant = &call.identity.tenant;
    let Some(id) = operation.customer_id() else {
        let Operation::Create(create) = operation else { return Err(Failure::internal()) };
        let owner = create.owner.as_deref().unwrap_or(&call.identity.subject);
        return Ok(Record::resource_of(tenant, "", owner, 0));
    };
    let record = store::customer_in(transaction, tenant, id).await;
    let record = record.map_err(|fault| store_failure(&fault))?.ok_or_else(no_such_change)?;
    Ok(record.resource())
}

/// Refuses a change that was made, rejected or left lying.
fn is_open(proposal: &Proposal, now: i64) -> Result<(), Failure> {
    let again = || Next::fix_arguments("propose the change again, and use the id of that proposal");
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

/// Refuses a change for which not enough was done, and one that is not for this user.
fn is_approved(
    call: &Call,
    proposal: &Proposal,
    operation: &Operation,
    resource: &Resource,
) -> Result<(), Failure> {
    let done = match &proposal.decision {
        None => Needs::Nothing,
        Some(decision) if decision.method.is_by_another() => Needs::SecondPerson,
        Some(_) => Needs::Confirmation,
    };
    if permits(call, resource, operation, done) {
        return Ok(());
    }
    let id = &proposal.id;
    let needs = Needs::of(call, resource, operation);
    let (message, hint) = match needs {
        Some(Needs::SecondPerson) => (
            "somebody else has to approve the change",
            format!(
                "tell the user that a second person has to approve change {id}; ask get_change \
                 whether it is approved, then repeat this call with the same key"
            ),
        ),
        Some(_) => (
            "the change has to be confirmed, and this client cannot ask the user",
            format!(
                "tell the user that somebody else has to approve change {id}, or that a client which \
                 can ask them is needed; then repeat this call with the same key"
            ),
        ),
        None => {
            call.deny();
            let next = Next::ask_user("tell the user that they may not make this change any more");
            let message = "this user may not make this change";
            return Err(Failure::new(Code::NotPermitted, message, next));
        }
    };
    let mut failure = Failure::new(Code::ApprovalRequired, message, poll(id, hint));
    failure.retryable = true;
    failure.question = (needs == Some(Needs::Confirmation)).then(|| Question {
        proposal: proposal.id.clone(),
        digest: proposal.digest.clone(),
        text: question(proposal),
    });
    Err(failure.about("/change_id"))
}

/// The question whether to make a change, with all that it would change.
fn question(proposal: &Proposal) -> String {
    let shown = |value: &Option<Value>| match value.as_ref().and_then(Value::as_str) {
        Some(text) => format!("\"{}\"", text.escape_debug()),
        None => "nothing".to_owned(),
    };
    let new = &proposal.new;
    // What others wrote stays within its line.
    let line = |text: &str| text.replace(char::is_control, " ");
    let mut text = format!("{}?\n\nReason: {}\n", line(&new.title), line(&new.reason));
    for line in &new.diff {
        let (before, after) = (shown(&line.before), shown(&line.after));
        text.push_str(&format!("\n{}: {before} becomes {after}", line.field));
    }
    text
}
