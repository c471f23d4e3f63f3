//! The program under test, in an environment where nothing of the machine shines through.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// Longer than any run may take; a run that takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(90);

/// A folder of its own that serves as home and as current directory, and a way to run `mcp-kit`
/// in it.
pub(crate) struct Program {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What a run left behind, with everything that varies between machines replaced.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        // Configuration is looked for up to the root of a repository.
        fs::create_dir(folder.path().join(".git")).unwrap();
        Self { folder, environment: Vec::new() }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file into the folder.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs `mcp-kit` and waits, with a deadline.
    pub(crate) fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Finished {
        self.run_with_input(arguments, b"")
    }

    pub(crate) fn run_with_input<S: AsRef<str>>(&self, arguments: &[S], input: &[u8]) -> Finished {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // A program that does not read its input closes the pipe, which is fine.
        thread::spawn(move || stdin.write_all(&input));
        self.finish(child, arguments)
    }

    /// The command, not yet started.
    pub(crate) fn command<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-kit"));
        command
            .args(arguments.iter().map(AsRef::as_ref))
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Waits for a started command, with a deadline.
    pub(crate) fn finish<S: AsRef<str>>(&self, child: Child, arguments: &[S]) -> Finished {
        let words: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
        let output = within_deadline(child).unwrap_or_else(|| panic!("still running: {words:?}"));
        Finished {
            status: output.status.code().unwrap_or(-1),
            stdout: self.neutral(&output.stdout),
            stderr: self.neutral(&output.stderr),
        }
    }

    fn neutral(&self, bytes: &[u8]) -> String {
        let folder = self.folder.path().canonicalize().unwrap();
        String::from_utf8_lossy(bytes)
            .replace(&folder.display().to_string(), "[FOLDER]")
            .replace(&self.folder.path().display().to_string(), "[FOLDER]")
            .replace(&example("misbehave").display().to_string(), "[MISBEHAVE]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
    }
}

impl Finished {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// The ids of the rules that a JSON report has findings of.
    pub(crate) fn rules(&self) -> Vec<String> {
        let findings = self.json()["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    }
}

fn within_deadline(child: Child) -> Option<Output> {
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(DEADLINE) {
        Ok(output) => Some(output.unwrap()),
        Err(_) => {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            None
        }
    }
}

/// An example program that was built with the tests.
pub(crate) fn example(name: &str) -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_mcp-kit"));
    let path = binary.with_file_name("examples").join(name);
    path.with_extension(std::env::consts::EXE_EXTENSION)
}

/// Runs `git` in a folder, as nobody in particular.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "core.autocrlf=false"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A server that prints its address as its first line and ends when its standard input closes.
pub(crate) struct HttpServer {
    child: Child,
    pub(crate) url: String,
}

impl HttpServer {
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned() }
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
