//! What a connector says of a tool.

use std::future::Future;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    super::{audit::Phase, guidance::Failure, store::Transaction},
    Answer, Call,
};

/// A tool of a connector.
///
/// The types of the arguments and of the output are the contract: their schemas are what is listed,
/// and both are checked against them, so that a tool sees no argument and sends no output that the
/// list does not describe. Arguments deny unknown fields.
pub trait Tool: Send + Sync + 'static {
    /// What a caller passes.
    type Arguments: DeserializeOwned + JsonSchema + Send;
    /// What it gets.
    type Output: Serialize + JsonSchema + Send;

    /// Name, description and hints.
    const DEFINITION: Definition;

    /// Does it. Runs within the deadline; what it awaits may be dropped there.
    fn call(
        &self,
        call: &Call,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Answer<Self::Output>, Failure>> + Send;
}

/// A tool that changes something in the store. Its arguments have an `idempotency_key`, an
/// [`idempotency::Key`](super::super::idempotency::Key): a call that is repeated with the same key is
/// answered as before, and the change is made once.
pub trait Change: Send + Sync + 'static {
    /// What a caller passes.
    type Arguments: DeserializeOwned + JsonSchema + Send;
    /// What it gets.
    type Output: Serialize + JsonSchema + Send;

    /// Name, description and hints.
    const DEFINITION: Definition;
    /// What the trail calls it.
    const PHASE: Phase;
    /// Whether it asks somebody first.
    const ASKS: Asks = Asks::Never;

    /// Makes the change. What it writes becomes durable together with its answer and its record in the
    /// trail, or not at all: after a failure nothing has changed, and the key can be used again.
    fn change(
        &self,
        call: &Call,
        transaction: &mut dyn Transaction,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Answer<Self::Output>, Failure>> + Send;
}

/// Everything about a tool that is not its types.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// The name, `verb_noun`. The action of the same name is what the policy decides about.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it does, when to use it and what it answers, for a model.
    pub description: &'static str,
    /// What a call does to the world.
    pub effect: Effect,
    /// The scopes that a token must have for it; a call without them is answered with HTTP 403.
    pub scopes: &'static [&'static str],
}

/// Whether a tool asks somebody before it does what it is called for: the user who calls, or a second
/// person. Listed as `_meta["dev.mcp-kit/approval"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// It does it.
    Never,
    /// For some arguments, or for some users.
    Sometimes,
    /// Whatever it is called with.
    Always,
}

/// What a call does to the world; the tool annotations of the specification follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Reads,
    /// It adds or changes, and repeating it with the same key changes nothing more.
    Writes,
    /// It can take away or overwrite, and repeating it with the same key changes nothing more.
    Destroys,
}
