//! `mcp-kit` treats the tool list of an MCP server as an API: it reads it, judges it, writes it
//! down, and watches it change.
//!
//! [`engine`] is the pure core and the library's only part without features: values in, values
//! out. The program adds `live` (talking to servers), `serve` (being one)
//! and `cli`.
//!
//! ```
//! use mcp_kit::engine::{protocol::json::Limits, surface};
//!
//! let text = br#"{"tools":[{"name":"get_order","inputSchema":{"type":"object"}}]}"#;
//! let surface = surface::read(text, &Limits::default())?;
//! assert_eq!(surface.tools[0].name, "get_order");
//! # Ok::<(), surface::NotASurface>(())
//! ```

#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
#[cfg(feature = "cli")]
pub mod live;
#[cfg(feature = "serve")]
pub mod serve;
