//! What the tools that write do, each in one transaction that is not theirs.

use serde_json::{Value, json};

use super::{
    Shared,
    account::{self, Account, Entry},
    bug::Bug,
    error::{account_closed, no_account, store_failure},
    export::{self, Export},
    network::Payment,
    surface::Tool,
    waiting::Waiting,
};
use crate::serve::runtime::{guidance::Failure, identity::Identity, store::Transaction};

/// A call of a tool that writes, with arguments that were checked.
pub(super) struct Write<'a> {
    pub(super) waiting: Waiting<'a>,
    pub(super) tool: Tool,
    pub(super) identity: &'a Identity,
    pub(super) arguments: &'a Value,
    /// The end of the id of everything that it makes.
    pub(super) id: String,
    pub(super) correlation_id: String,
    /// When it was called, in milliseconds since 1970.
    pub(super) now: i64,
}

impl Write<'_> {
    pub(super) fn bank(&self) -> &Shared {
        self.waiting.bank
    }

    /// Whether it goes through the payment network.
    pub(super) fn pays(&self) -> bool {
        self.tool == Tool::Deposit && self.bank().network.is_some()
    }

    fn text(&self, argument: &str) -> &str {
        self.arguments[argument].as_str().unwrap_or_default()
    }

    fn cents(&self) -> i64 {
        self.arguments["amount_cents"].as_i64().unwrap_or_default()
    }

    /// Refuses what could not be booked, before anything is paid.
    pub(super) async fn look_first(&self) -> Result<(), Failure> {
        let id = self.text("account_id");
        let found = account::find(&*self.bank().store, &self.identity.tenant, id).await;
        match found.map_err(|fault| store_failure(&fault))? {
            None => Err(no_account(id)),
            Some(account) if account.closed_at.is_some() => Err(account_closed(id)),
            Some(_) => Ok(()),
        }
    }

    /// Has the payment network make the payment, under a key.
    pub(super) async fn pay(&self, key: &str) -> Result<(), Failure> {
        let Some(network) = &self.bank().network else { return Ok(()) };
        let payment = Payment {
            account_id: self.text("account_id"),
            amount_cents: self.cents(),
            memo: self.text("memo"),
            key,
        };
        self.waiting.during(network.pay(&payment)).await?
    }

    /// Does it, and says what it answers. `reference` is what the payment network knows it by.
    pub(super) async fn effect(
        &self,
        transaction: &mut dyn Transaction,
        reference: Option<&str>,
    ) -> Result<Value, Failure> {
        let mut answer = match self.tool {
            Tool::OpenAccount => self.open(transaction).await?,
            Tool::Deposit => self.deposit(transaction, reference).await?,
            Tool::CloseAccount => self.close(transaction).await?,
            Tool::ExportStatement => self.export(transaction).await?,
            Tool::GetAccount | Tool::ListEntries | Tool::GetExport => {
                unreachable!("what reads is no write")
            }
        };
        answer["receipt_id"] = format!("rcpt-{}", self.id).into();
        Ok(answer)
    }

    async fn open(&self, transaction: &mut dyn Transaction) -> Result<Value, Failure> {
        let account = Account {
            id: format!("acct-{}", self.id),
            owner: self.text("owner").to_owned(),
            currency: self.text("currency").to_owned(),
            balance_cents: 0,
            opened_at: self.now,
            closed_at: None,
        };
        let opened = account::open(transaction, &self.identity.tenant, &account).await;
        opened.map_err(|fault| store_failure(&fault))?;
        self.book(transaction, &self.entry(&account.id, "opening", 0)).await?;
        Ok(json!({"account": account.written()}))
    }

    async fn deposit(
        &self,
        transaction: &mut dyn Transaction,
        reference: Option<&str>,
    ) -> Result<Value, Failure> {
        let account = self.account(transaction).await?;
        // What was paid is booked, also where the account was closed in the meantime.
        if account.closed_at.is_some() && reference.is_none() {
            return Err(account_closed(&account.id));
        }
        let mut entry = self.entry(&account.id, "deposit", self.cents());
        self.text("memo").clone_into(&mut entry.memo);
        entry.payment_reference = reference.map(str::to_owned);
        self.book(transaction, &entry).await?;
        let balance_cents = account.balance_cents + entry.amount_cents;
        Ok(json!({"entry": entry.written(), "balance_cents": balance_cents}))
    }

    async fn close(&self, transaction: &mut dyn Transaction) -> Result<Value, Failure> {
        let account = self.account(transaction).await?;
        let tenant = &self.identity.tenant;
        let was_open = account::close(transaction, tenant, &account.id, self.now)
            .await
            .map_err(|fault| store_failure(&fault))?;
        if !was_open && !self.bank().bugs.has(Bug::HintContradicted) {
            return Err(account_closed(&account.id));
        }
        let entry = self.entry(&account.id, "closing", -account.balance_cents);
        self.book(transaction, &entry).await?;
        let account = self.account(transaction).await?;
        Ok(json!({"account": account.written()}))
    }

    async fn export(&self, transaction: &mut dyn Transaction) -> Result<Value, Failure> {
        let account = self.account(transaction).await?;
        let time = i64::try_from(self.bank().pace.export.as_millis()).unwrap_or(i64::MAX);
        let export = Export {
            id: format!("exp-{}", self.id),
            account_id: account.id,
            actor: self.identity.principal(),
            requested_at: self.now,
            ready_at: self.now.saturating_add(time),
            cancelled_at: None,
        };
        let begun = export::begin(transaction, &self.identity.tenant, &export).await;
        begun.map_err(|fault| store_failure(&fault))?;
        self.book(transaction, &self.entry(&export.account_id, "statement", 0)).await?;
        Ok(json!({"export": export.begun()}))
    }

    async fn account(&self, transaction: &mut dyn Transaction) -> Result<Account, Failure> {
        let id = self.text("account_id");
        let found = account::find_in(transaction, &self.identity.tenant, id).await;
        found.map_err(|fault| store_failure(&fault))?.ok_or_else(|| no_account(id))
    }

    fn entry(&self, account_id: &str, kind: &'static str, amount_cents: i64) -> Entry {
        Entry {
            id: format!("entr-{}", self.id),
            account_id: account_id.to_owned(),
            kind,
            amount_cents,
            memo: String::new(),
            payment_reference: None,
            created_at: self.now,
        }
    }

    async fn book(&self, transaction: &mut dyn Transaction, entry: &Entry) -> Result<(), Failure> {
        let booked = account::book(transaction, &self.identity.tenant, entry).await;
        booked.map_err(|fault| store_failure(&fault))
    }
}
