//! What tools say about their results, and what their results are.

mod missing_schema;
mod non_object_root;
mod not_conforming;
mod not_mirrored;
mod prose_schema;
mod result;
mod too_large;
mod unstructured;
mod untyped_schema;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[
    missing_schema::RULE,
    untyped_schema::RULE,
    prose_schema::RULE,
    non_object_root::RULE,
    not_conforming::RULE,
    not_mirrored::RULE,
    unstructured::RULE,
    too_large::RULE,
];
