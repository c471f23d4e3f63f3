//! Which recorded request answers one of the client's.
//!
//! The same request is answered in its recorded order, and then with the last answer again. A request
//! with an idempotency key is one of its key: the first request with a key of the client's takes the
//! place of a recorded key, and what comes with that key later is what the recording has for the recorded
//! one. A key that was not used yet begins with the next recorded key that has not been taken.
//!
//! Pure: entries in, numbers of entries out.

use std::collections::{HashMap, HashSet};

use super::{fingerprint::Fingerprint, library::Entry};

/// All recorded requests, by what they ask for.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The numbers of entries, by fingerprint, and of one fingerprint in recorded order.
    order: Vec<u32>,
    memory: Memory,
}

/// What the clients have asked so far.
#[derive(Debug, Default)]
struct Memory {
    /// How often an answer was given: by fingerprint, recorded key, the client's key, and what it gave
    /// for a question.
    given: HashMap<Position, usize>,
    /// By a key of the client's: the recorded key in whose place it is, and its first request.
    bound: HashMap<Fingerprint, Bound>,
    /// The recorded keys in whose place one of the client's is.
    taken: HashSet<Fingerprint>,
}

type Position = (Fingerprint, Option<Fingerprint>, Option<Fingerprint>, Option<Fingerprint>);

#[derive(Debug, Clone, Copy)]
struct Bound {
    recorded: Fingerprint,
    first: u32,
}

/// A request, as far as it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) fingerprint: Fingerprint,
    pub(super) key: Option<Fingerprint>,
    /// What the client gives for an earlier question, and what it does about it.
    pub(super) input: Option<(Fingerprint, Fingerprint)>,
}

/// Why nothing recorded answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// There is no such request.
    Unrecorded,
    /// Its key was used for the request that this entry answers, and the recording does not tell what
    /// comes of using it for another.
    KeyReused(u32),
    /// This entry is the same request, but the client gives something else for a question.
    OtherInput(u32),
    /// This entry is the same request, and has no answer.
    Unanswered(u32),
}

impl Shelf {
    /// Puts up the requests of a recording. They are in no particular order; the numbers of their lines are.
    pub(super) fn new(entries: &[Entry]) -> Self {
        let mut order: Vec<u32> = (0..).take(entries.len()).collect();
        order.sort_unstable_by_key(|number| {
            let entry = &entries[*number as usize];
            (entry.fingerprint, entry.n, *number)
        });
        Self { order, memory: Memory::default() }
    }

    /// The entry that answers a request, which counts as given from now on.
    pub(super) fn take(&mut self, entries: &[Entry], wanted: Wanted) -> Result<u32, Miss> {
        let entry = |number: &u32| &entries[*number as usize];
        let start =
            self.order.partition_point(|number| entry(number).fingerprint < wanted.fingerprint);
        let rest = &self.order[start..];
        let end = rest.partition_point(|number| entry(number).fingerprint == wanted.fingerprint);
        let same = &rest[..end];
        let memory = &mut self.memory;
        let Some(key) = wanted.key else { return memory.next(entries, same, None, wanted) };
        if let Some(bound) = memory.bound.get(&key).copied() {
            return match memory.next(entries, same, Some(bound.recorded), wanted) {
                Err(Miss::Unrecorded) => Err(Miss::KeyReused(bound.first)),
                found => found,
            };
        }
        // What comes of another request under a used key says nothing about that request under a fresh one.
        let fresh = || same.iter().map(entry).filter(|entry| entry.is_first_use);
        let is_own = same.iter().any(|number| entry(number).key == Some(key));
        let recorded = if is_own {
            key
        } else {
            let mut seen = HashSet::new();
            let keys = fresh().filter_map(|entry| entry.key).filter(|key| seen.insert(*key));
            let mut last = None;
            let mut free = None;
            for key in keys {
                last = Some(key);
                if !memory.taken.contains(&key) {
                    free = Some(key);
                    break;
                }
            }
            free.or(last).ok_or(Miss::Unrecorded)?
        };
        let taken = memory.next(entries, same, Some(recorded), wanted)?;
        memory.taken.insert(recorded);
        memory.bound.insert(key, Bound { recorded, first: taken });
        Ok(taken)
    }
}

impl Memory {
    /// The next of those that have a key, or the last one again.
    fn next(
        &mut self,
        entries: &[Entry],
        same: &[u32],
        key: Option<Fingerprint>,
        wanted: Wanted,
    ) -> Result<u32, Miss> {
        let entry = |number: u32| &entries[number as usize];
        let of_key = || same.iter().copied().filter(|number| entry(*number).key == key);
        let first = of_key().next().ok_or(Miss::Unrecorded)?;
        let mut fit: Vec<u32> = of_key().filter(|it| entry(*it).answer.is_some()).collect();
        if fit.is_empty() {
            return Err(Miss::Unanswered(first));
        }
        if let Some((input, actions)) = wanted.input {
            let given = |number: u32| entry(number).input.as_deref();
            let is_same = |number: &u32| given(*number).is_some_and(|(it, _)| *it == input);
            let is_alike = |number: &u32| given(*number).is_some_and(|(_, it)| *it == actions);
            if fit.iter().any(is_same) {
                fit.retain(is_same);
            } else {
                fit.retain(is_alike);
            }
        }
        let last = fit.len().checked_sub(1).ok_or(Miss::OtherInput(first))?;
        let input = wanted.input.map(|(input, _)| input);
        let given = self.given.entry((wanted.fingerprint, key, wanted.key, input)).or_default();
        let at = (*given).min(last);
        *given += 1;
        Ok(fit[at])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{Entry, Fingerprint, Miss, Shelf, Wanted};
    use crate::live::replay::mock::{
        library::{Library, mark_first_uses},
        tape::Place,
    };

    fn digest(text: &str) -> Fingerprint {
        Fingerprint::of_value(&RawValue::from_string(format!("{text:?}")).unwrap())
    }

    /// Entries of requests such as `a k1`: what is asked for and the key; `!` for one without an answer.
    fn entries(requests: &[&str]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (number, request) in requests.iter().enumerate() {
            let (fingerprint, key) = request
                .trim_end_matches('!')
                .split_once(' ')
                .unwrap_or((request.trim_end_matches('!'), ""));
            let answer = (!request.ends_with('!')).then_some(Place { offset: 0, index: 0 });
            entries.push(Library::entry(
                number as u64,
                answer,
                digest(fingerprint),
                (!key.is_empty()).then(|| digest(key)),
            ));
        }
        mark_first_uses(&mut entries);
        entries
    }

    /// What each request of a client is answered with: the number of an entry.
    fn check(recorded: &[&str], asked: &[(&str, Result<u32, Miss>)]) {
        let entries = entries(recorded);
        let mut shelf = Shelf::new(&entries);
        for (index, (request, expected)) in asked.iter().enumerate() {
            let (fingerprint, key) = request.split_once(' ').unwrap_or((request, ""));
            let key = (!key.is_empty()).then(|| digest(key));
            let wanted = Wanted { fingerprint: digest(fingerprint), key, input: None };
            assert_eq!(shelf.take(&entries, wanted), *expected, "{index}: {request}");
        }
    }

    #[test]
    fn without_keys_the_recorded_order_counts_and_then_the_last() {
        check(
            &["a", "b", "a", "c!", "a!"],
            &[
                ("a", Ok(0)),
                ("b", Ok(1)),
                ("b", Ok(1)),
                ("a", Ok(2)),
                ("a", Ok(2)),
                ("c", Err(Miss::Unanswered(3))),
                ("d", Err(Miss::Unrecorded)),
            ],
        );
    }

    #[test]
    fn a_key_of_the_client_is_in_the_place_of_a_recorded_one() {
        check(
            &["a k1", "a k2", "b k1", "b k3"],
            &[
                ("a x", Ok(0)),
                ("a x", Ok(0)),
                ("a y", Ok(1)),
                ("a x", Ok(0)),
                // No third one was recorded.
                ("a z", Ok(1)),
                // What a used key comes to for other arguments, and what a fresh one does.
                ("b x", Ok(2)),
                ("b w", Ok(3)),
                ("b y", Err(Miss::KeyReused(1))),
                ("a", Err(Miss::Unrecorded)),
            ],
        );
    }

    #[test]
    fn a_recorded_key_is_its_own() {
        check(
            &["a k1", "a k2"],
            &[("a k2", Ok(1)), ("a x", Ok(0)), ("a k2", Ok(1)), ("a k1", Ok(0))],
        );
    }

    #[test]
    fn a_request_repeated_under_its_key_has_its_recorded_answers() {
        check(
            &["a k1", "a k1", "a k2"],
            &[("a x", Ok(0)), ("a x", Ok(1)), ("a x", Ok(1)), ("a y", Ok(2)), ("a x", Ok(1))],
        );
    }
}
