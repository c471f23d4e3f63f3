//! One decision: somebody, an action, a resource.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use cedar_policy::{
    AuthorizationError, Context, Decision as Effect, Entities, Entity, EntityId, EntityUid,
    Request, RestrictedExpression,
};

use super::{Policy, TENANT};

use super::super::identity::Identity;

/// What an action is done with.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// An entity type of the schema.
    pub kind: &'static str,
    /// The record's id. It is never parsed, so it may hold anything.
    pub id: String,
    /// The tenant that the record belongs to, as the store says; it becomes the attribute `tenant`.
    pub tenant: String,
    /// The other attributes.
    pub attributes: Vec<(&'static str, Attribute)>,
}

impl Resource {
    /// A whole tenant.
    pub fn tenant(id: &str) -> Self {
        Self { kind: TENANT, id: id.to_owned(), tenant: id.to_owned(), attributes: Vec::new() }
    }
}

/// A value that policies can speak of.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// `String`.
    Text(String),
    /// `Long`.
    Integer(i64),
    /// `Bool`.
    Boolean(bool),
    /// Another entity, for example a group: a kind of the schema, and an id.
    Entity(&'static str, String),
    /// `Set<…>`, of elements of one type.
    Set(Vec<Attribute>),
    /// A record of attributes.
    Record(Vec<(&'static str, Attribute)>),
}

impl Attribute {
    /// Whether it is, or holds, an entity of a kind.
    fn holds(&self, kind: &str) -> bool {
        match self {
            Self::Text(_) | Self::Integer(_) | Self::Boolean(_) => false,
            Self::Entity(of, _) => *of == kind,
            Self::Set(values) => values.iter().any(|value| value.holds(kind)),
            Self::Record(members) => members.iter().any(|(_, value)| value.holds(kind)),
        }
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Attribute {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

/// What was decided, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub is_allowed: bool,
    /// The ids of the policies that decided, sorted: those that permit, those that forbid, or those
    /// that failed. Empty when no policy permits.
    pub policies: Vec<String>,
    /// What failed while deciding; then nothing is allowed. A fault of the server or of a policy.
    pub errors: Vec<String>,
}

/// Somebody, made ready for any number of decisions of the policy that made it.
pub struct Principal {
    tenant: String,
    /// What cannot be made ready is denied everything.
    ready: Result<Ready, String>,
    /// What was decided, by [question](question). It stays so: the policy and what is known of
    /// somebody do not change.
    decisions: Mutex<HashMap<String, Decision>>,
}

/// How many decisions about one principal are remembered.
const MAX_DECISIONS: usize = 256;

/// Somebody and what they want to do something with, made ready for any number of decisions.
pub struct Encounter {
    principal: Arc<Principal>,
    resource: Resource,
    /// What cannot be made ready is denied. Made when something has to be decided anew.
    ready: OnceLock<Result<(EntityUid, Entities), String>>,
}

impl Encounter {
    /// What it is about.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }
}

/// All that a decision about somebody depends on, as a key.
fn question(
    resource: &Resource,
    is_told_apart: bool,
    action: &str,
    context: &[(&str, Attribute)],
) -> String {
    let has_own_kind =
        resource.attributes.iter().chain(context).any(|(_, it)| it.holds(resource.kind));
    // No text can be mistaken for two: each is quoted and escaped.
    let id = (is_told_apart || has_own_kind).then_some(&resource.id);
    let Resource { kind, tenant, attributes, .. } = resource;
    format!("{action:?}{kind:?}{id:?}{tenant:?}{attributes:?}{context:?}")
}

struct Ready {
    uid: EntityUid,
    /// The actions and the user.
    entities: Entities,
    scopes: RestrictedExpression,
}

impl Principal {
    pub(super) fn new(policy: &Policy, identity: &Identity) -> Self {
        Self {
            tenant: identity.tenant.clone(),
            ready: Ready::new(policy, identity),
            decisions: Mutex::default(),
        }
    }
}

impl Policy {
    /// Decides whether a tool is shown to somebody: whether its action is allowed on the whole tenant.
    /// This is a courtesy; a call is decided again.
    pub fn listing(&self, principal: &Arc<Principal>, action: &str) -> Decision {
        let tenant = self.encounter(principal, Resource::tenant(&principal.tenant));
        self.decide(&tenant, action, &[])
    }

    /// Somebody and a resource, made ready: once, however many decisions are about the two.
    pub fn encounter(&self, principal: &Arc<Principal>, resource: Resource) -> Encounter {
        Encounter { principal: Arc::clone(principal), resource, ready: OnceLock::new() }
    }

    fn meet(
        &self,
        principal: &Principal,
        resource: &Resource,
    ) -> Result<(EntityUid, Entities), String> {
        let ready = principal.ready.as_ref().map_err(Clone::clone)?;
        let uid = self.uid(resource.kind, &resource.id)?;
        let mut entities = ready.entities.clone();
        // A tenant has no attributes, and so need not be among the entities.
        if resource.kind != TENANT {
            let entity = self.entity(uid.clone(), resource)?;
            // Against the schema: an attribute that is missing fails here, not in half a policy.
            entities = entities
                .add_entities([entity], Some(&self.schema))
                .map_err(|error| causes(&error))?;
        }
        Ok((uid, entities))
    }

    /// Decides whether somebody may do something with a resource. `context` is what is known of the
    /// request; the scopes are added.
    ///
    /// What was decided about one record holds for all that are alike, unless a policy speaks of a
    /// record itself; it is remembered, because most lists are of records that are alike.
    pub fn decide(
        &self,
        encounter: &Encounter,
        action: &str,
        context: &[(&str, Attribute)],
    ) -> Decision {
        let Encounter { principal, resource, .. } = encounter;
        let question = question(resource, self.told_apart.contains(resource.kind), action, context);
        let known = || principal.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(decision) = known().get(&question) {
            return decision.clone();
        }
        let decision = self.try_decide(encounter, action, context).unwrap_or_else(|error| {
            Decision { is_allowed: false, policies: Vec::new(), errors: vec![error] }
        });
        // An error may name the record.
        if decision.errors.is_empty() {
            let mut known = known();
            if known.len() >= MAX_DECISIONS {
                known.clear();
            }
            known.insert(question, decision.clone());
        }
        decision
    }

    fn try_decide(
        &self,
        encounter: &Encounter,
        action: &str,
        context: &[(&str, Attribute)],
    ) -> Result<Decision, String> {
        let ready = encounter.principal.ready.as_ref().map_err(Clone::clone)?;
        let meeting = || self.meet(&encounter.principal, &encounter.resource);
        let (uid, entities) =
            encounter.ready.get_or_init(meeting).as_ref().map_err(Clone::clone)?;
        let action = self
            .actions
            .get(action)
            .ok_or_else(|| format!("the schema has no action `{}`", action.escape_debug()))?
            .clone();
        let scopes = ("scopes".to_owned(), ready.scopes.clone());
        let pairs = context
            .iter()
            .map(|(name, value)| Ok::<_, String>(((*name).to_owned(), self.expression(value)?)));
        let pairs: Vec<_> = std::iter::once(Ok(scopes)).chain(pairs).collect::<Result<_, _>>()?;
        let context = Context::from_pairs(pairs).map_err(|error| causes(&error))?;
        let request =
            Request::new(ready.uid.clone(), action, uid.clone(), context, Some(&self.schema))
                .map_err(|error| causes(&error))?;
        let response = self.authorizer.is_authorized(&request, &self.policies, entities);
        let (mut policies, mut errors): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for AuthorizationError::PolicyEvaluationError(error) in response.diagnostics().errors() {
            policies.push(error.policy_id().to_string());
            errors.push(error.to_string());
        }
        if errors.is_empty() {
            policies.extend(response.diagnostics().reason().map(ToString::to_string));
        }
        policies.sort();
        errors.sort();
        let is_allowed = response.decision() == Effect::Allow && errors.is_empty();
        Ok(Decision { is_allowed, policies, errors })
    }
}

impl Ready {
    fn new(policy: &Policy, identity: &Identity) -> Result<Self, String> {
        let uid = policy.uid("User", &identity.principal())?;
        let attributes = HashMap::from([
            (
                "tenant".to_owned(),
                RestrictedExpression::new_entity_uid(policy.uid(TENANT, &identity.tenant)?),
            ),
            ("subject".to_owned(), RestrictedExpression::new_string(identity.subject.clone())),
            ("clearance".to_owned(), RestrictedExpression::new_long(identity.clearance)),
        ]);
        let groups: HashSet<EntityUid> = identity
            .groups
            .iter()
            .map(|group| policy.uid("Group", group))
            .collect::<Result<_, _>>()?;
        let user = Entity::new(uid.clone(), attributes, groups).map_err(|error| causes(&error))?;
        let entities = policy
            .entities
            .clone()
            .add_entities([user], Some(&policy.schema))
            .map_err(|error| causes(&error))?;
        let scopes = identity.scopes.iter().cloned().map(RestrictedExpression::new_string);
        Ok(Self { uid, entities, scopes: RestrictedExpression::new_set(scopes) })
    }
}

impl Policy {
    /// An entity by kind and id. The id is taken as it is.
    fn uid(&self, kind: &str, id: &str) -> Result<EntityUid, String> {
        let kind =
            self.kinds.get(kind).ok_or_else(|| format!("the schema has no kind `{kind}`"))?;
        Ok(EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id)))
    }

    fn entity(&self, uid: EntityUid, resource: &Resource) -> Result<Entity, String> {
        let tenant = RestrictedExpression::new_entity_uid(self.uid(TENANT, &resource.tenant)?);
        let mut attributes = HashMap::from([("tenant".to_owned(), tenant)]);
        for (name, value) in &resource.attributes {
            if attributes.insert((*name).to_owned(), self.expression(value)?).is_some() {
                return Err(format!("the attribute `{name}` stands twice"));
            }
        }
        Entity::new(uid, attributes, HashSet::new()).map_err(|error| causes(&error))
    }

    fn expression(&self, value: &Attribute) -> Result<RestrictedExpression, String> {
        Ok(match value {
            Attribute::Text(text) => RestrictedExpression::new_string(text.clone()),
            Attribute::Integer(number) => RestrictedExpression::new_long(*number),
            Attribute::Boolean(value) => RestrictedExpression::new_bool(*value),
            Attribute::Entity(kind, id) => {
                RestrictedExpression::new_entity_uid(self.uid(kind, id)?)
            }
            Attribute::Set(values) => {
                let values = values.iter().map(|value| self.expression(value));
                RestrictedExpression::new_set(values.collect::<Result<Vec<_>, _>>()?)
            }
            Attribute::Record(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| Ok(((*name).to_owned(), self.expression(value)?)));
                let members = members.collect::<Result<Vec<_>, String>>()?;
                RestrictedExpression::new_record(members).map_err(|error| causes(&error))?
            }
        })
    }
}

/// An error of Cedar with its causes, where it says which attribute it is about.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
