//! On whose behalf a tool acts.

mod user_token_param;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[user_token_param::RULE];
