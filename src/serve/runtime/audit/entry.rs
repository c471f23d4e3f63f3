//! What one record of the trail says.

use std::fmt;

use serde::Serialize;

use super::{
    super::{clock, guidance::Code},
    chain::Head,
    key::Key,
};

/// What is to be written down about one step of one call.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// Whose chain it belongs to.
    pub tenant: String,
    /// Who asked.
    pub actor: Actor,
    /// The connector that was asked.
    pub connector: String,
    /// Its tool.
    pub tool: String,
    /// Which step of the call it is.
    pub phase: Phase,
    /// The records that it was about.
    pub resource_ids: Vec<String>,
    /// What the policy said.
    pub is_allowed: bool,
    /// The policies that made it so.
    pub policy_ids: Vec<String>,
    /// The digest of the policies that were in force.
    pub policy_sha256: String,
    /// Which state of users and groups they were applied to, where that is counted.
    pub entities_generation: Option<i64>,
    /// The arguments; written as an HMAC.
    pub arguments: Option<Concealed>,
    /// The idempotency key; written as an HMAC.
    pub idempotency_key: Option<Concealed>,
    /// Who has approved or rejected it, where somebody had to.
    pub approval: Option<Approval>,
    /// What came of it.
    pub result: Outcome,
    /// How long it took.
    pub latency_ms: u64,
    /// What was asked of the system behind, where there is one.
    pub upstream: Option<Upstream>,
    /// The call's id in the logs and in its answer.
    pub correlation_id: String,
}

/// The step that a call is for. What came of it is the [`Outcome`]: a commit may have failed, or be
/// the answer to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Any other.
    Call,
    /// To propose a change.
    Propose,
    /// To look at proposals about which somebody may decide.
    Review,
    /// To approve or reject a proposal.
    Decide,
    /// To make a change.
    Commit,
    /// To let a call go on as a job.
    Defer,
    /// To give a job up.
    Cancel,
}

/// A user, as the identity provider names them.
#[derive(Debug, Clone, Serialize)]
pub struct Actor {
    /// Who vouches for the user.
    #[serde(rename = "iss")]
    pub issuer: String,
    /// The user.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The program that the user has signed in to.
    #[serde(rename = "client_id", skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Who acts for the user.
    #[serde(rename = "act", skip_serializing_if = "Option::is_none")]
    pub delegate: Option<String>,
}

/// What somebody has decided about a change that needed it.
#[derive(Debug, Clone, Serialize)]
pub struct Approval {
    /// The proposal.
    pub change_id: String,
    /// Whether it may be made, or was rejected.
    #[serde(rename = "approved")]
    pub is_approved: bool,
    /// Who has decided.
    pub approver: String,
    /// In which way.
    pub method: String,
    /// The digest of what was shown to the approver.
    pub diff_sha256: String,
}

/// What came of a call.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// `ok`, or the code of the failure.
    pub code: &'static str,
    /// The version that the record has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The passages that the answer is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<String>,
    /// Whether it is the answer to an earlier request with the same idempotency key.
    #[serde(rename = "replayed", skip_serializing_if = "std::ops::Not::not")]
    pub is_replayed: bool,
}

impl Outcome {
    /// It succeeded.
    pub fn ok() -> Self {
        Self { code: "ok", version: None, citations: Vec::new(), is_replayed: false }
    }

    /// Whether it succeeded.
    pub fn is_ok(&self) -> bool {
        self.code == "ok"
    }

    /// It failed.
    pub fn failed(code: Code) -> Self {
        Self { code: code.name(), ..Self::ok() }
    }
}

/// What was asked of the system behind a connector.
#[derive(Debug, Clone, Serialize)]
pub struct Upstream {
    /// How many requests it took.
    pub calls: u64,
    /// Which of its own credentials the connector has used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_generation: Option<i64>,
}

/// Something that is written only as an HMAC, and not shown before that either.
#[derive(Clone)]
pub struct Concealed(Vec<u8>);

impl Concealed {
    /// JSON: two values that differ only in spelling are the same.
    pub fn json(value: &serde_json::Value) -> Self {
        Self(serde_json_canonicalizer::to_vec(value).expect("a JSON value is JSON"))
    }

    /// A text as it is.
    pub fn text(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for Concealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

/// A record as it is hashed and stored: everything but its own hash.
#[derive(Serialize)]
struct Record<'a> {
    v: u8,
    seq: u64,
    ts: String,
    tenant: &'a str,
    actor: &'a Actor,
    connector: &'a str,
    tool: &'a str,
    phase: Phase,
    resource_ids: &'a [String],
    decision: &'static str,
    policy_ids: &'a [String],
    policy_sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entities_generation: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args_hmac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_hmac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<&'a Approval>,
    result: &'a Outcome,
    latency_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<&'a Upstream>,
    correlation_id: &'a str,
    prev: &'a str,
}

impl Entry {
    /// The record that follows the head of a chain, as canonical JSON.
    pub(super) fn record(&self, head: &Head, key: &Key) -> String {
        let hmac = |concealed: &Concealed| key.hmac(&concealed.0);
        let record = Record {
            v: 1,
            seq: head.seq + 1,
            ts: clock::written(self.at),
            tenant: &self.tenant,
            actor: &self.actor,
            connector: &self.connector,
            tool: &self.tool,
            phase: self.phase,
            resource_ids: &self.resource_ids,
            decision: if self.is_allowed { "allow" } else { "deny" },
            policy_ids: &self.policy_ids,
            policy_sha256: &self.policy_sha256,
            entities_generation: self.entities_generation,
            args_hmac: self.arguments.as_ref().map(hmac),
            idempotency_hmac: self.idempotency_key.as_ref().map(hmac),
            approval: self.approval.as_ref(),
            result: &self.result,
            latency_ms: self.latency_ms,
            upstream: self.upstream.as_ref(),
            correlation_id: &self.correlation_id,
            prev: &head.hash,
        };
        serde_json_canonicalizer::to_string(&record).expect("text and numbers only")
    }
}

#[cfg(test)]
mod tests {
    use super::Concealed;

    #[test]
    fn what_is_concealed_is_not_shown() {
        let concealed = Concealed::json(&serde_json::json!({"email": "ada@example.com"}));
        assert_eq!(format!("{concealed:?}"), "…");
    }
}
