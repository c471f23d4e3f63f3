//! `mcp-kit dev bank`: right without a bug, and wrong in one thing with each.
//!
//! [`observed`] looks at everything that a client sees in one sequence of calls. A bug must change what
//! [`matrix`] says and nothing else.

mod alone;
mod errors;
mod matrix;
mod observed;
mod upstream;
