//! What is proposed, and what was decided about it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::{audit::Key, encoding::hexadecimal};

/// A change that is to be proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// Whose data it is about.
    pub tenant: String,
    /// Who proposes it, by [`Identity::principal`](super::super::identity::Identity::principal).
    pub proposer: String,
    /// The same for people.
    pub proposed_by: String,
    /// The tool that makes the change.
    pub tool: &'static str,
    /// What the change is, in a few words.
    pub title: String,
    /// Why it is wanted, in the proposer's words.
    pub reason: String,
    /// What would be different.
    pub diff: Vec<Line>,
    /// What the tool needs to make it; nobody else reads this.
    pub payload: Value,
}

/// One line of what would be different.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The name of the field.
    pub field: String,
    /// What it is; none where there is nothing yet.
    pub before: Option<Value>,
    /// What it would be; none where it would be gone.
    pub after: Option<Value>,
    /// The clearance that it takes to see it.
    pub sensitivity: i64,
}

/// A change that was proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Its name: a random UUID.
    pub id: String,
    /// What was proposed.
    pub new: New,
    /// The SHA-256 of all of it, in hexadecimal digits: what a decision is about.
    pub digest: String,
    /// When it was proposed, in milliseconds since the epoch.
    pub created_at: i64,
    /// Until when it can be made.
    pub expires_at: i64,
    /// What was decided.
    pub decision: Option<Decision>,
    /// What came of it, once it was made.
    pub outcome: Option<Value>,
}

/// What somebody has decided about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be made.
    pub is_approved: bool,
    /// Who has decided, by principal.
    pub decider: String,
    /// The same for people.
    pub decided_by: String,
    /// In which way.
    pub method: Method,
    /// Why.
    pub reason: Option<String>,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

/// The ways to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The user who asked for the change confirms it in their client.
    Elicitation,
    /// A second person decides with an operator's command.
    Command,
    /// A second person decides on the page of the host.
    Page,
}

/// How far a proposal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
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
}

impl Method {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Elicitation, Self::Command, Self::Page];

    /// As it is stored and written down.
    pub fn name(self) -> &'static str {
        match self {
            Self::Elicitation => "elicitation",
            Self::Command => "command",
            Self::Page => "page",
        }
    }

    /// The way of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether it is a second person who decides so, and not the one who proposed.
    pub fn is_by_another(self) -> bool {
        self != Self::Elicitation
    }
}

impl Decision {
    /// What shows that it was taken here, about what has this digest: the HMAC of all of it.
    pub(super) fn seal(&self, key: &Key, digest: &str) -> String {
        let all = json!({
            "digest": digest, "approved": self.is_approved, "decider": self.decider,
            "decided_by": self.decided_by, "method": self.method.name(), "reason": self.reason,
            "at": self.at,
        });
        let canonical = serde_json_canonicalizer::to_vec(&all).expect("a JSON value is JSON");
        // Arguments are hashed with the same secret, and none of them begins like this.
        key.hmac(&[b"decision\0", canonical.as_slice()].concat())
    }
}

impl Proposal {
    /// How far it has come at a time.
    pub fn state(&self, now: i64) -> State {
        match &self.decision {
            _ if self.outcome.is_some() => State::Applied,
            Some(decision) if !decision.is_approved => State::Rejected,
            _ if now >= self.expires_at => State::Expired,
            Some(_) => State::Approved,
            None => State::Proposed,
        }
    }

    /// The clearance that it takes to see all of it.
    pub fn sensitivity(&self) -> i64 {
        self.new.diff.iter().map(|line| line.sensitivity).max().unwrap_or_default()
    }
}

impl New {
    /// The digest of everything that a decision is about: what is wanted, by whom, why, from when and
    /// until when.
    pub(super) fn digest(&self, id: &str, (created_at, expires_at): (i64, i64)) -> String {
        let all = json!({
            "id": id, "tenant": self.tenant, "proposer": self.proposer,
            "proposed_by": self.proposed_by, "tool": self.tool, "title": self.title,
            "reason": self.reason, "diff": self.diff, "payload": self.payload,
            "created_at": created_at, "expires_at": expires_at,
        });
        let canonical = serde_json_canonicalizer::to_vec(&all).expect("a JSON value is JSON");
        hexadecimal(&Sha256::digest(canonical))
    }
}
