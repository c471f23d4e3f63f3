//! Makes a pair of schemas smaller for as long as it shows the same mistake.

use serde_json::Value;

/// Most attempts; shrinking is for people, and people do not wait for ever.
const MAX_ATTEMPTS: usize = 3_000;

/// The smallest pair found by leaving things out that still shows the mistake.
pub(super) fn shrink(
    mut pair: [Value; 2],
    mut shows_it: impl FnMut(&[Value; 2]) -> bool,
) -> [Value; 2] {
    let mut attempts = 0;
    loop {
        let candidates = (0..2).flat_map(|side| {
            let pair = &pair;
            smaller(&pair[side]).into_iter().map(move |schema| {
                let mut candidate = pair.clone();
                candidate[side] = schema;
                candidate
            })
        });
        // What goes on both sides at once keeps them alike.
        let both = smaller(&pair[0]).into_iter().zip(smaller(&pair[1]));
        let candidates = both.map(|(first, second)| [first, second]).chain(candidates);
        let found = candidates.into_iter().find(|candidate| {
            attempts += 1;
            attempts <= MAX_ATTEMPTS && shows_it(candidate)
        });
        match found {
            Some(found) => pair = found,
            None => return pair,
        }
    }
}

/// The value with one thing left out, or replaced by what is inside it.
fn smaller(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                if name == "$schema" {
                    continue;
                }
                let mut without = members.clone();
                without.remove(name);
                all.push(Value::Object(without));
                for smaller in smaller(inner) {
                    let mut with = members.clone();
                    with.insert(name.clone(), smaller);
                    all.push(Value::Object(with));
                }
            }
            let is_single = members.len() == 1;
            all.extend(members.values().filter(|it| is_single && it.is_object()).cloned());
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(index);
                all.push(Value::Array(without));
                for smaller in smaller(inner) {
                    let mut with = items.clone();
                    with[index] = smaller;
                    all.push(Value::Array(with));
                }
            }
        }
        _ => {}
    }
    all
}
