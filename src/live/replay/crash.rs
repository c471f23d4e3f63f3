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
    let rounds = bench.options.rounds;
    for round in 0..rounds {
        let arguments = bench.fresh(case).await?;
        let (before, key) = (bench.count(case).await?, bench.key());
        bench.log.clear();
        let client = bench.subject.client().await?;
        let params = json!({"name": case.tool, "arguments": keyed(case, &arguments, &key)});
        // From the very beginning to a quarter beyond the usual end.
        let share = (round as f64 + bench.fraction()) / rounds as f64;
        let moment = case.typical.mul_f64(1.25 * share);
        let request = client.request("tools/call", params, bench.subject.wait());
        let answered = timeout(moment, request).await.is_ok();
        bench.subject.kill().await;
        match answered {
            true => sweep.late += 1,
            false => sweep.kills += 1,
        }
        bench.log.push(format!("{} killed after {} µs", case.tool, moment.as_micros()));
        let answer = bench.until_answered(case, &arguments, &key).await?;
        let effects = bench.effects(case, before, 1).await?;
        let after = format!("killed {} µs after the call", moment.as_micros());
        match (effects, answer.is_done()) {
            (1, true) => {}
            (0, true) => {
                sweep.lost = Some(format!("{after}: the call is answered as done, with no effect"));
            }
            (2.., _) => {
                sweep.doubled =
                    Some(format!("{after} and made again under its key: {effects} effects"));
            }
            // Nobody knows, and the answer says so: what was done can be looked at.
            (_, false) if answer.code().as_deref() == Some("outcome_unknown") => {}
            _ => {
                let answer = answer.in_words();
                sweep.stuck = Some(format!("{after}: the call made again is answered: {answer}"));
            }
        }
        if sweep.lost.is_some() || sweep.doubled.is_some() || sweep.stuck.is_some() {
            return Ok(sweep);
        }
    }
    if sweep.kills == 0 {
        sweep.unmade = Some("the server had always answered before it was killed".to_owned());
    }
    Ok(sweep)
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

/// How often a call that somebody else is at is made again, and how long is waited in between at least.
pub(super) const PATIENCE: usize = 40;
pub(super) const PAUSE: Duration = Duration::from_millis(50);
