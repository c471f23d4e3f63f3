//! Sessions of clients before 2026-07-28: bound to their user, kept in the store, limited.
//!
//! The SDK knows a session by its id alone, so that whoever learns an id could go on with it. Here
//! each is bound to the user who began it, and for everybody else it does not exist. Its state is in
//! the store, so that another process can go on with it, and a session that one process ends has
//! ended for all.

use std::sync::Arc;

use rmcp::transport::streamable_http_server::session::{
    local::LocalSessionManager,
    store::{SessionState, SessionStore, SessionStoreError},
};

use super::super::{
    super::{
        clock::Clock,
        identity::Identity,
        store::{
            Store, StoreError,
            session::{self, Session},
        },
    },
    limits::Limits,
};

tokio::task_local! {
    /// Whose request the SDK is answering. Its store of sessions is not told.
    static USER: Arc<Identity>;
}

/// Does what is done for a request with its user known to [`Sessions`].
pub(super) async fn on_behalf_of<T>(user: Arc<Identity>, answer: impl Future<Output = T>) -> T {
    USER.scope(user, answer).await
}

pub(super) struct Sessions {
    store: Arc<dyn Store>,
    clock: Clock,
    manager: Arc<LocalSessionManager>,
    limits: Limits,
}

/// Why a new session is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// This process has as many as it takes.
    Process,
    /// The user has.
    User,
}

impl Sessions {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        manager: Arc<LocalSessionManager>,
        limits: Limits,
    ) -> Self {
        Self { store, clock, manager, limits }
    }

    /// Why a user cannot begin one more, if so.
    pub(super) async fn is_full(&self, user: &Identity) -> Result<Option<Full>, StoreError> {
        if self.manager.sessions.read().await.len() >= self.limits.sessions {
            return Ok(Some(Full::Process));
        }
        let since = self.oldest();
        let count = session::count(&*self.store, &user.tenant, &user.principal(), since).await?;
        let is_full = count >= self.limits.sessions_per_user as u64;
        Ok(is_full.then_some(Full::User))
    }

    /// Whether a user goes on with a session of their own that has not ended.
    pub(super) async fn is_of(&self, id: &str, user: &Identity) -> Result<bool, StoreError> {
        let Some(mut session) =
            session::load(&*self.store, id, &user.tenant, &user.principal()).await?
        else {
            return Ok(false);
        };
        if session.seen_at < self.oldest() {
            session::delete(&*self.store, id, &user.tenant, &user.principal()).await?;
            return Ok(false);
        }
        session::touch(&*self.store, &mut session, self.clock.now()).await?;
        Ok(true)
    }

    /// Forgets the sessions that nobody has used for long.
    pub(super) async fn expire(&self) -> Result<u64, StoreError> {
        session::expire(&*self.store, self.oldest()).await
    }

    fn oldest(&self) -> i64 {
        let idle = i64::try_from(self.limits.session_idle.as_millis()).unwrap_or(i64::MAX);
        self.clock.now().saturating_sub(idle)
    }
}

fn user() -> Result<Arc<Identity>, SessionStoreError> {
    USER.try_with(Arc::clone).map_err(|_| "the request has come in without an identity".into())
}

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn load(&self, id: &str) -> Result<Option<SessionState>, SessionStoreError> {
        let user = user()?;
        let session = session::load(&*self.store, id, &user.tenant, &user.principal()).await?;
        Ok(session.map(|session| serde_json::from_str(&session.state)).transpose()?)
    }

    async fn store(&self, id: &str, state: &SessionState) -> Result<(), SessionStoreError> {
        let (user, now) = (user()?, self.clock.now());
        let session = Session {
            id: id.to_owned(),
            tenant: user.tenant.clone(),
            subject: user.principal(),
            state: serde_json::to_string(state)?,
            created_at: now,
            seen_at: now,
        };
        match session::save(&*self.store, &session).await? {
            true => Ok(()),
            false => Err("the id of the session is that of another user".into()),
        }
    }

    async fn delete(&self, id: &str) -> Result<(), SessionStoreError> {
        let user = user()?;
        session::delete(&*self.store, id, &user.tenant, &user.principal()).await?;
        Ok(())
    }
}
