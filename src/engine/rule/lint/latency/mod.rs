//! Tools that take long.

mod no_job_pattern;
mod poll_without_start;
mod slow;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[no_job_pattern::RULE, poll_without_start::RULE, slow::RULE];
