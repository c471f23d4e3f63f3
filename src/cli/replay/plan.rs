//! What the project has decided about replays: `[replay]` of `mcp-kit.toml` under the options of the
//! command line. What it would start or send is asked about first.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{ArgMatches, parser::ValueSource};

use super::TrialArgs;
use crate::{
    cli::{error::CliError, project::Project, source, terminal::Terminal},
    engine::{
        config::{Binding, Counter, Replay, Reset as Declared},
        report::escape::for_terminal,
    },
    live::{
        replay::{
            bench::{Bench, Trouble},
            control::Control,
            link::{LinkRules, Place},
            observe::Observer,
            reset::{self, Reset, Unverified},
        },
        session::discovery::{
            Entry, Launch,
            entry::{Client, Scope, Source, Unexpanded},
            trust::{TrustError, TrustStore},
        },
    },
};

/// What counts in a run beside its options.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What counts effects, by tool.
    pub(super) observers: BTreeMap<String, Observer>,
    /// What is said about links.
    pub(super) rules: LinkRules,
    /// How the server gets back to where it began.
    pub(super) reset: Option<Reset>,
    /// Whether the project has a say in it.
    pub(super) is_project: bool,
}

/// Takes from the project what the command line does not say, and asks whether that is all right.
pub(super) fn settle(
    trial: &mut TrialArgs,
    given: (&LinkRules, bool),
    matches: &ArgMatches,
    project: &Project,
    terminal: &Terminal,
) -> Result<Plan, CliError> {
    let (rules, is_trusted) = given;
    let mut plan = Plan { rules: self::rules(rules, project)?, ..Plan::default() };
    plan.observers.extend(trial.observers.iter().cloned());
    let Some((replay, file)) = project.replay() else { return Ok(plan) };
    plan.is_project = true;
    let folder = Path::new(file).parent().unwrap_or(Path::new("")).to_owned();
    let is_given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    if !is_trusted {
        ask(replay, &used(replay, &is_given), file, terminal)?;
    }
    options(trial, replay, &folder, &is_given);
    for observe in &replay.observers {
        let observer = match &observe.counter {
            Counter::Lines(path) => Observer::Lines(folder.join(path)),
            Counter::Files(path) => Observer::Files(folder.join(path)),
            Counter::Rows { table, database } => {
                Observer::Rows(folder.join(database), table.clone())
            }
            Counter::Command(command) => {
                Observer::Command(words("observe.command", command, file)?, Some(here(&folder)))
            }
        };
        plan.observers.entry(observe.tool.clone()).or_insert(observer);
    }
    plan.reset = match &replay.reset {
        None => None,
        Some(Declared::Command(command)) => {
            Some(Reset::Command(words("reset.command", command, file)?, here(&folder)))
        }
        Some(Declared::Control) => match &trial.control {
            Some(control) => Some(Reset::Control(Control::named(control))),
            None => {
                return Err(CliError::usage("`[replay.reset]` needs the control endpoint")
                    .place(file.to_owned())
                    .help("say where it is: control under [replay], or --control"));
            }
        },
    };
    Ok(plan)
}

/// What is said about links on the command line, and then in the project.
pub(super) fn rules(given: &LinkRules, project: &Project) -> Result<LinkRules, CliError> {
    let mut rules = given.clone();
    for binding in project.replay().iter().flat_map(|(replay, _)| &replay.bindings) {
        match binding {
            Binding::Link { from, to } => {
                rules.links.push((place(&from.text)?, place(&to.text)?));
            }
            Binding::Never(never) => rules.never.push(place(&never.text)?),
        }
    }
    Ok(rules)
}

/// The options that the project has values for and the command line has none.
fn options(trial: &mut TrialArgs, replay: &Replay, folder: &Path, is_given: &dyn Fn(&str) -> bool) {
    fn take<T: Clone>(to: &mut T, from: Option<&T>, is_given: bool) {
        if let Some(from) = from.filter(|_| !is_given) {
            to.clone_from(from);
        }
    }
    let count = |count: Option<u32>| count.map(|count| count as usize);
    take(&mut trial.allow_writes, replay.allow_writes.as_ref(), is_given("allow_writes"));
    take(&mut trial.restart, replay.restart.as_ref(), is_given("restart"));
    take(&mut trial.rounds, count(replay.rounds).as_ref(), is_given("rounds"));
    take(&mut trial.racers, count(replay.racers).as_ref(), is_given("racers"));
    take(&mut trial.settle, replay.settle.as_ref(), is_given("settle"));
    take(&mut trial.wait, replay.wait.as_ref(), is_given("wait"));
    take(&mut trial.slow, replay.slow.as_ref(), is_given("slow"));
    take(&mut trial.task_limit, replay.task_limit.as_ref(), is_given("task_limit"));
    let own = |text: &Option<String>| text.clone();
    trial.key = trial.key.take().or_else(|| own(&replay.key));
    // An address is one from anywhere, a file lies where the project does.
    let control = replay.control.as_ref().map(|control| match Control::named(control) {
        Control::At(address) => address,
        Control::In(file) => folder.join(file).display().to_string(),
    });
    trial.control = trial.control.take().or(control);
    if trial.other_command.is_none() && trial.other_bearer_env.is_none() {
        trial.other_command = own(&replay.other_command);
        trial.other_bearer_env = own(&replay.other_bearer_env);
    }
}

/// What the project would start, ask or send in this run.
fn used<'a>(replay: &'a Replay, is_given: &dyn Fn(&str) -> bool) -> Vec<(&'static str, &'a str)> {
    let is_other_given = is_given("other_command") || is_given("other_bearer_env");
    let used = replay.to_be_trusted().into_iter().filter(|(key, _)| match *key {
        "control" => !is_given("control"),
        "other_command" | "other_bearer_env" => !is_other_given,
        _ => true,
    });
    used.collect()
}

/// Whoever wrote the project's file decides what runs, so the first use of it needs the user's word.
fn ask(
    replay: &Replay,
    used: &[(&'static str, &str)],
    file: &str,
    terminal: &Terminal,
) -> Result<(), CliError> {
    if used.is_empty() {
        return Ok(());
    }
    let position = replay.position;
    let text = |text: String| Unexpanded { text, position };
    let lines: Vec<String> = used.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let path = PathBuf::from(file);
    let entry = Entry {
        name: "[replay]".to_owned(),
        source: Source {
            path: path.clone(),
            position,
            client: Client::McpKit,
            scope: Scope::Project,
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
        },
        launch: Launch::Stdio {
            command: text("mcp-kit replay".to_owned()),
            args: lines.iter().cloned().map(text).collect(),
            env: Vec::new(),
            pass_env: Vec::new(),
            env_file: None,
            cwd: None,
        },
        disabled: false,
        protocol_era: None,
        inputs: Arc::from([]),
        shadows: Vec::new(),
        shadowed_by: None,
    };
    let failed = |error: TrustError| CliError::usage(error.to_string()).help(error.help());
    let trusted = source::surroundings(None)?.trust_file();
    let mut store = trusted.as_deref().map(TrustStore::open).transpose().map_err(failed)?;
    if store.as_ref().is_some_and(|store| store.is_trusted(&entry)) {
        return Ok(());
    }
    let place = format!("{file}:{}:{}", position.line, position.column);
    let lines: Vec<String> =
        lines.iter().map(|line| format!("    {}", for_terminal(line))).collect();
    let lines = lines.join("\n");
    let shown = for_terminal(&place);
    let question = format!(
        "[replay] of this project ({shown}) runs commands, or asks addresses and uses variables of \
         yours:\n{lines}\nDo that, now and from now on?"
    );
    let refused = || CliError::usage("`[replay]` of this project is not trusted yet").place(place);
    match terminal.confirm(&question) {
        Some(true) => match &mut store {
            Some(store) => store.trust(&entry).map_err(failed),
            None => Ok(()),
        },
        Some(false) => Err(refused().help(
            "nothing was started; answer `y`, give --trust, or leave it out with --isolated",
        )),
        None => Err(refused()
            .help(format!("if you agree with this, give --trust, else --isolated:\n{lines}"))),
    }
}

fn place(text: &str) -> Result<Place, CliError> {
    text.parse().map_err(CliError::usage)
}

fn words(key: &str, command: &str, file: &str) -> Result<Vec<String>, CliError> {
    shlex::split(command).filter(|words| !words.is_empty()).ok_or_else(|| {
        CliError::usage(format!("`{key}` is no command: a quotation mark is missing"))
            .place(file.to_owned())
    })
}

/// A folder as a process can be started in it.
fn here(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

/// Puts the reset to the test before anything is written.
pub(super) async fn verify(
    plan: &Plan,
    bench: &mut Bench<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(), CliError> {
    let Some(reset) = &plan.reset else { return Ok(()) };
    reset::verify(reset, bench, wanted, &plan.observers).await.map_err(|error| match error {
        Unverified::Trouble(Trouble::Session(error)) => error.into(),
        Unverified::Trouble(other) => CliError::usage(other.to_string()),
        Unverified::Reset(why, help) => {
            CliError::usage(format!("the reset cannot be relied on: {why}")).help(help)
        }
    })
}

/// Brings the server back to where it began, where the project says how.
pub(super) async fn reset(plan: &Plan, bench: &mut Bench<'_>) -> Result<(), CliError> {
    match &plan.reset {
        Some(reset) => reset.run(bench.subject).await.map_err(|why| {
            CliError::usage(format!("the server cannot be reset: {why}"))
                .help("[replay.reset] of mcp-kit.toml says how it is done")
        }),
        None => Ok(()),
    }
}
