//! Findings put right in the text that they were found in.
//!
//! A rule that knows what its findings should read instead has a [`Repair`] beside its check; the
//! lists of the groups have them all ([`lint::repairs`]). [`Offers`] work out the [`Fix`] of one
//! finding at one place, and [`repair`] carries fixes out, reads the text again, and takes back what
//! did not help. Nothing is written anywhere here.

mod foresee;
mod run;
#[cfg(test)]
mod tests;

pub use foresee::Foreseen;
pub use run::{Fixed, Repaired, foresee, repair};

use foresee::Left;

use std::{collections::HashMap, sync::LazyLock};

use super::{Rule, lint};
use crate::engine::{
    finding::{Applicability, Finding, Fix, Place},
    protocol::{
        json::{
            View,
            edit::{Editor, Splice},
        },
        pointer::Pointer,
    },
    surface::{Surface, Tool},
};

/// How the findings of one rule are put right.
#[derive(Debug, Clone, Copy)]
pub struct Repair {
    /// The rule's id.
    pub rule: &'static str,
    /// What `--fix` does about its findings; none where it does nothing.
    pub safe: Option<&'static str>,
    /// What `--unsafe-fixes` does about them beyond that.
    pub not_safe: Option<&'static str>,
    /// The fix for one finding at one place; none where the rule cannot know what is right.
    pub propose: fn(&Occurrence<'_>) -> Option<Fix>,
}

/// One finding at one place, as a rule looks at it to put it right.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence<'a> {
    /// The surface.
    pub surface: &'a Surface,
    /// What the finding says.
    pub message: &'a str,
    /// The place.
    pub place: &'a Place,
}

impl<'a> Occurrence<'a> {
    /// Where it is.
    pub fn pointer(&self) -> &'a Pointer {
        &self.place.pointer
    }

    /// What stands there.
    pub fn view(&self) -> Option<View<'a>> {
        self.surface.view(self.pointer())
    }

    /// The tool it is about.
    pub fn tool(&self) -> Option<&'a Tool> {
        self.surface.tool_at(self.pointer())
    }
}

impl Rule {
    /// How its findings are put right, where they can be.
    pub fn repair(&self) -> Option<&'static Repair> {
        find(self.id)
    }
}

impl Repair {
    /// What the flags do about the findings, a line for each; for the page of the rule.
    pub fn described(&self) -> Vec<String> {
        let safe = self.safe.map(|what| format!("`--fix`: {what}"));
        let not_safe = self.not_safe.map(|what| format!("`--fix --unsafe-fixes`: {what}"));
        safe.into_iter().chain(not_safe).collect()
    }
}

/// The repair of a rule.
pub fn find(rule: &str) -> Option<&'static Repair> {
    static BY_RULE: LazyLock<HashMap<&'static str, &'static Repair>> =
        LazyLock::new(|| lint::repairs().map(|repair| (repair.rule, repair)).collect());
    BY_RULE.get(rule).copied()
}

/// Works out fixes for the findings about one surface.
#[derive(Debug)]
pub struct Offers<'a> {
    surface: &'a Surface,
    editor: Editor,
    foreseen: Option<&'a Foreseen>,
}

impl<'a> Offers<'a> {
    /// For the findings about a surface, without looking whether a fix would be taken back.
    pub fn new(surface: &'a Surface) -> Self {
        Self { surface, editor: Editor::new(&surface.document), foreseen: None }
    }

    /// Only those that are carried out in the end.
    pub fn foreseeing(self, foreseen: Option<&'a Foreseen>) -> Self {
        Self { foreseen, ..self }
    }

    /// The fix of a finding at a place, as far as its rule has one that can be carried out.
    pub fn fix(&self, finding: &Finding, place: &Place) -> Option<Fix> {
        Some(self.fix_with_splices(finding, place)?.0)
    }

    /// The best that can be done about a finding anywhere: a safe fix where one of its places has
    /// one.
    pub fn applicability(&self, finding: &Finding) -> Option<Applicability> {
        let fixes = finding.places.iter().filter_map(|place| self.fix(finding, place));
        fixes.map(|fix| fix.applicability).min()
    }

    /// The string at a pointer.
    pub fn text(&self, pointer: &Pointer) -> Option<String> {
        Some(self.surface.view(pointer)?.as_str()?.into_owned())
    }

    /// The fix of a finding at a place, and the bytes of the surface's document that it takes.
    pub fn fix_with_splices(&self, finding: &Finding, place: &Place) -> Option<(Fix, Vec<Splice>)> {
        let repair = find(finding.rule)?;
        let occurrence = Occurrence { surface: self.surface, message: &finding.message, place };
        let mut fix = (repair.propose)(&occurrence)?;
        if let Some(foreseen) = self.foreseen {
            fix.applicability = foreseen.takes(self.surface, finding, place, &fix)?;
        }
        let splices = self.editor.splices(&fix.edits, |pointer| self.surface.view(pointer))?;
        Some((fix, splices))
    }
}
