//! How far a change has come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::super::runtime::{
            approval::{self, Proposal},
            guidance::Failure,
            tool::{Answer, Call, Definition, Effect, Tool},
        },
        change::Operation,
        model::Record,
        store,
    },
    READ,
    change::{Needs, Shown, TOOLS, no_such_change, operation},
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
        let found = approval::find(store, TOOLS, tenant, &arguments.change_id).await;
        let proposal = found
            .map_err(|fault| store_failure(&fault))?
            .filter(|proposal| proposal.new.proposer == call.identity.principal())
            .ok_or_else(no_such_change)?;
        call.touches(&proposal.id);
        let operation = operation(&proposal)?;
        let (needs, is_void) = as_it_is(call, &proposal, &operation).await?;
        Ok(Answer::of(Output { change: Shown::of(&proposal, needs, now, is_void) }))
    }
}

/// What a change needs now, and whether a record has changed since it was proposed.
async fn as_it_is(
    call: &Call,
    proposal: &Proposal,
    operation: &Operation,
) -> Result<(Needs, bool), Failure> {
    let (store, tenant) = (&*call.services.store, &call.identity.tenant);
    let mut is_void = false;
    for (id, version) in operation.expected() {
        let record = store::customer(store, tenant, id).await;
        let record = record.map_err(|fault| store_failure(&fault))?;
        is_void |= record.is_none_or(|record| record.version != version);
    }
    let record = match operation.customer_id() {
        Some(id) => store::customer(store, tenant, id).await.map_err(|it| store_failure(&it))?,
        None => None,
    };
    let resource = match record {
        Some(record) => record.resource(),
        None => Record::resource_of(tenant, "", &proposal.new.proposed_by, 0),
    };
    // Whoever may not make it any more is told so when they try.
    Ok((Needs::of(call, &resource, operation).unwrap_or(Needs::SecondPerson), is_void))
}
