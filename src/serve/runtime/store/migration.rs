//! The tables of a component, as the steps that make them.

/// A step of the tables of one component. Once released it never changes: a change is a new step.
///
/// The text is the same for both engines: types are `BIGINT`, `TEXT` and `BYTEA`, and text that is
/// ordered by its bytes says `COLLATE "C"`, which SQLite is given as `COLLATE BINARY`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Whose tables: `runtime`, or the name of a connector. One list is of one component.
    pub component: &'static str,
    /// Its place in the list, from 1.
    pub version: i64,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}
