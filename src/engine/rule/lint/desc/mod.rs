//! What a tool says of itself.

mod missing;
mod model_directing;
mod no_purpose;
mod over_2048;
mod repeats_name;

use super::super::Rule;

pub(super) const RULES: &[Rule] =
    &[missing::RULE, repeats_name::RULE, no_purpose::RULE, over_2048::RULE, model_directing::RULE];
