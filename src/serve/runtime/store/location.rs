//! Where a store is: a folder, or a PostgreSQL database.

use std::{fmt, path::PathBuf, str::FromStr};

use super::{Engine, StoreError};

/// Where a store is. Read from a text with [`str::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder of ours, which SQLite keeps its file in. It is created when it is missing.
    Folder(PathBuf),
    /// A PostgreSQL database.
    Postgres(Address),
}

impl Location {
    /// The engine that serves it.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Folder(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

impl FromStr for Location {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text.split_once("://") {
            _ if text.is_empty() => Err(StoreError::Setup(
                "the place of the store is empty; name a folder, or postgres://USER@HOST/DATABASE"
                    .to_owned(),
            )),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(Address(text.to_owned()))),
            // What follows may hold a password: it is not repeated.
            Some((scheme, _)) => Err(StoreError::Setup(format!(
                "no store is reached by `{scheme}://`; name a folder, or postgres://USER@HOST/DATABASE"
            ))),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(formatter),
            Self::Postgres(address) => address.fmt(formatter),
        }
    }
}

/// The URL of a PostgreSQL database. Shown without password and without parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The whole URL, with the password: for the driver alone.
    #[cfg(feature = "postgres")]
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", ""));
        let (place, parameters) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        let (authority, database) = place.split_at(place.find('/').unwrap_or(place.len()));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        // Somebody forgot to escape a character of the password: where it ends is anybody's guess.
        if user.contains('@') || database.contains(['@', ':']) || parameters.contains('@') {
            return write!(formatter, "{scheme}://…");
        }
        let user = user.split(':').next().unwrap_or_default();
        let at = if user.is_empty() { "" } else { "@" };
        write!(formatter, "{scheme}://{user}{at}{host}{database}")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Location;

    #[test]
    fn a_folder_is_whatever_has_no_scheme() {
        for text in ["data", "/var/lib/crm", "../data dir", "C:\\data"] {
            assert_eq!(text.parse(), Ok(Location::Folder(PathBuf::from(text))));
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            ("postgres://crm:s3cret@db.test:5433/crm", "postgres://crm@db.test:5433/crm"),
            ("postgresql://crm:s3c@ret@db.test/crm", "postgresql://…"),
            ("postgres://crm:s3c/ret@db.test/crm", "postgres://…"),
            ("postgres://crm:s3c?ret@db.test/crm", "postgres://…"),
            ("postgres://crm:s3c#ret@db.test/crm", "postgres://…"),
            ("postgres://db.test/crm?user=crm&password=s3cret", "postgres://db.test/crm"),
            ("postgres:///crm?host=/run&password=s3@cret", "postgres://…"),
            ("postgres://db.test", "postgres://db.test"),
        ] {
            let location: Location = text.parse().unwrap();
            assert!(!format!("{location:?} {location}").contains("s3"), "{location:?}");
            assert_eq!(location.to_string(), shown);
        }
    }

    #[test]
    fn another_scheme_says_which_there_are() {
        let error = "mysql://root:s3cret@db/crm".parse::<Location>().unwrap_err().to_string();
        assert_eq!(
            error,
            "no store is reached by `mysql://`; name a folder, or postgres://USER@HOST/DATABASE"
        );
        assert!("".parse::<Location>().is_err());
    }

    #[tokio::test]
    async fn an_engine_that_is_not_built_is_named() {
        for (text, is_built) in [
            ("postgres://crm:s3cret@127.0.0.1:1/crm", cfg!(feature = "postgres")),
            ("/dev/null/store", cfg!(feature = "sqlite")),
        ] {
            let location: Location = text.parse().unwrap();
            let Err(error) = super::super::open(&location).await else {
                panic!("{location} is open")
            };
            let words = format!("without the feature `{}`", location.engine());
            assert_eq!(error.to_string().contains(&words), !is_built, "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
