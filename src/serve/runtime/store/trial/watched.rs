//! A store that asks a test at each step, and fails where the test says so.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;

use super::super::{Engine, Migration, Row, Statement, Store, StoreError, Transaction};

/// A step of a store. Transactions and their statements are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before it is looked at whether the store is there.
    Ping,
    /// After a transaction has begun.
    Begun(usize),
    /// Before this statement of a transaction.
    Statement(usize, usize),
    /// Before a transaction is committed. Where this fails, it is rolled back.
    Committing(usize),
    /// After a transaction was committed, before that is said.
    Committed(usize),
}

/// What watches over a store.
#[async_trait]
pub trait Watch: Send + Sync {
    /// Whether a step goes well; it waits until this returns.
    async fn at(&self, moment: Moment) -> Result<(), StoreError>;
}

/// A store with somebody who watches over it.
pub struct Watched {
    inner: Arc<dyn Store>,
    watch: Arc<dyn Watch>,
    transactions: AtomicUsize,
}

struct Change {
    inner: Box<dyn Transaction>,
    watch: Arc<dyn Watch>,
    number: usize,
    statements: usize,
}

impl Watched {
    /// This store, watched over.
    pub fn over(inner: Arc<dyn Store>, watch: Arc<dyn Watch>) -> Arc<dyn Store> {
        Arc::new(Self { inner, watch, transactions: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Store for Watched {
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.inner.query(statement).await
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = self.inner.begin().await?;
        let number = self.transactions.fetch_add(1, Ordering::SeqCst) + 1;
        self.watch.at(Moment::Begun(number)).await?;
        Ok(Box::new(Change { inner, watch: Arc::clone(&self.watch), number, statements: 0 }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.watch.at(Moment::Ping).await?;
        self.inner.ping().await
    }

    async fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        self.inner.migrate(migrations).await
    }

    fn engine(&self) -> Engine {
        self.inner.engine()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

impl Change {
    async fn next(&mut self) -> Result<(), StoreError> {
        self.statements += 1;
        self.watch.at(Moment::Statement(self.number, self.statements)).await
    }
}

#[async_trait]
impl Transaction for Change {
    async fn query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        self.next().await?;
        self.inner.query(statement).await
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        self.next().await?;
        self.inner.execute(statement).await
    }

    async fn script(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.inner.script(sql).await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if let Err(fault) = self.watch.at(Moment::Committing(self.number)).await {
            self.inner.rollback().await?;
            return Err(fault);
        }
        self.inner.commit().await?;
        self.watch.at(Moment::Committed(self.number)).await
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.rollback().await
    }
}
