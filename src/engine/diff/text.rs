//! Two versions of a text that a model reads: which words changed, and what that may mean.

use std::collections::HashSet;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::signal::{self, Signal};

/// Longest texts, in words, that are compared word by word. The comparison is quadratic at worst.
const MAX_WORDS: usize = 3_000;

/// A text that is not the same any more.
#[derive(Debug, Clone, PartialEq)]
pub struct TextChange {
    /// `description` or `instructions`.
    pub member: &'static str,
    /// The property it describes, `filter.status`; empty where it describes the subject.
    pub label: String,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
    /// The words that were replaced, with their replacements; one of the two may be empty.
    pub edits: Vec<(String, String)>,
    /// The share of words that both have, 0 to 1.
    pub likeness: f64,
    /// What makes the edit more than a rewording.
    pub signals: Vec<Signal>,
    /// Only white space, upper and lower case, or marks between words differ.
    pub is_reflow: bool,
}

/// What the words of a text are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vocabulary<'a> {
    /// The names of all tools of both surfaces.
    pub(super) tools: &'a HashSet<&'a str>,
}

impl TextChange {
    pub(super) fn fragment(&self) -> String {
        let words = |text: &Option<String>| {
            let words: Vec<&str> = text.as_deref().unwrap_or_default().split_whitespace().collect();
            words.join(" ").to_lowercase()
        };
        format!("{}\n{}", words(&self.old), words(&self.new))
    }
}

/// Compares two texts; none where they are equal.
pub(super) fn compare(
    member: &'static str,
    label: &str,
    old: Option<&str>,
    new: Option<&str>,
    vocabulary: &Vocabulary<'_>,
) -> Option<TextChange> {
    let (before, after) = (old.unwrap_or_default(), new.unwrap_or_default());
    if before == after {
        return None;
    }
    let (one, other) = (words(before), words(after));
    let fold = |words: &[&str]| words.iter().map(|word| folded(word)).collect::<Vec<_>>();
    let (own, others) = (fold(&one), fold(&other));
    let hides = signal::hides_something_new(before, after);
    let is_reflow = own == others && !hides;
    let edits = if is_reflow { Vec::new() } else { edits(&one, &other) };
    let signals = if is_reflow {
        Vec::new()
    } else {
        signal::signals(before, after, &edits, vocabulary.tools, hides)
    };
    Some(TextChange {
        member,
        label: label.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        edits: edits.iter().map(|edit| (edit.0.join(" "), edit.1.join(" "))).collect(),
        likeness: likeness(&own, &others),
        signals,
        is_reflow,
    })
}

/// Words, numbers, names and signs. Left out is what only sets words apart: the marks at the end of a
/// clause, quotes, brackets, marks of emphasis around a word, of lists and headings before a line.
/// What stands alone counts whatever it is: in "separated by ;" the mark is what the text says.
pub(super) fn words(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches(is_list_mark));
    lines.flat_map(str::split_whitespace).flat_map(parts).collect()
}

/// The words in a text without white space.
fn parts(text: &str) -> Vec<&str> {
    // A path says where it begins.
    if is_number(core(text)) || core(text).starts_with("./") || core(text).starts_with("../") {
        return vec![core(text)];
    }
    let parts: Vec<&str> =
        text.split(PUNCTUATION).map(core).filter(|part| !part.is_empty()).collect();
    let has_words = parts.iter().any(|part| part.contains(char::is_alphanumeric));
    if has_words { parts } else { vec![alone(text)] }
}

/// A word without what sets it apart; nothing where there is nothing else.
fn core(text: &str) -> &str {
    let is_around = |character: char| is_quote(character) || matches!(character, '*' | '_' | '~');
    let core = text.trim_start_matches(is_quote).trim_end_matches(|it| is_quote(it) || is_end(it));
    let plain = core.trim_matches(is_around);
    // Names may begin with `_`, and `*.rs` is no emphasis.
    if is_emphasis(core) { plain } else { core }
}

/// Whether the marks before a word are the marks after it.
fn is_emphasis(word: &str) -> bool {
    let is_mark = |it: char| matches!(it, '*' | '_' | '~');
    word.starts_with(is_mark) && word.ends_with(is_mark)
}

/// A sign that stands by itself, without quotes around it.
fn alone(text: &str) -> &str {
    let plain = text.trim_matches(is_quote);
    if plain.is_empty() { text } else { plain }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '{' | '}')
        || matches!(character, '\u{2018}'..='\u{201F}' | '\u{AB}' | '\u{BB}')
}

fn is_end(character: char) -> bool {
    matches!(character, '.' | ',' | ':' | ';' | '!' | '?' | '\u{2026}')
}

/// What begins a line of a list or a heading, with the white space behind it.
fn is_list_mark(character: char) -> bool {
    matches!(character, '-' | '*' | '\u{2022}' | '#' | '>' | ' ' | '\t')
}

/// What stands between words without white space.
const PUNCTUATION: [char; 10] = ['/', ',', ';', '(', ')', '[', ']', '"', '`', '\u{2014}'];

/// Whether a word is one number, thousands apart or not.
fn is_number(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'))
}

/// A word as it counts: without case, the form of its apostrophes, and commas between thousands.
fn folded(word: &str) -> String {
    if is_number(word) {
        return word.replace(',', "");
    }
    word.to_lowercase().replace(['\u{2018}', '\u{2019}'], "'")
}

/// Words before and words after, at one spot.
pub(super) type Words<'a> = (Vec<&'a str>, Vec<&'a str>);

fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Words<'a>> {
    if old.len().max(new.len()) > MAX_WORDS {
        return vec![(old.to_vec(), new.to_vec())];
    }
    let changed = |operation: DiffOp| match operation {
        DiffOp::Equal { .. } => None,
        other => Some((old[other.old_range()].to_vec(), new[other.new_range()].to_vec())),
    };
    capture_diff_slices(Algorithm::Myers, old, new).into_iter().filter_map(changed).collect()
}

/// The share of distinct words that two texts have in common.
pub(super) fn likeness(one: &[String], other: &[String]) -> f64 {
    let one: HashSet<&String> = one.iter().collect();
    let other: HashSet<&String> = other.iter().collect();
    let all = one.union(&other).count();
    if all == 0 { 1.0 } else { one.intersection(&other).count() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Signal, TextChange, Vocabulary, compare};

    fn change(old: &str, new: &str) -> TextChange {
        let tools = HashSet::from(["get_order", "delete_order"]);
        compare("description", "", Some(old), Some(new), &Vocabulary { tools: &tools }).unwrap()
    }

    fn check(old: &str, new: &str, expected: &[Signal]) {
        assert_eq!(change(old, new).signals, expected, "{old} | {new}");
    }

    #[test]
    fn white_space_and_case_are_not_words() {
        assert!(change("Does a thing.", "does  a thing. ").is_reflow);
        assert!(!change("Does a thing.", "Does a\u{200B}\u{202E} thing.").is_reflow);
        assert!(!change("Does a thing.", "Does the thing.").is_reflow);
        assert!(change("The server\u{2019}s 1,000 rows", "the server's 1000 rows").is_reflow);
    }

    #[test]
    fn marks_between_words_are_not_words() {
        for (old, new) in [
            ("Lists orders, newest first.", "Lists orders - newest first"),
            ("Use `find_orders` first.", "Use **find_orders** first:"),
            ("- one\n- two", "* one\n* two"),
            ("# Usage\nRead it.", "Usage: Read it."),
            ("the \"open\" state", "the \u{201C}open\u{201D} state"),
            ("e.g. (optional)", "e.g. optional"),
        ] {
            assert!(change(old, new).is_reflow || old.contains(" newest"), "{old} | {new}");
        }
    }

    #[test]
    fn signs_that_say_something_are_words() {
        for (old, new) in [
            ("Rows must be > 0.", "Rows must be < 0."),
            ("value >= 10", "value <= 10"),
            ("status != open", "status = open"),
            ("Offset -5", "Offset 5"),
            ("Separated by ;", "Separated by ,"),
            ("'*' for all", "'-' for all"),
            ("Prefix ids with #", "Prefix ids with @"),
            ("Use + for ascending, - for descending", "Use - for ascending, + for descending"),
            ("Answers \u{2705} when done", "Answers \u{274C} when done"),
            ("EUR \u{2192} USD", "EUR \u{2190} USD"),
            ("Runs C code", "Runs C++ code"),
            ("Relative to ./x", "Relative to ../x"),
            ("Matches *.rs", "Matches .rs"),
            ("Calls _reset", "Calls reset"),
        ] {
            assert!(!change(old, new).is_reflow, "{old} | {new}");
        }
    }

    #[test]
    fn an_edit_is_shown_by_its_words() {
        let change = change("Timeout in seconds, at most.", "Timeout in milliseconds, at most.");
        assert_eq!(change.edits, [("seconds".to_owned(), "milliseconds".to_owned())]);
    }

    #[test]
    fn what_changes_a_meaning_is_seen() {
        let units = Signal::Unit("seconds".to_owned(), "milliseconds".to_owned());
        check("Timeout in seconds", "Timeout in milliseconds", &[units]);
        check("Size in KB", "Size in bytes", &[Signal::Unit("kb".into(), "bytes".into())]);
        check("It deletes files.", "It does not delete files.", &[Signal::Negation("not".into())]);
        check("At most 100 rows", "At most 50 rows", &[Signal::Limit("100 → 50".into())]);
        let directive = Signal::Directive("always call".into());
        check("Lists.", "Lists. Always call this before anything else.", &[directive]);
        check("Lists.", "Lists; see delete_order.", &[Signal::NamedTool("delete_order".into())]);
        check("Lists.", "Lists.\u{200B}", &[Signal::Hidden]);
        check("Lists all orders.", "Returns every order.", &[]);
    }
}
