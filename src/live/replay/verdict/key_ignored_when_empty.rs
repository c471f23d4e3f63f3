//! Whether a key that is none is refused rather than passed over.

use serde_json::Value;

use super::{Putting, Question, Ruling};
use crate::live::replay::{
    answer::Answer,
    bench::{Bench, Case},
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/key-ignored-when-empty",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success", "replay/empty-error", "replay/error-not-specific"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let name = case.key.clone().unwrap_or_default();
        let long = "k".repeat(1_000);
        for (what, key) in [
            ("an empty key", Some("")),
            ("a key of 1,000 characters", Some(&*long)),
            ("no key", None),
        ] {
            let arguments = bench.fresh(case).await?;
            let before = bench.count(case).await?;
            let mut last = None;
            for _ in 0..2 {
                let answer = match key {
                    Some(key) => bench.call(case, &arguments, key).await?,
                    None => {
                        let answer = bench.subject.call(&case.tool, &arguments).await?;
                        bench.note(&case.tool, "", &answer);
                        answer
                    }
                };
                last = Some(answer);
            }
            let effects = bench.effects(case, before, 0).await?;
            if effects > 1 {
                let why = format!("two calls with {what} are made both: {effects} effects");
                return Ok(Ruling::Failed(why));
            }
            let Some(last) = last.filter(|last| !last.is_done()) else { continue };
            if !names(&last, &name) {
                let answer = last.in_words();
                let why = format!("the refusal of {what} does not name `{name}`: {answer}");
                return Ok(Ruling::Failed(why));
            }
        }
        Ok(Ruling::Passed(
            "an empty, an oversized and a missing key: no call is made twice".to_owned(),
        ))
    })
}

fn names(answer: &Answer, name: &str) -> bool {
    let error = answer.error().unwrap_or_default();
    let argument = error.get("argument").and_then(Value::as_str).unwrap_or_default();
    argument.trim_start_matches('/') == name || answer.text().contains(name)
}
