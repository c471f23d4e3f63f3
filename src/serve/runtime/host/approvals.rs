//! What a second person can do, whichever way they come: the page, the command by way of the host, or
//! the command on the store itself.

use std::sync::Arc;

use tracing::info;

use super::{
    super::{
        approval::{Decision, Method},
        guidance::{Effect, Failure},
        identity::Identity,
        tool::{Listing, Shown},
    },
    server::Server,
    trace::Trace,
};

/// The longest reason of a decision, in characters.
pub(super) const MAX_REASON: usize = 500;

/// The proposals of a server, for people who decide about them.
#[derive(Clone)]
pub struct Approvals {
    server: Server,
}

/// What somebody has said about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The digest of what they have seen.
    pub digest: String,
    /// Whether the change may be made.
    pub is_approved: bool,
    /// Why; whoever rejects a change has to say it.
    pub reason: Option<String>,
    /// How they have said it.
    pub method: Method,
}

impl Approvals {
    /// Those of a server, if it has tools whose changes wait for a second person.
    pub fn of(server: &Server) -> Option<Self> {
        server.parts().0.has_reviews().then(|| Self { server: server.clone() })
    }

    /// What the server is called.
    pub fn title(&self) -> &str {
        self.server.title()
    }

    /// The scopes that it takes.
    pub fn scopes(&self) -> &'static [&'static str] {
        self.server.parts().0.review_scopes()
    }

    /// What there is to decide about.
    ///
    /// # Errors
    ///
    /// Where there is nothing for this user to decide, or the store does not answer.
    pub async fn list(&self, who: &Arc<Identity>, trace: &Trace) -> Result<Listing, Failure> {
        let (toolbox, services, _) = self.server.parts();
        let listing = toolbox.proposals(services, who, &trace.correlation_id).await;
        self.note("list", who, trace, &listing);
        listing
    }

    /// One proposal.
    ///
    /// # Errors
    ///
    /// Where there is none for this user, or the store does not answer.
    pub async fn show(
        &self,
        who: &Arc<Identity>,
        id: &str,
        trace: &Trace,
    ) -> Result<Shown, Failure> {
        let (toolbox, services, _) = self.server.parts();
        let shown = toolbox.proposal(services, who, id, &trace.correlation_id).await;
        self.note("show", who, trace, &shown);
        shown
    }

    /// Takes down what somebody says about a proposal, and shows how it is then.
    ///
    /// # Errors
    ///
    /// Where they reject it and do not say why, or [`decide`](super::super::tool::Toolbox::decide)
    /// refuses it.
    pub async fn decide(
        &self,
        who: &Arc<Identity>,
        id: &str,
        said: Said,
        trace: &Trace,
    ) -> Result<Shown, Failure> {
        let decided = self.try_decide(who, id, said, trace).await;
        self.note("decide", who, trace, &decided);
        decided?;
        self.show(who, id, trace).await.map_err(|mut failure| {
            failure.effect = Effect::Applied;
            failure.message = format!("the decision was taken down, but {}", failure.message);
            failure
        })
    }

    async fn try_decide(
        &self,
        who: &Arc<Identity>,
        id: &str,
        said: Said,
        trace: &Trace,
    ) -> Result<(), Failure> {
        let reason = said.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if let Err(failure) = checked(said.is_approved, reason) {
            return Err(self.refuse(who, id, failure, trace).await);
        }
        let (toolbox, services, _) = self.server.parts();
        let decision = Decision {
            is_approved: said.is_approved,
            decider: who.principal(),
            decided_by: who.subject.clone(),
            method: said.method,
            reason: reason.map(str::to_owned),
            at: services.clock.now(),
        };
        let about = (id, said.digest.as_str());
        toolbox.decide(services, who, about, decision, &trace.correlation_id).await
    }

    /// Writes down a decision that is not even looked at. Returns the failure to answer.
    pub async fn refuse(
        &self,
        who: &Arc<Identity>,
        id: &str,
        failure: Failure,
        trace: &Trace,
    ) -> Failure {
        let (toolbox, services, _) = self.server.parts();
        toolbox.refuse_decision(services, who, id, failure, &trace.correlation_id).await
    }

    fn note<T>(
        &self,
        what: &'static str,
        who: &Identity,
        trace: &Trace,
        outcome: &Result<T, Failure>,
    ) {
        let result = outcome.as_ref().map_or_else(|failure| failure.code.name(), |_| "ok");
        let Trace { correlation_id, trace_id, .. } = trace;
        info!(
            tenant = who.tenant,
            user = who.subject,
            what,
            result,
            correlation_id,
            trace_id,
            "approvals"
        );
    }
}

/// Refuses a reason that is missing or that nobody could read.
fn checked(is_approved: bool, reason: Option<&str>) -> Result<(), Failure> {
    let Some(reason) = reason else {
        let hint = "say in a sentence why, for whoever has proposed it";
        let needed = || Failure::invalid_argument("/reason", "a rejection needs a reason", hint);
        return if is_approved { Ok(()) } else { Err(needed()) };
    };
    let length = reason.chars().count();
    if length > MAX_REASON {
        let message = format!("the reason has more than {MAX_REASON} characters");
        let failure = Failure::invalid_argument("/reason", message, "say it in fewer words");
        return Err(failure
            .mismatch(format!("at most {MAX_REASON} characters"), format!("{length} characters")));
    }
    let is_odd = |it: &char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
    if let Some(odd) = reason.chars().find(is_odd) {
        let odd = format!("U+{:04X}", u32::from(odd));
        let message = format!("the reason has the control character {odd}");
        return Err(Failure::invalid_argument("/reason", message, format!("leave {odd} out")));
    }
    Ok(())
}
