//! The pages, and the answers on them, which the rubric judges as it judges those of a server.

use std::{collections::HashSet, fs, path::Path};

use serde_json::{Value, json};

use super::{Aspect, findings, rules, trial};
use crate::engine::{
    finding::{
        Severity,
        verdict::{Verdict, VerdictOutcome},
    },
    protocol::json::Limits,
    rule::{Check, Rule, page},
    semantics::guidance::{Asked, Gate, Point, Score, Told, score},
    surface::{self, Surface},
};

fn surface() -> Surface {
    let account = json!({"type": "string"});
    let text = json!({"tools": [
        {"name": "deposit", "inputSchema": {"type": "object", "required": ["account_id", "amount"],
            "properties": {"account_id": account, "amount": {"type": "integer", "minimum": 1}}}},
        {"name": "get_account", "inputSchema": {"type": "object", "required": ["account_id"],
            "properties": {"account_id": account}}}]});
    surface::read(text.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// Whether a rule finds something in an answer to a wrong deposit; none where one answer alone does not
/// tell.
fn is_found(rule: &Rule, example: &Value) -> Option<bool> {
    let result = &example["result"];
    let texts =
        result["content"].as_array().into_iter().flatten().filter_map(|it| it["text"].as_str());
    let told = match example.get("error") {
        Some(error) => Told {
            is_of_protocol: true,
            structure: None,
            text: error["message"].as_str().unwrap().to_owned(),
        },
        None => Told {
            is_of_protocol: false,
            structure: result["structuredContent"].get("error").cloned(),
            text: texts.collect::<Vec<_>>().join("\n"),
        },
    };
    let surface = surface();
    let (wrong, arguments) = (example["wrong"].as_str().unwrap(), &example["arguments"]);
    let asked = Asked {
        tool: surface.tool("deposit").unwrap(),
        arguments,
        surface: &surface,
        injected: &[wrong.to_owned(), arguments[wrong].as_str().unwrap().to_owned()],
        argument: Some(wrong),
        is_well_formed: false,
        is_write: true,
        is_limited: false,
        succeeds_later: Some(false),
        has_effect: Some(false),
    };
    let judged: Score = score(&told, &asked);
    let misses = |point| Some(judged.missed(point).is_some());
    match rule.id.strip_prefix("replay/").unwrap() {
        "error-as-success" => Some(example.get("error").is_none() && result["isError"] != true),
        "empty-error" => Some(judged.gate == Some(Gate::Empty)),
        "error-leaks" => Some(matches!(judged.gate, Some(Gate::Leak(_)))),
        "protocol-error-for-input" => misses(Point::Delivered),
        "no-error-code" => misses(Point::Code),
        "failure-not-named" => misses(Point::Named),
        "wrong-argument-named" => misses(Point::Argument),
        "no-expectation" => misses(Point::Expected),
        "retryable-untrue" => misses(Point::Retryable),
        "next-not-callable" => misses(Point::Next),
        "effect-untrue" => misses(Point::Effect),
        "unhelpful-error" => Some(judged.points() < 80),
        _ => None,
    }
}

#[test]
fn every_answer_does_what_its_page_says() {
    let mut read = 0;
    for rule in rules() {
        for example in page::examples(rule.documentation) {
            if example.language != "answer" {
                continue;
            }
            let answer: Value = serde_json::from_str(example.code)
                .unwrap_or_else(|error| panic!("{}: {error}\n{}", rule.id, example.code));
            assert_eq!(is_found(rule, &answer), Some(example.is_bad), "{}\n{answer:#}", rule.id);
            read += 1;
        }
    }
    assert!(read >= 24, "only {read} answers");
}

#[test]
fn every_page_is_complete() {
    for rule in rules() {
        let (id, summary) = (rule.id, rule.summary());
        assert!(summary.ends_with('.'), "{id}: {summary:?} is no sentence");
        assert!(!rule.help.is_empty() && !rule.help.ends_with('.'), "{id}: {:?}", rule.help);
        for heading in ["Why", "Bad", "Good", "References"] {
            let section = page::section(rule.documentation, heading).unwrap_or_default();
            assert!(!section.is_empty(), "{id}: nothing under {heading}");
        }
        let examples = page::examples(rule.documentation);
        for is_bad in [true, false] {
            assert!(examples.iter().any(|it| it.is_bad == is_bad), "{id}: is_bad = {is_bad}");
        }
    }
}

#[test]
fn every_file_is_a_registered_rule_of_the_same_name() {
    let mut ids = HashSet::new();
    for rule in rules() {
        assert!(matches!(rule.check, Check::Trial(_)), "{}", rule.id);
        assert!(ids.insert(rule.id.to_owned()), "{} is registered twice", rule.id);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/rule/replay");
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
    let files = fs::read_dir(&folder).unwrap().map(|file| stem(&file.unwrap().path()));
    let files = files.filter(|name| name != "mod" && name != "tests");
    assert_eq!(files.map(|name| format!("replay/{name}")).collect::<HashSet<_>>(), ids);
}

#[test]
fn what_is_presupposed_is_a_question_too_and_never_in_a_circle() {
    fn depth(id: &str, above: &[&str]) {
        assert!(!above.contains(&id), "{id} presupposes itself: {above:?}");
        let trial = trial(id).unwrap_or_else(|| panic!("{above:?} presupposes {id}"));
        for needed in trial.presupposes {
            depth(needed, &[above, &[id]].concat());
        }
    }
    for rule in rules() {
        depth(rule.id, &[]);
    }
    for aspect in Aspect::ALL {
        let is_about = |rule: &&Rule| trial(rule.id).is_some_and(|it| it.aspect == aspect);
        assert!(rules().any(|rule| is_about(&rule)), "no question is about {aspect:?}");
    }
}

#[test]
fn what_failed_is_an_error_and_what_is_not_known_a_warning() {
    let verdict = |rule, tool: &str, outcome| Verdict {
        rule,
        tool: tool.to_owned(),
        outcome,
        reason: "it is so".to_owned(),
        history: Vec::new(),
        again: String::new(),
    };
    let verdicts = [
        verdict("replay/slow-sync", "get_account", VerdictOutcome::Inconclusive),
        verdict("replay/duplicate-effect", "deposit", VerdictOutcome::Failed),
        verdict("replay/crash-duplicate", "deposit", VerdictOutcome::Blocked),
        verdict("replay/stuck-in-flight", "deposit", VerdictOutcome::Skipped),
        verdict("replay/no-idempotency-key", "deposit", VerdictOutcome::Passed),
        verdict("replay/slow-sync", "gone", VerdictOutcome::Failed),
    ];
    let found = findings(&verdicts, &surface());
    let shown: Vec<_> = found
        .iter()
        .map(|it| (it.rule, it.severity, it.tool().unwrap(), it.places[0].pointer.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("replay/duplicate-effect", Severity::Error, "deposit", "/tools/0"),
            ("replay/slow-sync", Severity::Error, "gone", ""),
            ("replay/slow-sync", Severity::Warning, "get_account", "/tools/1"),
        ]
    );
    assert_eq!(found[0].help, super::duplicate_effect::RULE.help);
    // A baseline that knows what is not known lets no failure pass.
    let failed = verdict("replay/slow-sync", "get_account", VerdictOutcome::Failed);
    let failed = findings([&failed], &surface());
    assert_ne!(failed[0].fingerprint(), found[2].fingerprint());
}
