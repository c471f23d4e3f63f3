//! Being a server: what carries a connector, the connectors, and servers to practise on.
//!
//! This wing stands alone: nothing here knows how surfaces are examined, and only `cli` knows it.

pub mod connector;
pub mod runtime;
pub mod sandbox;
