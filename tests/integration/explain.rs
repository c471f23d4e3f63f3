//! `mcp-kit explain`

use mcp_kit::engine::rule;

use crate::program::Program;

#[test]
fn every_rule_has_a_page_in_every_format() {
    let program = Program::new();
    for rule in rule::all() {
        let text = program.run(&["explain", rule.id]);
        assert_eq!(text.status, 0, "{}", text.stderr);
        assert!(text.stdout.contains(rule.summary()), "{}", text.stdout);
        let words: Vec<&str> = text.stdout.split_whitespace().collect();
        let help: Vec<&str> = rule.help.split_whitespace().collect();
        assert!(words.join(" ").contains(&help.join(" ")), "{}", text.stdout);
    }
    let list = program.run(&["explain", "--list"]);
    assert_eq!(list.stdout.lines().count(), rule::all().count());
    let json = program.run(&["explain", "--list", "--format", "json"]).json();
    assert_eq!(json.as_array().unwrap().len(), rule::all().count());
}

#[test]
fn an_unknown_rule_is_told_the_nearest() {
    let finished = Program::new().run(&["explain", "schema/root-not-objekt"]);
    assert_eq!(finished.status, 2);
    assert_eq!(
        finished.stderr,
        "error: there is no rule or group `schema/root-not-objekt`\n  \
         = help: did you mean `schema/root-not-object`? `mcp-kit explain --list` shows them all\n"
    );
    let finished = Program::new().run(&["explain", "root-not-object"]);
    assert!(
        finished.stderr.contains("did you mean `schema/root-not-object`?"),
        "{}",
        finished.stderr
    );
}

#[test]
fn a_group_is_explained_by_its_list() {
    let finished = Program::new().run(&["explain", "compat"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert!(finished.stdout.lines().count() >= 2, "{}", finished.stdout);
    assert!(finished.stdout.lines().all(|line| line.starts_with("compat/")), "{}", finished.stdout);
}
