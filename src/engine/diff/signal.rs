//! What makes an edit of a text more than a rewording.

use std::{collections::HashSet, fmt};

use super::text::{Words, words};

/// A reason to read an edit twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A unit is another one: every old value still fits and means something else.
    Unit(String, String),
    /// A negation came or went.
    Negation(String),
    /// A number is another one.
    Limit(String),
    /// The text tells the model what to do.
    Directive(String),
    /// The text names a tool that it did not name.
    NamedTool(String),
    /// Characters that a reader cannot see.
    Hidden,
}

impl fmt::Display for Signal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(old, new) => write!(formatter, "the unit changes: {old} → {new}"),
            Self::Negation(word) => write!(formatter, "a negation comes or goes: \"{word}\""),
            Self::Limit(edit) => write!(formatter, "a number changes: {edit}"),
            Self::Directive(words) => {
                write!(formatter, "it now tells the model what to do: \"{words}\"")
            }
            Self::NamedTool(name) => write!(formatter, "it now names the tool `{name}`"),
            Self::Hidden => formatter.write_str("it now hides characters"),
        }
    }
}

/// Units that stand for one another, the plain form first.
const UNITS: &[&[&str]] = &[
    &["milliseconds", "millisecond", "millis", "ms", "msec"],
    &["microseconds", "microsecond", "us", "µs"],
    &["nanoseconds", "nanosecond", "ns"],
    &["seconds", "second", "sec", "secs", "s"],
    &["minutes", "minute", "min", "mins"],
    &["hours", "hour", "hrs", "h"],
    &["days", "day"],
    &["weeks", "week"],
    &["months", "month"],
    &["years", "year"],
    &["bits", "bit"],
    &["bytes", "byte"],
    &["kilobytes", "kilobyte", "kb", "kib"],
    &["megabytes", "megabyte", "mb", "mib"],
    &["gigabytes", "gigabyte", "gb", "gib"],
    &["cents", "cent", "pence"],
    &["dollars", "dollar", "usd", "$"],
    &["euros", "euro", "eur", "€"],
    &["pounds", "pound", "gbp", "£"],
    &["percent", "percentage", "%"],
    &["fraction", "ratio"],
    &["meters", "meter", "metres", "metre", "m"],
    &["kilometers", "kilometer", "kilometres", "kilometre", "km"],
    &["miles", "mile"],
    &["feet", "foot", "ft"],
    &["centimeters", "centimetres", "cm"],
    &["millimeters", "millimetres", "mm"],
    &["inches", "inch"],
    &["celsius", "°c"],
    &["fahrenheit", "°f"],
    &["kelvin"],
    &["degrees", "degree"],
    &["radians", "radian"],
    &["grams", "gram", "g"],
    &["kilograms", "kilogram", "kg"],
    &["tokens", "token"],
    &["characters", "character", "chars"],
    &["words", "word"],
    &["lines", "line"],
    &["utc"],
    &["local"],
];

const NEGATIONS: &[&str] = &[
    "not", "no", "never", "cannot", "can't", "doesn't", "don't", "isn't", "won't", "without",
    "except", "unless", "neither", "nor", "non",
];

/// Words that speak to the model rather than of the tool.
const DIRECTIVES: &[&str] = &[
    "always call", "always use", "must first", "must call", "must use", "must always",
    "must be called", "must not", "you must", "you should", "do not use", "do not call",
    "don't call", "never call", "never use", "never ask", "never mention", "never tell",
    "before calling", "before using", "before any other", "first call", "call this",
    "use this tool", "instead of", "ignore previous", "ignore all", "do not tell",
    "do not mention", "without asking", "make sure", "be sure", "required to call", "prefer this",
];

/// The signals of an edit, strongest first.
pub(super) fn signals(
    old: &str,
    new: &str,
    edits: &[Words<'_>],
    tools: &HashSet<&str>,
    hides: bool,
) -> Vec<Signal> {
    let (before, after) = (folded(old), folded(new));
    let (dropped, added) = moved(edits);
    let mut signals = Vec::new();
    if hides {
        signals.push(Signal::Hidden);
    }
    signals.extend(unit(&dropped, &added, &before, &after));
    signals.extend(negation(&dropped, &added, &before, &after));
    signals.extend(limit(edits, old, new));
    signals.extend(directive(&before, &after));
    signals.extend(named_tool(old, new, tools));
    signals
}

fn folded(text: &str) -> Vec<String> {
    words(text).iter().map(|word| word.to_lowercase()).collect()
}

/// The words that went and the words that came, in lower case.
fn moved(edits: &[Words<'_>]) -> (Vec<String>, Vec<String>) {
    let lower = |words: &[&str]| words.iter().map(|word| word.to_lowercase()).collect::<Vec<_>>();
    let dropped = edits.iter().flat_map(|edit| lower(&edit.0)).collect();
    let added = edits.iter().flat_map(|edit| lower(&edit.1)).collect();
    (dropped, added)
}

fn unit(
    dropped: &[String],
    added: &[String],
    before: &[String],
    after: &[String],
) -> Option<Signal> {
    let unit_of = |word: &String| {
        let (_, name) = apart(word);
        position(if name.is_empty() { word } else { name })
    };
    let units = |words: &[String]| words.iter().filter_map(&unit_of).collect::<HashSet<_>>();
    let (all_before, all_after) = (units(before), units(after));
    let gone =
        dropped.iter().find(|word| unit_of(word).is_some_and(|unit| !all_after.contains(&unit)))?;
    let come =
        added.iter().find(|word| unit_of(word).is_some_and(|unit| !all_before.contains(&unit)))?;
    Some(Signal::Unit(gone.clone(), come.clone()))
}

fn negation(
    dropped: &[String],
    added: &[String],
    before: &[String],
    after: &[String],
) -> Option<Signal> {
    let is_negation = |word: &&String| NEGATIONS.contains(&word.as_str());
    let count = |words: &[String]| words.iter().filter(is_negation).count();
    if count(before) == count(after) {
        return None;
    }
    // A sentence more may bring its own "not"; what counts is an edit of what was said.
    let moved = added.iter().chain(dropped).find(is_negation)?;
    Some(Signal::Negation(moved.clone()))
}

/// A number and the unit that is written to it, as in "30s" and "10MB".
fn apart(word: &str) -> (&str, &str) {
    let is_name = |character: char| !character.is_ascii_digit() && character != '.';
    word.split_at(word.find(is_name).unwrap_or(word.len()))
}

fn position(unit: &str) -> Option<usize> {
    UNITS.iter().position(|forms| forms.contains(&unit))
}

fn limit(edits: &[Words<'_>], old: &str, new: &str) -> Option<Signal> {
    let numbers = |words: &[&str]| -> Vec<String> {
        let is_number = |word: &&&str| word.starts_with(|first: char| first.is_ascii_digit());
        // "5 seconds" and "5s" are the same number; whether the unit is, is asked apart.
        let plain = |word: &&str| match apart(word) {
            (number, unit) if position(&unit.to_lowercase()).is_some() => number.to_owned(),
            _ => (*word).to_owned(),
        };
        words.iter().filter(is_number).map(plain).collect()
    };
    let (all_old, all_new) = (numbers(&words(old)), numbers(&words(new)));
    edits.iter().find_map(|(before, after)| {
        let gone = numbers(before).into_iter().find(|number| !all_new.contains(number));
        let come = numbers(after).into_iter().find(|number| !all_old.contains(number));
        match (gone, come) {
            (Some(gone), Some(come)) => Some(Signal::Limit(format!("{gone} → {come}"))),
            (Some(gone), None) => Some(Signal::Limit(format!("{gone} is gone"))),
            (None, Some(come)) => Some(Signal::Limit(format!("{come} is new"))),
            (None, None) => None,
        }
    })
}

fn directive(before: &[String], after: &[String]) -> Option<Signal> {
    let (before, after) = (format!(" {} ", before.join(" ")), format!(" {} ", after.join(" ")));
    let is_new = |words: &&&str| {
        let words = format!(" {words} ");
        after.contains(&words) && !before.contains(&words)
    };
    let found = DIRECTIVES.iter().find(is_new)?;
    Some(Signal::Directive((*found).to_owned()))
}

fn named_tool(old: &str, new: &str, tools: &HashSet<&str>) -> Option<Signal> {
    // A name of one plain word, `search`, is also a word.
    let is_name = |word: &&str| {
        tools.contains(*word) && word.contains(|character: char| !character.is_ascii_lowercase())
    };
    let named: HashSet<&str> = words(old).into_iter().filter(is_name).collect();
    let fresh = words(new).into_iter().filter(is_name).find(|name| !named.contains(name))?;
    Some(Signal::NamedTool(fresh.to_owned()))
}

/// Whether the new text has more characters without a shape than the old one.
pub(super) fn hides_something_new(old: &str, new: &str) -> bool {
    hidden(new) > hidden(old)
}

/// How many characters a reader cannot see. Joiners and selectors count where there is nothing that
/// they could join or select: emoji and many scripts are written with them.
fn hidden(text: &str) -> usize {
    let mut before = ' ';
    let mut count = 0;
    for character in text.chars() {
        let is_joiner = matches!(character, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}');
        let joins_nothing =
            before.is_whitespace() || before.is_ascii_alphabetic() || is_odd(before);
        count += usize::from(is_hidden(character) || (is_joiner && joins_nothing));
        before = character;
    }
    count
}

/// A joiner or a selector, behind which another one has nothing to do.
fn is_odd(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0E}')
}

fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{8}' | '\u{1B}' | '\u{7F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'
        | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E01EF}')
}
