//! A map that forgets what has not been asked for in a while.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Holds no more than so many values. They are in two generations: when the young one is half of all
/// that may be, the old one is given up and the young one is old. So nothing has to be searched for
/// what is oldest, and what is asked for stays.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: FxHashMap<K, V>,
    old: FxHashMap<K, V>,
    most: usize,
}

impl<K: Copy + Eq + Hash, V: Default> Recent<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self { young: FxHashMap::default(), old: FxHashMap::default(), most }
    }

    /// The value of a key, a new one where there is none, and the values given up for it.
    pub(super) fn get(&mut self, key: K, mut given_up: impl FnMut(V)) -> &mut V {
        if !self.young.contains_key(&key) {
            let value = self.old.remove(&key).unwrap_or_default();
            if self.young.len() >= self.most / 2 {
                let young = std::mem::take(&mut self.young);
                let old = std::mem::replace(&mut self.old, young);
                old.into_values().for_each(&mut given_up);
            }
            self.young.insert(key, value);
        }
        self.young.get_mut(&key).expect("it was put there")
    }

    /// The value of a key that has one.
    pub(super) fn known(&mut self, key: K) -> Option<&mut V> {
        match self.young.get_mut(&key) {
            Some(value) => Some(value),
            None => self.old.get_mut(&key),
        }
    }

    /// All values there are, which are forgotten with it.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = V> {
        let young = std::mem::take(&mut self.young);
        std::mem::take(&mut self.old).into_values().chain(young.into_values())
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn what_is_asked_for_stays_and_no_more_is_held_than_may_be() {
        let mut recent: Recent<u32, u32> = Recent::new(8);
        let mut given_up = Vec::new();
        for key in 0..100 {
            *recent.get(key, |value| given_up.push(value)) = key;
            recent.get(0, |value| given_up.push(value));
            assert!(recent.young.len() + recent.old.len() <= 8);
        }
        assert!(!given_up.contains(&0));
        assert!(given_up.len() >= 90);
        let left: Vec<u32> = recent.drain().collect();
        assert_eq!(left.len() + given_up.len(), 100);
    }
}
