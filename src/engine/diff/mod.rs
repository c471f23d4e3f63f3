//! What two surfaces do not have in common, as facts. Nothing here says how bad a difference is;
//! that is for the rules in `rule/breaking`.
//!
//! Read [`compare`], which is the table of contents, then [`Change`] and its [`Fact`]s.

pub mod change;
mod context;
pub mod deprecation;
mod doubt;
mod hint;
mod item;
mod location;
mod pairing;
pub mod rename;
mod router;
pub mod schema;
mod schema_text;
mod server;
mod signal;
pub mod text;
mod tool;
pub mod version;

use std::collections::BTreeMap;

pub use change::{Change, Edit, Fact, Hint, Member, Move, SchemaFact};
pub use deprecation::{Notice, Policy};
pub use rename::Rename;
pub use schema::{Broken, Kind};
pub use signal::Signal;
pub use text::TextChange;

use context::{Context, Ground};

use super::{
    protocol::date::Date,
    spread::{ONE_THREAD, Threads},
    surface::Surface,
};

/// How much a tool promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Stability {
    /// To stay as it is, or to change with notice.
    #[default]
    Stable,
    /// Nothing yet: a change to it never fails a comparison.
    Experimental,
}

/// What a comparison is to go by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// `format` is a constraint, instead of an annotation.
    pub assert_formats: bool,
    /// What could not be proved, and objects that closed, count as breaks.
    pub strict: bool,
    /// Tools that promise less than others, by name.
    pub stability: BTreeMap<String, Stability>,
    /// What has to come before a removal.
    pub policy: Policy,
    /// The day, for sunsets; where none is given, nothing that depends on it is said.
    pub today: Option<Date>,
}

/// Two surfaces and their differences.
#[derive(Debug)]
pub struct Diff<'a> {
    /// What was there before.
    pub old: &'a Surface,
    /// What is there now.
    pub new: &'a Surface,
    /// What the comparison went by.
    pub options: Options,
    /// The differences: tools in the order of the old list, then the rest.
    pub changes: Vec<Change>,
}

/// Compares two surfaces. Nothing is an error: what cannot be compared is a fact like the others,
/// and the rest is compared.
pub fn compare<'a>(old: &'a Surface, new: &'a Surface, options: &Options) -> Diff<'a> {
    compare_on(ONE_THREAD, old, new, options)
}

/// The same on several threads, with the same answer.
pub fn compare_on<'a>(
    threads: Threads<'_>,
    old: &'a Surface,
    new: &'a Surface,
    options: &Options,
) -> Diff<'a> {
    let ground = Ground::new(old, new, options);
    let mut context = Context::new(&ground);
    pairing::compare(&mut context, threads);
    item::compare(&mut context);
    server::compare(&mut context);
    let changes = context.changes;
    Diff { old, new, options: options.clone(), changes }
}

impl Diff<'_> {
    /// How much a tool promises.
    pub fn stability(&self, tool: &str) -> Stability {
        self.options.stability.get(tool).copied().unwrap_or_default()
    }
}
