//! `mcp-kit cassette`: recorded traffic as files.

mod check;
mod edit;
mod hostile;
mod import;
mod show;

use crate::program::{Finished, Program, repository};

/// A cassette with every kind of line.
fn every_kind() -> String {
    let path = repository("fixtures/cassettes/versions/mcp-kit.cassette-1.jsonl");
    std::fs::read_to_string(path).unwrap()
}

/// A file of others.
fn sample(name: &str) -> String {
    repository(&format!("fixtures/cassettes/import/{name}")).display().to_string()
}

fn run(program: &Program, arguments: &[&str]) -> Finished {
    program.run(&[&["cassette"], arguments].concat())
}

/// What a run prints that succeeds.
#[track_caller]
fn printed(program: &Program, arguments: &[&str]) -> String {
    let finished = run(program, arguments);
    assert_eq!(finished.status, 0, "{arguments:?}\n{}{}", finished.stdout, finished.stderr);
    finished.stdout
}

/// The messages of a cassette as `show` prints them.
#[track_caller]
fn messages(program: &Program, file: &str) -> String {
    printed(program, &["show", "--messages", file])
}

/// A secret, in two pieces so that nobody's scanner takes this file for a leak.
fn secret() -> String {
    ["ghp_", "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi"].concat()
}
