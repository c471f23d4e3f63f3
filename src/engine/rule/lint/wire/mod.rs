//! What went over the wire: JSON, JSON-RPC and transport, as far as a client can tell.

mod byte_order_mark;
mod control_character;
mod did_not_stop;
mod duplicate_key;
mod http_mismatch;
mod invalid_utf8;
mod line_ending;
mod lone_surrogate;
mod malformed_cursor;
mod malformed_message;
mod not_a_message;
mod number_out_of_range;
mod redirected;
mod repeated_cursor;
mod revision;
mod session_lost;
mod stream_cut;
mod too_deep;
mod unexpected_response;
mod unrequested_notification;

use super::super::{Rule, repair::Repair};

pub(super) const RULES: &[Rule] = &[
    duplicate_key::RULE,
    invalid_utf8::RULE,
    lone_surrogate::RULE,
    control_character::RULE,
    byte_order_mark::RULE,
    number_out_of_range::RULE,
    too_deep::RULE,
    not_a_message::RULE,
    malformed_message::RULE,
    unexpected_response::RULE,
    repeated_cursor::RULE,
    malformed_cursor::RULE,
    revision::RULE,
    line_ending::RULE,
    http_mismatch::RULE,
    stream_cut::RULE,
    session_lost::RULE,
    redirected::RULE,
    did_not_stop::RULE,
    unrequested_notification::RULE,
];

pub(super) const REPAIRS: &[Repair] =
    &[byte_order_mark::REPAIR, control_character::REPAIR, duplicate_key::REPAIR];
