//! What a particular client or model provider refuses. The figures stand in the table of
//! `rule::client`; what breaks everybody is in force by default, the rest with `--target`.

mod anthropic_name;
mod anthropic_property_key;
mod claude_code_name;
mod count;
mod cursor_name;
mod cursor_tool_count;
mod gemini_keyword;
mod gemini_name;
mod keyword;
mod name;
mod openai_name;
mod openai_strict_keyword;
mod openai_strict_object;
mod openai_strict_size;
mod openai_tool_count;
mod prefix;
mod root_combinator;
mod vscode_tool_count;
mod windsurf_tool_count;

use super::super::{Rule, repair::Repair};

pub(super) const RULES: &[Rule] = &[
    root_combinator::RULE,
    anthropic_property_key::RULE,
    anthropic_name::RULE,
    claude_code_name::RULE,
    openai_name::RULE,
    openai_tool_count::RULE,
    openai_strict_object::RULE,
    openai_strict_keyword::RULE,
    openai_strict_size::RULE,
    gemini_name::RULE,
    gemini_keyword::RULE,
    cursor_name::RULE,
    cursor_tool_count::RULE,
    vscode_tool_count::RULE,
    windsurf_tool_count::RULE,
];

pub(super) const REPAIRS: &[Repair] =
    &[root_combinator::REPAIR, anthropic_property_key::REPAIR, gemini_keyword::REPAIR];
