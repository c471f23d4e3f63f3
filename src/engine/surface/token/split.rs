//! Splitting text into pieces, none of which a token crosses.
//!
//! Upstream does this with a regular expression of seven alternatives, of which the first that
//! matches wins. It is compiled here by hand: a regex engine takes longer to build its automaton
//! than we take to count, and this needs none. Each function below says which alternatives it is:
//!
//! ```text
//! 1  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! 2  [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! 3  \p{N}{1,3}
//! 4   ?[^\s\p{L}\p{N}]+[\r\n/]*
//! 5  \s*[\r\n]+
//! 6  \s+(?!\S)
//! 7  \s+
//! ```

use super::class::{Class, EITHER, LOWER, MARK, NEWLINE, NUMBER, OTHER, SPACE, UPPER, class_at};

const LETTER: Class = UPPER | LOWER | EITHER;

/// The pieces of a text, in order; together they are the text.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    /// Starts at the beginning of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (piece, rest) = self.rest.split_at(piece(self.rest));
        self.rest = rest;
        Some(piece)
    }
}

/// Where the first piece of a text that is not empty ends.
fn piece(text: &str) -> usize {
    let (class, next) = class_at(text, 0);
    match class {
        UPPER | LOWER | EITHER => return contraction(text, word(text, 0).end),
        NUMBER => return number(text),
        NEWLINE => return white_space(text),
        _ => {}
    }
    // One character of the other classes may lead a word.
    let (next_class, _) = class_at(text, next);
    if next_class & (LETTER | MARK) != 0 {
        let word = word(text, next);
        // A leading mark may itself be the word, and alternative 1 would rather have that than
        // leave the lower case out, as alternative 2 does.
        let mark_alone = class == MARK && !word.has_lower;
        return if mark_alone { next } else { contraction(text, word.end) };
    }
    match class {
        MARK => contraction(text, next),
        OTHER => symbols(text, 0),
        // Only U+0020 leads symbols; any white space leads a word.
        SPACE if text.starts_with(' ') && next_class == OTHER => symbols(text, next),
        _ => white_space(text),
    }
}

struct Word {
    end: usize,
    /// Whether it is alternative 1, which ends in something that goes with lower case.
    has_lower: bool,
}

/// Alternatives 1 and 2 without their first and last part. The text has a letter or a mark here.
fn word(text: &str, start: usize) -> Word {
    let mut end = start;
    // How far alternative 1 backs out of the upper case run when no lower case follows.
    let mut end_of_lower = None;
    loop {
        let (class, next) = class_at(text, end);
        match class {
            UPPER => {}
            EITHER | MARK => end_of_lower = Some(next),
            LOWER => return Word { end: run(text, next, LOWER | EITHER | MARK), has_lower: true },
            _ => break,
        }
        end = next;
    }
    Word { end: end_of_lower.unwrap_or(end), has_lower: end_of_lower.is_some() }
}

/// The last part of alternatives 1 and 2: behind a contraction in any case, if there is one here.
fn contraction(text: &str, end: usize) -> usize {
    let Some(b'\'') = text.as_bytes().get(end) else { return end };
    let length = match &text.as_bytes()[end + 1..] {
        [b's' | b'S' | b't' | b'T' | b'm' | b'M' | b'd' | b'D', ..] => 2,
        [b'r' | b'R' | b'v' | b'V', b'e' | b'E', ..] | [b'l' | b'L', b'l' | b'L', ..] => 3,
        // U+017F, the long s, is an s in another case.
        [0xC5, 0xBF, ..] => 3,
        _ => 0,
    };
    end + length
}

/// Alternative 3.
fn number(text: &str) -> usize {
    let mut end = 0;
    for _ in 0..3 {
        let (class, next) = class_at(text, end);
        if class != NUMBER {
            break;
        }
        end = next;
    }
    end
}

/// Alternative 4 from its second part on.
fn symbols(text: &str, start: usize) -> usize {
    let end = run(text, start, OTHER | MARK);
    let tail = text.as_bytes()[end..].iter();
    end + tail.take_while(|byte| matches!(byte, b'\r' | b'\n' | b'/')).count()
}

/// Alternatives 5, 6 and 7: white space that leads neither a word nor symbols.
fn white_space(text: &str) -> usize {
    let (mut end, mut last) = (0, 0);
    let mut end_of_newline = None;
    loop {
        let (class, next) = class_at(text, end);
        match class {
            SPACE => {}
            NEWLINE => end_of_newline = Some(next),
            _ => break,
        }
        (last, end) = (end, next);
    }
    match end_of_newline {
        Some(end_of_newline) => end_of_newline,
        // The last character is left to lead what follows, unless it would be all there is.
        None if end < text.len() && last > 0 => last,
        None => end,
    }
}

/// The end of the characters of some classes from here on.
fn run(text: &str, start: usize, classes: Class) -> usize {
    let mut end = start;
    loop {
        let (class, next) = class_at(text, end);
        if class & classes == 0 {
            return end;
        }
        end = next;
    }
}
