//! Whether a caller can repeat the write without doing it twice.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question =
    Question { rule: "replay/no-idempotency-key", presupposes: &[], spoiled_by: &[], put };

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let tool = bench.surface.tool(&case.tool);
        let Some(key) = &case.key else {
            let is_idempotent = tool.is_some_and(|it| it.annotations.idempotent == Some(true));
            return Ok(match is_idempotent {
                true => Ruling::Skipped("it takes none and says `idempotentHint: true`".to_owned()),
                false => Ruling::Failed("no argument takes an idempotency key".to_owned()),
            });
        };
        let schema = tool.and_then(|tool| tool.input_schema());
        let required = schema.and_then(|schema| schema.get("required")?.as_array());
        let is_required = required.into_iter().flatten().any(|name| name == key);
        Ok(Ruling::Passed(match is_required {
            true => format!("`{key}`, which is required"),
            false => format!("`{key}`, which may be left out"),
        }))
    })
}
