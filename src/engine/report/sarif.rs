//! Findings for code scanning: SARIF 2.1.0 (OASIS).
//!
//! One result for each place, because readers show the first location of a result and nothing else,
//! and because a fingerprint belongs to a place. What is allowed is a suppressed result (§3.35).
//! What is in a file has a physical location; a tool of a running server has only a logical one.

use serde_json::{Map, Value, json};

use super::{
    Location, Report, Transport,
    escape::{for_json, for_markdown, for_markdown_code, for_markdown_message},
    not_run, place,
    replay::done,
    witness,
};
use crate::engine::{
    finding::{
        Applicability, Confidence, Finding, Place, Severity, Side, Subject, allow::AllowedFinding,
        verdict::Verdict,
    },
    protocol::json::{edit::Splice, ordered},
    rule::{self, Rule, repair::Offers},
};

/// Most columns of a line with a witness.
const WIDTH: usize = 100;
/// How many lines a message has of what was done.
const MAX_LINES: usize = 12;
/// How many tools a notification names.
const MAX_NAMES: usize = 5;

/// The log as pretty-printed JSON, newline included.
pub fn render(report: &Report<'_>) -> String {
    log(&[run(report, &format!("mcp-kit/{}/", report.command()))])
}

/// A log of runs.
pub(super) fn log(runs: &[Value]) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    });
    let text = serde_json::to_string_pretty(&ordered(log)).expect("plain data becomes JSON");
    format!("{}\n", for_json(&text))
}

/// The run of a report. Readers keep runs apart by their category, which ends in a slash.
pub(super) fn run(report: &Report<'_>, category: &str) -> Value {
    let open = report.open.iter().map(|finding| (finding, None));
    let allowed = report.allowed.iter().map(|allowed| (&allowed.finding, Some(allowed)));
    let mut rules: Vec<&'static str> = Vec::new();
    let mut results = Vec::new();
    let offers = report.offers();
    for (finding, allowed) in open.chain(allowed) {
        let index = rules.iter().position(|id| *id == finding.rule).unwrap_or_else(|| {
            rules.push(finding.rule);
            rules.len() - 1
        });
        let of_place = finding.places.iter();
        results.extend(of_place.map(|place| {
            let mut result = result(report, finding, index, place, allowed);
            let fix = offers.as_ref().and_then(|offers| fix(report, offers, finding, place));
            if let (None, Some(fix)) = (allowed, fix) {
                result["fixes"] = json!([fix]);
            }
            result
        }));
    }
    let mut run = run_of(category, rules.into_iter().map(descriptor).collect(), results);
    run["invocations"] = json!([invocation(report)]);
    run
}

/// A run with these results.
pub(super) fn run_of(category: &str, rules: Vec<Value>, results: Vec<Value>) -> Value {
    json!({
        "tool": {"driver": {
            "name": "mcp-kit",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }},
        "automationDetails": {"id": category},
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

/// The run itself, with the checks that were not made (§3.20.21): they are no results, and silence
/// about them would read as a pass.
fn invocation(report: &Report<'_>) -> Value {
    let notification = |group: &not_run::Group<'_>| {
        let text = format!("not run: {}: {}.", group.subject(MAX_NAMES), group.reason);
        json!({
            "level": "note",
            "message": {"text": text},
            "properties": {"rules": group.rules, "tools": group.tools},
        })
    };
    let notifications: Vec<Value> = not_run::groups(report).iter().map(notification).collect();
    let mut invocation = json!({"executionSuccessful": true});
    if !notifications.is_empty() {
        invocation["toolExecutionNotifications"] = json!(notifications);
    }
    invocation
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// What the reader is told of a rule. The documentation is the page of `mcp-kit explain`.
fn descriptor(id: &'static str) -> Value {
    let Some(rule) = rule::find(id) else { return json!({"id": id}) };
    let Rule { severity, confidence, help, documentation, .. } = *rule;
    let precision = match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    };
    json!({
        "id": id,
        "shortDescription": {"text": rule.summary()},
        "help": {"text": help, "markdown": documentation.trim()},
        "defaultConfiguration": {"level": level(severity)},
        "properties": {"tags": [rule.group()], "precision": precision},
    })
}

fn result(
    report: &Report<'_>,
    finding: &Finding,
    rule_index: usize,
    place: &Place,
    allowed: Option<&AllowedFinding>,
) -> Value {
    let mut result = Map::new();
    let mut set = |name: &str, value: Value| {
        result.insert(name.to_owned(), value);
    };
    set("ruleId", json!(finding.rule));
    set("ruleIndex", json!(rule_index));
    set("level", json!(level(finding.severity)));
    let verdict = report.verdict(finding, place);
    set("message", message(finding, place, verdict));
    set("locations", json!([location(report, place)]));
    let related = related(report, place);
    if !related.is_empty() {
        set("relatedLocations", json!(related));
    }
    set("partialFingerprints", json!({"mcpKitFinding/v1": place.fingerprint}));
    if let Some(allowed) = allowed {
        let mut suppression = json!({
            "kind": "external",
            "status": "accepted",
            "justification": allowed.reason,
        });
        if let Some(until) = allowed.until {
            suppression["properties"] = json!({"until": until.to_string()});
        }
        set("suppressions", json!([suppression]));
    }
    let mut properties = json!({"confidence": finding.confidence, "pointer": place.pointer});
    if let Some(found) = &place.witness {
        properties["witness"] = json!({
            "kind": if found.is_call { "call" } else { "result" },
            "acceptedBy": found.accepted_by,
            "instance": found.instance,
        });
    }
    if let Some(verdict) = verdict {
        properties["outcome"] = json!(verdict.outcome);
        properties["history"] = json!(verdict.history);
        properties["again"] = json!(verdict.again);
    }
    set("properties", properties);
    Value::Object(result)
}

/// What is wrong, the proof, and what to do; in Markdown too, where a reader knows it.
fn message(finding: &Finding, place: &Place, verdict: Option<&Verdict>) -> Value {
    let path = place::path(place);
    let note = place.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    let mut text = format!("{path}: {}{note}.", finding.message);
    let mut markdown = format!(
        "{}: {}{}.",
        for_markdown(&path),
        for_markdown_message(&finding.message),
        for_markdown_message(&note)
    );
    if let Some(found) = &place.witness {
        let (shown, _) = witness::shown(place, found, WIDTH);
        let introduction = witness::introduction(found);
        text.push_str(&format!("\n\n{introduction}:\n{shown}"));
        markdown.push_str(&format!(
            "\n\n{introduction}:\n\n{}",
            super::markdown::fenced("json", &shown)
        ));
    }
    text.push_str(&format!("\n\nhelp: {}", finding.help));
    markdown.push_str(&format!("\n\nhelp: {}", for_markdown_message(&finding.help)));
    if let Some(verdict) = verdict {
        let (lines, more) = done(verdict, MAX_LINES);
        let lines: Vec<&str> = lines.iter().map(String::as_str).chain(more.as_deref()).collect();
        let lines = lines.join("\n");
        text.push_str(&format!("\n\nagain: {}\n\n{lines}", verdict.again));
        markdown.push_str(&format!(
            "\n\nagain: {}\n\n{}",
            for_markdown_code(&verdict.again),
            super::markdown::fenced("text", &lines)
        ));
    }
    json!({"text": text, "markdown": markdown})
}

/// Where the place is. What is gone has a line only on the old side; it is put on the new file as a
/// whole, because that is the file under review.
fn location(report: &Report<'_>, place: &Place) -> Value {
    let mut location = Map::new();
    let here = match place.side {
        Side::New => report.location(place).and_then(|it| physical(&it)),
        Side::Old => {
            let origin = report.subject().origin;
            let start = crate::engine::protocol::json::Position { line: 1, column: 1 };
            let is_file = origin.transport == Transport::File;
            let whole = Location { file: origin.name.clone(), position: start };
            let old = || report.location(place).and_then(|it| physical(&it));
            is_file.then(|| artifact(&whole)).flatten().or_else(old)
        }
    };
    if let Some(physical) = here {
        location.insert("physicalLocation".to_owned(), physical);
    }
    location.insert("logicalLocations".to_owned(), json!([logical(place)]));
    Value::Object(location)
}

/// What would put it right, as regions of the file and what stands there instead.
fn fix(
    report: &Report<'_>,
    offers: &Offers<'_>,
    finding: &Finding,
    place: &Place,
) -> Option<Value> {
    let artifact = artifact(&report.location(place)?)?;
    let (fix, splices) = offers.fix_with_splices(finding, place)?;
    let surface = report.subject().surface;
    let mut replacements = Vec::new();
    for Splice { span, text } in splices {
        // Only where the document is the file; what was put together has other lines.
        if surface.source_offset(span.start)? != span.start {
            return None;
        }
        let [start, end] = [span.start, span.end].map(|at| surface.document.position(at));
        replacements.push(json!({
            "deletedRegion": {
                "startLine": start.line, "startColumn": start.column,
                "endLine": end.line, "endColumn": end.column,
            },
            "insertedContent": {"text": text},
        }));
    }
    let title = match fix.applicability {
        Applicability::Safe => fix.title,
        Applicability::Unsafe => format!("{} (unsafe)", fix.title),
    };
    let location = &artifact["artifactLocation"];
    (!replacements.is_empty()).then(|| {
        json!({
            "description": {"text": title},
            "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
        })
    })
}

/// The same thing as it was before.
fn related(report: &Report<'_>, place: &Place) -> Vec<Value> {
    let before = match place.side {
        Side::Old => report.location(place),
        Side::New => report.counterpart(place),
    };
    let physical = before.and_then(|location| physical(&location));
    let related =
        |physical| json!({"id": 1, "message": {"text": "before"}, "physicalLocation": physical});
    physical.map(related).into_iter().collect()
}

/// A file and a line; without the line where it counts in another revision than the one at hand.
pub(super) fn physical(location: &Location) -> Option<Value> {
    let mut physical = artifact(location)?;
    if location.is_current() {
        let (line, column) = (location.position.line, location.position.column);
        physical["region"] = json!({"startLine": line, "startColumn": column});
    }
    Some(physical)
}

fn artifact(location: &Location) -> Option<Value> {
    let uri = uri(&location.path()?);
    let mut artifact = json!({"uri": uri});
    // A relative address counts from the root of the repository, whose place readers know.
    if !uri.contains(':') {
        artifact["uriBaseId"] = json!("%SRCROOT%");
    }
    Some(json!({"artifactLocation": artifact}))
}

fn logical(place: &Place) -> Value {
    let kind = match place.subject {
        Subject::Server | Subject::Project | Subject::Baseline => "module",
        Subject::Tool(_) => "function",
        Subject::Prompt(_) | Subject::Resource(_) | Subject::ResourceTemplate(_) => "resource",
    };
    let name = place.subject.name().unwrap_or_else(|| place.subject.kind());
    json!({"name": name, "fullyQualifiedName": place::path(place), "kind": kind})
}

/// A path as a URI reference (RFC 3986).
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if path.as_bytes().get(1) == Some(&b':') {
        uri.push_str("file:///");
    }
    let is_absolute = !uri.is_empty();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            b':' if is_absolute => uri.push(':'),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("api/contract.json"), "api/contract.json");
        assert_eq!(uri("a b/ä#.json"), "a%20b/%C3%A4%23.json");
        assert_eq!(uri("c:d.json"), "file:///c:d.json");
        assert_eq!(uri("/srv/x.json"), "file:///srv/x.json");
    }
}
