//! Every bug of the bank fails its own verdict; what presupposes that one is blocked by it, and nothing
//! else fails. Without a bug everything passes.
//!
//! All verdicts are put in the newer era over stdio, to the tools that a bug is about, with small limits.
//! Over the other transport and in the older era, one bug of each family.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use mcp_kit::serve::sandbox::bank::Bug;
use serde_json::Value;

use crate::program::{Program, repository};

/// How much is tried. The limits are those of the bank's times with `PACE`.
const SMALL: [&str; 14] = [
    "--settle", "20ms", "--rounds", "3", "--racers", "5", "--slow", "1500ms", "--task-limit", "4s",
    "--wait", "9s", "--format", "json",
];
const PACE: [&str; 4] = ["--slow-by", "0.3", "--export-time", "1s"];

/// A bank whose data are kept in a folder of the program's, so that they outlive a crash.
fn bank(program: &Program, user: &str, bug: Option<&str>) -> Vec<String> {
    let store = program.path("store").display().to_string();
    let binary = env!("CARGO_BIN_EXE_mcp-kit");
    let mut words = vec![binary, "dev", "bank", "--store", &store, "--as", user];
    words.extend(PACE);
    words.extend(bug.into_iter().flat_map(|bug| ["--bug", bug]));
    words.into_iter().map(str::to_owned).collect()
}

fn cassette() -> String {
    repository("fixtures/cassettes/bank.jsonl").display().to_string()
}

/// The verdicts on a bank that replay starts itself.
fn started(era: &str, tools: &[&str], bug: Option<&str>) -> Vec<Ruling> {
    let program = Program::new();
    let control = program.path("control").display().to_string();
    let upstream = ["--stdio", "--upstream", "{upstream}"];
    let other = [&bank(&program, "dave", bug)[..], &upstream.map(str::to_owned)].concat().join(" ");
    let cassette = cassette();
    let mut arguments = vec!["replay", &cassette, "--era", era, "--allow-writes"];
    arguments.extend(SMALL);
    arguments.extend(["--upstream", r#"json:{"ok":true}"#, "--control", &control]);
    arguments.extend(["--other-command", &other]);
    arguments.extend(tools.iter().flat_map(|tool| ["--tool", tool]));
    let command = bank(&program, "alice", bug);
    arguments.push("--");
    arguments.extend(command.iter().map(String::as_str));
    arguments.extend(upstream);
    arguments.extend(["--control", "127.0.0.1:0", "--control-file", &control]);
    rulings(&program.run(&arguments).json())
}

/// The verdicts on a bank behind an address.
fn behind_an_address(era: &str, tools: &[&str], bug: &str) -> Vec<Ruling> {
    let program = Program::new();
    let command = bank(&program, "alice", Some(bug));
    let words: Vec<&str> =
        command[1..].iter().map(String::as_str).chain(["--http", "127.0.0.1:0"]).collect();
    let child = program.command(&words).stdout(Stdio::piped()).spawn().unwrap();
    let mut server = Ended(child);
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let cassette = cassette();
    let mut arguments = vec!["replay", &cassette, line.trim(), "--era", era, "--allow-writes"];
    arguments.extend(SMALL);
    arguments.extend(tools.iter().flat_map(|tool| ["--tool", tool]));
    rulings(&program.run(&arguments).json())
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A verdict: its question, what came of it, and why.
type Ruling = (String, String, String);

fn rulings(report: &Value) -> Vec<Ruling> {
    let tools = report["tools"].as_array().unwrap();
    let verdicts = tools.iter().flat_map(|tool| tool["verdicts"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    verdicts
        .map(|it| {
            let rule = text(&it["rule"]).replace("replay/", "");
            (rule, text(&it["outcome"]), format!("{}: {}", it["rule"], it["reason"]))
        })
        .collect()
}

/// Holds verdicts to those of a bug.
fn check(bug: &str, rulings: &[Ruling]) {
    let facts = bug.parse::<Bug>().unwrap().facts();
    let implied = facts.implies.iter().map(|it| it.facts().verdict());
    let may_fail: BTreeSet<&str> = implied.chain([facts.verdict()]).collect();
    let is_failed = |(rule, outcome, _): &&Ruling| outcome == "failed" && rule == facts.verdict();
    assert!(
        rulings.iter().any(|it| is_failed(&it)),
        "{} does not fail: {rulings:#?}",
        facts.verdict()
    );
    let other = rulings.iter().filter(|(rule, outcome, reason)| match outcome.as_str() {
        "failed" => !may_fail.contains(rule.as_str()),
        "blocked" => !may_fail.iter().any(|it| reason.contains(&format!("replay/{it}`"))),
        "inconclusive" => true,
        _ => false,
    });
    let other: Vec<_> = other.collect();
    assert!(other.is_empty(), "{bug}: {other:#?}");
}

macro_rules! matrix {
    ($($test:ident $bug:literal [$($tool:literal)+];)*) => {
        $(#[test]
        fn $test() {
            check($bug, &started("modern", &[$($tool),+], Some($bug)));
        })*

        #[test]
        fn every_bug_is_in_the_matrix() {
            let listed = BTreeSet::from([$($bug),*]);
            let all: BTreeSet<&str> = Bug::ALL.iter().map(|facts| facts.name).collect();
            assert_eq!(listed, all);
        }
    };
}

matrix! {
    no_idempotency_key "no-idempotency-key" ["deposit"];
    key_description_misleads "key-description-misleads" ["deposit"];
    duplicate_effect "duplicate-effect" ["deposit"];
    replayed_answer_differs "replayed-answer-differs" ["deposit"];
    concurrent_duplicate_effect "concurrent-duplicate-effect" ["deposit"];
    key_reuse_silent_stale "key-reuse-silent-stale" ["deposit"];
    key_reuse_acts "key-reuse-acts" ["deposit"];
    fingerprint_too_strict "fingerprint-too-strict" ["deposit"];
    lost_response_duplicate "lost-response-duplicate" ["open_account"];
    crash_duplicate "crash-duplicate" ["close_account"];
    stuck_in_flight "stuck-in-flight" ["deposit"];
    crash_lost_effect "crash-lost-effect" ["deposit"];
    key_leaks_across_tenants "key-leaks-across-tenants" ["deposit"];
    key_leaks_across_tools "key-leaks-across-tools" ["deposit" "open_account"];
    distinct_keys_collapsed "distinct-keys-collapsed" ["open_account"];
    validation_error_burns_key "validation-error-burns-key" ["deposit"];
    transient_error_cached "transient-error-cached" ["deposit"];
    retention_too_short "retention-too-short" ["deposit"];
    key_ignored_when_empty "key-ignored-when-empty" ["deposit"];
    task_duplicate "task-duplicate" ["export_statement"];
    replay_after_state_change "replay-after-state-change" ["open_account"];
    hint_contradicted "hint-contradicted" ["close_account"];

    error_as_success "error-as-success" ["deposit"];
    protocol_error_for_input "protocol-error-for-input" ["get_account" "deposit"];
    stack_trace "stack-trace" ["get_account" "deposit"];
    secret_leak "secret-leak" ["get_account" "deposit"];
    empty_error "empty-error" ["deposit"];
    error_too_long "error-too-long" ["get_account" "deposit"];
    error_not_specific "error-not-specific" ["deposit"];
    no_error_code "no-error-code" ["deposit"];
    wrong_pointer "wrong-pointer" ["deposit"];
    no_expected_got "no-expected-got" ["deposit"];
    retryable_untrue "retryable-untrue" ["deposit"];
    no_retry_after "no-retry-after" ["deposit"];
    next_unknown_tool "next-unknown-tool" ["deposit"];
    next_bad_arguments "next-bad-arguments" ["deposit"];
    effect_untrue "effect-untrue" ["deposit"];
    upstream_unnamed "upstream-unnamed" ["deposit"];

    slow_sync "slow-sync" ["get_account" "list_entries"];
    near_limit "near-limit" ["get_account" "list_entries"];
    no_progress "no-progress" ["get_account" "list_entries"];
    task_not_pollable "task-not-pollable" ["export_statement"];
    task_never_terminal "task-never-terminal" ["export_statement"];
    cancel_ignored "cancel-ignored" ["deposit"];
    hangs_on_slow_upstream "hangs-on-slow-upstream" ["deposit"];
}

/// The verdicts on a bank without a bug, over all of its tools.
fn of_all_tools(era: &str) -> Vec<Ruling> {
    let parts: [&[&str]; 2] = [
        &["open_account", "deposit"],
        &["close_account", "export_statement", "get_account", "list_entries", "get_export"],
    ];
    parts.iter().flat_map(|tools| started(era, tools, None)).collect()
}

/// Without a bug, everything passes that applies.
fn is_sound(rulings: &[Ruling]) {
    let other: Vec<_> =
        rulings.iter().filter(|(_, it, _)| !["passed", "skipped"].contains(&it.as_str())).collect();
    assert!(other.is_empty(), "{other:#?}");
}

#[test]
fn a_bank_without_a_bug_passes_everything_in_the_modern_era() {
    let rulings = of_all_tools("modern");
    is_sound(&rulings);
    // What cannot be asked of any tool of the bank would be no verdict.
    let passed: BTreeSet<&str> =
        rulings.iter().filter(|it| it.1 == "passed").map(|it| it.0.as_str()).collect();
    for facts in Bug::ALL {
        assert!(
            // A call without a key is refused; and nothing takes long.
            passed.contains(facts.verdict())
                || ["hint-contradicted", "no-progress"].contains(&facts.verdict()),
            "{} was not put",
            facts.verdict()
        );
    }
}

#[test]
fn a_bank_without_a_bug_passes_everything_in_the_legacy_era() {
    is_sound(&of_all_tools("legacy"));
}

#[test]
fn a_bug_of_each_family_fails_in_the_legacy_era() {
    for (bug, tool) in FAMILIES {
        check(bug, &started("legacy", &[tool], Some(bug)));
    }
}

/// One bug of each family, and a tool that has it.
const FAMILIES: [(&str, &str); 3] = [
    ("duplicate-effect", "deposit"),
    ("error-not-specific", "get_account"),
    ("slow-sync", "get_account"),
];

#[test]
fn a_bug_of_each_family_fails_behind_an_address_in_the_modern_era() {
    for (bug, tool) in FAMILIES {
        check(bug, &behind_an_address("modern", &[tool], bug));
    }
}

#[test]
fn a_bug_of_each_family_fails_behind_an_address_in_the_legacy_era() {
    for (bug, tool) in FAMILIES {
        check(bug, &behind_an_address("legacy", &[tool], bug));
    }
}
