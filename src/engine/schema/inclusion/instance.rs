//! JSON values with exact numbers, so that equal values are equal: `1`, `1.0` and `1e0` are one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::rational::{self, Rational};

/// A value that a schema may accept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Instance {
    Null,
    Boolean(bool),
    Number(Rational),
    String(String),
    Array(Vec<Instance>),
    Object(BTreeMap<String, Instance>),
}

/// The types that exclude each other. An integer is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    String,
    Number,
    Boolean,
    Null,
    Object,
    Array,
}

impl Kind {
    /// All kinds, those with the shortest witnesses first.
    pub(super) const ALL: [Self; 6] =
        [Self::String, Self::Number, Self::Boolean, Self::Null, Self::Object, Self::Array];
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const ALL: Self = Self(0b11_1111);

    pub(super) fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    pub(super) fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn complement(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl Instance {
    /// The value, unless it holds a number beyond 128 bits.
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Boolean(*value),
            Value::Number(number) => Self::Number(rational::from_number(number)?),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => {
                Self::Array(items.iter().map(Self::from_json).collect::<Option<_>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    Some((name.clone(), Self::from_json(value)?))
                };
                Self::Object(members.iter().map(member).collect::<Option<_>>()?)
            }
        })
    }

    /// The value as JSON, unless it holds a number that JSON cannot say.
    pub(super) fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(rational::to_number(number)?),
            Self::String(text) => Value::String(text.clone()),
            Self::Array(items) => {
                Value::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?)
            }
            Self::Object(members) => {
                let member =
                    |(name, value): (&String, &Self)| Some((name.clone(), value.to_json()?));
                Value::Object(members.iter().map(member).collect::<Option<_>>()?)
            }
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Boolean(_) => Kind::Boolean,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// Whether it has parts.
    pub(super) fn is_compound(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// A measure of how long it is to read.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Boolean(_) | Self::Number(_) => 1,
            Self::String(text) => 1 + text.len(),
            Self::Array(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Object(members) => {
                1 + members.iter().map(|(name, value)| name.len() + value.size()).sum::<usize>()
            }
        }
    }
}
