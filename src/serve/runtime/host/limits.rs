//! The limits of a server. Every wait and every amount has one.

use std::time::Duration;

/// What a server takes on, at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Connections at a time; further ones wait to be accepted.
    pub connections: usize,
    /// Requests being answered at a time; further ones are refused with 503.
    pub requests: usize,
    /// Sessions of clients before 2026-07-28 at a time, in this process.
    pub sessions: usize,
    /// Of these, sessions of one user.
    pub sessions_per_user: usize,
    /// Streams of one user on which somebody listens, at a time.
    pub streams_per_user: usize,
    /// How long a session may be idle.
    pub session_idle: Duration,
    /// How long a tool may take.
    pub tool: Duration,
    /// How long a user may take to confirm something while a call is open.
    pub elicitation: Duration,
    /// Calls of one user at a time that stay open while the user is asked; further ones are answered
    /// as if the user could not be.
    pub questions_per_user: usize,
    /// How long an answer may take in all, without what a user takes. Longer than `tool`, because a
    /// tool that was too slow is still written down before that is said.
    pub answer: Duration,
    /// How long a client may take to send the head of a request.
    pub head: Duration,
    /// How long a client may take to send the body of a request.
    pub body: Duration,
    /// How long a client may take to read the next bytes of what it is sent.
    pub write: Duration,
    /// How long requests may go on once the server is told to stop.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 1 << 20,
            connections: 1_024,
            requests: 256,
            sessions: 4_096,
            sessions_per_user: 64,
            streams_per_user: 64,
            session_idle: Duration::from_secs(300),
            tool: Duration::from_secs(5),
            elicitation: Duration::from_secs(60),
            questions_per_user: 4,
            answer: Duration::from_secs(12),
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            write: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}
