//! What an attacker could use, or may already have put there.

mod command_param;
mod connection_string;
mod hidden_unicode;
mod order;
mod path_param;
mod poisoning;
mod raw_sql;
mod secret_in_metadata;
mod secret_param;
mod shadowing;
mod ssrf_param;
mod toxic_combination;

use super::super::{Rule, repair::Repair};

pub(super) const RULES: &[Rule] = &[
    hidden_unicode::RULE,
    poisoning::RULE,
    secret_in_metadata::RULE,
    secret_param::RULE,
    command_param::RULE,
    raw_sql::RULE,
    ssrf_param::RULE,
    path_param::RULE,
    toxic_combination::RULE,
    shadowing::RULE,
];

pub(super) const REPAIRS: &[Repair] = &[hidden_unicode::REPAIR];
