//! Tools that change something.

mod hint_contradiction;
mod idempotency_key_misleads;
mod no_idempotency_key;
mod readonly_lie;
mod redundant_hint;
mod retry_unsafe_destructive;
mod unannotated;

use super::super::{Rule, repair::Repair};

pub(super) const RULES: &[Rule] = &[
    no_idempotency_key::RULE,
    idempotency_key_misleads::RULE,
    unannotated::RULE,
    readonly_lie::RULE,
    hint_contradiction::RULE,
    redundant_hint::RULE,
    retry_unsafe_destructive::RULE,
];

pub(super) const REPAIRS: &[Repair] = &[
    no_idempotency_key::REPAIR,
    unannotated::REPAIR,
    readonly_lie::REPAIR,
    hint_contradiction::REPAIR,
    redundant_hint::REPAIR,
];
