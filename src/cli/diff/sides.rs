//! The two surfaces of a comparison, and the contract that accepting the new one would update.

use std::{
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
};

use crate::{
    cli::{
        committed,
        connect::{self, Collected},
        error::CliError,
        project::Project,
        shell,
        source::{Content, Source, refuse_unfit},
        target::AccessArgs,
        terminal::Terminal,
    },
    engine::surface::FORMAT,
    live::session::{
        Address,
        target::{Pair, Target},
    },
};

/// What is compared.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) old: Collected,
    pub(super) new: Collected,
    /// The contract that `--write` updates; none where the old side is a file of another kind.
    pub(super) destination: Option<PathBuf>,
}

/// How the sides are got.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) pair: Pair,
    /// The contract that is committed here, which need not exist.
    pub(super) contract: &'a Path,
    pub(super) write: bool,
    pub(super) partial: bool,
    pub(super) access: &'a AccessArgs,
    pub(super) project: &'a Project,
}

impl Plan<'_> {
    /// Reads both sides. None where nothing is committed yet and `--write` has begun with the first
    /// contract.
    pub(super) fn collect(self, terminal: &Terminal) -> Result<Option<Sides>, CliError> {
        let Some(old) = self.old()? else {
            let new = Source::open(self.pair.new.clone(), self.access, terminal)?;
            refuse_unfit(&[&new])?;
            let new = self.whole(&new, terminal)?;
            committed::write(self.contract, &new, self.project, terminal)?;
            return Ok(None);
        };
        let old_source = Source::open(old, self.access, terminal)?;
        let new_source = Source::open(self.pair.new.clone(), self.access, terminal)?;
        refuse_unfit(&[&old_source, &new_source])?;
        refuse_shared_log(&old_source, &new_source)?;
        let (old, new) = self.both(&old_source, &new_source, terminal)?;
        let destination = self.destination(&old);
        if self.write && destination.is_none() {
            let message =
                format!("{} is not a contract that --write could update", old.origin.name);
            return Err(CliError::usage(message)
                .help("begin one with: mcp-kit snapshot -o contract.json TARGET"));
        }
        Ok(Some(Sides { old, new, destination }))
    }

    /// Both surfaces. Reading is most of the work where little has changed, so two files are read
    /// side by side; servers come one after the other, because both may ask for the terminal.
    fn both(
        &self,
        old: &Source,
        new: &Source,
        terminal: &Terminal,
    ) -> Result<(Collected, Collected), CliError> {
        let is_file =
            |source: &Source| matches!(source.content, Content::Text(_) | Content::Files(_));
        if !is_file(old) || !is_file(new) {
            return Ok((self.whole(old, terminal)?, self.whole(new, terminal)?));
        }
        thread::scope(|scope| {
            let old = scope.spawn(|| self.whole(old, terminal));
            let new = self.whole(new, terminal);
            Ok((old.join().unwrap_or_else(|panic| resume_unwind(panic))?, new?))
        })
    }

    /// What the new surface is compared with. None where that is to be written first.
    fn old(&self) -> Result<Option<Target>, CliError> {
        if let Some(old) = &self.pair.old {
            return Ok(Some(old.clone()));
        }
        let shown = self.contract.display();
        let is_contract = |path: &Path| {
            let canonical = |path: &Path| path.canonicalize().ok();
            path == self.contract
                || canonical(path).is_some_and(|it| canonical(self.contract) == Some(it))
        };
        match &self.pair.new {
            Target::File(path) if is_contract(path) => {
                Err(CliError::usage(format!("{shown} would be compared with itself"))
                    .help("give what is new: a server's command after --, or another target"))
            }
            _ if self.contract.exists() => Ok(Some(Target::File(self.contract.to_owned()))),
            _ if self.write => Ok(None),
            new => {
                let new = shell::target(new).unwrap_or_else(|| "NEW".to_owned());
                Err(CliError::usage(format!("there is no {shown} to compare with")).help(format!(
                    "write it with --write and commit it, or give two targets: mcp-kit diff OLD {new}"
                )))
            }
        }
    }

    /// A surface that can be compared.
    fn whole(&self, source: &Source, terminal: &Terminal) -> Result<Collected, CliError> {
        let collected = connect::collect(source, self.access, terminal)?;
        if !self.partial {
            committed::refuse_incomplete(&collected, "--partial takes what there is")?;
        }
        Ok(collected)
    }

    /// The contract that is given as the old side, or else the one that is committed here: when a
    /// revision or a running server is the old side, the file in the working tree is what a commit
    /// would change.
    fn destination(&self, old: &Collected) -> Option<PathBuf> {
        let Some(Target::File(path)) = &self.pair.old else {
            return Some(self.contract.to_owned());
        };
        let format = old.surface.document.root().get("format").and_then(|it| it.as_str());
        (format.as_deref() == Some(FORMAT)).then(|| path.clone())
    }
}

/// One file for what two servers write would keep only the second.
fn refuse_shared_log(old: &Source, new: &Source) -> Result<(), CliError> {
    let has_log = |source: &Source| match &source.content {
        Content::Server(Address::Command(launch)) => launch.log.is_some(),
        _ => false,
    };
    if has_log(old) && has_log(new) {
        return Err(CliError::usage("--server-log names one file for two servers")
            .help("write down one of the two first: mcp-kit snapshot -o old.json -- COMMAND"));
    }
    Ok(())
}
