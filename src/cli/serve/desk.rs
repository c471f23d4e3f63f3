//! The proposals of a store on this machine, without a server.

use std::sync::Arc;

use super::{
    assemble::{Around, Assembled, of_store},
    place,
    plan::Plan,
};
use crate::{
    cli::{ExitStatus, error::CliError},
    serve::runtime::{
        host::{Approvals, Metrics},
        identity::Identity,
        store,
    },
};

/// A store that is open, for as long as somebody decides.
pub(in crate::cli) struct Desk {
    assembled: Assembled,
}

impl Desk {
    /// Opens a store that a server has made, with what there is to decide about and who decides.
    pub(in crate::cli) async fn open(
        plan: &Plan,
    ) -> Result<(Self, Approvals, Arc<Identity>), CliError> {
        // Nothing is made here: what is not there has no proposals.
        let (location, _) = place::of(&plan.data, plan.is_demo())?;
        let there = store::open_to_read(&location).await.map_err(|fault| {
            let error = of_store(fault);
            match error.status {
                ExitStatus::Usage => error.help("name the store with --store, as given to serve"),
                _ => error,
            }
        })?;
        there.close().await;
        let assembled =
            Assembled::new(plan, &Arc::new(Metrics::default()), Around::default()).await?;
        let approvals = Approvals::of(&assembled.server);
        match (approvals, assembled.user.clone()) {
            (Some(approvals), Some(who)) => Ok((Self { assembled }, approvals, who)),
            _ => unreachable!("a plan for a desk has a user and the tools that write"),
        }
    }

    /// Writes what is still to be written, and closes the store.
    pub(in crate::cli) async fn close(&self) {
        self.assembled.close().await;
    }
}
