//! A server that is killed in the middle of a write, again and again, and asked for the same again.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::bench::{Bench, Case, Trouble, keyed};

/// What a sweep of kills over a write has shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// How often the server was killed before it had answered.
    pub kills: usize,
    /// How often it was killed with the answer given.
    pub late: usize,
    /// After which kill there were several effects, if any.
    pub doubled: Option<String>,
    /// After which kill there was none although the call was answered as done.
    pub lost: Option<String>,
    /// After which kill the call was not answered any more.
    pub stuck: Option<String>,
    /// Why it could not be made.
    pub unmade: Option<String>,
}

/// Kills the server at moments spread over the time that a write takes, and a little after it; each time
/// it is started again and the call repeated under its key until it is answered.
///
/// # Errors
/// When the server cannot be started again.
pub async fn sweep(bench: &mut Bench<'_>, case: &Case) -> Result<Sweep, Trouble> {
    let mut sweep = Sweep::default();
    if !bench.subject.is_ours() {
        let why = "a server behind an address cannot be killed; give `-- COMMAND`";
        return Ok(Sweep { unmade: Some(why.to_owned()), ..sweep });
    }
    if let Some(why) = is_forgetful(bench, case).await? {
        return Ok(Sweep { lost: Some(why), ..sweep });
    }
    // Where the server can be told to die at a point of its write, no moment has to be guessed.
    let points = match &bench.control {
        Some(control) => control.points().await,
        None => Vec::new(),
    };
    for point in points {
        one(bench, case, &mut sweep, &End::At(point)).await?;
    }
    let rounds = bench.options.rounds;
    let mut usual = case.typical;
    for round in 0..rounds {
        // From the very beginning to a quarter beyond the usual end.
        let share = (round as f64 + bench.fraction()) / rounds as f64;
        let end = End::After(usual.mul_f64(1.25 * share));
        if let Some(time) = one(bench, case, &mut sweep, &end).await? {
            usual = usual.min(time);
        }
    }
    if sweep.kills == 0 && sweep.faults().next().is_none() {
        sweep.unmade = Some("the server had always answered before it was killed".to_owned());
    }
    Ok(sweep)
}

/// When a server is killed.
enum End {
    /// At a point of its write that it knows by name.
    At(String),
    /// So long after the call.
    After(Duration),
}

/// Kills the server in one call, starts it again, and repeats the call until it is answered. How long
/// the answer took, where one came before that.
async fn one(
    bench: &mut Bench<'_>,
    case: &Case,
    sweep: &mut Sweep,
    end: &End,
) -> Result<Option<Duration>, Trouble> {
    let arguments = bench.fresh(case).await?;
    let (before, key) = (bench.count(case).await?, bench.key());
    bench.log.clear();
    let client = bench.subject.client().await?;
    let params = json!({"name": case.tool, "arguments": keyed(case, &arguments, &key)});
    let (after, patience) = match end {
        End::At(point) => {
            if let Some(control) = &bench.control
                && let Err(why) = control.kill_at(point, &case.tool).await
            {
                return Err(Trouble::Other(format!("the kill at `{point}` was not armed: {why}")));
            }
            (format!("killed at `{point}`"), bench.subject.wait())
        }
        End::After(moment) => (format!("killed {} µs after the call", moment.as_micros()), *moment),
    };
    let request = client.request("tools/call", params, bench.subject.wait());
    let answered = timeout(patience, request).await.ok().and_then(Result::ok);
    let answered = answered.map(|answered| answered.time);
    bench.subject.kill().await;
    match answered {
        Some(_) => sweep.late += 1,
        None => sweep.kills += 1,
    }
    bench.log.push(format!("{} {after}", case.tool));
    // That one call is stuck is known from the first.
    let patience = if sweep.stuck.is_none() { bench.subject.wait() } else { PAUSE };
    let answer = bench.until_answered(case, &arguments, &key, patience).await?;
    let effects = bench.effects(case, before, 1).await?;
    let told = |what: String| Some(format!("{after}: {what}"));
    let is_known = answer.code().as_deref() != Some("outcome_unknown");
    match (effects, answer.is_done()) {
        (1, true) => {}
        (0, true) => {
            let why = told("the call is answered as done, with no effect".to_owned());
            sweep.lost = sweep.lost.take().or(why);
        }
        (2.., _) => {
            let why = told(format!("made again under its key, it has {effects} effects"));
            sweep.doubled = sweep.doubled.take().or(why);
        }
        // It is carried out a second time, and refused because it was done the first time.
        (1, false) if is_known && answer.may_be_tried_after().is_none() => {
            let why = told(format!("it is carried out again: {}", answer.in_words()));
            sweep.doubled = sweep.doubled.take().or(why);
        }
        // Nobody knows, and the answer says so: what was done can be looked at.
        (_, false) if !is_known => {}
        (_, false) => {
            let why = told(format!("the call made again is answered: {}", answer.in_words()));
            sweep.stuck = sweep.stuck.take().or(why);
        }
        (..0, true) => {
            return Err(Trouble::Other(format!("{after}: there is less than before")));
        }
    }
    Ok(answered)
}

impl Sweep {
    /// What was found, in the order in which the questions presuppose one another.
    fn faults(&self) -> impl Iterator<Item = &String> {
        [&self.lost, &self.doubled, &self.stuck].into_iter().flatten()
    }
}

/// Whether what was done and acknowledged is gone when the server is killed some time later.
async fn is_forgetful(bench: &mut Bench<'_>, case: &Case) -> Result<Option<String>, Trouble> {
    let arguments = bench.fresh(case).await?;
    let (before, key) = (bench.count(case).await?, bench.key());
    let answer = bench.call(case, &arguments, &key).await?;
    let made = bench.effects(case, before, 1).await?;
    bench.subject.kill().await;
    let left = bench.effects(case, before, made).await?;
    Ok((answer.is_done() && left < made)
        .then(|| "what was acknowledged is gone after the server was killed".to_owned()))
}

/// How long is waited at least before a call that somebody else is at is made again.
pub(super) const PAUSE: Duration = Duration::from_millis(50);
