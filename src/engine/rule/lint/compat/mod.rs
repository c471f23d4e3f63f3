//! What a particular client or model provider refuses.

mod anthropic_property_key;
mod root_combinator;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[root_combinator::RULE, anthropic_property_key::RULE];
