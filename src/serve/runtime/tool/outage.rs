//! The failure that a store is which does not answer.

use tracing::error;

use super::super::{guidance::Failure, store::StoreError};

/// How long to wait, in milliseconds, before a store that did not answer is asked again.
const RETRY_MS: u64 = 2_000;

/// The failure that a fault of the store is: one to wait for where it can pass, else one of ours.
/// `message` says what cannot be done in the meantime. The fault itself is for the log.
pub fn outage(fault: &StoreError, message: &'static str) -> Failure {
    error!(%fault, "{message}");
    if fault.is_transient() { Failure::unavailable(message, RETRY_MS) } else { Failure::internal() }
}
