//! Leaving without breaking anybody.

mod alias_still_listed;
mod prose_only;
mod sign;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[prose_only::RULE, alias_still_listed::RULE];
