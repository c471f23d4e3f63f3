//! For tests: a connector whose proposals say themselves what they are about.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    super::{
        super::{
            approval::{Line, New, Proposal},
            guidance::Failure,
            identity::{Identity, demo},
            policy::Resource,
            store::{Store, StoreError},
        },
        Answer, Call, Definition, Effect, Tool, Toolbox,
    },
    Matter, Review, Topic,
};

/// What there is.
pub const SCHEMA: &str = r#"
entity Thing in [Tenant] { tenant: Tenant, sensitivity: Long };
action "make" appliesTo { principal: User, resource: [Tenant], context: Call };
action "approve_change" appliesTo { principal: User, resource: [Thing, Tenant], context: Call };
"#;
/// What is allowed.
pub const POLICIES: &str = r#"
@id("make") permit (principal, action == Action::"make", resource);
@id("approvers") permit (principal in Group::"approvers", action == Action::"approve_change", resource)
when { context.scopes.contains("approve") };
"#;

/// The tool that proposals are for.
pub struct Make;
/// No arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}
/// No answer.
#[derive(Serialize, JsonSchema)]
pub struct Done {}

impl Tool for Make {
    type Arguments = Nothing;
    type Output = Done;

    const DEFINITION: Definition = Definition {
        name: "make",
        title: "Make",
        description: "Makes.",
        effect: Effect::Reads,
        scopes: &[],
    };

    async fn call(&self, _: &Call, _: Nothing) -> Result<Answer<Done>, Failure> {
        Ok(Answer::of(Done {}))
    }
}

/// Proposals that say themselves what they are about.
pub struct Things;

#[async_trait]
impl Review for Things {
    fn scopes(&self) -> &'static [&'static str] {
        &["approve"]
    }

    async fn matter(&self, _: &dyn Store, it: &Proposal) -> Result<Option<Matter>, StoreError> {
        let payload = &it.new.payload;
        if payload["gone"] == true {
            return Ok(None);
        }
        let sensitivities = payload["things"].as_array().cloned().unwrap_or_default();
        let resource = |sensitivity: &Value| Resource {
            kind: "Thing",
            id: "t".to_owned(),
            tenant: it.new.tenant.clone(),
            attributes: vec![("sensitivity", sensitivity.as_i64().unwrap_or_default().into())],
        };
        Ok(Some(Matter {
            resources: sensitivities.iter().map(resource).collect(),
            context: Vec::new(),
            topics: vec![Topic { kind: "thing".into(), id: "t".into(), name: "Thing".into() }],
            is_void: payload["void"] == true,
        }))
    }

    fn shows(&self, call: &Call, _: &Matter, line: &Line) -> bool {
        line.sensitivity <= call.identity.clearance
    }
}

/// A sample user who was granted to approve.
pub fn who(name: &str) -> Arc<Identity> {
    Arc::new(demo::identity(name, &["approve"]).unwrap())
}

/// What alice proposes. `payload` names the sensitivities of the `things`, and that of a `line`.
pub fn new(title: &str, payload: Value) -> New {
    let line = |sensitivity| Line {
        field: "name".to_owned(),
        before: None,
        after: Some(json!("a")),
        sensitivity,
    };
    New {
        tenant: "acme".to_owned(),
        proposer: who("alice").principal(),
        proposed_by: "alice".to_owned(),
        tool: "make",
        title: title.to_owned(),
        reason: "It is better".to_owned(),
        diff: vec![line(0), line(payload["line"].as_i64().unwrap_or_default())],
        payload,
    }
}

/// The connector.
pub fn toolbox() -> Toolbox {
    Toolbox::of("trial").with(Make).with_review(Things)
}
