//! Sessions of clients before 2026-07-28: bound to their user, kept in the store, limited.
//!
//! The SDK knows a session by its id alone, so that whoever learns an id could go on with it. Here
//! each is bound to the user who began it, and for everybody else it does not exist. Its state is in
//! the store, so that another process can go on with it, and a session that one process ends has
//! ended for all.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use rmcp::transport::streamable_http_server::session::{
    SessionManager,
    store::{SessionState, SessionStore, SessionStoreError},
};

use tracing::warn;

use super::{
    super::{
        super::{
            clock::Clock,
            identity::Identity,
            store::{
                Store, StoreError, question,
                session::{self, Session},
            },
        },
        limits::Limits,
        tally::{Counted, Tally},
    },
    manager::Manager,
};

tokio::task_local! {
    /// For whom the SDK is answering a request. Its store of sessions is not told.
    static BEHALF: Behalf;
}

/// A user on whose behalf sessions are kept and ended, and what went wrong with it: the SDK logs that
/// and answers as if nothing had happened.
struct Behalf {
    user: Arc<Identity>,
    fault: Mutex<Option<StoreError>>,
}

/// Does what is done for a request with its user known to [`Sessions`]. Fails where a session could
/// not be kept or ended.
pub(super) async fn on_behalf_of<T>(
    user: Arc<Identity>,
    answer: impl Future<Output = T>,
) -> Result<T, StoreError> {
    let behalf = Behalf { user, fault: Mutex::default() };
    let answered = async {
        let answer = answer.await;
        let fault = BEHALF
            .with(|behalf| behalf.fault.lock().unwrap_or_else(PoisonError::into_inner).take());
        fault.map_or(Ok(answer), Err)
    };
    BEHALF.scope(behalf, answered).await
}

pub(super) struct Sessions {
    store: Arc<dyn Store>,
    clock: Clock,
    manager: Arc<Manager>,
    limits: Limits,
    /// By user: those that are about to be in the store.
    beginning: Tally,
    /// When it was last seen which sessions of this process have ended in another.
    tidied: AtomicI64,
    /// Sessions of this process that were not in the store then.
    lacking: Mutex<HashSet<String>>,
}

/// How long, in milliseconds, a process that is full waits before it looks again which of its sessions
/// have ended elsewhere.
const TIDY_EVERY: i64 = 5_000;

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
        manager: Arc<Manager>,
        limits: Limits,
    ) -> Self {
        let (beginning, tidied) = (Tally::default(), AtomicI64::new(0));
        Self { store, clock, manager, limits, beginning, tidied, lacking: Mutex::default() }
    }

    /// Room for one more session of a user, to be held until it is in the store; or why there is none.
    pub(super) async fn begin(&self, user: &Identity) -> Result<Result<Counted, Full>, StoreError> {
        if self.is_full().await {
            self.tidy_when_due().await?;
            if self.is_full().await {
                return Ok(Err(Full::Process));
            }
        }
        let (since, principal) = (self.oldest(), user.principal());
        let mut survey = self.beginning.survey(principal.clone());
        loop {
            let count = session::count(&*self.store, &user.tenant, &principal, since).await?;
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let left = self.limits.sessions_per_user.saturating_sub(count);
            // One that was about to begin is in the store by now, and was not when it was counted.
            let Ok(taken) = survey.take(left) else { continue };
            return Ok(taken.ok_or(Full::User));
        }
    }

    async fn is_full(&self) -> bool {
        self.manager.count().await >= self.limits.sessions
    }

    async fn tidy_when_due(&self) -> Result<(), StoreError> {
        let (now, before) = (self.clock.now(), self.tidied.load(Ordering::Relaxed));
        // A clock that was set back does not put it off.
        if (0..TIDY_EVERY).contains(&now.saturating_sub(before)) {
            return Ok(());
        }
        self.tidied.store(now, Ordering::Relaxed);
        self.tidy().await
    }

    /// Gives up the sessions of this process that have ended in another: those that the store has
    /// lacked the last time already. One that is about to begin is not in the store yet.
    async fn tidy(&self) -> Result<(), StoreError> {
        let ours = self.manager.ids().await;
        let going_on = session::ids(&*self.store, self.oldest()).await?;
        let lacking = ours.iter().filter(|id| !going_on.contains(&***id));
        let lacking: HashSet<String> = lacking.map(|id| (**id).to_owned()).collect();
        let before = {
            let mut known = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *known, lacking.clone())
        };
        for id in lacking.intersection(&before) {
            self.give_up(id).await;
        }
        Ok(())
    }

    /// Gives up what this process knows of a session.
    async fn give_up(&self, id: &str) {
        if let Err(fault) = self.manager.close_session(&id.into()).await {
            warn!(%fault, "a session is not given up");
        }
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
    pub(super) async fn expire(&self) -> Result<(), StoreError> {
        session::expire(&*self.store, self.oldest()).await?;
        question::expire(&*self.store, self.oldest()).await?;
        self.tidy().await
    }

    /// The time of the last visit of a session that has just not been idle for too long.
    fn oldest(&self) -> i64 {
        let idle = i64::try_from(self.limits.session_idle.as_millis()).unwrap_or(i64::MAX);
        self.clock.now().saturating_sub(idle).saturating_sub(session::COARSE)
    }
}

fn user() -> Result<Arc<Identity>, SessionStoreError> {
    BEHALF
        .try_with(|behalf| Arc::clone(&behalf.user))
        .map_err(|_| "the request has come in without an identity".into())
}

/// Keeps the fault for whoever answers, and hands it on to the SDK.
fn noted(fault: StoreError) -> SessionStoreError {
    let _nobody = BEHALF.try_with(|behalf| {
        *behalf.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault.clone());
    });
    fault.into()
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
        match session::save(&*self.store, &session).await.map_err(noted)? {
            true => Ok(()),
            false => Err("the id of the session is that of another user".into()),
        }
    }

    async fn delete(&self, id: &str) -> Result<(), SessionStoreError> {
        let user = user()?;
        let (tenant, principal) = (&user.tenant, user.principal());
        session::delete(&*self.store, id, tenant, &principal).await.map_err(noted)?;
        Ok(())
    }
}
