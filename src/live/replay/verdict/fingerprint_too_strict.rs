//! Whether a repeated call is recognised whose arguments are only written in another order.

use serde_json::{Map, Value};

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::{
    bench::{Bench, Case, keyed},
    subject::call_text,
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/fingerprint-too-strict",
    presupposes: &["replay/duplicate-effect"],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let arguments = bench.fresh(case).await?;
        let (before, key) = (bench.count(case).await?, bench.key());
        let first = bench.call(case, &arguments, &key).await?;
        if !first.is_done() {
            return Ok(Ruling::Inconclusive(format!("the call is answered: {}", first.in_words())));
        }
        let backwards = backwards(&keyed(case, &arguments, &key));
        let client = bench.subject.client().await?;
        let second = call_text(&client, &case.tool, &backwards, bench.subject.wait()).await;
        bench.note(&case.tool, &key, &second);
        let effects = bench.effects(case, before, 1).await?;
        if effects != 1 {
            return Ok(count_of(effects, 1, "the same arguments in another order"));
        }
        Ok(match second.is_done() {
            true => Ruling::Passed("the order of arguments makes no difference".to_owned()),
            false => Ruling::Failed(format!(
                "the same arguments in another order are answered: {}",
                second.in_words()
            )),
        })
    })
}

/// A value as JSON whose objects are written from their last member to their first.
fn backwards(value: &Value) -> String {
    let object = |members: &Map<String, Value>| {
        let members = members.iter().rev();
        let members: Vec<String> = members
            .map(|(name, member)| format!("{}:{}", Value::from(name.as_str()), backwards(member)))
            .collect();
        format!("{{{}}}", members.join(", "))
    };
    match value {
        Value::Object(members) => object(members),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(backwards).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}
