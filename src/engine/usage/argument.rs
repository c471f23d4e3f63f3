//! The arguments of a call, read once and kept as a few numbers.

use std::{fmt, hash::Hasher};

use rustc_hash::FxHasher;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Most values of a call that are remembered to compare them with those of another.
const MAX_VALUES: usize = 8;

/// What is kept of the arguments of a call. Two are equal exactly where the arguments are the same
/// JSON value (but for one chance in 2⁶⁴): members in any order, numbers by value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Of all arguments.
    pub(super) whole: u64,
    /// Of all but the idempotency key.
    pub(super) without_key: u64,
    /// Of the key; none where there is none, or null, or an empty text.
    pub(super) key: Option<u64>,
    /// Of the values alone, whatever they are called, where one of them is telling.
    pub(super) values: Option<u64>,
    telling: [u64; MAX_VALUES],
}

/// How an idempotency key is recognised.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyName<'a> {
    /// By its name, from the tool's definition.
    Named(&'a str),
    /// The definition has none.
    None,
    /// There is no definition: by a name that says so.
    Guessed,
}

impl Fingerprint {
    /// Reads arguments. What is no object is compared as it is.
    pub(super) fn of(arguments: Option<&str>, key: KeyName<'_>) -> Self {
        let Some(text) = arguments else { return Self::default() };
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Members { key }.deserialize(&mut deserializer).unwrap_or_else(|_| {
            let whole = hash(OTHER, text.as_bytes());
            Self { whole, without_key: whole, ..Self::default() }
        })
    }

    /// Whether a value that says something is in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.telling.iter().any(|value| *value != 0 && other.telling.contains(value))
    }
}

impl KeyName<'_> {
    fn is(self, name: &str) -> bool {
        match self {
            Self::Named(key) => key == name,
            Self::None => false,
            Self::Guessed => {
                let is_sign = |sign: &str| {
                    let mut windows = name.as_bytes().windows(sign.len());
                    windows.any(|window| window.eq_ignore_ascii_case(sign.as_bytes()))
                };
                is_sign("idempot")
            }
        }
    }
}

/// The number of a value, and whether meeting it twice is no accident.
#[derive(Debug, Clone, Copy)]
struct Hashed {
    number: u64,
    is_telling: bool,
}

const NULL: u64 = 1;
const BOOL: u64 = 2;
const INTEGER: u64 = 3;
const FLOAT: u64 = 4;
const TEXT: u64 = 5;
const ARRAY: u64 = 6;
const OBJECT: u64 = 7;
const OTHER: u64 = 8;

/// The least text and the least number that tell something: "de", true and 1 are in every call.
const TELLING_CHARACTERS: usize = 3;
const TELLING_NUMBER: u64 = 10;

fn mix(tag: u64, number: u64) -> u64 {
    let mut mixed = number ^ tag.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn integer(value: i64) -> Hashed {
    let is_telling = value.unsigned_abs() >= TELLING_NUMBER;
    Hashed { number: mix(INTEGER, value as u64), is_telling }
}

fn hash(tag: u64, bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    mix(tag ^ bytes.len() as u64, hasher.finish())
}

struct Members<'a> {
    key: KeyName<'a>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Fingerprint;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fingerprint, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Fingerprint;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("arguments")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fingerprint, A::Error> {
        let mut print = Fingerprint::default();
        let (mut values, mut is_telling, mut kept) = (0_u64, false, 0);
        while let Some((name, is_key)) = members.next_key_seed(Name { key: self.key })? {
            let value: Hashed = members.next_value()?;
            let member = mix(name, value.number);
            print.whole = print.whole.wrapping_add(member);
            if is_key {
                print.key = value.is_telling.then_some(value.number);
                continue;
            }
            print.without_key = print.without_key.wrapping_add(member);
            values = values.wrapping_add(value.number);
            is_telling |= value.is_telling;
            if value.is_telling && kept < MAX_VALUES {
                print.telling[kept] = value.number;
                kept += 1;
            }
        }
        print.values = is_telling.then_some(values);
        Ok(print)
    }
}

struct Name<'a> {
    key: KeyName<'a>,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = (u64, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(u64, bool), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = (u64, bool);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<(u64, bool), E> {
        Ok((hash(TEXT, name.as_bytes()), self.key.is(name)))
    }
}

impl<'de> Deserialize<'de> for Hashed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Hashed;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Hashed, E> {
        Ok(Hashed { number: mix(NULL, 0), is_telling: false })
    }

    fn visit_bool<E>(self, value: bool) -> Result<Hashed, E> {
        Ok(Hashed { number: mix(BOOL, u64::from(value)), is_telling: false })
    }

    fn visit_i64<E>(self, value: i64) -> Result<Hashed, E> {
        Ok(integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Hashed, E> {
        // Beyond the signed numbers another tag keeps them from those below zero.
        let tag = if i64::try_from(value).is_ok() { INTEGER } else { OTHER };
        Ok(Hashed { number: mix(tag, value), is_telling: value >= TELLING_NUMBER })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Hashed, E> {
        // As long as every integer has a float of its own, 1.0 is 1.
        if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
            return Ok(integer(value as i64));
        }
        Ok(Hashed { number: mix(FLOAT, value.to_bits()), is_telling: true })
    }

    fn visit_str<E>(self, value: &str) -> Result<Hashed, E> {
        let is_telling = value.len() >= TELLING_CHARACTERS;
        Ok(Hashed { number: hash(TEXT, value.as_bytes()), is_telling })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Hashed, A::Error> {
        let (mut number, mut is_telling) = (mix(ARRAY, 0), false);
        while let Some(item) = items.next_element::<Hashed>()? {
            number = mix(number, item.number);
            is_telling |= item.is_telling;
        }
        Ok(Hashed { number, is_telling })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Hashed, A::Error> {
        let (mut sum, mut is_telling) = (0_u64, false);
        while let Some((name, _)) = members.next_key_seed(Name { key: KeyName::None })? {
            let value: Hashed = members.next_value()?;
            sum = sum.wrapping_add(mix(name, value.number));
            is_telling |= value.is_telling;
        }
        Ok(Hashed { number: mix(OBJECT, sum), is_telling })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, KeyName};

    fn of(text: &str) -> Fingerprint {
        Fingerprint::of(Some(text), KeyName::Named("idempotency_key"))
    }

    #[test]
    fn the_same_arguments_have_the_same_fingerprint_however_they_are_written() {
        let same = [
            r#"{"to":"bob","list":[1,{"a":null,"b":true}],"amount":10,"idempotency_key":"k-1"}"#,
            r#"{"idempotency_key":"k-1", "amount":10.0,"list":[1.0,{"b":true,"a":null}],"to":"\u0062ob"}"#,
            r#"{"amount":1e1,"to":"bob","idempotency_key":"k-1","list":[1,{"a":null,"b":true}]}"#,
        ];
        for text in same {
            assert_eq!(of(text).whole, of(same[0]).whole, "{text}");
        }
        let others = [
            r#"{"to":"bob","list":[{"a":null,"b":true},1],"amount":10,"idempotency_key":"k-1"}"#,
            r#"{"to":"bob","list":[1,{"a":null,"b":true}],"amount":"10","idempotency_key":"k-1"}"#,
            r#"{"to":"bob","list":[1,{"a":null,"b":true}],"amount":-10,"idempotency_key":"k-1"}"#,
            r#"{"to":"bob","list":[1,{"a":null,"b":true}],"idempotency_key":"k-1"}"#,
            r#"{"list":"bob","to":[1,{"a":null,"b":true}],"amount":10,"idempotency_key":"k-1"}"#,
        ];
        for text in others {
            assert_ne!(of(text).whole, of(same[0]).whole, "{text}");
            assert_ne!(of(text).without_key, of(same[0]).without_key, "{text}");
        }
    }

    #[test]
    fn the_key_is_left_out_of_one_and_kept_beside_it() {
        let (first, other) = (
            of(r#"{"to":"bob","idempotency_key":"k-1"}"#),
            of(r#"{"to":"bob","idempotency_key":"k-2"}"#),
        );
        assert_eq!(first.without_key, other.without_key);
        assert_ne!(first.whole, other.whole);
        assert!(first.key.is_some() && first.key != other.key);
        assert_eq!(of(r#"{"to":"bob","idempotency_key":""}"#).key, None);
        let guessed = Fingerprint::of(Some(r#"{"IdempotencyKey":"k-1"}"#), KeyName::Guessed);
        assert!(guessed.key.is_some());
    }

    #[test]
    fn values_overlap_whatever_they_are_called_unless_they_say_nothing() {
        assert!(of(r#"{"id":"C-17"}"#).overlaps(&of(r#"{"customer":"C-17","full":true}"#)));
        assert!(!of(r#"{"page":1,"full":true}"#).overlaps(&of(r#"{"page":1,"full":true}"#)));
        assert_eq!(of(r#"{"id":"C-17"}"#).values, of(r#"{"customer":"C-17"}"#).values);
        assert_eq!(of(r#"{"page":1}"#).values, None);
        assert_eq!(Fingerprint::of(None, KeyName::None), of("{}"));
        // No object, and nested too deep to be read.
        assert_ne!(of("[1]").whole, of("[2]").whole);
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
        assert_ne!(of(&deep).whole, 0);
    }
}
