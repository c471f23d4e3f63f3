//! Users and an issuer for trying a server out, without an authorization server.
//!
//! The users are known to everybody and the key is on this machine, so a host takes these tokens on
//! loopback addresses only.
//!
//! | user | tenant | groups | clearance |
//! |---|---|---|---|
//! | `alice` | `acme` | `readers`, `writers` | 2 |
//! | `bob` | `acme` | `own-readers` | 1 |
//! | `carol` | `acme` | `readers`, `writers`, `approvers` | 3 |
//! | `dave` | `globex` | `readers`, `writers`, `approvers` | 3 |
//! | `erin` | `acme` | none | 1 |

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{super::clock::Clock, Identity};

/// The `iss` of demonstration tokens. The name is reserved (RFC 6761): nobody answers there.
pub const ISSUER: &str = "https://demo.invalid";

/// The client that demonstration tokens are given to.
const CLIENT: &str = "demo";

/// How long a token is good.
pub const LIFETIME: Duration = Duration::from_secs(3_600);

const KEY_FILE: &str = "demo-issuer.key";

/// The longest key file: a PKCS#8 document of a P-256 key has 138 bytes.
const MAX_KEY_BYTES: u64 = 1_024;

/// A user to try things out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The subject.
    pub name: &'static str,
    /// The tenant.
    pub tenant: &'static str,
    /// The groups.
    pub groups: &'static [&'static str],
    /// The clearance.
    pub clearance: i64,
    /// What there is to see with this user.
    pub about: &'static str,
}

/// All users.
pub const USERS: [User; 5] = [
    User {
        name: "alice",
        tenant: "acme",
        groups: &["readers", "writers"],
        clearance: 2,
        about: "reads and writes",
    },
    User {
        name: "bob",
        tenant: "acme",
        groups: &["own-readers"],
        clearance: 1,
        about: "reads what is his own and not very sensitive",
    },
    User {
        name: "carol",
        tenant: "acme",
        groups: &["readers", "writers", "approvers"],
        clearance: 3,
        about: "reads everything, writes, and approves what others propose",
    },
    User {
        name: "dave",
        tenant: "globex",
        groups: &["readers", "writers", "approvers"],
        clearance: 3,
        about: "may do everything, in another tenant",
    },
    User {
        name: "erin",
        tenant: "acme",
        groups: &[],
        clearance: 1,
        about: "belongs to the tenant and has no group",
    },
];

/// The identity of a user, granted these scopes; none where there is no such user.
pub fn identity(name: &str, scopes: &[&str]) -> Option<Identity> {
    let user = USERS.iter().find(|user| user.name == name)?;
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Some(Identity {
        tenant: user.tenant.to_owned(),
        subject: user.name.to_owned(),
        issuer: ISSUER.to_owned(),
        client: Some(CLIENT.to_owned()),
        groups: owned(user.groups),
        clearance: user.clearance,
        scopes: owned(scopes),
    })
}

/// Why there is no issuer.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its key cannot be read or written.
    #[error("cannot use the key of the demonstration issuer, {path}: {source}")]
    Key {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// Others than the owner can read the key.
    #[error("{path} can be read by others; run `chmod 600` on it, or delete it for a new key")]
    Open {
        /// The file.
        path: String,
    },
    /// What is there is no key.
    #[error("{path} is not a key; delete it for a new one")]
    NoKey {
        /// The file.
        path: String,
    },
}

/// An issuer whose key is in the data directory.
#[derive(Debug)]
pub struct Issuer {
    key: EncodingKey,
    public: Value,
    id: String,
    clock: Clock,
}

impl Issuer {
    /// The issuer of a data directory, with a new key on first use. Processes that come at the same
    /// time get the same one.
    ///
    /// # Errors
    /// When the key cannot be read or written, or is open to others.
    pub fn open(directory: &Path, clock: Clock) -> Result<Self, DemoError> {
        let path = directory.join(KEY_FILE);
        let failed = |source| DemoError::Key { path: path.display().to_string(), source };
        if !path.try_exists().map_err(failed)? {
            create(directory, &path).map_err(failed)?;
        }
        let file = File::open(&path).map_err(failed)?;
        if is_open_to_others(&file).map_err(failed)? {
            return Err(DemoError::Open { path: path.display().to_string() });
        }
        let mut document = Vec::new();
        file.take(MAX_KEY_BYTES).read_to_end(&mut document).map_err(failed)?;
        Self::of(&document, clock)
            .ok_or_else(|| DemoError::NoKey { path: path.display().to_string() })
    }

    fn of(document: &[u8], clock: Clock) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document).ok()?;
        // An uncompressed point: 0x04, x, y.
        let (x, y) = pair.public_key().as_ref().strip_prefix(&[4])?.split_at_checked(32)?;
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let id = encode(&Sha256::digest(pair.public_key())[..12]);
        let public = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": id,
            "x": encode(x), "y": encode(y),
        });
        Some(Self { key: EncodingKey::from_ec_der(document), public, id, clock })
    }

    /// The public key, as the text of a JWK Set.
    pub fn key_set(&self) -> String {
        json!({"keys": [self.public]}).to_string()
    }

    /// A token for somebody to use at a resource, from now on for [`LIFETIME`].
    pub fn token(&self, identity: &Identity, resource: &str) -> String {
        let now = self.clock.now() / 1_000;
        let seconds = i64::try_from(LIFETIME.as_secs()).expect("an hour");
        let scopes: Vec<&str> = identity.scopes.iter().map(String::as_str).collect();
        let claims = json!({
            "iss": ISSUER,
            "aud": resource,
            "sub": identity.subject,
            "tenant": identity.tenant,
            "groups": identity.groups,
            "clearance": identity.clearance,
            "scope": scopes.join(" "),
            "client_id": CLIENT,
            "iat": now,
            "exp": now + seconds,
            "jti": Uuid::new_v4(),
        });
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, &claims, &self.key)
            .expect("the key was read as one for this algorithm")
    }
}

/// Writes a new key, unless another process has just done so.
fn create(directory: &Path, path: &Path) -> io::Result<()> {
    let mut folders = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    folders.recursive(true).create(directory)?;
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| io::Error::other("the system gives no random numbers"))?;
    let draft: PathBuf = directory.join(format!("{KEY_FILE}.{}", Uuid::new_v4().simple()));
    let written = write(&draft, document.as_ref()).and_then(|()| {
        // A link appears whole or not at all, and never replaces a key that others already use.
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    });
    fs::remove_file(&draft)?;
    written
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    // The data directory is in the user's profile, which others cannot read.
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{super::super::clock::Clock, DemoError, Issuer, KEY_FILE, USERS, identity};

    fn open(folder: &Path) -> Result<Issuer, DemoError> {
        Issuer::open(folder, Clock::standing_at(1_700_000_000_000))
    }

    #[test]
    fn the_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data/here");
        let first = open(&data).unwrap().key_set();
        assert_eq!(open(&data).unwrap().key_set(), first);
        assert_ne!(open(&folder.path().join("other")).unwrap().key_set(), first);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no draft is left behind");
        assert!(!first.contains("\"d\""), "the private part stays");
    }

    #[test]
    fn processes_that_come_at_once_get_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let sets: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| open(folder.path()).unwrap().key_set())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(sets.iter().all(|set| *set == sets[0]));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap();
        let path = folder.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(open(folder.path()), Err(DemoError::Open { .. })));
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap();
        fs::write(folder.path().join(KEY_FILE), b"no key").unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("is not a key; delete it for a new one"), "{error}");
    }

    #[test]
    fn the_users_are_in_two_tenants_and_unlike_each_other() {
        let tenants: std::collections::BTreeSet<_> = USERS.iter().map(|user| user.tenant).collect();
        assert_eq!(tenants.len(), 2);
        assert_eq!(identity("alice", &["crm.read"]).unwrap().scopes.len(), 1);
        assert!(identity("erin", &[]).unwrap().groups.is_empty());
        for name in ["Alice", "", "mallory", "alice "] {
            assert_eq!(identity(name, &[]), None, "{name}");
        }
    }
}
