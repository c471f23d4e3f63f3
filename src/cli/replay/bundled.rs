//! `@crm+writes` as a server under test: with a recording of its own, data that outlive a crash and go with
//! the run, a clock that can be turned, another user, and what counts the effects that no tool shows.

use std::collections::BTreeMap;
#[cfg(feature = "serve")]
use std::{ffi::OsString, path::PathBuf};

use super::TrialArgs;
use crate::{
    cli::error::CliError,
    live::{
        replay::{observe::Observer, recording::Recording},
        session::{Address, target::Target},
    },
};
#[cfg(feature = "serve")]
use crate::{engine::cassette::Reader, live::transport::child::Launch, serve::connector::crm};

/// A bundled connector that is to be put to the test.
#[cfg(feature = "serve")]
#[derive(Debug)]
pub(super) struct Bundled {
    folder: tempfile::TempDir,
}

/// Somebody of another tenant of the sample data.
#[cfg(feature = "serve")]
const OTHER_USER: &str = "dave";

#[cfg(feature = "serve")]
impl Bundled {
    /// The one that a target names, where it is one that writes.
    ///
    /// # Errors
    /// When there is no place for its data.
    pub(super) fn of(target: &Target) -> Result<Option<Self>, CliError> {
        let Target::Bundled { name, writes: true } = target else { return Ok(None) };
        if name != "crm" {
            return Ok(None);
        }
        let folder = tempfile::tempdir()
            .map_err(|error| CliError::file("create", "a folder for the sample data", &error))?;
        Ok(Some(Self { folder }))
    }

    /// What is to be known of it, where the command line does not say otherwise.
    pub(super) fn settle(&self, trial: &mut TrialArgs, observers: &mut BTreeMap<String, Observer>) {
        if trial.control.is_none() {
            trial.control = Some(self.control().display().to_string());
        }
        if trial.other_command.is_none() {
            let program = std::env::current_exe().unwrap_or_default();
            let words = std::iter::once(program.into_os_string()).chain(self.words(OTHER_USER));
            let words: Vec<String> =
                words.map(|word| word.to_string_lossy().into_owned()).collect();
            trial.other_command = shlex::try_join(words.iter().map(String::as_str)).ok();
        }
        // No tool lists what is only proposed.
        let rows = Observer::Rows(self.store().join("store.sqlite"), "proposal".to_owned());
        observers.entry("propose_change".to_owned()).or_insert(rows);
    }

    /// A session with it.
    ///
    /// # Errors
    /// When the one that is part of this program cannot be read.
    pub(super) fn recording() -> Result<Recording, CliError> {
        let unread = |error: String| CliError::usage(format!("the recording of @crm: {error}"));
        let reader =
            Reader::open(crm::RECORDING.as_bytes()).map_err(|it| unread(it.to_string()))?;
        Recording::read(reader).map_err(|error| unread(error.to_string()))
    }

    /// The way to it: its data in a folder, and an endpoint that turns its clock.
    pub(super) fn address(&self, address: &Address) -> Address {
        match address {
            Address::Command(launch) => {
                let control = self.control().into_os_string();
                let turned = ["--control".into(), "127.0.0.1:0".into(), "--control-file".into()];
                let arguments = self.words("alice").chain(turned).chain([control]).collect();
                Address::Command(Launch { arguments, ..launch.clone() })
            }
            #[cfg(feature = "http")]
            other => other.clone(),
        }
    }

    fn words(&self, user: &str) -> impl Iterator<Item = OsString> {
        let words = ["dev", "crm", "--stdio", "--as", user, "--store"].map(OsString::from);
        words.into_iter().chain([self.store().into_os_string()])
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn control(&self) -> PathBuf {
        self.folder.path().join("control")
    }
}

/// A build without connectors has none.
#[cfg(not(feature = "serve"))]
pub(super) enum Bundled {}

#[cfg(not(feature = "serve"))]
impl Bundled {
    pub(super) fn of(_: &Target) -> Result<Option<Self>, CliError> {
        Ok(None)
    }

    pub(super) fn recording() -> Result<Recording, CliError> {
        Ok(Recording::default())
    }

    pub(super) fn settle(&self, _: &mut TrialArgs, _: &mut BTreeMap<String, Observer>) {
        match *self {}
    }

    pub(super) fn address(&self, _: &Address) -> Address {
        match *self {}
    }
}
