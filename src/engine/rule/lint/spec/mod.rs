//! What the specification demands of a definition, and what it has taken back.

mod cache_hints;
mod deprecated_feature;
mod icon;
mod removed_field;
mod title_conflict;
mod undeclared_capability;
mod wrong_type;
mod x_mcp_header_invalid;
mod x_mcp_header_secret;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[
    wrong_type::RULE,
    x_mcp_header_invalid::RULE,
    x_mcp_header_secret::RULE,
    icon::RULE,
    removed_field::RULE,
    deprecated_feature::RULE,
    title_conflict::RULE,
    undeclared_capability::RULE,
    cache_hints::RULE,
];
