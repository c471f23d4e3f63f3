//! What tools are called.

mod duplicate;
mod generic;
mod homoglyph;
mod inconsistent_case;
mod invalid_chars;
mod protocol_verb;
mod too_long;
mod vendor;

pub(in crate::engine::rule::lint) use homoglyph::{look_alike, without_style};

use super::super::{Rule, repair::Repair};

pub(super) const RULES: &[Rule] = &[
    invalid_chars::RULE,
    homoglyph::RULE,
    duplicate::RULE,
    too_long::RULE,
    vendor::RULE,
    generic::RULE,
    inconsistent_case::RULE,
    protocol_verb::RULE,
];

pub(super) const REPAIRS: &[Repair] = &[invalid_chars::REPAIR, vendor::REPAIR];
