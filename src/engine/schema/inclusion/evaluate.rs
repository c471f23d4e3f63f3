//! Does an instance satisfy a node? Three-valued: what cannot be looked into is unknown.

use super::{
    instance::Instance,
    node::{Arena, Id, KeySet, Node, Strictness},
    rational::is_multiple,
};

/// The conjunction of what comes; false beats unknown.
fn all(mut verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_known = true;
    loop {
        match verdicts.next() {
            Some(Some(true)) => {}
            Some(Some(false)) => return Some(false),
            Some(None) => is_known = false,
            None => return is_known.then_some(true),
        }
    }
}

/// How many hold for certain, and how many are unknown.
fn count(verdicts: impl Iterator<Item = Option<bool>>) -> (u64, u64) {
    verdicts.fold((0, 0), |(certain, unknown), verdict| match verdict {
        Some(true) => (certain + 1, unknown),
        Some(false) => (certain, unknown),
        None => (certain, unknown + 1),
    })
}

/// Whether a count that lies between `certain` and `certain + unknown` lies in a range.
fn is_within((certain, unknown): (u64, u64), min: u64, max: Option<u64>) -> Option<bool> {
    let most = certain + unknown;
    if most < min || max.is_some_and(|max| certain > max) {
        Some(false)
    } else if certain >= min && max.is_none_or(|max| most <= max) {
        Some(true)
    } else {
        None
    }
}

impl Arena {
    /// Whether the instance satisfies the node.
    pub(super) fn evaluate(&self, id: Id, instance: &Instance) -> Option<bool> {
        if !self.burn() {
            return None;
        }
        let node = self.node(id);
        if node.guard().is_some_and(|kind| kind != instance.kind()) {
            return Some(true);
        }
        match (node, instance) {
            (Node::True | Node::Declares(..), _) => Some(true),
            (Node::False, _) => Some(false),
            (Node::All(ids), _) => all(ids.iter().map(|id| self.evaluate(*id, instance))),
            (Node::Any(ids), _) => {
                let refused = ids.iter().map(|id| self.evaluate(*id, instance).map(|it| !it));
                all(refused).map(|all_refuse| !all_refuse)
            }
            (Node::One(ids), _) => {
                is_within(count(ids.iter().map(|id| self.evaluate(*id, instance))), 1, Some(1))
            }
            (Node::Not(inner), _) => self.evaluate(*inner, instance).map(|it| !it),
            (Node::Reference(reference), _) => self.evaluate(self.target(*reference), instance),
            (Node::Opaque(_) | Node::Format(_), _) => None,
            (Node::Kinds(kinds), _) => Some(kinds.contains(instance.kind())),
            (Node::Enumeration(index), _) => Some(self.members(*index).contains(instance)),
            (Node::Minimum(bound, strictness), Instance::Number(number)) => {
                Some(number > bound || (number == bound && *strictness == Strictness::Inclusive))
            }
            (Node::Maximum(bound, strictness), Instance::Number(number)) => {
                Some(number < bound || (number == bound && *strictness == Strictness::Inclusive))
            }
            (Node::MultipleOf(step), Instance::Number(number)) => is_multiple(number, step),
            (Node::MinLength(least), Instance::String(text)) => Some(length(text) >= *least),
            (Node::MaxLength(most), Instance::String(text)) => Some(length(text) <= *most),
            (Node::Pattern(pattern), Instance::String(text)) => {
                self.language(*pattern).matches(text)
            }
            (_, Instance::Array(items)) => self.evaluate_array(node, items),
            (_, Instance::Object(_)) => self.evaluate_object(node, instance),
            _ => None,
        }
    }

    fn evaluate_array(&self, node: &Node, items: &[Instance]) -> Option<bool> {
        match node {
            Node::MinItems(least) => Some(items.len() as u64 >= *least),
            Node::MaxItems(most) => Some(items.len() as u64 <= *most),
            Node::UniqueItems => {
                let mut sorted: Vec<_> = items.iter().collect();
                sorted.sort_unstable();
                Some(sorted.windows(2).all(|pair| pair[0] != pair[1]))
            }
            Node::Item(index, id) => {
                items.get(*index).map_or(Some(true), |item| self.evaluate(*id, item))
            }
            Node::ItemsFrom(from, id) => {
                all(items.iter().skip(*from).map(|item| self.evaluate(*id, item)))
            }
            Node::Contains(id, min, max) => {
                is_within(count(items.iter().map(|item| self.evaluate(*id, item))), *min, *max)
            }
            _ => None,
        }
    }

    fn evaluate_object(&self, node: &Node, instance: &Instance) -> Option<bool> {
        let Instance::Object(members) = instance else { return None };
        let size = members.len() as u64;
        match node {
            Node::MinProperties(least) => Some(size >= *least),
            Node::MaxProperties(most) => Some(size <= *most),
            Node::Required(name) => Some(members.contains_key(self.name_text(*name))),
            Node::Absent(name) => Some(!members.contains_key(self.name_text(*name))),
            Node::Property(name, id) => {
                let value = members.get(self.name_text(*name));
                value.map_or(Some(true), |value| self.evaluate(*id, value))
            }
            Node::PatternProperty(pattern, id) => {
                all(members.iter().map(|(name, value)| {
                    match self.language(*pattern).matches(name) {
                        Some(false) => Some(true),
                        Some(true) => self.evaluate(*id, value),
                        None => self.evaluate(*id, value).filter(|it| *it),
                    }
                }))
            }
            Node::Additional(keys, id) => {
                all(members.iter().map(|(name, value)| match self.is_among(keys, name) {
                    Some(true) => Some(true),
                    Some(false) => self.evaluate(*id, value),
                    None => self.evaluate(*id, value).filter(|it| *it),
                }))
            }
            Node::PropertyNames(id) => {
                let name = |name: &String| self.evaluate(*id, &Instance::String(name.clone()));
                all(members.keys().map(name))
            }
            _ => None,
        }
    }

    /// Whether a key is one of the names or matches one of the patterns.
    pub(super) fn is_among(&self, keys: &KeySet, text: &str) -> Option<bool> {
        if self.find_name(text).is_some_and(|name| keys.has_name(name)) {
            return Some(true);
        }
        let missed = keys.patterns.iter().map(|it| self.language(*it).matches(text).map(|it| !it));
        all(missed).map(|all_missed| !all_missed)
    }
}

/// In code points, as the specification counts.
fn length(text: &str) -> u64 {
    text.chars().count() as u64
}
