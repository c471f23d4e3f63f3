//! The sessions of the SDK, with requests to clients whose ids are good in every process.
//!
//! The SDK counts its requests to a client from 0, in each process anew. Behind a balancer the answer
//! to a question may reach another process, where the same number is another question, to which it
//! must not be taken for the answer. So an id that goes out carries the name of its process, and an
//! answer to a request of another process is passed on through the store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream::poll_fn};
use rmcp::{
    model::{
        ClientJsonRpcMessage, JsonRpcMessage, RequestId, ServerJsonRpcMessage, ServerNotification,
    },
    transport::streamable_http_server::session::{
        EventStore, RestoreOutcome, ServerSseMessage, SessionId, SessionManager,
        local::{LocalSessionManager, LocalSessionManagerError},
    },
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use super::super::super::{
    clock::Clock,
    store::{Store, StoreError, question},
};

/// How often it is looked whether another process has got an answer.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Messages that may wait for the connection to take them.
const AHEAD: usize = 4;
/// Bytes of an answer that are passed on.
const MAX_ANSWER: usize = 64 * 1_024;

/// The sessions of this process.
#[derive(Clone)]
pub(super) struct Manager {
    shared: Arc<Shared>,
}

struct Shared {
    inner: LocalSessionManager,
    /// The name of this process among all that serve the store.
    process: String,
    store: Arc<dyn Store>,
    clock: Clock,
    /// How long a question waits for an answer.
    patience: Duration,
    /// By id: what ends the wait for the answer.
    open: Mutex<HashMap<String, CancellationToken>>,
}

impl Manager {
    /// Sessions that end when nobody uses them for `idle`; a question waits `patience` long.
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        (idle, patience): (Duration, Duration),
    ) -> Self {
        let mut inner = LocalSessionManager::default();
        inner.session_config.keep_alive = Some(idle);
        let (process, open) = (Uuid::new_v4().simple().to_string(), Mutex::default());
        Self { shared: Arc::new(Shared { inner, process, store, clock, patience, open }) }
    }

    /// How many there are.
    pub(super) async fn count(&self) -> usize {
        self.shared.inner.sessions.read().await.len()
    }

    /// The ids of all of them.
    pub(super) async fn ids(&self) -> Vec<SessionId> {
        self.shared.inner.sessions.read().await.keys().cloned().collect()
    }

    /// The same messages, with ids of ours.
    fn named(
        &self,
        session: &SessionId,
        stream: impl Stream<Item = ServerSseMessage> + Send + 'static,
    ) -> impl Stream<Item = ServerSseMessage> + Send + Sync + 'static {
        let (sender, mut receiver) = mpsc::channel(AHEAD);
        let (shared, session) = (Arc::clone(&self.shared), session.clone());
        tokio::spawn(async move {
            let mut stream = std::pin::pin!(stream);
            loop {
                let next = tokio::select! {
                    () = sender.closed() => return,
                    next = stream.next() => next,
                };
                let Some(mut event) = next else { return };
                if let Some(message) = event.message.take() {
                    event.message = Some(shared.outgoing(&session, message).await);
                }
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        });
        poll_fn(move |context| receiver.poll_recv(context))
    }
}

impl Shared {
    fn name(&self, number: i64) -> String {
        format!("{}-{number}", self.process)
    }

    async fn outgoing(
        self: &Arc<Self>,
        session: &SessionId,
        message: Arc<ServerJsonRpcMessage>,
    ) -> Arc<ServerJsonRpcMessage> {
        match &*message {
            JsonRpcMessage::Request(request) => {
                let RequestId::Number(number) = request.id else { return message };
                let (name, mut request) = (self.name(number), request.clone());
                self.wait(session, &name, number).await;
                request.id = RequestId::String(name.into());
                Arc::new(JsonRpcMessage::Request(request))
            }
            JsonRpcMessage::Notification(notification) => {
                let ServerNotification::CancelledNotification(cancelled) =
                    &notification.notification
                else {
                    return message;
                };
                let Some(RequestId::Number(number)) = cancelled.params.request_id else {
                    return message;
                };
                let name = self.name(number);
                self.close(&name);
                let (mut notification, mut cancelled) = (notification.clone(), cancelled.clone());
                cancelled.params.request_id = Some(RequestId::String(name.into()));
                notification.notification = ServerNotification::CancelledNotification(cancelled);
                Arc::new(JsonRpcMessage::Notification(notification))
            }
            _ => message,
        }
    }

    /// Begins to wait for an answer that another process may get. Before the question is sent, so that
    /// no answer is too early.
    async fn wait(self: &Arc<Self>, session: &SessionId, name: &str, number: i64) {
        let asked = question::ask(&*self.store, name, session, self.clock.now()).await;
        if let Err(fault) = asked {
            warn!(%fault, "an answer is not taken in by other processes");
            return;
        }
        let answered = CancellationToken::new();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(name.to_owned(), answered.clone());
        drop(open);
        let (shared, session, name) = (Arc::clone(self), session.clone(), name.to_owned());
        tokio::spawn(async move {
            let end = Instant::now() + shared.patience;
            while Instant::now() < end {
                tokio::select! {
                    () = answered.cancelled() => break,
                    () = sleep(LOOK_EVERY) => {}
                }
                match question::answered(&*shared.store, &name).await {
                    Ok(None) => {}
                    Ok(Some(answer)) => {
                        shared.take_in(&session, number, &answer).await;
                        break;
                    }
                    Err(fault) => warn!(%fault, "it is not known whether a question is answered"),
                }
            }
            shared.close(&name);
            if let Err(fault) = question::end(&*shared.store, &name).await {
                warn!(%fault, "a question is not removed");
            }
        });
    }

    /// Ends the wait for an answer.
    fn close(&self, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answered) = open.remove(name) {
            answered.cancel();
        }
    }

    /// Takes in an answer that another process has got.
    async fn take_in(&self, session: &SessionId, number: i64, answer: &str) {
        let message = serde_json::from_str::<ClientJsonRpcMessage>(answer);
        let Ok(mut message) = message.inspect_err(|fault| warn!(%fault, "no answer")) else {
            return;
        };
        if let Some(id) = answered(&mut message) {
            *id = RequestId::Number(number);
        }
        if let Err(fault) = self.inner.accept_message(session, message).await {
            warn!(%fault, "an answer from another process is not taken");
        }
    }

    /// An answer of a client, with the number that the SDK knows; nothing where it is not for this
    /// process.
    async fn incoming(
        &self,
        session: &SessionId,
        mut message: ClientJsonRpcMessage,
    ) -> Result<Option<ClientJsonRpcMessage>, StoreError> {
        let Some(id) = answered(&mut message) else { return Ok(Some(message)) };
        let RequestId::String(name) = id else {
            warn!("an answer to nothing that was asked");
            return Ok(None);
        };
        let name = Arc::clone(name);
        let ours = name.strip_prefix(&self.process).and_then(|rest| rest.strip_prefix('-'));
        if let Some(number) = ours.and_then(|number| number.parse().ok()) {
            self.close(&name);
            *id = RequestId::Number(number);
            return Ok(Some(message));
        }
        let answer = serde_json::to_string(&message).unwrap_or_default();
        let is_passed_on = answer.len() <= MAX_ANSWER
            && question::answer(&*self.store, &name, session, &answer).await?;
        if !is_passed_on {
            warn!("an answer to nothing that is asked any more");
        }
        Ok(None)
    }
}

/// The id of the request that a message answers.
fn answered(message: &mut ClientJsonRpcMessage) -> Option<&mut RequestId> {
    match message {
        JsonRpcMessage::Response(response) => Some(&mut response.id),
        JsonRpcMessage::Error(error) => error.id.as_mut(),
        _ => None,
    }
}

impl SessionManager for Manager {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        self.shared.inner.create_session().await
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.shared.inner.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        self.shared.inner.has_session(id).await
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        self.shared.inner.close_session(id).await
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.named(id, self.shared.inner.create_stream(id, message).await?))
    }

    async fn accept_message(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<(), Self::Error> {
        match self.shared.incoming(id, message).await {
            Ok(Some(message)) => self.shared.inner.accept_message(id, message).await,
            Ok(None) => Ok(()),
            Err(fault) => {
                // Whoever asked goes on without it, as if nothing had been said.
                warn!(%fault, "an answer is not passed on");
                Ok(())
            }
        }
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.named(id, self.shared.inner.create_standalone_stream(id).await?))
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.named(id, self.shared.inner.resume(id, last_event_id).await?))
    }

    async fn restore_session(
        &self,
        id: SessionId,
    ) -> Result<RestoreOutcome<Self::Transport>, Self::Error> {
        self.shared.inner.restore_session(id).await
    }

    fn event_store(&self) -> Option<Arc<dyn EventStore>> {
        self.shared.inner.event_store()
    }
}
