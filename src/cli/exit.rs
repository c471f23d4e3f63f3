//! How the program ends.

/// The exit codes, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Nothing to report at or above `--fail-on`.
    Clean,
    /// Findings at or above `--fail-on`.
    Findings,
    /// The call or a configuration file is wrong.
    Usage,
    /// The target wants credentials, or better ones.
    Authentication,
    /// The target did not start, cannot be reached, went away or was too slow.
    Unavailable,
    /// The target broke the protocol so that no answer is possible.
    Protocol,
    /// A bug of this program.
    Bug,
    /// Interrupted from the keyboard.
    Interrupted,
    /// Of a server that was recorded: what it has ended with itself.
    Server(u8),
}

impl ExitStatus {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Authentication => 3,
            Self::Unavailable => 4,
            Self::Protocol => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
            Self::Server(code) => code,
        }
    }
}
