//! Which call a line in the log belongs to: our correlation id, and the trace of the caller.
//!
//! Source: W3C Trace Context, version 00. MCP 2026-07-28 carries it in `_meta` as well, which is the
//! only way over stdio.

use uuid::Uuid;

/// The ids of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Ours, new for every request: in the log, in the trail and in an error.
    pub correlation_id: String,
    /// The trace that the request is part of, 32 hexadecimal digits, where the caller has one.
    pub trace_id: Option<String>,
    /// The caller's span, 16 hexadecimal digits.
    pub parent_id: Option<String>,
}

impl Trace {
    /// The ids of a request, with the value of `traceparent` where it has one. One that is not as
    /// the recommendation says is taken for none, as it demands.
    pub fn new(traceparent: Option<&str>) -> Self {
        let parent = traceparent.and_then(parse);
        Self {
            correlation_id: Uuid::new_v4().to_string(),
            trace_id: parent.map(|(trace, _)| trace.to_owned()),
            parent_id: parent.map(|(_, span)| span.to_owned()),
        }
    }
}

/// `version-trace_id-parent_id-flags`. Versions after 00 may have more parts.
fn parse(value: &str) -> Option<(&str, &str)> {
    let mut parts = value.trim().split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hexadecimal = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let is_valid = is_hexadecimal(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hexadecimal(trace, 32)
        && is_hexadecimal(parent, 16)
        && is_hexadecimal(flags, 2)
        && !is_zero(trace)
        && !is_zero(parent);
    is_valid.then_some((trace, parent))
}

#[cfg(test)]
mod tests {
    use super::Trace;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn the_caller_s_trace_goes_on() {
        let trace = Trace::new(Some(&format!("00-{TRACE}-{SPAN}-01")));
        assert_eq!(trace.trace_id.as_deref(), Some(TRACE));
        assert_eq!(trace.parent_id.as_deref(), Some(SPAN));
        assert_ne!(trace.correlation_id, Trace::new(None).correlation_id);
    }

    #[test]
    fn what_is_no_trace_is_none() {
        let zero = "0".repeat(32);
        for value in [
            String::new(),
            "00".to_owned(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{zero}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01\nforged"),
        ] {
            assert_eq!(Trace::new(Some(&value)).trace_id, None, "{value}");
        }
        assert!(Trace::new(Some(&format!("01-{TRACE}-{SPAN}-01-more"))).trace_id.is_some());
    }
}
