//! What fixing comes to, found out by doing it to a copy, so that no report announces what is taken
//! back in the end.

use std::collections::{HashMap, HashSet};

use super::{Fixed, Repaired};
use crate::engine::{
    finding::{Applicability, Finding, Fix, Place},
    protocol::pointer::Pointer,
    surface::Surface,
};

/// A text after safe fixes, and after all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    safe: Repaired,
    all: Repaired,
}

impl Foreseen {
    pub(super) fn new(safe: Repaired, all: Repaired) -> Self {
        Self { safe, all }
    }

    /// The text after fixes that can be trusted so far, with what was put right.
    pub fn after(&self, up_to: Applicability) -> &Repaired {
        match up_to {
            Applicability::Safe => &self.safe,
            Applicability::Unsafe => &self.all,
        }
    }

    /// How many findings safe fixes put right.
    pub fn safe(&self) -> usize {
        Fixed::count(&self.safe.fixed)
    }

    /// How many more all fixes put right.
    pub fn not_safe(&self) -> usize {
        Fixed::count(&self.all.fixed).saturating_sub(self.safe())
    }

    /// What has to be allowed for a fix to be carried out; none where it is taken back.
    pub fn takes(
        &self,
        surface: &Surface,
        finding: &Finding,
        place: &Place,
        fix: &Fix,
    ) -> Option<Applicability> {
        let is_safe = fix.applicability == Applicability::Safe;
        if is_safe && !self.safe.left.has(surface, finding, place) {
            Some(Applicability::Safe)
        } else if !self.all.left.has(surface, finding, place) {
            Some(Applicability::Unsafe)
        } else {
            None
        }
    }
}

impl Fixed {
    /// How many findings were put right; one at several places counts once.
    pub fn count(fixed: &[Self]) -> usize {
        let found: HashSet<_> = fixed.iter().map(|it| (it.rule, &it.message)).collect();
        found.len()
    }
}

/// What is still found after fixes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Left {
    fingerprints: HashSet<(&'static str, String)>,
    places: HashSet<(&'static str, Pointer)>,
    /// The names of the tools: a fingerprint changes with the name.
    names: HashMap<Pointer, String>,
}

impl Left {
    pub(super) fn of(surface: &Surface, findings: &[Finding]) -> Self {
        let mut left = Self::default();
        for finding in findings {
            for place in &finding.places {
                left.fingerprints.insert((finding.rule, place.fingerprint.clone()));
                left.places.insert((finding.rule, place.pointer.clone()));
            }
        }
        let named = |tool: &crate::engine::surface::Tool| (tool.pointer.clone(), tool.name.clone());
        left.names = surface.tools.iter().map(named).collect();
        left
    }

    /// Whether what was found at a place of the text before is found still.
    fn has(&self, before: &Surface, finding: &Finding, place: &Place) -> bool {
        let tool = before.tool_at(&place.pointer);
        let is_renamed = tool.is_some_and(|tool| self.names.get(&tool.pointer) != Some(&tool.name));
        match is_renamed {
            true => self.places.contains(&(finding.rule, place.pointer.clone())),
            false => self.fingerprints.contains(&(finding.rule, place.fingerprint.clone())),
        }
    }
}
