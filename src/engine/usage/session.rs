//! What is remembered of a session: what failed in it, and what was done since.

use rustc_hash::FxHashMap;

use super::{MAX_EPISODES, MAX_FAILED, Retries, argument::Fingerprint, recent::Recent};

/// A session as far as it is remembered. Tools go by their numbers.
#[derive(Debug)]
pub(super) struct Session {
    /// The tools that were called in it.
    pub(super) tools: Vec<u32>,
    /// What failed and has not succeeded since, by tool and arguments without the key.
    pub(super) failed: Recent<(u32, u64), Option<Failed>>,
    /// Calls that wait for their answers, by the same.
    pub(super) waiting: FxHashMap<(u32, u64), u64>,
    /// Errors after which nothing has succeeded yet.
    pub(super) episodes: Vec<Episode>,
    /// The call that has just succeeded, until the next one.
    pub(super) just: Option<(u32, Fingerprint)>,
}

/// A call that had an error or no answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    pub(super) print: Fingerprint,
    /// Whether something may have been done all the same.
    pub(super) is_open: bool,
}

/// An error and what has been tried since.
#[derive(Debug)]
pub(super) struct Episode {
    pub(super) tool: u32,
    /// The number of the code among those of the tool.
    pub(super) code: usize,
    /// When it began, in steps of the recording.
    pub(super) since: u64,
    pub(super) print: Fingerprint,
    /// Whether the error says that the wrong thing was called, or with wrong arguments.
    pub(super) is_confusable: bool,
    /// The tool that the error says to call next.
    pub(super) advised: Option<String>,
    /// The other tools that were called since.
    pub(super) others: Vec<u32>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            tools: Vec::new(),
            failed: Recent::new(MAX_FAILED),
            waiting: FxHashMap::default(),
            episodes: Vec::new(),
            just: None,
        }
    }
}

impl Session {
    /// Whether it was called before; it was from now on.
    pub(super) fn is_first_call(&mut self, tool: u32) -> bool {
        let is_first = !self.tools.contains(&tool);
        if is_first {
            self.tools.push(tool);
        }
        is_first
    }

    /// Begins to follow an error; false where too many are followed. The same error of the same
    /// tool, before anything has succeeded, is followed already.
    pub(super) fn follow(&mut self, episode: Episode) -> bool {
        let mut open = self.episodes.iter();
        if open.any(|it| (it.tool, it.code) == (episode.tool, episode.code)) {
            return true;
        }
        if self.episodes.len() >= MAX_EPISODES {
            return false;
        }
        self.episodes.push(episode);
        true
    }

    /// Takes the errors that a call which was asked at that step comes after.
    pub(super) fn end_episodes(&mut self, asked: u64) -> Vec<Episode> {
        if self.episodes.is_empty() {
            return Vec::new();
        }
        let (ended, going_on) = std::mem::take(&mut self.episodes)
            .into_iter()
            .partition(|episode: &Episode| episode.since < asked);
        self.episodes = going_on;
        ended
    }
}

impl Retries {
    /// Takes in a call that repeats a failed one.
    pub(super) fn add(&mut self, failed: &Failed, again: &Fingerprint) {
        self.all += 1;
        self.identical += u64::from(failed.print.whole == again.whole);
        let has_same_key = again.key.is_some() && again.key == failed.print.key;
        match again.key {
            None => self.without_key += 1,
            Some(_) if has_same_key => self.same_key += 1,
            Some(_) => self.new_key += 1,
        }
        self.at_risk += u64::from(failed.is_open && !has_same_key);
    }
}
