//! Moments, as others write them: RFC 3339, and fractions of a second since 1970.

use super::At;
use crate::engine::protocol::date::Date;

const DAY_US: u64 = 86_400_000_000;

/// The moment that a text of RFC 3339 names; unknown where it is none, or before 1970.
pub(super) fn at(text: &str) -> At {
    read(text).map_or(At::Unknown, At::Clock)
}

/// The moment that is so many seconds after 1970.
pub(super) fn at_seconds(seconds: f64) -> At {
    // Beyond it a number is no time, and before it nothing of this kind was recorded.
    if (0.0..=1e12).contains(&seconds) {
        At::Clock((seconds * 1e6).round() as u64)
    } else {
        At::Unknown
    }
}

/// Some microseconds since 1970 as RFC 3339 in UTC, to the second.
pub(super) fn written(clock_us: u64) -> String {
    let day = Date::from_days((clock_us / DAY_US) as i64);
    let seconds = clock_us % DAY_US / 1_000_000;
    format!("{day}T{:02}:{:02}:{:02}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The time between 1970 and a moment, in microseconds.
fn read(text: &str) -> Option<u64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let date: Date = date.parse().ok()?;
    let days = date.days_since(Date::from_days(0));
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(end);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = time.split(':').map(|part| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<i64>().ok()).flatten()
    });
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hours > 24 || minutes > 59 || seconds > 60 {
        return None;
    }
    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros = if is_fraction { digits.parse::<i64>().ok()? } else { return None };
    let offset_minutes = match zone {
        "" | "Z" | "z" => 0,
        _ => {
            let digits: String = zone[1..].chars().filter(|it| *it != ':').collect();
            let number = (digits.len() == 4).then(|| digits.parse::<i64>().ok()).flatten()?;
            let minutes = number / 100 * 60 + number % 100;
            if zone.starts_with('-') { -minutes } else { minutes }
        }
    };
    let seconds = days * 86_400 + hours * 3_600 + (minutes - offset_minutes) * 60 + seconds;
    u64::try_from(seconds.checked_mul(1_000_000)?.checked_add(micros)?).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::At, at, at_seconds, written};

    #[test]
    fn moments_are_read_and_written() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-23T21:38:21.896642Z", 1_795_469_901_896_642),
            ("2026-11-23T21:38:21.896642999+00:00", 1_795_469_901_896_642),
            ("2026-11-23t23:08:21.8+01:30", 1_795_469_901_800_000),
            ("2026-11-23 16:38:21-0500", 1_795_469_901_000_000),
        ] {
            assert_eq!(at(text), At::Clock(expected), "{text}");
        }
        for text in [
            "", "2026-11-23", "2026-13-01T00:00:00Z", "2026-01-01T0:00:00Z", "T",
            "1969-12-31T23:00:00Z", "2026-01-01T00:00:00+é", "2026-01-01T00:00:00.xZ",
        ] {
            assert_eq!(at(text), At::Unknown, "{text}");
        }
        assert_eq!(written(1_795_469_901_896_642), "2026-11-23T21:38:21Z");
        assert_eq!(at_seconds(1795469877.25), At::Clock(1_795_469_877_250_000));
        assert_eq!(at_seconds(f64::NAN), At::Unknown);
    }
}
