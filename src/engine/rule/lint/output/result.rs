//! The results of calls with arguments that the input schema accepts.

use serde_json::Value;

use crate::engine::{
    protocol::revision::Revision,
    surface::{Surface, Tool, evidence::Case},
};

/// The results that a tool says are fine, with the tool; what is no result is for `spec/call-result` to
/// say. Structured results came with 2025-06-18; of
/// a server that speaks an older revision there are none.
pub(super) fn results(surface: &Surface) -> impl Iterator<Item = (&Tool, &Value)> {
    let is_old = surface.server.revision().is_some_and(|it| it < Revision::V2025_06_18);
    let evidence = surface.evidence.as_ref().filter(|_| !is_old);
    let calls = evidence.into_iter().flat_map(|evidence| evidence.calls());
    calls.filter(|(_, case, _)| **case == Case::Valid).filter_map(|(name, _, answer)| {
        let result = answer.outcome.success().filter(|_| answer.outcome.is_result_of_call())?;
        let asks_back = result.get("resultType").is_some_and(|it| it == "input_required");
        Some((surface.tool(name)?, result)).filter(|_| !asks_back)
    })
}

/// The text blocks of a result.
pub(super) fn texts(result: &Value) -> Vec<&str> {
    let blocks = result.get("content").and_then(Value::as_array);
    blocks.into_iter().flatten().filter_map(|block| block.get("text")?.as_str()).collect()
}
