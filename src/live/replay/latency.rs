//! Whether a tool is fast, or else answers with something to poll.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{
    answer::{Answer, What},
    bench::{Bench, Case, Trouble},
    verdict::Ruling,
};

/// Every question about time, each after those that it presupposes.
pub const QUESTIONS: [&str; 4] =
    ["replay/slow-sync", "replay/near-limit", "replay/no-progress", "replay/task-never-terminal"];

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
        answers.push(bench.call(case, &arguments, &key).await?);
    }
    let mut rulings = BTreeMap::new();
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
    let (median, slowest) = (warm[warm.len() / 2], warm[warm.len() - 1].max(cold));
    let shown = |time: Duration| match time.as_millis() {
        0..=9 => format!("{:.1} ms", time.as_secs_f64() * 1_000.0),
        10..=9_999 => format!("{} ms", time.as_millis()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    };
    let figures = format!(
        "{} in the middle of {WARM}, {} at most, {} on a new connection",
        shown(median),
        shown(warm[warm.len() - 1]),
        shown(cold)
    );
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
    let silent = answers.iter().find(|it| it.time > long && it.progress == 0);
    let has_long = answers.iter().any(|it| it.time > long);
    rulings.insert(
        "replay/no-progress",
        match (silent, has_long) {
            (Some(silent), _) => Ruling::Failed(format!(
                "{} without a notification of progress, which was asked for",
                shown(silent.time)
            )),
            (None, true) => Ruling::Passed("it tells of its progress".to_owned()),
            (None, false) => Ruling::Skipped(format!("no call took over {}", shown(long))),
        },
    );
    let promised = answers.iter().find_map(task_of);
    rulings.insert(
        "replay/task-never-terminal",
        match promised {
            None => Ruling::Skipped("no call is answered with a task".to_owned()),
            Some(id) => task(bench, &id).await?,
        },
    );
    Ok(rulings)
}

fn is_promise(answer: &Answer) -> bool {
    matches!(answer.what, What::Promised(_))
}

/// The id of the task that an answer promises.
fn task_of(answer: &Answer) -> Option<String> {
    let What::Promised(result) = &answer.what else { return None };
    let holder = result.get("task").unwrap_or(result);
    Some(holder.get("taskId")?.as_str()?.to_owned())
}

/// Polls a task until it has ended.
async fn task(bench: &mut Bench<'_>, id: &str) -> Result<Ruling, Trouble> {
    let (client, wait) = (bench.subject.client().await?, bench.subject.wait());
    let start = std::time::Instant::now();
    let mut polls = 0;
    loop {
        let asked = client.request("tasks/get", json!({"taskId": id}), wait).await;
        polls += 1;
        let answered = match asked {
            Ok(answered) => answered,
            Err(lost) => return Ok(Ruling::Failed(format!("`tasks/get`: {lost}"))),
        };
        let Ok(result) = answered.outcome else {
            return Ok(Ruling::Failed("`tasks/get` is refused".to_owned()));
        };
        let holder = result.get("task").unwrap_or(&result);
        let status = holder.get("status").and_then(Value::as_str).unwrap_or_default();
        if ["completed", "failed", "cancelled"].contains(&status) {
            let what = format!("`{status}` after {polls} polls");
            return Ok(Ruling::Passed(what));
        }
        if start.elapsed() > bench.options.task_limit {
            let limit = bench.options.task_limit.as_secs();
            return Ok(Ruling::Failed(format!("still `{status}` after {limit} s")));
        }
        let named = ["pollIntervalMs", "pollInterval"];
        let pause = named.iter().find_map(|name| holder.get(name)?.as_u64()).unwrap_or(500);
        tokio::time::sleep(Duration::from_millis(pause.clamp(50, 5_000))).await;
    }
}
