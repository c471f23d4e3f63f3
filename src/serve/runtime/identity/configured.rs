//! The one user of a server on stdio, from a file: there is no token where there is no network.
//!
//! ```toml
//! tenant = "acme"
//! subject = "alice"
//! groups = ["readers", "writers"]   # may be left out: none
//! clearance = 2                     # may be left out: 0
//! scopes = ["crm.read"]             # may be left out: all of the server
//! ```
//!
//! Scopes limit what a client may do in the name of a user, and here no client was ever granted
//! anything; so it is the groups that count, and a file need not repeat the server's scopes.
//!
//! The same keys as JSON where the file's name ends in `.json`.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use serde::Deserialize;

use super::Identity;

/// The issuer of whoever the local configuration names.
const ISSUER: &str = "local";

const MAX_BYTES: u64 = 64 << 10;

/// Why a file names nobody.
#[derive(Debug, thiserror::Error)]
pub enum ConfiguredError {
    /// It cannot be read.
    #[error("cannot read the identity file {path}: {source}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is not as it must be.
    #[error("the identity file {path} {fault}")]
    Content {
        /// Its path.
        path: String,
        /// What is wrong with it.
        fault: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configured {
    tenant: String,
    subject: String,
    #[serde(default)]
    groups: BTreeSet<String>,
    #[serde(default)]
    clearance: i64,
    scopes: Option<BTreeSet<String>>,
}

/// Reads the identity in a TOML or JSON file. `scopes` are all that the server knows.
///
/// # Errors
/// When the file cannot be read, has other keys than these, or leaves tenant or subject empty.
pub fn read(path: &Path, scopes: &[&str]) -> Result<Identity, ConfiguredError> {
    let shown = || path.display().to_string();
    let unreadable = |source| ConfiguredError::Unreadable { path: shown(), source };
    let content = |fault: String| ConfiguredError::Content { path: shown(), fault };
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text))
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(content(format!("has more than {MAX_BYTES} bytes")));
    }
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let configured: Configured = if is_json {
        serde_json::from_str(&text)
            .map_err(|error| content(format!("is not as it must be: {error}")))?
    } else {
        let fault = |error: toml_edit::de::Error| content(format!("is not as it must be: {error}"));
        toml_edit::de::from_str(&text).map_err(fault)?
    };
    for (name, value) in [("tenant", &configured.tenant), ("subject", &configured.subject)] {
        if value.is_empty() || value.chars().any(char::is_control) {
            return Err(content(format!(
                "has a `{name}` that is empty or has a control character"
            )));
        }
    }
    let Configured { tenant, subject, groups, clearance, scopes: granted } = configured;
    let all = || scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let scopes = granted.unwrap_or_else(all);
    let issuer = ISSUER.to_owned();
    Ok(Identity { tenant, subject, issuer, client: None, groups, clearance, scopes })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Identity, read};

    fn of(name: &str, text: &str) -> Result<Identity, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        read(&path, &["crm.read"])
            .map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml =
            "tenant = \"acme\"\nsubject = \"alice\"\ngroups = [\"readers\"]\nclearance = 2\n";
        let json =
            r#"{"tenant": "acme", "subject": "alice", "groups": ["readers"], "clearance": 2}"#;
        let identity = of("me.toml", toml).unwrap();
        assert_eq!(identity, of("me.json", json).unwrap());
        assert_eq!(identity.principal(), "local|acme|alice");
        assert_eq!((identity.clearance, identity.groups.len()), (2, 1));
        assert!(identity.has_scopes(["crm.read"]), "all that there are");
        let none = of("me.toml", &format!("{toml}scopes = []\n")).unwrap();
        assert!(none.scopes.is_empty());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (name, text, fault) in [
            ("a.toml", "tenant = \"acme\"\n", "subject"),
            ("a.toml", "tenant = \"a\"\nsubject = \"b\"\ngroup = [\"x\"]\n", "group"),
            ("a.toml", "tenant = \"a\"\nsubject = \"b\"\ngroups = \"x\"\n", "groups"),
            ("a.toml", "tenant = \"\"\nsubject = \"b\"\n", "`tenant`"),
            ("a.toml", "tenant = \"a\"\nsubject = \"b\\u0000\"\n", "`subject`"),
            ("a.json", "{\"tenant\": \"a\", \"tenant\": \"b\", \"subject\": \"s\"}", "duplicate"),
            ("a.json", "tenant = 1", "expected"),
        ] {
            let error = of(name, text).unwrap_err();
            assert!(
                error.contains(fault) && error.starts_with("the identity file FILE"),
                "{error}"
            );
        }
        assert!(of("a.toml", &"#".repeat(70_000)).unwrap_err().contains("65536"));
    }
}
