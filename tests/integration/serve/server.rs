//! Starting `mcp-kit serve crm`, and ending it whatever happens.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use mcp_kit::serve::runtime::{clock::Clock, identity::demo};

use super::place::Place;

/// Longer than anything here may take.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// The scopes of all tools.
pub(super) const SCOPES: &[&str] = &["crm.read"];

/// A running server. It ends with the value.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// A server of the sample data at a place, with further arguments.
    pub(super) fn demo(place: &Place, arguments: &[&str]) -> Self {
        Self::start(place.home(), &[&["--demo", "--store", &place.store], arguments].concat())
    }

    /// A server at a free port, with this home.
    pub(super) fn start(home: &Path, arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", home, arguments, &[])
    }

    /// A server at an address, with this home and further variables.
    pub(super) fn start_at(
        address: &str,
        home: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mcp-kit"))
            .args(["serve", "crm", "--http", address])
            .args(arguments)
            .env_clear()
            .env("HOME", home)
            .envs(variables.iter().copied())
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, address) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let lines = Arc::clone(&log);
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let url = line.strip_prefix("http://").and_then(|rest| rest.split_once("/mcp "));
                if let Some(address) = url.and_then(|(address, _)| address.parse().ok()) {
                    let _ = sender.send(address);
                }
                let mut lines = lines.lock().unwrap();
                lines.push_str(&line);
                lines.push('\n');
            }
        });
        // A server that has said all it will is over: the channel is closed.
        match address.recv_timeout(LIMIT) {
            Ok(address) => Self { child, address, log },
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the server does not listen:\n{}", log.lock().unwrap());
            }
        }
    }

    /// The address of the endpoint, which tokens are for.
    pub(super) fn resource(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// The id of its process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub(super) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The line of its banner that begins with these words, without them.
    pub(super) fn said(&self, words: &str) -> String {
        let began = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find_map(|line| line.strip_prefix(words)) {
                return line.trim().to_owned();
            }
            assert!(began.elapsed() < LIMIT, "no line begins with `{words}`:\n{log}");
            thread::yield_now();
        }
    }

    /// Ends it as a supervisor does, and returns how it ended and all that it logged.
    pub(super) fn stop(self) -> (ExitStatus, String) {
        self.stop_with("-TERM")
    }

    /// Ends it by a signal.
    pub(super) fn stop_with(mut self, signal: &str) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < LIMIT, "the server does not stop:\n{}", self.log());
            thread::yield_now();
        };
        // The reader holds the log until the pipe is closed.
        let began = Instant::now();
        while Arc::strong_count(&self.log) > 1 && began.elapsed() < LIMIT {
            thread::yield_now();
        }
        (status, self.log())
    }

    /// Ends it at once, as a machine that fails does.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token of the sample issuer of a place, for a resource.
pub(super) fn token(place: &Place, user: &str, resource: &str) -> String {
    token_with(place, user, resource, SCOPES, Clock::system())
}

/// A token with these scopes, made at this time.
pub(super) fn token_with(
    place: &Place,
    user: &str,
    resource: &str,
    scopes: &[&str],
    clock: Clock,
) -> String {
    let issuer = demo::Issuer::open(&place.folder(), clock).unwrap();
    issuer.token(&demo::identity(user, scopes).unwrap(), resource)
}
