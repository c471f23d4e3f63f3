//! The kinds of failure: a closed set, so that a client can act on every one of them.

use std::fmt;

use serde::Serialize;

/// Which kind of failure. New ones are a change of the contract of every server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Code {
    InvalidArgument,
    NotFound,
    NotPermitted,
    ApprovalRequired,
    ApprovalRejected,
    VersionConflict,
    IdempotencyKeyRequired,
    IdempotencyInFlight,
    IdempotencyConflict,
    RateLimited,
    UpstreamUnavailable,
    UpstreamAuthBroken,
    OutcomeUnknown,
    QuotaExceeded,
    DeadlineExceeded,
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 16] = [
        Self::InvalidArgument,
        Self::NotFound,
        Self::NotPermitted,
        Self::ApprovalRequired,
        Self::ApprovalRejected,
        Self::VersionConflict,
        Self::IdempotencyKeyRequired,
        Self::IdempotencyInFlight,
        Self::IdempotencyConflict,
        Self::RateLimited,
        Self::UpstreamUnavailable,
        Self::UpstreamAuthBroken,
        Self::OutcomeUnknown,
        Self::QuotaExceeded,
        Self::DeadlineExceeded,
        Self::Internal,
    ];

    /// As it is written in the envelope, in metrics and in the audit trail.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::NotFound => "not_found",
            Self::NotPermitted => "not_permitted",
            Self::ApprovalRequired => "approval_required",
            Self::ApprovalRejected => "approval_rejected",
            Self::VersionConflict => "version_conflict",
            Self::IdempotencyKeyRequired => "idempotency_key_required",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::RateLimited => "rate_limited",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::UpstreamAuthBroken => "upstream_auth_broken",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::QuotaExceeded => "quota_exceeded",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_is_written_as_it_is_named() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }
}
