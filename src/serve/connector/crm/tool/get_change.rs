//! How far a change has come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::super::runtime::{
            approval,
            guidance::Failure,
            tool::{Answer, Call, Definition, Effect, Tool},
        },
        change::{Case, Needs},
        store,
    },
    READ,
    change::{Shown, TOOLS, operation, own},
    store_failure,
};

/// `get_change`
pub struct GetChange;

/// Which change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// `change.id` from propose_change
    #[schemars(length(min = 1, max = 64), example = "6c0b2d8e-2f4e-4a55-9d3b-9a1f6f0f7a10")]
    change_id: String,
}

/// The change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// What was proposed, and how far it has come
    change: Shown,
}

impl Tool for GetChange {
    type Arguments = Arguments;
    type Output = Output;

    const DEFINITION: Definition = Definition {
        name: "get_change",
        title: "Get change",
        description: "Returns a change from propose_change: what would be different, and whether it is \
            approved, rejected, made, expired or void, who decided and why.",
        effect: Effect::Reads,
        scopes: READ,
    };

    async fn call(&self, call: &Call, arguments: Arguments) -> Result<Answer<Output>, Failure> {
        let (tenant, now) = (&call.identity.tenant, call.services.clock.now());
        let store = &*call.services.store;
        let proposal = own(call, approval::find(store, TOOLS, tenant, &arguments.change_id).await)?;
        let operation = operation(&proposal)?;
        let mut records = Vec::new();
        for id in operation.records() {
            let record = store::customer(store, tenant, id).await;
            records.extend(record.map_err(|fault| store_failure(&fault))?);
        }
        let case = Case::of(&operation, &proposal, &records);
        // Whoever may not make it any more is told so when they try.
        let needs = case.needs(call).unwrap_or(Needs::SecondPerson);
        let is_void = operation.outdated(&records).is_some();
        let shows = |field: &str| case.shows(call, field);
        let change = Shown::of(&proposal, needs, (now, is_void), shows);
        Ok(Answer::of(Output { change }))
    }
}
