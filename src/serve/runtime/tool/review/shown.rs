//! A proposal as it is shown to somebody who may decide about it: on the page, to the command, as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::super::{
        approval::{self, Proposal, State},
        clock::written,
        identity::Identity,
    },
    Matter,
};

/// What there is to decide about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// What waits for a decision of whoever looks, the newest first.
    pub open: Vec<Shown>,
    /// Whether there is more of that.
    pub has_more: bool,
    /// Whether reading took too long, so that older ones were not looked at: there may be more.
    #[serde(default)]
    pub is_cut: bool,
    /// What they have proposed themselves and somebody else has to decide about, the newest first.
    #[serde(default)]
    pub own: Vec<Shown>,
    /// How many of those there are among what was read.
    #[serde(default)]
    pub own_total: u64,
    /// How many were left out because a record has changed since, so that they cannot be made any
    /// more; as far as was read.
    #[serde(default)]
    pub void: u64,
    /// What was decided lately.
    pub decided: Vec<Shown>,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// What the change is, in a few words.
    pub title: String,
    /// Why it is wanted, in the words of whoever asks.
    pub reason: String,
    /// The records that it is about.
    pub topics: Vec<Topic>,
    /// What would be different.
    pub diff: Vec<ShownLine>,
    /// Who has proposed it.
    pub proposed_by: String,
    /// When (RFC 3339).
    pub proposed_at: String,
    /// Until when it can be decided about and made.
    pub expires_at: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether whoever looks has proposed it, and so cannot decide about it.
    pub is_own: bool,
    /// The SHA-256 of what was proposed: what a decision is about.
    pub digest: String,
    /// Who has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<String>,
    /// What they have said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_reason: Option<String>,
}

/// A record that a proposal is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// What it is, such as `customer`.
    pub kind: String,
    /// Its id; empty where it does not exist yet.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One line of what would be different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownLine {
    /// The name of the field.
    pub field: String,
    /// What it is; null where there is nothing yet.
    pub before: Option<String>,
    /// What it would be; null where it would be gone.
    pub after: Option<String>,
}

/// How far a proposal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has decided about it.
    Proposed,
    /// It may be made.
    Approved,
    /// It may not be made.
    Rejected,
    /// It was made.
    Applied,
    /// Its time was up before it was made.
    Expired,
    /// A record has changed since, so that it cannot be made any more.
    Void,
}

impl Stage {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Applied => "made",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }
}

impl Shown {
    pub(super) fn of(proposal: &Proposal, matter: &Matter, who: &Identity, now: i64) -> Self {
        let stage = match proposal.state(now) {
            State::Proposed | State::Approved if matter.is_void => Stage::Void,
            State::Proposed => Stage::Proposed,
            State::Approved => Stage::Approved,
            State::Rejected => Stage::Rejected,
            State::Applied => Stage::Applied,
            State::Expired => Stage::Expired,
        };
        let line = |line: &approval::Line| ShownLine {
            field: line.field.clone(),
            before: line.before.as_ref().map(text),
            after: line.after.as_ref().map(text),
        };
        let (new, decision) = (&proposal.new, proposal.decision.as_ref());
        Self {
            id: proposal.id.clone(),
            title: new.title.clone(),
            reason: new.reason.clone(),
            topics: matter.topics.clone(),
            diff: new.diff.iter().map(line).collect(),
            proposed_by: new.proposed_by.clone(),
            proposed_at: written(proposal.created_at),
            expires_at: written(proposal.expires_at),
            stage,
            is_own: approval::is_of(proposal, &who.principal(), &who.subject),
            digest: proposal.digest.clone(),
            decided_by: decision.map(|decision| decision.decided_by.clone()),
            decided_at: decision.map(|decision| written(decision.at)),
            decision_reason: decision.and_then(|decision| decision.reason.clone()),
        }
    }
}

/// A value as people read it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
