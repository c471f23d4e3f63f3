//! Types and constraints in words: `array of integer`, `1 to 50`, `at most 64 characters`.

use serde_json::Value;

use super::{
    Span,
    node::Node,
    place::{Choice, Place},
    shorten,
    table::Tables,
};

/// Characters of one value that are shown in a cell.
const MAX_VALUE: usize = 80;
/// Values of one enumeration that are shown, and names of one list.
const MAX_VALUES: usize = 50;
/// Characters of a schema that is shown as JSON, for want of words.
const MAX_SCHEMA: usize = 120;
/// How far `array of array of …` is spelled out.
const MAX_NESTING: usize = 4;

const CLOSED: &str = "no other members";

/// A value as it is shown in a cell: compact JSON, shortened.
pub(super) fn json(value: &Value) -> String {
    shorten(&value.to_string(), MAX_VALUE)
}

/// The type of a place in words.
pub(super) fn type_of<'a>(tables: &mut Tables<'a>, place: &Place<'a>) -> Vec<Span> {
    let mut spans = Vec::new();
    Wording { tables, spans: &mut spans }.place(place, 0);
    spans
}

struct Wording<'t, 'a> {
    tables: &'t mut Tables<'a>,
    spans: &'t mut Vec<Span>,
}

impl<'a> Wording<'_, 'a> {
    fn say(&mut self, text: &str) {
        match self.spans.last_mut() {
            Some(Span::Code(last)) => last.push_str(text),
            _ => self.spans.push(Span::Code(text.to_owned())),
        }
    }

    fn place(&mut self, place: &Place<'a>, nesting: usize) {
        if place.is_nothing() {
            self.say("nothing");
            return;
        }
        if let Some(values) = values(place) {
            self.say(&values);
            return;
        }
        let types = place.types();
        if !place.named.is_empty() {
            for (index, named) in place.named.iter().enumerate() {
                if index > 0 {
                    self.say(" and ");
                }
                let link = self.tables.link(*named);
                self.spans.push(link);
            }
        } else if let Some(choice) = place.choices.first().filter(|_| says_no_more(place)) {
            self.choice(choice, nesting);
        } else if types.is_empty() {
            self.say(if place.unresolved.is_empty() { "any" } else { "unknown" });
        }
        if place.named.is_empty() {
            let names_null = types.len() > 1;
            for (index, name) in types.iter().enumerate() {
                if index > 0 {
                    self.say(" or ");
                }
                self.type_named(name, place, nesting);
            }
            if names_null && types.contains(&"null") {
                return;
            }
        }
        if place.is_nullable {
            self.say(" or null");
        }
    }

    fn type_named(&mut self, name: &str, place: &Place<'a>, nesting: usize) {
        match name {
            "array" => self.array(place, nesting),
            "object" if place.properties().is_empty() => match place.other_members() {
                Some(values) if nesting < MAX_NESTING => {
                    self.say("map of string to ");
                    let values = self.tables.place(values);
                    self.place(&values, nesting + 1);
                }
                _ => self.say("object"),
            },
            _ => match place.text("format") {
                Some(format) => self.say(&format!("{name} ({})", shorten(format, MAX_VALUE))),
                None => self.say(&shorten(name, MAX_VALUE)),
            },
        }
    }

    fn array(&mut self, place: &Place<'a>, nesting: usize) {
        let prefix = place.prefix_items();
        if !prefix.is_empty() {
            self.say("tuple");
        } else if let (Some(items), true) = (place.items(), nesting < MAX_NESTING) {
            let items = self.tables.place(items);
            self.say("array of ");
            let is_long = values(&items).is_some_and(|values| values.contains(" | "))
                || items.is_nullable
                || items.types().len() > 1;
            if is_long {
                self.say("(");
            }
            self.place(&items, nesting + 1);
            if is_long {
                self.say(")");
            }
        } else {
            self.say("array");
        }
    }

    fn choice(&mut self, choice: &Choice<'a>, nesting: usize) {
        if nesting >= MAX_NESTING || !self.tables.is_plain(choice) {
            let how = if choice.is_exclusive { "one" } else { "any" };
            self.say(&format!("{how} of {} options", choice.options.len()));
            return;
        }
        for (index, option) in choice.options.iter().enumerate() {
            if index > 0 {
                self.say(" or ");
            }
            let option = self.tables.place(*option);
            self.place(&option, nesting + 1);
        }
    }
}

/// Whether the combinator of a place is all that tells its type.
fn says_no_more(place: &Place<'_>) -> bool {
    place.get("type").is_none() && place.get("properties").is_none()
}

/// The values of `const` or `enum`, where there are any: `"a" | "b"`.
fn values(place: &Place<'_>) -> Option<String> {
    if let Some(only) = place.get("const") {
        return Some(json(only.value));
    }
    let values = place.get("enum")?.value.as_array()?;
    let mut shown: Vec<String> = values.iter().take(MAX_VALUES).map(json).collect();
    if values.len() > MAX_VALUES {
        shown.push(format!("{} more", values.len() - MAX_VALUES));
    } else if place.is_nullable && !values.contains(&Value::Null) {
        shown.push("null".to_owned());
    }
    Some(shown.join(" | "))
}

/// All constraints of a place in words, each on its own.
pub(super) fn constraints(place: &Place<'_>) -> Vec<Vec<Span>> {
    let mut constraints = Vec::new();
    let mut words =
        |words: Option<String>| constraints.extend(words.map(|words| vec![Span::Words(words)]));
    words(count(place, "minLength", "maxLength", "character"));
    words(range(place));
    words(place.get("multipleOf").map(|step| format!("a multiple of {}", json(step.value))));
    words(count(place, "minItems", "maxItems", "item"));
    words(is_true(place, "uniqueItems").then(|| "no duplicates".to_owned()));
    words(count(place, "minProperties", "maxProperties", "member"));
    words(is_closed(place).then(|| CLOSED.to_owned()));
    for pattern in place.all("pattern").filter_map(|pattern| pattern.text()) {
        constraints.push(phrase("matches", pattern));
    }
    for (keyword, words) in [("contentEncoding", "encoded as"), ("contentMediaType", "holds")] {
        constraints.extend(place.text(keyword).map(|value| phrase(words, value)));
    }
    constraints.extend(place.choices.iter().filter_map(required_sets));
    for (keyword, words) in [
        ("contains", "one item at least fits"),
        ("propertyNames", "member names fit"),
        ("not", "does not fit"),
        ("if", "if it fits"),
        ("then", "then it fits"),
        ("else", "otherwise it fits"),
    ] {
        constraints.extend(place.all(keyword).map(|schema| phrase(words, &short_json(schema))));
    }
    constraints.extend(dependencies(place));
    for reference in &place.unresolved {
        constraints.push(phrase("as in another document:", reference));
    }
    constraints
}

/// A schema as JSON. One that is much too long is not written at all: the same text could be
/// written once more for every schema around it.
fn short_json(schema: Node<'_>) -> String {
    if schema.size() > MAX_SCHEMA * 20 { "…".to_owned() } else { schema.value.to_string() }
}

fn is_closed(place: &Place<'_>) -> bool {
    ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|keyword| place.all(keyword).any(|schema| *schema.value == Value::Bool(false)))
}

/// Whether the members of a place, where it has any, and its type in words are all there is to
/// say about it.
pub(super) fn is_told_by_type(place: &Place<'_>) -> bool {
    place.text("description").is_none()
        && constraints(place).iter().all(|constraint| {
            !place.properties().is_empty() && *constraint == [Span::Words(CLOSED.to_owned())]
        })
}

fn phrase(words: &str, code: &str) -> Vec<Span> {
    vec![Span::Words(format!("{words} ")), Span::Code(shorten(code, MAX_SCHEMA))]
}

fn is_true(place: &Place<'_>, keyword: &str) -> bool {
    place.all(keyword).any(|flag| *flag.value == Value::Bool(true))
}

/// The tightest of the numbers that the parts have under a keyword.
fn tightest<'a>(place: &Place<'a>, keyword: &str, is_lower: bool) -> Option<&'a Value> {
    let numbers = place.all(keyword).map(|node| node.value);
    let numbers = numbers.filter_map(|value| Some((value.as_f64()?, value)));
    let order = |left: &(f64, &Value), right: &(f64, &Value)| left.0.total_cmp(&right.0);
    let found = if is_lower { numbers.max_by(order) } else { numbers.min_by(order) };
    found.map(|(_, value)| value)
}

/// `1 to 64 characters`, `exactly 3 items`, `at most 1 member`.
fn count(place: &Place<'_>, least: &str, most: &str, noun: &str) -> Option<String> {
    let least = tightest(place, least, true).filter(|least| least.as_f64() != Some(0.0));
    let most = tightest(place, most, false);
    let nouns = |count: &Value| {
        let plural = if count.as_f64() == Some(1.0) { "" } else { "s" };
        format!("{count} {noun}{plural}")
    };
    Some(match (least, most) {
        (Some(least), Some(most)) if least == most => format!("exactly {}", nouns(least)),
        (Some(least), Some(most)) => format!("{least} to {}", nouns(most)),
        (Some(least), None) => format!("at least {}", nouns(least)),
        (None, Some(most)) => format!("at most {}", nouns(most)),
        (None, None) => return None,
    })
}

/// `1 to 50`, `above 0, at most 10`.
fn range(place: &Place<'_>) -> Option<String> {
    // In draft 4 the exclusive keywords are flags that sharpen the others.
    let least = tightest(place, "minimum", true);
    let most = tightest(place, "maximum", false);
    let above = tightest(place, "exclusiveMinimum", true)
        .or(least.filter(|_| is_true(place, "exclusiveMinimum")));
    let below = tightest(place, "exclusiveMaximum", false)
        .or(most.filter(|_| is_true(place, "exclusiveMaximum")));
    let lower = above.map(|bound| format!("above {bound}"));
    let upper = below.map(|bound| format!("below {bound}"));
    match (lower, upper, least, most) {
        (None, None, Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (lower, upper, least, most) => {
            let lower = lower.or_else(|| least.map(|bound| format!("at least {bound}")));
            let upper = upper.or_else(|| most.map(|bound| format!("at most {bound}")));
            let both: Vec<String> = lower.into_iter().chain(upper).collect();
            (!both.is_empty()).then(|| both.join(", "))
        }
    }
}

/// A combinator whose branches only require members: `exactly one of: id; name and tenant`.
fn required_sets(choice: &Choice<'_>) -> Option<Vec<Span>> {
    let how = if choice.is_exclusive { "exactly one of: " } else { "at least one of: " };
    let mut spans = vec![Span::Words(how.to_owned())];
    for (index, names) in only_required(choice)?.into_iter().take(MAX_VALUES).enumerate() {
        if index > 0 {
            spans.push(Span::Words("; ".to_owned()));
        }
        for (index, name) in names.into_iter().take(MAX_VALUES).enumerate() {
            if index > 0 {
                spans.push(Span::Words(" and ".to_owned()));
            }
            spans.push(Span::Code(shorten(name, MAX_VALUE)));
        }
    }
    Some(spans)
}

/// The member names that each branch requires, if no branch says anything else.
pub(super) fn only_required<'a>(choice: &Choice<'a>) -> Option<Vec<Vec<&'a str>>> {
    let names = choice.options.iter().map(|option| {
        let members = option.value.as_object()?;
        let says_no_more = members.iter().all(|(keyword, value)| {
            keyword == "required" || (keyword == "type" && value == "object")
        });
        let names = members.get("required")?.as_array()?;
        says_no_more.then(|| names.iter().filter_map(Value::as_str).collect())
    });
    names.collect()
}

fn dependencies(place: &Place<'_>) -> Vec<Vec<Span>> {
    let keywords = ["dependentRequired", "dependencies"];
    let members =
        keywords.iter().flat_map(|keyword| place.all(keyword)).flat_map(|map| map.members());
    let phrases = members.filter_map(|(name, needed)| {
        let needed: Vec<_> = needed.value.as_array()?.iter().filter_map(Value::as_str).collect();
        Some(vec![
            Span::Code(shorten(name, MAX_VALUE)),
            Span::Words(" needs ".to_owned()),
            Span::Code(shorten(&needed.join(", "), MAX_SCHEMA)),
        ])
    });
    phrases.take(MAX_VALUES).collect()
}
