//! The rules about the difference of two surfaces. A new rule is a file here and a line in the list,
//! with its example in `fixtures/rules/breaking/<name>/`.
//!
//! Direction matters everywhere: an input that accepts less breaks callers, an output that allows
//! more breaks readers. Error means that somebody is broken, warning that somebody may be, info that
//! nobody is.

mod cache_outlives_deprecation;
mod capability_gained;
mod capability_lost;
mod default_changed;
mod deprecation_announced;
mod deprecation_missing;
mod description_drift;
mod duplicate_tool_name;
mod format_asserted;
mod header_mapping_changed;
mod hint_less_safe;
mod hint_restated;
mod hint_safer;
mod input_implicitly_closed;
mod input_narrowed;
mod input_property_ignored;
mod input_widened;
mod list_order_changed;
mod member_changed;
mod output_narrowed;
mod output_schema_added;
mod output_schema_removed;
mod output_widened;
mod prompt_added;
mod prompt_argument_added;
mod prompt_argument_removed;
mod prompt_argument_required;
mod prompt_removed;
mod replacement_missing;
mod resource_added;
mod resource_removed;
mod resource_type_changed;
mod revision_dropped;
mod schema_assumed;
mod schema_empty;
mod schema_refactored;
mod schema_undecided;
mod sunset_moved;
mod task_support_narrowed;
#[cfg(test)]
mod tests;
mod text_cosmetic;
mod text_reflowed;
mod tool_added;
mod tool_moved_to_router;
mod tool_removed;
mod tool_renamed;
mod ttl_changed;
mod unparsable_schema;
mod unreadable_tool;
mod version_not_bumped;
mod wording;

use super::Rule;

/// Every rule about differences: what breaks first, then what may, then the rest.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter()
}

const RULES: &[Rule] = &[
    tool_removed::RULE,
    tool_renamed::RULE,
    tool_moved_to_router::RULE,
    duplicate_tool_name::RULE,
    unparsable_schema::RULE,
    unreadable_tool::RULE,
    input_narrowed::RULE,
    output_widened::RULE,
    output_schema_removed::RULE,
    task_support_narrowed::RULE,
    sunset_moved::RULE,
    capability_lost::RULE,
    prompt_removed::RULE,
    prompt_argument_required::RULE,
    resource_removed::RULE,
    schema_undecided::RULE,
    schema_empty::RULE,
    input_implicitly_closed::RULE,
    input_property_ignored::RULE,
    default_changed::RULE,
    format_asserted::RULE,
    description_drift::RULE,
    hint_less_safe::RULE,
    header_mapping_changed::RULE,
    deprecation_missing::RULE,
    replacement_missing::RULE,
    cache_outlives_deprecation::RULE,
    revision_dropped::RULE,
    prompt_argument_removed::RULE,
    resource_type_changed::RULE,
    version_not_bumped::RULE,
    tool_added::RULE,
    input_widened::RULE,
    output_schema_added::RULE,
    output_narrowed::RULE,
    schema_refactored::RULE,
    schema_assumed::RULE,
    hint_safer::RULE,
    hint_restated::RULE,
    text_reflowed::RULE,
    text_cosmetic::RULE,
    member_changed::RULE,
    deprecation_announced::RULE,
    ttl_changed::RULE,
    list_order_changed::RULE,
    capability_gained::RULE,
    prompt_added::RULE,
    prompt_argument_added::RULE,
    resource_added::RULE,
];

/// The rules whose findings say that nothing changed but the writing.
pub const MEANS_THE_SAME: &[&str] = &[
    "breaking/hint-restated",
    "breaking/list-order-changed",
    "breaking/schema-assumed",
    "breaking/schema-refactored",
    "breaking/text-reflowed",
    "breaking/version-not-bumped",
];

/// The rules whose findings say that there is more than before.
pub const ADDS: &[&str] = &[
    "breaking/capability-gained",
    "breaking/deprecation-announced",
    "breaking/input-widened",
    "breaking/output-narrowed",
    "breaking/output-schema-added",
    "breaking/prompt-added",
    "breaking/prompt-argument-added",
    "breaking/resource-added",
    "breaking/tool-added",
];
