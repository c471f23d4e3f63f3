//! A client of a recorded server, and the cassette that it leaves.

use std::{
    fs,
    io::{BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use mcp_kit::engine::cassette::{Body, Event, Header, Line, Party, Reader};
use tempfile::TempDir;

/// Longer than anything here takes.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// A folder for recordings.
pub(super) struct Studio {
    folder: TempDir,
}

impl Studio {
    pub(super) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `mcp-kit record -o a.jsonl FLAGS -- COMMAND`, not yet started.
    pub(super) fn command(&self, flags: &[&str], command: &[&str]) -> Command {
        let mut record = Command::new(env!("CARGO_BIN_EXE_mcp-kit"));
        record.arg("record").arg("-o").arg(self.path("a.jsonl")).args(flags).arg("--");
        record.args(command).current_dir(self.folder.path()).env_remove("NO_COLOR");
        record
    }

    pub(super) fn start(&self, flags: &[&str], command: &[&str]) -> Session {
        Session::start(&mut self.command(flags, command))
    }

    /// What was recorded, with nothing damaged in it.
    pub(super) fn tape(&self) -> Tape {
        Tape::read(&self.path("a.jsonl"))
    }
}

/// A program with pipes at its ends.
pub(super) struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
    errors: Receiver<Vec<u8>>,
    pending: Vec<u8>,
}

/// What a session has left.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

impl Session {
    /// In a process group of its own, as clients start their servers.
    pub(super) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.process_group(0).spawn().unwrap();
        let stdin = child.stdin.take();
        let output = read_all(child.stdout.take().unwrap());
        let errors = read_all(child.stderr.take().unwrap());
        Self { child, stdin, output, errors, pending: Vec::new() }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes, whatever becomes of it.
    pub(super) fn send(&mut self, bytes: &[u8]) -> bool {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).and_then(|()| stdin.flush()).is_ok()
    }

    pub(super) fn take_stdin(&mut self) -> ChildStdin {
        self.stdin.take().unwrap()
    }

    /// Waits for so many bytes of output.
    pub(super) fn receive(&mut self, length: usize) -> Vec<u8> {
        while self.pending.len() < length {
            let more = self.output.recv_timeout(LIMIT).expect("more output");
            self.pending.extend(more);
        }
        self.pending.drain(..length).collect()
    }

    /// Waits for the end of the output; whether nothing came before it.
    pub(super) fn output_has_ended(&mut self) -> bool {
        self.output.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Disconnected)
    }

    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    pub(super) fn signal(&self, name: &str, whole_group: bool) {
        let id = if whole_group { format!("-{}", self.id()) } else { self.id().to_string() };
        let status = Command::new("kill").args(["-s", name, "--", &id]).status().unwrap();
        assert!(status.success());
    }

    /// Closes the input and waits until everything has ended that has the output or the standard
    /// error open: the server and the tape as well.
    pub(super) fn end(mut self) -> Ended {
        drop(self.stdin.take());
        let deadline = Instant::now() + LIMIT;
        let mut stdout = std::mem::take(&mut self.pending);
        let left = || deadline.saturating_duration_since(Instant::now());
        while let Ok(more) = self.output.recv_timeout(left()) {
            stdout.extend(more);
        }
        let mut stderr = Vec::new();
        while let Ok(more) = self.errors.recv_timeout(left()) {
            stderr.extend(more);
        }
        assert!(Instant::now() < deadline, "still running: {}", String::from_utf8_lossy(&stderr));
        let status = self.child.wait().unwrap();
        Ended { status, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() }
    }
}

fn read_all(mut source: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = source.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// A cassette, read whole.
#[derive(Debug)]
pub(super) struct Tape {
    pub(super) header: Header,
    /// The messages of each side, as text.
    pub(super) client: Vec<String>,
    pub(super) server: Vec<String>,
    pub(super) events: Vec<Event>,
    pub(super) has_end: bool,
    pub(super) text: String,
}

impl Tape {
    pub(super) fn read(path: &Path) -> Self {
        let file = fs::File::open(path).unwrap();
        let mut reader = Reader::open(BufReader::new(file)).unwrap();
        let mut tape = Self {
            header: reader.header().clone(),
            client: Vec::new(),
            server: Vec::new(),
            events: Vec::new(),
            has_end: false,
            text: fs::read_to_string(path).unwrap(),
        };
        while let Some(line) = reader.next_line().unwrap() {
            match line.unwrap() {
                Line::Message(message) => {
                    let text = match message.body {
                        Body::Json(json) => json.get().to_owned(),
                        Body::Text(text) => text.into_owned(),
                    };
                    match message.from {
                        Party::Client => tape.client.push(text),
                        Party::Server => tape.server.push(text),
                    }
                }
                Line::Event(event) => tape.events.push(event),
                Line::End(_) => tape.has_end = true,
                other => panic!("{other:?}"),
            }
        }
        tape
    }

    /// The data of the events of a name.
    pub(super) fn events(&self, name: &str) -> Vec<&serde_json::Value> {
        self.events.iter().filter(|event| event.event == name).map(|event| &event.data).collect()
    }
}
