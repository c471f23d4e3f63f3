//! What the server's refusals, and its silence, mean to a caller.

use super::super::{Address, StoreError, WAIT};

/// Whether nothing more can be expected of the connection.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        // The server ends the session: administrator, crash, start, idle in a transaction.
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["57P01", "57P02", "57P03", "57P05", "25P03"].contains(&&*code)),
        _ => false,
    }
}

/// Whether the connection was lost before the server took notice of the statement, as far as can be
/// seen from here; a time that ran out says nothing about that and was long enough for one try.
pub(super) fn is_hung_up(error: &sqlx::Error) -> bool {
    let timed_out =
        matches!(error, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut);
    is_lost(error) && !timed_out
}

/// Whether the server takes no writes over this connection: it is a standby, or was set so.
pub(super) fn is_read_only(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("25006")
}

/// What a failure means where something was to be written.
pub(super) fn classify_write(error: sqlx::Error) -> StoreError {
    match is_read_only(&error) {
        true => StoreError::Unavailable(format!("it takes no writes now: {error}")),
        false => classify(error),
    }
}

/// The server's codes: <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
pub(super) fn classify(error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(error) = error else {
        return match error {
            sqlx::Error::PoolTimedOut => {
                StoreError::Unavailable(format!("no connection became free within {WAIT:?}"))
            }
            sqlx::Error::PoolClosed => StoreError::Unavailable("it is closed".to_owned()),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                StoreError::Unavailable(error.to_string())
            }
            _ => StoreError::Query(error.to_string()),
        };
    };
    let message = error.message().to_owned();
    let code = error.code().unwrap_or_default().into_owned();
    match code.as_str() {
        // serialization, deadlock, lock and statement time-outs, session ended
        "40001" | "40P01" | "55P03" | "57014" | "25P03" => StoreError::Unavailable(message),
        // The server answers so to a commit before it has written that it is one.
        "53100" => StoreError::Full(message),
        // two that create the same table
        "42P07" | "42710" => StoreError::Conflict(message),
        _ => match code.get(..2).unwrap_or_default() {
            // connection, resources, operator; wrong password or database after a change
            "08" | "53" | "57" | "58" | "28" | "3D" => StoreError::Unavailable(message),
            "23" => StoreError::Conflict(message),
            "XX" => StoreError::Corrupt(message),
            _ => StoreError::Query(message),
        },
    }
}

/// What is wrong with a server that was never reached, with what to do about it.
pub(super) fn setup(address: &Address, error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|error| error.code());
    let advice = match (code.as_deref().unwrap_or_default(), &error) {
        (code, _) if code.starts_with("28") => "check the user and the password of the URL",
        ("3D000", _) => "create the database, or name another one",
        (_, sqlx::Error::Tls(_)) => "check `sslmode` and `sslrootcert` of the URL",
        (_, sqlx::Error::Configuration(_)) => "check the parameters of the URL",
        (_, sqlx::Error::Io(error)) => {
            return StoreError::Unavailable(format!("{address} does not answer: {error}"));
        }
        _ => match classify(error) {
            StoreError::Unavailable(message) => {
                return StoreError::Unavailable(format!("{address}: {message}"));
            }
            other => return other,
        },
    };
    StoreError::Setup(format!("{address} cannot be opened: {error}; {advice}"))
}
