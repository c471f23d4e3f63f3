//! The claims of a token whose signature holds, as an [`Identity`].
//!
//! Nothing is repaired: a claim of a wrong type refuses the token, because a repaired group or
//! tenant is a decision about access that nobody took.

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Expectations, Identity, Refusal, refusal::quoted};

/// The longest tenant, subject, client, group or scope, in bytes.
const MAX_NAME: usize = 256;
/// The most groups or scopes.
const MAX_NAMES: usize = 1_000;
/// The end of the year 9999: what is later is not seconds.
const MAX_SECONDS: f64 = 253_402_300_800.0;

/// Where the issuer puts what is not standardized. A name that begins with `/` is a JSON Pointer,
/// for issuers that nest: `/realm_access/roles`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// The tenant, a string; required.
    pub tenant: String,
    /// The groups, an array of strings; missing means none.
    pub groups: String,
    /// The clearance, an integer; missing means 0.
    pub clearance: String,
    /// The scopes: an array, or a string with spaces between them. The first that is there counts.
    pub scopes: Vec<String>,
    /// The client, a string. The first that is there counts.
    pub client: Vec<String>,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            tenant: "tenant".to_owned(),
            groups: "groups".to_owned(),
            clearance: "clearance".to_owned(),
            scopes: vec!["scope".to_owned(), "scp".to_owned()],
            client: vec!["client_id".to_owned(), "azp".to_owned()],
        }
    }
}

/// An identity, until when it holds, and whether the token says anything of groups.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) identity: Identity,
    /// In milliseconds since 1970, the allowed skew included.
    pub(super) ends: i64,
    pub(super) has_groups: bool,
}

/// Judges claims at a time, in milliseconds since 1970.
pub(super) fn judge(bytes: &[u8], expected: &Expectations, now: i64) -> Result<Judged, Refusal> {
    let claims = object(bytes).map_err(Refusal::Claims)?;
    let ends = times(&claims, expected.skew, now)?;
    let issuer = text(&claims, "iss")?.ok_or_else(|| Refusal::Missing("iss".to_owned()))?;
    if issuer != expected.issuer {
        return Err(Refusal::Issuer(quoted(issuer)));
    }
    audience(&claims, &expected.resource)?;
    if claims.contains_key("cnf") {
        return Err(Refusal::Bound);
    }
    let names = &expected.claims;
    let required =
        |name: &str| name_of(&claims, name)?.ok_or_else(|| Refusal::Missing(name.to_owned()));
    let (groups, has_groups) = match find(&claims, &names.groups) {
        Some(value) => (strings(value, &names.groups)?, true),
        None if is_elsewhere(&claims, &names.groups) => return Err(Refusal::GroupsElsewhere),
        None => (BTreeSet::new(), false),
    };
    let clearance = match find(&claims, &names.clearance) {
        Some(value) => {
            value.as_i64().ok_or_else(|| fault(&names.clearance, "is not an integer"))?
        }
        None => 0,
    };
    let first = |names: &[String]| names.iter().find(|name| find(&claims, name).is_some()).cloned();
    let scopes = match first(&names.scopes) {
        Some(name) => scopes(find(&claims, &name).unwrap_or(&Value::Null), &name)?,
        None => BTreeSet::new(),
    };
    let client = match first(&names.client) {
        Some(name) => name_of(&claims, &name)?,
        None => None,
    };
    let identity = Identity {
        tenant: required(&names.tenant)?,
        subject: required("sub")?,
        issuer: issuer.to_owned(),
        client,
        groups,
        clearance,
        scopes,
    };
    Ok(Judged { identity, ends, has_groups })
}

/// Checks `exp`, `nbf` and `iat`, and tells when the token ends.
fn times(claims: &Map<String, Value>, skew: Duration, now: i64) -> Result<i64, Refusal> {
    let skew = i64::try_from(skew.as_millis()).unwrap_or(i64::MAX);
    let expires = time(claims, "exp")?.ok_or_else(|| Refusal::Missing("exp".to_owned()))?;
    let ends = expires.saturating_add(skew);
    if now >= ends {
        return Err(Refusal::Expired((now - expires) / 1_000));
    }
    for name in ["nbf", "iat"] {
        let Some(begins) = time(claims, name)? else { continue };
        if begins.saturating_sub(skew) > now {
            return Err(Refusal::NotYet((begins - now) / 1_000));
        }
    }
    Ok(ends)
}

/// A NumericDate (RFC 7519 section 2), in milliseconds.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().ok_or_else(|| fault(name, "is not a number"))?;
    if !(0.0..MAX_SECONDS).contains(&seconds) {
        return Err(fault(name, "is not a time in seconds"));
    }
    // In range, so that nothing is cut but fractions of a millisecond.
    Ok(Some((seconds * 1_000.0) as i64))
}

/// RFC 8707: the token was asked for with our address, and is for nobody who merely shares a prefix.
fn audience(claims: &Map<String, Value>, resource: &str) -> Result<(), Refusal> {
    let Some(value) = claims.get("aud") else { return Err(Refusal::Missing("aud".to_owned())) };
    let audiences = match value {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many
            .iter()
            .map(Value::as_str)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| fault("aud", "has an element that is not a string"))?,
        _ => return Err(fault("aud", "is neither a string nor an array of strings")),
    };
    if audiences.contains(&resource) {
        return Ok(());
    }
    Err(Refusal::Audience(quoted(&audiences.join(" "))))
}

/// Whether the issuer says that the groups did not fit (OpenID Connect Core section 5.6.2,
/// distributed claims; Microsoft Entra calls it overage). Read as "no groups" it would lock out the
/// very users who have most of them.
fn is_elsewhere(claims: &Map<String, Value>, groups: &str) -> bool {
    claims.get("_claim_names").and_then(|names| names.get(groups)).is_some()
        || claims.get("hasgroups").is_some_and(|value| *value != Value::Bool(false))
}

fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let Some(path) = name.strip_prefix('/') else { return claims.get(name) };
    let mut steps = path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
    let first = claims.get(&steps.next()?)?;
    steps.try_fold(first, |value, step| value.as_object()?.get(&step))
}

fn fault(claim: &str, fault: &'static str) -> Refusal {
    Refusal::Claim { claim: claim.to_owned(), fault }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    let value = find(claims, name);
    value.map(|value| value.as_str().ok_or_else(|| fault(name, "is not a string"))).transpose()
}

/// A string that becomes part of keys in the store and of lines in the log.
fn name_of(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = text(claims, name)? else { return Ok(None) };
    if value.is_empty() {
        return Err(fault(name, "is empty"));
    }
    Ok(Some(bounded(value, name)?))
}

fn bounded(value: &str, name: &str) -> Result<String, Refusal> {
    if value.len() > MAX_NAME {
        return Err(fault(name, "is longer than 256 bytes"));
    }
    // PostgreSQL stores no NUL, and a line break forges a line of a log.
    if value.chars().any(char::is_control) {
        return Err(fault(name, "has a control character"));
    }
    Ok(value.to_owned())
}

fn strings(value: &Value, name: &str) -> Result<BTreeSet<String>, Refusal> {
    let values = value.as_array().ok_or_else(|| fault(name, "is not an array of strings"))?;
    if values.len() > MAX_NAMES {
        return Err(fault(name, "has more than 1000 elements"));
    }
    let mut names = BTreeSet::new();
    for value in values {
        let value = value.as_str().ok_or_else(|| fault(name, "is not an array of strings"))?;
        names.insert(bounded(value, name)?);
    }
    Ok(names)
}

fn scopes(value: &Value, name: &str) -> Result<BTreeSet<String>, Refusal> {
    let Some(line) = value.as_str() else { return strings(value, name) };
    let names = line.split(' ').filter(|scope| !scope.is_empty());
    let names: BTreeSet<_> = names.map(|scope| bounded(scope, name)).collect::<Result<_, _>>()?;
    if names.len() > MAX_NAMES { Err(fault(name, "has more than 1000 scopes")) } else { Ok(names) }
}

/// A JSON object in which no key stands twice, at any depth: readers differ in which of the two
/// they take, so a token that says two things says nothing.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(bytes) {
        Ok(Unambiguous(Value::Object(object))) => Ok(object),
        Ok(Unambiguous(_)) => Err("are not a JSON object".to_owned()),
        // The position is ours to tell; what stands there is the token's.
        Err(error) if error.is_data() => Err("have a duplicate key".to_owned()),
        Err(error) => {
            Err(format!("are not JSON (line {}, column {})", error.line(), error.column()))
        }
    }
}

struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Unambiguous(value))) = members.next_entry::<String, _>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("duplicate key"));
            }
        }
        Ok(Value::Object(object))
    }
}
