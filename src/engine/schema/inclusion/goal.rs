//! The accepting schema taken apart into what can fail on its own.
//!
//! Universal keywords distribute over conjunction: `properties` of a schema with three keywords is
//! three demands on the property. So a schema unrolls into *goals*, each one keyword wrapped in the
//! way to it. A choice (`anyOf`, `oneOf`, `not`, `then`, `contains`) is one goal as a whole.

use std::collections::HashSet;

use super::{
    compile::{Applied, Compiled, Inner, Part},
    node::{Arena, FALSE, Id, Node, TRUE},
};

/// Most goals of one schema.
const MAX_GOALS: usize = 2_000;
/// Deepest nesting of applied schemas that is taken apart.
const MAX_DEPTH: usize = 40;

/// One demand of a schema.
#[derive(Debug, Clone)]
pub(super) struct Goal {
    pub(super) node: Id,
    /// The schema object that the keyword stands in, by address.
    pub(super) schema: usize,
    pub(super) keyword: &'static str,
    pub(super) member: Option<String>,
    /// The steps into the instance.
    pub(super) instance: Vec<String>,
    /// The schema objects on the way, the first one being the root.
    pub(super) path: Vec<usize>,
    /// Set where the way leads back into a schema it came through.
    pub(super) back_to: Option<usize>,
}

/// Takes a compiled schema apart. What stands word for word in `known`, the nodes that hold anyhow,
/// is left out.
pub(super) fn goals(
    arena: &mut Arena,
    compiled: &Compiled,
    root: Inner,
    known: &HashSet<Id>,
) -> Vec<Goal> {
    let mut unroll = Unroll {
        arena,
        compiled,
        known,
        goals: Vec::new(),
        wraps: Vec::new(),
        path: Vec::new(),
        seen: HashSet::new(),
    };
    match root {
        Inner::Boolean(false) => unroll.add(0, "false", None, FALSE, None),
        Inner::Boolean(true) => {}
        Inner::Object(address) => unroll.object(address),
    }
    unroll.goals
}

struct Unroll<'r> {
    arena: &'r mut Arena,
    compiled: &'r Compiled,
    known: &'r HashSet<Id>,
    goals: Vec<Goal>,
    wraps: Vec<Applied>,
    path: Vec<usize>,
    /// Each keyword at each place of the instance, once.
    seen: HashSet<(usize, Id)>,
}

impl Unroll<'_> {
    fn object(&mut self, address: usize) {
        self.path.push(address);
        let parts = self.compiled.parts.get(&address).map_or(&[][..], Vec::as_slice);
        for part in parts {
            if self.goals.len() >= MAX_GOALS {
                break;
            }
            self.part(address, part);
        }
        self.path.pop();
    }

    fn part(&mut self, address: usize, part: &Part) {
        let is_nothing =
            part.node == TRUE || matches!(self.arena.node(part.node), Node::Declares(..));
        let is_in_place = self.wraps.iter().all(|wrap| *wrap == Applied::InPlace);
        if is_nothing || (is_in_place && self.known.contains(&part.node)) {
            return;
        }
        let member = part.member.clone();
        let Some((applied, inner)) = &part.inner else {
            return self.add(address, part.keyword, member, part.node, None);
        };
        match inner {
            Inner::Object(child) if self.path.contains(child) => {
                self.add(address, part.keyword, member, part.node, Some(*child));
            }
            Inner::Object(_) if self.path.len() >= MAX_DEPTH => {
                self.add(address, part.keyword, member, part.node, None);
            }
            Inner::Object(child) => {
                self.wraps.push(applied.clone());
                self.object(*child);
                self.wraps.pop();
            }
            Inner::Boolean(_) => self.add(address, part.keyword, member, part.node, None),
        }
    }

    fn add(
        &mut self,
        schema: usize,
        keyword: &'static str,
        member: Option<String>,
        node: Id,
        back_to: Option<usize>,
    ) {
        let mut node = node;
        for wrap in self.wraps.iter().rev() {
            node = wrapped(self.arena, wrap, node);
        }
        let instance = self.wraps.iter().filter_map(step).collect();
        // Two ways to one keyword of one place are one demand.
        if !self.seen.insert((schema, node)) {
            return;
        }
        let path = self.path.clone();
        self.goals.push(Goal { node, schema, keyword, member, instance, path, back_to });
    }
}

/// A node applied to a part of the instance.
fn wrapped(arena: &mut Arena, applied: &Applied, node: Id) -> Id {
    if node == TRUE {
        return TRUE;
    }
    let node = match applied {
        Applied::InPlace => return node,
        Applied::Property(text) => Node::Property(arena.name(text), node),
        Applied::PatternProperty(text) => Node::PatternProperty(arena.pattern(text), node),
        Applied::Additional(keys) => Node::Additional(keys.clone(), node),
        Applied::PropertyNames => Node::PropertyNames(node),
        Applied::Item(index) => Node::Item(*index, node),
        Applied::ItemsFrom(from) => Node::ItemsFrom(*from, node),
    };
    arena.add(node)
}

/// The step into the instance; `*` for any key or item.
fn step(applied: &Applied) -> Option<String> {
    match applied {
        Applied::InPlace => None,
        Applied::Property(name) => Some(name.clone()),
        Applied::Item(index) => Some(index.to_string()),
        Applied::PatternProperty(_)
        | Applied::Additional(_)
        | Applied::PropertyNames
        | Applied::ItemsFrom(_) => Some("*".to_owned()),
    }
}
