//! Amounts as people read them.

use crate::engine::{report::grouped, usage::ErrorFigures};

/// `1,234`, and `12.3 M` where that is too long for a column.
pub(super) fn number(number: u64) -> String {
    match number {
        0..=999_999 => grouped(number as usize),
        1_000_000..=999_999_999 => tenths(number / 100_000, "M"),
        _ => tenths(number / 100_000_000, "G"),
    }
}

fn tenths(tenths: u64, unit: &str) -> String {
    format!("{}.{} {unit}", grouped((tenths / 10) as usize), tenths % 10)
}

/// A time that is given in microseconds.
pub(super) fn time(us: u64) -> String {
    match us {
        0..=999 => format!("{us} µs"),
        1_000..=9_999 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        10_000..=999_999 => format!("{} ms", us / 1_000),
        1_000_000..=99_999_999 => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
        _ => format!("{} s", grouped((us / 1_000_000) as usize)),
    }
}

/// A percentile of times; nothing where there are none.
pub(super) fn percentile(us: Option<u64>) -> String {
    us.map_or("–".to_owned(), time)
}

/// A part of a whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    match whole {
        0 => "–".to_owned(),
        _ => format!("{} %", (part * 100 + whole / 2) / whole),
    }
}

/// How many other tools were tried on average.
pub(super) fn mean(errors: &ErrorFigures) -> String {
    let tenths = errors.mean_other_tools_in_tenths();
    format!("{}.{}", tenths / 10, tenths % 10)
}
