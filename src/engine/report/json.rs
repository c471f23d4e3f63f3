//! The reports for programs: `mcp-kit.lint/1`, `mcp-kit.diff/1` and `mcp-kit.replay/1`.
//!
//! Built from their own structs, so that nothing a user parses changes with the insides. Within a
//! major version members are only added.

use serde::Serialize;
use serde_json::Value;

use super::{
    Examined, Fixing, Level, Report, Source, VersionAdvice,
    escape::for_json,
    fixing::described,
    replay::json::{self as replayed, ReplayHead, ReportedTrial},
    witness as witness_text,
};
use crate::engine::{
    finding::{
        Applicability, Confidence, Finding, Fix, Place, Severity, Side, Witness,
        allow::AllowedFinding,
    },
    protocol::revision::Era,
    rule::repair::Offers,
    surface::Evidence,
    usage::{Losses, RecordedCall},
};

/// The name of the format of lint's report.
pub const LINT_FORMAT: &str = "mcp-kit.lint/1";
/// The name of the format of diff's report.
pub const DIFF_FORMAT: &str = "mcp-kit.diff/1";

/// A report with its findings.
#[derive(Serialize)]
pub(super) struct Whole<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    findings: Vec<ReportedFinding<'a>>,
}

/// All of a report but its findings.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Head<'a> {
    Lint(LintHead<'a>),
    Diff(DiffHead<'a>),
    Replay(ReplayHead<'a>),
}

#[derive(Serialize)]
pub(super) struct LintHead<'a> {
    format: &'static str,
    generator: Generator,
    target: Target<'a>,
    server: Server<'a>,
    profile: &'static str,
    summary: LintSummary,
    /// None where there is no running server to ask.
    live: Option<Live<'a>>,
    /// What was fixed before; none where nothing was to be.
    fixed: Option<ReportedFixing<'a>>,
}

/// What a running server was asked beyond its lists.
#[derive(Serialize)]
struct Live<'a> {
    /// How many questions.
    asked: usize,
    /// Of these, how many calls of tools.
    called: usize,
    not_run: Vec<ReportedNotRun<'a>>,
}

/// What was put right.
#[derive(Serialize)]
struct ReportedFixing<'a> {
    file: &'a str,
    findings: Vec<ReportedFixed<'a>>,
}

#[derive(Serialize)]
struct ReportedFixed<'a> {
    rule: &'static str,
    severity: Severity,
    kind: &'static str,
    name: Option<&'a str>,
    /// Where it was, inside what it was about.
    pointer: &'a str,
    message: &'a str,
    applicability: Applicability,
    title: &'a str,
}

#[derive(Serialize)]
struct ReportedNotRun<'a> {
    rules: &'a [&'static str],
    tool: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
pub(super) struct DiffHead<'a> {
    format: &'static str,
    generator: Generator,
    old: Compared<'a>,
    new: Compared<'a>,
    version: Version<'a>,
    fail_on: Severity,
    summary: DiffSummary,
    /// Only where recorded traffic was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic: Option<ReportedLosses<'a>>,
}

/// Which recorded calls the changes break.
#[derive(Serialize)]
struct ReportedLosses<'a> {
    calls: u64,
    judged: u64,
    unjudged: u64,
    lost: u64,
    sessions: u64,
    tools: Vec<ReportedLoss<'a>>,
}

#[derive(Serialize)]
struct ReportedLoss<'a> {
    tool: &'a str,
    is_gone: bool,
    judged: u64,
    lost: u64,
    sessions: u64,
    first: Option<ReportedCall<'a>>,
    /// 1,000 at most.
    calls: Vec<ReportedCall<'a>>,
}

#[derive(Serialize)]
struct ReportedCall<'a> {
    file: &'a str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Generator {
    name: &'static str,
    version: &'static str,
}

impl Generator {
    /// This program.
    pub(super) fn this() -> Self {
        Self { name: "mcp-kit", version: env!("CARGO_PKG_VERSION") }
    }
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

/// One side of a comparison.
#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    target: Target<'a>,
    server: Server<'a>,
    #[serde(flatten)]
    size: Size,
}

#[derive(Serialize)]
struct Version<'a> {
    old: Option<&'a str>,
    new: Option<&'a str>,
    bump: &'static str,
    suggested: Option<&'a str>,
    is_enough: Option<bool>,
}

#[derive(Serialize)]
struct Size {
    tools: usize,
    prompts: usize,
    resources: usize,
    resource_templates: usize,
}

#[derive(Serialize)]
struct LintSummary {
    #[serde(flatten)]
    size: Size,
    tokens: TokenCost,
    errors: usize,
    warnings: usize,
    infos: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<usize>,
    /// Of the allowed ones, those that the baseline knows. Only where there is a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<usize>,
}

#[derive(Serialize)]
struct DiffSummary {
    /// Of the errors, those that break callers or readers.
    breaking: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    allowed: usize,
    /// Whether a finding is at or above `fail_on`.
    fails: bool,
}

/// o200k_base tokens of the compact JSON of all tools.
#[derive(Serialize)]
pub(super) struct TokenCost {
    pub(super) model: usize,
    pub(super) wire: usize,
}

#[derive(Serialize)]
pub(super) struct ReportedFinding<'a> {
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
    /// The first proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Option<ReportedWitness<'a>>>,
    places: Vec<ReportedPlace<'a>>,
    /// Why it is allowed. Only where there is an allow-list or a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Option<Allowed<'a>>>,
    /// The best that can be done about it; none where nothing can. Only of a surface.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixable: Option<Option<Applicability>>,
}

#[derive(Serialize)]
struct Allowed<'a> {
    /// Whether it is the baseline that has it, and not an entry of the allow-list. Only where there
    /// is a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_known: Option<bool>,
    reason: &'a str,
    until: Option<String>,
}

#[derive(Serialize)]
struct ReportedWitness<'a> {
    kind: &'static str,
    accepted_by: Side,
    refused_by: Side,
    instance: &'a Value,
    /// The message that shows it at work.
    message: Value,
}

#[derive(Serialize)]
struct ReportedPlace<'a> {
    kind: &'static str,
    name: Option<&'a str>,
    /// The side the pointer leads into; only in a comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<Side>,
    pointer: &'a str,
    /// The file of the folder, where the surface was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Option<ReportedWitness<'a>>>,
    fingerprint: &'a str,
    /// What was asked and done; only where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    trial: Option<ReportedTrial<'a>>,
    /// What would put it right here; null where nothing would. Only of a surface.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Value>,
}

/// The report as pretty-printed JSON, newline included.
pub fn render(report: &Report<'_>) -> String {
    document(&whole(report))
}

/// A report with its findings.
pub(super) fn whole<'a>(report: &Report<'a>) -> Whole<'a> {
    let formats = Formats { lint: LINT_FORMAT, diff: DIFF_FORMAT, replay: replayed::FORMAT };
    Whole { head: head(report, formats), findings: findings(report).collect() }
}

/// JSON text with what could harm a terminal escaped, newline included.
pub(super) fn document(report: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(report).expect("plain data becomes JSON");
    format!("{}\n", for_json(&text))
}

/// What a report on one surface, one on two of them, and one on what a server does are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats {
    pub(super) lint: &'static str,
    pub(super) diff: &'static str,
    pub(super) replay: &'static str,
}

/// All of a report but its findings.
pub(super) fn head<'a>(report: &Report<'a>, formats: Formats) -> Head<'a> {
    let generator = Generator::this();
    let count = |severity| report.count(severity);
    match report.examined {
        Examined::Surface { source, profile, .. } => {
            let tokens = source.surface.tokens();
            let allowed = has_allowed(report).then_some(report.allowed.len());
            Head::Lint(LintHead {
                format: formats.lint,
                generator,
                target: target(source),
                server: server(source),
                profile,
                summary: LintSummary {
                    size: size(source),
                    tokens: TokenCost { model: tokens.model, wire: tokens.wire },
                    errors: count(Severity::Error),
                    warnings: count(Severity::Warning),
                    infos: count(Severity::Info),
                    allowed,
                    known: report.baseline.map(|_| report.known()),
                },
                live: source.surface.evidence.as_ref().map(live),
                fixed: report.fixing.as_ref().map(fixed),
            })
        }
        Examined::Comparison { old, new, version, traffic, .. } => Head::Diff(DiffHead {
            format: formats.diff,
            generator,
            old: compared(old),
            new: compared(new),
            version: reported_version(version),
            fail_on: report.fail_on,
            summary: DiffSummary {
                breaking: report.count_level(Level::Breaking),
                errors: count(Severity::Error),
                warnings: count(Severity::Warning),
                infos: count(Severity::Info),
                allowed: report.allowed.len(),
                fails: report.fails(),
            },
            traffic: traffic.map(reported_losses),
        }),
        Examined::Replay { replay, .. } => {
            Head::Replay(replayed::head(report, replay, formats.replay))
        }
    }
}

fn reported_losses(losses: &Losses) -> ReportedLosses<'_> {
    let tools = losses.tools.iter().map(|tool| ReportedLoss {
        tool: &tool.tool,
        is_gone: tool.is_gone,
        judged: tool.judged,
        lost: tool.loss.calls,
        sessions: tool.loss.sessions,
        first: tool.loss.first.as_ref().map(reported_call),
        calls: tool.named.iter().map(reported_call).collect(),
    });
    ReportedLosses {
        calls: losses.calls,
        judged: losses.judged,
        unjudged: losses.unjudged,
        lost: losses.lost,
        sessions: losses.sessions,
        tools: tools.collect(),
    }
}

fn reported_call(call: &RecordedCall) -> ReportedCall<'_> {
    ReportedCall { file: &call.file, line: call.line, arguments: call.arguments.as_deref() }
}

fn fixed<'a>(fixing: &Fixing<'a>) -> ReportedFixing<'a> {
    let findings = fixing.fixed.iter().map(|it| ReportedFixed {
        rule: it.rule,
        severity: it.severity,
        kind: it.subject.kind(),
        name: it.subject.name(),
        pointer: it.within.as_str(),
        message: &it.message,
        applicability: it.applicability,
        title: &it.title,
    });
    ReportedFixing { file: fixing.file, findings: findings.collect() }
}

fn live(evidence: &Evidence) -> Live<'_> {
    let not_run = evidence.not_run.iter().map(|it| ReportedNotRun {
        rules: &it.checks,
        tool: it.tool.as_deref(),
        reason: &it.reason,
    });
    Live {
        asked: evidence.answers.len() + evidence.listings.len(),
        called: evidence.calls().count(),
        not_run: not_run.collect(),
    }
}

fn target(source: Source<'_>) -> Target<'_> {
    Target {
        name: &source.origin.name,
        transport: source.origin.transport.as_str(),
        era: source.origin.transport.era(),
        revision: source.surface.server.revision_text.as_deref(),
    }
}

fn server(source: Source<'_>) -> Server<'_> {
    let server = &source.surface.server;
    Server {
        name: server.name.as_deref(),
        title: server.title.as_deref(),
        version: server.version.as_deref(),
    }
}

fn size(source: Source<'_>) -> Size {
    let surface = source.surface;
    Size {
        tools: surface.tools.len(),
        prompts: surface.prompts.len(),
        resources: surface.resources.len(),
        resource_templates: surface.resource_templates.len(),
    }
}

fn compared(source: Source<'_>) -> Compared<'_> {
    Compared { target: target(source), server: server(source), size: size(source) }
}

fn reported_version(version: &VersionAdvice) -> Version<'_> {
    Version {
        old: version.old.as_deref(),
        new: version.new.as_deref(),
        bump: version.bump.as_str(),
        suggested: version.suggested.as_deref(),
        is_enough: version.is_enough,
    }
}

/// The open findings, worst first, and then those that are allowed.
pub(super) fn findings<'a>(
    report: &Report<'a>,
) -> impl Iterator<Item = ReportedFinding<'a>> + use<'a> {
    let (report, offers) = (*report, report.offers());
    let all = report.open.iter().map(|finding| (finding, None));
    let all = all.chain(report.allowed.iter().map(|it| (&it.finding, Some(it))));
    all.map(move |(finding, allowed)| {
        let offers = offers.as_ref().filter(|_| allowed.is_none());
        reported(finding, allowed, &report, offers)
    })
}

/// Whether there is anything that could allow a finding.
fn has_allowed(report: &Report<'_>) -> bool {
    report.allow_list.is_some() || report.baseline.is_some()
}

fn reported<'a>(
    finding: &'a Finding,
    allowed: Option<&'a AllowedFinding>,
    report: &Report<'a>,
    offers: Option<&Offers<'_>>,
) -> ReportedFinding<'a> {
    let is_comparison = matches!(report.examined, Examined::Comparison { .. });
    let is_of_text = matches!(report.examined, Examined::Surface { .. });
    let has_list = !is_of_text || has_allowed(report);
    let proof = finding.places.iter().find_map(witness);
    let fix = |place| offers?.fix(finding, place);
    let fixes: Vec<Option<Fix>> = finding.places.iter().map(fix).collect();
    let fixable = fixes.iter().flatten().map(|fix| fix.applicability).min();
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
        witness: is_comparison.then_some(proof),
        places: finding
            .places
            .iter()
            .zip(&fixes)
            .map(|(place, fix)| {
                let described =
                    offers.zip(fix.as_ref()).map(|(offers, fix)| described(offers, fix));
                let fix = is_of_text.then(|| described.unwrap_or_default());
                let trial = report.verdict(finding, place).map(ReportedTrial::of);
                ReportedPlace { fix, trial, ..reported_place(place, report) }
            })
            .collect(),
        fixable: is_of_text.then_some(fixable),
        allowed: has_list.then(|| {
            allowed.map(|allowed| Allowed {
                is_known: report.baseline.map(|_| allowed.entry.is_none()),
                reason: &allowed.reason,
                until: allowed.until.map(|until| until.to_string()),
            })
        }),
    }
}

fn reported_place<'a>(place: &'a Place, report: &Report<'a>) -> ReportedPlace<'a> {
    let is_comparison = matches!(report.examined, Examined::Comparison { .. });
    let position = report.location(place).map(|location| location.position);
    ReportedPlace {
        kind: place.subject.kind(),
        name: place.subject.name(),
        side: is_comparison.then_some(place.side),
        pointer: place.pointer.as_str(),
        file: report.side(place.side).and_then(|source| source.surface.file(&place.pointer)),
        line: position.map(|position| position.line),
        column: position.map(|position| position.column),
        note: place.note.as_deref(),
        witness: is_comparison.then(|| witness(place)),
        fingerprint: &place.fingerprint,
        trial: None,
        fix: None,
    }
}

fn witness(place: &Place) -> Option<ReportedWitness<'_>> {
    let found: &Witness = place.witness.as_ref()?;
    let refused_by = match found.accepted_by {
        Side::Old => Side::New,
        Side::New => Side::Old,
    };
    Some(ReportedWitness {
        kind: if found.is_call { "call" } else { "result" },
        accepted_by: found.accepted_by,
        refused_by,
        instance: &found.instance,
        message: witness_text::message(place, found),
    })
}
