//! The size and shape of the whole tool list.

mod api_mirror;
mod eras_differ;
mod list_failed;
mod list_not_deterministic;
mod listing;
mod missing_list;
mod mixed_domains;
mod near_duplicate;
mod no_tools;
mod set_token_budget;
mod synonym;
mod token_budget;
mod too_few_tools;
mod too_many_tools;
mod tool_name_collision;
mod tool_token_budget;
mod truncated;
mod unmarked_contrast;
mod unreadable_item;
mod unstable_list;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[
    too_many_tools::RULE,
    too_few_tools::RULE,
    mixed_domains::RULE,
    token_budget::RULE,
    tool_token_budget::RULE,
    set_token_budget::RULE,
    tool_name_collision::RULE,
    near_duplicate::RULE,
    unmarked_contrast::RULE,
    api_mirror::RULE,
    no_tools::RULE,
    unreadable_item::RULE,
    missing_list::RULE,
    list_failed::RULE,
    truncated::RULE,
    eras_differ::RULE,
    unstable_list::RULE,
    list_not_deterministic::RULE,
];
