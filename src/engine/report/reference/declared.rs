//! What a tool declares beside its schemas: effects, errors, deprecation.

use std::collections::HashMap;

use serde_json::Value;

use super::{Span, limited, shorten, text};
use crate::engine::{
    semantics::{Approval, approval},
    surface::{Annotations, Tool},
};

/// Where a server says since when something is deprecated: `{since, sunset?, replacement?}`.
const DEPRECATED: &str = "dev.mcp-kit/deprecated";
/// Where a tool documents its errors: an array of `{code, when, next?}`.
const ERRORS: &str = "dev.mcp-kit/errors";

/// Documented errors of one tool.
const MAX_ERRORS: usize = 100;

/// An effect of a tool in one or two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Badge {
    pub(super) label: &'static str,
    pub(super) tone: Tone,
}

/// How careful a reader should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Calm,
    Careful,
    Danger,
    Neutral,
}

pub(super) struct DocumentedError {
    pub(super) code: String,
    pub(super) when: Option<String>,
    pub(super) next: Option<String>,
}

/// What the annotations declare. Two hints mean nothing on a tool that only reads
/// (specification 2026-07-28, `ToolAnnotations`).
pub(super) fn badges(annotations: &Annotations) -> Vec<Badge> {
    let writes = annotations.read_only != Some(true);
    let hints = [
        (annotations.read_only, ("read-only", Tone::Calm), ("writes", Tone::Careful)),
        (
            annotations.destructive.filter(|_| writes),
            ("destructive", Tone::Danger),
            ("not destructive", Tone::Calm),
        ),
        (
            annotations.idempotent.filter(|_| writes),
            ("idempotent", Tone::Calm),
            ("not idempotent", Tone::Careful),
        ),
        (annotations.open_world, ("open world", Tone::Careful), ("closed world", Tone::Calm)),
    ];
    let badges = hints.into_iter().filter_map(|(hint, yes, no)| {
        let (label, tone) = if hint? { yes } else { no };
        Some(Badge { label, tone })
    });
    let badges: Vec<Badge> = badges.collect();
    if badges.is_empty() {
        return vec![Badge { label: "not declared", tone: Tone::Neutral }];
    }
    badges
}

/// What a tool declares of its effects, and of whom it asks.
pub(super) fn effects(tool: &Tool) -> Vec<Badge> {
    let asks = approval(tool).map(|approval| match approval {
        Approval::Always => "asks for approval",
        Approval::Sometimes => "may ask for approval",
    });
    let asks = asks.map(|label| Badge { label, tone: Tone::Calm });
    badges(&tool.annotations).into_iter().chain(asks).collect()
}

/// The hints that are missing, with what clients assume then.
pub(super) fn undeclared(annotations: &Annotations) -> Vec<&'static str> {
    let writes = annotations.read_only != Some(true);
    let hints = [
        (annotations.read_only.is_none(), "whether it only reads (clients assume that it writes)"),
        (
            writes && annotations.destructive.is_none(),
            "whether it destroys anything (clients assume that it does)",
        ),
        (
            writes && annotations.idempotent.is_none(),
            "whether repeating a call is safe (clients assume that it is not)",
        ),
        (
            annotations.open_world.is_none(),
            "whether it reaches beyond a closed domain (clients assume that it does)",
        ),
    ];
    hints.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, words)| words).collect()
}

/// The errors a tool documents.
pub(super) fn errors(tool: &Value) -> Vec<DocumentedError> {
    let documented = tool.get("_meta").and_then(|meta| meta.get(ERRORS)).and_then(Value::as_array);
    let errors = documented.into_iter().flatten().take(MAX_ERRORS).filter_map(|error| {
        let member = |name: &str| text(error.get(name)?.as_str()).map(limited);
        let code = text(error.as_str()).map(limited).or_else(|| member("code"))?;
        Some(DocumentedError { code, when: member("when"), next: member("next") })
    });
    errors.collect()
}

/// The sentence about a deprecated tool, prompt or resource. `tools` has the anchors of the
/// tools by name.
pub(super) fn deprecation(value: &Value, tools: &HashMap<&str, String>) -> Option<Vec<Span>> {
    let deprecated = value.get("_meta")?.get(DEPRECATED)?;
    if matches!(deprecated, Value::Bool(false) | Value::Null) {
        return None;
    }
    let member = |name: &str| text(deprecated.get(name)?.as_str()).map(|text| shorten(text, 200));
    let mut spans = vec![Span::Words("Deprecated".to_owned())];
    if let Some(since) = member("since") {
        spans.extend([Span::Words(" since ".to_owned()), Span::Code(since)]);
    }
    if let Some(sunset) = member("sunset") {
        spans.extend([Span::Words(", removed on ".to_owned()), Span::Code(sunset)]);
    }
    if let Some(replacement) = member("replacement") {
        spans.push(Span::Words("; use ".to_owned()));
        spans.push(match tools.get(&*replacement) {
            Some(anchor) => Span::Link { text: replacement, anchor: anchor.clone() },
            None => Span::Code(replacement),
        });
        spans.push(Span::Words(" instead".to_owned()));
    }
    spans.push(Span::Words(".".to_owned()));
    Some(spans)
}
