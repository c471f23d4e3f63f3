//! A JWK Set (RFC 7517) as keys that verify.
//!
//! The key decides what it verifies, never the token: an RSA key verifies RS256 and nothing else, so
//! that a public key is no secret for HS256. Keys for other uses are left out silently, because sets
//! hold them legitimately.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::{super::refusal::quoted, Keys};

/// The most keys of a set.
const MAX_KEYS: usize = 200;

/// The smallest and the largest RSA modulus, in bytes: 2048 and 8192 bits (RFC 7518 section 3.3).
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// As it is written in a token.
pub(super) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        _ => "other",
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    intended: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// The keys of a set by id and algorithm.
pub(super) fn read(text: &[u8]) -> Result<Keys, String> {
    let set: Set = serde_json::from_slice(text)
        .map_err(|error| format!("is not a JWK Set: {}", quoted(&error.to_string())))?;
    if set.keys.len() > MAX_KEYS {
        return Err(format!("has more than {MAX_KEYS} keys"));
    }
    let mut keys = Keys::new();
    for value in set.keys {
        let Ok(jwk) = serde_json::from_value::<Jwk>(value) else { continue };
        let Some((algorithm, key)) = jwk.usable() else { continue };
        let id = jwk.kid.as_deref().map_or("none".to_owned(), quoted);
        if keys.insert((jwk.kid, algorithm), Arc::new(key)).is_some() {
            return Err(format!("has two {} keys with the id `{id}`", name(algorithm)));
        }
    }
    if keys.is_empty() {
        return Err("has no key for RS256, ES256 or EdDSA signatures".to_owned());
    }
    Ok(keys)
}

impl Jwk {
    /// The key, where it is one that verifies what we take.
    fn usable(&self) -> Option<(Algorithm, DecodingKey)> {
        let is_for_signatures = self.intended.as_deref().is_none_or(|intended| intended == "sig")
            && self.key_ops.as_ref().is_none_or(|uses| uses.iter().any(|one| one == "verify"));
        if !is_for_signatures {
            return None;
        }
        let (algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let modulus = bytes(self.n.as_deref())?;
                let exponent = bytes(self.e.as_deref())?;
                if !MODULUS.contains(&modulus.len()) {
                    return None;
                }
                (Algorithm::RS256, DecodingKey::from_rsa_raw_components(&modulus, &exponent))
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (self.x.as_deref()?, self.y.as_deref()?);
                if bytes(Some(x))?.len() != 32 || bytes(Some(y))?.len() != 32 {
                    return None;
                }
                (Algorithm::ES256, DecodingKey::from_ec_components(x, y).ok()?)
            }
            ("OKP", Some("Ed25519")) => {
                let x = self.x.as_deref()?;
                if bytes(Some(x))?.len() != 32 {
                    return None;
                }
                (Algorithm::EdDSA, DecodingKey::from_ed_components(x).ok()?)
            }
            _ => return None,
        };
        // RFC 9864 calls EdDSA over this curve `Ed25519`.
        let declared = match self.alg.as_deref() {
            Some("Ed25519") => Some("EdDSA"),
            other => other,
        };
        declared.is_none_or(|declared| declared == name(algorithm)).then_some((algorithm, key))
    }
}

fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text?).ok()
}
