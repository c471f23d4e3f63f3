//! Accounts and what is booked on them, in the store. Every statement names the tenant first.

use serde_json::{Value, json};

use crate::serve::runtime::{
    clock,
    store::{Row, Statement, Store, StoreError, Transaction},
};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) currency: String,
    pub(super) balance_cents: i64,
    pub(super) opened_at: i64,
    pub(super) closed_at: Option<i64>,
}

impl Account {
    /// As tools answer it.
    pub(super) fn written(&self) -> Value {
        let mut account = json!({
            "account_id": self.id,
            "owner": self.owner,
            "currency": self.currency,
            "balance_cents": self.balance_cents,
            "status": if self.closed_at.is_some() { "closed" } else { "open" },
            "opened_at": clock::written(self.opened_at),
        });
        if let Some(closed_at) = self.closed_at {
            account["closed_at"] = clock::written(closed_at).into();
        }
        account
    }

    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text("id")?.to_owned(),
            owner: row.text("owner")?.to_owned(),
            currency: row.text("currency")?.to_owned(),
            balance_cents: row.integer("balance_cents")?,
            opened_at: row.integer("opened_at")?,
            closed_at: row.optional_integer("closed_at")?,
        })
    }
}

/// What was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) account_id: String,
    pub(super) kind: &'static str,
    pub(super) amount_cents: i64,
    pub(super) memo: String,
    /// The key under which the payment network knows it.
    pub(super) payment_reference: Option<String>,
    pub(super) created_at: i64,
}

/// The kinds of entries: each write leaves one, so that they can be counted.
pub(super) const KINDS: [&str; 4] = ["opening", "deposit", "closing", "statement"];

impl Entry {
    /// As tools answer it.
    pub(super) fn written(&self) -> Value {
        let mut entry = json!({
            "entry_id": self.id,
            "account_id": self.account_id,
            "kind": self.kind,
            "amount_cents": self.amount_cents,
            "memo": self.memo,
            "created_at": clock::written(self.created_at),
        });
        if let Some(reference) = &self.payment_reference {
            entry["payment_reference"] = reference.as_str().into();
        }
        entry
    }

    fn of(row: &Row) -> Result<Self, StoreError> {
        let kind = row.text("kind")?;
        let known = KINDS.into_iter().find(|known| *known == kind);
        Ok(Self {
            id: row.text("id")?.to_owned(),
            account_id: row.text("account_id")?.to_owned(),
            kind: known.ok_or_else(|| StoreError::Corrupt(format!("no entry is a `{kind}`")))?,
            amount_cents: row.integer("amount_cents")?,
            memo: row.text("memo")?.to_owned(),
            payment_reference: row.optional_text("payment_reference")?.map(str::to_owned),
            created_at: row.integer("created_at")?,
        })
    }
}

const ACCOUNT: &str = "\
    SELECT id, owner, currency, balance_cents, opened_at, closed_at \
    FROM bank_account WHERE tenant = $1 AND id = $2";

/// An account of a tenant.
pub(super) async fn find(
    store: &dyn Store,
    tenant: &str,
    id: &str,
) -> Result<Option<Account>, StoreError> {
    let rows = store.query(Statement::new(ACCOUNT).bind(tenant).bind(id)).await?;
    rows.first().map(Account::of).transpose()
}

/// The same within a transaction.
pub(super) async fn find_in(
    transaction: &mut dyn Transaction,
    tenant: &str,
    id: &str,
) -> Result<Option<Account>, StoreError> {
    let rows = transaction.query(Statement::new(ACCOUNT).bind(tenant).bind(id)).await?;
    rows.first().map(Account::of).transpose()
}

/// Opens an account.
pub(super) async fn open(
    transaction: &mut dyn Transaction,
    tenant: &str,
    account: &Account,
) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO bank_account (tenant, id, owner, currency, balance_cents, opened_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let statement = statement.bind(tenant).bind(account.id.as_str()).bind(account.owner.as_str());
    let statement = statement.bind(account.currency.as_str()).bind(account.balance_cents);
    transaction.execute(statement.bind(account.opened_at)).await.map(drop)
}

/// Closes an account, whatever is on it. Whether it was open.
pub(super) async fn close(
    transaction: &mut dyn Transaction,
    tenant: &str,
    id: &str,
    now: i64,
) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE bank_account SET closed_at = $3 \
         WHERE tenant = $1 AND id = $2 AND closed_at IS NULL",
    );
    Ok(transaction.execute(statement.bind(tenant).bind(id).bind(now)).await? == 1)
}

/// Books something, and brings the balance up to date.
pub(super) async fn book(
    transaction: &mut dyn Transaction,
    tenant: &str,
    entry: &Entry,
) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO bank_entry (tenant, id, account_id, kind, amount_cents, memo, \
         payment_reference, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let statement = statement
        .bind(tenant)
        .bind(entry.id.as_str())
        .bind(entry.account_id.as_str())
        .bind(entry.kind)
        .bind(entry.amount_cents)
        .bind(entry.memo.as_str())
        .bind(entry.payment_reference.clone())
        .bind(entry.created_at);
    transaction.execute(statement).await?;
    let statement = Statement::new(
        "UPDATE bank_account SET balance_cents = balance_cents + $3 \
         WHERE tenant = $1 AND id = $2",
    );
    let statement = statement.bind(tenant).bind(entry.account_id.as_str());
    transaction.execute(statement.bind(entry.amount_cents)).await.map(drop)
}

/// What a list of entries is about. An empty text stands for "whatever".
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter<'a> {
    pub(super) account_id: &'a str,
    pub(super) kind: &'a str,
}

const ENTRIES: &str = "\
    SELECT id, account_id, kind, amount_cents, memo, payment_reference, created_at \
    FROM bank_entry \
    WHERE tenant = $1 AND ($2 = '' OR account_id = $2) AND ($3 = '' OR kind = $3) \
      AND (created_at < $4 OR (created_at = $4 AND id < $5)) \
    ORDER BY created_at DESC, id DESC LIMIT $6";

/// Entries, the latest first, after a place in that order.
pub(super) async fn entries(
    store: &dyn Store,
    tenant: &str,
    filter: Filter<'_>,
    after: (i64, &str),
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let statement = Statement::new(ENTRIES).bind(tenant).bind(filter.account_id).bind(filter.kind);
    let rows = store.query(statement.bind(after.0).bind(after.1).bind(limit)).await?;
    rows.iter().map(Entry::of).collect()
}

/// What was booked on an account until a time: how often, and the sum.
pub(super) async fn turnover(
    store: &dyn Store,
    tenant: &str,
    account: &str,
    until: i64,
) -> Result<(i64, i64), StoreError> {
    // PostgreSQL sums integers to a type that is none of ours.
    let statement = Statement::new(
        "SELECT count(*) AS entries, CAST(coalesce(sum(amount_cents), 0) AS BIGINT) AS cents \
         FROM bank_entry WHERE tenant = $1 AND account_id = $2 AND created_at <= $3",
    );
    let rows = store.query(statement.bind(tenant).bind(account).bind(until)).await?;
    let row = rows.first().ok_or_else(|| StoreError::Corrupt("a count has no row".to_owned()))?;
    Ok((row.integer("entries")?, row.integer("cents")?))
}
