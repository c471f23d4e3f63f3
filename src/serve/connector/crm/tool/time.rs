//! Times between the store (milliseconds since 1970) and an answer (RFC 3339, UTC).

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Failure;

/// A time of the store, as it is written in an answer.
pub(super) fn written(milliseconds: i64) -> String {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}

/// A time of an argument, in milliseconds.
pub(super) fn read(pointer: &str, text: &str) -> Result<i64, Failure> {
    let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        let message = "this is no time after RFC 3339";
        let hint = "write date, time and zone, like 2026-11-22T09:30:00Z";
        Failure::invalid_argument(pointer, message, hint)
    })?;
    Ok(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
}
