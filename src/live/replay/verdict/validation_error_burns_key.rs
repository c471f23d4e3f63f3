//! Whether a key can still be used after a call with wrong arguments.

use serde_json::{Value, json};

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::bench::{Bench, Case};

pub(super) const QUESTION: Question = Question {
    rule: "replay/validation-error-burns-key",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &["replay/error-as-success"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let arguments = bench.fresh(case).await?;
        let wrong = wrong(&arguments);
        let (before, key) = (bench.count(case).await?, bench.key());
        for wrong in &wrong {
            let refused = bench.call(case, wrong, &key).await?;
            if refused.is_done() {
                let why = "wrong arguments are not refused".to_owned();
                return Ok(Ruling::Inconclusive(why));
            }
        }
        let right = bench.call(case, &arguments, &key).await?;
        if !right.is_done() {
            return Ok(Ruling::Failed(format!(
                "after a call with wrong arguments the right one is answered: {}",
                right.in_words()
            )));
        }
        let effects = bench.effects(case, before, 1).await?;
        Ok(count_of(effects, 1, "a wrong call and then the right one"))
    })
}

/// The arguments with one of a wrong type, and without one: what any validation refuses.
fn wrong(arguments: &Value) -> Vec<Value> {
    let Some(members) = arguments.as_object() else { return Vec::new() };
    let mut wrong = Vec::new();
    if let Some(name) = members.keys().next() {
        let mut other = members.clone();
        other.insert(name.clone(), json!({"unexpected": true}));
        wrong.push(Value::Object(other));
        let mut other = members.clone();
        other.remove(name);
        wrong.push(Value::Object(other));
    }
    wrong
}
