//! Proposals in the store.

use serde_json::Value;
use tracing::error;
use uuid::Uuid;

use super::{
    super::{
        audit::Key,
        store::{Row, Statement, Store, StoreError, Transaction, write},
    },
    Decision, Method, New, Proposal, State,
};

/// The table; a step of the migrations of `runtime`.
pub const TABLE: &str = "
CREATE TABLE proposal (
    tenant TEXT COLLATE \"C\" NOT NULL,
    id TEXT COLLATE \"C\" NOT NULL,
    proposer TEXT COLLATE \"C\" NOT NULL,
    proposed_by TEXT NOT NULL,
    tool TEXT NOT NULL,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    diff TEXT NOT NULL,
    payload TEXT NOT NULL,
    digest TEXT COLLATE \"C\" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    is_approved BIGINT,
    decider TEXT COLLATE \"C\",
    decided_by TEXT,
    method TEXT,
    decision_reason TEXT,
    decided_at BIGINT,
    outcome TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX proposal_by_time ON proposal (tenant, created_at);
";

/// Why a decision is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nobody approves what they have proposed, and nobody confirms what somebody else has.
    WrongPerson,
    /// What was shown is not what is proposed.
    AnotherDigest,
    /// It is decided, made or expired already.
    NotOpen(State),
}

/// An index for what was decided lately; a step of the migrations of `runtime`.
pub const BY_TIME: &str = "
CREATE INDEX proposal_by_decision ON proposal (tenant, decided_at);
CREATE INDEX proposal_expires_at ON proposal (expires_at);
";

/// How long a proposal is kept after its time is up, in milliseconds: as long as the answers of the
/// ledger that name it.
const RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How many proposals are removed in one transaction.
const EXPIRED_AT_ONCE: i64 = 1_000;

/// A statement for whole proposals, with the rest of it.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.tenant, id, proposer, proposed_by, tool, title, reason, diff, payload, digest, \
             p.created_at, expires_at, is_approved, decider, decided_by, method, decision_reason, \
             decided_at, seal, outcome, k.secret \
             FROM proposal p LEFT JOIN audit_key k ON k.tenant = p.tenant WHERE p.tenant = $1 ",
            $rest
        )
    };
}

/// What shows that a decision was taken here; a step of the migrations of `runtime`.
pub const SEALED: &str = "
ALTER TABLE proposal ADD COLUMN seal TEXT;
";

/// The most proposals of one user that are open or approved at a time.
pub const MOST_PER_USER: i64 = 256;

/// An index for what is open of one user; a step of the migrations of `runtime`.
pub const BY_PROPOSER: &str = "
CREATE INDEX proposal_by_proposer ON proposal (tenant, proposer, expires_at) WHERE outcome IS NULL;
";

/// Proposes a change. `lifetime` is in milliseconds. None where [`MOST_PER_USER`] of the proposer's wait
/// already; several that are proposed at the same moment may be a few more.
pub async fn propose(
    transaction: &mut dyn Transaction,
    new: New,
    now: i64,
    lifetime: i64,
) -> Result<Option<Proposal>, StoreError> {
    let waiting = Statement::new(
        "SELECT count(*) AS n FROM proposal WHERE tenant = $1 AND proposer = $2 \
         AND outcome IS NULL AND expires_at > $3 AND COALESCE(is_approved, 1) = 1",
    );
    let waiting = waiting.bind(new.tenant.as_str()).bind(new.proposer.as_str()).bind(now);
    let rows = transaction.query(waiting).await?;
    let row = rows.first().ok_or_else(|| StoreError::Corrupt("nothing is counted".to_owned()))?;
    if row.integer("n")? >= MOST_PER_USER {
        return Ok(None);
    }
    let id = Uuid::new_v4().to_string();
    let (created_at, expires_at) = (now, now.saturating_add(lifetime));
    let digest = new.digest(&id, (created_at, expires_at));
    let statement = Statement::new(
        "INSERT INTO proposal (tenant, id, proposer, proposed_by, tool, title, reason, diff, \
         payload, digest, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    );
    let diff = serde_json::to_string(&new.diff)
        .map_err(|fault| StoreError::Query(format!("a diff cannot be written: {fault}")))?;
    let statement = statement
        .bind(new.tenant.as_str())
        .bind(id.as_str())
        .bind(new.proposer.as_str())
        .bind(new.proposed_by.as_str())
        .bind(new.tool)
        .bind(new.title.as_str())
        .bind(new.reason.as_str())
        .bind(diff)
        .bind(new.payload.to_string())
        .bind(digest.as_str())
        .bind(created_at)
        .bind(expires_at);
    transaction.execute(statement).await?;
    Ok(Some(Proposal { id, new, digest, created_at, expires_at, decision: None, outcome: None }))
}

/// A proposal of a tenant, made for one of these tools.
pub async fn find(
    store: &dyn Store,
    tools: &[&'static str],
    tenant: &str,
    id: &str,
) -> Result<Option<Proposal>, StoreError> {
    one(&store.query(by_id(tenant, id)).await?, tools)
}

/// The same within a transaction.
pub async fn find_in(
    transaction: &mut dyn Transaction,
    tools: &[&'static str],
    tenant: &str,
    id: &str,
) -> Result<Option<Proposal>, StoreError> {
    one(&transaction.query(by_id(tenant, id)).await?, tools)
}

fn by_id(tenant: &str, id: &str) -> Statement {
    Statement::new(select!("AND id = $2")).bind(tenant).bind(id)
}

/// A place in the list of what is open, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    created_at: i64,
    id: String,
}

impl Position {
    /// Before the newest.
    pub fn first() -> Self {
        Self { created_at: i64::MAX, id: String::new() }
    }
}

/// Some proposals of a list, and where it goes on, if it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The proposals.
    pub proposals: Vec<Proposal>,
    /// Where the list goes on.
    pub next: Option<Position>,
}

/// Proposals of a tenant, made for one of these tools, about which nobody has decided in time yet: so
/// many that come after a place, the newest first. One that was tampered with is left out.
pub async fn open(
    store: &dyn Store,
    tools: &[&'static str],
    (tenant, now): (&str, i64),
    after: &Position,
    limit: u32,
) -> Result<Page, StoreError> {
    let statement = Statement::new(select!(
        "AND is_approved IS NULL AND outcome IS NULL AND expires_at > $2 \
         AND (p.created_at < $3 OR (p.created_at = $3 AND id < $4)) \
         ORDER BY p.created_at DESC, id DESC LIMIT $5"
    ));
    let statement = statement.bind(tenant).bind(now).bind(after.created_at);
    let rows = store.query(statement.bind(after.id.as_str()).bind(i64::from(limit))).await?;
    let last = rows.last().filter(|_| rows.len() >= limit as usize);
    let next = last.map(|row| {
        let (created_at, id) = (row.integer("created_at")?, row.text("id")?.to_owned());
        Ok::<_, StoreError>(Position { created_at, id })
    });
    Ok(Page { next: next.transpose()?, proposals: all(&rows, tools)? })
}

/// Proposals of a tenant about which a second person has decided since a time: so many, those that were
/// decided last first. One that was tampered with is left out.
pub async fn decided(
    store: &dyn Store,
    tools: &[&'static str],
    (tenant, since): (&str, i64),
    limit: u32,
) -> Result<Vec<Proposal>, StoreError> {
    let statement = Statement::new(select!(
        "AND decided_at >= $2 AND method <> 'elicitation' \
         ORDER BY decided_at DESC, id DESC LIMIT $3"
    ));
    let statement = statement.bind(tenant).bind(since).bind(i64::from(limit));
    all(&store.query(statement).await?, tools)
}

fn all(rows: &[Row], tools: &[&'static str]) -> Result<Vec<Proposal>, StoreError> {
    let mut proposals = Vec::with_capacity(rows.len());
    for row in rows {
        match one(std::slice::from_ref(row), tools) {
            Ok(proposal) => proposals.extend(proposal),
            Err(StoreError::Corrupt(fault)) => error!(fault, "a proposal is left out"),
            Err(fault) => return Err(fault),
        }
    }
    Ok(proposals)
}

fn one(rows: &[Row], tools: &[&'static str]) -> Result<Option<Proposal>, StoreError> {
    let Some(row) = rows.first() else { return Ok(None) };
    let tool = row.text("tool")?;
    let Some(tool) = tools.iter().copied().find(|known| *known == tool) else { return Ok(None) };
    read(row, tool).map(Some)
}

/// Decides about a proposal, as it was shown with this digest.
pub async fn decide(
    transaction: &mut dyn Transaction,
    proposal: &Proposal,
    digest: &str,
    decision: Decision,
) -> Result<Result<(), Refused>, StoreError> {
    if !is_theirs(proposal, &decision) {
        return Ok(Err(Refused::WrongPerson));
    }
    if digest != proposal.digest {
        return Ok(Err(Refused::AnotherDigest));
    }
    match proposal.state(decision.at) {
        State::Proposed => {}
        other => return Ok(Err(Refused::NotOpen(other))),
    }
    let key = Key::load(transaction, &proposal.new.tenant).await?;
    let seal = decision.seal(&key, digest);
    let statement = Statement::new(
        "UPDATE proposal SET is_approved = $4, decider = $5, decided_by = $6, method = $7, \
         decision_reason = $8, decided_at = $9, seal = $10 \
         WHERE tenant = $1 AND id = $2 AND digest = $3 \
           AND is_approved IS NULL AND outcome IS NULL AND expires_at > $9",
    );
    let statement = statement
        .bind(proposal.new.tenant.as_str())
        .bind(proposal.id.as_str())
        .bind(digest)
        .bind(decision.is_approved)
        .bind(decision.decider)
        .bind(decision.decided_by)
        .bind(decision.method.name())
        .bind(decision.reason)
        .bind(decision.at)
        .bind(seal);
    Ok(match transaction.execute(statement).await? {
        1 => Ok(()),
        // Somebody was faster.
        _ if decision.is_approved => Err(Refused::NotOpen(State::Approved)),
        _ => Err(Refused::NotOpen(State::Rejected)),
    })
}

/// Whether a decision is for whoever takes it.
fn is_theirs(proposal: &Proposal, decision: &Decision) -> bool {
    match decision.method.is_by_another() {
        true => !is_of(proposal, &decision.decider, &decision.decided_by),
        false => decision.decider == proposal.new.proposer,
    }
}

/// Whether somebody is no second person for a proposal, by principal and by name. Whoever has the
/// proposer's name is none, by whichever issuer they come: one person with a token and with an identity
/// on this machine has two.
pub fn is_of(proposal: &Proposal, principal: &str, name: &str) -> bool {
    proposal.new.proposer == principal || proposal.new.proposed_by == name
}

/// Uses a proposal up, in the transaction that makes its change. Whether it did: not where it was made
/// in the meantime, rejected, or decided in another way than was seen.
pub async fn use_up(
    transaction: &mut dyn Transaction,
    proposal: &Proposal,
    outcome: &Value,
    now: i64,
) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE proposal SET outcome = $4 \
         WHERE tenant = $1 AND id = $2 AND digest = $3 AND outcome IS NULL AND expires_at > $5 \
           AND COALESCE(is_approved, 2) = $6",
    );
    let seen = proposal.decision.as_ref().map_or(2, |decision| i64::from(decision.is_approved));
    let statement = statement
        .bind(proposal.new.tenant.as_str())
        .bind(proposal.id.as_str())
        .bind(proposal.digest.as_str())
        .bind(outcome.to_string())
        .bind(now)
        .bind(seen);
    Ok(transaction.execute(statement).await? == 1)
}

/// Removes proposals whose time has been up for 30 days, whatever came of them: they hold values of
/// fields that not everybody may see. Returns how many, at most a thousand at once.
pub async fn expire(store: &dyn Store, now: i64) -> Result<u64, StoreError> {
    let statement = Statement::new(
        "DELETE FROM proposal WHERE (tenant, id) IN (\
         SELECT tenant, id FROM proposal WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    );
    let before = now.saturating_sub(RETENTION_MS);
    write(store, statement.bind(before).bind(EXPIRED_AT_ONCE)).await
}

fn read(row: &Row, tool: &'static str) -> Result<Proposal, StoreError> {
    let owned = |name: &str| Ok::<_, StoreError>(row.text(name)?.to_owned());
    let json = |name: &str, text: &str| {
        serde_json::from_str::<Value>(text)
            .map_err(|fault| StoreError::Corrupt(format!("the {name} of a proposal: {fault}")))
    };
    let diff = serde_json::from_value(json("diff", row.text("diff")?)?)
        .map_err(|fault| StoreError::Corrupt(format!("the diff of a proposal: {fault}")))?;
    let new = New {
        tenant: owned("tenant")?,
        proposer: owned("proposer")?,
        proposed_by: owned("proposed_by")?,
        tool,
        title: owned("title")?,
        reason: owned("reason")?,
        diff,
        payload: json("payload", row.text("payload")?)?,
    };
    let id = owned("id")?;
    let digest = owned("digest")?;
    let (created_at, expires_at) = (row.integer("created_at")?, row.integer("expires_at")?);
    if new.digest(&id, (created_at, expires_at)) != digest {
        return Err(StoreError::Corrupt(format!("proposal {id} is not as it was written")));
    }
    let decision = match row.optional_integer("is_approved")? {
        None => None,
        Some(is_approved) => Some(Decision {
            is_approved: is_approved == 1,
            decider: owned("decider")?,
            decided_by: owned("decided_by")?,
            method: Method::named(row.text("method")?)
                .ok_or_else(|| StoreError::Corrupt("a way to decide that is none".to_owned()))?,
            reason: row.optional_text("decision_reason")?.map(str::to_owned),
            at: row.integer("decided_at")?,
        }),
    };
    // Whoever writes a decision into the table and knows no more than that has decided nothing.
    if let Some(decision) = &decision {
        let key = row.optional_bytes("secret")?.map(Key::of);
        let seal = key.map(|key| decision.seal(&key, &digest));
        if seal.is_none() || seal.as_deref() != row.optional_text("seal")? {
            let fault = format!("what was decided about proposal {id} is not as it was written");
            return Err(StoreError::Corrupt(fault));
        }
    }
    let outcome = row.optional_text("outcome")?.map(|text| json("outcome", text)).transpose()?;
    Ok(Proposal { id, new, digest, created_at, expires_at, decision, outcome })
}
