//! Whether the description of the key has a model use the same one when it repeats a call.

use super::{Putting, Question, Ruling};
use crate::{
    engine::semantics::{KeyAdvice, key_advice},
    live::replay::bench::{Bench, Case},
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/key-description-misleads",
    presupposes: &["replay/no-idempotency-key"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let tool = bench.surface.tool(&case.tool);
        let key = case.key.as_deref().unwrap_or_default();
        let schema = tool.and_then(|tool| tool.arguments().find(|(name, _)| *name == key));
        let description = schema.and_then(|(_, schema)| schema.get("description")?.as_str());
        let Some(description) = description else {
            let why =
                format!("`{key}` has no description, so a model makes up a new one each time");
            return Ok(Ruling::Failed(why));
        };
        Ok(match key_advice(description) {
            KeyAdvice::Renew(words) => Ruling::Failed(format!(
                "the description of `{key}` says \"{words}\", so a model makes up a new one when it \
                 repeats a call"
            )),
            KeyAdvice::Reuse => Ruling::Passed("it says to use the same key again".to_owned()),
            KeyAdvice::Silent => Ruling::Failed(format!(
                "the description of `{key}` does not say to use the same one when a call is repeated"
            )),
        })
    })
}
