//! The relay of a server on stdio: bytes from the client to the server and back.
//!
//! A thread for each direction, which waits for bytes, hands them to the tape and writes them on:
//! no message is waited for, none is looked at. Each end is closed when the other one is. The server
//! stays in the process group of the client, so what is sent to the group reaches it as it would
//! without us; what is sent to us alone is passed on (`signal`).

mod signal;

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    process::{ChildStdin, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use serde_json::json;

use super::{
    TapeLink,
    frame::{HEAD, Kind, Setup, Tag},
    own_end,
};
use crate::engine::cassette::Party;

/// A server on stdio that is to be recorded.
#[derive(Debug)]
pub struct Relay {
    /// Its program.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Whether its standard error is recorded as well.
    pub keeps_stderr: bool,
}

/// How many bytes are moved at a time.
const CHUNK: usize = 64 << 10;

/// How long output is waited for when the server has ended and something that it has started still
/// has its standard output.
const LINGER: Duration = Duration::from_secs(1);

impl Relay {
    /// Starts the server, and a tape with `tape_arguments`, and passes on what they say until the
    /// server ends. The answer is the exit code for this process: the server's own, or 128 and the
    /// number of the signal that has ended it.
    ///
    /// # Errors
    /// When the server or the tape cannot be started.
    pub fn run(self, tape_arguments: &[&str], setup: &Setup) -> Result<u8, StartError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        if self.keeps_stderr {
            command.stderr(Stdio::piped());
        }
        // Before the tape, so that it starts while the tape does.
        let mut child = command.spawn().map_err(StartError::Server)?;
        let tape = match TapeLink::start(tape_arguments, setup) {
            Ok(tape) => Arc::new(tape),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(StartError::Tape(error));
            }
        };
        let input = child.stdin.take().expect("standard input is piped");
        let mut output = child.stdout.take().expect("standard output is piped");
        thread::spawn({
            let tape = Arc::clone(&tape);
            move || to_server(&tape, input)
        });
        let errors = child.stderr.take().map(|mut errors| {
            let tape = Arc::clone(&tape);
            Pump::start(move |progress| pass_errors(&tape, &mut errors, progress))
        });
        let output = Pump::start({
            let tape = Arc::clone(&tape);
            move |progress| {
                from_server(&tape, &mut output, progress);
                drop(output);
                own_end::close_output();
            }
        });
        let status = signal::wait(&mut child, &tape).map_err(StartError::Server)?;
        output.drain();
        errors.iter().for_each(Pump::drain);
        tape.event(0, "exited", in_words(status));
        tape.finish();
        Ok(exit_code(status))
    }
}

/// Why nothing is recorded.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The server did not start, or its end cannot be waited for.
    #[error("{0}")]
    Server(io::Error),
    /// The tape did not start.
    #[error("{0}")]
    Tape(io::Error),
}

/// A thread that passes on what the server writes.
struct Pump {
    progress: Arc<Progress>,
    ended: mpsc::Receiver<()>,
}

/// How far it has come: a number that grows, odd while something is being written.
#[derive(Debug, Default)]
struct Progress(AtomicU64);

impl Progress {
    fn step(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl Pump {
    fn start(work: impl FnOnce(&Progress) + Send + 'static) -> Self {
        let progress = Arc::new(Progress::default());
        let (done, ended) = mpsc::channel();
        let seen = Arc::clone(&progress);
        thread::spawn(move || {
            work(&seen);
            let _ = done.send(());
        });
        Self { progress, ended }
    }

    /// Waits until everything is written. A client that reads slowly is waited for, a process that
    /// has the pipe open and says nothing is not.
    fn drain(&self) {
        loop {
            let before = self.progress.now();
            if self.ended.recv_timeout(LINGER) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let now = self.progress.now();
            let is_writing = now % 2 == 1;
            if now == before && !is_writing {
                return;
            }
        }
    }
}

fn to_server(tape: &TapeLink, mut server: ChildStdin) {
    const TAG: Tag = Tag { kind: Kind::Bytes, from: Party::Client, channel: 0 };
    let mut buffer = vec![0; HEAD + CHUNK];
    while let Ok(length @ 1..) = own_end::read(&mut buffer[HEAD..]) {
        tape.send_in_place(TAG, &mut buffer[..HEAD + length]);
        if server.write_all(&buffer[HEAD..HEAD + length]).is_err() {
            own_end::close_input();
            break;
        }
    }
    tape.send(Tag { kind: Kind::End, ..TAG }, &[]);
}

fn from_server(tape: &TapeLink, server: &mut impl Read, progress: &Progress) {
    const TAG: Tag = Tag { kind: Kind::Bytes, from: Party::Server, channel: 0 };
    let mut buffer = vec![0; HEAD + CHUNK];
    while let Some(length @ 1..) = read(server, &mut buffer[HEAD..]) {
        progress.step();
        // Before the client has seen it: it may end us as soon as it has.
        tape.send_in_place(TAG, &mut buffer[..HEAD + length]);
        let written = own_end::write_all(&buffer[HEAD..HEAD + length]);
        progress.step();
        if written.is_err() {
            break;
        }
    }
    tape.send(Tag { kind: Kind::End, ..TAG }, &[]);
}

fn pass_errors(tape: &TapeLink, server: &mut impl Read, progress: &Progress) {
    const TAG: Tag = Tag { kind: Kind::Stderr, from: Party::Server, channel: 0 };
    let mut buffer = vec![0; HEAD + CHUNK];
    while let Some(length @ 1..) = read(server, &mut buffer[HEAD..]) {
        progress.step();
        tape.send_in_place(TAG, &mut buffer[..HEAD + length]);
        let written = io::stderr().write_all(&buffer[HEAD..HEAD + length]);
        progress.step();
        if written.is_err() {
            return;
        }
    }
}

fn read(source: &mut impl Read, buffer: &mut [u8]) -> Option<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other.ok(),
        }
    }
}

fn in_words(status: ExitStatus) -> serde_json::Value {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return json!({"signal": signal});
    }
    json!({"code": status.code()})
}

fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128_u8.saturating_add(u8::try_from(signal).unwrap_or(127));
    }
    status.code().and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(1)
}
