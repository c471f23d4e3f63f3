//! What can go wrong with a store, told apart by what the caller does about it.

use thiserror::Error;

/// Why the store did not do what was asked.
///
/// The texts are for logs and operators: they name files, tables and hosts, never a password and
/// never a value that a statement carried.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It does not answer in time, the connection is lost, or others are in the way. Trying again
    /// later may succeed. If this comes from a commit, the commit may have happened.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// There is no room for what is written. It may fit later; nothing of the transaction is kept, also
    /// where this comes from a commit.
    #[error("the store is full: {0}")]
    Full(String),
    /// A constraint refuses the change; most often, the key is there already.
    #[error("the change conflicts with what is stored: {0}")]
    Conflict(String),
    /// What is stored is not what was written.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The engine does not accept the statement: our fault.
    #[error("the store refuses the statement: {0}")]
    Query(String),
    /// It cannot be opened as it is set up; an operator has to act. Says how.
    #[error("{0}")]
    Setup(String),
}

impl StoreError {
    /// Whether the same can succeed later, without anybody acting.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_))
    }

    /// Whether a commit that fails so may have happened all the same.
    pub fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}
