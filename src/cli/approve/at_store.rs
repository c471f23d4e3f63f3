//! Proposals in a store of this machine, decided about by whoever can read and write it.

use std::sync::Arc;

use super::{
    super::{error::CliError, serve},
    PlaceArgs,
    desk::{Verdict, refused},
};
use crate::serve::runtime::{
    approval::Method,
    guidance::Failure,
    host::{Approvals, Said, Trace},
    identity::Identity,
    tool::{Listing, Shown},
};

/// A store, and who decides.
pub(super) struct Store {
    desk: serve::Desk,
    approvals: Approvals,
    who: Arc<Identity>,
}

impl Store {
    pub(super) async fn open(place: &PlaceArgs) -> Result<Self, CliError> {
        let PlaceArgs { store, as_user, identity, policy, .. } = place;
        let plan = serve::Plan::for_desk(
            store.as_deref(),
            (as_user.as_deref(), identity.as_ref()),
            policy,
        )?;
        let (desk, approvals, who) = serve::Desk::open(&plan).await?;
        Ok(Self { desk, approvals, who })
    }

    pub(super) async fn list(&self) -> Result<Listing, CliError> {
        self.approvals.list(&self.who, &Trace::new(None)).await.map_err(|it| failed(&it))
    }

    pub(super) async fn show(&self, id: &str) -> Result<Shown, CliError> {
        self.approvals.show(&self.who, id, &Trace::new(None)).await.map_err(|it| failed(&it))
    }

    pub(super) async fn decide(
        &self,
        id: &str,
        digest: &str,
        verdict: Verdict,
    ) -> Result<Shown, CliError> {
        let Verdict { is_approved, reason } = verdict;
        let digest = digest.to_owned();
        let said = Said { digest, is_approved, reason, method: Method::Command };
        let decided = self.approvals.decide(&self.who, id, said, &Trace::new(None)).await;
        decided.map_err(|it| failed(&it))
    }

    pub(super) async fn close(&self) {
        self.desk.close().await;
    }
}

fn failed(failure: &Failure) -> CliError {
    refused(failure.code.name(), &failure.message, Some(failure.next.hint.to_string()))
}
