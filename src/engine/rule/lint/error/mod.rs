//! What a tool answers to those who call it wrongly.

mod no_next_step;
mod not_is_error;
mod protocol_error_for_input;
mod server_ends;
mod stack_trace;

use super::super::Rule;
use crate::engine::surface::{
    Surface, Tool,
    evidence::{Answer, Case},
};

pub(super) const RULES: &[Rule] = &[
    not_is_error::RULE,
    protocol_error_for_input::RULE,
    no_next_step::RULE,
    stack_trace::RULE,
    server_ends::RULE,
];

/// The answers to calls whose arguments the input schema refuses, each with what is wrong about them
/// and the argument that is.
fn wrong_calls(surface: &Surface) -> impl Iterator<Item = (&Tool, String, &str, &Answer)> {
    let calls = surface.evidence.iter().flat_map(|evidence| evidence.calls());
    calls.filter_map(|(name, case, answer)| {
        let (wrong, argument) = match case {
            Case::Valid => return None,
            Case::Missing(argument) => (format!("without `{argument}`"), argument),
            Case::WrongType(argument) => (format!("`{argument}` of a wrong type"), argument),
        };
        Some((surface.tool(name)?, wrong, argument.as_str(), answer))
    })
}
