//! `mcp-kit replay --compare` and `--show-bindings`: recorded calls made again, and what links them.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher, RandomState},
    io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum, builder::PossibleValue};

use super::{
    ReplayArgs,
    plan::{self, Plan},
    read, through,
    update::Kept,
    upstream,
};
use crate::{
    cli::{
        ExitStatus,
        cassette::file::{Cassette, Damages},
        connect::{self, Collected},
        error::CliError,
        overwrite::Files,
        shell,
        source::Source,
        terminal::Terminal,
    },
    engine::{
        cassette::{Body, Line, Reader},
        protocol::revision::Era,
        report::{
            escape::for_terminal,
            replay::{Replay, Tested},
        },
        surface::Surface,
    },
    live::{
        replay::{
            bench::Bench,
            comparison::{
                self, Calls, Comparison, Digests, Ledger, Level, Link, Run, Secrets, Survey,
                is_write, survey,
            },
            link::{LinkRules, Place},
            subject::{Subject, name_of},
        },
        session::{self, Address, EraChoice},
    },
};

/// How answers are compared.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Comparison")]
pub(super) struct CompareArgs {
    /// Make every recorded call again and compare the answers with the recorded ones, instead of asking
    /// the questions
    #[arg(long, value_name = "LEVEL", requires = "words")]
    compare: Option<Level>,
    /// List the values that one recorded call produces and a later one uses; no server is called
    #[arg(long, conflicts_with_all = ["compare", "update"])]
    show_bindings: bool,
    /// Put what stands at a place of an answer to a place among the arguments of a later call: each is
    /// TOOL#/pointer, or LINE#/pointer for one call alone
    #[arg(long = "bind", value_name = "FROM=TO", value_parser = parse_link)]
    binds: Vec<(Place, Place)>,
    /// Take nothing from this place of an answer, and put nothing to this place among arguments
    #[arg(long = "no-bind", value_name = "PLACE")]
    no_binds: Vec<Place>,
    /// Put the value of a variable in the place of what was kept out of the recording, which is named by
    /// its placeholder: github-token:7f3a91c2, 7f3a91c2 or github-token
    #[arg(long = "secret", value_name = "NAME=VARIABLE", requires = "compare")]
    secrets: Vec<String>,
    /// Write the recording with the answers of now to this file, and exit with 0
    #[arg(long, value_name = "FILE", requires = "compare")]
    update: Option<PathBuf>,
    /// The file of --update may be the cassette itself
    #[arg(long, requires = "update")]
    in_place: bool,
}

impl ValueEnum for Level {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Shape, Self::Value, Self::Exact]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Shape => "The same members and types, and what the output schema says",
            Self::Value => "The same values, but for `_meta` and how JSON in text is written",
            Self::Exact => "All of it",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

fn parse_link(text: &str) -> Result<(Place, Place), String> {
    let (from, to) = text.split_once('=').ok_or("write FROM=TO, for example make#/id=read#/id")?;
    Ok((from.parse()?, to.parse()?))
}

impl CompareArgs {
    /// Whether answers are compared, and how closely.
    pub(super) fn level(&self) -> Option<Level> {
        self.compare
    }

    /// Whether only links are shown.
    pub(super) fn shows_bindings(&self) -> bool {
        self.show_bindings
    }

    /// Whether differences are what is wanted.
    pub(super) fn is_update(&self) -> bool {
        self.update.is_some()
    }

    /// What is said about links.
    pub(super) fn rules(&self) -> LinkRules {
        LinkRules { links: self.binds.clone(), never: self.no_binds.clone() }
    }

    fn secrets(&self) -> Result<Secrets, CliError> {
        let mut secrets = Secrets::default();
        for text in &self.secrets {
            let (name, variable) = text.split_once('=').ok_or_else(|| {
                CliError::usage(format!("`--secret {text}` is not of the form NAME=VARIABLE"))
            })?;
            let value = std::env::var(variable).map_err(|_| {
                CliError::usage(format!("the variable `{variable}` is not set"))
                    .help("--secret takes the name of a variable, so that the secret stays out of the list of processes")
            })?;
            secrets.add(name, &value);
        }
        Ok(secrets)
    }

    /// Refuses to write over the cassette unless that is said.
    fn check_update(&self, cassette: &Path) -> Result<(), CliError> {
        let Some(update) = self.update.as_deref().filter(|_| !self.in_place) else { return Ok(()) };
        let mut files = Files::default();
        files.reads("the cassette", Some(cassette));
        files.writes_beside("--update", Some(update))?;
        files.check().map_err(|error| error.help("name another file, or say so with --in-place"))
    }

    /// The words that say the same of another run.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (from, to) in &self.binds {
            words.extend(["--bind".to_owned(), format!("{from}={to}")]);
        }
        for place in &self.no_binds {
            words.extend(["--no-bind".to_owned(), place.to_string()]);
        }
        for secret in &self.secrets {
            words.extend(["--secret".to_owned(), secret.clone()]);
        }
        words
    }
}

type File = Box<dyn io::BufRead>;

fn calls(path: &Path) -> Result<Calls<File>, CliError> {
    // Whatever is wrong with the file is said in the words for cassettes.
    Cassette::open(path)?;
    let source = crate::cli::cassette::file::source(path)?;
    let shown = path.display();
    let reader =
        Reader::open(source).map_err(|error| CliError::usage(format!("{shown}: {error}")))?;
    Ok(Calls::of(reader))
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> CliError {
    let shown = path.display().to_string();
    move |error| CliError::file("read", &shown, &error)
}

/// Lists the links of a recording.
pub(super) fn show_bindings(
    cassette: &Path,
    rules: &LinkRules,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let mut calls = calls(cassette)?;
    let (mut text, mut count, mut failed) = (String::new(), 0_u64, None);
    let mut see = |link: Link| {
        count += 1;
        text.push_str(&in_words(&link));
        // A long recording has many, and somebody may have seen enough.
        if text.len() > 1 << 16 && failed.is_none() {
            failed = terminal.print(&text).err();
            text.clear();
        }
    };
    survey(&mut calls, rules, &|_| false, &mut see).map_err(unreadable(cassette))?;
    if let Some(error) = failed {
        return Err(error);
    }
    terminal.print(&text)?;
    tell_damage(&calls, cassette, terminal)?;
    if count == 0 {
        terminal.remark("no call uses what another one has answered\n");
    }
    Ok(ExitStatus::Clean)
}

fn in_words(link: &Link) -> String {
    let (from, to) = (&link.from, &link.to);
    let tool = from.1.as_deref().map_or(String::new(), |tool| format!(" {tool}"));
    let value = link.value.as_ref().map_or("nothing there".to_owned(), |value| {
        let text = value.to_string();
        match text.char_indices().nth(40) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    });
    let given = if link.is_given { "  (given)" } else { "" };
    let line = format!(
        "line {}{tool} {} → line {} {} {}  {value}{given}",
        from.0, link.from_pointer, to.0, to.1, link.to_pointer
    );
    format!("{}\n", for_terminal(&line))
}

fn tell_damage(calls: &Calls<File>, path: &Path, terminal: &Terminal) -> Result<(), CliError> {
    let name = path.display().to_string();
    let mut damages = Damages::new(false, terminal);
    for damage in &calls.damages {
        damages.met(&name, damage)?;
    }
    let more = calls.damaged - calls.damages.len() as u64;
    if more > 0 {
        terminal.remark(&format!("warning: {}: {more} more passed over\n", for_terminal(&name)));
    }
    Ok(())
}

/// What a comparison is made with, besides the command line.
pub(super) struct Given<'a> {
    pub(super) cassette: &'a Path,
    pub(super) source: &'a Source,
    pub(super) address: &'a Address,
    /// The target as it can be typed again.
    pub(super) target: String,
    /// What the project has decided.
    pub(super) plan: &'a Plan,
    pub(super) seed: u64,
}

/// Makes the calls and compares. What was answered is written where that is asked for.
pub(super) fn run(
    arguments: &ReplayArgs,
    level: Level,
    given: &Given<'_>,
    terminal: &Terminal,
) -> Result<(Replay, Collected), CliError> {
    let comparison = &arguments.comparison;
    comparison.check_update(given.cassette)?;
    let secrets = comparison.secrets()?;
    let mut kept = comparison.update.as_ref().map(|_| Kept::new()).transpose()?;
    let what = format!("making recorded calls at {}", given.source.name);
    let work = compare(arguments, level, given, &secrets, kept.as_mut(), terminal);
    let (replay, collected, noise) = connect::waited(terminal, &what, work)??;
    for line in noise {
        terminal.remark(&line);
    }
    if let (Some(kept), Some(update)) = (kept, &comparison.update) {
        kept.write(given.cassette, update, terminal)?;
    }
    Ok((replay, collected))
}

async fn compare(
    arguments: &ReplayArgs,
    level: Level,
    given: &Given<'_>,
    secrets: &Secrets,
    mut kept: Option<&mut Kept>,
    terminal: &Terminal,
) -> Result<(Replay, Collected, Vec<String>), CliError> {
    let trial = &arguments.trial;
    let budget = arguments.access.server.budget();
    let upstream = upstream(trial).await?;
    let address = through(given.address.clone(), upstream.as_ref());
    let collected = match arguments.access.server.era().or(given.source.era) {
        Some(era) => session::collect(&address, era, &budget).await?,
        None => collect_as_recorded(given.cassette, &address, &budget).await?,
    };
    let surface = &collected.surface;
    let era = EraChoice::Only(collected.era);
    let subject = Subject::new(address.clone(), era, budget, trial.wait);
    let mut subject = subject.that_restarts(trial.restart);
    subject.upstream = upstream;
    let is_a_write = |tool: &str| is_write(surface, tool);
    let mut surveyed = calls(given.cassette)?;
    let survey: Survey = survey(&mut surveyed, &given.plan.rules, &is_a_write, &mut |_| {})
        .map_err(unreadable(given.cassette))?;
    tell_damage(&surveyed, given.cassette, terminal)?;
    let wanted = |tool: &str| trial.tools.is_empty() || trial.tools.iter().any(|it| it == tool);
    let digests = Digests::default();
    let comparison = Comparison {
        level,
        surface,
        survey: &survey,
        rules: &given.plan.rules,
        secrets,
        key: trial.key.as_deref(),
        may_write: trial.allow_writes || given.plan.reset.is_some(),
        wanted: &wanted,
        digests: &digests,
        checks: comparison::Checks::default(),
    };
    let reset = given.plan.reset.as_ref().filter(|_| survey.writes > 0);
    if reset.is_some() {
        // A reset is shown to work with the calls of the recording, as far as they are held.
        let mut recording = read(&given.cassette.to_owned(), terminal)?;
        recording.bind_by(&given.plan.rules);
        let options = trial.options();
        let mut bench = Bench::new(&mut subject, surface, &recording, &options);
        plan::verify(given.plan, &mut bench, &|_| true).await?;
    }
    let runs: &[Run] = match comparison.may_write && survey.writes > 0 && reset.is_none() {
        true => &[Run::Only],
        false => &[Run::First, Run::Second],
    };
    let mut ledger = Ledger::default();
    for run in runs {
        if ledger.stopped.is_some() {
            break;
        }
        if let Some(reset) = reset {
            reset
                .run(&mut subject)
                .await
                .map_err(|why| CliError::usage(format!("the server cannot be reset: {why}")))?;
        }
        let is_last = Some(run) == runs.last();
        let mut keep = |made: comparison::Made<'_>| match kept.as_deref_mut().filter(|_| is_last) {
            Some(kept) => kept.keep(made),
            None => Ok(()),
        };
        let nonce = RandomState::new().build_hasher().finish();
        let mut calls = calls(given.cassette)?;
        comparison
            .run(*run, nonce, &mut subject, &mut calls, &mut ledger, &mut keep)
            .await
            .map_err(unreadable(given.cassette))?;
        // Each run has a server, or at least a connection, of its own.
        subject.close().await;
    }
    if let Some(reset) = reset {
        // Nothing stays that was written for the sake of the comparison.
        let _ = reset.run(&mut subject).await;
        subject.close().await;
    }
    for line in restarts(&subject) {
        terminal.remark(&line);
    }
    let noise = noise(&ledger, secrets);
    let spoken = format!("{}, {}", collected.transport, name_of(collected.era));
    let replay = report(arguments, given, surface, &ledger, secrets, level, spoken);
    Ok((replay, Collected::of(collected, given.source), noise))
}

/// How often the server has ended by itself, and in the middle of what.
pub(super) fn restarts(subject: &Subject) -> Vec<String> {
    let mut of_tools: BTreeMap<&str, usize> = BTreeMap::new();
    for tool in &subject.deaths {
        *of_tools.entry(tool).or_default() += 1;
    }
    let line = |(tool, count): (&str, usize)| {
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let tool = for_terminal(tool);
        format!("warning: the server has ended {times} by itself while `{tool}` was called\n")
    };
    of_tools.into_iter().map(line).collect()
}

/// A server spoken to as it was when it was recorded, if it still can be.
async fn collect_as_recorded(
    cassette: &Path,
    address: &Address,
    budget: &session::Budget,
) -> Result<session::Collected, CliError> {
    if let Some(era) = era_of(cassette)?
        && let Ok(collected) = session::collect(address, EraChoice::Only(era), budget).await
    {
        return Ok(collected);
    }
    Ok(session::collect(address, EraChoice::Auto, budget).await?)
}

/// The most messages among which the beginning of a session is looked for.
const MOST_BEFORE: usize = 200;

/// The era of a recording, by how its first session begins.
fn era_of(path: &Path) -> Result<Option<Era>, CliError> {
    let mut cassette = Cassette::open(path)?;
    let mut era = None;
    for _ in 0..MOST_BEFORE {
        match cassette.next_line()? {
            Some(Ok(Line::Message(message))) => {
                let Body::Json(json) = &message.body else { continue };
                if json.get().contains("\"initialize\"") {
                    return Ok(Some(Era::Legacy));
                }
                if json.get().contains("io.modelcontextprotocol/protocolVersion") {
                    era = Some(Era::Modern);
                }
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(era)
}

/// What was learned as noise, for whoever watches.
fn noise(ledger: &Ledger, secrets: &Secrets) -> Vec<String> {
    let mut by_tool: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (tool, pointer) in ledger.noise() {
        by_tool.entry(tool).or_default().push(if pointer.is_empty() {
            "the whole"
        } else {
            pointer
        });
    }
    let line = |(tool, pointers): (&str, Vec<&str>)| {
        let more = pointers.len().saturating_sub(MOST_NOISE);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let places = pointers[..pointers.len().min(MOST_NOISE)].join(", ");
        let line = secrets.hidden(&format!("{tool}: {places}{more}"));
        format!("note: learned as noise, left out: {}\n", for_terminal(&line))
    };
    by_tool.into_iter().map(line).collect()
}

/// The most places that are shown of the noise of a tool.
const MOST_NOISE: usize = 10;

fn report(
    arguments: &ReplayArgs,
    given: &Given<'_>,
    surface: &Surface,
    ledger: &Ledger,
    secrets: &Secrets,
    level: Level,
    spoken: String,
) -> Replay {
    let cassette = given.cassette.display().to_string();
    let again = |tool: &str| {
        let mut words = vec![cassette.clone(), "--compare".to_owned(), level.as_str().to_owned()];
        if arguments.trial.allow_writes {
            words.push("--allow-writes".to_owned());
        }
        if let Some(key) = &arguments.trial.key {
            words.extend(["--key".to_owned(), key.clone()]);
        }
        words.extend(arguments.project.words());
        words.extend(arguments.comparison.words());
        words.extend(["--tool".to_owned(), tool.to_owned()]);
        let words: Vec<String> = words.iter().filter_map(|word| shell::quoted(word)).collect();
        format!("mcp-kit replay {} {}", words.join(" "), given.target)
    };
    let like = match level {
        Level::Shape => "in the same shape",
        Level::Value => "with the same values",
        Level::Exact => "in the same words",
    };
    let hidden = |text: &str| secrets.hidden(text);
    let mut verdicts = ledger.verdicts(comparison::RULE, like, &again, &hidden);
    let place = |tool: &str| surface.tools.iter().position(|it| it.name == tool);
    verdicts.sort_by_key(|verdict| place(&verdict.tool).unwrap_or(usize::MAX));
    let tools = verdicts.into_iter().map(|verdict| Tested {
        tool: verdict.tool.clone(),
        origin: "as they were recorded".to_owned(),
        counted: None,
        verdicts: vec![verdict],
    });
    Replay {
        target: given.source.name.clone(),
        spoken,
        cassette: Some(cassette.clone()),
        seed: given.seed,
        tools: tools.collect(),
        left_out: Vec::new(),
    }
}
