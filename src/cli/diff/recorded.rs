//! Which recorded calls the changes break: findings and traffic, joined.

use std::{collections::HashMap, sync::Arc};

use crate::{
    cli::{error::CliError, terminal::Terminal, traffic::TrafficArgs},
    engine::{
        finding::{Finding, Place, Severity, allow::Judged},
        protocol::pointer::Pointer,
        surface::Surface,
        usage::{Impact, Loss, Losses},
    },
};

/// Counts what is lost, and notes at each break of an input what is lost by it.
pub(super) fn lost(
    old: &Surface,
    new: &Surface,
    renamed: &HashMap<String, String>,
    traffic: &TrafficArgs,
    judged: &mut Judged,
    terminal: &Terminal,
) -> Result<Losses, CliError> {
    let mut impact = Impact::between(old, new);
    let mut spots: Vec<Option<usize>> = Vec::new();
    for place in places(judged) {
        spots.push(spot(place, old, new, renamed).and_then(|(tool, at)| impact.watch(tool, at)));
    }
    let mut file: Arc<str> = Arc::from("");
    traffic.open().read(terminal, |path, number, line| {
        if number == 1 {
            file = path.display().to_string().into();
        }
        impact.take(&file, number, line);
    })?;
    let losses = impact.finish();
    if losses.calls == 0 {
        terminal.remark("note: the recorded traffic has no call of a tool of the old surface\n");
    }
    for (place, spot) in places(judged).zip(spots) {
        if let Some(spot) = spot {
            let said = note(&losses.spots[spot]);
            place.note = Some(match place.note.take() {
                Some(before) => format!("{before}; {said}"),
                None => said,
            });
        }
    }
    Ok(losses)
}

/// The places of all breaks, open or allowed.
fn places(judged: &mut Judged) -> impl Iterator<Item = &mut Place> {
    let allowed = judged.allowed.iter_mut().map(|allowed| &mut allowed.finding);
    let is_break = |finding: &&mut Finding| {
        finding.severity == Severity::Error && finding.rule.starts_with("breaking/")
    };
    let findings = judged.open.iter_mut().chain(allowed).filter(is_break);
    findings.flat_map(|finding| finding.places.iter_mut())
}

/// The tool that a break loses calls of, by its old name, and where in its input schema; none where it
/// loses none: an output breaks readers, and those are not recorded.
fn spot<'a>(
    place: &'a Place,
    old: &Surface,
    new: &Surface,
    renamed: &'a HashMap<String, String>,
) -> Option<(&'a str, Pointer)> {
    let name = place.subject.tool()?;
    let input = Pointer::root().join("inputSchema");
    match place.within.strip_prefix(&input) {
        Some(at) => Some((name, at)),
        None if !place.within.as_str().is_empty() => None,
        None => {
            let name = match renamed.get(name) {
                Some(before) if old.tool(name).is_none() => before,
                _ => name,
            };
            new.tool(name).is_none().then(|| (name, Pointer::root()))
        }
    }
}

fn note(loss: &Loss) -> String {
    let counted = |count: u64, noun: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {noun}{ending}")
    };
    match &loss.first {
        None => "breaks no recorded call".to_owned(),
        Some(first) => format!(
            "breaks {} in {}, the first at {}:{}",
            counted(loss.calls, "recorded call"),
            counted(loss.sessions, "session"),
            first.file,
            first.line
        ),
    }
}
