//! Which draft of JSON Schema a schema is written in.

use serde_json::Value;

/// A published draft, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// draft-04
    Draft4,
    /// draft-06
    Draft6,
    /// draft-07
    Draft7,
    /// 2019-09
    Draft2019,
    /// 2020-12
    Draft2020,
}

impl Dialect {
    /// The dialect that `$schema` names; 2020-12 where it is absent, as MCP has it
    /// (specification 2026-07-28, basic, "JSON Schema Usage"). None for a dialect we do not know.
    pub fn of(schema: &Value) -> Option<Self> {
        match schema.get("$schema") {
            None => Some(Self::Draft2020),
            Some(uri) => Self::from_uri(uri.as_str()?),
        }
    }

    /// The dialect behind a meta-schema's address, with http or https and with or without `#`.
    pub fn from_uri(uri: &str) -> Option<Self> {
        let address = uri.trim_end_matches('#');
        let address =
            address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
        match address {
            "json-schema.org/draft-04/schema" => Some(Self::Draft4),
            "json-schema.org/draft-06/schema" => Some(Self::Draft6),
            "json-schema.org/draft-07/schema" => Some(Self::Draft7),
            "json-schema.org/draft/2019-09/schema" => Some(Self::Draft2019),
            "json-schema.org/draft/2020-12/schema" => Some(Self::Draft2020),
            _ => None,
        }
    }

    /// The name the draft is known by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft4 => "draft-04",
            Self::Draft6 => "draft-06",
            Self::Draft7 => "draft-07",
            Self::Draft2019 => "2019-09",
            Self::Draft2020 => "2020-12",
        }
    }
}
