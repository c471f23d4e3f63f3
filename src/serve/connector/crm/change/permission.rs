//! Whether a user may make a change, asked in the same way when it is proposed, looked at and made.
//!
//! Every record that the change touches is asked about, and so is every guarded field that it shows or
//! overwrites: what was permitted when it was proposed may not be any more when it is made.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    super::{
        super::super::runtime::{
            approval::{Line, Proposal},
            policy::{Attribute, Resource},
            tool::Call,
        },
        model::{Guarded, Record},
    },
    Operation,
};

/// What has to happen before a change can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Nothing
    Nothing,
    /// The user who asked for it confirms it, in the client
    Confirmation,
    /// Somebody else approves it
    SecondPerson,
}

impl Needs {
    /// Each, from the least to the most.
    const ALL: [Self; 3] = [Self::Nothing, Self::Confirmation, Self::SecondPerson];
}

/// A change as the policy decides about it.
pub struct Case<'a> {
    operation: &'a Operation,
    resources: Vec<Resource>,
    fields: Vec<&'a str>,
}

/// Why a change is not for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barrier {
    /// They may not see a record that it touches.
    Record,
    /// They may not see a field that it shows or overwrites.
    Field(Guarded),
    /// They may not change these records in this way, whoever approves it.
    Change,
}

impl<'a> Case<'a> {
    /// A change that comes to these lines, of the records that it touches as they are, and by somebody
    /// who is their owner where it makes one and names nobody else.
    pub fn new(
        operation: &'a Operation,
        diff: &'a [Line],
        records: &[Record],
        (tenant, proposer): (&str, &str),
    ) -> Self {
        let resources = match operation {
            Operation::Create(create) => {
                let owner = create.owner.as_deref().unwrap_or(proposer);
                vec![Record::resource_of(tenant, "", owner, 0)]
            }
            _ => records.iter().map(Record::resource).collect(),
        };
        Self { operation, resources, fields: diff.iter().map(|line| line.field.as_str()).collect() }
    }

    /// A change that was proposed, of the records that it touches as they are.
    pub fn of(operation: &'a Operation, proposal: &'a Proposal, records: &[Record]) -> Self {
        let new = &proposal.new;
        Self::new(operation, &new.diff, records, (&new.tenant, &new.proposed_by))
    }

    /// What the change needs of this user.
    ///
    /// # Errors
    ///
    /// Where they may not make it, whatever else happens.
    pub fn needs(&self, call: &Call) -> Result<Needs, Barrier> {
        if !matches!(self.operation, Operation::Create(_)) {
            if !self.each(|resource| call.may("get_customer", resource, &[])) {
                return Err(Barrier::Record);
            }
            // Before there is a record nothing of it is hidden.
            if let Some(hidden) = self.hidden(call, Guarded::ALL) {
                return Err(Barrier::Field(hidden));
            }
        }
        let is_proposable = self.each(|resource| call.may("propose_change", resource, &[]));
        let needs = Needs::ALL.into_iter().find(|needs| {
            self.each(|resource| call.might("commit_change", resource, &self.context(*needs)))
        });
        needs.filter(|_| is_proposable).ok_or(Barrier::Change)
    }

    /// Whether this user may make the change, for which this much was done.
    pub fn permits(&self, call: &Call, done: Needs) -> bool {
        let context = self.context(done);
        self.each(|resource| call.may("commit_change", resource, &context))
    }

    /// Whether this user sees what a line says.
    pub fn shows(&self, call: &Call, field: &str) -> bool {
        let guarded = Guarded::ALL.into_iter().find(|guarded| guarded.name() == field);
        let is_new = matches!(self.operation, Operation::Create(_));
        is_new || guarded.is_none_or(|guarded| self.sees(call, guarded))
    }

    /// The first field of these that is in the change and that this user may not see.
    fn hidden(&self, call: &Call, fields: impl IntoIterator<Item = Guarded>) -> Option<Guarded> {
        let mut fields = fields.into_iter();
        fields.find(|guarded| self.fields.contains(&guarded.name()) && !self.sees(call, *guarded))
    }

    fn sees(&self, call: &Call, guarded: Guarded) -> bool {
        self.each(|resource| sees(call, resource, guarded))
    }

    fn each(&self, is_permitted: impl FnMut(&Resource) -> bool) -> bool {
        !self.resources.is_empty() && self.resources.iter().all(is_permitted)
    }

    fn context(&self, done: Needs) -> Vec<(&'static str, Attribute)> {
        let fields = self.fields.iter().map(|field| Attribute::from(*field)).collect();
        let mut context = vec![
            ("operation", Attribute::from(self.operation.name())),
            ("fields", Attribute::Set(fields)),
        ];
        let by_another = match done {
            Needs::Nothing => return context,
            Needs::Confirmation => false,
            Needs::SecondPerson => true,
        };
        let members = vec![("by_another", Attribute::Boolean(by_another))];
        context.push(("approval", Attribute::Record(members)));
        context
    }
}

/// Whether this user may see a field of a record.
pub fn sees(call: &Call, resource: &Resource, guarded: Guarded) -> bool {
    let context = [
        ("field", Attribute::Text(guarded.name().to_owned())),
        ("sensitivity", Attribute::Integer(guarded.sensitivity())),
    ];
    call.may("see_field", resource, &context)
}
