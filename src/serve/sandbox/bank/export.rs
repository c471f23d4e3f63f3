//! Exports: statements that take longer than a call may, as rows that are done when their time has come.
//!
//! Nothing works on them in the meantime, so that nothing is lost with a process; who asks is told by
//! the clock how far they are.

use serde_json::{Value, json};

use super::{Shared, account, bug::Bug, error::store_failure};
use crate::serve::runtime::{
    clock,
    guidance::Failure,
    identity::Identity,
    store::{Row, Statement, Store, StoreError, Transaction, write},
};

/// How often to ask how far an export is, in milliseconds.
pub(super) const POLL_AFTER_MS: u64 = 500;

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) id: String,
    pub(super) account_id: String,
    /// Who has asked for it, by [`Identity::principal`].
    pub(super) actor: String,
    pub(super) requested_at: i64,
    pub(super) ready_at: i64,
    pub(super) cancelled_at: Option<i64>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Running,
    Ready,
    Cancelled,
}

impl Export {
    pub(super) fn stage(&self, bank: &Shared) -> Stage {
        if self.cancelled_at.is_some() {
            Stage::Cancelled
        } else if bank.clock.now() < self.ready_at || bank.bugs.has(Bug::TaskNeverTerminal) {
            Stage::Running
        } else {
            Stage::Ready
        }
    }

    /// As tools answer it while it runs.
    pub(super) fn begun(&self) -> Value {
        json!({
            "export_id": self.id,
            "account_id": self.account_id,
            "status": "running",
            "requested_at": clock::written(self.requested_at),
            "poll_after_ms": POLL_AFTER_MS,
        })
    }

    /// As tools answer it now, with the statement where it is ready.
    pub(super) async fn written(
        &self,
        bank: &Shared,
        identity: &Identity,
    ) -> Result<Value, Failure> {
        let mut export = self.begun();
        let stage = self.stage(bank);
        if stage == Stage::Running {
            return Ok(export);
        }
        if let Some(members) = export.as_object_mut() {
            members.remove("poll_after_ms");
        }
        export["status"] = if stage == Stage::Ready { "ready" } else { "cancelled" }.into();
        if stage == Stage::Ready {
            let (tenant, until) = (&identity.tenant, self.requested_at);
            let (entries, cents) = account::turnover(&*bank.store, tenant, &self.account_id, until)
                .await
                .map_err(|fault| store_failure(&fault))?;
            export["statement"] = json!({
                "entries": entries,
                "balance_cents": cents,
                "until": clock::written(until),
            });
        }
        Ok(export)
    }

    /// What the receipt of its request is called; see [`super::write::Write`].
    pub(super) fn receipt(&self) -> String {
        self.id.replacen("exp-", "rcpt-", 1)
    }

    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?.to_owned(),
            account_id: row.text("account_id")?.to_owned(),
            actor: row.text("actor")?.to_owned(),
            requested_at: row.integer("requested_at")?,
            ready_at: row.integer("ready_at")?,
            cancelled_at: row.optional_integer("cancelled_at")?,
        })
    }
}

/// An export of a tenant.
pub(super) async fn find(
    store: &dyn Store,
    tenant: &str,
    id: &str,
) -> Result<Option<Export>, StoreError> {
    let statement = Statement::new(
        "SELECT id, account_id, actor, requested_at, ready_at, cancelled_at \
         FROM bank_export WHERE tenant = $1 AND id = $2",
    );
    let rows = store.query(statement.bind(tenant).bind(id)).await?;
    rows.first().map(Export::of).transpose()
}

/// Begins an export.
pub(super) async fn begin(
    transaction: &mut dyn Transaction,
    tenant: &str,
    export: &Export,
) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO bank_export (tenant, id, account_id, actor, requested_at, ready_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let statement = statement.bind(tenant).bind(export.id.as_str());
    let statement = statement.bind(export.account_id.as_str()).bind(export.actor.as_str());
    transaction.execute(statement.bind(export.requested_at).bind(export.ready_at)).await.map(drop)
}

/// Gives an export up, unless it is ready or given up.
pub(super) async fn cancel(
    store: &dyn Store,
    tenant: &str,
    id: &str,
    now: i64,
) -> Result<(), StoreError> {
    let statement = Statement::new(
        "UPDATE bank_export SET cancelled_at = $3 \
         WHERE tenant = $1 AND id = $2 AND cancelled_at IS NULL AND ready_at > $3",
    );
    write(store, statement.bind(tenant).bind(id).bind(now)).await.map(drop)
}
