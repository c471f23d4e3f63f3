//! What a listed tool says of itself, as far as its calls are counted by it.

use std::hash::Hasher;

use rustc_hash::FxHasher;
use serde_json::Value;

use super::argument::KeyName;
use crate::engine::{
    schema::inclusion::Conformance,
    semantics::{self, Effect},
    surface::Tool,
};

/// A tool as it was listed.
#[derive(Debug)]
pub(super) struct Definition {
    /// The argument that is its idempotency key.
    pub(super) key: Option<String>,
    pub(super) effect: Effect,
    /// None where there is no schema, or none that a validator makes anything of.
    conformance: Option<Conformance<'static>>,
    /// Of its text, so that the same list again is not compiled again.
    mark: u64,
}

impl Definition {
    pub(super) fn of(tool: &Tool) -> Self {
        let schema = tool.input_schema().filter(|schema| schema.is_object());
        let conformance = schema.and_then(|schema| Conformance::new(schema).ok());
        Self {
            key: semantics::idempotency_key(tool).map(str::to_owned),
            effect: semantics::effect(tool),
            conformance: conformance.map(Conformance::into_owned),
            mark: mark(tool),
        }
    }

    /// Whether it was made of this very text.
    pub(super) fn is_of(&self, tool: &Tool) -> bool {
        self.mark == mark(tool)
    }

    pub(super) fn key(&self) -> KeyName<'_> {
        self.key.as_deref().map_or(KeyName::None, KeyName::Named)
    }

    /// Whether the input schema is known to refuse arguments.
    pub(super) fn refuses(&self, arguments: Option<&str>) -> bool {
        let Some(conformance) = &self.conformance else { return false };
        let value = serde_json::from_str::<Value>(arguments.unwrap_or("{}"));
        value.is_ok_and(|value| conformance.conforms(&value) == Ok(false))
    }
}

fn mark(tool: &Tool) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(tool.view().text().as_bytes());
    hasher.finish()
}
