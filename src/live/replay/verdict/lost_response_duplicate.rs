//! Whether a call takes effect once whose answer was lost on the way, and which is made again.

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::bench::{Bench, Case, keyed};

pub(super) const QUESTION: Question = Question {
    rule: "replay/lost-response-duplicate",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success", "replay/concurrent-duplicate-effect"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let rounds = bench.options.rounds;
        let patience = bench.subject.wait();
        let (mut lost, mut usual) = (0, case.typical);
        // An answer that was faster than usual is none that was lost.
        for round in 1..=2 * rounds {
            if lost == rounds {
                break;
            }
            let arguments = bench.fresh(case).await?;
            let (before, key) = (bench.count(case).await?, bench.key());
            bench.log.clear();
            let share = (lost as f64 + bench.fraction()) / rounds as f64;
            let impatience = usual.mul_f64(share);
            match bench.given_up(case, &keyed(case, &arguments, &key), impatience).await? {
                None => lost += 1,
                Some(time) => usual = usual.mul_f64(0.8).min(time),
            }
            // Some come back at once, and some when the server has been through with the call, and has
            // noticed that they had gone.
            if round % 2 == 0 {
                tokio::time::sleep(bench.options.settle + usual).await;
            }
            let answer = bench.until_answered(case, &arguments, &key, patience).await?;
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
            lost => Ruling::Passed(format!("{lost} answers lost: one effect each")),
        })
    })
}
