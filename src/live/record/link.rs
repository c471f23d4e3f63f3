//! The relay's end of the pipe to the tape.

use std::{
    env, io,
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
    sync::Mutex,
    time::Instant,
};

use serde::Serialize;

use super::frame::{HEAD, Kind, Setup, Tag, write_head};
use crate::engine::cassette::Party;

/// How much the pipe holds where the system allows it: what a tape that cannot keep up may be behind
/// before the relay has to wait for it.
#[cfg(target_os = "linux")]
const PIPE_BYTES: usize = 1 << 20;

/// A tape that runs. Losing it costs the rest of the recording and nothing else: whatever is sent to
/// it then is dropped.
#[derive(Debug)]
pub struct TapeLink {
    pipe: Mutex<Option<ChildStdin>>,
    child: Mutex<Child>,
    start: Instant,
}

impl TapeLink {
    /// Starts the tape as another process of this program, with `arguments`, and tells it what to do.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(arguments: &[&str], setup: &Setup) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::null());
        // Out of the way of signals for the group of the relay, and of those who kill the group.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let pipe = child.stdin.take().expect("standard input is piped");
        #[cfg(target_os = "linux")]
        let _ = rustix::pipe::fcntl_setpipe_size(&pipe, PIPE_BYTES);
        let link =
            Self { pipe: Mutex::new(Some(pipe)), child: Mutex::new(child), start: Instant::now() };
        link.send_json(Tag { kind: Kind::Setup, from: Party::Client, channel: 0 }, setup);
        Ok(link)
    }

    /// Hands over a payload that stands in a buffer behind room for the head of a frame.
    pub fn send_in_place(&self, tag: Tag, buffer: &mut [u8]) {
        let mut pipe = self.pipe.lock().expect("no holder of this lock panics");
        let Some(open) = pipe.as_mut() else { return };
        // Taken inside the lock, so that times ascend in the file.
        let at_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        write_head(buffer, tag, at_us);
        if open.write_all(buffer).is_err() {
            *pipe = None;
            drop(pipe);
            // Nobody is left to be told when standard error is gone as well.
            let _ = writeln!(
                io::stderr(),
                "warning: the recording has ended early; what follows is passed on and not recorded"
            );
        }
    }

    /// Hands over a payload.
    pub fn send(&self, tag: Tag, payload: &[u8]) {
        let mut buffer = vec![0; HEAD];
        buffer.extend_from_slice(payload);
        self.send_in_place(tag, &mut buffer);
    }

    /// Hands over a value.
    pub fn send_json(&self, tag: Tag, value: &impl Serialize) {
        let payload = serde_json::to_vec(value).expect("every key is a string");
        self.send(tag, &payload);
    }

    /// Hands over something that happened.
    pub fn event(&self, channel: u64, event: &str, data: serde_json::Value) {
        let tag = Tag { kind: Kind::Event, from: Party::Client, channel };
        self.send_json(tag, &serde_json::json!({"event": event, "data": data}));
    }

    /// Ends the recording and waits until it is complete.
    pub fn finish(&self) {
        self.send(Tag { kind: Kind::Done, from: Party::Client, channel: 0 }, &[]);
        drop(self.pipe.lock().expect("no holder of this lock panics").take());
        let _ = self.child.lock().expect("no holder of this lock panics").wait();
    }
}
