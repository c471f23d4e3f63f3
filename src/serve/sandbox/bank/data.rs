//! The tables of the bank, and what is in them in the beginning.

use crate::serve::runtime::store::{Migration, Statement, Store, StoreError, Transaction};

use super::{
    account::{self, Account, Entry},
    export::{self, Export},
};

/// The tables.
pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    component: "bank",
    version: 1,
    name: "accounts",
    sql: include_str!("tables.sql"),
}];

/// An account of the tenant acme, for whoever tries the tools out.
pub(super) const EXAMPLE_ACCOUNT: &str = "acct-00000000000000a1";

/// An export of that account, which is ready.
pub(super) const EXAMPLE_EXPORT: &str = "exp-00000000000000a1";

/// 2026-01-01T00:00:00Z, when the sample accounts were opened.
const OPENED_AT: i64 = 1_767_225_600_000;

/// Puts the sample accounts into a store that has none.
pub(super) async fn load(store: &dyn Store) -> Result<(), StoreError> {
    let mut transaction = store.begin().await?;
    let count = Statement::new("SELECT count(*) AS n FROM bank_account");
    let rows = transaction.query(count).await?;
    if rows.first().map(|row| row.integer("n")).transpose()? == Some(0) {
        fill(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Brings the data back to how they were in the beginning.
pub(super) async fn restore(transaction: &mut dyn Transaction) -> Result<(), StoreError> {
    for sql in ["DELETE FROM bank_account", "DELETE FROM bank_entry", "DELETE FROM bank_export"] {
        transaction.execute(Statement::new(sql)).await?;
    }
    fill(transaction).await
}

async fn fill(transaction: &mut dyn Transaction) -> Result<(), StoreError> {
    let samples = [("acme", "a1", "Ada Lovelace"), ("globex", "b1", "Grace Hopper")];
    for (tenant, number, owner) in samples {
        let id = |kind: &str| format!("{kind}-00000000000000{number}");
        let account = Account {
            id: id("acct"),
            owner: owner.to_owned(),
            currency: "EUR".to_owned(),
            balance_cents: 0,
            opened_at: OPENED_AT,
            closed_at: None,
        };
        account::open(transaction, tenant, &account).await?;
        let entry = Entry {
            id: id("entr"),
            account_id: account.id.clone(),
            kind: "opening",
            amount_cents: 100_000,
            memo: String::new(),
            payment_reference: None,
            created_at: OPENED_AT,
        };
        account::book(transaction, tenant, &entry).await?;
        let export = Export {
            id: id("exp"),
            account_id: account.id,
            actor: String::new(),
            requested_at: OPENED_AT,
            ready_at: OPENED_AT,
            cancelled_at: None,
        };
        export::begin(transaction, tenant, &export).await?;
    }
    Ok(())
}
