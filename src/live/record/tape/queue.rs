//! Frames between the thread that reads the pipe and the one that writes the file.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex},
};

use crate::live::record::frame::Frame;

/// How many bytes wait before the pipe is left full, and with it the client waits.
const MOST_BYTES: usize = 256 << 20;

/// A queue with a bound in bytes.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    has_changed: Condvar,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    has_ended: bool,
}

const UNPOISONED: &str = "no holder of this lock panics";

impl Queue {
    pub(super) fn push(&self, frame: Frame) {
        let mut state = self.state.lock().expect(UNPOISONED);
        while state.bytes > MOST_BYTES {
            state = self.has_changed.wait(state).expect(UNPOISONED);
        }
        state.bytes += frame.payload.len();
        state.frames.push_back(frame);
        self.has_changed.notify_all();
    }

    /// Nothing will be pushed any more.
    pub(super) fn end(&self) {
        self.state.lock().expect(UNPOISONED).has_ended = true;
        self.has_changed.notify_all();
    }

    /// The next frame; none when there will be none.
    pub(super) fn pop(&self) -> Option<Frame> {
        let mut state = self.state.lock().expect(UNPOISONED);
        loop {
            if let Some(frame) = state.frames.pop_front() {
                state.bytes -= frame.payload.len();
                self.has_changed.notify_all();
                return Some(frame);
            }
            if state.has_ended {
                return None;
            }
            state = self.has_changed.wait(state).expect(UNPOISONED);
        }
    }
}
