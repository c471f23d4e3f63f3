//! The report as a comment on a pull request, in GitHub-flavoured Markdown.
//!
//! The verdict stands in the heading; what fails the run is shown with its proof, the rest is
//! folded away. A comment has a limit of size, which the report keeps by leaving out and counting.

use std::{collections::HashSet, fmt::Write};

use super::{
    Examined, Level, Report, Source, counted,
    escape::{for_markdown, for_markdown_code, for_markdown_message},
    grouped, not_run, place, recorded,
    replay::markdown as replayed,
    text::advice,
    witness,
};
use crate::engine::finding::{Finding, Place, allow::AllowedFinding};

/// GitHub refuses comments of more than 65,536 characters; the rest is for headings and for what
/// a workflow may put around it.
const MAX_CHARACTERS: usize = 60_000;
/// Most characters of one finding.
const MAX_FINDING: usize = 6_000;
/// Most columns of a line with a witness.
const WIDTH: usize = 100;
/// How many places of a finding are listed.
const MAX_PLACES: usize = 20;

/// The report, newline included.
pub fn render(report: &Report<'_>) -> String {
    let mut page = Page { text: heading(report), left_out: 0 };
    match report.replay() {
        Some(replay) => page.text.push_str(&replayed::table(report, replay)),
        None => page.text.push_str(&counts(report)),
    }
    let (failing, others): (Vec<&Finding>, Vec<&Finding>) =
        report.open.iter().partition(|finding| finding.fails(report.fail_on));
    for level in Level::ALL {
        let of_level: Vec<_> =
            failing.iter().copied().filter(|finding| Level::of(finding) == level).collect();
        if !of_level.is_empty() {
            let _ = write!(page.text, "\n### {}\n", title(level));
            page.push_all(of_level.into_iter().map(|finding| item(finding, None, report)));
        }
    }
    for level in Level::ALL {
        let of_level: Vec<_> =
            others.iter().copied().filter(|finding| Level::of(finding) == level).collect();
        let summary = level.counted(of_level.len());
        page.push_folded(&summary, of_level.iter().map(|finding| item(finding, None, report)));
    }
    let allowed = format!("{} allowed", grouped(report.allowed.len()));
    let items = report.allowed.iter().map(|it| item(&it.finding, Some(it), report));
    page.push_folded(&allowed, items);
    page.push_not_run("", report);
    page.push_recorded_calls(report);
    page.push_left_out();
    page.push_foot(report);
    page.text
}

/// A code block around a text in that language, with a fence that the text cannot close.
pub(super) fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}")
}

/// The comment as far as it is written.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) left_out: usize,
}

impl Page {
    pub(super) fn push_all(&mut self, items: impl Iterator<Item = String>) {
        for item in items {
            if self.text.len() + item.len() > MAX_CHARACTERS {
                self.left_out += 1;
            } else {
                self.text.push('\n');
                self.text.push_str(&item);
            }
        }
    }

    pub(super) fn push_folded(&mut self, summary: &str, items: impl Iterator<Item = String>) {
        let mut items = items.peekable();
        if items.peek().is_some() {
            let _ = write!(self.text, "\n<details><summary>{summary}</summary>\n");
            self.push_all(items);
            self.text.push_str("\n</details>\n");
        }
    }

    /// Says what did not fit.
    pub(super) fn push_left_out(&mut self) {
        if self.left_out > 0 {
            let what = counted(self.left_out, "more item");
            let full = "the comment is full, other formats have all";
            let _ = write!(self.text, "\n… and {what}: {full}.\n");
        }
    }

    /// What was not checked, folded away; with a word in front where there are several servers.
    pub(super) fn push_not_run(&mut self, prefix: &str, report: &Report<'_>) {
        let not_run = not_run::groups(report);
        let summary = match report.replay() {
            Some(replay) => replayed::not_asked(replay),
            None => format!("{prefix}{} not run", counted(rules(&not_run), "check")),
        };
        self.push_folded(&summary, not_run.iter().map(not_run_item));
    }

    /// What is lost of the recorded traffic, tool by tool.
    fn push_recorded_calls(&mut self, report: &Report<'_>) {
        let Some(losses) = report.losses() else { return };
        let _ = write!(self.text, "\n### Recorded traffic\n\n{}\n", recorded::sentence(losses));
        let shown = losses.tools.iter().take(recorded::MAX_TOOLS);
        let items: Vec<String> = shown
            .map(|tool| {
                let gone = if tool.is_gone { " (gone)" } else { "" };
                let name = for_markdown_code(&tool.tool);
                format!("- {name}{gone}: {}\n", for_markdown(&recorded::of_tool(tool)))
            })
            .collect();
        if !items.is_empty() {
            let _ = write!(self.text, "\n{}", items.concat());
        }
        self.left_out += losses.tools.len().saturating_sub(recorded::MAX_TOOLS);
    }

    fn push_foot(&mut self, report: &Report<'_>) {
        if let Some(first) = report.open.first() {
            let why = for_markdown_code(&format!("mcp-kit explain {}", first.rule));
            let _ = write!(self.text, "\nWhy: {why}");
            if let Examined::Comparison { accept: Some(accept), .. } = report.examined {
                let _ = write!(self.text, " · accept on purpose: {}", for_markdown_code(accept));
            }
            self.text.push('\n');
        }
    }
}

fn title(level: Level) -> &'static str {
    match level {
        Level::Breaking => "Breaking",
        Level::Error => "Errors",
        Level::Warning => "Warnings",
        Level::Info => "Information",
    }
}

fn heading(report: &Report<'_>) -> String {
    let counts: Vec<String> = report.counts().into_iter().map(|(_, count)| count).collect();
    let verdict = match (counts.is_empty(), report.allowed.is_empty()) {
        (false, _) => counts.join(", "),
        (true, true) => "no findings".to_owned(),
        (true, false) => format!("{} allowed", grouped(report.allowed.len())),
    };
    let mark = if report.fails() { "❌" } else { "✅" };
    let mut text = format!("## {mark} mcp-kit {}: {verdict}\n\n", report.command());
    let Source { surface, origin } = report.subject();
    let name = surface.server.name.as_deref().unwrap_or(&origin.name);
    let _ = write!(text, "**{}**", for_markdown(name));
    let versions = match report.examined {
        Examined::Surface { source, .. } | Examined::Replay { source, .. } => {
            [None, source.surface.server.version.as_deref()]
        }
        Examined::Comparison { old, new, .. } => {
            [&old, &new].map(|side| side.surface.server.version.as_deref())
        }
    };
    match versions {
        [Some(old), Some(new)] if old != new => {
            let _ = write!(text, " {} → {}", for_markdown_code(old), for_markdown_code(new));
        }
        [_, Some(only)] | [Some(only), None] => {
            let _ = write!(text, " {}", for_markdown_code(only));
        }
        [None, None] => {}
    }
    let _ = write!(text, ", {}", counted(surface.tools.len(), "tool"));
    match report.examined {
        Examined::Surface { profile, .. } => {
            let _ = write!(text, ", profile {profile}");
        }
        Examined::Replay { replay, .. } => {
            let _ = write!(text, ", {}", for_markdown(&replay.spoken));
        }
        Examined::Comparison { version, .. } => {
            if let Some(advice) = advice(version) {
                let _ = write!(text, " · {}", for_markdown(&advice));
            }
        }
    }
    text.push('\n');
    text
}

/// The table of counts; nothing where there is nothing to count.
fn counts(report: &Report<'_>) -> String {
    if report.open.is_empty() && report.allowed.is_empty() {
        return String::new();
    }
    let is_comparison = matches!(report.examined, Examined::Comparison { .. });
    let mut columns: Vec<(&str, usize)> = Level::ALL
        .into_iter()
        .map(|level| (level.as_str(), report.count_level(level)))
        .filter(|(name, count)| match *name {
            "breaking" => is_comparison,
            // In a comparison an error that is no break is the exception.
            "error" => !is_comparison || *count > 0,
            _ => true,
        })
        .collect();
    if report.allow_list.is_some() || report.baseline.is_some() || !report.allowed.is_empty() {
        columns.push(("allowed", report.allowed.len()));
    }
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let names = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let numbers = columns.iter().map(|(_, count)| grouped(*count)).collect();
    format!("\n{}|{}\n{}", row(names), "---|".repeat(columns.len()), row(numbers))
}

/// How many rules could not be checked somewhere.
fn rules(not_run: &[not_run::Group<'_>]) -> usize {
    not_run.iter().flat_map(|group| group.rules.iter()).collect::<HashSet<_>>().len()
}

fn not_run_item(group: &not_run::Group<'_>) -> String {
    let subject = for_markdown(&group.subject(MAX_PLACES));
    let rules: Vec<String> = group.rules.iter().map(|rule| for_markdown_code(rule)).collect();
    let rules = if group.is_about_all() { group.rules() } else { rules.join(", ") };
    format!("- **{subject}**: {} ({rules})\n", for_markdown_message(group.reason))
}

/// A finding as an item of a list.
pub(super) fn item(
    finding: &Finding,
    allowed: Option<&AllowedFinding>,
    report: &Report<'_>,
) -> String {
    let rule = for_markdown_code(finding.rule);
    let message = for_markdown_message(&finding.message);
    let mut text = match finding.places.as_slice() {
        [only] => {
            let place = shown_place(only, report);
            format!("- {place}: {message}{} ({rule})\n", note(only))
        }
        several => {
            let mut text =
                format!("- {message}, at {} ({rule})\n", counted(several.len(), "place"));
            for place in several.iter().take(MAX_PLACES) {
                let _ = writeln!(text, "  - {}{}", shown_place(place, report), note(place));
            }
            if several.len() > MAX_PLACES {
                let _ = writeln!(text, "  - and {} more", several.len() - MAX_PLACES);
            }
            // Without it what follows would go on with the last item.
            text.push('\n');
            text
        }
    };
    let proof = finding.places.iter().find_map(|place| Some((place, place.witness.as_ref()?)));
    if let Some((place, found)) = proof {
        let (shown, _) = witness::shown(place, found, WIDTH);
        let block = fenced("json", &shown).replace('\n', "\n  ");
        let _ = write!(text, "\n  {}:\n\n  {block}\n\n", witness::introduction(found));
    }
    match allowed {
        Some(allowed) => {
            let until = allowed.until.map(|until| format!(" (until {until})")).unwrap_or_default();
            let _ = writeln!(text, "  Reason: {}{until}", one_line(&allowed.reason));
        }
        None => {
            let _ = writeln!(text, "  Help: {}", for_markdown_message(&finding.help));
            let of_places = finding.places.iter();
            let verdict = of_places.filter_map(|place| report.verdict(finding, place)).next();
            text.push_str(&verdict.map(replayed::done_for).unwrap_or_default());
        }
    }
    if text.len() > MAX_FINDING {
        let place = finding.places.first().map(place::path).unwrap_or_default();
        let place: String = place.chars().take(200).collect();
        return format!("- {}: too long to be shown here ({rule})\n", for_markdown(&place));
    }
    text
}

/// The place in words and, where there is one, as a line of a file.
fn shown_place(place: &Place, report: &Report<'_>) -> String {
    let mut text = format!("**{}**", for_markdown(&place::path(place)));
    if let Some(location) = report.location(place) {
        let at = format!("{}:{}", location.file, location.position.line);
        let _ = write!(text, " ({})", for_markdown_code(&at));
    }
    text
}

fn note(place: &Place) -> String {
    place.note.as_ref().map(|note| format!(" ({})", for_markdown_message(note))).unwrap_or_default()
}

pub(super) fn one_line(text: &str) -> String {
    for_markdown(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
