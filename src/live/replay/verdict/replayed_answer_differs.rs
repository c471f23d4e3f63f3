//! Whether a repeated call is answered like the first one.

use serde_json::Value;

use super::{Putting, Question, Ruling};
use crate::live::replay::{
    answer::{What, is_mark},
    bench::{Bench, Case},
    compare::{differences, is_noise},
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/replayed-answer-differs",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let arguments = bench.fresh(case).await?;
        let key = bench.key();
        let first = bench.call(case, &arguments, &key).await?;
        let second = bench.call(case, &arguments, &key).await?;
        if let (Some(one), Some(other)) = (first.content(), second.content()) {
            bench.noise.extend(differences(&one, &other).into_iter().map(|it| it.pointer));
        }
        let (What::Done(first), What::Done(again)) = (&first.what, &second.what) else {
            let why = "the call or its repetition is no result".to_owned();
            return Ok(Ruling::Inconclusive(why));
        };
        let (first, again) = (without_marks(first), without_marks(again));
        let differences = differences(&first, &again);
        let found = differences.iter().find(|it| !is_noise(&it.pointer, &first, &again));
        Ok(match found {
            None if second.is_marked_as_repeated() => {
                Ruling::Passed("the same answer, marked as repeated".to_owned())
            }
            None => Ruling::Passed("the same answer".to_owned()),
            Some(difference) => Ruling::Failed(format!("the repeated call: {difference}")),
        })
    })
}

/// A result without what says that it is a repetition, and without its text where that mirrors the
/// structured content.
fn without_marks(result: &Value) -> Value {
    let mut result = result.clone();
    for holder in ["_meta", "structuredContent"] {
        if let Some(members) = result.get_mut(holder).and_then(Value::as_object_mut) {
            members.retain(|name, _| !is_mark(name));
        }
    }
    if result.get("_meta").is_some_and(|meta| meta == &Value::Object(Default::default()))
        && let Some(members) = result.as_object_mut()
    {
        members.remove("_meta");
    }
    if result.get("structuredContent").is_some()
        && let Some(members) = result.as_object_mut()
    {
        members.remove("content");
    }
    result
}
