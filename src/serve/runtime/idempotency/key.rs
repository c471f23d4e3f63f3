//! What is asked for, and under which key.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::super::{
    encoding::hexadecimal,
    guidance::{Code, Failure, Next},
    identity::Identity,
};

/// The argument that holds the key: clients drop what they do not know of `_meta`, and none drops an
/// argument.
pub const ARGUMENT: &str = "idempotency_key";

const LEAST: usize = 16;
const MOST: usize = 64;

/// An idempotency key, as the type of an argument.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Key(String);

impl JsonSchema for Key {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Key".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "Repeat the same key when you repeat this request; a new one only for a \
                different change",
            "pattern": format!("^[A-Za-z0-9_-]{{{LEAST},{MOST}}}$"),
        })
    }
}

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whose data it is about.
    pub tenant: String,
    /// Who asks, by [`Identity::principal`].
    pub actor: String,
    /// The tool.
    pub tool: &'static str,
    /// The key.
    pub key: String,
    /// What is asked for: the SHA-256 of the other arguments, in hexadecimal digits.
    pub fingerprint: String,
}

impl Request {
    /// What a call asks for. The order of members counts for nothing, and neither does how a number is
    /// written.
    ///
    /// # Errors
    ///
    /// Without a key, or with one that is none.
    pub fn of(identity: &Identity, tool: &'static str, arguments: &Value) -> Result<Self, Failure> {
        let key = key(arguments.get(ARGUMENT))?;
        let mut others = arguments.as_object().cloned().unwrap_or_default();
        others.remove(ARGUMENT);
        let canonical =
            serde_json_canonicalizer::to_vec(&Value::Object(others)).expect("a JSON value is JSON");
        Ok(Self {
            tenant: identity.tenant.clone(),
            actor: identity.principal(),
            tool,
            key,
            fingerprint: hexadecimal(&Sha256::digest(canonical)),
        })
    }
}

fn key(value: Option<&Value>) -> Result<String, Failure> {
    let pointer = format!("/{ARGUMENT}");
    let expected = format!("{LEAST} to {MOST} letters, digits, `-` and `_`");
    let hint = "add a new random key of 16 to 64 letters, digits, - and _; repeat the same key when \
                you repeat this request";
    let key = match value {
        None | Some(Value::Null) => "",
        Some(Value::String(key)) => key,
        Some(_) => {
            let message = format!("`{ARGUMENT}` must be a string");
            let failure = Failure::invalid_argument(pointer, message, hint);
            return Err(failure.mismatch("a string", "another type"));
        }
    };
    if key.is_empty() {
        let message = format!("the argument `{ARGUMENT}` is missing");
        let next = Next::fix_arguments(hint);
        let failure = Failure::new(Code::IdempotencyKeyRequired, message, next).about(pointer);
        return Err(failure.mismatch(expected, "nothing"));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !(LEAST..=MOST).contains(&key.len()) || !key.bytes().all(is_plain) {
        // What is too long as well is said to have the character: it is the harder one to see.
        let odd = key.chars().find(|it| !u8::try_from(*it).is_ok_and(is_plain));
        let got = match odd {
            Some(odd) => format!("the character {odd:?}"),
            None => format!("{} characters", key.chars().count()),
        };
        let message = format!("`{ARGUMENT}` must be {expected}, and has {got}");
        let failure = Failure::invalid_argument(pointer, message, hint);
        return Err(failure.mismatch(expected, got));
    }
    Ok(key.to_owned())
}
