//! Taking down what somebody has decided about a proposal.

use std::sync::Arc;

use serde_json::json;
use tracing::error;

use super::{
    super::{
        approval::{self, Decision, Refused, State},
        audit::{self, Approval, Concealed, Phase},
        guidance::{Code, Failure, Next},
        identity::Identity,
        store::StoreError,
    },
    Call, Services, Toolbox,
};

/// How long to wait, in milliseconds, while the store does not answer.
const STORE_RETRY_MS: u64 = 2_000;

impl Toolbox {
    /// Takes down a decision of somebody about a proposal, as it was shown with this digest, together
    /// with its record in the trail.
    ///
    /// # Errors
    ///
    /// Where there is no such proposal, it is not theirs to decide, or decided already.
    pub async fn decide(
        &self,
        services: &Arc<Services>,
        identity: &Arc<Identity>,
        (id, digest): (&str, &str),
        decision: Decision,
        correlation_id: &str,
    ) -> Result<(), Failure> {
        let tools: Vec<&'static str> = self.all().map(|tool| tool.definition.name).collect();
        let mut transaction = services.store.begin().await.map_err(|it| store_failure(&it))?;
        let found = approval::find_in(&mut *transaction, &tools, &identity.tenant, id).await;
        let proposal = found.map_err(|it| store_failure(&it))?.ok_or_else(not_found)?;
        let (is_approved, method) = (decision.is_approved, decision.method);
        let decided = approval::decide(&mut *transaction, &proposal, digest, decision).await;
        if let Err(refused) = decided.map_err(|it| store_failure(&it))? {
            let _undone = transaction.rollback().await;
            return Err(failure(refused));
        }
        let principal = services.policy.principal(identity);
        let call = Call::new(
            Arc::clone(identity),
            principal,
            Arc::clone(services),
            proposal.new.tool,
            correlation_id.to_owned(),
        );
        call.touches(&proposal.id);
        call.was_approved(Approval {
            change_id: proposal.id.clone(),
            approver: identity.principal(),
            method: method.name().to_owned(),
            diff_sha256: proposal.digest.clone(),
        });
        let result = match is_approved {
            true => audit::Outcome::ok(),
            false => audit::Outcome::failed(Code::ApprovalRejected),
        };
        let arguments = Concealed::json(&json!({"proposal": proposal.id, "approve": is_approved}));
        let mut entry = call.entry(self.connector(), arguments, result, services.clock.now());
        entry.phase = Phase::Decide;
        let kept = services.trail.append_in(&mut *transaction, entry).await;
        let appended = kept.map_err(|it| store_failure(&it))?;
        transaction.commit().await.map_err(|it| store_failure(&it))?;
        services.trail.committed(appended);
        Ok(())
    }
}

fn not_found() -> Failure {
    let next = Next::fix_arguments("use the id of a change that was proposed");
    Failure::new(Code::NotFound, "there is no proposal with this id", next)
}

fn failure(refused: Refused) -> Failure {
    let (code, message) = match refused {
        Refused::WrongPerson => (Code::NotPermitted, "this is not for this user to decide"),
        Refused::AnotherDigest => (Code::VersionConflict, "this is not what was proposed"),
        Refused::NotOpen(State::Expired) => (Code::ApprovalRejected, "the proposal has expired"),
        Refused::NotOpen(_) => (Code::ApprovalRejected, "the proposal is decided already"),
    };
    Failure::new(code, message, Next::stop("ask for the state of the change"))
}

fn store_failure(fault: &StoreError) -> Failure {
    error!(%fault, "a decision is not taken down");
    match fault.is_transient() {
        true => Failure::unavailable("the decision cannot be stored at the moment", STORE_RETRY_MS),
        false => Failure::internal(),
    }
}
