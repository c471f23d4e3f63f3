//! `mcp-kit replay`: put recorded traffic to a server again, and see whether a retry does harm.

mod bundled;
mod compare;
mod mock;
mod plan;
mod report;
mod update;

use std::{
    ffi::OsString,
    fs::File,
    hash::{BuildHasher, Hasher, RandomState},
    io::BufReader,
    path::PathBuf,
    time::Duration,
};

use clap::{ArgMatches, Args};

use self::{bundled::Bundled, report::ReportArgs};
use super::{
    ExitStatus,
    connect::{self, Collected},
    error::CliError,
    project::ProjectArgs,
    shell,
    source::{Content, Source},
    target::AccessArgs,
    terminal::Terminal,
};
use crate::{
    engine::{
        cassette::{ReadError, Reader},
        report::replay::{Replay, Tested},
        surface::Surface,
    },
    live::{
        replay::{
            self,
            bench::{Bench, Options},
            control::Control,
            observe::Observer,
            recording::Recording,
            subject::Subject,
            upstream::Upstream,
        },
        session::{Address, EraChoice, target::Target},
        transport::child::Launch,
    },
};

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// A cassette, and the server under test: a URL, @crm+writes, or the name of a configured server.
    /// Without a cassette, calls are made up from the input schemas
    #[arg(value_name = "CASSETTE] [TARGET", num_args = 0..=2)]
    words: Vec<String>,
    /// The command that starts the server under test on stdio
    #[arg(value_name = "COMMAND", last = true)]
    command: Vec<OsString>,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    trial: TrialArgs,
    #[command(flatten)]
    mock: mock::MockArgs,
    #[command(flatten)]
    comparison: compare::CompareArgs,
    #[command(flatten)]
    project: ProjectArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// How much is tried.
#[derive(Debug, Args)]
#[command(next_help_heading = "Trials")]
struct TrialArgs {
    /// Call tools that write: what they write stays
    #[arg(long)]
    allow_writes: bool,
    /// Start a server on stdio again that has ended by itself, instead of saying what it was doing
    #[arg(long)]
    restart: bool,
    /// Only these tools
    #[arg(long = "tool", value_name = "TOOL")]
    tools: Vec<String>,
    /// Only these questions, with those that they presuppose: duplicate-effect, …
    #[arg(long = "only", value_name = "QUESTION")]
    only: Vec<String>,
    /// What everything that is made up depends on: the same seed, the same run
    #[arg(long, value_name = "HEX", value_parser = parse_seed)]
    seed: Option<u64>,
    /// How often what depends on the moment is tried
    #[arg(long, value_name = "ROUNDS", default_value_t = 20)]
    rounds: usize,
    /// How many ask for one change at the same moment
    #[arg(long, value_name = "CALLS", default_value_t = 8)]
    racers: usize,
    /// How long an effect may take to be seen, and how long a second one is looked for after it
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = humantime::parse_duration)]
    settle: Duration,
    /// How long one call is waited for
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    wait: Duration,
    /// How long a tool may take that answers with nothing to poll
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = humantime::parse_duration)]
    slow: Duration,
    /// How long a task may take
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = humantime::parse_duration)]
    task_limit: Duration,
    /// The argument that takes idempotency keys, where it is not recognised
    #[arg(long, value_name = "ARGUMENT")]
    key: Option<String>,
    /// What counts the effects of a tool, where no tool that reads shows them: TOOL=lines:FILE,
    /// TOOL=files:FOLDER, TOOL=rows:TABLE:FILE (SQLite), TOOL=command:COMMAND that prints a number, or
    /// TOOL=upstream:POST /path
    #[arg(long = "observe", value_name = "TOOL=WHAT", value_parser = parse_observer)]
    observers: Vec<(String, Observer)>,
    /// The endpoint that turns the server's clock, or the file that has its address: see mcp-kit dev crm
    /// --control
    #[arg(long, value_name = "URL|FILE")]
    control: Option<String>,
    /// What the server stands on: the address of its upstream or of a sandbox, or json:TEXT, with which
    /// everything is answered. Replay stands in for it, counts what is asked and has it fail; `{upstream}`
    /// in the server's command is the address to ask
    #[cfg(feature = "http")]
    #[arg(long, value_name = "URL|json:TEXT")]
    upstream: Option<String>,
    /// Where to stand in for the upstream; port 0 takes a free one
    #[cfg(feature = "http")]
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", requires = "upstream")]
    upstream_at: std::net::SocketAddr,
    /// Call as another user, too: with the token in this variable
    #[arg(long, value_name = "NAME", conflicts_with = "other_command")]
    other_bearer_env: Option<String>,
    /// Call as another user, too: a server on stdio that this command starts
    #[arg(long, value_name = "COMMAND")]
    other_command: Option<String>,
    /// Exit with 1 also where something could not be found out
    #[arg(long)]
    strict: bool,
}

impl TrialArgs {
    /// Whether a question is to be put.
    fn wants(&self, rule: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| short(name) == short(rule))
    }

    fn options(&self) -> Options {
        Options {
            seed: self.seed(),
            nonce: RandomState::new().build_hasher().finish(),
            racers: self.racers.max(2),
            rounds: self.rounds.max(1),
            settle: self.settle,
            slow: self.slow,
            task_limit: self.task_limit,
            key: self.key.clone(),
        }
    }

    fn seed(&self) -> u64 {
        self.seed.unwrap_or(0x6d63_702d_6b69_7431)
    }
}

fn parse_seed(text: &str) -> Result<u64, String> {
    let digits = text.trim_start_matches("0x");
    u64::from_str_radix(digits, 16).map_err(|_| "write up to 16 hexadecimal digits".to_owned())
}

fn parse_observer(text: &str) -> Result<(String, Observer), String> {
    let wrong = || {
        "write TOOL=lines:FILE, TOOL=files:FOLDER, TOOL=rows:TABLE:FILE, TOOL=command:COMMAND or \
         TOOL=upstream:METHOD /path"
            .to_owned()
    };
    let (tool, what) = text.split_once('=').ok_or_else(wrong)?;
    let (kind, path) = what.split_once(':').ok_or_else(wrong)?;
    let observer = match kind {
        "lines" => Observer::Lines(PathBuf::from(path)),
        "files" => Observer::Files(PathBuf::from(path)),
        "rows" => {
            let (table, file) = path.split_once(':').ok_or_else(wrong)?;
            Observer::Rows(PathBuf::from(file), table.to_owned())
        }
        "command" => {
            let words = shlex::split(path).filter(|words| !words.is_empty());
            Observer::Command(words.ok_or_else(wrong)?, None)
        }
        "upstream" => Observer::Upstream(path.to_owned()),
        _ => return Err(wrong()),
    };
    Ok((tool.to_owned(), observer))
}

pub(super) fn run(
    mut arguments: ReplayArgs,
    matches: &ArgMatches,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    if arguments.mock.is_given() {
        return mock::run(&arguments, terminal);
    }
    if arguments.comparison.shows_bindings() {
        let [cassette] = arguments.words.as_slice() else {
            return Err(CliError::usage("--show-bindings takes a cassette and no server")
                .help("mcp-kit replay session.jsonl --show-bindings"));
        };
        let project = arguments.project.open()?;
        let rules = plan::rules(&arguments.comparison.rules(), &project)?;
        return compare::show_bindings(cassette.as_ref(), &rules, terminal);
    }
    let (cassette, target) = words(&arguments)?;
    if arguments.comparison.level().is_some() && cassette.is_none() {
        return Err(CliError::usage("--compare needs a cassette with what was answered")
            .help("mcp-kit replay session.jsonl --compare shape -- COMMAND"));
    }
    if let Some(unknown) = arguments.trial.only.iter().find(|name| !is_question(name)) {
        let known: Vec<&str> = replay::questions().map(short).collect();
        return Err(CliError::usage(format!("there is no question `{unknown}`"))
            .help(format!("there are {}", known.join(", "))));
    }
    let level = arguments.comparison.level();
    let project = arguments.project.open()?;
    let given = (&arguments.comparison.rules(), arguments.access.configured.trust);
    let mut plan = plan::settle(&mut arguments.trial, given, matches, &project, terminal)?;
    if plan.is_project && !matches!(target, Target::Configured { .. } | Target::File(_)) {
        // It was about the project, and says nothing of this server.
        arguments.access.configured.trust = false;
    }
    let reporting = report::open(&arguments, project, cassette.as_deref(), matches)?;
    let bundled = Bundled::of(&target)?.filter(|_| level.is_none());
    let mut recording = match (&cassette, &bundled) {
        (Some(path), _) if level.is_none() => read(path, terminal)?,
        (None, Some(_)) => Bundled::recording()?,
        _ => Recording::default(),
    };
    if let Some(bundled) = &bundled {
        bundled.settle(&mut arguments.trial, &mut plan.observers);
    }
    recording.bind_by(&plan.rules);
    let typed = shell::target(&target);
    let source = Source::of(target, &arguments.access, terminal)?;
    let Content::Server(address) = &source.content else {
        let message = format!("`{}` is a file and no server", source.name);
        return Err(CliError::usage(message).help("give `-- COMMAND`, a URL or @crm+writes"));
    };
    let address = &match &bundled {
        Some(bundled) => bundled.address(address),
        None => address.clone(),
    };
    let wants = |rule: &str| arguments.trial.wants(rule) && !reporting.leaves_out(rule);
    let (replay, collected) = match (level, &cassette) {
        (Some(level), Some(cassette)) => {
            let given = compare::Given {
                cassette,
                source: &source,
                address,
                target: typed.unwrap_or_else(|| source.name.clone()),
                plan: &plan,
                seed: arguments.trial.seed(),
            };
            compare::run(&arguments, level, &given, terminal)?
        }
        _ => {
            let what = format!("putting calls to {}", source.name);
            let examination = Examination {
                arguments: &arguments,
                source: &source,
                address,
                recording: &recording,
                cassette: cassette.as_deref(),
                plan: &plan,
                wants: &wants,
            };
            connect::waited(terminal, &what, examination.make(terminal))??
        }
    };
    let status = reporting.deliver(&replay, &collected, &arguments.trial, terminal)?;
    // Taking the answers of now is what an update is for.
    Ok(if arguments.comparison.is_update() { ExitStatus::Clean } else { status })
}

/// Which words are the cassette and which the server.
fn words(arguments: &ReplayArgs) -> Result<(Option<PathBuf>, Target), CliError> {
    let target = |word: Option<&str>| {
        Target::parse(word, &arguments.command)
            .map_err(|error| CliError::usage(error.to_string()).help(error.help()))
    };
    match (arguments.words.as_slice(), arguments.command.is_empty()) {
        ([], _) => Ok((None, target(None)?)),
        ([cassette], false) => Ok((Some(PathBuf::from(cassette)), target(None)?)),
        ([one], true) if PathBuf::from(one).is_file() => {
            Err(CliError::usage(format!("which server is `{one}` to be put to?"))
                .help(format!("name it after the cassette: mcp-kit replay {one} -- COMMAND")))
        }
        ([one], true) => Ok((None, target(Some(one))?)),
        ([cassette, word, ..], _) => Ok((Some(PathBuf::from(cassette)), target(Some(word))?)),
    }
}

/// Reads a cassette, and says what of it cannot be read.
fn read(path: &PathBuf, terminal: &Terminal) -> Result<Recording, CliError> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| CliError::file("read", &shown, &error))?;
    let reader = Reader::open(BufReader::with_capacity(1 << 18, file)).map_err(|error| {
        let help = match &error {
            ReadError::Newer(_) => "update mcp-kit, or record again with this version",
            _ => "record one: mcp-kit record -o session.jsonl -- COMMAND",
        };
        CliError::usage(error.to_string()).place(&shown).help(help)
    })?;
    let recording =
        Recording::read(reader).map_err(|error| CliError::file("read", &shown, &error))?;
    for damage in &recording.damages {
        let what = if damage.is_torn { "is torn" } else { "cannot be read" };
        terminal.remark(&format!("{shown}:{}: the line {what}: {}\n", damage.line, damage.reason));
    }
    if recording.left_out > 0 {
        terminal.remark(&format!("{shown}: {} more calls are left out\n", recording.left_out));
    }
    Ok(recording)
}

fn short(rule: &str) -> &str {
    rule.split('/').next_back().unwrap_or(rule)
}

fn is_question(name: &str) -> bool {
    replay::questions().any(|rule| short(rule) == short(name))
}

/// What is asked of which server, and with what.
struct Examination<'a> {
    arguments: &'a ReplayArgs,
    source: &'a Source,
    address: &'a Address,
    recording: &'a Recording,
    cassette: Option<&'a std::path::Path>,
    plan: &'a plan::Plan,
    wants: &'a dyn Fn(&str) -> bool,
}

impl Examination<'_> {
    /// Puts every question to every tool.
    async fn make(&self, terminal: &Terminal) -> Result<(Replay, Collected), CliError> {
        let Self { arguments, source, address, recording, cassette, plan, wants } = self;
        let trial = &arguments.trial;
        let budget = arguments.access.server.budget();
        let upstream = upstream(trial).await?;
        let address = &through((*address).clone(), upstream.as_ref());
        let collected = connect::read_server(address, source, &arguments.access).await?;
        let surface: &Surface = &collected.surface;
        let transport = collected.origin.transport;
        let era = transport.era().expect("a server speaks one");
        let seed = trial.seed();
        let options = trial.options();
        let other = other_user(trial, address)?.map(|other| through(other, upstream.as_ref()));
        let subject = Subject::new(address.clone(), EraChoice::Only(era), budget, trial.wait);
        let mut subject = subject.with_other(other).that_restarts(trial.restart);
        subject.upstream = upstream;
        let mut bench = Bench::new(&mut subject, surface, recording, &options);
        bench.control = trial.control.as_deref().map(Control::named);
        let wants_tool =
            |name: &str| trial.tools.is_empty() || trial.tools.iter().any(|it| it == name);
        let failed = |error: replay::bench::Trouble| match error {
            replay::bench::Trouble::Session(error) => CliError::from(error),
            other => CliError::usage(other.to_string()),
        };
        let may_write = trial.allow_writes || plan.reset.is_some();
        plan::verify(plan, &mut bench, &wants_tool).await?;
        let prepared = replay::prepare(&mut bench, &wants_tool, may_write, &plan.observers)
            .await
            .map_err(failed)?;
        let shown_cassette = cassette.map(|path| path.display().to_string());
        let again = |tool: &str, rule: &str| {
            let cassette = shown_cassette.as_deref().and_then(shell::quoted);
            let cassette = cassette.map_or(String::new(), |cassette| format!("{cassette} "));
            let name = short(rule);
            let options: Vec<String> = again_options(arguments);
            let options: String = options.iter().map(|word| format!("{word} ")).collect();
            format!(
                "mcp-kit replay {cassette}{options}--allow-writes --tool {tool} --only {name} --seed {seed:016x} {}",
                source.name
            )
        };
        let mut tools = Vec::new();
        for case in &prepared.ready {
            plan::reset(plan, &mut bench).await?;
            let verdicts = replay::judge(&mut bench, case, wants, &again).await;
            tools.push(Tested {
                tool: case.tool.clone(),
                origin: case.origin.clone(),
                counted: case.is_write.then(|| match &case.counted {
                    Ok((observer, 1)) => Ok(observer.in_words()),
                    Ok((observer, unit)) => Ok(format!("{}, {unit} a write", observer.in_words())),
                    Err(why) => Err(why.clone()),
                }),
                verdicts,
            });
        }
        plan::reset(plan, &mut bench).await?;
        subject.close().await;
        for line in compare::restarts(&subject) {
            terminal.remark(&line);
        }
        let spoken = format!("{}, {}", transport.as_str(), replay::subject::name_of(era));
        let replay = Replay {
            target: source.name.clone(),
            spoken,
            cassette: shown_cassette,
            seed,
            tools,
            left_out: prepared.left_out,
        };
        Ok((replay, collected))
    }
}

/// What stands in for the server's upstream.
#[cfg(feature = "http")]
async fn upstream(trial: &TrialArgs) -> Result<Option<Upstream>, CliError> {
    let Some(named) = &trial.upstream else { return Ok(None) };
    let upstream = Upstream::listen(named, trial.upstream_at).await;
    let help = "give its address, or json:TEXT with what to answer everything with";
    upstream.map(Some).map_err(|error| CliError::usage(error.to_string()).help(help))
}

#[cfg(not(feature = "http"))]
async fn upstream(_: &TrialArgs) -> Result<Option<Upstream>, CliError> {
    Ok(None)
}

/// The way to a server whose command may name its upstream.
fn through(address: Address, upstream: Option<&Upstream>) -> Address {
    #[cfg(feature = "http")]
    if let (Address::Command(launch), Some(upstream)) = (&address, upstream) {
        let named = |word: &OsString| match word.to_str() {
            Some(text) => OsString::from(text.replace("{upstream}", upstream.url())),
            None => word.clone(),
        };
        let arguments = launch.arguments.iter().map(named).collect();
        return Address::Command(Launch { arguments, ..launch.clone() });
    }
    #[cfg(not(feature = "http"))]
    let _ = upstream;
    address
}

/// What was said about links and the project, as it is said again.
fn again_options(arguments: &ReplayArgs) -> Vec<String> {
    let words = [arguments.project.words(), arguments.comparison.words()].concat();
    words.iter().filter_map(|word| shell::quoted(word)).collect()
}

/// The way to the server as another user.
fn other_user(trial: &TrialArgs, address: &Address) -> Result<Option<Address>, CliError> {
    if let Some(command) = &trial.other_command {
        let words = shlex::split(command).filter(|words| !words.is_empty());
        let words = words
            .ok_or_else(|| CliError::usage(format!("`--other-command {command}` is no command")))?;
        #[cfg_attr(
            not(feature = "http"),
            expect(clippy::infallible_destructuring_match, reason = "there is one kind alone")
        )]
        let launch = match address {
            Address::Command(launch) => launch,
            #[cfg(feature = "http")]
            Address::Endpoint(_) => {
                return Err(CliError::usage("`--other-command` is for a server on stdio")
                    .help("name another user's token with --other-bearer-env"));
            }
        };
        let mut words = words.into_iter().map(OsString::from);
        let program = words.next().unwrap_or_default();
        let launch = Launch { program, arguments: words.collect(), ..launch.clone() };
        return Ok(Some(Address::Command(launch)));
    }
    let Some(name) = &trial.other_bearer_env else { return Ok(None) };
    let token = std::env::var(name)
        .map_err(|_| CliError::usage(format!("the variable `{name}` is not set")))?;
    #[cfg(feature = "http")]
    if let Address::Endpoint(endpoint) = address {
        let mut endpoint = endpoint.clone();
        endpoint.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        endpoint.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        return Ok(Some(Address::Endpoint(endpoint)));
    }
    let _ = token;
    Err(CliError::usage("`--other-bearer-env` is for a server behind a URL")
        .help("start the server as another user with --other-command"))
}
