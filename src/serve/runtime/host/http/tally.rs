//! How many of something there are at the moment, by a name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Counts by name. Cloning it counts on in the same place.
#[derive(Clone, Default)]
pub(super) struct Tally {
    counts: Arc<Mutex<HashMap<String, usize>>>,
}

/// One that is counted, until it is dropped.
pub(super) struct Counted {
    tally: Tally,
    name: String,
}

impl Tally {
    /// Counts one more, unless there are as many as may be.
    pub(super) fn take(&self, name: String, most: usize) -> Option<Counted> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.get(&name).copied().unwrap_or_default() >= most {
            return None;
        }
        *counts.entry(name.clone()).or_default() += 1;
        Some(Counted { tally: self.clone(), name })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.tally.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

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
}
