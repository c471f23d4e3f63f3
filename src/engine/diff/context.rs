//! What every part of the comparison needs to know, and the list it adds its facts to.

use std::collections::HashSet;

use super::{
    Options,
    change::Change,
    deprecation::Deprecations,
    doubt::{self, LeftOut},
    text::Vocabulary,
};
use crate::engine::{contract, schema::inclusion::Patterns, surface::Surface};

/// What is known before anything is compared. Parts of the comparison that run side by side share it.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    old: &'a Surface,
    new: &'a Surface,
    options: &'a Options,
    deprecations: Deprecations<'a>,
    left_out: [LeftOut; 2],
    tools: HashSet<&'a str>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(old: &'a Surface, new: &'a Surface, options: &'a Options) -> Self {
        let history = contract::deprecations(old);
        let deprecations = Deprecations { policy: &options.policy, today: options.today, history };
        let tools = old.tools.iter().chain(&new.tools).map(|tool| tool.name.as_str()).collect();
        let left_out = [doubt::left_out(old), doubt::left_out(new)];
        Self { old, new, options, deprecations, left_out, tools }
    }
}

/// A part of the comparison, under way.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) old: &'a Surface,
    pub(super) new: &'a Surface,
    pub(super) options: &'a Options,
    pub(super) deprecations: &'a Deprecations<'a>,
    pub(super) changes: Vec<Change>,
    /// What was left out in reading, old and new.
    pub(super) left_out: &'a [LeftOut; 2],
    /// Shared by all pairs of schemas.
    pub(super) patterns: Patterns,
    pub(super) ground: &'a Ground<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn new(ground: &'a Ground<'a>) -> Self {
        Self {
            old: ground.old,
            new: ground.new,
            options: ground.options,
            deprecations: &ground.deprecations,
            changes: Vec::new(),
            left_out: &ground.left_out,
            patterns: Patterns::default(),
            ground,
        }
    }

    pub(super) fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary { tools: &self.ground.tools }
    }
}
