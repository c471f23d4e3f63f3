//! What a server counts, in the text format of OpenMetrics.
//!
//! Labels hold only what the server itself names: tools, codes, methods. A name that a caller sends
//! never becomes a label, because callers could then fill the memory of whoever collects them.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Upper bounds of the histogram's buckets, in seconds. A tool has five seconds.
const SECONDS: [f64; 12] =
    [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ToolResult {
    tool: &'static str,
    /// `ok`, or the code of the failure.
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tool {
    tool: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// All counters of a server.
pub struct Metrics {
    registry: Registry,
    calls: Family<ToolResult, Counter>,
    duration: Family<Tool, Histogram>,
    refused: Family<Reason, Counter>,
    /// Connections that are open.
    pub connections: Gauge<i64, std::sync::atomic::AtomicI64>,
    /// Requests that are being answered.
    pub in_flight: Gauge<i64, std::sync::atomic::AtomicI64>,
    panics: Counter<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("mcp_server");
        let calls = Family::default();
        let duration: Family<Tool, Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        let refused = Family::default();
        let (connections, in_flight, panics) =
            (Gauge::default(), Gauge::default(), Counter::default());
        registry.register("tool_calls", "Calls by tool and result", calls.clone());
        registry.register(
            "tool_call_duration_seconds",
            "Time from the arguments to the answer",
            duration.clone(),
        );
        registry.register("requests_refused", "Requests refused before a tool", refused.clone());
        registry.register("connections", "Connections that are open", connections.clone());
        registry.register("requests_in_flight", "Requests being answered", in_flight.clone());
        registry.register("panics", "Tools that panicked", panics.clone());
        Self { registry, calls, duration, refused, connections, in_flight, panics }
    }
}

impl Metrics {
    /// Counts a call that was answered.
    pub fn called(&self, tool: &'static str, result: &'static str, seconds: f64) {
        self.calls.get_or_create(&ToolResult { tool, result }).inc();
        self.duration.get_or_create(&Tool { tool }).observe(seconds);
    }

    /// Counts a request that was refused before it came to a tool.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// Counts a tool that panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Everything, as it is served.
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Metrics;

    #[test]
    fn calls_are_counted_by_tool_and_result() {
        let metrics = Metrics::default();
        metrics.called("get_customer", "ok", 0.003);
        metrics.called("get_customer", "ok", 0.004);
        metrics.called("get_customer", "not_found", 0.001);
        metrics.refused("invalid_token");
        let text = metrics.text();
        for line in [
            r#"mcp_server_tool_calls_total{tool="get_customer",result="ok"} 2"#,
            r#"mcp_server_tool_calls_total{tool="get_customer",result="not_found"} 1"#,
            r#"mcp_server_tool_call_duration_seconds_count{tool="get_customer"} 3"#,
            r#"mcp_server_requests_refused_total{reason="invalid_token"} 1"#,
            "# EOF",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
