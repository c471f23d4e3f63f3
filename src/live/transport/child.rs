//! A server as a child process on stdio (specification 2026-07-28, transports, "stdio").
//!
//! The child leads its own process group, so that whatever it starts ends with it. Its standard
//! error is read all the time, because a full pipe would stop the server; the last lines are kept
//! for the case that it dies.

use std::{
    collections::VecDeque,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::{
    io::{AsyncWriteExt, BufReader},
    process::{ChildStderr, ChildStdin, ChildStdout},
    task::JoinHandle,
    time::timeout,
};

use super::{
    Incoming, Notice, NoticeKind, TransportError,
    line::{Ending, Line, LineReader, NoLine},
};

/// How to start a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program: a path, or a name looked up in `PATH`.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The whole environment of the child.
    pub environment: Vec<(OsString, OsString)>,
    /// Its working directory; ours where none is given.
    pub directory: Option<PathBuf>,
    /// Where every line of its standard error is added to, besides being kept.
    pub log: Option<PathBuf>,
}

/// The variables a child gets unless it is given more: what programs need to find themselves and
/// their user, and nothing that could be a secret.
pub const INHERITED_VARIABLES: &[&str] = &[
    "APPDATA", "COMSPEC", "HOME", "HOMEDRIVE", "HOMEPATH", "LANG", "LC_ALL", "LC_CTYPE",
    "LOCALAPPDATA", "LOGNAME", "PATH", "PATHEXT", "PROGRAMDATA", "PROGRAMFILES", "SHELL",
    "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TERM", "TMP", "TMPDIR", "USER", "USERNAME",
    "USERPROFILE", "WINDIR",
];

/// How many of the last lines of standard error are kept, and how much of each.
const STDERR_LINES: usize = 20;
const STDERR_LINE_BYTES: usize = 1024;
/// How long a child may take to stop after its standard input is closed, and again after a signal.
const GRACE: Duration = Duration::from_secs(2);
const AFTER_SIGNAL: Duration = Duration::from_secs(1);
/// How long the rest of standard error is waited for once the child is gone.
const STDERR_DRAIN: Duration = Duration::from_millis(300);

/// A running child.
#[derive(Debug)]
pub struct ChildLink {
    child: Box<dyn ChildWrapper>,
    stdin: Option<ChildStdin>,
    stdout: LineReader<BufReader<ChildStdout>>,
    stderr: Arc<Mutex<VecDeque<String>>>,
    stderr_task: Option<JoinHandle<()>>,
    max_bytes: usize,
    is_closed: bool,
    pub(super) notices: Vec<Notice>,
}

impl ChildLink {
    /// Starts the program. `max_bytes` bounds one message.
    ///
    /// # Errors
    /// When it cannot be started, or its log file cannot be created.
    pub async fn start(launch: &Launch, max_bytes: usize) -> Result<Self, TransportError> {
        let log = match &launch.log {
            // A run may start the server more than once.
            Some(path) => Some(appending(path).await.map_err(|source| {
                let path = path.display().to_string();
                TransportError::Local { path, purpose: "as log of the server", source }
            })?),
            None => None,
        };
        if let Some(directory) = &launch.directory {
            let metadata = tokio::fs::metadata(directory).await;
            metadata.map_err(|source| {
                let path = directory.display().to_string();
                TransportError::Local { path, purpose: "as folder of the server", source }
            })?;
        }
        let mut command = CommandWrap::with_new(&launch.program, |command| {
            command.args(&launch.arguments).env_clear().envs(launch.environment.iter().cloned());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            if let Some(directory) = &launch.directory {
                command.current_dir(directory);
            }
        });
        #[cfg(unix)]
        command.wrap(process_wrap::tokio::ProcessGroup::leader());
        #[cfg(windows)]
        command.wrap(process_wrap::tokio::JobObject);
        let mut child = command.spawn().map_err(|source| TransportError::Spawn {
            program: launch.program.to_string_lossy().into_owned(),
            source,
        })?;
        let stdin = child.stdin().take();
        let stdout = child.stdout().take().expect("standard output is piped");
        let stderr_pipe = child.stderr().take().expect("standard error is piped");
        let stderr = Arc::new(Mutex::new(VecDeque::new()));
        let stderr_task =
            Some(tokio::spawn(keep_last_lines(stderr_pipe, Arc::clone(&stderr), log)));
        let stdout = LineReader::new(BufReader::with_capacity(64 << 10, stdout), max_bytes);
        let notices = Vec::new();
        let is_closed = false;
        Ok(Self { child, stdin, stdout, stderr, stderr_task, max_bytes, is_closed, notices })
    }

    /// Writes one message and its newline.
    ///
    /// # Errors
    /// When the child no longer reads.
    pub async fn send(&mut self, text: &str) -> Result<(), TransportError> {
        let stdin = self.stdin.as_mut().expect("nothing is sent after close");
        let line = format!("{text}\n");
        let written = async {
            stdin.write_all(line.as_bytes()).await?;
            stdin.flush().await
        };
        match written.await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.gone().await),
        }
    }

    /// Reads the next line that is not blank.
    ///
    /// # Errors
    /// When the child is gone, or the line is longer than the limit.
    pub async fn receive(&mut self) -> Result<Incoming, TransportError> {
        loop {
            let Line { bytes, ending } = match self.stdout.next().await {
                Ok(line) => line,
                Err(NoLine::End) => return Err(self.gone().await),
                Err(NoLine::TooLong) => {
                    return Err(TransportError::TooLarge { max_bytes: self.max_bytes });
                }
                Err(NoLine::Broken(error)) => return Err(error.into()),
            };
            match ending {
                Ending::LineFeed => {}
                Ending::CarriageReturnLineFeed => self.notice_ending("a line ends with CR LF"),
                Ending::EndOfStream => self.notice_ending("the last line has no line ending"),
            }
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Incoming::Message(bytes));
            }
        }
    }

    /// Ends the whole group at once (`SIGKILL`), and waits until the child is gone.
    pub async fn kill(&mut self) {
        self.kill_group();
        self.is_closed = true;
        let _ = timeout(AFTER_SIGNAL, self.child.inner_mut().wait()).await;
    }

    /// Closes standard input, then asks, then forces; the whole group in the end.
    pub async fn close(&mut self) {
        if self.is_closed {
            return;
        }
        drop(self.stdin.take());
        let mut has_ended = timeout(GRACE, self.child.inner_mut().wait()).await.is_ok();
        if !has_ended {
            #[cfg(unix)]
            {
                const SIGTERM: i32 = 15;
                let _ = self.child.signal(SIGTERM);
                has_ended = timeout(AFTER_SIGNAL, self.child.inner_mut().wait()).await.is_ok();
            }
            let how = if has_ended { "SIGTERM" } else { "force" };
            let detail = format!(
                "still running {} s after its standard input was closed; stopped by {how}",
                GRACE.as_secs()
            );
            self.notices.push(Notice { kind: NoticeKind::DidNotStop, detail });
        }
        self.kill_group();
        // Not before: whoever is interrupted while waiting above drops a link that is still open.
        self.is_closed = true;
        let _ = timeout(AFTER_SIGNAL, self.child.inner_mut().wait()).await;
        self.drain_stderr().await;
    }

    /// Kills what is left of the group; nothing to do is not an error.
    fn kill_group(&mut self) {
        let _ = self.child.start_kill();
    }

    /// Gives the last words a moment to arrive. Whoever inherited the pipe may keep it open.
    async fn drain_stderr(&mut self) {
        if let Some(task) = self.stderr_task.take() {
            let _ = timeout(STDERR_DRAIN, task).await;
        }
    }

    fn notice_ending(&mut self, detail: &str) {
        if self.notices.iter().all(|notice| notice.detail != detail) {
            let detail = detail.to_owned();
            self.notices.push(Notice { kind: NoticeKind::LineEnding, detail });
        }
    }

    /// Why there is nothing to read or write any more. A child that has closed its end usually
    /// ends a moment later, and its exit status says more than the closed pipe.
    async fn gone(&mut self) -> TransportError {
        let ended = timeout(AFTER_SIGNAL, self.child.inner_mut().wait()).await;
        self.drain_stderr().await;
        let stderr = self.stderr_lines();
        match ended {
            Ok(Ok(status)) => TransportError::Exited { status: in_words(status), stderr },
            _ => TransportError::Closed { stderr },
        }
    }

    /// The last lines the server wrote to its standard error.
    pub fn stderr_lines(&self) -> Vec<String> {
        let lines = self.stderr.lock().expect("no holder of this lock panics");
        lines.iter().cloned().collect()
    }
}

/// A link that is dropped without being closed, on an error or an interrupt, still leaves nothing
/// running.
impl Drop for ChildLink {
    fn drop(&mut self) {
        if !self.is_closed {
            self.kill_group();
        }
    }
}

async fn appending(path: &Path) -> std::io::Result<tokio::fs::File> {
    tokio::fs::OpenOptions::new().append(true).create(true).open(path).await
}

async fn keep_last_lines(
    pipe: ChildStderr,
    lines: Arc<Mutex<VecDeque<String>>>,
    mut log: Option<tokio::fs::File>,
) {
    let mut reader = LineReader::new(BufReader::new(pipe), 1 << 20);
    loop {
        let bytes = match reader.next().await {
            Ok(line) => line.bytes,
            // A line that long is no message for people; skip ahead to the next.
            Err(NoLine::TooLong) => {
                reader.skip_line().await;
                continue;
            }
            Err(NoLine::End | NoLine::Broken(_)) => return,
        };
        if let Some(file) = &mut log {
            let written = async {
                file.write_all(&bytes).await?;
                file.write_all(b"\n").await?;
                file.flush().await
            };
            if written.await.is_err() {
                log = None;
            }
        }
        let kept = &bytes[..bytes.len().min(STDERR_LINE_BYTES)];
        let mut lines = lines.lock().expect("no holder of this lock panics");
        if lines.len() == STDERR_LINES {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(kept).into_owned());
    }
}

fn in_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("killed by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "no exit code".to_owned(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{future::ready, path::Path};

    use super::*;

    /// An interrupt may come while a server is being stopped that does not stop by itself.
    #[tokio::test]
    async fn a_link_that_is_dropped_while_it_closes_leaves_nothing_running() {
        let launch = Launch {
            program: "sh".into(),
            arguments: ["-c", "echo $$; trap '' TERM; while :; do sleep 1; done"]
                .map(OsString::from)
                .to_vec(),
            environment: std::env::vars_os().collect(),
            directory: None,
            log: None,
        };
        let mut link = ChildLink::start(&launch, 1024).await.unwrap();
        let Incoming::Message(id) = link.receive().await.unwrap() else { panic!("no line") };
        let process = format!("/proc/{}/stat", String::from_utf8(id).unwrap().trim());
        // Polled once, which closes standard input, and then no more.
        tokio::select! {
            biased;
            () = link.close() => panic!("it stopped by itself"),
            () = ready(()) => {}
        }
        drop(link);
        let is_running = || {
            let stat = std::fs::read_to_string(Path::new(&process)).unwrap_or_default();
            let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
            state.is_some_and(|state| state != 'Z')
        };
        let gone = async {
            while is_running() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), gone).await.expect("the group was killed");
    }
}
