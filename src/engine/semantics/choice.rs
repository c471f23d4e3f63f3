//! Closed lists of values that stand in prose.

/// The values a description says an argument is limited to: `one of: open, paid`, `must be "asc"
/// or "desc"`. None unless the whole list could be read and nothing hints at more: a list of
/// examples is not a closed one.
pub fn closed_list(description: &str) -> Option<Vec<&str>> {
    // ASCII only, so that offsets stay those of the original.
    let lower = description.to_ascii_lowercase();
    let is_open = [
        "e.g.", "eg.", "for example", "for instance", "such as", "etc", "...", "…", "any such",
        "or similar", "and so on",
    ];
    if is_open.iter().any(|mark| lower.contains(mark)) {
        return None;
    }
    let introduced = OPENINGS.iter().find_map(|opening| {
        let starts_word = |at: &usize| {
            !opening.words.starts_with(char::is_alphabetic)
                || !lower[..*at].ends_with(|before: char| before.is_alphanumeric())
        };
        let at = lower.match_indices(opening.words).map(|(at, _)| at).find(starts_word)?;
        let rest = &description[at + opening.words.len()..];
        read_list(rest, opening.demand)
    });
    // `"asc" or "desc"` may be all there is.
    introduced
        .or_else(|| read_list(description, Demand::QuotesAndEnd))
        .or_else(|| read_bars(description, &lower))
}

/// Words that open a list.
struct Opening {
    words: &'static str,
    demand: Demand,
}

/// What a list must show for the words before it to be believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// That it ends where a clause does, or that all values are quoted.
    End,
    /// That all values are quoted.
    Quotes,
    /// Both.
    QuotesAndEnd,
}

const fn opening(words: &'static str, demand: Demand) -> Opening {
    Opening { words, demand }
}

const OPENINGS: &[Opening] = &[
    opening("one of", Demand::End),
    opening("valid values", Demand::End),
    opening("allowed values", Demand::End),
    opening("possible values", Demand::End),
    opening("options:", Demand::End),
    opening("options are", Demand::End),
    opening("must be", Demand::Quotes),
    opening("can be", Demand::Quotes),
    opening(", either", Demand::QuotesAndEnd),
    opening(": either", Demand::QuotesAndEnd),
];

fn read_list(text: &str, demand: Demand) -> Option<Vec<&str>> {
    let mut rest = text.trim_start();
    for filler in ["are", "is", "either", "one of", "the following", ":"] {
        rest = rest.strip_prefix(filler).unwrap_or(rest).trim_start();
    }
    if rest.starts_with("- ") {
        return read_bullets(rest);
    }
    let mut values = Vec::new();
    let mut all_quoted = true;
    loop {
        let (value, after, is_quoted) = read_value(rest)?;
        values.push(value);
        all_quoted &= is_quoted;
        match separator(after) {
            Some(next) => rest = next,
            None => {
                rest = after.trim_start_matches(' ');
                break;
            }
        }
    }
    let is_whole = rest.is_empty() || rest.starts_with(['.', ';', ')', '(', '\n', ']']);
    let is_believed = match demand {
        Demand::End => all_quoted || is_whole,
        Demand::Quotes => all_quoted && !values.iter().all(|value| is_quantity(value)),
        Demand::QuotesAndEnd => all_quoted && is_whole,
    };
    let is_list = (2..=20).contains(&values.len())
        && is_believed
        && !values.iter().any(|value| *value == "true" || is_format(value));
    is_list.then_some(values)
}

/// Whether a value stands for many, as `YYYY-MM-DD` and `<name>` do.
fn is_format(value: &str) -> bool {
    ["YYYY", "yyyy", "HH:", "hh:", "MM-", "mm-", "<", "{"].iter().any(|mark| value.contains(mark))
}

/// Whether a value is a number with a unit, `15m`: two of them are examples.
fn is_quantity(value: &str) -> bool {
    let unit = value.trim_start_matches(|character: char| character.is_ascii_digit());
    unit.len() < value.len() && !unit.is_empty() && unit.bytes().all(|it| it.is_ascii_alphabetic())
}

/// Three or more words with bars between them, after a colon or in brackets: `kind: green|black|
/// white`. Nobody writes alternatives so in prose.
fn read_bars<'a>(description: &'a str, lower: &str) -> Option<Vec<&'a str>> {
    const OTHERWISE: &[&str] = &[
        "regex", "regular expression", "pattern", "separated", "delimited", "pipe", "combin",
        "format", "syntax", "query",
    ];
    if OTHERWISE.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let start = match description.find([':', '(']) {
        Some(start) => start + 1,
        None if description.contains(' ') => return None,
        None => 0,
    };
    let text = description[start..].trim_start();
    let end = text.find(['.', ';', ')', ',', '\n']).unwrap_or(text.len());
    let values: Vec<&str> = text[..end].trim_end().split('|').map(str::trim).collect();
    let is_word = |value: &&str| {
        !TYPES.contains(value)
            && read_value(value).is_some_and(|(_, after, quoted)| after.is_empty() && !quoted)
    };
    ((3..=20).contains(&values.len()) && values.iter().all(is_word)).then_some(values)
}

/// What the notation of a type has between its bars.
const TYPES: &[&str] = &[
    "array", "bool", "boolean", "float", "int", "integer", "list", "none", "null", "number",
    "object", "str", "string", "undefined",
];

/// Lines that each start with a value in quotes: `- 'add' - adds a label`.
fn read_bullets(text: &str) -> Option<Vec<&str>> {
    let lines = text.lines().map_while(|line| line.trim_start().strip_prefix("- "));
    let values: Option<Vec<&str>> = lines
        .map(|line| read_value(line).filter(|(.., is_quoted)| *is_quoted).map(|(value, ..)| value))
        .collect();
    values.filter(|values| (2..=20).contains(&values.len()))
}

/// One value, what follows it, and whether it was quoted.
fn read_value(text: &str) -> Option<(&str, &str, bool)> {
    if let Some(quote) = text.chars().next().filter(|first| "'\"`".contains(*first)) {
        let inner = &text[1..];
        let end = inner.find(quote)?;
        let value = &inner[..end];
        return (1..=40).contains(&value.len()).then_some((value, &inner[end + 1..], true));
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_-+".contains(character);
    let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
    let value = &text[..end];
    let is_word = !value.is_empty() && !NO_VALUES.contains(&value.to_ascii_lowercase().as_str());
    is_word.then_some((value, &text[end..], false))
}

/// Words that start a phrase where a value was expected.
const NO_VALUES: &[&str] =
    &["a", "an", "any", "another", "other", "the", "these", "those", "this", "your", "our", "its"];

/// What follows the separator at the start of a text.
fn separator(text: &str) -> Option<&str> {
    [", or ", ", and ", " or ", " and ", ", ", ",", " | ", "|", " / ", "/"]
        .iter()
        .find_map(|separator| text.strip_prefix(separator))
}

#[cfg(test)]
mod tests {
    use super::closed_list;

    #[test]
    fn a_closed_list_is_read_whole() {
        let cases: [(&str, &[&str]); 12] = [
            ("either 'c' or 'f'", &["c", "f"]),
            ("\"asc\" or \"desc\"", &["asc", "desc"]),
            ("open|paid|shipped", &["open", "paid", "shipped"]),
            (
                "Options are:\n- 'add' - adds one\n- 'remove' - takes one away\nMore.",
                &["add", "remove"],
            ),
            ("Sort direction, one of asc, desc", &["asc", "desc"]),
            ("One of: open, closed, or all. Defaults to open.", &["open", "closed", "all"]),
            ("State. Valid values are 'open' and 'shut' only", &["open", "shut"]),
            ("Must be \"asc\" or \"desc\" (default \"asc\")", &["asc", "desc"]),
            ("Allowed values: low|normal|high", &["low", "normal", "high"]),
            ("Möglich: one of `a`/`b`", &["a", "b"]),
            ("Kind of tea: green|black|white", &["green", "black", "white"]),
            ("Unit of the result, either 'c' or 'f'.", &["c", "f"]),
        ];
        for (description, expected) in cases {
            assert_eq!(closed_list(description).as_deref(), Some(expected), "{description}");
        }
    }

    #[test]
    fn prose_and_examples_are_no_closed_list() {
        for description in [
            "One of the following formats is expected",
            "one of asc, desc, etc",
            "Must be shorter or equal",
            "Can be a name or an id",
            "Format such as 'json' or 'csv'",
            "One of the repository's branches",
            "either the name or the id",
            "Moves it. Use either 'after' or 'before' to say where",
            "Options:\n- 'add' adds one\n- all others remove one",
            "one of name or id is required",
            "someone of note, friend",
            "the day; must be 'YYYY-MM-DD' or 'YYYY-MM-DDTHH:MM'",
            "how far to look back; can be '15m' or '2h' – any such duration",
            "how far to look back; can be '15m' or '2h'",
            "Regex: red|green|blue",
            "Value: string|number|null",
            "Sorts it, either 'after' or 'before' says where",
            "Only `object` (either `page` or `database`)",
        ] {
            assert_eq!(closed_list(description), None, "{description}");
        }
    }
}
