//! What goes into a statement and what comes back: the values that both engines have.

use std::{fmt, sync::Arc};

use super::StoreError;

/// A value of a column. There are no others: a time is an integer of milliseconds since the epoch,
/// JSON is canonical text, and a yes or no is 1 or 0.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// `BIGINT`.
    Integer(i64),
    /// `TEXT`, without NUL characters, which PostgreSQL does not store.
    Text(String),
    /// `BYTEA`.
    Bytes(Vec<u8>),
}

/// The kind only: statements are logged, and what they carry may be anybody's.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Integer(_) => "integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        })
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One SQL statement with its values: `Statement::new("… WHERE id = $1").bind(id)`.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text, with `$1`, `$2`, … for the values. Portable: both engines read the same.
    pub sql: &'static str,
    /// What `$1`, `$2`, … stand for.
    pub values: Vec<Value>,
}

impl Statement {
    /// A statement without values.
    pub fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }

    /// The same with the next value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// What one engine would take and the other refuse is refused by both.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let has_nul = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
        if self.values.iter().any(has_nul) {
            return Err(StoreError::Query("a text holds a NUL character".to_owned()));
        }
        Ok(())
    }
}

/// A row of a result. Columns are read by the name they have in the statement.
#[derive(Clone)]
pub struct Row {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// A row, given the names of its columns and as many values.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn new(names: Arc<[String]>, values: Vec<Value>) -> Self {
        debug_assert_eq!(names.len(), values.len(), "a value for every column");
        Self { names, values }
    }

    /// The values in the order of the columns.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// An integer that is there. Fails when the column is missing, null or of another kind.
    pub fn integer(&self, name: &str) -> Result<i64, StoreError> {
        self.optional_integer(name)?.ok_or_else(|| Self::is_null(name))
    }

    /// An integer or null.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, StoreError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Integer(integer) => Ok(Some(*integer)),
            other => Err(Self::differs(name, "an integer", other)),
        }
    }

    /// An integer that counts something, as the type that Rust counts in.
    pub fn count(&self, name: &str) -> Result<u64, StoreError> {
        let integer = self.integer(name)?;
        u64::try_from(integer)
            .map_err(|_| StoreError::Corrupt(format!("column `{name}` is negative: {integer}")))
    }

    /// A text that is there.
    pub fn text(&self, name: &str) -> Result<&str, StoreError> {
        self.optional_text(name)?.ok_or_else(|| Self::is_null(name))
    }

    /// A text or null.
    pub fn optional_text(&self, name: &str) -> Result<Option<&str>, StoreError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(Self::differs(name, "text", other)),
        }
    }

    /// Bytes that are there.
    pub fn bytes(&self, name: &str) -> Result<&[u8], StoreError> {
        self.optional_bytes(name)?.ok_or_else(|| Self::is_null(name))
    }

    /// Bytes or null.
    pub fn optional_bytes(&self, name: &str) -> Result<Option<&[u8]>, StoreError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            other => Err(Self::differs(name, "bytes", other)),
        }
    }

    fn value(&self, name: &str) -> Result<&Value, StoreError> {
        let position = self.names.iter().position(|known| known == name);
        let position = position
            .ok_or_else(|| StoreError::Query(format!("the result has no column `{name}`")))?;
        Ok(&self.values[position])
    }

    fn is_null(name: &str) -> StoreError {
        StoreError::Corrupt(format!("column `{name}` is null"))
    }

    fn differs(name: &str, expected: &str, value: &Value) -> StoreError {
        StoreError::Corrupt(format!("column `{name}` is not {expected} but {value:?}"))
    }
}

/// Names and kinds only, as [`Value`].
impl fmt::Debug for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.names.iter().zip(&self.values)).finish()
    }
}
