//! Changes that wait for somebody to agree to them.
//!
//! Whoever wants a change [proposes](New) it: what would be done, and what that comes to, line by
//! line. Nothing is changed by that. Whether the change may be made directly, takes a confirmation by
//! the user who asked for it, or the approval of a second person, is what the policy says about the
//! tool that makes it: rules permit, so that a rule which fails while it runs ends as a denial.
//!
//! A [`Decision`] is bound to the digest of what was shown, is sealed with the secret of the tenant's
//! trail, is good until the proposal expires, and is used up by the change. A second person is never the one who proposed. A confirmation comes from
//! the user's client and not from the model: no argument of a tool can give it.
//!
//! Not for: asking (the host does), for what a proposal means (the connector knows, see
//! [`Review`](super::tool::Review)), or for who may decide (the policy says, by way of
//! [`Toolbox::decide`](super::tool::Toolbox::decide)).

mod proposal;
mod table;
#[cfg(test)]
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod tests;
pub mod visit;

pub use proposal::{Decision, Line, Method, New, Proposal, State};
pub use table::{
    BY_PROPOSER, BY_TIME, MOST_PER_USER, Page, Position, Refused, SEALED, TABLE, decide, decided,
    expire, find, find_in, is_of, open, propose, use_up,
};

/// The action that the policy decides about where a second person looks at a proposal or decides: with
/// each record that it is about.
pub const ACTION: &str = "approve_change";
