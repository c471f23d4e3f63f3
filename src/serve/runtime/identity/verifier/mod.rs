//! Whether a bearer token is to be believed.
//!
//! The cryptography is `jsonwebtoken`'s; the judgement of header, times and claims is ours, because
//! the time comes from a [`Clock`] and because its reader takes what we refuse: duplicate keys, and
//! claims of a wrong type that are merely not checked.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    super::clock::Clock,
    ClaimNames, Identity, KeySet, Refusal,
    claims::{judge, object},
    refusal::quoted,
};

/// How many tokens are remembered as good.
const MAX_REMEMBERED: usize = 1_024;

/// What a token must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectations {
    /// The `iss`, exactly.
    pub issuer: String,
    /// Our canonical address (RFC 8707), exactly; it must be an `aud`.
    pub resource: String,
    /// The names of the other claims.
    pub claims: ClaimNames,
    /// How far the issuer's clock may be off.
    pub skew: Duration,
    /// The longest token, in bytes.
    pub max_bytes: usize,
}

impl Expectations {
    /// Tokens of one issuer for one resource, with a minute of skew and at most 16 KiB.
    pub fn new(issuer: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            resource: resource.into(),
            claims: ClaimNames::default(),
            skew: Duration::from_secs(60),
            max_bytes: 16 << 10,
        }
    }
}

/// Turns tokens into identities.
pub struct Verifier {
    expected: Expectations,
    keys: KeySet,
    clock: Clock,
    /// By the SHA-256 of the token, which is not kept. A signature costs more than all the rest of
    /// a read; the times are checked at every use, and new keys make everything be checked again.
    good: Mutex<HashMap<[u8; 32], Good>>,
    warned: AtomicBool,
}

struct Good {
    identity: Arc<Identity>,
    ends: i64,
    generation: u64,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Verifier").field("expected", &self.expected).finish_non_exhaustive()
    }
}

impl Verifier {
    /// A verifier of tokens that are signed with one of these keys.
    pub fn new(expected: Expectations, keys: KeySet, clock: Clock) -> Self {
        let (good, warned) = (Mutex::default(), AtomicBool::new(false));
        Self { expected, keys, clock, good, warned }
    }

    /// Who a token stands for. May ask the issuer for its keys when it names one that is unknown.
    ///
    /// # Errors
    /// When the token is not to be believed, or the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Arc<Identity>, Refusal> {
        Ok(self.verify_until(token).await?.0)
    }

    /// The same, with the time until which the token is taken, in milliseconds since 1970.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub async fn verify_until(&self, token: &str) -> Result<(Arc<Identity>, i64), Refusal> {
        let max = self.expected.max_bytes;
        if token.len() > max {
            return Err(Refusal::TooLong { length: token.len(), max });
        }
        let now = self.clock.now();
        self.keys.refresh_when_due();
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.remembered(&digest, now) {
            return Ok(known);
        }
        let parts = Parts::of(token)?;
        let header = Header::of(parts.header)?;
        let (key, generation) = self.keys.find(header.key.as_deref(), header.algorithm).await?;
        let holds = jsonwebtoken::crypto::verify(
            parts.signature,
            parts.signed.as_bytes(),
            &key,
            header.algorithm,
        );
        if !holds.unwrap_or(false) {
            return Err(Refusal::Signature);
        }
        let claims =
            decode(parts.claims).ok_or(Refusal::Malformed("has claims not in base64url"))?;
        let judged = judge(&claims, &self.expected, now)?;
        if !judged.has_groups && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                claim = self.expected.claims.groups,
                "a token has no groups, so policies on groups give its user nothing; if users have \
                 groups, let the issuer put them into access tokens, or configure the claim's name"
            );
        }
        let identity = Arc::new(judged.identity);
        self.remember(
            digest,
            Good { identity: identity.clone(), ends: judged.ends, generation },
            now,
        );
        Ok((identity, judged.ends))
    }

    /// Whose tokens it takes.
    pub fn issuer(&self) -> &str {
        &self.expected.issuer
    }

    fn remembered(&self, digest: &[u8; 32], now: i64) -> Option<(Arc<Identity>, i64)> {
        let generation = self.keys.generation();
        let good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        let found = good.get(digest)?;
        let holds = found.generation == generation && now < found.ends;
        holds.then(|| (found.identity.clone(), found.ends))
    }

    fn remember(&self, digest: [u8; 32], found: Good, now: i64) {
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= MAX_REMEMBERED {
            let generation = found.generation;
            good.retain(|_, known| known.generation == generation && now < known.ends);
        }
        if good.len() >= MAX_REMEMBERED {
            good.clear();
        }
        good.insert(digest, found);
    }
}

/// The parts of a JWS in compact form (RFC 7515 section 7.1).
struct Parts<'a> {
    signed: &'a str,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed("is not three parts with dots between them");
        let Some((signed, signature)) = token.rsplit_once('.') else { return Err(malformed) };
        let Some((header, claims)) = signed.split_once('.') else { return Err(malformed) };
        if claims.contains('.') {
            return Err(malformed);
        }
        Ok(Self { signed, header, claims, signature })
    }
}

/// What of a header counts. Keys that a header brings along (`jwk`, `jku`, `x5c`, `x5u`) do not.
struct Header {
    algorithm: Algorithm,
    key: Option<String>,
}

impl Header {
    fn of(encoded: &str) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed("has a header that is not JSON in base64url");
        let Some(bytes) = decode(encoded) else { return Err(malformed) };
        let header =
            object(&bytes).map_err(|fault| Refusal::Header(format!("parameters that {fault}")))?;
        let algorithm = match text(&header, "alg")? {
            Some("RS256") => Algorithm::RS256,
            Some("ES256") => Algorithm::ES256,
            Some("EdDSA") => Algorithm::EdDSA,
            other => return Err(Refusal::Algorithm(quoted(other.unwrap_or("nothing")))),
        };
        // RFC 7515 section 4.1.11: what is critical and not understood refuses the token. We
        // understand no extension.
        if header.contains_key("crit") {
            return Err(Refusal::Header("a parameter `crit`".to_owned()));
        }
        // RFC 9068 has `at+jwt`, many issuers have `JWT` or nothing. A logout token or a proof of
        // possession is signed with the same keys and is no access token.
        if let Some(kind) = text(&header, "typ")? {
            let kind = kind.to_ascii_lowercase();
            if !["jwt", "at+jwt"].contains(&kind.strip_prefix("application/").unwrap_or(&kind)) {
                return Err(Refusal::Header(format!("the type `{}`", quoted(&kind))));
            }
        }
        Ok(Self { algorithm, key: text(&header, "kid")?.map(str::to_owned) })
    }
}

fn text<'a>(header: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    let text = |value: &'a Value| {
        value.as_str().ok_or_else(|| Refusal::Header(format!("a `{name}` that is not a string")))
    };
    header.get(name).map(text).transpose()
}

fn decode(part: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(part).ok()
}

#[cfg(test)]
mod tests;
