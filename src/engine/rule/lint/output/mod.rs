//! What tools say about their results.

mod missing_schema;
mod non_object_root;
mod prose_schema;
mod untyped_schema;

use super::super::Rule;

pub(super) const RULES: &[Rule] =
    &[missing_schema::RULE, untyped_schema::RULE, prose_schema::RULE, non_object_root::RULE];
