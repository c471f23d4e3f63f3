//! Answers that promise another one: a task of the protocol, or a job that a second tool tells of.
//!
//! A [`Handle`] is what is promised; [`Handle::look`] asks how far it is. A task comes from a server that
//! has the extension `io.modelcontextprotocol/tasks` (specification 2026-07-28), to clients that declare
//! it, so it has a client of its own. A job is an answer whose `status` says that something is still to
//! come, beside an id that a tool that reads takes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    answer::{Answer, What},
    bench::{Bench, Case},
    subject::call,
};
use crate::{
    engine::{
        semantics::{Effect, effect},
        surface::Surface,
    },
    live::session::client::Client,
};

/// What an answer promises.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Handle {
    /// A task of the protocol.
    Task(String),
    /// A job, and the tool that tells of it.
    Job {
        /// The tool.
        tool: String,
        /// Its argument for the id.
        argument: String,
        /// The id.
        id: Value,
    },
}

/// How far something is that was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress {
    /// As the server says it: `working`, `ready`.
    pub(super) status: String,
    /// When to ask again, where the server says so.
    pub(super) pause: Option<Duration>,
}

/// Words for what is still to come to an end.
const UNDER_WAY: [&str; 15] = [
    "running", "pending", "queued", "working", "in_progress", "in-progress", "processing",
    "started", "starting", "accepted", "submitted", "scheduled", "waiting", "created",
    "input_required",
];
/// Words for what was given up.
const GIVEN_UP: [&str; 4] = ["cancelled", "canceled", "aborted", "stopped"];

impl Progress {
    /// Whether nothing more is to come.
    pub(super) fn is_over(&self) -> bool {
        !is_under_way(&self.status)
    }

    /// Whether it was given up.
    pub(super) fn is_given_up(&self) -> bool {
        GIVEN_UP.contains(&self.status.to_ascii_lowercase().as_str())
    }
}

fn is_under_way(status: &str) -> bool {
    UNDER_WAY.contains(&status.to_ascii_lowercase().as_str())
}

impl Handle {
    /// What an answer promises, if anything.
    pub(super) fn of(answer: &Answer, surface: &Surface) -> Option<Self> {
        if let What::Promised(result) = &answer.what {
            let holder = result.get("task").unwrap_or(result);
            return Some(Self::Task(holder.get("taskId")?.as_str()?.to_owned()));
        }
        let What::Done(_) = &answer.what else { return None };
        let content = answer.content()?;
        let named = |name: &str| Some((name.to_owned(), content.get(name)?));
        let members = content.as_object()?;
        let holders = std::iter::once((String::new(), &content))
            .chain(members.keys().filter_map(|name| named(name)));
        holders.filter_map(|(name, holder)| Self::job(&name, holder, surface)).next()
    }

    /// The job that an object tells of, whose name is known where it has one.
    fn job(name: &str, holder: &Value, surface: &Surface) -> Option<Self> {
        let status = ["status", "state"].iter().find_map(|it| holder.get(it)?.as_str())?;
        if !is_under_way(status) {
            return None;
        }
        let ids = holder.as_object()?.iter().filter(|(_, id)| id.is_string() || id.is_u64());
        let mut found = ids.filter_map(|(member, id)| {
            let argument = match member.as_str() {
                "id" if !name.is_empty() => format!("{name}_id"),
                member => member.to_owned(),
            };
            let lower = argument.to_ascii_lowercase();
            let is_name = lower.ends_with("id") || lower.ends_with("token") || lower == "handle";
            let tool = surface.tools.iter().filter(|_| is_name).find(|tool| {
                let required = tool.input_schema().and_then(|it| it.get("required")?.as_array());
                let needs = required.into_iter().flatten().filter_map(Value::as_str);
                effect(tool) == Effect::Reads
                    && tool.arguments().any(|(name, _)| *name == argument)
                    && needs.into_iter().all(|name| name == argument)
            })?;
            // What names an account or an owner is taken by many; the status is of one thing.
            let is_told = tells_status(tool.output_schema());
            Some((!is_told, tool.name.clone(), argument, id.clone()))
        });
        let mut all: Vec<_> = found.by_ref().collect();
        all.sort_by_key(|(is_vague, ..)| *is_vague);
        let (_, tool, argument, id) = all.into_iter().next()?;
        Some(Self::Job { tool, argument, id })
    }

    /// In a few words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Task(_) => "the task".to_owned(),
            Self::Job { tool, .. } => format!("the job that `{tool}` tells of"),
        }
    }

    /// Asks how far it is.
    ///
    /// # Errors
    /// Why that is not known, as a lowercase fragment.
    pub(super) async fn look(&self, client: &Client, wait: Duration) -> Result<Progress, String> {
        let (holder, what) = match self {
            Self::Task(id) => {
                let asked = client.request("tasks/get", json!({"taskId": id}), wait).await;
                let answered = asked.map_err(|lost| format!("`tasks/get`: {lost}"))?;
                let refused = |error: Value| {
                    let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
                    format!("`tasks/get` is refused: {message}")
                };
                let result = answered.outcome.map_err(refused)?;
                (result.get("task").cloned().unwrap_or(result), "`tasks/get`".to_owned())
            }
            Self::Job { tool, argument, id } => {
                let answer = call(client, tool, &json!({argument.as_str(): id}), wait).await;
                if !answer.is_done() {
                    return Err(format!("`{tool}` is answered: {}", answer.in_words()));
                }
                let content = answer.content().unwrap_or_default();
                let members = content.as_object().into_iter().flatten();
                let mut holders = std::iter::once(&content).chain(members.map(|(_, it)| it));
                let holder = holders.find(|it| status(it).is_some()).cloned();
                (holder.unwrap_or_default(), format!("`{tool}`"))
            }
        };
        let status = status(&holder).ok_or_else(|| format!("{what} answers without a status"))?;
        let named = ["pollIntervalMs", "pollInterval", "poll_after_ms"];
        let pause = named.iter().find_map(|name| holder.get(name)?.as_u64());
        Ok(Progress { status, pause: pause.map(Duration::from_millis) })
    }

    /// Asks until nothing more is to come, but no longer than told. How often, and the last answer.
    ///
    /// # Errors
    /// Why it is not known any more.
    pub(super) async fn until_over(
        &self,
        client: &Client,
        wait: Duration,
        limit: Duration,
    ) -> Result<(usize, Progress), String> {
        let (start, mut looks) = (Instant::now(), 0);
        loop {
            let progress = self.look(client, wait).await?;
            looks += 1;
            let left = limit.saturating_sub(start.elapsed());
            if progress.is_over() || left.is_zero() {
                return Ok((looks, progress));
            }
            let pause = progress.pause.unwrap_or(Duration::from_millis(500));
            let pause = pause.clamp(Duration::from_millis(50), Duration::from_secs(5));
            tokio::time::sleep(pause.min(left)).await;
        }
    }
}

fn status(holder: &Value) -> Option<String> {
    let found = ["status", "state"].iter().find_map(|name| holder.get(name)?.as_str());
    found.map(str::to_owned)
}

/// Whether a schema, or one of the objects in it, has a status.
fn tells_status(schema: Option<&Value>) -> bool {
    let Some(properties) = schema.and_then(|it| it.get("properties")?.as_object()) else {
        return false;
    };
    let has = |schema: &Value| {
        let inner = schema.get("properties").and_then(Value::as_object);
        inner.is_some_and(|inner| inner.contains_key("status") || inner.contains_key("state"))
    };
    properties.contains_key("status")
        || properties.contains_key("state")
        || properties.values().any(has)
}

/// Makes a call of its own as a client that follows tasks. Its answer, with what it promises and with whom
/// to ask for it.
///
/// # Errors
/// When the server cannot be started, or what the call needs not be done.
pub(super) async fn promised(
    bench: &mut Bench<'_>,
    case: &Case,
    client: &Client,
) -> Result<(Answer, Option<Handle>), super::bench::Trouble> {
    let arguments = bench.fresh(case).await?;
    let arguments = super::bench::keyed(case, &arguments, &bench.key());
    let answer = call(client, &case.tool, &arguments, bench.subject.wait()).await;
    let handle = Handle::of(&answer, bench.surface);
    Ok((answer, handle))
}
