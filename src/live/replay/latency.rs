//! Whether a tool is fast, or else answers with something to poll.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use super::{
    answer::Answer,
    bench::{Bench, Case, Trouble, keyed},
    pending::{Handle, promised},
    upstream::UpstreamFault,
    verdict::Ruling,
};
use crate::live::session::client::Client;

/// Every question about time, each after those that it presupposes.
pub const QUESTIONS: [&str; 7] = [
    "replay/slow-sync",
    "replay/near-limit",
    "replay/no-progress",
    "replay/hangs-on-slow-upstream",
    "replay/task-not-pollable",
    "replay/task-never-terminal",
    "replay/cancel-ignored",
];

/// The questions without whose pass one means nothing.
pub(super) fn presupposed_by(rule: &str) -> &'static [&'static str] {
    match rule {
        "replay/near-limit" | "replay/hangs-on-slow-upstream" => &["replay/slow-sync"],
        "replay/task-never-terminal" => &["replay/task-not-pollable"],
        _ => &[],
    }
}

/// How often a tool is called once it is warm.
const WARM: usize = 5;

/// Calls a tool on a connection that is new and several times after, and says what came of each
/// question.
///
/// # Errors
/// When the server cannot be started, or what the call needs not be done.
pub async fn examine(
    bench: &mut Bench<'_>,
    case: &Case,
) -> Result<BTreeMap<&'static str, Ruling>, Trouble> {
    let slow = bench.options.slow;
    let mut answers = Vec::new();
    for round in 0..=WARM {
        let arguments = bench.fresh(case).await?;
        if round == 0 {
            bench.subject.close().await;
            bench.subject.client().await?;
        }
        let key = bench.key();
        let answer = bench.call(case, &arguments, &key).await?;
        // One answer that is too slow, or none at all, is enough.
        let is_enough = answer.time > slow || !answer.is_done();
        answers.push(answer);
        if is_enough {
            break;
        }
    }
    let mut rulings = BTreeMap::new();
    let is_promise = |it: &Answer| Handle::of(it, bench.surface).is_some();
    if let Some(other) = answers.iter().find(|it| !it.is_done() && !is_promise(it) && !it.is_lost())
    {
        let why = format!("the call is answered: {}", other.in_words());
        return Ok(QUESTIONS
            .iter()
            .map(|rule| (*rule, Ruling::Inconclusive(why.clone())))
            .collect());
    }
    let cold = answers[0].time;
    let mut warm: Vec<Duration> = answers[1..].iter().map(|it| it.time).collect();
    warm.sort_unstable();
    let median = warm.get(warm.len() / 2).copied().unwrap_or(cold);
    let slowest = warm.last().copied().unwrap_or(cold).max(cold);
    let cold = format!("{} on a new connection", shown(cold));
    let figures = match warm.last() {
        None => cold,
        Some(most) => {
            let count = warm.len();
            format!("{} in the middle of {count}, {} at most, {cold}", shown(median), shown(*most))
        }
    };
    let limit = shown(slow);
    rulings.insert(
        "replay/slow-sync",
        match slowest > slow {
            true => Ruling::Failed(format!("over {limit} without anything to poll: {figures}")),
            false => Ruling::Passed(figures.clone()),
        },
    );
    let near = slow.mul_f64(0.6);
    rulings.insert(
        "replay/near-limit",
        match slowest > near {
            true => Ruling::Failed(format!("close to {limit}: {figures}")),
            false => Ruling::Passed(format!("within {}", shown(near))),
        },
    );
    let long = slow.mul_f64(0.2);
    // Of a call that was given up it is not known what came before that.
    let known = || answers.iter().filter(|it| it.time > long && !it.is_lost());
    let silent = known().find(|it| it.progress == 0);
    let has_long = known().next().is_some();
    let is_lost = answers.iter().any(Answer::is_lost);
    rulings.insert(
        "replay/no-progress",
        match (silent, has_long) {
            (Some(silent), _) => Ruling::Failed(format!(
                "{} without a notification of progress, which was asked for",
                shown(silent.time)
            )),
            (None, true) => Ruling::Passed("it tells of its progress".to_owned()),
            (None, false) if is_lost => {
                Ruling::Inconclusive("no answer came; wait longer for one with --wait".to_owned())
            }
            (None, false) => Ruling::Skipped(format!("no call took over {}", shown(long))),
        },
    );
    rulings.insert("replay/hangs-on-slow-upstream", hangs(bench, case).await?);
    rulings.extend(pending(bench, case, median).await?);
    Ok(rulings)
}

fn shown(time: Duration) -> String {
    match time.as_millis() {
        0..=9 => format!("{:.1} ms", time.as_secs_f64() * 1_000.0),
        10..=9_999 => format!("{} ms", time.as_millis()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// Whether a tool is answered in time while its upstream is not.
async fn hangs(bench: &mut Bench<'_>, case: &Case) -> Result<Ruling, Trouble> {
    if bench.subject.upstream.is_none() {
        let why = "there is no upstream that could be slow; name it with --upstream";
        return Ok(Ruling::Skipped(why.to_owned()));
    }
    if !bench.asks_upstream(case).await? {
        return Ok(Ruling::Skipped("it does not ask the upstream".to_owned()));
    }
    let slow = bench.options.slow;
    let mut longest = Duration::ZERO;
    // A little over the limit, and so far over it that nobody waits for it.
    for factor in [1.2, 6.0] {
        let arguments = bench.fresh(case).await?;
        let arguments = keyed(case, &arguments, &bench.key());
        let fault = UpstreamFault::Slow(slow.mul_f64(factor));
        let (answer, fired) = bench.under(fault, case, &arguments).await?;
        let what = fault.in_words();
        bench.log.push(format!("{what} → {} ({})", answer.in_words(), shown(answer.time)));
        if fired == 0 {
            return Ok(Ruling::Inconclusive(format!("{what}: the server did not ask it")));
        }
        longest = longest.max(answer.time);
        if answer.time > slow {
            let (time, limit) = (shown(answer.time), shown(slow));
            return Ok(Ruling::Failed(format!(
                "{what}, and the call waits for it: {time}, over {limit} without anything to poll"
            )));
        }
    }
    let longest = shown(longest);
    Ok(Ruling::Passed(format!("answered within {longest}, however long the upstream takes")))
}

/// The questions about what is promised, and about what is given up.
async fn pending(
    bench: &mut Bench<'_>,
    case: &Case,
    usual: Duration,
) -> Result<BTreeMap<&'static str, Ruling>, Trouble> {
    let tasks = bench.subject.client_of_tasks().await?;
    let found = promises(bench, case, &tasks, usual).await;
    tasks.close().await;
    found
}

async fn promises(
    bench: &mut Bench<'_>,
    case: &Case,
    tasks: &Client,
    usual: Duration,
) -> Result<BTreeMap<&'static str, Ruling>, Trouble> {
    let (wait, limit) = (bench.subject.wait(), bench.options.task_limit);
    let plain = bench.subject.client().await?;
    let (mut handles, mut polled, mut over) = (Vec::new(), Vec::new(), Vec::new());
    let (mut lost, mut endless) = (None, None);
    for client in [tasks, &plain] {
        let (answer, handle) = promised(bench, case, client).await?;
        let Some(handle) = handle else { continue };
        bench.log.push(format!("{} → {}", case.tool, answer.in_words()));
        let what = handle.in_words();
        match handle.look(client, wait).await {
            Err(why) => lost = lost.or(Some(format!("{what} was begun, and {why}"))),
            Ok(progress) => {
                polled.push(format!("{what} is `{}`", progress.status));
                match handle.until_over(client, wait, limit).await {
                    Ok((looks, last)) if last.is_over() => {
                        over.push(format!("{what} is `{}` at look {looks}", last.status));
                    }
                    Ok((_, last)) => {
                        let (status, limit) = (last.status, shown(limit));
                        let why = format!("{what} is still `{status}` after {limit}");
                        endless = endless.or(Some(why));
                    }
                    Err(why) => endless = endless.or(Some(format!("{what}: {why}"))),
                }
            }
        }
        handles.push(handle);
    }
    let mut rulings = BTreeMap::new();
    let nothing = || Ruling::Skipped("it is answered with neither a task nor a job".to_owned());
    let ruled = |failed: Option<String>, passed: Vec<String>| match (failed, handles.is_empty()) {
        (_, true) => nothing(),
        (Some(why), _) => Ruling::Failed(why),
        (None, _) => Ruling::Passed(passed.join("; ")),
    };
    rulings.insert("replay/task-not-pollable", ruled(lost, polled));
    rulings.insert("replay/task-never-terminal", ruled(endless, over));
    let has_task = handles.iter().any(|handle| matches!(handle, Handle::Task(_)));
    let mut came = Vec::new();
    if has_task {
        came.push(cancelled_task(bench, case, tasks).await?);
    }
    came.push(cancelled_call(bench, case, usual).await?);
    let failed = came.iter().position(|it| matches!(it, Ruling::Failed(_)));
    let passed = came.iter().position(|it| matches!(it, Ruling::Passed(_)));
    let told = failed.or(passed).unwrap_or(came.len() - 1);
    rulings.insert("replay/cancel-ignored", came.swap_remove(told));
    Ok(rulings)
}

/// Whether a task ends that is given up.
async fn cancelled_task(
    bench: &mut Bench<'_>,
    case: &Case,
    client: &Client,
) -> Result<Ruling, Trouble> {
    let (wait, limit) = (bench.subject.wait(), bench.options.task_limit);
    let (_, handle) = promised(bench, case, client).await?;
    let Some(Handle::Task(id)) = &handle else {
        return Ok(Ruling::Inconclusive("another call is answered without a task".to_owned()));
    };
    let handle = Handle::Task(id.clone());
    if handle.look(client, wait).await.is_ok_and(|progress| progress.is_over()) {
        return Ok(Ruling::Inconclusive("the task is over before it can be cancelled".to_owned()));
    }
    let asked = client.request("tasks/cancel", json!({"taskId": id}), wait).await;
    bench.log.push(match &asked {
        Ok(answered) if answered.outcome.is_ok() => "tasks/cancel → taken".to_owned(),
        Ok(_) => "tasks/cancel → refused".to_owned(),
        Err(lost) => format!("tasks/cancel → {lost}"),
    });
    Ok(match handle.until_over(client, wait, limit).await {
        Ok((_, last)) if last.is_given_up() => {
            Ruling::Passed(format!("a task that is cancelled is `{}`", last.status))
        }
        Ok((_, last)) => {
            Ruling::Failed(format!("a task that was cancelled is `{}` in the end", last.status))
        }
        Err(why) => Ruling::Inconclusive(why),
    })
}

/// The shortest time that leaves room to give a call up well before its end.
const ROOM: Duration = Duration::from_millis(200);

/// Whether a call takes no effect that is given up long before it would have: where it takes its time, or
/// its upstream can be made to.
async fn cancelled_call(
    bench: &mut Bench<'_>,
    case: &Case,
    usual: Duration,
) -> Result<Ruling, Trouble> {
    if !case.is_write {
        return Ok(Ruling::Skipped("it changes nothing".to_owned()));
    }
    let is_slowed = bench.asks_upstream(case).await?;
    let time = match is_slowed {
        true => bench.options.slow.mul_f64(0.2),
        false => usual,
    };
    if time < ROOM && !is_slowed {
        let time = shown(usual);
        return Ok(Ruling::Skipped(format!("it is done within {time}, too fast to be cancelled")));
    }
    let arguments = bench.fresh(case).await?;
    let (before, key) = (bench.count(case).await?, bench.key());
    let upstream = bench.subject.upstream.clone().filter(|_| is_slowed);
    if let Some(upstream) = &upstream {
        upstream.arm(Some(UpstreamFault::Slow(time)));
    }
    let given_up = bench.given_up(case, &keyed(case, &arguments, &key), time.mul_f64(0.25)).await;
    // As long as it would have taken, and then as long as effects take to be seen.
    tokio::time::sleep(time).await;
    if let Some(upstream) = &upstream {
        upstream.arm(None);
    }
    if given_up?.is_some() {
        return Ok(Ruling::Inconclusive("it was answered before it was cancelled".to_owned()));
    }
    let effects = bench.effects(case, before, 0).await?;
    let (after, of) = (shown(time.mul_f64(0.25)), shown(time));
    Ok(match effects {
        0 => Ruling::Passed(format!("cancelled after {after} of {of}: no effect")),
        _ => Ruling::Failed(format!("cancelled after {after} of {of}, and it takes effect")),
    })
}
