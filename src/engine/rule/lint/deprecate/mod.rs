//! Leaving without breaking anybody.

mod prose_only;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[prose_only::RULE];
