//! Every bug against a bank without one: what a client sees otherwise. Of `lost-response-duplicate` that is
//! nothing here, because no client of this sequence goes away; see `alone`.

use std::{fmt::Write, sync::Mutex, thread};

use mcp_kit::serve::sandbox::bank::{Bug, Family};

use super::observed::{Observed, observe};

/// Banks that are looked at at a time.
const AT_ONCE: usize = 4;

/// What is seen of each bug that is not seen without it.
fn differences(family: Family) -> String {
    let right = observe(&[]);
    let bugs: Vec<&str> =
        Bug::ALL.iter().filter(|it| it.family == family).map(|it| it.name).collect();
    let (next, found) = (Mutex::new(bugs.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(bug) = next.lock().unwrap().next() else { return };
                    let seen = observe(&[bug]);
                    found.lock().unwrap().push((*bug, seen));
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    let mut text = String::new();
    for bug in bugs {
        let (_, seen) = found.iter().find(|(name, _)| *name == bug).expect("it was looked at");
        writeln!(text, "{bug}").unwrap();
        for (about, said) in changed(&right, seen) {
            writeln!(text, "  {about}: {said}").unwrap();
        }
    }
    text
}

/// What is otherwise; of errors, only the faults whose errors are.
fn changed(right: &Observed, seen: &Observed) -> Vec<(&'static str, String)> {
    let mut changed = Vec::new();
    for (about, was) in right {
        let said = seen.get(about).map_or("not there", String::as_str);
        if said == was {
            continue;
        }
        let said = if about.starts_with("errors:") { by_value(was, said) } else { said.to_owned() };
        changed.push((*about, said));
    }
    changed
}

/// What is said otherwise, each with the faults of which it is said.
fn by_value(was: &str, said: &str) -> String {
    let known: Vec<&str> = was.split(", ").collect();
    let all = said.split(", ").count();
    let mut values: Vec<(&str, Vec<&str>)> = Vec::new();
    for item in said.split(", ").filter(|item| !known.contains(item)) {
        let (fault, value) = item.split_once(' ').expect("a fault and what is said of it");
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, faults)) => faults.push(fault),
            None => values.push((value, vec![fault])),
        }
    }
    let written = values.iter().map(|(value, faults)| match faults.len() == all {
        true => format!("{value} (all)"),
        false => format!("{value} ({})", faults.join(" ")),
    });
    written.collect::<Vec<_>>().join(", ")
}

#[test]
fn without_a_bug_everything_is_right() {
    let mut text = String::new();
    for (about, said) in observe(&[]) {
        let said = if about.starts_with("errors:") { by_value("", &said) } else { said };
        writeln!(text, "{about}: {said}").unwrap();
    }
    insta::assert_snapshot!(text, @r#"
    account of another tenant: not seen
    after a day, a month, more: made, again, again, made
    close twice: made and again, the same, 1 booked
    close twice without key: refused and refused, 0 booked
    corrected: refused and made, 1 booked
    die after commit: again, 1 booked
    die before commit: made, 1 booked
    die with payment: made, 1 booked, 1 paid
    empty key: refused and refused, 0 booked
    errors: argument: /owner (missing), /account_id (mistyped unknown), /acount_id (undeclared), null (429 500 503 401 422 garbled)
    errors: code: invalid_argument (missing mistyped undeclared), not_found (unknown), rate_limited (429), upstream_unavailable (500 503 garbled), upstream_auth_broken (401), not_permitted (422)
    errors: effect: none (missing mistyped undeclared unknown 429 401 422), unknown (500 503 garbled)
    errors: expected and got: both (missing mistyped undeclared unknown), none (429 500 503 401 422 garbled)
    errors: how: result (all)
    errors: message: named (all)
    errors: next: fix_arguments (missing mistyped undeclared), call_tool list_entries{} (unknown), retry_same_key (429 500 503 garbled), ask_user (401 422)
    errors: retryable: false (missing mistyped undeclared unknown 422), true (429 500 503 401 garbled)
    errors: wait: null (missing mistyped undeclared unknown 401 422), 2000 (429), 1000 (500 503 garbled)
    export twice: made and again, the same, 1 booked
    follow a task: working, completed
    give up a task: cancelled
    key of another user: an account each
    keys in the list: open_account: repeat; deposit: repeat; close_account: repeat; export_statement: repeat
    long key: refused and refused, 0 booked
    no key: refused and refused, 0 booked
    open together: four at once, 1 booked
    open twice: made and again, the same, 1 booked
    open what was closed: again, 1 booked
    other arguments: made and refused, 1 booked
    other key: made and made, 2 booked
    other order: made and again, 1 booked
    other tool: made and made, 1 booked
    pay twice: made and again, the same, 1 booked, 1 paid
    poll an export: running, ready
    read an account: silent
    repeat after 422: refused, then refused
    repeat after 503: refused, then made
    repeat after doubt: refused, then made, 1 paid
    slow payment: refused, with progress
    "#);
}

#[test]
fn a_bug_of_idempotency_is_seen_and_nothing_else() {
    insta::assert_snapshot!(differences(Family::Idempotency), @r#"
    no-idempotency-key
      die with payment: made, 1 booked, 2 paid
      keys in the list: open_account: repeat; deposit: none, no hint; close_account: repeat; export_statement: repeat
      pay twice: refused and refused, 0 booked, 0 paid
      repeat after 422: not there
      repeat after 503: not there
      repeat after doubt: not there
    key-description-misleads
      keys in the list: open_account: renew; deposit: renew; close_account: renew; export_statement: renew
    duplicate-effect
      after a day, a month, more: made, made, made, made
      close twice: made and refused, 1 booked
      die after commit: made, 2 booked
      die with payment: made, 1 booked, 2 paid
      export twice: made and made, 2 booked
      open together: four at once, 4 booked
      open twice: made and made, 2 booked
      open what was closed: made, 2 booked
      other arguments: made and made, 2 booked
      other order: made and made, 2 booked
      pay twice: made and made, 2 booked, 2 paid
      repeat after 422: refused, then made
      repeat after doubt: refused, then made, 2 paid
    replayed-answer-differs
      close twice: made and again, 1 booked
      export twice: made and again, 1 booked
      open twice: made and again, 1 booked
      pay twice: made and again, 1 booked, 1 paid
    concurrent-duplicate-effect
      open together: four at once, 4 booked
    key-reuse-silent-stale
      other arguments: made and again, 1 booked
    key-reuse-acts
      other arguments: made and made, 2 booked
    fingerprint-too-strict
      other order: made and refused, 1 booked
    lost-response-duplicate
    crash-duplicate
      die after commit: made, 2 booked
      die with payment: made, 1 booked, 2 paid
    stuck-in-flight
      die before commit: refused, 0 booked
      die with payment: refused, 0 booked, 1 paid
    crash-lost-effect
      die before commit: again, 0 booked
      die with payment: again, 0 booked, 0 paid
    key-leaks-across-tenants
      key of another user: the same account
    key-leaks-across-tools
      other tool: made and again, 0 booked
    distinct-keys-collapsed
      other key: made and again, 1 booked
    validation-error-burns-key
      corrected: refused and refused, 0 booked
    transient-error-cached
      repeat after 503: refused, then refused
      repeat after doubt: refused, then refused, 1 paid
    retention-too-short
      after a day, a month, more: made, made, made, made
    key-ignored-when-empty
      close twice without key: made and refused, 1 booked
      empty key: made and made, 2 booked
      long key: made and made, 2 booked
      no key: made and made, 2 booked
    task-duplicate
      export twice: made and made, 2 booked
    replay-after-state-change
      open what was closed: made, 2 booked
    hint-contradicted
      close twice: refused and refused, 0 booked
      close twice without key: made and made, 2 booked
      keys in the list: open_account: repeat; deposit: repeat; close_account: none; export_statement: repeat
    "#);
}

#[test]
fn a_bug_of_guidance_is_seen_and_nothing_else() {
    insta::assert_snapshot!(differences(Family::Guidance), @r#"
    error-as-success
      errors: how: success (all)
    protocol-error-for-input
      errors: how: protocol (missing mistyped undeclared)
    stack-trace
      errors: message: named trace (all)
    secret-leak
      errors: message: named secret (all)
    empty-error
      errors: argument: null (missing mistyped undeclared unknown)
      errors: code: null (all)
      errors: effect: null (all)
      errors: expected and got: none (missing mistyped undeclared unknown)
      errors: message: unnamed (all)
      errors: next: null (all)
      errors: retryable: null (all)
      errors: wait: null (429 500 503 garbled)
    error-too-long
      errors: message: named long (all)
    error-not-specific
      errors: argument: null (missing mistyped undeclared unknown)
      errors: code: internal (all)
      errors: effect: none (500 503 garbled)
      errors: expected and got: none (missing mistyped undeclared unknown)
      errors: message: unnamed (all)
      errors: next: stop (all)
      errors: retryable: false (429 500 503 401 garbled)
      errors: wait: null (429 500 503 garbled)
    no-error-code
      errors: code: null (all)
    wrong-pointer
      errors: argument: /body/owner (missing), /body/account_id (mistyped unknown), /body/acount_id (undeclared)
    no-expected-got
      errors: expected and got: none (missing mistyped undeclared unknown)
    retryable-untrue
      errors: retryable: true (missing mistyped undeclared unknown 422), false (429 500 503 401 garbled)
    no-retry-after
      errors: wait: null (429)
    next-unknown-tool
      errors: next: call_tool list_customers{} (all)
    next-bad-arguments
      errors: next: call_tool get_account{"account":"acct-00000000000000a1"} (all)
    effect-untrue
      errors: effect: applied (missing mistyped undeclared unknown 429 401 422), none (500 503 garbled)
    upstream-unnamed
      errors: message: unnamed (429 500 503 401 422 garbled)
    "#);
}

#[test]
fn a_bug_of_latency_is_seen_and_nothing_else() {
    insta::assert_snapshot!(differences(Family::Latency), @r#"
    slow-sync
      read an account: with progress
    near-limit
      read an account: with progress
    no-progress
      slow payment: refused, silent
    task-not-pollable
      follow a task: not there, not there
      give up a task: not there
      poll an export: not there, not there
    task-never-terminal
      follow a task: working, working
      poll an export: running, running
    cancel-ignored
      give up a task: completed
    hangs-on-slow-upstream
      slow payment: made, with progress
    "#);
}
