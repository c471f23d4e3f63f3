//! How many of something there are at the moment, by a name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Counts by name. Cloning it counts on in the same place.
#[derive(Clone, Default)]
pub(super) struct Tally {
    counts: Arc<Mutex<HashMap<String, Count>>>,
}

/// Kept while anything of it is not 0 but `ended`.
#[derive(Default)]
struct Count {
    now: usize,
    /// How many have been dropped.
    ended: u64,
    /// How many [`Survey`]s there are.
    surveys: usize,
}

/// One that is counted, until it is dropped.
pub(super) struct Counted {
    tally: Tally,
    name: String,
}

/// What is counted elsewhere as well: one that is dropped here may be there by now, and one that is
/// taken here on the strength of an older number there would be one too many.
pub(super) struct Survey {
    tally: Tally,
    name: String,
    ended: u64,
}

/// Some have been dropped since it was last looked elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outdated;

impl Tally {
    /// Counts one more, unless there are as many as may be.
    pub(super) fn take(&self, name: String, most: usize) -> Option<Counted> {
        self.change(&name, |count| {
            let has_room = count.now < most;
            count.now += usize::from(has_room);
            has_room
        })
        .then(|| Counted { tally: self.clone(), name })
    }

    /// Begins to look how many there are elsewhere.
    pub(super) fn survey(&self, name: String) -> Survey {
        let ended = self.change(&name, |count| {
            count.surveys += 1;
            count.ended
        });
        Survey { tally: self.clone(), name, ended }
    }

    fn change<T>(&self, name: &str, change: impl FnOnce(&mut Count) -> T) -> T {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(name.to_owned()).or_default();
        let result = change(count);
        if count.now == 0 && count.surveys == 0 {
            counts.remove(name);
        }
        result
    }
}

impl Survey {
    /// Counts one more, unless there are as many as may be. After [`Outdated`] look again.
    pub(super) fn take(&mut self, most: usize) -> Result<Option<Counted>, Outdated> {
        let ended = self.ended;
        let taken = self.tally.change(&self.name, |count| {
            if count.ended != ended {
                return Err(count.ended);
            }
            let has_room = count.now < most;
            count.now += usize::from(has_room);
            Ok(has_room)
        });
        match taken {
            Ok(has_room) => {
                Ok(has_room.then(|| Counted { tally: self.tally.clone(), name: self.name.clone() }))
            }
            Err(ended) => {
                self.ended = ended;
                Err(Outdated)
            }
        }
    }
}

impl Drop for Survey {
    fn drop(&mut self) {
        self.tally.change(&self.name, |count| count.surveys -= 1);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.tally.change(&self.name, |count| {
            count.now -= 1;
            count.ended += 1;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Outdated, Tally};

    #[test]
    fn one_that_is_dropped_makes_room() {
        let tally = Tally::default();
        let first = tally.take("a".to_owned(), 2);
        let second = tally.take("a".to_owned(), 2);
        assert!(first.is_some() && second.is_some());
        assert!(tally.take("a".to_owned(), 2).is_none());
        assert!(tally.take("b".to_owned(), 1).is_some(), "others have their own");
        drop(second);
        assert!(tally.take("a".to_owned(), 2).is_some());
        drop(first);
        assert!(tally.counts.lock().unwrap().is_empty(), "nothing is kept of what has gone");
    }

    #[test]
    fn what_has_moved_elsewhere_in_the_meantime_is_looked_for_again() {
        let tally = Tally::default();
        let first = tally.take("a".to_owned(), 1).unwrap();
        let mut survey = tally.survey("a".to_owned());
        // Elsewhere there is none yet; then the first one gets there.
        drop(first);
        assert_eq!(survey.take(1).map(|taken| taken.is_some()), Err(Outdated));
        // It is there now, so that there is no room.
        assert!(survey.take(0).unwrap().is_none());
        let second = survey.take(1).unwrap();
        assert!(second.is_some());
        drop((survey, second));
        assert!(tally.counts.lock().unwrap().is_empty());
    }
}
