//! A client of a mock: on stdio or over HTTP, of either era.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::tape::Tape;
use crate::program::{Finished, Program};

/// Longer than anything here takes.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Stdio,
    #[cfg(feature = "http")]
    Http,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    Legacy,
    Modern,
}

pub(super) const WAYS: &[Way] = &[
    Way::Stdio,
    #[cfg(feature = "http")]
    Way::Http,
];

/// What came for one request.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    /// What came before the answer.
    pub(super) before: Vec<Value>,
    pub(super) answer: Value,
}

impl Reply {
    /// The first text of a result.
    pub(super) fn text(&self) -> &str {
        self.answer["result"]["content"][0]["text"].as_str().unwrap_or_default()
    }

    pub(super) fn is_error(&self) -> bool {
        self.answer["result"]["isError"] == true
    }
}

/// A mock and its only client.
pub(super) struct Client {
    pub(super) era: Era,
    program: Program,
    child: Option<Child>,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    errors: Receiver<String>,
    #[cfg(feature = "http")]
    pub(super) door: super::http::Door,
    pub(super) way: Way,
    pub(super) capabilities: Value,
    next_id: u64,
}

/// Has something checked over both transports and in both eras.
pub(super) fn everywhere(tape: &Tape, flags: &[&str], check: impl Fn(&mut Client)) {
    for way in WAYS {
        for era in [Era::Legacy, Era::Modern] {
            let mut client = Client::start(tape, flags, *way, era);
            client.greet();
            check(&mut client);
        }
    }
}

fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

impl Client {
    pub(super) fn start(tape: &Tape, flags: &[&str], way: Way, era: Era) -> Self {
        Self::start_in(Program::new().file("a.jsonl", tape.text()), flags, way, era)
    }

    pub(super) fn start_in(program: Program, flags: &[&str], way: Way, era: Era) -> Self {
        let mut arguments = vec!["replay", "--mock", "a.jsonl"];
        arguments.extend(flags);
        if way != Way::Stdio {
            arguments.extend(["--listen", "127.0.0.1:0"]);
        }
        let mut child = program.command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let errors = lines_of(child.stderr.take().unwrap());
        #[cfg(feature = "http")]
        let door = match way {
            Way::Stdio => super::http::Door::default(),
            Way::Http => loop {
                let line = errors.recv_timeout(LIMIT).unwrap();
                if line.starts_with("http://") {
                    break super::http::Door::at(&line);
                }
            },
        };
        Self {
            era,
            program,
            stdin: child.stdin.take(),
            child: Some(child),
            lines,
            errors,
            #[cfg(feature = "http")]
            door,
            way,
            capabilities: json!({}),
            next_id: 100,
        }
    }

    /// Introduces itself, as its era does.
    pub(super) fn greet(&mut self) -> Reply {
        match self.era {
            Era::Modern => self.ask("server/discover", json!({})),
            Era::Legacy => {
                let params = json!({"protocolVersion": "2025-11-25",
                    "capabilities": self.capabilities,
                    "clientInfo": {"name": "test", "version": "1"}});
                let reply = self.ask("initialize", params);
                self.tell(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
                reply
            }
        }
    }

    pub(super) fn call(&mut self, tool: &str, arguments: Value) -> Reply {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// Asks, and waits for the answer.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Reply {
        let request = self.request(method, params);
        self.put(&request, |_| None)
    }

    /// A request as it is to be sent.
    pub(super) fn request(&mut self, method: &str, mut params: Value) -> Value {
        self.next_id += 1;
        if self.era == Era::Modern {
            let meta = params.as_object_mut().unwrap().entry("_meta").or_insert(json!({}));
            meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28".into();
            meta["io.modelcontextprotocol/clientCapabilities"] = self.capabilities.clone();
        }
        json!({"jsonrpc": "2.0", "id": format!("mine-{}", self.next_id), "method": method,
            "params": params})
    }

    /// Sends a request and waits for its answer. What the server asks meanwhile is answered by `respond`.
    pub(super) fn put(
        &mut self,
        request: &Value,
        mut respond: impl FnMut(&Value) -> Option<Value>,
    ) -> Reply {
        let mut before = Vec::new();
        #[cfg(feature = "http")]
        let mut stream = match self.way {
            Way::Http => Some(self.door.open(request)),
            Way::Stdio => None,
        };
        #[cfg(feature = "http")]
        let mut next = |client: &mut Self| match &mut stream {
            Some(stream) => stream.message(),
            None => client.line(),
        };
        #[cfg(not(feature = "http"))]
        let next = Self::line;
        if self.way == Way::Stdio {
            self.write(&request.to_string());
        }
        loop {
            let message = next(self).expect("the answer comes");
            if message.get("method").is_none() && message["id"] == request["id"] {
                return Reply { before, answer: message };
            }
            let answer = message.get("id").and_then(|id| {
                respond(&message)
                    .map(|result| json!({"jsonrpc": "2.0", "id": id, "result": result}))
            });
            before.push(message);
            if let Some(answer) = answer {
                self.tell(&answer);
            }
        }
    }

    /// Sends what has no answer.
    pub(super) fn tell(&mut self, message: &Value) {
        match self.way {
            Way::Stdio => self.write(&message.to_string()),
            #[cfg(feature = "http")]
            Way::Http => self.door.tell(message),
        }
    }

    pub(super) fn write(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line of standard output; none at its end.
    pub(super) fn line(&mut self) -> Option<Value> {
        self.raw_line().map(|line| serde_json::from_str(&line).unwrap())
    }

    pub(super) fn raw_line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing comes"),
        }
    }

    /// Ends the mock as its client does: the end of the input, or a signal; its exit code and what it has
    /// said on standard error.
    pub(super) fn end(mut self) -> (i32, String) {
        drop(self.stdin.take());
        if self.way != Way::Stdio {
            self.signal();
        }
        self.ended()
    }

    pub(super) fn signal(&self) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    }

    /// Waits until it ends by itself.
    pub(super) fn ended(mut self) -> (i32, String) {
        let child = self.child.take().unwrap();
        let Finished { status, .. } = self.program.finish(child, &["replay", "--mock"]);
        let stderr: Vec<String> = self.errors.iter().collect();
        (status, stderr.join("\n"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
