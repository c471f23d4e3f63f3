//! How a server gets back to where it began, and whether it really does.
//!
//! What is declared is put to the test before anything that could stay is written: two resets have to
//! leave the same behind, and a write that can be seen has to be gone after one. Not for: what counts
//! effects (`observe`).

use std::{collections::BTreeMap, path::PathBuf, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{process::Command, time::timeout};

use super::{
    bench::{Bench, Trouble},
    binding::each_scalar,
    compare::is_noise,
    control::Control,
    observe::Observer,
    once, prepared, reading_calls, sample,
    subject::Subject,
};
use crate::engine::semantics::{Effect, effect};

/// How a server gets back to where it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// A command, run without a shell in a folder. A server on stdio is ended before and started after.
    Command(Vec<String>, PathBuf),
    /// An order to its control endpoint.
    Control(Control),
}

/// How long a reset may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The most writes that are tried until one can be seen.
const MOST_WRITES: usize = 5;

impl Reset {
    /// Brings the server back.
    ///
    /// # Errors
    /// Why it was not, as a lowercase fragment.
    pub async fn run(&self, subject: &mut Subject) -> Result<(), String> {
        match self {
            Self::Command(words, folder) => {
                subject.close().await;
                run(words, folder).await
            }
            Self::Control(control) => {
                // A server that we start has an endpoint once it runs.
                subject.client().await.map_err(|error| error.to_string())?;
                control.reset().await
            }
        }
    }

    /// What it does, in words.
    pub fn in_words(&self) -> String {
        match self {
            Self::Command(words, _) => format!("`{}`", words.join(" ")),
            Self::Control(_) => "the reset of the control endpoint".to_owned(),
        }
    }
}

async fn run(words: &[String], folder: &PathBuf) -> Result<(), String> {
    let shown = words.join(" ");
    let [program, arguments @ ..] = words else { return Err("the command is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = timeout(LIMIT, command.output())
        .await
        .map_err(|_| format!("`{shown}` has not ended within {} s", LIMIT.as_secs()))?
        .map_err(|error| format!("`{shown}` did not start: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().next_back().unwrap_or_default();
            Err(format!("`{shown}` ended with {}: {last}", output.status))
        }
    }
}

/// All that can be seen of a server's state: what its reading tools answer, and what observers count.
type View = BTreeMap<String, Value>;

/// Why a reset cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    /// The server cannot be started, reached or called.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// It does not bring the server back, or that cannot be seen; with what to do.
    #[error("{0}")]
    Reset(String, &'static str),
}

/// Puts a reset to the test. `declared` counts effects beside the tools that read; `wanted` are the tools
/// that may be called. In the end the server is where it began.
///
/// # Errors
/// When the reset does not do what it says, or nobody can see whether it does.
pub async fn verify(
    reset: &Reset,
    bench: &mut Bench<'_>,
    wanted: &dyn Fn(&str) -> bool,
    declared: &BTreeMap<String, Observer>,
) -> Result<(), Unverified> {
    let unverified = |why: String, help| Err(Unverified::Reset(why, help));
    let what = reset.in_words();
    let run = async |bench: &mut Bench<'_>| {
        reset.run(bench.subject).await.map_err(|why| {
            Unverified::Reset(
                format!("the server cannot be reset: {why}"),
                "see that it works by itself first",
            )
        })
    };
    let writes: Vec<_> = bench
        .surface
        .tools
        .iter()
        .filter(|tool| wanted(&tool.name) && effect(tool) != Effect::Reads)
        .collect();
    if writes.is_empty() {
        return Ok(());
    }
    run(bench).await?;
    let calls = reading_calls(bench).await?;
    let first = view(bench, &calls, declared).await;
    let again = view(bench, &calls, declared).await;
    if first.is_empty() {
        return unverified(
            format!("nothing shows what {what} does: no tool that reads can be asked"),
            "name what counts effects with --observe or [[replay.observe]], or allow writes that stay with --allow-writes",
        );
    }
    let noise: Vec<String> = different(&first, &again, &[]);
    run(bench).await?;
    let second = view(bench, &calls, declared).await;
    if let Some(place) = different(&first, &second, &noise).first() {
        return unverified(
            format!("{what} leaves another state each time: {}", told(place, &first, &second)),
            "have it bring back the same data each time, with the same ids and times",
        );
    }
    let mut why_not = None;
    for tool in writes.into_iter().take(MOST_WRITES) {
        let case = match sample(bench, tool, true) {
            Ok(case) => case,
            Err(why) => {
                why_not = Some(format!("`{}`: {why}", tool.name));
                continue;
            }
        };
        let done = match prepared(bench, &case).await? {
            Ok(arguments) => once(bench, &case, &arguments).await?.map(|_| ()),
            Err(why) => Err(why),
        };
        if let Err(why) = done {
            why_not = Some(why);
            run(bench).await?;
            continue;
        }
        tokio::time::sleep(bench.options.settle).await;
        let written = view(bench, &calls, declared).await;
        let seen = different(&second, &written, &noise);
        run(bench).await?;
        if seen.is_empty() {
            why_not = Some(format!("what `{}` writes shows nowhere", tool.name));
            continue;
        }
        let back = view(bench, &calls, declared).await;
        return match different(&second, &back, &noise).first() {
            None => Ok(()),
            Some(place) => unverified(
                format!(
                    "{what} does not take back what `{}` has written: {}",
                    tool.name,
                    told(place, &second, &back)
                ),
                "have it bring back everything that the tools write",
            ),
        };
    }
    let why = why_not.unwrap_or_else(|| "no tool that writes can be called".to_owned());
    unverified(
        format!("nobody has seen {what} take anything back: {why}"),
        "name what counts the effects of a tool with --observe or [[replay.observe]], or allow writes that stay with --allow-writes",
    )
}

async fn view(
    bench: &mut Bench<'_>,
    calls: &[(String, Value)],
    declared: &BTreeMap<String, Observer>,
) -> View {
    let mut view = View::new();
    for (index, (tool, arguments)) in calls.iter().enumerate() {
        let Ok(answer) = bench.subject.call(tool, arguments).await else { continue };
        let Some(content) =
            answer.content().or_else(|| answer.is_done().then(|| answer.text().into()))
        else {
            continue;
        };
        each_scalar(&content, &mut String::new(), &mut |pointer, value| {
            // Names of requests and times of answers are another each time.
            if !is_noise(pointer, &content, &content) {
                view.insert(format!("`{tool}` ({index}) at {pointer}"), value.clone());
            }
        });
    }
    for (tool, observer) in declared {
        if let Ok(count) = observer.count(bench.subject).await {
            view.insert(format!("{}, for `{tool}`", observer.in_words()), count.into());
        }
    }
    view
}

/// The places in which two views differ, but for those that always do.
fn different(one: &View, other: &View, noise: &[String]) -> Vec<String> {
    let places = one.keys().chain(other.keys().filter(|place| !one.contains_key(*place)));
    places
        .filter(|place| one.get(*place) != other.get(*place) && !noise.contains(place))
        .cloned()
        .collect()
}

fn told(place: &str, before: &View, after: &View) -> String {
    let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    format!("{place} is {} and then {}", shown(before.get(place)), shown(after.get(place)))
}
