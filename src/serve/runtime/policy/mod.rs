//! What somebody may do: Cedar policies, per action and per record.
//!
//! [`Policy::load`] takes the [`Sources`] of a connector, or those of a directory, and refuses what
//! does not fit the schema, so that a misspelt attribute stops the start and not a request. Walls
//! between tenants and around sensitive records are part of this module and always there.
//! [`Policy::decide`] answers with the ids of the policies that decided, for the audit trail.
//!
//! Nothing is allowed unless a policy permits it, and whatever fails while deciding ends as a denial:
//! Cedar leaves out a policy whose condition fails, which would open a wall.
//!
//! Not for: who somebody is (`identity`), and not for filtering in the store, which selects by tenant
//! before any record is judged here.

mod decision;
mod dependence;
mod fault;
mod load;
mod source;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use cedar_policy::{Authorizer, Entities, EntityTypeName, EntityUid, PolicySet, Schema};

use super::identity::Identity;

pub use decision::{Attribute, Decision, Encounter, Principal, Resource};
pub use fault::{Fault, PolicyError};
pub use source::Sources;

/// The kind of resource that stands for a whole tenant.
pub const TENANT: &str = "Tenant";

/// Policies that fit their schema.
pub struct Policy {
    authorizer: Authorizer,
    schema: Schema,
    policies: PolicySet,
    /// The kinds of entities and the actions of the schema, by name: nothing of a request is parsed.
    kinds: HashMap<String, EntityTypeName>,
    actions: HashMap<String, EntityUid>,
    /// The actions with their groups, which every decision needs.
    entities: Entities,
    /// The kinds of records of which two that are alike may be decided about differently.
    told_apart: HashSet<String>,
    digest: String,
    warnings: Vec<String>,
    principals: Mutex<HashMap<Identity, Arc<Principal>>>,
}

/// How many principals are remembered.
const MAX_REMEMBERED: usize = 1_024;

impl std::fmt::Debug for Policy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Policy")
            .field("policies", &self.policies.num_of_policies())
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Policy {
    /// Reads and checks policies.
    ///
    /// # Errors
    /// With all faults of the first step that finds any: the syntax, the ids, the schema.
    pub fn load(sources: &Sources) -> Result<Self, PolicyError> {
        load::load(sources)
    }

    /// Somebody, made ready to be decided about. Remembered, because most requests come from those who
    /// came before.
    pub fn principal(&self, identity: &Identity) -> Arc<Principal> {
        let mut known = self.principals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(principal) = known.get(identity) {
            return Arc::clone(principal);
        }
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        let principal = Arc::new(Principal::new(self, identity));
        known.insert(identity.clone(), Arc::clone(&principal));
        principal
    }

    /// Whether the schema has an action: a tool whose action is unknown would be denied for ever.
    pub fn has_action(&self, action: &str) -> bool {
        self.actions.contains_key(action)
    }

    /// The SHA-256 of all sources, in hexadecimal digits, for the audit trail.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What an operator should know: policies that never apply, or more of them than are fast.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests;
