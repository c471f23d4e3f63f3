//! `mcp-kit record --script calls.toml TARGET`: we are the client.

use std::{ffi::OsString, path::Path};

use super::RecordArgs;
use crate::{
    cli::{
        ExitStatus,
        beside::{self, Accepts},
        connect,
        error::CliError,
        source::{Content, Source},
        terminal::Terminal,
    },
    engine::report::escape::for_terminal,
    live::{
        record::script::{self, Made, Outcome, Script, ScriptError},
        session::{Address, Conversation, EraChoice},
        transport::child::Launch,
    },
};

pub(super) fn run(
    file: &Path,
    arguments: &RecordArgs,
    terminal: &Terminal,
) -> Result<ExitStatus, CliError> {
    let shown = file.display().to_string();
    let text = beside::read_text(file, Accepts::FileOrPipe)
        .map_err(|error| beside::failed(&shown, &error))?;
    let script = Script::read(&text).map_err(|error| in_words(error).place(&shown))?;
    let source = Source::resolve(&arguments.target, terminal)?;
    let Content::Server(address) = &source.content else {
        let message = format!("{} is no server, and calls need one", source.name);
        return Err(CliError::usage(message));
    };
    let choice = arguments.target.access.server.era().or(source.era).unwrap_or(EraChoice::Auto);
    if choice == EraChoice::Both {
        return Err(CliError::usage("a recording is of one era").help("record each on its own"));
    }
    let made = |made: Made| {
        // A terminal that is gone is no reason to stop.
        let _ = terminal.print(&line(&made));
    };
    let played = async {
        match address {
            Address::Command(launch) => {
                let recorded = Address::Command(arguments.around(launch)?);
                play(&script, &recorded, choice, arguments, made).await
            }
            #[cfg(feature = "http")]
            Address::Endpoint(endpoint) => {
                let (relay, url) = super::http::relay(&endpoint.url, arguments, terminal).await?;
                let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
                let relay = tokio::spawn(relay.run(async {
                    let _ = stopped.await;
                }));
                let recorded = crate::live::transport::http::Endpoint {
                    url,
                    headers: endpoint.headers.clone(),
                };
                let played =
                    play(&script, &Address::Endpoint(recorded), choice, arguments, made).await;
                drop(stop);
                let _ = relay.await;
                played
            }
        }
    };
    connect::until_interrupted(played)??;
    Ok(ExitStatus::Clean)
}

async fn play(
    script: &Script,
    address: &Address,
    choice: EraChoice,
    arguments: &RecordArgs,
    made: impl FnMut(Made),
) -> Result<(), CliError> {
    let budget = arguments.target.access.server.budget();
    let mut conversation = Conversation::begin(address, choice, &budget).await?;
    let played = script::play(script, &mut conversation, budget.timeout, made).await;
    conversation.close().await;
    played.map_err(in_words)
}

fn in_words(error: ScriptError) -> CliError {
    match error {
        ScriptError::Session(error) => error.into(),
        other => CliError::usage(other.to_string()),
    }
}

fn line(made: &Made) -> String {
    let outcome = match &made.outcome {
        Outcome::Ok => "ok".to_owned(),
        Outcome::ToolError => "tool error".to_owned(),
        Outcome::ProtocolError(words) => format!("protocol error: {words}"),
    };
    let time = made.time.as_secs_f64() * 1_000.0;
    let text = format!("{:>3}  {}  {outcome}  {time:.1} ms", made.number, made.tool);
    format!("{}\n", for_terminal(&text))
}

impl RecordArgs {
    /// A recorder around the command of a server: another process of this program, as a client would
    /// have it in its configuration.
    fn around(&self, launch: &Launch) -> Result<Launch, CliError> {
        let program = std::env::current_exe().map_err(|error| {
            CliError::usage(format!("where this program lies is not known: {error}"))
        })?;
        let output = std::path::absolute(&self.output).unwrap_or_else(|_| self.output.clone());
        let mut arguments: Vec<OsString> = vec!["record".into(), "--output".into(), output.into()];
        if let Some(size) = self.rotate {
            arguments.extend(["--rotate".into(), size.to_string().into()]);
        }
        if self.strict_redact {
            arguments.push("--strict-redact".into());
        }
        if self.is_in_clear() {
            arguments.extend(["--redact".into(), "off".into()]);
        }
        if self.keep_stderr {
            arguments.push("--keep-stderr".into());
        }
        arguments.push("--".into());
        arguments.push(launch.program.clone());
        arguments.extend(launch.arguments.iter().cloned());
        Ok(Launch { program: program.into_os_string(), arguments, ..launch.clone() })
    }
}
