//! How the program ends.

/// The exit codes, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Nothing to report at or above `--fail-on`.
    Clean = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// The call or a configuration file is wrong.
    Usage = 2,
    /// The target wants credentials, or better ones.
    Authentication = 3,
    /// The target did not start, cannot be reached, went away or was too slow.
    Unavailable = 4,
    /// The target broke the protocol so that no answer is possible.
    Protocol = 5,
    /// A bug of this program.
    Bug = 70,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}
