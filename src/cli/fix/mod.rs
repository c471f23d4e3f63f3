//! `mcp-kit lint --fix`: putting right what is found, before the rest is reported.
//!
//! A file is edited, standard input goes to standard output, and for a server there is a list of what
//! to write. Only one text can be fixed: the files of a folder and what lies in a revision are read
//! as one surface and belong to somebody else.

mod patch;
pub(super) mod write;

use std::io::{self, Write};

use clap::{ArgMatches, Args, ValueEnum, builder::PossibleValue};

use super::{
    ExitStatus,
    connect::Collected,
    error::CliError,
    output::is_given,
    source::{Content, Source, read_bounded},
    target::AccessArgs,
    terminal::Terminal,
};
use crate::engine::{
    finding::{Applicability, Finding},
    protocol::json::Limits,
    report::{
        Transport,
        escape::{for_json, for_terminal},
        patch::{Sdk, render},
    },
    rule::{
        Selection,
        repair::{Fixed, Foreseen, Offers, Repaired, foresee, repair},
    },
    surface::Surface,
};
use crate::live::session::Address;

#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub(super) struct FixArgs {
    /// Put right in the file what can be put right safely, and report the rest; for a server, list
    /// what to write
    #[arg(long, group = "fixing", conflicts_with = "write_baseline")]
    fix: bool,
    /// With --fix or --diff: also what somebody has to look at afterwards
    #[arg(long, requires = "fixing")]
    unsafe_fixes: bool,
    /// Show what --fix would change and change nothing; exit with 1 where there is something
    #[arg(long, group = "fixing", conflicts_with_all = ["fix", "write_baseline"])]
    diff: bool,
    /// With --fix or --diff, for a server: the SDK that the lines are for; otherwise told by its
    /// command
    #[arg(long, value_name = "SDK", requires = "fixing")]
    sdk: Option<Sdk>,
}

impl ValueEnum for Sdk {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// What was put right in a text.
#[derive(Debug)]
pub(super) struct FixedText {
    /// The file, as it is shown.
    pub(super) file: String,
    pub(super) fixed: Vec<Fixed>,
    /// The text of standard input, which goes where the report would.
    passed_on: Option<String>,
}

/// What is left of a run after its fixes.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The rest is to be reported: what the source has now.
    Report(Option<FixedText>),
    /// Everything has been shown.
    Done(ExitStatus),
}

impl FixArgs {
    fn up_to(&self) -> Applicability {
        if self.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe }
    }

    /// Fixes the text of a source, which then has the fixed text. `judge` gives the open findings
    /// about a surface. Who reads that the run failed must not find the file changed, so whatever else
    /// the run writes is [checked](crate::cli::output::check_file) before.
    ///
    /// # Errors
    /// When the source is no text that can be changed, or changing it fails.
    pub(super) fn run(
        &self,
        source: &mut Source,
        access: &AccessArgs,
        in_force: &Selection,
        judge: impl Fn(&Surface) -> Vec<Finding>,
        terminal: &Terminal,
    ) -> Result<Outcome, CliError> {
        if !self.fix && !self.diff {
            return Ok(Outcome::Report(None));
        }
        let max_bytes = access.server.budget().max_bytes;
        let is_file = match &source.content {
            Content::Server(_) => return Ok(Outcome::Report(None)),
            _ if self.sdk.is_some() => {
                return Err(CliError::usage("`--sdk` is for a server, and this is a text")
                    .place(source.name.clone())
                    .help("leave it out: a text is changed, and there is nothing to write"));
            }
            Content::Files(_) => {
                return Err(refused(source, "a folder")
                    .help("fix its files one by one, each as a target of its own"));
            }
            Content::Text(_) if source.name.starts_with("git:") => {
                return Err(refused(source, "what lies in a revision")
                    .help("check the revision out and give the file"));
            }
            Content::Text(_) => true,
            Content::Stdin => {
                let bytes = read_bounded(io::stdin(), max_bytes)
                    .map_err(|error| CliError::file("read", "standard input", &error))?;
                source.content = Content::Text(bytes);
                false
            }
        };
        let Content::Text(bytes) = &source.content else { return Ok(Outcome::Report(None)) };
        let text = std::str::from_utf8(bytes).map_err(|_| {
            CliError::usage("cannot fix a text that is not UTF-8")
                .place(source.name.clone())
                .help("write it as UTF-8 first: what its bytes stand for is a guess")
        })?;
        if is_file && self.fix {
            write::check(source.name.as_ref())?;
        }
        let limits = Limits::for_bytes(max_bytes);
        let file = if is_file { source.name.clone() } else { "standard input".to_owned() };
        if self.diff {
            return match foresee(text, &limits, in_force, &judge) {
                Ok(foreseen) => show_diff(&file, text, &foreseen, self.up_to(), terminal),
                Err(_) => Ok(Outcome::Report(None)),
            };
        }
        let Repaired { text: after, fixed, .. } =
            match repair(text, &limits, self.up_to(), in_force, &judge) {
                Ok(repaired) => repaired,
                // The same text is refused by whatever reads it next, with advice.
                Err(_) => return Ok(Outcome::Report(None)),
            };
        if is_file && after != text {
            write::replace(source.name.as_ref(), bytes, after.as_bytes())?;
        }
        let passed_on = (!is_file).then(|| after.clone());
        source.content = Content::Text(after.into_bytes());
        Ok(Outcome::Report(Some(FixedText { file, fixed, passed_on })))
    }

    /// Refuses reports where a patch is all there is to see.
    ///
    /// # Errors
    /// When one was asked for.
    pub(super) fn refuse_reports(
        &self,
        source: &Source,
        matches: &ArgMatches,
    ) -> Result<(), CliError> {
        let given = ["format", "output", "plan"].into_iter().find(|id| is_given(matches, id));
        let given = given.filter(|_| self.diff && !matches!(source.content, Content::Server(_)));
        given.map_or(Ok(()), |id| {
            let flag = if id == "output" { "-o".to_owned() } else { format!("--{id}") };
            Err(CliError::usage(format!(
                "`--diff` shows a patch and no report, so `{flag}` has no use"
            ))
            .help("leave one of them out; a JSON or SARIF report without --diff has the edits"))
        })
    }

    /// The SDK that lines are for: what the flag says, or what the server's command tells.
    pub(super) fn sdk(&self, source: &Source) -> Option<Sdk> {
        let told = || match &source.content {
            Content::Server(Address::Command(launch)) => {
                Sdk::of_program(&launch.program.to_string_lossy())
            }
            _ => None,
        };
        self.sdk.or_else(told)
    }

    /// For a server: up to which fixes the lines to write in its source go; none where they are not
    /// asked for.
    pub(super) fn lists(&self, collected: &Collected) -> Option<Applicability> {
        let is_server = collected.origin.transport != Transport::File;
        ((self.fix || self.diff) && is_server).then(|| self.up_to())
    }

    /// For a server: what to write in its source; none where that is not asked for.
    pub(super) fn patches(
        &self,
        collected: &Collected,
        foreseen: Option<&Foreseen>,
        sdk: Option<Sdk>,
    ) -> Option<String> {
        let up_to = self.lists(collected)?;
        let repaired = foreseen.map(|foreseen| foreseen.after(up_to));
        let is_all = up_to == Applicability::Unsafe;
        let more = foreseen.filter(|_| !is_all).map_or(0, Foreseen::not_safe);
        Some(render(&collected.surface, repaired, sdk, more))
    }

    /// Whether a server was asked for with `--diff` and has something to write.
    pub(super) fn previews(&self, collected: &Collected, foreseen: Option<&Foreseen>) -> bool {
        let up_to = self.lists(collected).filter(|_| self.diff);
        let repaired = up_to.zip(foreseen).map(|(up_to, foreseen)| foreseen.after(up_to));
        repaired.is_some_and(|repaired| !repaired.fixed.is_empty())
    }
}

impl FixedText {
    /// Writes the text of standard input to standard output. Whether it did: the report has to go
    /// elsewhere then.
    pub(super) fn pass_on(&self) -> Result<bool, CliError> {
        let Some(text) = &self.passed_on else { return Ok(false) };
        print_bytes(text)?;
        Ok(true)
    }
}

/// A report that could not be written after a file was changed.
pub(super) fn unreported(error: CliError, fixed: Option<&FixedText>) -> CliError {
    match fixed {
        Some(FixedText { file, fixed, passed_on: None }) if !fixed.is_empty() => error.help(format!(
            "{file} was fixed all the same ({} findings); run it again without --fix to see what is left",
            Fixed::count(fixed)
        )),
        _ => error,
    }
}

fn refused(source: &Source, what: &str) -> CliError {
    CliError::usage(format!("cannot fix {what}")).place(source.name.clone())
}

/// The bytes as they are: a patch with an escape sequence taken out would not apply.
fn print_bytes(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::file("write", "standard output", &error))
        }
        _ => Ok(()),
    }
}

fn show_diff(
    file: &str,
    before: &str,
    foreseen: &Foreseen,
    up_to: Applicability,
    terminal: &Terminal,
) -> Result<Outcome, CliError> {
    let more = match (up_to, foreseen.not_safe()) {
        (Applicability::Unsafe, _) | (_, 0) => String::new(),
        (_, more) => format!(" ({more} more with --unsafe-fixes)"),
    };
    let Repaired { text: after, fixed, .. } = foreseen.after(up_to);
    if before == after {
        terminal.remark(&format!("nothing to fix in {}{more}\n", for_terminal(file)));
        return Ok(Outcome::Done(ExitStatus::Clean));
    }
    let text = patch::unified(file, before, after);
    if terminal.is_watched() {
        terminal.print(&for_json(&text))?;
    } else if !terminal.is_silent() {
        print_bytes(&text)?;
    }
    let count = Fixed::count(fixed);
    let noun = if count == 1 { "finding" } else { "findings" };
    terminal.remark(&format!("would fix {count} {noun} in {}{more}\n", for_terminal(file)));
    Ok(Outcome::Done(ExitStatus::Findings))
}

/// The longest text, in bytes, for which a report without fixing finds out what fixing would come to:
/// that judges the text twice more, which nobody notices on the tools of one domain and everybody on
/// a hundred of them.
const FORESEEN_BYTES: usize = 64 << 10;

/// What fixing would come to, where a rule offers to put anything right.
pub(super) fn foreseen(
    arguments: &FixArgs,
    source: &Source,
    collected: &Collected,
    open: &[Finding],
    limits: &Limits,
    in_force: &Selection,
    judge: impl Fn(&Surface) -> Vec<Finding>,
) -> Option<Foreseen> {
    let surface = &collected.surface;
    let offers = Offers::new(surface);
    let is_offered = || open.iter().any(|finding| offers.applicability(finding).is_some());
    // These are for others to fix, and `--fix` refuses them.
    let is_out_of_reach =
        matches!(source.content, Content::Files(_)) || source.name.starts_with("git:");
    if is_out_of_reach || !is_offered() {
        return None;
    }
    let text = match &source.content {
        Content::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    };
    let text = text.unwrap_or(surface.document.text());
    let is_asked_for = arguments.fix || arguments.diff;
    (is_asked_for || text.len() <= FORESEEN_BYTES)
        .then(|| foresee(text, limits, in_force, judge).ok())
        .flatten()
}
