//! JSON Schema: dialects, keywords, subschemas, references and validity.
//!
//! Knows nothing of MCP. A schema is a plain `serde_json` value; it comes from somebody else, so
//! nothing here assumes that it is well-formed, recursion is bounded by the depth limit of the
//! JSON reader, and nothing is ever fetched.
//!
//! Read [`walk`] first: most questions about a schema start with its subschemas.

pub mod dialect;
pub mod format;
pub mod inclusion;
pub mod keyword;
pub mod pattern;
pub mod reference;
pub mod types;
pub mod validity;
pub mod walk;

pub use dialect::Dialect;
pub use walk::{Subschema, Walk};
