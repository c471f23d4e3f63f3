//! Many requests over the two pipes of a child.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::{Lost, Meanwhile, Outbound, Responder, Sorted, lost, sort};
use crate::live::transport::{Incoming, child::ChildLink};

/// The way to the task that has the pipes.
pub(super) struct Line {
    orders: mpsc::Sender<Order>,
    is_open: Arc<AtomicBool>,
}

type Answer = Result<(Result<Value, Value>, Meanwhile), Lost>;

enum Order {
    Request(Outbound, oneshot::Sender<Answer>),
    Tell(String, oneshot::Sender<Result<(), Lost>>),
    Kill(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

impl Line {
    pub(super) fn over(link: ChildLink, respond: Responder) -> Self {
        let (orders, waiting) = mpsc::channel(64);
        let is_open = Arc::new(AtomicBool::new(true));
        let task = Task { link, respond, asked: HashMap::new(), is_open: Arc::clone(&is_open) };
        tokio::spawn(task.run(waiting));
        Self { orders, is_open }
    }

    pub(super) async fn request(&self, outbound: Outbound) -> Answer {
        let (sender, answer) = oneshot::channel();
        self.order(Order::Request(outbound, sender)).await?;
        answer.await.map_err(|_| gone())?
    }

    pub(super) async fn tell(&self, text: String) -> Result<(), Lost> {
        let (sender, told) = oneshot::channel();
        self.order(Order::Tell(text, sender)).await?;
        told.await.map_err(|_| gone())?
    }

    pub(super) async fn kill(&self) {
        let (sender, killed) = oneshot::channel();
        if self.order(Order::Kill(sender)).await.is_ok() {
            let _gone_anyway = killed.await;
        }
    }

    pub(super) async fn close(&self) {
        let (sender, closed) = oneshot::channel();
        if self.order(Order::Close(sender)).await.is_ok() {
            let _gone_anyway = closed.await;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    async fn order(&self, order: Order) -> Result<(), Lost> {
        self.orders.send(order).await.map_err(|_| gone())
    }
}

fn gone() -> Lost {
    Lost::Gone("the server has ended".to_owned())
}

struct Task {
    link: ChildLink,
    respond: Responder,
    asked: HashMap<u64, (oneshot::Sender<Answer>, Meanwhile)>,
    is_open: Arc<AtomicBool>,
}

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let why = loop {
            tokio::select! {
                order = orders.recv() => match order {
                    None => {
                        self.link.close().await;
                        break gone();
                    }
                    Some(Order::Request(outbound, sender)) => {
                        // Before the answer can come.
                        self.asked.insert(outbound.id, (sender, Meanwhile::default()));
                        if let Err(error) = self.link.send(&outbound.text).await {
                            break lost(&error);
                        }
                    }
                    Some(Order::Tell(text, sender)) => {
                        let told = self.link.send(&text).await.map_err(|error| lost(&error));
                        let _nobody_waits = sender.send(told);
                    }
                    Some(Order::Kill(sender)) => {
                        self.link.kill().await;
                        self.is_open.store(false, Ordering::SeqCst);
                        let _nobody_waits = sender.send(());
                        break Lost::Gone("the server was killed".to_owned());
                    }
                    Some(Order::Close(sender)) => {
                        self.link.close().await;
                        self.is_open.store(false, Ordering::SeqCst);
                        let _nobody_waits = sender.send(());
                        break gone();
                    }
                },
                incoming = self.link.receive() => match incoming {
                    Ok(Incoming::Message(bytes)) => {
                        if let Err(why) = self.take(&bytes).await {
                            break why;
                        }
                    }
                    Ok(Incoming::End) => break gone(),
                    Err(error) => break lost(&error),
                },
            }
        };
        self.is_open.store(false, Ordering::SeqCst);
        for (sender, _) in self.asked.into_values() {
            let _nobody_waits = sender.send(Err(why.clone()));
        }
    }

    async fn take(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        for sorted in sort(bytes, &self.respond) {
            match sorted {
                Sorted::Answer(id, outcome) => {
                    if let Some((sender, meanwhile)) = self.asked.remove(&id) {
                        let _nobody_waits = sender.send(Ok((outcome, meanwhile)));
                    }
                }
                Sorted::Progress(id) => {
                    if let Some((_, meanwhile)) = self.asked.get_mut(&id) {
                        meanwhile.progress += 1;
                    }
                }
                Sorted::Asked(answer) => {
                    let text = answer.to_string();
                    self.link.send(&text).await.map_err(|error| lost(&error))?;
                }
                Sorted::Other => {}
            }
        }
        Ok(())
    }
}
