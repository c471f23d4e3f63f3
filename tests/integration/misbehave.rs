//! Every way in which the server of `tests/misbehave` misbehaves, through the whole program.
//!
//! That server's table says for each way how a client should come out of it; adding a way there
//! adds a case here.

use std::{
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::program::{HttpServer, Program, example};

/// Memory a run may use, in KiB of address space. The code of a debug build takes a hundred MiB of it, and
/// more with every feature, whatever it does.
#[cfg(target_os = "linux")]
const ADDRESS_SPACE_KIB: usize = 400 * 1024;

struct Case {
    way: String,
    transport: String,
    outcome: String,
}

fn cases() -> Vec<Case> {
    let output = Command::new(example("misbehave")).arg("list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut cases = Vec::new();
    for line in text.lines() {
        let mut columns = line.split('\t').map(str::to_owned);
        let mut next = || columns.next().unwrap();
        cases.push(Case { way: next(), transport: next(), outcome: next() });
    }
    cases
}

#[test]
fn every_bad_server_ends_as_described() {
    let cases = cases();
    assert!(cases.len() > 100, "the table has {} cases", cases.len());
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    // Most of the time is spent waiting for servers that are silent.
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = check(case) {
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn check(case: &Case) -> Result<(), String> {
    let Case { way, transport, outcome } = case;
    let program = Program::new();
    let misbehave = example("misbehave");
    let mut arguments = vec!["lint", "--format", "json"];
    if matches!(outcome.as_str(), "startup" | "protocol") {
        // Silence is waited for to the end, so the end should be near.
        arguments.extend(["--connect-timeout", "4s", "--timeout", "6s"]);
    }
    let server;
    let target = misbehave.display().to_string();
    if transport == "http" {
        server = HttpServer::start(&misbehave, &["http", way]);
        arguments.push(&server.url);
    } else {
        arguments.extend(["--", &target, "stdio", way]);
    }
    let finished = run_bounded(&program, &arguments);
    let found = match finished.status {
        0 | 1 if finished.rules().is_empty() => "clean",
        0 | 1 => "findings",
        3 => "auth",
        4 => "startup",
        5 => "protocol",
        _ => "something else",
    };
    // Other rules may have something to say about a surface that came over a clean wire.
    let is_as_described = found == outcome
        || (outcome == "clean" && found == "findings" && is_about_tools(&finished.rules()));
    let says_what_to_do =
        matches!(finished.status, 0 | 1) || finished.stderr.contains("\"help\":\"");
    if is_as_described && says_what_to_do {
        return Ok(());
    }
    Err(format!(
        "{way} over {transport}: {outcome} was expected, {found} found (exit code {})\n{}{}",
        finished.status,
        finished.stderr,
        if found == "findings" { finished.rules().join(", ") } else { String::new() }
    ))
}

fn is_about_tools(rules: &[String]) -> bool {
    rules.iter().all(|rule| !rule.starts_with("wire/"))
}

/// Runs the program with a limit on its memory, where the system can set one.
fn run_bounded(program: &Program, arguments: &[&str]) -> crate::program::Finished {
    #[cfg(target_os = "linux")]
    {
        let unlimited = program.command(arguments);
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"")])
            .arg(unlimited.get_program())
            .args(unlimited.get_args())
            .current_dir(unlimited.get_current_dir().unwrap())
            .env_clear()
            .envs(unlimited.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let child = command.spawn().unwrap();
        program.finish(child, arguments)
    }
    #[cfg(not(target_os = "linux"))]
    program.run(arguments)
}
