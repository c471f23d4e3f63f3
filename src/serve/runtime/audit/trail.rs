//! Appending to the trail, many callers at a time.
//!
//! A transaction for each call would bound the server by the disk. So callers put their entries into
//! a queue, and one task writes whatever waits there in one transaction: while it commits, the next
//! entries gather. Every caller waits until its own entry is durable.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use super::{
    super::store::{Engine, Store, StoreError, Transaction, WAIT},
    append::append,
    chain::Heads,
    entry::Entry,
    key::{self, Key, Keys},
};

/// How many entries wait at most; who comes then waits for a place, and is refused after [`WAIT`].
const QUEUE: usize = 1024;
/// How many entries are written in one transaction at most.
const BATCH: usize = 256;

/// The trail of a store. Made once; any number of tasks append. Several processes may have one on
/// the same store.
pub struct Trail {
    queue: mpsc::Sender<Message>,
    keys: Arc<Keys>,
    heads: Arc<Heads>,
    engine: Engine,
}

enum Message {
    Append(Box<Entry>, Answer),
    Flush(oneshot::Sender<()>),
}

type Answer = oneshot::Sender<Result<(), StoreError>>;

impl Trail {
    /// Starts the task that writes; it ends when the trail is dropped and everything is written.
    /// Panics outside of a tokio runtime.
    pub fn start(store: Arc<dyn Store>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (keys, heads) = (Arc::<Keys>::default(), Arc::<Heads>::default());
        let engine = store.engine();
        let writer = Writer { store, keys: Arc::clone(&keys), heads: Arc::clone(&heads) };
        tokio::spawn(writer.run(waiting));
        Self { queue, keys, heads, engine }
    }

    /// Appends an entry, and waits until it is durable. If this is dropped meanwhile, the entry is
    /// written all the same.
    ///
    /// Not while holding a transaction: on SQLite that is the one which this waits for. For a write
    /// there is [`Self::append_in`].
    pub async fn append(&self, entry: Entry) -> Result<(), StoreError> {
        let (answer, written) = oneshot::channel();
        self.send(Message::Append(Box::new(entry), answer)).await?;
        written.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Appends an entry within the transaction of the write that it is about: they become durable
    /// together, or neither does. Say so to [`Self::committed`] when they are.
    ///
    /// The tenant's chain is held from here until the transaction ends; so make this the last
    /// statement before the commit.
    pub async fn append_in(
        &self,
        transaction: &mut dyn Transaction,
        entry: Entry,
    ) -> Result<Appended, StoreError> {
        let key = match self.keys.known(&entry.tenant) {
            Some(key) => key,
            None => key::load(transaction, &entry.tenant).await?,
        };
        let known = self.heads.believed(&entry.tenant);
        let end = append(self.engine, transaction, &entry.tenant, &key, known.as_ref(), &[&entry])
            .await?;
        let seq = end.seq;
        self.heads.believe(&entry.tenant, end);
        Ok(Appended { tenant: entry.tenant, key, seq })
    }

    /// Remembers what appending has found out, once its transaction is committed. Nothing depends on
    /// it but how long the next one takes.
    pub fn committed(&self, appended: Appended) {
        self.keys.keep(&appended.tenant, appended.key);
    }

    /// Waits until everything that was appended before is written, or refused.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let (answer, flushed) = oneshot::channel();
        self.send(Message::Flush(answer)).await?;
        flushed.await.map_err(|_| stopped())
    }

    async fn send(&self, message: Message) -> Result<(), StoreError> {
        match self.queue.send_timeout(message, WAIT).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                Err(StoreError::Unavailable(format!("{QUEUE} entries wait for the audit trail")))
            }
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(stopped()),
        }
    }
}

/// An entry that is appended in a transaction.
pub struct Appended {
    tenant: String,
    key: Key,
    seq: u64,
}

impl Appended {
    /// The number of the record in its chain.
    pub fn seq(&self) -> u64 {
        self.seq
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the audit trail is not written any more".to_owned())
}

/// The task that writes.
struct Writer {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    heads: Arc<Heads>,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut messages, BATCH).await > 0 {
            let mut entries = Vec::with_capacity(messages.len());
            let mut answers = Vec::with_capacity(messages.len());
            let mut flushes = Vec::new();
            for message in messages.drain(..) {
                match message {
                    Message::Append(entry, answer) => {
                        entries.push(*entry);
                        answers.push(answer);
                    }
                    Message::Flush(flushed) => flushes.push(flushed),
                }
            }
            // A receiver that is gone does not wait any more; its entry is written nevertheless.
            for (answer, result) in answers.into_iter().zip(self.write(&entries).await) {
                let _gone = answer.send(result);
            }
            for flushed in flushes {
                let _gone = flushed.send(());
            }
        }
    }

    /// Writes entries, in one transaction if that is possible. A result for each.
    async fn write(&mut self, entries: &[Entry]) -> Vec<Result<(), StoreError>> {
        if entries.is_empty() {
            return Vec::new();
        }
        let outcome = self.commit(entries).await;
        // An entry that the engine does not take, or a chain that is damaged, must not keep out the
        // others of the batch. What is not available is so for each of them.
        let is_for_all = outcome.as_ref().err().is_none_or(StoreError::is_transient);
        if is_for_all || entries.len() == 1 {
            return vec![outcome; entries.len()];
        }
        let mut results = Vec::with_capacity(entries.len());
        for entry in entries {
            results.push(self.commit(std::slice::from_ref(entry)).await);
        }
        results
    }

    async fn commit(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        // In the order of tenants, so that two processes never wait for one another's chains.
        let mut chains: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            chains.entry(&entry.tenant).or_default().push(entry);
        }
        let outcome = self.append(&chains).await;
        if outcome.is_err() {
            // It may have been committed or not.
            for tenant in chains.keys() {
                self.heads.doubt(tenant);
            }
        }
        outcome
    }

    async fn append(&mut self, chains: &BTreeMap<&str, Vec<&Entry>>) -> Result<(), StoreError> {
        let mut transaction = self.store.begin().await?;
        let mut kept = Vec::with_capacity(chains.len());
        for (tenant, entries) in chains {
            let key = match self.keys.known(tenant) {
                Some(key) => key,
                None => key::load(&mut *transaction, tenant).await?,
            };
            let known = self.heads.believed(tenant);
            let end = append(
                self.store.engine(),
                &mut *transaction,
                tenant,
                &key,
                known.as_ref(),
                entries,
            )
            .await?;
            self.heads.believe(tenant, end);
            kept.push((*tenant, key));
        }
        transaction.commit().await?;
        for (tenant, key) in kept {
            self.keys.keep(tenant, key);
        }
        Ok(())
    }
}
