//! An array: items by position, items that must exist somewhere, counts, and all of them different.

use super::{Literal, Outcome, Search};
use crate::engine::schema::inclusion::{
    instance::Instance,
    node::{Id, Node},
};

/// Most ways of placing what must exist somewhere.
const MAX_PLACEMENTS: usize = 2_000;
/// Most ways of denying counts.
const MAX_WAYS: usize = 64;
/// Longest array that is written out.
const MAX_ITEMS: u64 = 10_000;
const TOO_LONG: &str = "an array of more than 10,000 items";

/// What is asked of an array.
#[derive(Debug, Default)]
struct Wanted {
    min: u64,
    max: Option<u64>,
    /// What the item at a position must satisfy, if there is one.
    at: Vec<(usize, Literal)>,
    /// What all items from a position on must satisfy.
    from: Vec<(usize, Literal)>,
    /// What must be true of the item at a position, which must exist.
    fixed: Vec<(usize, Literal)>,
    /// What must be true of some item.
    somewhere: Vec<Existential>,
    is_unique: bool,
    has_double: bool,
    /// Counts that are more than "at least one" and "none": they are checked at the end.
    counts: Vec<Literal>,
    /// What items that need not match a counted schema should rather not.
    dislikes: Vec<Literal>,
}

/// An item that must exist.
#[derive(Debug, Clone, Copy)]
struct Existential {
    /// The first position at which it may be.
    from: usize,
    literal: Literal,
    /// Whether it is counted: then it is another item than the one before it in the list.
    is_another: bool,
}

impl Search<'_> {
    pub(super) fn array(&mut self, atoms: &[Literal]) -> Outcome {
        let (ways, is_complete) = self.counted_apart(atoms);
        let mut best = Outcome::Empty;
        for atoms in ways {
            best = best.or(self.array_with(&atoms));
            if matches!(best, Outcome::Found(_)) {
                break;
            }
        }
        if is_complete { best } else { best.doubted("many denials of `contains`") }
    }

    /// Denied counts are either too low or too high: one list of atoms for each way. And whether
    /// all atoms are in them: there can be too many ways.
    fn counted_apart(&mut self, atoms: &[Literal]) -> (Vec<Vec<Literal>>, bool) {
        let mut ways: Vec<Vec<Literal>> = vec![Vec::new()];
        for literal in atoms {
            let &Node::Contains(id, min, max) = self.arena.node(literal.node) else {
                ways.iter_mut().for_each(|way| way.push(*literal));
                continue;
            };
            if literal.is_positive {
                ways.iter_mut().for_each(|way| way.push(*literal));
                continue;
            }
            let fewer = min.checked_sub(1).map(|most| Node::Contains(id, 0, Some(most)));
            let more = max.map(|max| Node::Contains(id, max.saturating_add(1), None));
            let options: Vec<Id> =
                [fewer, more].into_iter().flatten().map(|node| self.arena.add(node)).collect();
            let with = |way: &Vec<Literal>, id: Id| {
                let literal = Literal { node: id, is_positive: true, ..*literal };
                way.iter().copied().chain([literal]).collect()
            };
            ways = ways.iter().flat_map(|way| options.iter().map(|id| with(way, *id))).collect();
            if ways.len() > MAX_WAYS {
                return (ways, false);
            }
        }
        (ways, true)
    }

    fn array_with(&mut self, atoms: &[Literal]) -> Outcome {
        let Some(wanted) = self.wanted_of_array(atoms) else { return Outcome::Empty };
        let needed = wanted.fixed.iter().map(|(at, _)| *at as u64 + 1).max().unwrap_or(0);
        let min = wanted.min.max(needed).max(if wanted.has_double { 2 } else { 0 });
        if wanted.max.is_some_and(|max| max < min) {
            return Outcome::Empty;
        }
        let prefix = wanted.at.iter().map(|(at, _)| at + 1);
        let prefix = prefix.chain(wanted.from.iter().map(|(from, _)| *from));
        let prefix = prefix.chain(wanted.fixed.iter().map(|(at, _)| at + 1));
        let prefix = prefix.chain(wanted.somewhere.iter().map(|it| it.from)).max().unwrap_or(0);
        // Beyond the prefix all positions are alike, so a few more than the existentials are enough.
        let positions = prefix + wanted.somewhere.len() + usize::from(wanted.has_double) * 2;
        let mut placing = Placing {
            wanted: &wanted,
            min,
            positions,
            chosen: Vec::new(),
            tried: 0,
            is_cut: false,
            atoms,
        };
        let outcome = self.place(&mut placing);
        match outcome {
            Outcome::Empty if placing.is_cut => Outcome::unknown("too many ways to place items"),
            outcome => outcome,
        }
    }

    /// None where counts of the same schema contradict each other.
    fn wanted_of_array(&self, atoms: &[Literal]) -> Option<Wanted> {
        let mut wanted = Wanted::default();
        let mut counts: Vec<(Id, u64, Option<u64>)> = Vec::new();
        for literal in atoms {
            match (self.arena.node(literal.node), literal.is_positive) {
                (Node::MinItems(least), true) => wanted.min = wanted.min.max(*least),
                (Node::MaxItems(most), true) => wanted.limit(*most),
                (Node::MaxItems(most), false) => {
                    wanted.min = wanted.min.max(most.saturating_add(1));
                }
                (Node::MinItems(least), false) => wanted.limit(least.checked_sub(1)?),
                (Node::UniqueItems, true) => wanted.is_unique = true,
                (Node::UniqueItems, false) => wanted.has_double = true,
                (Node::Item(at, id), true) => wanted.at.push((*at, literal.with(*id))),
                (Node::Item(at, id), false) => wanted.fixed.push((*at, literal.with(*id))),
                (Node::ItemsFrom(from, id), true) => wanted.from.push((*from, literal.with(*id))),
                (Node::ItemsFrom(from, id), false) => {
                    wanted.somewhere.push(Existential {
                        from: *from,
                        literal: literal.with(*id),
                        is_another: false,
                    });
                }
                (Node::Contains(id, min, max), _) => {
                    match counts.iter_mut().find(|(other, ..)| other == id) {
                        Some((_, least, most)) => {
                            *least = (*least).max(*min);
                            *most = match (*most, *max) {
                                (Some(one), Some(other)) => Some(one.min(other)),
                                (one, other) => one.or(other),
                            };
                        }
                        None => counts.push((*id, *min, *max)),
                    }
                }
                // Denied lists of arrays were written out before.
                _ => wanted.counts.push(*literal),
            }
        }
        if wanted.is_unique && wanted.has_double {
            return None;
        }
        for (id, min, max) in counts {
            if max.is_some_and(|max| max < min) {
                return None;
            }
            wanted.count(id, min, max);
        }
        Some(wanted)
    }

    /// Puts what must exist somewhere at every place it can be, one after the other.
    fn place(&mut self, placing: &mut Placing<'_>) -> Outcome {
        let next = placing.chosen.len();
        let Some(existential) = placing.wanted.somewhere.get(next).copied() else {
            return self.fill(placing);
        };
        let Existential { from, literal, is_another } = existential;
        let from = match placing.chosen.last() {
            Some((before, _)) if is_another => from.max(before + 1),
            _ => from,
        };
        let mut best = Outcome::Empty;
        for position in from..placing.positions.max(from + 1) {
            placing.tried += 1;
            if placing.tried > MAX_PLACEMENTS || self.is_exhausted {
                placing.is_cut = true;
                break;
            }
            if placing.wanted.max.is_some_and(|max| position as u64 >= max) {
                break;
            }
            let mut slot = placing.slot(position);
            slot.push(literal);
            if self.find(slot, false) == Outcome::Empty {
                continue;
            }
            placing.chosen.push((position, literal));
            best = best.or(self.place(placing));
            placing.chosen.pop();
            if matches!(best, Outcome::Found(_)) {
                break;
            }
        }
        best
    }

    /// Every item has its conditions: finds them.
    fn fill(&mut self, placing: &Placing<'_>) -> Outcome {
        let wanted = placing.wanted;
        let length = placing.chosen.iter().map(|(at, _)| *at as u64 + 1).max().unwrap_or(0);
        let length = length.max(placing.min);
        if wanted.has_double {
            return self.fill_with_double(placing, length);
        }
        self.fill_slots(placing, length, None)
    }

    /// Two positions that are equal satisfy what is asked of either.
    fn fill_with_double(&mut self, placing: &Placing<'_>, length: u64) -> Outcome {
        let mut best = Outcome::Empty;
        for second in 1..placing.positions.max(2) {
            for first in 0..second {
                let length = length.max(second as u64 + 1);
                best = best.or(self.fill_slots(placing, length, Some((first, second))));
                if matches!(best, Outcome::Found(_)) {
                    return best;
                }
            }
        }
        best
    }

    fn fill_slots(
        &mut self,
        placing: &Placing<'_>,
        length: u64,
        double: Option<(usize, usize)>,
    ) -> Outcome {
        if placing.wanted.max.is_some_and(|max| length > max) {
            return Outcome::Empty;
        }
        // What follows the prefix is alike, so whether it can be filled is seen at one place.
        let shown = length.min(MAX_ITEMS) as usize;
        let mut items: Vec<Instance> = Vec::with_capacity(shown);
        let mut reason: Option<String> = None;
        let mut states: Vec<Vec<Literal>> = Vec::new();
        for position in 0..shown {
            let mut slot = placing.slot(position);
            if let Some((first, second)) = double {
                if position == first {
                    slot.extend(placing.slot(second));
                } else if position == second {
                    let Some(same) = items.get(first).cloned() else { break };
                    items.push(same);
                    continue;
                }
            }
            let outcome = if placing.wanted.is_unique {
                self.distinct(&slot, &items)
            } else {
                self.liked(&slot, &placing.wanted.dislikes)
            };
            match outcome {
                Outcome::Found(item) => items.push(item),
                Outcome::Unknown { reason: why, candidate } => {
                    reason.get_or_insert(why);
                    match candidate {
                        Some(item) => items.push(item),
                        None => {
                            return Outcome::Unknown {
                                reason: reason.unwrap_or_default(),
                                candidate: None,
                            };
                        }
                    }
                }
                // Without the earlier items there may be room. With all slots alike there is not.
                Outcome::Empty
                    if placing.wanted.is_unique
                        && !items.is_empty()
                        && !states.iter().all(|state| *state == slot) =>
                {
                    return if self.find(slot, false) == Outcome::Empty {
                        Outcome::Empty
                    } else {
                        Outcome::unknown("`uniqueItems` over different items")
                    };
                }
                Outcome::Empty => return Outcome::Empty,
            }
            states.push(slot);
        }
        if length > MAX_ITEMS {
            return Outcome::unknown(TOO_LONG);
        }
        let instance = Instance::Array(items);
        let reason = reason.or_else(|| {
            let holds = self.holds(placing.atoms, &instance) == Some(true);
            (!holds).then(|| "`minContains` or `maxContains`".to_owned())
        });
        match reason {
            None => Outcome::Found(instance),
            Some(reason) => Outcome::Unknown { reason, candidate: Some(instance) },
        }
    }

    /// An item that is none of the earlier ones.
    fn distinct(&mut self, slot: &[Literal], earlier: &[Instance]) -> Outcome {
        let taken = self.arena.enumeration(earlier.iter().cloned().collect());
        let mut slot = slot.to_vec();
        slot.push(Literal::negative(taken));
        self.find(slot, false)
    }

    /// An item that also avoids what should be rare, if there is one.
    fn liked(&mut self, slot: &[Literal], dislikes: &[Literal]) -> Outcome {
        if !dislikes.is_empty() {
            let all: Vec<Literal> = slot.iter().chain(dislikes).copied().collect();
            let found = self.find(all, false);
            if matches!(found, Outcome::Found(_)) {
                return found;
            }
        }
        self.find(slot.to_vec(), false)
    }
}

impl Wanted {
    fn limit(&mut self, most: u64) {
        self.max = Some(self.max.map_or(most, |max| max.min(most)));
    }

    /// How many items match a schema.
    fn count(&mut self, id: Id, min: u64, max: Option<u64>) {
        let yes = Literal { node: id, is_positive: true, is_sender: false };
        if max == Some(0) {
            self.from.push((0, Literal { is_positive: false, ..yes }));
            return;
        }
        self.min = self.min.max(min);
        for index in 0..min.min(MAX_ITEMS) {
            let is_another = index > 0;
            self.somewhere.push(Existential { from: 0, literal: yes, is_another });
        }
        if min > 1 || max.is_some() {
            self.dislikes.push(Literal { is_positive: false, ..yes });
        }
    }
}

/// One way of placing what must exist.
struct Placing<'w> {
    wanted: &'w Wanted,
    min: u64,
    positions: usize,
    chosen: Vec<(usize, Literal)>,
    tried: usize,
    is_cut: bool,
    atoms: &'w [Literal],
}

impl Placing<'_> {
    /// What is asked of the item at a position, apart from what was chosen to be there.
    fn slot(&self, position: usize) -> Vec<Literal> {
        let at = self.wanted.at.iter().filter(|(at, _)| *at == position);
        let from = self.wanted.from.iter().filter(|(from, _)| *from <= position);
        let fixed = self.wanted.fixed.iter().filter(|(at, _)| *at == position);
        let chosen = self.chosen.iter().filter(|(at, _)| *at == position);
        at.chain(from).chain(fixed).chain(chosen).map(|(_, literal)| *literal).collect()
    }
}
