//! Recorded traffic put to a server again: does a retry do harm?
//!
//! [`prepare`] finds out which tools write, how each can be called, and what counts its effects;
//! [`judge`] puts every question of [`verdict`] to each of them. Read those two and `bench` first. Not
//! for: recording (`record`), or saying what traffic tells about a server (`engine::usage`).

pub mod answer;
pub mod bench;
pub mod binding;
pub mod compare;
pub mod comparison;
pub mod control;
pub mod crash;
pub mod guidance;
pub mod latency;
pub mod link;
pub mod mock;
pub mod observe;
mod pending;
pub mod recording;
pub mod reset;
pub mod subject;
pub mod upstream;
mod vary;
pub mod verdict;

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use self::{
    bench::{Bench, Case, Trouble},
    observe::{Observer, Sight, find, look},
    verdict::{ALL, Ruling},
};
use crate::engine::{
    cassette::CallOutcome,
    finding::verdict::{Verdict, VerdictOutcome},
    schema::inclusion::Conformance,
    semantics::{Effect, arguments, effect, may_write as may_change},
    surface::Tool,
};

/// Every question, by the rule that failing it breaks.
pub fn questions() -> impl Iterator<Item = &'static str> {
    let writes = ALL.iter().map(|question| question.rule);
    writes.chain(guidance::QUESTIONS).chain(latency::QUESTIONS)
}

/// What is known of the tools of a server before anything is judged.
#[derive(Debug, Default)]
pub struct Cases {
    /// Those that can be called.
    pub ready: Vec<Case>,
    /// Those that cannot, with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Finds out how each tool can be called. What counts the effects of one that writes is `declared`, or
/// is looked for with two calls of it. Those that write are left out unless they are allowed.
///
/// # Errors
/// When the server cannot be started or reached.
pub async fn prepare(
    bench: &mut Bench<'_>,
    wanted: &dyn Fn(&str) -> bool,
    may_write: bool,
    declared: &BTreeMap<String, Observer>,
) -> Result<Cases, Trouble> {
    let mut cases = Cases::default();
    let surface = bench.surface;
    for tool in surface.tools.iter().filter(|tool| wanted(&tool.name)) {
        let is_write = effect(tool) != Effect::Reads;
        let says_that_it_reads = tool.annotations.read_only == Some(true) && !may_change(tool);
        let ready = match !may_write && !says_that_it_reads {
            true => Err("it may change something, which --allow-writes allows".to_owned()),
            false => sample(bench, tool, is_write),
        };
        match ready {
            Ok(case) if !may_write && case.needs.iter().any(|it| writes(bench, *it)) => {
                let why =
                    "what it needs may change something, which --allow-writes allows".to_owned();
                cases.left_out.push((tool.name.clone(), why));
            }
            Ok(case) => cases.ready.push(case),
            Err(why) => cases.left_out.push((tool.name.clone(), why)),
        }
    }
    for case in &mut cases.ready {
        if let Ok(arguments) = prepared(bench, case).await?
            && let Ok(time) = once(bench, case, &arguments).await?
        {
            case.typical = time;
        }
        if !case.is_write {
            continue;
        }
        case.counted = match declared.get(&case.tool) {
            Some(observer) => control(bench, case, observer).await?,
            None => search(bench, case).await?,
        };
    }
    bench.others = cases.ready.iter().filter(|case| case.is_write).cloned().collect();
    Ok(cases)
}

/// Whether a recorded call is of a tool that may change something.
fn writes(bench: &Bench<'_>, index: usize) -> bool {
    let tool = bench.surface.tool(&bench.recording.steps[index].tool);
    tool.is_none_or(|tool| tool.annotations.read_only != Some(true) || may_change(tool))
}

/// How a tool is called: as it was recorded, or else with arguments that its schema accepts.
fn sample(bench: &Bench<'_>, tool: &Tool, is_write: bool) -> Result<Case, String> {
    let key = bench.key_of(&tool.name).filter(|_| is_write);
    let (mut sample, origin, needs, n) = match bench.recording.sample(&tool.name) {
        Some(index) => {
            let step = &bench.recording.steps[index];
            let origin = format!("line {} of the recording", step.n);
            (
                bench.fitted(&tool.name, &step.arguments),
                origin,
                bench.recording.needed_by(index),
                Some(step.n),
            )
        }
        None => {
            let made = arguments(tool)
                .map_err(|why| format!("no call of it was recorded that was done, and {why}"))?;
            let (arguments, is_known) = named_as_recorded(bench, tool, made.valid);
            let origin = match is_known {
                true => "made from its input schema, with values that other tools were called with",
                false => "made from its input schema",
            };
            (arguments, origin.to_owned(), Vec::new(), None)
        }
    };
    if let (Some(key), Some(members)) = (&key, sample.as_object_mut()) {
        members.remove(key);
    }
    let counted = Err("nothing counts its effects".to_owned());
    let (tool, typical) = (tool.name.clone(), Duration::from_millis(100));
    Ok(Case { tool, is_write, key, sample, origin, needs, n, typical, counted })
}

/// Arguments in which those that a recorded call of any tool had, too, have its value: what names a thing
/// that there is is worth more than what is made up. Whether there were any.
fn named_as_recorded(bench: &Bench<'_>, tool: &Tool, arguments: Value) -> (Value, bool) {
    let (mut named, mut is_known) = (arguments, false);
    let Some(conformance) = tool.input_schema().and_then(|it| Conformance::new(it).ok()) else {
        return (named, false);
    };
    let names: Vec<String> =
        named.as_object().into_iter().flatten().map(|it| it.0.clone()).collect();
    for name in names {
        let steps = bench.recording.steps.iter().rev();
        let done = steps.filter(|it| it.outcome == CallOutcome::Ok && it.bindings.is_empty());
        let found = done.filter_map(|step| step.arguments.get(&name)).find_map(|value| {
            let mut other = named.clone();
            other[name.as_str()] = value.clone();
            conformance.accepts(&other).then_some(other)
        });
        if let Some(found) = found {
            (named, is_known) = (found, true);
        }
    }
    (named, is_known)
}

/// Whether a declared observer counts: it stands still while nothing is done, and grows with a write.
async fn control(
    bench: &mut Bench<'_>,
    case: &Case,
    observer: &Observer,
) -> Result<Result<(Observer, i64), String>, Trouble> {
    let first = observer.count(bench.subject).await?;
    let still = observer.count(bench.subject).await?;
    if first != still {
        return Ok(Err(format!(
            "{} changes while nothing is done: {first}, then {still}",
            observer.in_words()
        )));
    }
    let arguments = match prepared(bench, case).await? {
        Ok(arguments) => arguments,
        Err(why) => return Ok(Err(why)),
    };
    // What the write needs may count as well.
    let still = observer.count(bench.subject).await?;
    if let Err(why) = once(bench, case, &arguments).await? {
        return Ok(Err(why));
    }
    let start = std::time::Instant::now();
    loop {
        let unit = observer.count(bench.subject).await? - still;
        if unit > 0 {
            return Ok(Ok((observer.clone(), unit)));
        }
        if start.elapsed() >= bench.options.settle {
            return Ok(Err(format!("{} does not grow with a write", observer.in_words())));
        }
        tokio::time::sleep(bench.options.settle / 10).await;
    }
}

/// Looks among the reading tools for one that counts a write.
async fn search(
    bench: &mut Bench<'_>,
    case: &Case,
) -> Result<Result<(Observer, i64), String>, Trouble> {
    let calls = reading_calls(bench).await?;
    if calls.is_empty() {
        return Ok(Err("no tool that reads can be asked, and no observer is declared".to_owned()));
    }
    let still = [look(bench.subject, &calls).await, look(bench.subject, &calls).await];
    let mut writes: Vec<(Sight, Sight)> = Vec::new();
    for _ in 0..2 {
        let arguments = match prepared(bench, case).await? {
            Ok(arguments) => arguments,
            Err(why) => return Ok(Err(why)),
        };
        // Two writes that are the same could be taken for one.
        let arguments = bench.varied(case, &arguments).unwrap_or(arguments);
        let before = look(bench.subject, &calls).await;
        if let Err(why) = once(bench, case, &arguments).await? {
            return Ok(Err(why));
        }
        tokio::time::sleep(bench.options.settle).await;
        writes.push((before, look(bench.subject, &calls).await));
    }
    Ok(find(&calls, &still, &writes)
        .map(|(read_back, unit)| (Observer::ReadBack(read_back), unit))
        .ok_or_else(|| {
            "no tool that reads shows a list or a number that grows with each write; declare what \
             counts them"
                .to_owned()
        }))
}

/// Arguments for a write, after what it needs was done; or why that was not done.
async fn prepared(bench: &mut Bench<'_>, case: &Case) -> Result<Result<Value, String>, Trouble> {
    match bench.fresh(case).await {
        Ok(arguments) => Ok(Ok(arguments)),
        Err(Trouble::Other(why)) => Ok(Err(why)),
        Err(trouble) => Err(trouble),
    }
}

/// Makes a write, under a key of its own. How long it took, or why it was not done.
async fn once(
    bench: &mut Bench<'_>,
    case: &Case,
    arguments: &Value,
) -> Result<Result<Duration, String>, Trouble> {
    let key = bench.key();
    let answer = bench.call(case, arguments, &key).await?;
    Ok(match answer.is_done() {
        true => Ok(answer.time),
        false => Err(format!("`{}` is answered: {}", case.tool, answer.in_words())),
    })
}

/// Calls of tools that read, each once: as they were recorded, where that takes no write, and without
/// arguments where none are needed.
async fn reading_calls(bench: &mut Bench<'_>) -> Result<Vec<(String, Value)>, Trouble> {
    let (surface, recording) = (bench.surface, bench.recording);
    let reads = |name: &str| surface.tool(name).is_some_and(|tool| effect(tool) == Effect::Reads);
    let mut calls: Vec<(String, Value)> = Vec::new();
    for tool in surface.tools.iter().filter(|tool| reads(&tool.name)) {
        let required = tool.input_schema().and_then(|schema| schema.get("required")?.as_array());
        if required.is_none_or(Vec::is_empty) {
            calls.push((tool.name.clone(), json!({})));
        }
    }
    for (index, step) in recording.steps.iter().enumerate().rev() {
        let of_reads = |needed: &usize| reads(&recording.steps[*needed].tool);
        let is_one = reads(&step.tool)
            && step.arguments.get("cursor").is_none()
            && recording.needed_by(index).iter().all(of_reads);
        if !is_one || calls.len() >= MOST_READS {
            continue;
        }
        let arguments = match bench.recorded(index).await {
            Ok(arguments) => arguments,
            Err(Trouble::Other(_)) => continue,
            Err(trouble) => return Err(trouble),
        };
        let call = (step.tool.clone(), arguments);
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    Ok(calls)
}

/// The most reading calls among which one is looked for that counts.
const MOST_READS: usize = 32;

/// Puts every question that is wanted to a case.
pub async fn judge(
    bench: &mut Bench<'_>,
    case: &Case,
    wanted: &dyn Fn(&str) -> bool,
    again: &dyn Fn(&str, &str) -> String,
) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let verdict = |rule: &'static str, came: (VerdictOutcome, String), history| Verdict {
        rule,
        tool: case.tool.clone(),
        outcome: came.0,
        reason: came.1,
        history,
        again: again(&case.tool, rule),
    };
    bench.noise.clear();
    // Whether wrong calls are refused at all comes first: much of the rest stands on it.
    verdicts.extend(series(bench, case, Series::Guidance, wanted, &verdicts, &verdict).await);
    for question in ALL.iter().filter(|_| case.is_write) {
        if !wanted(question.rule) && !is_needed(question.rule, wanted) {
            continue;
        }
        bench.log.clear();
        let came = match stopped(question.presupposes, question.spoiled_by, &verdicts) {
            Some(stopped) => stopped,
            None => came_of((question.put)(bench, case).await),
        };
        verdicts.push(verdict(question.rule, came, std::mem::take(&mut bench.log)));
    }
    verdicts.extend(series(bench, case, Series::Latency, wanted, &verdicts, &verdict).await);
    // What was asked only because something else presupposes it is shown where it tells something.
    verdicts.retain(|it| wanted(it.rule) || it.outcome != VerdictOutcome::Passed);
    verdicts.sort_by_key(|it| questions().position(|rule| rule == it.rule));
    verdicts
}

/// Puts a series of questions, where any of them is wanted or something that is stands on it.
async fn series(
    bench: &mut Bench<'_>,
    case: &Case,
    series: Series,
    wanted: &dyn Fn(&str) -> bool,
    earlier: &[Verdict],
    verdict: &dyn Fn(&'static str, (VerdictOutcome, String), Vec<String>) -> Verdict,
) -> Vec<Verdict> {
    let is_wanted = |rule: &&str| wanted(rule) || (case.is_write && is_needed(rule, wanted));
    if !series.questions().iter().any(is_wanted) {
        return Vec::new();
    }
    bench.log.clear();
    let examined = match series {
        Series::Guidance => guidance::examine(bench, case).await,
        Series::Latency => latency::examine(bench, case).await,
    };
    let log = std::mem::take(&mut bench.log);
    let mut verdicts: Vec<Verdict> = earlier.to_vec();
    for rule in series.questions() {
        let stopped = stopped(series.presupposed_by(rule), series.spoiled_by(rule), &verdicts);
        let came = match (stopped, &examined) {
            (Some(stopped), _) => stopped,
            (None, Err(trouble)) => (VerdictOutcome::Inconclusive, trouble.to_string()),
            (None, Ok(rulings)) => match rulings.get(rule) {
                Some(ruling) => came_of(Ok(ruling.clone())),
                None => continue,
            },
        };
        verdicts.push(verdict(rule, came, log.clone()));
    }
    verdicts.split_off(earlier.len())
}

/// Questions that are answered by one and the same series of calls.
#[derive(Clone, Copy)]
enum Series {
    Guidance,
    Latency,
}

impl Series {
    fn questions(self) -> &'static [&'static str] {
        match self {
            Self::Guidance => &guidance::QUESTIONS,
            Self::Latency => &latency::QUESTIONS,
        }
    }

    /// That an error is of little help is no news where it is known what it lacks.
    fn spoiled_by(self, rule: &str) -> &'static [&'static str] {
        match rule {
            "replay/unhelpful-error" => &guidance::QUESTIONS[..guidance::QUESTIONS.len() - 1],
            _ => &[],
        }
    }

    fn presupposed_by(self, rule: &str) -> &'static [&'static str] {
        let questions = self.questions();
        let index = questions.iter().position(|it| *it == rule).unwrap_or_default();
        match self {
            Self::Guidance => &questions[..index.min(guidance::GATES)],
            Self::Latency => latency::presupposed_by(rule),
        }
    }
}

/// What a ruling is as a verdict.
fn came_of(ruling: Result<Ruling, Trouble>) -> (VerdictOutcome, String) {
    match ruling {
        Ok(Ruling::Passed(why)) => (VerdictOutcome::Passed, why),
        Ok(Ruling::Failed(why)) => (VerdictOutcome::Failed, why),
        Ok(Ruling::Inconclusive(why)) => (VerdictOutcome::Inconclusive, why),
        Ok(Ruling::Skipped(why)) => (VerdictOutcome::Skipped, why),
        Err(trouble) => (VerdictOutcome::Inconclusive, trouble.to_string()),
    }
}

/// Why a question is not put: one that it presupposes was not passed, or one that spoils it failed.
fn stopped(
    presupposes: &[&str],
    spoiled_by: &[&str],
    verdicts: &[Verdict],
) -> Option<(VerdictOutcome, String)> {
    let earlier = verdicts.iter().find(|verdict| {
        let is_spoiled = [VerdictOutcome::Failed, VerdictOutcome::Blocked];
        (presupposes.contains(&verdict.rule) && verdict.outcome != VerdictOutcome::Passed)
            || (spoiled_by.contains(&verdict.rule) && is_spoiled.contains(&verdict.outcome))
    })?;
    let name = earlier.rule;
    Some(match earlier.outcome {
        VerdictOutcome::Failed => (VerdictOutcome::Blocked, format!("by `{name}`")),
        VerdictOutcome::Blocked => (VerdictOutcome::Blocked, earlier.reason.clone()),
        VerdictOutcome::Skipped => (VerdictOutcome::Skipped, earlier.reason.clone()),
        _ => (VerdictOutcome::Blocked, format!("by `{name}`, of which nothing is known")),
    })
}

/// Whether something that is wanted stands on a question.
fn is_needed(rule: &str, wanted: &dyn Fn(&str) -> bool) -> bool {
    ALL.iter().any(|question| {
        (question.presupposes.contains(&rule) || question.spoiled_by.contains(&rule))
            && (wanted(question.rule) || is_needed(question.rule, wanted))
    })
}
