//! The lint report for programs: `mcp-kit.lint/1`.
//!
//! Built from its own structs, so that nothing a user parses changes with the insides. Within a
//! major version members are only added.

use serde::Serialize;

use super::{LintReport, Transport, escape::for_json};
use crate::engine::{
    finding::{Confidence, Finding, Place, Severity, Subject},
    protocol::revision::Era,
};

/// The format's name.
pub const FORMAT: &str = "mcp-kit.lint/1";

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    generator: Generator,
    target: Target<'a>,
    server: Server<'a>,
    profile: &'static str,
    summary: Summary,
    findings: Vec<ReportedFinding<'a>>,
}

#[derive(Serialize)]
struct Generator {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Target<'a> {
    name: &'a str,
    transport: &'static str,
    era: Option<Era>,
    revision: Option<&'a str>,
}

#[derive(Serialize)]
struct Server<'a> {
    name: Option<&'a str>,
    title: Option<&'a str>,
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    tools: usize,
    prompts: usize,
    resources: usize,
    resource_templates: usize,
    tokens: TokenCost,
    errors: usize,
    warnings: usize,
    infos: usize,
}

/// o200k_base tokens of the compact JSON of all tools.
#[derive(Serialize)]
struct TokenCost {
    model: usize,
    wire: usize,
}

#[derive(Serialize)]
struct ReportedFinding<'a> {
    rule: &'static str,
    severity: Severity,
    confidence: Confidence,
    /// The tool, where it is about exactly one.
    tool: Option<&'a str>,
    /// All tools it is about.
    tools: Vec<&'a str>,
    /// The first place.
    pointer: &'a str,
    message: &'a str,
    help: &'a str,
    fingerprint: String,
    places: Vec<ReportedPlace<'a>>,
}

#[derive(Serialize)]
struct ReportedPlace<'a> {
    kind: &'static str,
    name: Option<&'a str>,
    pointer: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    note: Option<&'a str>,
    fingerprint: &'a str,
}

/// The report as pretty-printed JSON, newline included.
pub fn render(report: &LintReport<'_>) -> String {
    let surface = report.surface;
    let tokens = surface.tokens();
    let json = Report {
        format: FORMAT,
        generator: Generator { name: "mcp-kit", version: env!("CARGO_PKG_VERSION") },
        target: Target {
            name: &report.origin.name,
            transport: report.origin.transport.as_str(),
            era: report.origin.transport.era(),
            revision: surface.server.revision_text.as_deref(),
        },
        server: Server {
            name: surface.server.name.as_deref(),
            title: surface.server.title.as_deref(),
            version: surface.server.version.as_deref(),
        },
        profile: report.profile,
        summary: Summary {
            tools: surface.tools.len(),
            prompts: surface.prompts.len(),
            resources: surface.resources.len(),
            resource_templates: surface.resource_templates.len(),
            tokens: TokenCost { model: tokens.model, wire: tokens.wire },
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            infos: report.count(Severity::Info),
        },
        findings: report.findings.iter().map(|finding| reported(finding, report)).collect(),
    };
    let text = serde_json::to_string_pretty(&json).expect("plain data becomes JSON");
    format!("{}\n", for_json(&text))
}

fn reported<'a>(finding: &'a Finding, report: &LintReport<'_>) -> ReportedFinding<'a> {
    ReportedFinding {
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        tool: finding.tool(),
        tools: finding.tools(),
        pointer: finding.places.first().map_or("", |place| place.pointer.as_str()),
        message: &finding.message,
        help: &finding.help,
        fingerprint: finding.fingerprint(),
        places: finding.places.iter().map(|place| reported_place(place, report)).collect(),
    }
}

fn reported_place<'a>(place: &'a Place, report: &LintReport<'_>) -> ReportedPlace<'a> {
    let (kind, name) = match &place.subject {
        Subject::Server => ("server", None),
        Subject::Tool(name) => ("tool", Some(name.as_str())),
        Subject::Prompt(name) => ("prompt", Some(name.as_str())),
        Subject::Resource(name) => ("resource", Some(name.as_str())),
        Subject::ResourceTemplate(name) => ("resource template", Some(name.as_str())),
    };
    let position = match report.origin.transport {
        Transport::File => report.surface.position(&place.pointer),
        _ => None,
    };
    ReportedPlace {
        kind,
        name,
        pointer: place.pointer.as_str(),
        line: position.map(|position| position.line),
        column: position.map(|position| position.column),
        note: place.note.as_deref(),
        fingerprint: &place.fingerprint,
    }
}
