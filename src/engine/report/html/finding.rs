//! The findings, level by level, each with its places, its proof and what to do.

use std::fmt::Write;

use super::{MAX_LINE, Sheet, replay, rule};
use crate::engine::{
    finding::{Finding, Place, Subject, allow::AllowedFinding},
    report::{
        Level, Report, counted,
        escape::{for_html, shorten},
        grouped,
        page::{Page, code, message, name_code},
        place, witness,
    },
};

/// How many findings of a level are shown.
pub(super) const MAX_FINDINGS: usize = 500;
/// How many places of a finding are listed.
const MAX_PLACES: usize = 50;
/// So many findings that fail the run are shown open.
const MAX_OPEN: usize = 10;
/// Characters of a text of ours that may quote a server, and of a proof.
const MAX_TEXT: usize = 2_000;
const MAX_PROOF: usize = 6_000;
/// Most columns of a line with a proof.
const WIDTH: usize = 90;

/// The findings of one level.
pub(super) struct Group<'a> {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) tone: &'static str,
    pub(super) findings: Vec<Shown<'a>>,
}

/// A finding and its number on the page.
pub(super) struct Shown<'a> {
    pub(super) number: usize,
    pub(super) finding: &'a Finding,
    pub(super) allowed: Option<&'a AllowedFinding>,
}

/// The findings by level, and behind them those that are allowed; none that would be empty.
pub(super) fn groups<'a>(report: &'a Report<'a>) -> Vec<Group<'a>> {
    let mut number = 0;
    let mut shown = |finding: &'a Finding, allowed: Option<&'a AllowedFinding>| {
        number += 1;
        Shown { number, finding, allowed }
    };
    let mut groups = Vec::new();
    for level in Level::ALL {
        let of_level = report.open.iter().filter(|finding| Level::of(finding) == level);
        let findings = of_level.map(|finding| shown(finding, None)).collect();
        let (id, title, tone) = match level {
            Level::Breaking => ("breaking", "Breaking", "danger"),
            Level::Error => ("errors", "Errors", "danger"),
            Level::Warning => ("warnings", "Warnings", "careful"),
            Level::Info => ("infos", "Information", "neutral"),
        };
        groups.push(Group { id, title, tone, findings });
    }
    let allowed = report.allowed.iter().map(|allowed| shown(&allowed.finding, Some(allowed)));
    let findings = allowed.collect();
    groups.push(Group { id: "allowed", title: "Allowed", tone: "calm", findings });
    groups.retain(|group| !group.findings.is_empty());
    groups
}

pub(super) fn sections(sheet: &Sheet<'_>, page: &mut Page) {
    let failing = sheet.report.open.iter().filter(|it| it.fails(sheet.report.fail_on)).count();
    for group in &sheet.groups {
        sheet.open_section(group.id, group.title, page);
        for shown in sheet.shown(group) {
            let fails = shown.allowed.is_none() && shown.finding.fails(sheet.report.fail_on);
            item(sheet, shown, group.tone, fails && failing <= MAX_OPEN, page);
        }
        if group.findings.len() > sheet.most_findings {
            let rest = counted(group.findings.len() - sheet.most_findings, "more finding");
            page.add(&format!("<p class=\"quiet\">And {rest}; --format json has all.</p>"));
        }
        page.add("</section>");
    }
}

fn item(sheet: &Sheet<'_>, shown: &Shown<'_>, tone: &str, is_open: bool, page: &mut Page) {
    let finding = shown.finding;
    let open = if is_open { " open" } else { "" };
    page.add(&format!(
        "<details class=\"finding {tone}\"{open}>\n<summary><span class=\"message\" dir=\"auto\">{}\
         </span> <span class=\"where\">{}</span> <span class=\"rule\">{}</span></summary>",
        said(&finding.message),
        whereabouts(finding),
        finding.rule,
    ));
    page.add(&format!("<div class=\"body\" id=\"{}\">", sheet.anchor(shown)));
    if let Some(allowed) = shown.allowed {
        let until = allowed.until.map(|until| format!(" (until {until})")).unwrap_or_default();
        let reason = for_html(&shorten(&allowed.reason, MAX_TEXT));
        page.add(&format!("<p><strong>Allowed</strong> {reason}{until}</p>"));
    }
    page.add(&format!("<p class=\"fix\"><strong>Fix</strong> {}</p>", said(&finding.help)));
    let proof = finding.places.iter().find_map(|place| Some((place, place.witness.as_ref()?)));
    if let Some((place, found)) = proof {
        let (text, _) = witness::shown(place, found, WIDTH);
        page.add(&format!(
            "<p>Proof: {}.</p>\n<pre tabindex=\"0\"><code>{}</code></pre>",
            witness::introduction(found),
            for_html(&shorten(&text, MAX_PROOF))
        ));
    }
    let verdict = finding.places.iter().find_map(|it| sheet.report.verdict(finding, it));
    if let Some(verdict) = verdict {
        replay::done_for(verdict, page);
    }
    page.add("<ul class=\"places\">");
    for place in finding.places.iter().take(MAX_PLACES) {
        page.add(&format!("<li>{}</li>", spot(sheet, place)));
    }
    if finding.places.len() > MAX_PLACES {
        let rest = counted(finding.places.len() - MAX_PLACES, "more place");
        page.add(&format!("<li>and {rest}</li>"));
    }
    let (anchor, rule) = (rule::anchor(finding.rule), finding.rule);
    page.add(&format!(
        "</ul>\n<p class=\"quiet\">Why: <a href=\"#{anchor}\">{rule}</a> · fingerprint {}</p>\n\
         </div>\n</details>",
        code(&finding.fingerprint())
    ));
}

/// A message or an advice: what it quotes is code.
pub(super) fn said(text: &str) -> String {
    message(&shorten(text, MAX_TEXT))
}

/// The place of a finding in one word, or how many there are.
fn whereabouts(finding: &Finding) -> String {
    match finding.places.as_slice() {
        [only] => name_code(&shorten(&place::path(only), MAX_LINE)),
        several => {
            let tools = finding.tools().len();
            match several.iter().all(|place| place.subject.tool().is_some()) && tools > 1 {
                true => counted(tools, "tool"),
                false => format!("{} places", grouped(several.len())),
            }
        }
    }
}

/// A place with its line and what is particular to it.
fn spot(sheet: &Sheet<'_>, place: &Place) -> String {
    let path = place::path(place);
    let mut text = match &place.subject {
        // The path begins with the name, and the name is what leads to the tool.
        Subject::Tool(name) if !name.is_empty() => {
            let within = path.strip_prefix(name.as_str()).unwrap_or_default();
            let within = if within.is_empty() {
                String::new()
            } else {
                name_code(&shorten(within, MAX_LINE))
            };
            format!("{}{within}", sheet.tool(name))
        }
        _ => name_code(&shorten(&path, MAX_LINE)),
    };
    if let Some(location) = sheet.report.location(place) {
        let file = shorten(&location.file, MAX_LINE);
        let at = format!("{file}:{}:{}", location.position.line, location.position.column);
        let _ = write!(text, " <small>{}</small>", for_html(&at));
    }
    if let Some(note) = &place.note {
        let _ = write!(text, " ({})", message(&shorten(note, MAX_LINE)));
    }
    text
}
