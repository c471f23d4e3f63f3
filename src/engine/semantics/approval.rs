//! Whether a tool asks somebody before it does what it is called for.

use serde_json::Value;

use crate::engine::surface::Tool;

/// Where a tool says that it asks somebody before it does what it is called for: `"always"`, or
/// `"sometimes"` where it depends on the arguments or on who calls.
const APPROVAL: &str = "dev.mcp-kit/approval";

/// How often a tool asks somebody before it does what it is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Whatever it is called with.
    Always,
    /// For some arguments, or for some callers.
    Sometimes,
}

/// What a tool says of that; nothing where it does not, or in other words.
pub fn approval(tool: &Tool) -> Option<Approval> {
    match tool.value().get("_meta")?.get(APPROVAL).and_then(Value::as_str)? {
        "always" => Some(Approval::Always),
        "sometimes" => Some(Approval::Sometimes),
        _ => None,
    }
}
