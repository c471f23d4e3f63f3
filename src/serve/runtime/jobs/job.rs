//! A job, and what came of it.

use serde_json::Value;
use uuid::Uuid;

use super::super::idempotency::Request;

/// How long a job is kept from its beginning, in milliseconds. Longer than anything that a call waits
/// for, so that its client is told what became of that.
pub const LIFETIME_MS: i64 = 2 * 24 * 60 * 60 * 1_000;

/// A call that is to go on as a job.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// The name of the job: a random UUID.
    pub id: String,
    /// Whose it is, the tool, and the key.
    pub request: Request,
    /// What the tool is called with.
    pub arguments: Value,
}

/// A call that goes on as a job, or has done so.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name: a random UUID.
    pub id: String,
    /// Whose data it is about.
    pub tenant: String,
    /// Whose it is, by [`Identity::principal`](super::super::identity::Identity::principal).
    pub owner: String,
    /// The tool.
    pub tool: String,
    /// The idempotency key.
    pub key: String,
    /// What is asked for, as in [`Request::fingerprint`].
    pub fingerprint: String,
    /// What the tool is called with.
    pub arguments: Value,
    /// What came of it; nothing yet where none.
    pub end: Option<End>,
    /// When it began, in milliseconds since the epoch.
    pub created_at: i64,
    /// When it ended, or began.
    pub updated_at: i64,
    /// Until when it is kept.
    pub expires_at: i64,
}

/// How a job has ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// The tool has answered this.
    Answered(Value),
    /// The tool has refused the call, with this envelope.
    Refused(Value),
    /// There is no such tool any more for its owner.
    Unknown,
    /// Its owner has given it up, and nothing was changed.
    Cancelled,
}

/// How many jobs there are, and how large, at most.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Jobs of one owner that have not ended.
    pub open_of_owner: i64,
    /// Jobs of one owner that are kept.
    pub kept_of_owner: i64,
    /// Jobs of one tenant that have not ended.
    pub open_of_tenant: i64,
    /// Jobs of one tenant that are kept.
    pub kept_of_tenant: i64,
    /// Bytes of the arguments.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            open_of_owner: 32,
            kept_of_owner: 256,
            open_of_tenant: 1_024,
            kept_of_tenant: 8_192,
            bytes: 64 << 10,
        }
    }
}

impl New {
    /// A call as a job, under a name of its own.
    pub fn of(request: Request, arguments: Value) -> Self {
        Self { id: Uuid::new_v4().to_string(), request, arguments }
    }
}

impl Job {
    /// After how many milliseconds to ask again at a time: a tenth of the time that it has taken
    /// already, because what takes a person hours is not worth asking for every few seconds.
    pub fn poll_after_ms(&self, now: i64) -> u64 {
        let age = now.saturating_sub(self.created_at);
        (age / 10).clamp(2_000, 60_000).unsigned_abs()
    }

    /// How long it is kept from its beginning, in milliseconds.
    pub fn lifetime_ms(&self) -> u64 {
        u64::try_from(self.expires_at.saturating_sub(self.created_at)).unwrap_or_default()
    }
}

impl End {
    /// As it is stored: its name, and what it has with it.
    pub(super) fn written(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Answered(answer) => ("answered", Some(answer.to_string())),
            Self::Refused(envelope) => ("refused", Some(envelope.to_string())),
            Self::Unknown => ("unknown", None),
            Self::Cancelled => ("cancelled", None),
        }
    }

    /// The end of a name, with what it has with it.
    pub(super) fn read(name: &str, result: Option<Value>) -> Option<Self> {
        match (name, result) {
            ("answered", Some(answer)) => Some(Self::Answered(answer)),
            ("refused", Some(envelope)) => Some(Self::Refused(envelope)),
            ("unknown", None) => Some(Self::Unknown),
            ("cancelled", None) => Some(Self::Cancelled),
            _ => None,
        }
    }
}
