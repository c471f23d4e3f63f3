//! The flags that say which rules count and what fails a run.

use clap::{ArgMatches, Args, ValueEnum, builder::PossibleValue};

use super::{error::CliError, output::is_given};
use crate::engine::{
    config::Lint,
    finding::Severity,
    rule::{Profile, client::Client},
};

/// Which rules.
#[derive(Debug, Args)]
pub(super) struct RuleArgs {
    /// Which rules: what the specification and clients demand, also what production has shown, or
    /// also this project's opinions
    #[arg(long, value_name = "PROFILE", default_value = "recommended", help_heading = "Rules")]
    profile: ProfileArg,
    /// Also what these clients and model providers refuse, for example openai,gemini
    #[arg(long = "target", value_name = "CLIENT", value_delimiter = ',', help_heading = "Rules")]
    clients: Vec<Client>,
    /// Add a rule or a group of rules, for example schema or name/too-long
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    select: Vec<String>,
    /// Leave out a rule or a group of rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    ignore: Vec<String>,
    /// Exit with 1 for findings of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "error", help_heading = "Rules")]
    fail_on: FailOn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileArg {
    Spec,
    Recommended,
    Strict,
}

impl ValueEnum for Client {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// `--fail-on`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Info => Self::Info,
        }
    }
}

impl RuleArgs {
    /// The flags of the command line over what a project says: what a flag selects, the project no
    /// longer ignores, and the other way round.
    ///
    /// # Errors
    /// When a name is both selected and ignored.
    pub(super) fn over(&self, lint: &Lint, matches: &ArgMatches) -> Result<Lint, CliError> {
        if let Some(both) = self.select.iter().find(|name| self.ignore.contains(name)) {
            return Err(CliError::usage(format!("`{both}` is both selected and ignored"))
                .help("keep one of --select and --ignore"));
        }
        let profile = match self.profile {
            ProfileArg::Spec => Profile::Spec,
            ProfileArg::Recommended => Profile::Recommended,
            ProfileArg::Strict => Profile::Strict,
        };
        let flags = Lint {
            extends: lint.extends.clone(),
            profile: is_given(matches, "profile").then_some(profile),
            targets: self.clients.clone(),
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            fail_on: is_given(matches, "fail_on").then_some(self.fail_on.into()),
            ..Lint::default()
        };
        Ok(flags.extending(lint.clone()))
    }

    /// The keys of `[lint]` that flags on the command line stand for, each with its flag.
    pub(super) fn given(matches: &ArgMatches) -> Vec<(&'static str, &'static str)> {
        let flags = [
            ("profile", "profile", "--profile"),
            ("targets", "clients", "--target"),
            ("select", "select", "--select"),
            ("ignore", "ignore", "--ignore"),
            ("fail_on", "fail_on", "--fail-on"),
        ];
        let given = flags.into_iter().filter(|(_, id, _)| is_given(matches, id));
        given.map(|(key, _, flag)| (key, flag)).collect()
    }
}
