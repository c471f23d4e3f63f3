//! The schemas of arguments and results.

mod array_without_items;
mod bad_regex;
mod dangling_ref;
mod default_invalid;
mod description_type_conflict;
mod dialect;
mod enum_candidate;
mod free_form_object;
mod invalid;
mod inverted_bounds;
mod json_in_string;
mod no_examples_for_formatted_string;
mod param_undocumented;
mod redos;
mod redundant_keyword;
mod remote_ref;
mod required_unknown;
mod root_not_object;
mod too_deep;
mod type_enum_contradiction;
mod unbounded_list;
mod untyped_param;

use super::super::{Rule, repair::Repair};
use crate::engine::rule::spot;

pub(super) const RULES: &[Rule] = &[
    root_not_object::RULE,
    invalid::RULE,
    dialect::RULE,
    dangling_ref::RULE,
    remote_ref::RULE,
    bad_regex::RULE,
    redos::RULE,
    required_unknown::RULE,
    array_without_items::RULE,
    type_enum_contradiction::RULE,
    default_invalid::RULE,
    inverted_bounds::RULE,
    untyped_param::RULE,
    free_form_object::RULE,
    json_in_string::RULE,
    description_type_conflict::RULE,
    enum_candidate::RULE,
    param_undocumented::RULE,
    unbounded_list::RULE,
    no_examples_for_formatted_string::RULE,
    too_deep::RULE,
    redundant_keyword::RULE,
];

pub(super) const REPAIRS: &[Repair] = &[
    root_not_object::REPAIR,
    invalid::REPAIR,
    dialect::REPAIR,
    type_enum_contradiction::REPAIR,
    default_invalid::REPAIR,
    inverted_bounds::REPAIR,
    enum_candidate::REPAIR,
    redundant_keyword::REPAIR,
];
