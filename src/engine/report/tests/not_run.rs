//! What was not checked is said by every format, and stays text in each.

use super::*;
use crate::engine::surface::evidence::{Evidence, NotRun};

const RULES: &[&str] = &["error/unhelpful", "latency/slow"];

/// A sample with checks that were not made: of two tools for the same reason, and of the server.
fn sample(name: &str, reason: &str) -> Sample {
    let mut sample = Sample::new();
    let not_run = |tool: Option<&str>, checks: &[&'static str], reason: &str| NotRun {
        checks: checks.to_vec(),
        tool: tool.map(str::to_owned),
        reason: reason.to_owned(),
    };
    sample.new.evidence = Some(Evidence {
        not_run: vec![
            not_run(Some(name), RULES, reason),
            not_run(Some("get_deal"), RULES, reason),
            not_run(None, &["wire/list-unstable"], "the server ended"),
        ],
        ..Evidence::default()
    });
    sample
}

#[test]
fn every_format_says_what_was_not_run() {
    let sample = sample("move_deal", "it may change something");
    for format in Format::ALL {
        let text = plain(&render(format, &sample.lint(), layout()));
        for word in ["move_deal", "get_deal", "it may change something", "the server ended"] {
            assert!(text.contains(word), "{format:?}: {word}: {text}");
        }
        for rule in RULES {
            assert!(text.contains(rule), "{format:?}: {rule}: {text}");
        }
    }
}

#[test]
fn tools_with_one_reason_are_said_together() {
    let sample = sample("move_deal", "it may change something");
    let github = render(Format::Github, &sample.lint(), layout());
    let notices: Vec<&str> = github.lines().filter(|line| line.contains("not run")).collect();
    assert_eq!(
        notices,
        [
            "::notice title=not run::move_deal, get_deal: it may change something \
             (error/unhelpful, latency/slow)",
            "::notice title=not run::server: the server ended (wire/list-unstable)",
        ]
    );
    let junit = render(Format::Junit, &sample.lint(), layout());
    assert!(junit.contains("skipped=\"2\""), "{junit}");
    let markdown = render(Format::Markdown, &sample.lint(), layout());
    assert!(markdown.contains("<summary>3 checks not run</summary>"), "{markdown}");
    let sarif: Value =
        serde_json::from_str(&render(Format::Sarif, &sample.lint(), layout())).unwrap();
    let notes = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes.as_array().unwrap().len(), 2);
    assert_eq!(notes[0]["properties"]["tools"], json!(["move_deal", "get_deal"]));
}

#[test]
fn hostile_names_and_reasons_stay_text() {
    let evil = "a\n::error::b\u{1b}[31m<script>\"]]>";
    let sample = sample(evil, evil);
    for format in Format::ALL {
        let text = render(format, &sample.lint(), layout());
        assert!(!text.lines().any(|line| line.starts_with("::error::b")), "{format:?}: {text}");
        assert!(!plain(&text).contains('\u{1b}'), "{format:?}: {text}");
    }
    for format in [Format::Html, Format::Junit, Format::Markdown] {
        let text = render(format, &sample.lint(), layout());
        assert!(!text.contains("<script>"), "{format:?}: {text}");
    }
}
