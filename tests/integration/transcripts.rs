//! The sessions of `tests/cmd/`, and the commands of the README.

use crate::program::{Program, example, repository};

#[test]
fn sessions_read_as_written() {
    let examples = example("misbehave").parent().unwrap().display().to_string();
    let path = format!("{examples}:{}", std::env::var("PATH").unwrap_or_default());
    trycmd::TestCases::new()
        .env("PATH", path)
        .env("HOME", "/nonexistent")
        .env("NO_COLOR", "1")
        .env("RUST_BACKTRACE", "0")
        .insert_var("[VERSION]", env!("CARGO_PKG_VERSION"))
        .unwrap()
        .case("tests/cmd/*.trycmd");
}

/// The first command of the README, run on the binary under test.
#[test]
fn the_command_of_the_readme_does_the_main_job() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let prefix = "cargo run --release --locked -- ";
    let line = readme.lines().find_map(|line| line.strip_prefix(prefix)).expect("the command");
    let words: Vec<String> = line
        .split(' ')
        .map(|word| match repository(word) {
            path if path.is_file() => path.display().to_string(),
            _ => word.to_owned(),
        })
        .collect();
    let finished = Program::new().run(&words);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert!(finished.stdout.contains("no findings"), "{}", finished.stdout);
    assert!(readme.contains("\nscripts/test\n") && repository("scripts/test").is_file());
}
