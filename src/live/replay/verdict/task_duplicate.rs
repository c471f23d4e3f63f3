//! Whether a repeated call that begins something which takes longer begins it once.

use super::{Putting, Question, Ruling};
use crate::live::replay::{
    answer::Answer,
    bench::{Bench, Case, keyed},
    pending::Handle,
    subject::call,
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/task-duplicate",
    presupposes: &["replay/distinct-keys-collapsed"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let wait = bench.subject.wait();
        let mut judged = Vec::new();
        for follows_tasks in [true, false] {
            let client = match follows_tasks {
                true => bench.subject.client_of_tasks().await?,
                false => bench.subject.client().await?,
            };
            let arguments = bench.fresh(case).await?;
            let key = bench.key();
            let arguments = keyed(case, &arguments, &key);
            let mut handles: Vec<(Option<Handle>, Answer)> = Vec::new();
            for _ in 0..2 {
                let answer = call(&client, &case.tool, &arguments, wait).await;
                bench.note(&case.tool, &key, &answer);
                handles.push((Handle::of(&answer, bench.surface), answer));
            }
            if follows_tasks {
                client.close().await;
            }
            let Ok([(first, _), (second, again)]) = <[_; 2]>::try_from(handles) else { continue };
            let Some(first) = first else { continue };
            match second {
                Some(second) if second == first => judged.push(first.in_words()),
                Some(_) => {
                    let what = first.in_words();
                    let why = format!("the repeated call begins another one of {what}");
                    return Ok(Ruling::Failed(why));
                }
                // It may have come to its end meanwhile.
                None if again.is_done() => judged.push(first.in_words()),
                None => {
                    let why = format!("the repeated call is answered: {}", again.in_words());
                    return Ok(Ruling::Failed(why));
                }
            }
        }
        Ok(match judged.as_slice() {
            [] => Ruling::Skipped("it is answered with neither a task nor a job".to_owned()),
            _ => Ruling::Passed(format!("the same {} both times", judged.join(" and "))),
        })
    })
}
