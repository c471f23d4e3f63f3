//! What is asked and the rules that say what it means are the same, wherever they are known.

use std::collections::BTreeSet;

use mcp_kit::{
    engine::rule::replay::{rules, trial},
    live::replay::{comparison, guidance, questions, verdict},
};

use crate::program::Program;

#[test]
fn every_question_is_a_rule_and_every_rule_a_question() {
    let asked: BTreeSet<&str> = questions().chain([comparison::RULE]).collect();
    let known: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(asked, known, "src/engine/rule/replay has a page for each question");
}

#[test]
fn a_page_says_what_its_question_presupposes() {
    for question in verdict::ALL {
        assert_eq!(
            trial(question.rule).unwrap().presupposes,
            question.presupposes,
            "{}",
            question.rule
        );
    }
    for (index, rule) in guidance::QUESTIONS.iter().enumerate() {
        let gates = &guidance::QUESTIONS[..index.min(guidance::GATES)];
        assert_eq!(trial(rule).unwrap().presupposes, gates, "{rule}");
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
