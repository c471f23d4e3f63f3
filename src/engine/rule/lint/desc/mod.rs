//! What a tool says of itself.

mod critical_info_after_cut;
mod missing;
mod model_directing;
mod no_purpose;
mod no_return;
mod no_when;
mod over_2048;
mod repeats_name;

use super::super::Rule;

pub(super) const RULES: &[Rule] = &[
    missing::RULE,
    repeats_name::RULE,
    no_purpose::RULE,
    over_2048::RULE,
    critical_info_after_cut::RULE,
    model_directing::RULE,
    no_when::RULE,
    no_return::RULE,
];
