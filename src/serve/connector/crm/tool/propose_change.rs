//! A change as it would be made, for others to look at. Nothing is changed by it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::to_value;

use super::{
    super::{
        super::super::runtime::{
            approval::{self, New},
            audit::Phase,
            guidance::{Code, Failure, Next},
            idempotency::Key,
            store::Transaction,
            tool::{Answer, Call, Change, Definition, Effect},
        },
        change::{
            AddNote, Archive, Barrier, Case, Merge, Needs, Operation, Update, hidden, prepare,
        },
    },
    EXAMPLE_CUSTOMER, WRITE,
    change::Shown,
    set::{self, Assignment},
    store_failure,
};

/// How long a proposal is good, in milliseconds: a day, so that somebody can be asked.
const LIFETIME_MS: i64 = 24 * 60 * 60 * 1_000;

/// `propose_change`
pub struct ProposeChange;

/// What should be changed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// What to do
    operation: Asked,
    /// `id`; for all but create
    #[schemars(example = EXAMPLE_CUSTOMER)]
    customer_id: Option<String>,
    /// `version` as it was read; for update, merge and archive
    expected_version: Option<i64>,
    /// For create and update: new values; an empty one for none
    set: Option<Vec<Assignment>>,
    /// For add_note
    #[schemars(length(max = 4000))]
    note: Option<String>,
    /// For merge: the customer that is archived
    duplicate_id: Option<String>,
    /// For merge: its version
    duplicate_version: Option<i64>,
    /// Why, for whoever approves it
    #[schemars(length(max = 500))]
    reason: String,
    #[expect(dead_code, reason = "the toolbox reads it")]
    idempotency_key: Key,
}

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Create,
    Update,
    AddNote,
    Merge,
    Archive,
}

/// The proposal.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// What would be changed; commit_change makes it
    change: Shown,
}

impl Change for ProposeChange {
    type Arguments = Arguments;
    type Output = Output;

    const DEFINITION: Definition = Definition {
        name: "propose_change",
        title: "Propose change",
        description: "Returns what a change of customer records would come to, and who has to agree. \
            Changes no customer: commit_change does. Read the customer with get_customer first.",
        effect: Effect::Writes,
        scopes: WRITE,
    };
    const PHASE: Phase = Phase::Propose;

    async fn change(
        &self,
        call: &Call,
        transaction: &mut dyn Transaction,
        arguments: Arguments,
    ) -> Result<Answer<Output>, Failure> {
        let reason = arguments.reason.clone();
        let operation = operation(arguments)?;
        let prepared = prepare(call, &operation).await?;
        let tenant = &call.identity.tenant;
        let user = &call.identity.subject;
        let case = Case::new(&operation, &prepared.diff, &prepared.records, (tenant, user));
        let needs = case.needs(call).map_err(|barrier| {
            call.deny();
            match barrier {
                Barrier::Field(guarded) => hidden(guarded),
                Barrier::Record | Barrier::Change => not_permitted(),
            }
        })?;
        let payload = to_value(&operation).map_err(|_| Failure::internal())?;
        let new = New {
            tenant: tenant.clone(),
            proposer: call.identity.principal(),
            proposed_by: user.clone(),
            tool: "commit_change",
            title: prepared.title,
            reason,
            diff: prepared.diff,
            payload,
        };
        let now = call.services.clock.now();
        let proposal = approval::propose(transaction, new, now, LIFETIME_MS).await;
        let proposal = proposal.map_err(|fault| store_failure(&fault))?.ok_or_else(too_many)?;
        call.touches(&proposal.id);
        let change = Shown::of(&proposal, needs, (now, false), |_| true);
        let answer = Answer::of(Output { change });
        Ok(match needs {
            Needs::Nothing => answer,
            Needs::Confirmation => answer.noting("commit_change asks the user to confirm it"),
            Needs::SecondPerson => answer.noting(
                "somebody else has to approve it before commit_change makes it; it cannot be \
                 approved by whoever proposes it",
            ),
        })
    }
}

/// The operation that is asked for, with all that it needs and nothing that it does not know.
fn operation(arguments: Arguments) -> Result<Operation, Failure> {
    let Arguments { operation: asked, customer_id, expected_version, .. } = arguments;
    let Arguments { set, note, duplicate_id, duplicate_version, reason, .. } = arguments;
    let name = asked.name();
    let given = [
        ("customer_id", customer_id.is_some(), asked != Asked::Create),
        ("expected_version", expected_version.is_some(), asked.expects_version()),
        ("set", set.is_some(), matches!(asked, Asked::Create | Asked::Update)),
        ("note", note.is_some(), asked == Asked::AddNote),
        ("duplicate_id", duplicate_id.is_some(), asked == Asked::Merge),
        ("duplicate_version", duplicate_version.is_some(), asked == Asked::Merge),
    ];
    if reason.trim().is_empty() {
        let hint = "say in a sentence why the change is wanted";
        return Err(Failure::invalid_argument("/reason", "the reason is empty", hint));
    }
    if note.as_deref().is_some_and(|note| note.trim().is_empty()) {
        let message = "the note is empty";
        return Err(Failure::invalid_argument("/note", message, "write down what is to be kept"));
    }
    for (argument, is_given, is_needed) in given {
        let pointer = format!("/{argument}");
        if is_needed && !is_given {
            let message = format!("{name} needs `{argument}`");
            let hint = format!("add `{argument}` and call again with the same key");
            return Err(Failure::invalid_argument(pointer, message, hint));
        }
        if is_given && !is_needed && !(argument == "expected_version" && asked == Asked::AddNote) {
            let message = format!("{name} does not take `{argument}`");
            let hint = format!("leave `{argument}` out, or choose another operation");
            return Err(Failure::invalid_argument(pointer, message, hint));
        }
    }
    let (customer_id, set) = (customer_id.unwrap_or_default(), set::read(set.unwrap_or_default())?);
    // A note is no new version of a customer; one may be about a certain one all the same.
    let of_note = expected_version;
    let expected_version = expected_version.unwrap_or_default();
    Ok(match asked {
        Asked::Create => Operation::Create(set::created(set)?),
        Asked::Update => Operation::Update(Update { customer_id, expected_version, set }),
        Asked::AddNote => {
            let text = note.unwrap_or_default();
            Operation::AddNote(AddNote { customer_id, expected_version: of_note, text })
        }
        Asked::Merge => Operation::Merge(Merge {
            customer_id,
            expected_version,
            duplicate_id: duplicate_id.unwrap_or_default(),
            duplicate_version: duplicate_version.unwrap_or_default(),
        }),
        Asked::Archive => Operation::Archive(Archive { customer_id, expected_version }),
    })
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::AddNote => "add_note",
            Self::Merge => "merge",
            Self::Archive => "archive",
        }
    }

    fn expects_version(self) -> bool {
        matches!(self, Self::Update | Self::Merge | Self::Archive)
    }
}

fn too_many() -> Failure {
    let most = approval::MOST_PER_USER;
    let message = format!("{most} changes that this user has proposed wait already");
    let next = Next::ask_user(
        "tell the user that changes proposed before have to be made or rejected first; each expires \
         after a day",
    );
    Failure::new(Code::QuotaExceeded, message, next)
}

fn not_permitted() -> Failure {
    let next = Next::ask_user("tell the user that they may not change this customer in this way");
    Failure::new(Code::NotPermitted, "this user may not make this change", next)
}
