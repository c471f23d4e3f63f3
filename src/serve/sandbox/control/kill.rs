//! The end of the process at a point that was chosen.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::super::runtime::points::{Point, Points};

/// When the process dies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kill {
    /// At which point of a write.
    pub point: Point,
    /// Of which tool; any where none is named.
    pub tool: Option<String>,
    /// How many writes may still pass the point.
    pub after: u64,
}

/// Whether the process is to die, and when.
#[derive(Debug, Default)]
pub struct Kills {
    armed: Mutex<Option<Kill>>,
}

impl Kills {
    /// Has the process die; in place of what was armed before.
    pub fn arm(&self, kill: Kill) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(kill);
    }

    /// Lets the process live.
    pub fn disarm(&self) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What is armed, with the writes that may still pass.
    pub fn armed(&self) -> Option<Kill> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Points for a server that dies there.
    pub fn points(self: &Arc<Self>) -> Points {
        let kills = Arc::clone(self);
        Points::watched_by(Arc::new(move |point, tool| {
            if kills.is_due(point, tool) {
                die();
            }
        }))
    }

    fn is_due(&self, point: Point, tool: &str) -> bool {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kill) = armed.as_mut() else { return false };
        if kill.point != point || kill.tool.as_deref().is_some_and(|armed| armed != tool) {
            return false;
        }
        match kill.after.checked_sub(1) {
            Some(after) => {
                kill.after = after;
                false
            }
            None => true,
        }
    }
}

/// Ends the process at once: nothing is written, flushed or rolled back any more, as when a machine
/// fails. Nothing can stand in the way of `SIGKILL`.
fn die() -> ! {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        let _unless_killed = kill_process(getpid(), Signal::KILL);
    }
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::{Kill, Kills, Point};

    #[test]
    fn the_one_after_those_that_may_pass_is_the_last() {
        let kills = Kills::default();
        assert!(!kills.is_due(Point::AfterCommit, "commit"));
        kills.arm(Kill { point: Point::AfterCommit, tool: Some("commit".to_owned()), after: 1 });
        assert!(!kills.is_due(Point::BeforeCommit, "commit"));
        assert!(!kills.is_due(Point::AfterCommit, "propose"));
        assert!(!kills.is_due(Point::AfterCommit, "commit"));
        assert_eq!(kills.armed().unwrap().after, 0);
        assert!(kills.is_due(Point::AfterCommit, "commit"));
        kills.disarm();
        assert!(!kills.is_due(Point::AfterCommit, "commit"));
        kills.arm(Kill { point: Point::AfterCommit, tool: None, after: 0 });
        assert!(kills.is_due(Point::AfterCommit, "propose"));
    }
}
