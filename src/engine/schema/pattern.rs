//! Regular expressions in schemas (`pattern`, `patternProperties`): compiled as ECMA-262, and
//! sketched far enough to tell which ones are dangerous to run.
//!
//! Not for: matching. A pattern comes from somebody else and may take exponential time; whoever
//! wants to run one asks [`Sketch::is_cheap`] first.

use regress::{Flags, Regex};

/// Compiles a pattern as JSON Schema asks: ECMA-262 with the `u` flag, and without it for the
/// patterns that only the older grammar allows (`\-` outside a class).
///
/// # Errors
/// When both refuse it; the reason is that of the `u` flag.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let unicode = Flags { unicode: true, ..Flags::default() };
    Regex::with_flags(pattern, unicode).or_else(|error| Regex::new(pattern).map_err(|_| error.text))
}

/// The repetitions of a pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// The first group that is repeated without end, whose rounds can divide one text in several
    /// ways, with more to match after it: a repetition inside could match alone (`(a+)+$`), or one
    /// atom makes rounds of several lengths (`(a|aa)+$`, `(x+x+)+y`). A backtracking engine tries
    /// every way, and their number doubles with each character or two.
    pub exponential: Option<String>,
    quantifiers: usize,
    repeats_group: bool,
}

impl Sketch {
    /// Whether matching takes at most a cubic number of steps in the length of the text.
    pub fn is_cheap(&self) -> bool {
        !self.repeats_group && self.quantifiers <= 3
    }

    /// Sketches a pattern that [`compile`] accepts. Of any other the result means nothing.
    pub fn of(pattern: &str) -> Self {
        let characters: Vec<char> = pattern.chars().collect();
        let mut sketch = Self::default();
        // The innermost open group is the last; the pattern itself counts as one.
        let mut open = vec![Group::default()];
        let mut at = 0;
        while at < characters.len() {
            let start = at;
            let element = match characters[at] {
                '(' => {
                    let is_assertion = is_assertion(&characters[at..]);
                    open.push(Group { start, is_assertion, ..Group::default() });
                    at += 1 + prefix_length(&characters[at + 1..]);
                    continue;
                }
                ')' if open.len() > 1 => {
                    at += 1;
                    let group = open.pop().expect("more than one is open");
                    group.close()
                }
                '|' => {
                    at += 1;
                    innermost(&mut open).end_alternative();
                    continue;
                }
                '^' | '$' => {
                    at += 1;
                    Element::ASSERTION
                }
                '\\' => {
                    let next = characters.get(at + 1);
                    at += 2;
                    if matches!(next, Some('b' | 'B')) { Element::ASSERTION } else { Element::ATOM }
                }
                '[' => {
                    at += class_length(&characters[at..]);
                    Element::ATOM
                }
                _ => {
                    at += 1;
                    Element::ATOM
                }
            };
            let end = at;
            let (quantifier, length) = Quantifier::read(&characters[at..]);
            at += length;
            if let Some(quantifier) = quantifier {
                sketch.quantifiers += 1;
                sketch.repeats_group |= element.group_start.is_some() && quantifier.max != Some(1);
                if quantifier.max.is_none()
                    && element.repeats
                    && sketch.exponential.is_none()
                    && is_followed(&characters[at..])
                    && let Some(start) = element.group_start
                {
                    sketch.exponential = Some(characters[start..at].iter().collect());
                }
            }
            let atom = element.group_start.is_none().then(|| &characters[start..end]);
            innermost(&mut open).add(element, atom, quantifier);
        }
        sketch
    }
}

fn innermost(open: &mut [Group]) -> &mut Group {
    open.last_mut().expect("the pattern itself stays open")
}

/// A group while it is read.
#[derive(Debug, Default)]
struct Group {
    start: usize,
    is_assertion: bool,
    alternative: Alternative,
    /// Of the alternatives that are complete.
    may_be_empty: bool,
    repeats: bool,
    /// The atoms of those that are made of one only.
    atoms: Vec<Vec<char>>,
}

/// What one alternative of a group has to match.
#[derive(Debug, Default)]
struct Alternative {
    required: usize,
    required_repeats: bool,
    optional_repeats: bool,
    has_assertion: bool,
    atoms: Atoms,
    /// How many elements it matches at least and at most.
    least: usize,
    most: usize,
}

/// Which atoms an alternative is made of.
#[derive(Debug, Default)]
enum Atoms {
    #[default]
    None,
    /// One and the same, throughout.
    One(Vec<char>),
    /// Several, or a group.
    Several,
}

/// One atom, group or assertion, before its quantifier.
#[derive(Debug, Clone, Copy)]
struct Element {
    is_assertion: bool,
    may_be_empty: bool,
    /// It is a group in which a repetition may be all there is.
    repeats: bool,
    group_start: Option<usize>,
}

impl Element {
    const ATOM: Self =
        Self { is_assertion: false, may_be_empty: false, repeats: false, group_start: None };
    const ASSERTION: Self =
        Self { is_assertion: true, may_be_empty: true, repeats: false, group_start: None };
}

impl Group {
    fn add(&mut self, element: Element, atom: Option<&[char]>, quantifier: Option<Quantifier>) {
        let alternative = &mut self.alternative;
        if element.is_assertion {
            alternative.has_assertion = true;
            return;
        }
        alternative.atoms = match (std::mem::take(&mut alternative.atoms), atom) {
            (Atoms::None, Some(atom)) => Atoms::One(atom.to_vec()),
            (Atoms::One(before), Some(atom)) if before == atom => Atoms::One(before),
            _ => Atoms::Several,
        };
        let (least, most) = quantifier.map_or((1, 1), |it| (it.min, it.max.unwrap_or(usize::MAX)));
        alternative.least = alternative.least.saturating_add(least);
        alternative.most = alternative.most.saturating_add(most);
        let repeats = element.repeats || quantifier.is_some_and(Quantifier::varies);
        if element.may_be_empty || quantifier.is_some_and(|quantifier| quantifier.min == 0) {
            alternative.optional_repeats |= repeats;
        } else {
            alternative.required += 1;
            alternative.required_repeats |= repeats;
        }
    }

    fn end_alternative(&mut self) {
        let done = std::mem::take(&mut self.alternative);
        self.may_be_empty |= done.required == 0;
        // An assertion may be what keeps two rounds apart, as in `(\b\w+)*`.
        self.repeats |= !done.has_assertion
            && match done.required {
                0 => done.optional_repeats,
                1 => done.required_repeats,
                _ => false,
            };
        if let (false, Atoms::One(atom)) = (done.has_assertion, done.atoms) {
            // Rounds of several lengths, or a second alternative that matches the same.
            self.repeats |= done.most > done.least.max(1) || self.atoms.contains(&atom);
            if done.most > 0 {
                self.atoms.push(atom);
            }
        }
    }

    fn close(mut self) -> Element {
        self.end_alternative();
        if self.is_assertion {
            return Element::ASSERTION;
        }
        Element {
            is_assertion: false,
            may_be_empty: self.may_be_empty,
            repeats: self.repeats,
            group_start: Some(self.start),
        }
    }
}

/// How often an element may stand; no `max` is without end.
#[derive(Debug, Clone, Copy)]
struct Quantifier {
    min: usize,
    max: Option<usize>,
}

/// Longest `{…}` that is read as a quantifier; no text has as many characters as it would count.
const MAX_QUANTIFIER: usize = 44;

impl Quantifier {
    /// Whether it can match twice and leaves open how often.
    fn varies(self) -> bool {
        self.max.is_none_or(|max| max > self.min && max >= 2)
    }

    /// The quantifier at the start of a text and its length, a lazy mark included.
    fn read(rest: &[char]) -> (Option<Self>, usize) {
        let (quantifier, length) = match rest.first() {
            Some('*') => (Self { min: 0, max: None }, 1),
            Some('+') => (Self { min: 1, max: None }, 1),
            Some('?') => (Self { min: 0, max: Some(1) }, 1),
            Some('{') => match Self::read_counted(rest) {
                Some(counted) => counted,
                None => return (None, 0),
            },
            _ => return (None, 0),
        };
        let lazy = usize::from(rest.get(length) == Some(&'?'));
        (Some(quantifier), length + lazy)
    }

    fn read_counted(rest: &[char]) -> Option<(Self, usize)> {
        // A brace that opens no quantifier stands for itself; the search for its end stays short.
        let end = rest.iter().take(MAX_QUANTIFIER).position(|&character| character == '}')?;
        let inner: String = rest[1..end].iter().collect();
        // More than a number can hold is as good as without end.
        let count = |digits: &str| {
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().unwrap_or(usize::MAX))
        };
        let (min, max) = match inner.split_once(',') {
            None => (count(&inner)?, Some(count(&inner)?)),
            Some((min, "")) => (count(min)?, None),
            Some((min, max)) => (count(min)?, Some(count(max)?)),
        };
        Some((Self { min, max }, end + 1))
    }
}

fn is_assertion(rest: &[char]) -> bool {
    matches!(rest, ['(', '?', '=' | '!', ..] | ['(', '?', '<', '=' | '!', ..])
}

/// The length of what stands between a `(` and the group's content.
fn prefix_length(rest: &[char]) -> usize {
    match rest {
        ['?', '<', '=' | '!', ..] => 3,
        ['?', '<', ..] => {
            let end = rest.iter().position(|&character| character == '>');
            end.map_or(rest.len(), |end| end + 1)
        }
        ['?', ..] => {
            let end = rest.iter().position(|character| matches!(character, ':' | '=' | '!'));
            end.map_or(1, |end| end + 1)
        }
        _ => 0,
    }
}

fn class_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            ']' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Whether something is left to match, so that what came before can fail. At the end of an
/// alternative the answer is no, which errs on the side of silence.
fn is_followed(rest: &[char]) -> bool {
    !matches!(rest.first(), None | Some(')' | '|'))
}

#[cfg(test)]
mod tests {
    use super::{Sketch, compile};

    #[test]
    fn a_repetition_around_a_repetition_is_seen() {
        for pattern in [
            "^(a+)+$", "^(?:a*)*$", r"^(\d+,?)+$", "^(x|[a-z]+)*!", "^((a+))+$", "^(a{1,3})+$",
            "^(x+x+)+y$", "(a|aa)+$", r"^(\d|\d\d)+$", "^(a|a)*$", "^(ab|[0-9]|[0-9]{2})+$",
            "^([a-z][a-z]?)+$", "^(,?[a-z]+)*$", "^(?<part>[a-z]+)+$", "^([)\\]]+)+$",
        ] {
            assert!(compile(pattern).is_ok(), "{pattern}");
            assert!(Sketch::of(pattern).exponential.is_some(), "{pattern}");
        }
    }

    #[test]
    fn repetitions_that_cannot_overlap_are_left_alone() {
        for pattern in [
            r"^([a-z]+\.)+[a-z]+$", "^[a-z]+(-[a-z]+)*$", "^(ab)+$", "^(a+b)+$", "^(a+)+",
            r"^(\b\w+)*$", "^(a?)+$", r"^\(a+\)+$", "^[(a+)]+$", "^(a{3})+$", "^(?=a+)+b",
            "^(a|ab)+$", "^(aa|b)+$", "^(a?|b)+$", r"^(\d{3}\d)+$", "^(a|(aa))+$", "^(a|aa){3}$",
            "^(a+){1,3}$", r"^\d{4}-\d{2}-\d{2}$",
        ] {
            assert_eq!(Sketch::of(pattern).exponential, None, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_is_refused_only_when_both_grammars_refuse_it() {
        assert!(compile(r"^\-\p{L}$").is_ok());
        assert!(compile(r"^[\w-]+@x$").is_ok());
        assert!(compile("^[A-Z").is_err());
        assert!(compile("(?P<name>a)").is_err());
    }
}
