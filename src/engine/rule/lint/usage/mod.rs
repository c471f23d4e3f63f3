//! What recorded traffic shows about a surface. Judged only where traffic is given.

mod improvised_after_error;
mod never_called;
mod never_correct;
mod retried_without_key;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[
    never_correct::RULE,
    retried_without_key::RULE,
    improvised_after_error::RULE,
    never_called::RULE,
];
