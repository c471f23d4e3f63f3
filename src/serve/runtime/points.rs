//! Moments around a write at which a test can have the process die.
//!
//! What survives a crash depends on when it comes, so a test has to choose the moment. A server
//! carries [`Points`] that nobody watches, and then to reach one does nothing. `mcp-kit dev` puts
//! somebody there who ends the process; nothing in here can.
//!
//! Not for: counting, logging, or anything that a server in use wants to know.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// The moments, in the order in which a write comes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// The request was checked, and its transaction has not begun.
    BeforeTransaction,
    /// The effect, the answer and the record in the trail are written, and not committed.
    BeforeCommit,
    /// All of it is committed, and nothing is answered.
    AfterCommit,
    /// The last byte of the answer was handed to the system for sending.
    AfterAnswer,
}

impl Point {
    /// Every point.
    pub const ALL: [Self; 4] =
        [Self::BeforeTransaction, Self::BeforeCommit, Self::AfterCommit, Self::AfterAnswer];

    /// As it is written in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeTransaction => "before_transaction",
            Self::BeforeCommit => "before_commit",
            Self::AfterCommit => "after_commit",
            Self::AfterAnswer => "after_answer",
        }
    }

    /// The point of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| point.name() == name)
    }
}

/// What is done at a point that a write of a tool has reached.
pub type Watcher = Arc<dyn Fn(Point, &'static str) + Send + Sync>;

/// The points of a server. Nobody watches them unless it is told who does.
#[derive(Clone, Default)]
pub struct Points {
    watcher: Option<Watcher>,
}

impl Points {
    /// Points at which somebody waits.
    pub fn watched_by(watcher: Watcher) -> Self {
        Self { watcher: Some(watcher) }
    }

    /// A write of a tool has come to a point.
    pub fn reach(&self, point: Point, tool: &'static str) {
        if let Some(watcher) = &self.watcher {
            watcher(point, tool);
        }
    }

    /// What notices that an answer was sent over one connection; nothing where nobody watches.
    pub fn wire(&self) -> Option<Wire> {
        let state = self.watcher.is_some().then(Arc::default)?;
        Some(Wire { points: self.clone(), state })
    }
}

impl fmt::Debug for Points {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.watcher.is_some() { "watched" } else { "not watched" })
    }
}

/// The answers to writes on their way over one connection. Clones are about the same connection.
#[derive(Debug, Clone)]
pub struct Wire {
    points: Points,
    state: Arc<Mutex<Underway>>,
}

#[derive(Debug, Default)]
struct Underway {
    /// The tool that has answered.
    tool: Option<&'static str>,
    /// Whether all of its answer was handed over, and waits to be sent.
    is_whole: bool,
}

impl Wire {
    /// A write of a tool has succeeded, and its answer goes out over this connection.
    pub fn answered(&self, tool: &'static str) {
        self.state().tool = Some(tool);
    }

    /// Nothing of the answer is missing any more.
    pub fn is_whole(&self) {
        let mut state = self.state();
        state.is_whole = state.tool.is_some();
    }

    /// What was handed over was sent.
    pub fn sent(&self) {
        let tool = {
            let mut state = self.state();
            let is_whole = std::mem::take(&mut state.is_whole);
            state.tool.take_if(|_| is_whole)
        };
        if let Some(tool) = tool {
            self.points.reach(Point::AfterAnswer, tool);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Underway> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{Point, Points};

    #[test]
    fn an_answer_is_sent_when_the_whole_of_it_is() {
        let reached: Arc<Mutex<Vec<(Point, &str)>>> = Arc::default();
        let noted = Arc::clone(&reached);
        let points = Points::watched_by(Arc::new(move |point, tool| {
            noted.lock().unwrap().push((point, tool));
        }));
        let wire = points.wire().unwrap();
        wire.is_whole();
        wire.sent();
        wire.answered("add");
        wire.sent();
        assert!(reached.lock().unwrap().is_empty(), "its end is missing");
        wire.clone().is_whole();
        wire.sent();
        wire.sent();
        assert_eq!(*reached.lock().unwrap(), [(Point::AfterAnswer, "add")]);
    }

    #[test]
    fn nothing_happens_where_nobody_watches() {
        let points = Points::default();
        for point in Point::ALL {
            points.reach(point, "add");
            assert_eq!(Point::named(point.name()), Some(point));
        }
        assert!(points.wire().is_none());
    }
}
