//! Announced changes: what a tool says has changed reaches everybody who listens for it.

use rmcp::{Peer, RoleServer, service::SubscriptionContext};
use tokio::sync::broadcast::{self, error::RecvError};

/// Changes that may wait for a listener.
const WAITING: usize = 64;

/// A list that is said to have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Tools,
    Prompts,
}

/// Where changes are announced, and listened for.
pub(super) struct Changes(broadcast::Sender<Change>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }
}

impl Changes {
    /// Tells all listeners, and the client itself where it is one that cannot listen.
    pub(super) async fn announce(
        &self,
        change: Change,
        client: &Peer<RoleServer>,
        is_modern: bool,
    ) {
        // That nobody listens is no fault.
        let _ = self.0.send(change);
        if is_modern {
            return;
        }
        let _ = match change {
            Change::Tools => client.notify_tool_list_changed().await,
            Change::Prompts => client.notify_prompt_list_changed().await,
        };
    }

    /// Tells one listener what it has asked for, until it goes.
    pub(super) async fn forward(&self, subscription: &SubscriptionContext) {
        let mut changes = self.0.subscribe();
        let wanted = subscription.accepted();
        loop {
            let change = tokio::select! {
                () = subscription.cancelled() => return,
                change = changes.recv() => change,
            };
            let told = match change {
                Ok(Change::Tools) if wanted.tools_list_changed == Some(true) => {
                    subscription.sink().notify_tool_list_changed().await
                }
                Ok(Change::Prompts) if wanted.prompts_list_changed == Some(true) => {
                    subscription.sink().notify_prompt_list_changed().await
                }
                Ok(_) | Err(RecvError::Lagged(_)) => Ok(()),
                Err(RecvError::Closed) => return,
            };
            if told.is_err() {
                return;
            }
        }
    }
}
