//! What the specification demands of definitions and answers, and what it has taken back.

mod cache_hints;
mod call_result;
mod deprecated_feature;
mod discover;
mod error_codes;
mod icon;
mod removed_field;
mod result_type;
mod title_conflict;
mod undeclared_capability;
mod wrong_type;
mod x_mcp_header_invalid;
mod x_mcp_header_secret;

use super::super::{Rule, repair::Repair};

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
    result_type::RULE,
    call_result::RULE,
    discover::RULE,
    error_codes::RULE,
];

pub(super) const REPAIRS: &[Repair] =
    &[wrong_type::REPAIR, removed_field::REPAIR, title_conflict::REPAIR];
