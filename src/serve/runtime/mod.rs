//! What every server of ours stands on, once: the tools of a connector go in, and an MCP server
//! comes out that authenticates, authorizes, validates, answers errors that help, and keeps a trail.
//!
//! A request passes through the modules in this order: [`host`] receives it and holds the limits,
//! [`identity`] says who asks, [`tool`] finds the tool and checks the arguments, [`policy`] decides,
//! the tool reads or writes in the [`store`], [`guidance`] words what failed, and [`audit`] keeps
//! what was done. Read [`tool::Tool`] first: it is what a connector implements.
//!
//! Not for: anything about one domain. These files are also the root of a crate of their own, which
//! generated projects carry; so paths in here are relative and nothing depends on the name or the
//! place of the package around them.

pub mod approval;
pub mod audit;
pub mod clock;
pub mod encoding;
pub mod guidance;
pub mod host;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod points;
pub mod policy;
pub mod store;
pub mod tables;
pub mod tool;
