//! Looking at the bytes of a message before anything else reads them.
//!
//! Two readers of one JSON text can see two different things where a key stands twice, or in two
//! spellings that differ in case only: the one that authorizes may read `name`, the one that carries
//! out `Name`. So such a message is refused before it is read any further, as are texts that are
//! nested too deeply.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Why a message is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is not JSON, or nested too deeply.
    NotJson(String),
    /// A key stands twice in an object, or in two spellings.
    Ambiguous(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(fault) => write!(formatter, "the message is not JSON: {fault}"),
            Self::Ambiguous(key) => {
                write!(formatter, "the key {key:?} stands twice in an object, or in two spellings")
            }
        }
    }
}

/// Looks at a whole message.
///
/// # Errors
///
/// Where it is not one JSON text whose objects have unambiguous keys.
pub(super) fn scan(bytes: &[u8]) -> Result<(), Refused> {
    let mut ambiguous = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read =
        Scan { ambiguous: &mut ambiguous }.deserialize(&mut reader).and_then(|()| reader.end());
    match (ambiguous, read) {
        (Some(key), _) => Err(Refused::Ambiguous(key)),
        (None, Err(fault)) => Err(Refused::NotJson(fault.to_string())),
        (None, Ok(())) => Ok(()),
    }
}

/// A key as readers that do not look at case compare it. Character by character and by way of the
/// capital, because `ſ` and `ς` are small letters already, of an `s` and of a `σ`.
fn folded(key: &str) -> String {
    if key.is_ascii() {
        return key.to_ascii_lowercase();
    }
    key.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Characters of a key that an error shows.
const SHOWN: usize = 80;

/// Reads a value and keeps nothing of it but the first ambiguous key.
struct Scan<'a> {
    ambiguous: &'a mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(folded(&key)) {
                *self.ambiguous = Some(key.chars().take(SHOWN).collect());
                return Err(A::Error::custom("ambiguous"));
            }
            map.next_value_seed(Scan { ambiguous: &mut *self.ambiguous })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Scan { ambiguous: &mut *self.ambiguous })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, scan};

    #[test]
    fn plain_messages_pass() {
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{}}}"#,
            r#"[{"a":1},{"a":1},null,true,-1,1.5e3,"a"]"#,
            r#"{"a":{"a":{"a":[]}}}"#,
        ] {
            assert_eq!(scan(text.as_bytes()), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_two_readers_may_read_in_two_ways_is_refused() {
        for text in [
            r#"{"name":"a","name":"b"}"#,
            r#"{"params":{"name":"a","Name":"b"}}"#,
            r#"{"params":{"name":"a","n\u0061me":"b"}}"#,
            r#"[{"x":{"METHOD":1,"method":2}}]"#,
            r#"{"straße":1,"STRAßE":2}"#,
            r#"{"params":1,"paramſ":2}"#,
            r#"{"ας":1,"αΣ":2}"#,
        ] {
            assert!(matches!(scan(text.as_bytes()), Err(Refused::Ambiguous(_))), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_json_text_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{}{}", r#"{"a":1,}"#, "nul", deep.as_str(), "\u{feff}{}"] {
            assert!(matches!(scan(text.as_bytes()), Err(Refused::NotJson(_))), "{text:.20}");
        }
        assert!(scan(b"{\"a\":\"\xff\"}").is_err());
    }
}
