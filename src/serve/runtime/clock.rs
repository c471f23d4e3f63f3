//! What time it is, as a value that a test can turn.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A clock: that of the system, one that goes with it and can be put ahead, or one that stands still
/// until it is turned.
#[derive(Clone, Default)]
pub struct Clock {
    kind: Kind,
}

#[derive(Clone, Default)]
enum Kind {
    #[default]
    System,
    /// So many milliseconds ahead of the system.
    Ahead(Arc<AtomicI64>),
    Standing(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that goes as that of the system does, and that [`Self::turn`] puts ahead of it.
    pub fn that_turns() -> Self {
        Self { kind: Kind::Ahead(Arc::default()) }
    }

    /// A clock that shows a time, in milliseconds since 1970-01-01T00:00:00Z, until [`Self::turn`].
    pub fn standing_at(milliseconds: i64) -> Self {
        Self { kind: Kind::Standing(Arc::new(AtomicI64::new(milliseconds))) }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now(&self) -> i64 {
        match &self.kind {
            Kind::System => of_system(),
            Kind::Ahead(ahead) => of_system().saturating_add(ahead.load(Ordering::SeqCst)),
            Kind::Standing(standing) => standing.load(Ordering::SeqCst),
        }
    }

    /// Turns a clock, and all its clones, forward. The clock of the system takes no notice.
    pub fn turn(&self, by: Duration) {
        if let Kind::Ahead(turned) | Kind::Standing(turned) = &self.kind {
            turned.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// How far it was put ahead of the system, in milliseconds; 0 for a clock that cannot be.
    pub fn ahead(&self) -> i64 {
        match &self.kind {
            Kind::Ahead(ahead) => ahead.load(Ordering::SeqCst),
            Kind::System | Kind::Standing(_) => 0,
        }
    }

    /// Puts a clock that was put ahead back to the time of the system.
    pub fn put_right(&self) {
        if let Kind::Ahead(ahead) = &self.kind {
            ahead.store(0, Ordering::SeqCst);
        }
    }
}

fn of_system() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The last time that has a year of four digits, in milliseconds since 1970-01-01T00:00:00Z.
pub const LAST: i64 = 253_402_300_799_999;

/// A time in milliseconds since 1970-01-01T00:00:00Z, for people: RFC 3339 in UTC, to the millisecond.
pub fn written(milliseconds: i64) -> String {
    let since = u64::try_from(milliseconds.min(LAST)).unwrap_or_default();
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(since)).to_string()
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.kind {
            Kind::System => "system clock",
            Kind::Ahead(_) => "clock that turns",
            Kind::Standing(_) => "standing clock",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Clock, written};

    #[test]
    fn a_clock_that_turns_goes_on_from_there() {
        const DAY: i64 = 24 * 60 * 60 * 1_000;
        let (system, clock) = (Clock::system(), Clock::that_turns());
        let before = system.now();
        clock.clone().turn(Duration::from_millis(DAY as u64));
        assert!((before + DAY..=system.now() + DAY).contains(&clock.now()));
        assert_eq!(clock.ahead(), DAY);
        clock.put_right();
        assert!((before..=system.now()).contains(&clock.now()));
    }

    #[test]
    fn a_time_is_written_for_people() {
        assert_eq!(written(1_767_225_599_042), "2025-12-31T23:59:59.042Z");
        assert_eq!(written(-1), "1970-01-01T00:00:00.000Z");
        assert_eq!(written(i64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
