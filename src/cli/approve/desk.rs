//! Where proposals lie, whichever way they are reached.

use super::{
    super::{ExitStatus, error::CliError},
    PlaceArgs,
    at_host::Host,
    at_store::Store,
};
use crate::serve::runtime::{
    guidance::Code,
    tool::{Listing, Shown},
};

/// What somebody has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) is_approved: bool,
    pub(super) reason: Option<String>,
}

/// Where proposals lie.
pub(super) enum Desk {
    /// On a server.
    Host(Host),
    /// In a store of this machine.
    Store(Box<Store>),
}

impl Desk {
    pub(super) async fn open(place: &PlaceArgs) -> Result<Self, CliError> {
        match (&place.url, &place.bearer_env) {
            (Some(url), Some(variable)) => Ok(Self::Host(Host::new(url, variable)?)),
            _ => Ok(Self::Store(Box::new(Store::open(place).await?))),
        }
    }

    pub(super) async fn list(&self) -> Result<Listing, CliError> {
        match self {
            Self::Host(host) => host.list().await,
            Self::Store(store) => store.list().await,
        }
    }

    pub(super) async fn show(&self, id: &str) -> Result<Shown, CliError> {
        match self {
            Self::Host(host) => host.show(id).await,
            Self::Store(store) => store.show(id).await,
        }
    }

    pub(super) async fn decide(
        &self,
        id: &str,
        digest: &str,
        verdict: Verdict,
    ) -> Result<Shown, CliError> {
        match self {
            Self::Host(host) => host.decide(id, digest, verdict).await,
            Self::Store(store) => store.decide(id, digest, verdict).await,
        }
    }

    pub(super) async fn close(&self) {
        if let Self::Store(store) = self {
            store.close().await;
        }
    }
}

/// A refusal as this program ends with it. `hint` is what the server says to do.
pub(super) fn refused(code: &str, message: &str, hint: Option<String>) -> CliError {
    let status = if code == Code::InvalidArgument.name() {
        ExitStatus::Usage
    } else if [Code::UpstreamUnavailable.name(), Code::OutcomeUnknown.name()].contains(&code) {
        ExitStatus::Unavailable
    } else if code == Code::Internal.name() {
        ExitStatus::Protocol
    } else {
        ExitStatus::Findings
    };
    let error = CliError { status, ..CliError::usage(message) };
    match hint {
        Some(hint) => error.help(hint),
        None => error,
    }
}
