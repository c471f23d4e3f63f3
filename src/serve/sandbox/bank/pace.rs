//! How long everything takes in the bank.

use std::time::Duration;

/// The times of a bank. Those that a client could wait for are multiplied by one factor, so that a test
/// can run with small limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// How long a call takes with the bug `slow-sync`.
    pub slow: Duration,
    /// The same with `near-limit`.
    pub near: Duration,
    /// The same with `no-progress`.
    pub silent: Duration,
    /// How long the payment network may take.
    pub upstream: Duration,
    /// The same with `hangs-on-slow-upstream`.
    pub hanging: Duration,
    /// How long a key is reserved while the payment network is asked. Longer than it may take.
    pub lease: Duration,
    /// How long an export takes.
    pub export: Duration,
    /// How often a call that waits says how far it is.
    pub progress: Duration,
    /// With the bugs that need one: how long a moment is.
    pub moment: Duration,
}

impl Pace {
    /// The usual times, multiplied by a factor; an export takes as long as is said, where it is.
    pub fn scaled(factor: f64, export: Option<Duration>) -> Self {
        let scaled = |milliseconds: u64| {
            let time = Duration::from_millis(milliseconds);
            Duration::try_from_secs_f64(time.as_secs_f64() * factor).unwrap_or(time)
        };
        let upstream = scaled(2_000);
        Self {
            slow: scaled(6_000),
            near: scaled(3_500),
            silent: scaled(1_500),
            upstream,
            hanging: scaled(20_000),
            lease: upstream + Duration::from_secs(1),
            export: export.unwrap_or_else(|| scaled(6_000)),
            progress: scaled(400).max(Duration::from_millis(10)),
            moment: Duration::from_millis(100),
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::scaled(1.0, None)
    }
}
