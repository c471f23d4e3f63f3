//! What time it is, for the header and the name of a recording.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::engine::protocol::date::Date;

/// A moment in UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    seconds: u64,
}

/// Now. A clock before 1970 is wrong, and is taken for the beginning of that year.
pub(super) fn now() -> Moment {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { seconds: since_1970.as_secs() }
}

impl Moment {
    /// `2026-11-23T21:00:00Z`
    pub(super) fn rfc3339(self) -> String {
        const DAY: u64 = 24 * 60 * 60;
        let days = i64::try_from(self.seconds / DAY).expect("a clock counts fewer days than that");
        let (day, of_day) = (Date::from_days(days), self.seconds % DAY);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        format!("{day}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// `20261123T210000Z`, as it stands in names of files.
    pub(super) fn compact(self) -> String {
        self.rfc3339().replace(['-', ':'], "")
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_written_in_utc() {
        let moment = Moment { seconds: 1_795_467_661 };
        assert_eq!(moment.rfc3339(), "2026-11-23T21:01:01Z");
        assert_eq!(moment.compact(), "20261123T210101Z");
    }
}
