//! What a proposal to change customers is about, for a second person who decides about it.

use async_trait::async_trait;

use super::{
    super::super::runtime::{
        approval::{Line, Proposal},
        policy::Attribute,
        store::{Store, StoreError},
        tool::{Call, Matter, Review, Topic},
    },
    change::{Operation, sees},
    model::{Guarded, Record},
    store,
};

/// Proposals of `propose_change`.
pub struct Changes;

/// The scope of deciding about what others propose. No tool needs it, so that no client of a model asks
/// for it.
const APPROVE: &[&str] = &["crm.approve"];

/// What a record is called where it is one of several kinds.
const KIND: &str = "customer";

#[async_trait]
impl Review for Changes {
    fn scopes(&self) -> &'static [&'static str] {
        APPROVE
    }

    async fn matter(
        &self,
        store: &dyn Store,
        proposal: &Proposal,
    ) -> Result<Option<Matter>, StoreError> {
        let new = &proposal.new;
        let operation: Operation = match serde_json::from_value(new.payload.clone()) {
            Ok(operation) => operation,
            Err(fault) => {
                tracing::error!(%fault, id = proposal.id, "a proposal holds no operation");
                return Ok(None);
            }
        };
        let fields = new.diff.iter().map(|line| Attribute::Text(line.field.clone()));
        let mut matter = Matter {
            resources: Vec::new(),
            context: vec![
                ("operation", Attribute::from(operation.name())),
                ("fields", Attribute::Set(fields.collect())),
                ("proposed_by", Attribute::Text(new.proposed_by.clone())),
            ],
            topics: Vec::new(),
            is_void: false,
        };
        if let Operation::Create(create) = &operation {
            // It would be the proposer's where nobody else is named.
            let owner = create.owner.as_deref().unwrap_or(&new.proposed_by);
            matter.resources.push(Record::resource_of(&new.tenant, "", owner, 0));
            let (id, name) = (String::new(), create.display_name.clone());
            matter.topics.push(Topic { kind: KIND.to_owned(), id, name });
        }
        let mut records = Vec::new();
        for id in operation.records() {
            let record = store::customer(store, &new.tenant, id).await?;
            let Some(record) = record else { return Ok(None) };
            records.push(record);
        }
        matter.is_void = operation.outdated(&records).is_some();
        for record in records {
            matter.resources.push(record.resource());
            let (id, name) = (record.id, record.display_name);
            matter.topics.push(Topic { kind: KIND.to_owned(), id, name });
        }
        Ok(Some(matter))
    }

    fn shows(&self, call: &Call, matter: &Matter, line: &Line) -> bool {
        let guarded = Guarded::ALL.into_iter().find(|guarded| guarded.name() == line.field);
        let Some(guarded) = guarded else {
            return line.sensitivity <= call.identity.clearance;
        };
        line.sensitivity <= guarded.sensitivity()
            && matter.resources.iter().all(|resource| sees(call, resource, guarded))
    }
}
