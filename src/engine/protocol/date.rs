//! A calendar day, for sunsets and expiries. The engine reads no clock: today is handed in.

use std::{fmt, str::FromStr};

/// A day of the Gregorian calendar, written `2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// A text that is no day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date such as 2027-01-31")]
pub struct NotADate(pub String);

impl Date {
    /// How many days this day is after another one; negative where it is before.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.number() - earlier.number()
    }

    /// The day that is so many days after 1970-01-01.
    pub fn from_days(days: i64) -> Self {
        // The inverse of `number`, after Howard Hinnant's "chrono-compatible low-level date
        // algorithms": years begin in March, so that the leap day is the last one.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Self { year: year + era * 400 + carry, month, day }
    }

    /// Days after 1970-01-01.
    fn number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let month = (self.month + 9) % 12;
        let of_year = (153 * month + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }
}

impl FromStr for Date {
    type Err = NotADate;

    /// Reads `YYYY-MM-DD`; a time of day behind a `T` is left out.
    fn from_str(text: &str) -> Result<Self, NotADate> {
        let wrong = || NotADate(text.to_owned());
        let day = text.split('T').next().unwrap_or_default();
        let parts: Vec<&str> = day.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return Err(wrong()) };
        let number = |part: &str, length: usize| -> Result<i64, NotADate> {
            let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse().map_err(|_| wrong()) } else { Err(wrong()) }
        };
        let date = Self { year: number(year, 4)?, month: number(month, 2)?, day: number(day, 2)? };
        // The 31st of April would come back as the 1st of May.
        let exists = (1..=12).contains(&date.month) && Self::from_days(date.number()) == date;
        if exists { Ok(date) } else { Err(wrong()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert_eq!(date("2024-03-01").days_since(date("2024-02-28")), 2);
        assert_eq!(date("2023-03-01").days_since(date("2023-02-28")), 1);
        assert_eq!(date("2027-01-01").days_since(date("2026-01-01")), 365);
        assert_eq!(date("1970-01-01"), Date::from_days(0));
        assert_eq!(Date::from_days(20_000).to_string(), "2024-10-04");
        for day in -800_000..800_000 {
            assert_eq!(Date::from_days(day).number(), day);
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2026", "2026-13-01", "2026-02-29", "26-02-01", "2026-1-1", "1.4.0"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert!("2027-01-31T00:00:00Z".parse::<Date>().is_ok());
    }
}
