//! Servers to practise on: they stand on the same host as the connectors and serve nobody.

pub mod bank;
pub mod conformance;
pub mod control;
