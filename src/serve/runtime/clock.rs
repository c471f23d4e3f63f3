//! What time it is, as a value that a test can turn.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A clock: that of the system, or one that stands still until it is turned.
#[derive(Clone, Default)]
pub struct Clock {
    standing: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows a time, in milliseconds since 1970-01-01T00:00:00Z, until [`Self::turn`].
    pub fn standing_at(milliseconds: i64) -> Self {
        Self { standing: Some(Arc::new(AtomicI64::new(milliseconds))) }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now(&self) -> i64 {
        if let Some(standing) = &self.standing {
            return standing.load(Ordering::SeqCst);
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    /// Turns a standing clock, and all its clones, forward. The clock of the system takes no notice.
    pub fn turn(&self, by: Duration) {
        if let Some(standing) = &self.standing {
            standing.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// A time in milliseconds since 1970-01-01T00:00:00Z, for people: RFC 3339 in UTC, to the millisecond.
pub fn written(milliseconds: i64) -> String {
    // The last one that has a year of four digits.
    const LAST: u64 = 253_402_300_799_999;
    let since = u64::try_from(milliseconds).unwrap_or_default().min(LAST);
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(since)).to_string()
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.standing.is_some() { "standing clock" } else { "system clock" })
    }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn a_time_is_written_for_people() {
        assert_eq!(written(1_767_225_599_042), "2025-12-31T23:59:59.042Z");
        assert_eq!(written(-1), "1970-01-01T00:00:00.000Z");
        assert_eq!(written(i64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
