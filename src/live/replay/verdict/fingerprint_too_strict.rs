//! Whether a repeated call is recognised whose arguments are only written in another order.

use serde_json::{Map, Value};

use super::{Putting, Question, Ruling, count_of};
use crate::live::replay::{
    bench::{Bench, Case, Made, keyed},
    subject::call_text,
};

pub(super) const QUESTION: Question = Question {
    rule: "replay/fingerprint-too-strict",
    presupposes: &["replay/duplicate-effect"],
    spoiled_by: &[],
    put,
};

fn put<'b>(bench: &'b mut Bench<'_>, case: &'b Case) -> Putting<'b> {
    Box::pin(async move {
        let Made { arguments, key, before, .. } = bench.made(case).await?;
        let backwards = backwards(&keyed(case, &arguments, &key));
        let client = bench.subject.client().await?;
        let second = call_text(&client, &case.tool, &backwards, bench.subject.wait()).await;
        bench.note(&case.tool, &key, &second);
        let effects = bench.effects(case, before, 1).await?;
        if effects != 1 {
            return Ok(count_of(effects, 1, "the same arguments in another order"));
        }
        if !second.is_done() {
            return Ok(Ruling::Failed(format!(
                "the same arguments in another order are answered: {}",
                second.in_words()
            )));
        }
        let Some((name, whole)) = with_default(bench, case, &arguments) else {
            return Ok(Ruling::Passed("the order of arguments makes no difference".to_owned()));
        };
        let third = bench.call(case, &whole, &key).await?;
        let effects = bench.effects(case, before, 1).await?;
        let what = format!("the same arguments with the default of `{name}` written out");
        if effects != 1 {
            return Ok(count_of(effects, 1, &what));
        }
        Ok(match third.is_done() {
            true => Ruling::Passed(format!(
                "neither the order of arguments nor the default of `{name}` makes a difference"
            )),
            false => Ruling::Failed(format!("{what} are answered: {}", third.in_words())),
        })
    })
}

/// The arguments with one more that has a default and was left out.
fn with_default(bench: &Bench<'_>, case: &Case, arguments: &Value) -> Option<(String, Value)> {
    let tool = bench.surface.tool(&case.tool)?;
    let mut left_out = tool.arguments().filter(|(name, _)| arguments.get(*name).is_none());
    let (name, default) = left_out
        .find_map(|(name, schema)| Some((name.to_owned(), schema.get("default")?.clone())))?;
    let mut whole = arguments.clone();
    whole.as_object_mut()?.insert(name.clone(), default);
    Some((name, whole))
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
