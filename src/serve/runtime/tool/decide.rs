//! Taking down what somebody has decided about a proposal.

use std::sync::Arc;

use serde_json::{Value, json};
use tracing::error;

use super::{
    super::{
        approval::{self, Decision, Method, Proposal, Refused, State},
        audit::{self, Approval, Concealed, Phase},
        guidance::{Code, Effect, Failure, Next},
        identity::Identity,
        store::StoreError,
    },
    Call, Services, Toolbox,
    outage::outage,
    review::not_found,
};

impl Toolbox {
    /// Takes down a decision of somebody about a proposal, as it was shown with this digest, together
    /// with its record in the trail. A second person decides about what the policy lets them decide
    /// about and whose every line they see; whoever has proposed it confirms it and does not approve.
    /// A decision that is refused is in the trail as well.
    ///
    /// # Errors
    ///
    /// Where there is no such proposal for them, it is not theirs to decide, or decided already.
    pub async fn decide(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        (id, digest): (&str, &str),
        decision: Decision,
        correlation_id: &str,
    ) -> Result<(), Failure> {
        let desk = self.desk(services, identity, correlation_id);
        let is_approved = decision.is_approved;
        let asked = json!({"proposal": id, "approve": is_approved, "reason": decision.reason});
        let found = match decision.method.is_by_another() {
            true => desk.find(id).await.and_then(|(proposal, matter)| match matter.is_void {
                true if proposal.decision.is_none() && proposal.outcome.is_none() => Err(void()),
                _ => Ok(proposal),
            }),
            false => {
                let tools = desk.tools();
                let found = approval::find(&*services.store, &tools, &identity.tenant, id).await;
                found.map_err(|it| store_failure(&it)).and_then(|it| it.ok_or_else(not_found))
            }
        };
        let taken = match found {
            Ok(proposal) => {
                let call = Call::new(
                    Arc::clone(identity),
                    Arc::clone(&desk.call.principal),
                    Arc::clone(services),
                    proposal.new.tool,
                    correlation_id.to_owned(),
                );
                // What the policy has said of a second person is in the record of their decision.
                let call = if decision.method.is_by_another() { &desk.call } else { &call };
                self.take_down(call, &proposal, digest, decision, &asked).await
            }
            Err(failure) => Err(failure),
        };
        let Err(mut failure) = taken else { return Ok(()) };
        correlation_id.clone_into(&mut failure.correlation_id);
        if failure.effect == Effect::None {
            desk.call.deny();
            desk.kept(Phase::Decide, &asked, Err(failure)).await.map_err(|mut failure| {
                correlation_id.clone_into(&mut failure.correlation_id);
                failure
            })
        } else {
            Err(failure)
        }
    }

    /// Writes down a decision that is refused before it is looked at, for what it was sent as. Returns
    /// the failure to answer.
    pub async fn refuse_decision(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        id: &str,
        failure: Failure,
        correlation_id: &str,
    ) -> Failure {
        let desk = self.desk(services, identity, correlation_id);
        desk.call.deny();
        let kept = desk.kept::<()>(Phase::Decide, &json!({"proposal": id}), Err(failure)).await;
        let mut failure = kept.expect_err("a failure stays one");
        correlation_id.clone_into(&mut failure.correlation_id);
        failure
    }

    async fn take_down(
        &self,
        call: &Call,
        proposal: &Proposal,
        digest: &str,
        decision: Decision,
        asked: &Value,
    ) -> Result<(), Failure> {
        let services = &call.services;
        let mut transaction = services.store.begin().await.map_err(|it| store_failure(&it))?;
        let decided = approval::decide(&mut *transaction, proposal, digest, decision.clone()).await;
        if let Err(refused) = decided.map_err(|it| store_failure(&it))? {
            let _undone = transaction.rollback().await;
            return Err(failure(refused, proposal, decision.method));
        }
        call.was_approved(Approval {
            change_id: proposal.id.clone(),
            is_approved: decision.is_approved,
            approver: call.identity.principal(),
            method: decision.method.name().to_owned(),
            diff_sha256: proposal.digest.clone(),
        });
        let started = services.clock.now();
        let concealed = Concealed::json(asked);
        let mut entry = call.entry(self.connector(), concealed, audit::Outcome::ok(), started);
        entry.phase = Phase::Decide;
        let kept = services.trail.append_in(&mut *transaction, entry).await;
        let appended = kept.map_err(|it| store_failure(&it))?;
        match transaction.commit().await {
            Ok(()) => {
                services.trail.committed(appended);
                Ok(())
            }
            Err(fault) if fault.leaves_doubt() => {
                error!(%fault, correlation_id = call.correlation_id, "a decision is in doubt");
                self.settle(call, proposal, &decision).await
            }
            Err(fault) => Err(store_failure(&fault)),
        }
    }

    /// Whether a decision stands of which the store has not said so.
    async fn settle(
        &self,
        call: &Call,
        proposal: &Proposal,
        decision: &Decision,
    ) -> Result<(), Failure> {
        let tools = [proposal.new.tool];
        let store = &*call.services.store;
        match approval::find(store, &tools, &proposal.new.tenant, &proposal.id).await {
            Ok(Some(now)) if now.decision.as_ref() == Some(decision) => Ok(()),
            _ => {
                let next = Next::wait("look at the proposal again: it says what was decided");
                let message = "it is not known whether the decision was taken down";
                let mut failure = Failure::new(Code::OutcomeUnknown, message, next);
                failure.effect = Effect::Unknown;
                Err(failure)
            }
        }
    }
}

fn failure(refused: Refused, proposal: &Proposal, method: Method) -> Failure {
    let by = proposal.decision.as_ref().map_or("somebody", |it| it.decided_by.as_str());
    let (code, message, reason) = match refused {
        Refused::WrongPerson if method.is_by_another() => (
            Code::NotPermitted,
            "nobody decides about a change that they have proposed themselves".to_owned(),
            "own_proposal",
        ),
        Refused::WrongPerson => (
            Code::NotPermitted,
            "nobody confirms a change that somebody else has proposed".to_owned(),
            "anothers_proposal",
        ),
        Refused::AnotherDigest => {
            (Code::VersionConflict, "this is not what was proposed".to_owned(), "another_digest")
        }
        Refused::NotOpen(State::Expired) => {
            (Code::ApprovalRejected, "the proposal has expired".to_owned(), "expired")
        }
        Refused::NotOpen(State::Applied) => {
            (Code::ApprovalRejected, "the change is made already".to_owned(), "already_applied")
        }
        Refused::NotOpen(_) => (
            Code::ApprovalRejected,
            format!("the proposal is decided already, by {by}"),
            "already_decided",
        ),
    };
    let hint = match reason {
        "own_proposal" => "ask somebody else who decides about changes to look at it",
        "anothers_proposal" => "ask whoever has proposed it",
        "another_digest" => "look at it again, and decide about what it says now",
        "expired" => "it has to be proposed again, if it is still wanted",
        "already_applied" => "nothing is left to decide; to undo it, propose the opposite",
        _ => "nothing is left to decide; look at it to see how it stands",
    };
    Failure::new(code, message, Next::stop(hint)).because(reason)
}

fn void() -> Failure {
    let next = Next::stop("the change has to be proposed again");
    let message = "a record has changed since the change was proposed";
    Failure::new(Code::VersionConflict, message, next).because("void")
}

/// A decision cannot be taken down.
fn store_failure(fault: &StoreError) -> Failure {
    outage(fault, "the decision cannot be stored at the moment")
}
