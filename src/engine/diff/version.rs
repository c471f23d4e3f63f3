//! How far a version number has to go up, and how far it did (Semantic Versioning 2.0.0).

use std::fmt;

use semver::Version;

/// A step of a version number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bump {
    /// None: nothing changed that has a meaning.
    None,
    /// The last number: nobody has to do anything.
    Patch,
    /// The middle number: there is more than before.
    Minor,
    /// The first number: somebody is broken.
    Major,
}

impl Bump {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What became of a version number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It went up by so much. Before 1.0.0 the middle number stands for the first one, as package
    /// managers have it.
    Up(Bump),
    /// It went down.
    Down,
    /// One of the two is no version number that says what changed; the one that is not.
    Unreadable(String),
}

/// What became of a version number.
pub fn step(old: &str, new: &str) -> Step {
    if old == new {
        return Step::Up(Bump::None);
    }
    let Some(before) = read(old) else { return Step::Unreadable(old.to_owned()) };
    let Some(after) = read(new) else { return Step::Unreadable(new.to_owned()) };
    if after < before {
        return Step::Down;
    }
    let is_early = before.major == 0 && after.major == 0;
    // What was only a candidate has promised nothing yet: the step is that of the version itself.
    let number = |version: &Version| (version.major, version.minor, version.patch);
    if !before.pre.is_empty() && number(&before) == number(&after) {
        return Step::Up(match number(&before) {
            (1.., 0, 0) | (0, _, 0) => Bump::Major,
            (_, _, 0) => Bump::Minor,
            (0, _, _) => Bump::Minor,
            _ => Bump::Patch,
        });
    }
    Step::Up(if after.major > before.major || (is_early && after.minor > before.minor) {
        Bump::Major
    } else if after.minor > before.minor || (is_early && after.patch > before.patch) {
        Bump::Minor
    } else if after.patch > before.patch || after.pre != before.pre {
        Bump::Patch
    } else {
        Bump::None
    })
}

/// The next version after one, for a bump; none where the version says nothing.
pub fn next(old: &str, bump: Bump) -> Option<String> {
    let before = read(old)?;
    let is_early = before.major == 0;
    let own = Version::new(before.major, before.minor, before.patch);
    if !before.pre.is_empty()
        && matches!(step(old, &own.to_string()), Step::Up(step) if step >= bump && bump > Bump::None)
    {
        return Some(own.to_string());
    }
    let (major, minor, patch) = match bump {
        Bump::None => return None,
        Bump::Major if !is_early => (before.major.checked_add(1)?, 0, 0),
        Bump::Major | Bump::Minor if !(is_early && bump == Bump::Minor) => {
            (before.major, before.minor.checked_add(1)?, 0)
        }
        _ => (before.major, before.minor, before.patch.checked_add(1)?),
    };
    Some(Version::new(major, minor, patch).to_string())
}

/// Reads `1.4.0`, `v1.4`, `2`. Not a date, whose numbers say when and not what.
fn read(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let missing = 3usize.checked_sub(numbers.split('.').count())?;
    let version = Version::parse(&format!("{numbers}{}{rest}", ".0".repeat(missing))).ok()?;
    let is_year = (1990..=2999).contains(&version.major);
    (!is_year && version.major < 100_000).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::{Bump, Step, next, step};

    #[test]
    fn a_step_is_read_off_two_versions() {
        for (old, new, expected) in [
            ("1.4.0", "2.0.0", Step::Up(Bump::Major)),
            ("1.4.0", "1.5.0", Step::Up(Bump::Minor)),
            ("v1.4", "v1.4.1", Step::Up(Bump::Patch)),
            ("1.4.0", "1.4.0", Step::Up(Bump::None)),
            ("1.4.0", "1.4.0+build", Step::Up(Bump::None)),
            ("2.0.0-rc.1", "2.0.0", Step::Up(Bump::Major)),
            ("2.0.0-rc.1", "2.0.0-rc.2", Step::Up(Bump::Major)),
            ("1.4.1-rc.1", "1.4.1", Step::Up(Bump::Patch)),
            ("0.3.1", "0.4.0", Step::Up(Bump::Major)),
            ("0.3.1", "0.3.2", Step::Up(Bump::Minor)),
            ("0.9.0", "1.0.0", Step::Up(Bump::Major)),
            ("1.4.0", "1.3.9", Step::Down),
            ("2026-11-22", "1.0.0", Step::Unreadable("2026-11-22".into())),
            ("1.0.0", "2026.11.2", Step::Unreadable("2026.11.2".into())),
            ("nightly", "1.0.0", Step::Unreadable("nightly".into())),
        ] {
            assert_eq!(step(old, new), expected, "{old} {new}");
        }
    }

    #[test]
    fn the_next_version_is_told() {
        for (old, bump, expected) in [
            ("1.4.2", Bump::Major, Some("2.0.0")),
            ("1.4.2", Bump::Minor, Some("1.5.0")),
            ("1.4.2", Bump::Patch, Some("1.4.3")),
            ("0.4.2", Bump::Major, Some("0.5.0")),
            ("0.4.2", Bump::Minor, Some("0.4.3")),
            ("2.0.0-rc.1", Bump::Major, Some("2.0.0")),
            ("1.4.1-rc.1", Bump::Minor, Some("1.5.0")),
            ("2026-11-22", Bump::Major, None),
        ] {
            assert_eq!(next(old, bump).as_deref(), expected, "{old} {bump}");
        }
    }
}
