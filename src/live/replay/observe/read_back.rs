//! Effects as a tool of the server shows them that only reads.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{super::subject::Subject, Blind};

/// The most pages of one list that are read.
const MOST_PAGES: usize = 200;

/// A number that a tool shows: the length of a list, or a number in its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadBack {
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: Value,
    /// Where the list or the number stands in what it answers, as a JSON Pointer.
    pub pointer: String,
}

impl ReadBack {
    /// What the tool shows now, over all pages of the list.
    pub(super) async fn count(&self, subject: &mut Subject) -> Result<i64, Blind> {
        let mut total = 0;
        let mut arguments = self.arguments.clone();
        for _ in 0..MOST_PAGES {
            let content = read(subject, &self.tool, &arguments).await?;
            let missing = || {
                let Self { tool, pointer, .. } = self;
                Blind(format!("`{tool}` shows neither a list nor a number at {pointer}"))
            };
            match content.pointer(&self.pointer).ok_or_else(missing)? {
                Value::Array(items) => {
                    total += i64::try_from(items.len()).unwrap_or(i64::MAX);
                    match next_page(&content) {
                        Some(cursor) => arguments["cursor"] = cursor,
                        None => return Ok(total),
                    }
                }
                number => return number.as_i64().ok_or_else(missing),
            }
        }
        Err(Blind(format!("`{}` has more than {MOST_PAGES} pages", self.tool)))
    }

    pub(super) fn in_words(&self) -> String {
        let Self { tool, arguments, pointer } = self;
        let arguments = match arguments.as_object().is_some_and(|them| !them.is_empty()) {
            true => format!(" {arguments}"),
            false => String::new(),
        };
        format!("`{tool}`{arguments} at {pointer}")
    }
}

/// Where an answer says that it goes on: the names that are used for it.
fn next_page(content: &Value) -> Option<Value> {
    let places = [content, content.get("page").unwrap_or(content)];
    let names = ["next_cursor", "nextCursor", "cursor"];
    let found = places.iter().find_map(|place| names.iter().find_map(|name| place.get(name)));
    found.filter(|cursor| cursor.is_string()).cloned()
}

async fn read(subject: &mut Subject, tool: &str, arguments: &Value) -> Result<Value, Blind> {
    let answer = subject.call(tool, arguments).await.map_err(|error| Blind(error.to_string()))?;
    if !answer.is_done() {
        return Err(Blind(format!("`{tool}` answers: {}", answer.in_words())));
    }
    let nothing = || Blind(format!("`{tool}` answers without JSON"));
    answer.content().ok_or_else(nothing)
}

/// Every length and number that some reading tools show now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sight(BTreeMap<(usize, String), i64>);

/// Looks at all that some calls of reading tools show. What cannot be read shows nothing.
pub async fn look(subject: &mut Subject, calls: &[(String, Value)]) -> Sight {
    let mut sight = Sight::default();
    for (index, (tool, arguments)) in calls.iter().enumerate() {
        let Ok(content) = read(subject, tool, arguments).await else { continue };
        numbers(&content, &mut String::new(), &mut |pointer, number| {
            sight.0.insert((index, pointer.to_owned()), number);
        });
        // A list that goes on is as long as all of its pages.
        if next_page(&content).is_some() {
            let lists: Vec<String> = sight
                .0
                .keys()
                .filter(|(of, pointer)| {
                    *of == index && content.pointer(pointer).is_some_and(Value::is_array)
                })
                .map(|(_, pointer)| pointer.clone())
                .collect();
            for pointer in lists {
                let (tool, arguments) = (tool.clone(), arguments.clone());
                let read_back = ReadBack { tool, arguments, pointer: pointer.clone() };
                match read_back.count(subject).await {
                    Ok(count) => sight.0.insert((index, pointer), count),
                    Err(_) => sight.0.remove(&(index, pointer)),
                };
            }
        }
    }
    sight
}

/// What has counted a write: it stood still while nothing was done, and grew by the same with each
/// write, looked at right before and after. A list that grows by one is the best witness.
pub fn find(
    calls: &[(String, Value)],
    still: &[Sight; 2],
    writes: &[(Sight, Sight)],
) -> Option<(ReadBack, i64)> {
    let [first, second] = still;
    let (one, others) = writes.split_first()?;
    let grown = first.0.keys().filter_map(|place| {
        let unit_of =
            |(before, after): &(Sight, Sight)| Some(after.0.get(place)? - before.0.get(place)?);
        let unit = unit_of(one)?;
        let is_it = first.0.get(place) == second.0.get(place)
            && unit > 0
            && others.iter().all(|other| unit_of(other) == Some(unit));
        is_it.then_some((place, unit))
    });
    // Few levels, and one at a time, before anything else.
    let best = grown.min_by_key(|((_, pointer), unit)| {
        (*unit != 1, pointer.matches('/').count(), pointer.len())
    });
    best.map(|((index, pointer), unit)| {
        let (tool, arguments) = calls[*index].clone();
        (ReadBack { tool, arguments, pointer: pointer.clone() }, unit)
    })
}

/// The lengths of lists and the whole numbers in a value, but for those in lists.
fn numbers(value: &Value, pointer: &mut String, see: &mut impl FnMut(&str, i64)) {
    match value {
        Value::Object(members) => {
            let length = pointer.len();
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                numbers(member, pointer, see);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => see(pointer, i64::try_from(items.len()).unwrap_or(i64::MAX)),
        Value::Number(number) => {
            if let Some(number) = number.as_i64() {
                see(pointer, number);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Sight, find};

    fn sight(numbers: &[(&str, i64)]) -> Sight {
        Sight(numbers.iter().map(|(name, it)| ((0, (*name).to_owned()), *it)).collect())
    }

    #[test]
    fn what_counts_writes_is_told_from_what_only_changes() {
        let calls = [("list".to_owned(), json!({}))];
        let shown = |clock, items, sum, once| {
            sight(&[
                ("/clock", clock),
                ("/items", items),
                ("/sum", sum),
                ("/size", 9),
                ("/once", once),
            ])
        };
        let still = [shown(5, 3, 30, 0), shown(6, 3, 30, 0)];
        // What a write needs may be shown, too, and is no effect of it.
        let writes =
            [(shown(7, 4, 30, 0), shown(8, 5, 40, 1)), (shown(9, 6, 40, 1), shown(10, 7, 50, 1))];
        let (found, unit) = find(&calls, &still, &writes).unwrap();
        assert_eq!((found.pointer.as_str(), unit), ("/items", 1));
        let idle = (shown(9, 6, 40, 1), shown(10, 6, 40, 1));
        assert_eq!(find(&calls, &still, &[writes[0].clone(), idle]), None);
        assert_eq!(find(&calls, &still, &[]), None);
    }
}
