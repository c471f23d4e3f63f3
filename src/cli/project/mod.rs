//! `mcp-kit.toml`: finding it, and applying what it says to findings.
//!
//! The flag is `--project` and not `--config`, because `--config` names the configuration file of a
//! client, which says how servers are started.

mod files;

use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Args;

pub(super) use files::{FileText, nearby as files_nearby};

use super::error::CliError;
use crate::engine::{
    config::{Config, FILE_NAME, Replay},
    contract::Keys,
    diff::Policy,
    finding::{
        Applied, Finding,
        adjust::{with_severities, with_tools},
        allow::{self, Judged},
        baseline::{Baseline, Known},
    },
    protocol::date::Date,
    report::{AllowList, escape::for_terminal},
    rule::{self, nearest},
    surface::Surface,
};

/// Which project.
#[derive(Debug, Args)]
#[command(next_help_heading = "Project")]
pub(super) struct ProjectArgs {
    /// Take this file for the project's mcp-kit.toml, which is otherwise looked for in this folder
    /// and above, up to the root of the repository
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    project: Option<PathBuf>,
    /// Take no notice of any mcp-kit.toml
    #[arg(long)]
    isolated: bool,
    /// The day that counts for what expires
    #[arg(long, value_name = "YYYY-MM-DD", hide = true)]
    today: Option<Date>,
}

/// A project: its file, as far as there is one, and the day on which it is asked.
#[derive(Debug)]
pub(super) struct Project {
    /// The file as it is shown; none where there is no file.
    file: Option<String>,
    /// What the file says, with what it extends.
    pub(super) config: Config,
    /// The file and those that it extends.
    pub(super) layers: Vec<FileText>,
    /// The day that counts for what expires, in UTC.
    pub(super) today: Date,
}

impl ProjectArgs {
    /// The words that say the same of another run.
    pub(super) fn words(&self) -> Vec<String> {
        match &self.project {
            Some(file) => vec!["--project".to_owned(), file.display().to_string()],
            None => self.isolated.then(|| "--isolated".to_owned()).into_iter().collect(),
        }
    }

    /// Finds and reads the project's file.
    ///
    /// # Errors
    /// When the file that was named does not exist, or the file says something that cannot be.
    pub(super) fn open(&self) -> Result<Project, CliError> {
        let today = self.today.unwrap_or_else(today);
        let found = match &self.project {
            _ if self.isolated => None,
            Some(path) => Some((path.clone(), path.display().to_string())),
            None => files::discover()?,
        };
        let Some((path, file)) = found else {
            let (file, config, layers) = (None, Config::default(), Vec::new());
            return Ok(Project { file, config, layers, today });
        };
        let (config, layers) = files::read(&path, &file)?;
        Ok(Project { file: Some(file), config, layers, today })
    }
}

impl Project {
    /// Applies the severities and the allow-list of the project to findings.
    pub(super) fn judge(&self, findings: Vec<Finding>, applied: &Applied) -> Judged {
        let findings = self.adjusted(findings);
        let applied = self.not_off(applied);
        let mut judged = rule::allow::apply(findings, &self.config.allow, self.today, &applied);
        // The rules about the list are rules like any other.
        judged.open = with_severities(judged.open, &self.config.severities);
        judged
    }

    /// The same for the findings about several servers. `is_complete` says whether all servers were
    /// seen, so that what matches nothing in them matches nothing at all.
    pub(super) fn judge_set(
        &self,
        findings: Vec<(Vec<Finding>, Applied)>,
        is_complete: bool,
    ) -> Vec<Judged> {
        let own = |(findings, applied)| (self.adjusted(findings), self.not_off(&applied));
        let findings = findings.into_iter().map(own).collect();
        let (entries, today) = (&self.config.allow, self.today);
        let mut judged = rule::allow::apply_to_set(findings, entries, today, is_complete);
        for judged in &mut judged {
            judged.open =
                with_severities(std::mem::take(&mut judged.open), &self.config.severities);
        }
        judged
    }

    /// What was applied, without what the project has switched off.
    fn not_off(&self, applied: &Applied) -> Applied {
        applied.without(|id| self.config.is_off(id))
    }

    /// Gives findings the severities that the project has for them, everywhere or at their tools.
    fn adjusted(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let findings = with_severities(findings, &self.config.severities);
        if self.config.tools.is_empty() {
            return findings;
        }
        with_tools(findings, |tool| self.config.adjustment(tool))
    }

    /// A baseline without what [`Project::judge`] has not left open.
    pub(super) fn shrunk(
        &self,
        baseline: &Baseline,
        judged: &Judged,
        applied: &Applied,
    ) -> Baseline {
        let applied = self.not_off(applied);
        let is_asked = |entry: &Known| rule::allow::is_asked(entry, &applied);
        baseline.compare(judged.open.clone(), is_asked).shrunk
    }

    /// Asks a baseline about what [`Project::judge`] has left open.
    pub(super) fn judge_with(
        &self,
        baseline: &Baseline,
        file: &str,
        judged: Judged,
        applied: &Applied,
    ) -> Judged {
        let applied = self.not_off(applied);
        let mut judged = rule::allow::apply_baseline(judged, baseline, file, &applied);
        judged.open = with_severities(judged.open, &self.config.severities);
        judged
    }

    /// What has to come before a removal.
    pub(super) fn policy(&self) -> Policy {
        let deprecation = &self.config.deprecation;
        let mut keys = Keys::default();
        let meta = &deprecation.meta;
        for (known, own) in [
            (&mut keys.deprecated, &meta.deprecated),
            (&mut keys.since, &meta.since),
            (&mut keys.replacement, &meta.replacement),
            (&mut keys.sunset, &meta.sunset),
        ] {
            known.extend(own.clone());
        }
        Policy { window_days: deprecation.window_days, releases: deprecation.releases, keys }
    }

    /// Whether the project lives with a finding: its rule is off, or the allow-list has all of it.
    pub(super) fn accepts(&self, finding: &Finding) -> bool {
        let list = &self.config.allow;
        let findings = self.adjusted(vec![finding.clone()]);
        allow::apply(findings, list, self.today, &Applied::default()).open.is_empty()
    }

    /// Where the committed contract lies, whether or not it exists yet: what the file says, or
    /// `contract.json` beside it; without a file, in this folder.
    ///
    /// # Errors
    /// When the file knows no such audience.
    pub(super) fn contract(&self, audience: Option<&str>) -> Result<PathBuf, CliError> {
        let contract = &self.config.contract;
        let path = match audience {
            None => &contract.path,
            Some(name) => {
                let found = contract.audiences.iter().find(|audience| audience.name == name);
                &found.ok_or_else(|| self.unknown_audience(name))?.path
            }
        };
        let folder = self.file.as_deref().and_then(|file| Path::new(file).parent());
        Ok(folder.unwrap_or(Path::new("")).join(path))
    }

    fn unknown_audience(&self, name: &str) -> CliError {
        let error = CliError::usage(format!("no contract is kept for an audience `{name}`"));
        let audiences = &self.config.contract.audiences;
        let names: Vec<&str> = audiences.iter().map(|audience| audience.name.as_str()).collect();
        let help = if names.is_empty() {
            format!("add [[contract.audience]] with a name and a path to {FILE_NAME}")
        } else {
            format!("{FILE_NAME} has: {}", names.join(", "))
        };
        let error = error.help(help);
        match &self.file {
            Some(file) => error.place(file.clone()),
            None => error,
        }
    }

    /// What to remark about `[tools.NAME]` where none of the surfaces has such a tool: most likely it is a slip,
    /// and the tool that was meant is held to what the file says of another one.
    pub(super) fn unknown_tools(&self, surfaces: &[&Surface]) -> Vec<String> {
        let names = || surfaces.iter().flat_map(|it| &it.tools).map(|tool| tool.name.as_str());
        let file = self.file.as_deref().unwrap_or(FILE_NAME);
        let unknown = self.config.tools.keys().filter(|name| !names().any(|it| it == *name));
        let remark = |name: &String| {
            let near = nearest(name, names())
                .map(|near| format!("; did you mean `{}`?", for_terminal(near)));
            let (name, near) = (for_terminal(name), near.unwrap_or_default());
            format!("note: {file}: there is no tool `{name}`, as [tools] names it{near}\n")
        };
        unknown.map(remark).collect()
    }

    /// What the file says about replays, and the file.
    pub(super) fn replay(&self) -> Option<(&Replay, &str)> {
        Some((self.config.replay.as_ref()?, self.file.as_deref()?))
    }

    /// The baseline that the file names: its path, and the file that says so.
    pub(super) fn baseline(&self) -> Option<(PathBuf, &str)> {
        let (path, file) = (self.config.lint.baseline.as_ref()?, self.file.as_deref()?);
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        Some((folder.join(path), file))
    }

    /// The allow-list for reports; none where there is no file.
    pub(super) fn allow_list(&self) -> Option<AllowList<'_>> {
        let file = self.file.as_deref()?;
        Some(AllowList { file, entries: &self.config.allow })
    }
}

fn today() -> Date {
    // A clock before 1970 is wrong, and then nothing has expired yet.
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let days = since_1970.as_secs() / (24 * 60 * 60);
    Date::from_days(i64::try_from(days).expect("a clock counts fewer days than that"))
}
