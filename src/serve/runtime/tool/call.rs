//! What a tool sees of the call that it answers.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Serialize, de::DeserializeOwned};
use tracing::error;

use super::super::{
    audit::{self, Actor, Concealed, Entry, Phase, Trail},
    clock::Clock,
    guidance::Failure,
    identity::Identity,
    points::Points,
    policy::{Attribute, Decision, Encounter, Policy, Principal, Resource},
    store::Store,
};
use super::cursor::Seal;

/// What all tools of a server share.
pub struct Services {
    /// Where its data is.
    pub store: Arc<dyn Store>,
    /// What is allowed.
    pub policy: Policy,
    /// What was done.
    pub trail: Trail,
    /// What cursors are sealed with, the same in all processes.
    pub seal: Seal,
    /// What time it is.
    pub clock: Clock,
    /// Where a test may have the process die.
    pub points: Points,
}

#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Services {
    /// What a test of a host needs: its own store, clock and policies.
    pub(in super::super) fn on_trial(
        store: &Arc<dyn Store>,
        clock: &Clock,
        schema: &str,
        policies: &str,
    ) -> Arc<Self> {
        let sources = super::super::policy::Sources::new()
            .with_schema("trial.cedarschema", schema)
            .with_policies("trial.cedar", policies);
        Arc::new(Self {
            store: Arc::clone(store),
            policy: Policy::load(&sources).expect("the policies of the test are right"),
            trail: Trail::start(Arc::clone(store)),
            seal: Seal::new(b"trial"),
            clock: clock.clone(),
            points: Points::default(),
        })
    }
}

/// One call: who asks, and what the server has for answering it.
pub struct Call {
    /// Who asks. Never a token.
    pub identity: Arc<Identity>,
    /// The store, the policy and the clock.
    pub services: Arc<Services>,
    /// The name of the tool; the action that the policy decides about.
    pub tool: &'static str,
    /// The id of this call in the log, in the trail and in an error.
    pub correlation_id: String,
    /// Who asks, as the policy sees them.
    pub(super) principal: Arc<Principal>,
    /// The resource that was decided about last: one decision about a record is followed by others.
    encounter: Mutex<Option<Encounter>>,
    seen: Mutex<Seen>,
}

/// What the trail will say of a call.
#[derive(Debug, Default)]
struct Seen {
    policies: Vec<String>,
    resources: Vec<String>,
    version: Option<i64>,
    approval: Option<audit::Approval>,
    is_denied: bool,
}

/// The most resources that the trail names of one call.
const MAX_RESOURCES: usize = 100;

impl Call {
    pub(super) fn new(
        identity: Arc<Identity>,
        principal: Arc<Principal>,
        services: Arc<Services>,
        tool: &'static str,
        correlation_id: String,
    ) -> Self {
        let (encounter, seen) = (Mutex::default(), Mutex::default());
        Self { identity, services, tool, correlation_id, principal, encounter, seen }
    }

    /// Whether this user may call this tool on a record. The policies that said so are kept for the
    /// trail.
    pub fn is_allowed(&self, resource: &Resource) -> bool {
        self.may(self.tool, resource, &[])
    }

    /// Whether this user may do something that is not the tool itself, such as seeing a field.
    pub fn may(&self, action: &str, resource: &Resource, context: &[(&str, Attribute)]) -> bool {
        let decision = self.decide(action, resource, context);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for policy in decision.policies {
            if !seen.policies.contains(&policy) {
                seen.policies.push(policy);
            }
        }
        decision.is_allowed
    }

    /// Whether this user might do something in a case that is only thought of, such as after an
    /// approval. The trail does not name what decided it.
    pub fn might(&self, action: &str, resource: &Resource, context: &[(&str, Attribute)]) -> bool {
        self.decide(action, resource, context).is_allowed
    }

    /// Notes a record that is part of the answer, for the trail.
    pub fn touches(&self, id: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !seen.resources.iter().any(|known| known == id);
        if is_new && seen.resources.len() < MAX_RESOURCES {
            seen.resources.push(id.to_owned());
        }
    }

    /// Notes the version that a record has after the change, for the trail.
    pub fn leaves_version(&self, version: i64) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).version = Some(version);
    }

    /// Notes who has approved the change, for the trail.
    pub fn was_approved(&self, approval: audit::Approval) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).approval = Some(approval);
    }

    /// Notes a record that was asked for and that this user may not see, for the trail.
    pub fn denies(&self, id: &str) {
        self.touches(id);
        self.deny();
    }

    /// Notes that the call as a whole is refused, for the trail.
    pub fn deny(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).is_denied = true;
    }

    /// A cursor for the next page of a list. `list` says which list it is and in which selection: the
    /// cursor is good for nothing else, and for nobody else.
    pub fn seal_cursor(&self, list: &str, position: &impl Serialize) -> String {
        self.services.seal.close(&self.bound(list), position)
    }

    /// The position that a cursor holds.
    ///
    /// # Errors
    ///
    /// Where it is not one that this user got with the page before.
    pub fn open_cursor<P: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<P, Failure> {
        self.services.seal.open(&self.bound(list), cursor).ok_or_else(|| {
            Failure::invalid_argument(
                "/cursor",
                "this cursor does not belong to this list",
                "pass next_cursor of the page before with the same other arguments, or leave it \
                 out to begin anew",
            )
        })
    }

    fn bound(&self, list: &str) -> [String; 3] {
        [self.identity.principal(), self.tool.to_owned(), list.to_owned()]
    }

    /// The call as the trail keeps it.
    pub(super) fn entry(
        &self,
        connector: &str,
        arguments: Concealed,
        result: audit::Outcome,
        started: i64,
    ) -> Entry {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.services.clock.now();
        // What was not done has left no version and used no approval.
        let is_done = result.is_ok();
        Entry {
            at: started,
            tenant: self.identity.tenant.clone(),
            actor: Actor {
                issuer: self.identity.issuer.clone(),
                subject: self.identity.subject.clone(),
                client: self.identity.client.clone(),
                delegate: None,
            },
            connector: connector.to_owned(),
            tool: self.tool.to_owned(),
            phase: Phase::Call,
            resource_ids: seen.resources.clone(),
            is_allowed: !seen.is_denied,
            policy_ids: seen.policies.clone(),
            policy_sha256: self.services.policy.digest().to_owned(),
            entities_generation: None,
            arguments: Some(arguments),
            idempotency_key: None,
            approval: seen.approval.clone().filter(|_| is_done),
            result: audit::Outcome { version: seen.version.filter(|_| is_done), ..result },
            latency_ms: u64::try_from(now.saturating_sub(started)).unwrap_or_default(),
            upstream: None,
            correlation_id: self.correlation_id.clone(),
        }
    }

    fn decide(&self, action: &str, resource: &Resource, context: &[(&str, Attribute)]) -> Decision {
        let policy = &self.services.policy;
        let mut last = self.encounter.lock().unwrap_or_else(PoisonError::into_inner);
        let encounter = match last.take() {
            Some(same) if same.resource() == resource => same,
            _ => policy.encounter(&self.principal, resource.clone()),
        };
        let decision = policy.decide(&encounter, action, context);
        *last = Some(encounter);
        drop(last);
        for fault in &decision.errors {
            // Our schema or policy is wrong; the decision is a refusal.
            error!(fault, action, correlation_id = self.correlation_id, "a policy cannot decide");
        }
        decision
    }
}
