//! Whether one change that many ask for at the same moment, under one key, takes effect once.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::{
    bench::{Bench, Case, keyed},
    compare::{Difference, differences},
    subject::call,
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/concurrent-duplicate-effect",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let (racers, rounds) = (bench.options.racers, bench.options.rounds);
        let wait = bench.subject.wait();
        for round in 1..=rounds {
            let arguments = bench.fresh(case).await?;
            let (before, key) = (bench.count(case).await?, bench.key());
            let client = bench.subject.client().await?;
            let arguments = keyed(case, &arguments, &key);
            let start = Arc::new(Barrier::new(racers));
            let race = (0..racers).map(|_| {
                let (start, client) = (Arc::clone(&start), client.clone());
                let (tool, arguments) = (case.tool.clone(), arguments.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    call(&client, &tool, &arguments, wait).await
                })
            });
            let answers: Vec<_> = join_all(race).await.into_iter().filter_map(Result::ok).collect();
            bench.log.clear();
            bench.log.push(format!("round {round}: {racers} calls of {} at once", case.tool));
            let effects = bench.effects(case, before, 1).await?;
            if effects != 1 {
                let what = format!("{racers} calls at once under one key, round {round}");
                return Ok(count_of(effects, 1, &what));
            }
            let mut contents =
                answers.iter().filter(|it| it.is_done()).filter_map(|it| it.content());
            let first = contents.next().unwrap_or_default();
            let is_new = |it: &Difference| !bench.noise.contains(&it.pointer);
            if contents.any(|content| differences(&first, &content).iter().any(is_new)) {
                let why = format!("round {round}: callers of one change have different results");
                return Ok(Ruling::Failed(why));
            }
            let is_expected = |it: &&super::super::answer::Answer| {
                it.is_done() || it.code().as_deref() == Some("idempotency_in_flight")
            };
            if let Some(other) = answers.iter().find(|it| !is_expected(it)) {
                // Whoever says that somebody is at it says so in their own words.
                bench.log.push(format!("one of them is answered: {}", other.in_words()));
            }
        }
        Ok(Ruling::Passed(format!("{rounds} rounds of {racers} calls at once: one effect each")))
    })
}
