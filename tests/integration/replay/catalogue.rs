//! What is asked and the rules that say what it means are the same, wherever they are known.

use std::collections::BTreeSet;

use mcp_kit::{
    engine::rule::replay::{rules, trial},
    live::replay::{guidance, questions, verdict},
};

use crate::program::Program;

/// Rules whose questions are not put yet.
const NOT_PUT_YET: [&str; 6] = [
    "replay/cancel-ignored",
    "replay/hangs-on-slow-upstream",
    "replay/no-retry-after",
    "replay/task-duplicate",
    "replay/task-not-pollable",
    "replay/transient-error-cached",
];

#[test]
fn every_question_is_a_rule_and_every_rule_a_question() {
    let asked: BTreeSet<&str> = questions().collect();
    let known: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    let unknown: Vec<_> = asked.difference(&known).collect();
    assert!(unknown.is_empty(), "in src/engine/rule/replay there is nothing about {unknown:?}");
    let unasked: Vec<_> =
        known.difference(&asked).filter(|rule| !NOT_PUT_YET.contains(*rule)).collect();
    assert!(unasked.is_empty(), "nobody asks {unasked:?}");
}

#[test]
fn a_page_says_what_its_question_presupposes() {
    for question in verdict::ALL.iter().filter(|it| !NOT_PUT_YET.contains(&it.rule)) {
        assert_eq!(
            trial(question.rule).unwrap().presupposes,
            question.presupposes,
            "{}",
            question.rule
        );
    }
    let gates = &guidance::QUESTIONS[..guidance::GATES];
    for (index, rule) in guidance::QUESTIONS.iter().enumerate() {
        let presupposed = &gates[..index.min(guidance::GATES)];
        assert_eq!(trial(rule).unwrap().presupposes, presupposed, "{rule}");
    }
}

#[test]
fn a_question_is_explained() {
    let program = Program::new();
    let page = program.run(&["explain", "replay/duplicate-effect"]);
    assert_eq!(page.status, 0, "{}", page.stderr);
    for part in [
        "replay/duplicate-effect  (error, asked by mcp-kit replay)",
        "Presupposes\nreplay/distinct-keys-collapsed\n",
        "rule = \"replay/duplicate-effect\" and a reason",
    ] {
        assert!(page.stdout.contains(part), "{part}\n{}", page.stdout);
    }
    let group = program.run(&["explain", "replay"]);
    assert_eq!(group.stdout.lines().count(), rules().count());
    let near = program.run(&["explain", "replay/duplicate-efect"]);
    assert!(near.stderr.contains("did you mean `replay/duplicate-effect`?"), "{}", near.stderr);
}
