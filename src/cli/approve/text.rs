//! Proposals as text for a terminal. What others wrote stays on its line, and what cannot be seen is
//! shown.

use std::fmt::Write;

use crate::{
    engine::report::escape,
    serve::runtime::{
        host::http::approvals::is_odd,
        tool::{Listing, Shown, Stage},
    },
};

/// What there is to decide about.
pub(super) fn listing(listing: &Listing) -> String {
    let mut text = String::new();
    if listing.open.is_empty() {
        text.push_str("nothing waits for a decision of yours\n");
    }
    for shown in &listing.open {
        text.push_str(&short(shown));
    }
    if listing.has_more {
        text.push_str("there are more; they appear when these are decided\n");
    }
    if listing.is_cut {
        text.push_str("there were too many to read them all: older ones may wait for you, too\n");
    }
    if listing.void > 0 {
        let _ = writeln!(text, "left out as void, because a record has changed: {}", listing.void);
    }
    if !listing.own.is_empty() {
        text.push_str("\nyours, for somebody else to decide\n");
        for shown in &listing.own {
            text.push_str(&short(shown));
        }
        let own = listing.own_total.saturating_sub(listing.own.len() as u64);
        if own > 0 {
            let _ = writeln!(text, "and {own} more of yours");
        }
    }
    if !listing.decided.is_empty() {
        text.push_str("\ndecided lately\n");
        for shown in &listing.decided {
            text.push_str(&short(shown));
        }
    }
    text
}

fn short(shown: &Shown) -> String {
    let standing = match (&shown.decided_by, shown.stage) {
        (_, Stage::Proposed) if shown.is_own => ", yours: somebody else has to decide".to_owned(),
        (_, Stage::Proposed) => format!(", good until {}", spoken(&shown.expires_at)),
        (Some(by), stage) => format!(", {} ({})", stage.name(), for_terminal(by)),
        (None, stage) => format!(", {}", stage.name()),
    };
    format!(
        "{}  {}\n    asked for by {} on {}{standing}\n    why: {}\n",
        for_terminal(&shown.id),
        for_terminal(&shown.title),
        for_terminal(&shown.proposed_by),
        spoken(&shown.proposed_at),
        for_terminal(&shown.reason),
    )
}

/// All of one.
pub(super) fn whole(shown: &Shown) -> String {
    let mut text = format!("{}\n", for_terminal(&shown.title));
    let mut say = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<13} {}", for_terminal(value));
    };
    say("change", &shown.id);
    for topic in &shown.topics {
        let id = if topic.id.is_empty() { "new" } else { &topic.id };
        say("about", &format!("{} {} ({id})", topic.kind, topic.name));
    }
    say("asked for by", &format!("{} on {}", shown.proposed_by, spoken(&shown.proposed_at)));
    say("why", &shown.reason);
    say("good until", &spoken(&shown.expires_at));
    say("state", &standing(shown));
    if let Some(reason) = &shown.decision_reason {
        say("remark", reason);
    }
    say("digest", &shown.digest);
    text.push_str("  what would be different\n");
    for line in &shown.diff {
        let value = |value: &Option<String>| match value.as_deref() {
            None => "nothing".to_owned(),
            Some(value) => format!("\"{}\"", for_terminal(value).replace('"', "\\\"")),
        };
        let (before, after) = (value(&line.before), value(&line.after));
        let _ = writeln!(text, "    {}: {before} -> {after}", for_terminal(&line.field));
    }
    text
}

/// How things stand after a decision.
pub(super) fn outcome(shown: &Shown) -> String {
    format!("{}: {}\n", for_terminal(&shown.id), for_terminal(&standing(shown)))
}

fn standing(shown: &Shown) -> String {
    let by = shown.decided_by.as_deref();
    let at = shown.decided_at.as_deref().map_or(String::new(), |at| format!(" on {}", spoken(at)));
    match (shown.stage, by) {
        (Stage::Proposed, _) if shown.is_own => {
            "open; it is yours, so somebody else has to decide".to_owned()
        }
        (Stage::Proposed, _) => "open".to_owned(),
        (Stage::Void, _) => "void: a record has changed since it was proposed".to_owned(),
        (Stage::Applied, Some(by)) => format!("made, after {by} had approved it{at}"),
        (stage, Some(by)) => format!("{} by {by}{at}", stage.name()),
        (stage, None) => stage.name().to_owned(),
    }
}

/// `2026-11-23T17:30:45.120Z` as `2026-11-23 17:30 UTC`.
fn spoken(written: &str) -> String {
    match (written.get(..10), written.get(11..16)) {
        (Some(day), Some(hour)) => format!("{day} {hour} UTC"),
        _ => written.to_owned(),
    }
}

/// Text of others on one line. What cannot be seen is marked, as it is on the page, and what somebody has
/// typed does not look like a mark: a backslash of theirs stands there twice.
fn for_terminal(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => marked.push_str("\\\\"),
            odd if is_odd(odd) => marked.extend(odd.escape_default()),
            plain => marked.push(plain),
        }
    }
    escape::for_terminal(&marked)
}

#[cfg(test)]
mod tests {
    use super::{for_terminal, whole};
    use crate::serve::runtime::tool::{Shown, ShownLine, Stage};

    fn shown(before: &str, after: &str) -> Shown {
        Shown {
            id: "1".to_owned(),
            title: "Update".to_owned(),
            reason: "a\nb".to_owned(),
            topics: Vec::new(),
            diff: vec![ShownLine {
                field: "town".to_owned(),
                before: Some(before.to_owned()),
                after: Some(after.to_owned()),
            }],
            proposed_by: "alice".to_owned(),
            proposed_at: "2026-11-23T17:30:45.120Z".to_owned(),
            expires_at: "2026-11-24T17:30:45.120Z".to_owned(),
            stage: Stage::Proposed,
            is_own: false,
            digest: "0".repeat(64),
            decided_by: None,
            decided_at: None,
            decision_reason: None,
        }
    }

    #[test]
    fn a_value_does_not_look_like_a_diff() {
        let text = whole(&shown("Porto\" -> \"Lisbon", "Faro"));
        assert!(text.contains("    town: \"Porto\\\" -> \\\"Lisbon\" -> \"Faro\"\n"), "{text}");
        let text = whole(&shown("a\\", "b"));
        assert!(text.contains("    town: \"a\\\\\" -> \"b\"\n"), "{text}");
    }

    #[test]
    fn what_is_typed_does_not_look_like_what_is_marked() {
        assert_eq!(for_terminal("a\nb\u{202e}"), "a\\nb\\u{202e}");
        assert_eq!(for_terminal("a\\nb\\u{202e}"), "a\\\\nb\\\\u{202e}");
        // What only changes how others look, or shows nothing.
        assert_eq!(for_terminal("a\u{fe0f}\u{34f}\u{3164}"), "a\\u{fe0f}\\u{34f}\\u{3164}");
    }
}
