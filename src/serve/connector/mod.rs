//! The connectors: servers of one business domain each, on one [`runtime`](super::runtime).

pub mod crm;
