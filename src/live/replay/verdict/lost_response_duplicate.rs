//! Whether a call takes effect once whose answer was lost on the way, and which is made again.

use serde_json::json;
use tokio::time::{Duration, timeout};

use super::{Putting, Question, Ruling, count_of};
use crate::{
    engine::protocol::revision::Era,
    live::replay::bench::{Bench, Case, Trouble, keyed},
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/lost-response-duplicate",
    presupposes: &["replay/duplicate-effect"],
    put,
};

/// How long a client takes to say that it has given a request up.
const FAREWELL: Duration = Duration::from_secs(2);

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let rounds = bench.options.rounds;
        let (mut lost, mut longest) = (0, case.typical);
        for round in 1..=rounds {
            let arguments = bench.fresh(case).await?;
            let (before, key) = (bench.count(case).await?, bench.key());
            bench.log.clear();
            match give_up(bench, case, &arguments, &key, longest).await? {
                true => lost += 1,
                // Less patience, until no answer is fast enough.
                false => longest /= 2,
            }
            let answer = bench.until_answered(case, &arguments, &key).await?;
            let effects = bench.effects(case, before, 1).await?;
            if effects != 1 {
                let what = format!("a call whose answer was lost, made again, round {round}");
                return Ok(count_of(effects, 1, &what));
            }
            if !answer.is_done() {
                return Ok(Ruling::Failed(format!(
                    "a call whose answer was lost, made again, is answered: {}",
                    answer.in_words()
                )));
            }
        }
        Ok(match lost {
            0 => Ruling::Inconclusive("every answer came before it could be lost".to_owned()),
            lost => Ruling::Passed(format!("{lost} of {rounds} answers lost: one effect each")),
        })
    })
}

/// Makes a call and goes away before its answer comes, after some part of a time. Whether it did.
async fn give_up(
    bench: &mut Bench<'_>,
    case: &Case,
    arguments: &serde_json::Value,
    key: &str,
    longest: Duration,
) -> Result<bool, Trouble> {
    let client = bench.subject.client().await?;
    let id = client.number();
    let params = json!({"name": case.tool, "arguments": keyed(case, arguments, key)});
    let patience = longest.mul_f64(bench.fraction());
    let request = client.request_as(id, "tools/call", params, bench.subject.wait());
    if timeout(patience, request).await.is_ok() {
        bench.log.push("the answer came before it could be lost".to_owned());
        return Ok(false);
    }
    // Over HTTP the closed stream says it, in the modern era alone.
    if client.is_child() || client.era() == Era::Legacy {
        let params = json!({"requestId": id, "reason": "the client has gone away"});
        let _unless_gone = client.notify("notifications/cancelled", params, FAREWELL).await;
    }
    let after = patience.as_micros();
    bench.log.push(format!("{} given up after {after} µs, without its answer", case.tool));
    Ok(true)
}
