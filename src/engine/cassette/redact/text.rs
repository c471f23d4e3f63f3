//! Secrets in a text: by their shape, by what is assigned to a telling name, in addresses, and random
//! words that follow a telling one.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::{
    name::{BEFORE_KEY, Naming, naming},
    placeholder,
    shape::{SHAPES, is_random, is_reference, is_word},
};

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// Whether its value is worth remembering, because elsewhere nothing may tell what it is.
    pub(super) learn: bool,
}

/// What tells that a secret may be near.
#[derive(Clone, Copy)]
enum Clue {
    /// The beginning of a shape.
    Shape(usize),
    /// An address.
    Address,
    /// A part of a telling name.
    Name,
    /// Something that matters in JSON only.
    Json,
}

/// All clues, in one automaton, in any case of letters.
struct Clues {
    finder: AhoCorasick,
    clues: Vec<Clue>,
}

/// Parts of telling names, besides the keys that open something.
const NAMES: &[&str] = &[
    "passw", "passphrase", "passcode", "pwd", "_pass", "secret", "token", "credential",
    "authorization", "bearer", "jwt", "otp", "cvv", "cvc", "cookie", "mnemonic", "sig=",
    "signature=", "key=", "code=", "auth=", "ticket=",
];

/// Names that hold a secret in the query of an address, besides those that hold one everywhere.
const QUERY: &[&str] = &[
    "access_key", "apikey", "auth", "code", "hmac", "key", "sig", "signature", "ticket",
    "x-amz-credential", "x-amz-signature",
];

/// Schemes of the header `Authorization`. The secret is what follows.
const SCHEMES: &[&str] = &["bearer", "basic", "token", "digest", "apikey", "api-key", "bot"];

static CLUES: LazyLock<Clues> = LazyLock::new(|| {
    let mut patterns: Vec<(String, Clue)> = Vec::new();
    patterns
        .extend(SHAPES.iter().enumerate().map(|(i, it)| (it.prefix.to_owned(), Clue::Shape(i))));
    patterns.push(("://".to_owned(), Clue::Address));
    patterns.extend(NAMES.iter().map(|name| ((*name).to_owned(), Clue::Name)));
    for before in BEFORE_KEY {
        let with = |gap: &&str| (format!("{before}{gap}key"), Clue::Name);
        patterns.extend(["", "_", "-", " ", "."].iter().map(with));
    }
    // A PIN is only one by its name in JSON; an escaped letter or slash may hide any of the above.
    patterns.extend(["pin\"", "pin\\", "\\u00", ":\\/"].map(|text| (text.to_owned(), Clue::Json)));
    let finder = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(patterns.iter().map(|(text, _)| text));
    let finder = finder.expect("a few short patterns fit into an automaton");
    Clues { finder, clues: patterns.into_iter().map(|(_, clue)| clue).collect() }
});

/// Whether something in a JSON text, or in any other, makes a closer look worth while.
pub(super) fn may_hold_secret(raw: &str) -> bool {
    CLUES.finder.is_match(raw)
}

/// The secrets in a text, in order, none overlapping another.
pub(super) fn find(text: &str, mut hits: Vec<Hit>) -> Vec<Hit> {
    let mut named = 0;
    for found in CLUES.finder.find_overlapping_iter(text) {
        let hit = match CLUES.clues[found.pattern().as_usize()] {
            Clue::Shape(index) => {
                let range = SHAPES[index].at(text, found.start());
                range.map(|range| Hit { range, learn: false })
            }
            Clue::Address => user_information(text, found.end()),
            Clue::Name => named_by(text, found.range(), &mut named),
            Clue::Json => None,
        };
        hits.extend(hit.filter(|hit| !is_reference(&text[hit.range.clone()])));
    }
    // What was redacted before reads like a name and its value: `github-token:7f3a91c2`.
    let placeholders: Vec<Range<usize>> = placeholder::places(text).collect();
    hits.retain(|hit| !placeholders.iter().any(|it| it.contains(&hit.range.start)));
    apart(hits)
}

/// The secrets that have a shape of their own, whatever stands beside them.
pub(super) fn find_shapes(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    for found in CLUES.finder.find_overlapping_iter(text) {
        if let Clue::Shape(index) = CLUES.clues[found.pattern().as_usize()] {
            let range = SHAPES[index].at(text, found.start());
            hits.extend(range.map(|range| Hit { range, learn: false }));
        }
    }
    apart(hits)
}

/// In order, and joined where they overlap.
fn apart(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| hit.range.start);
    hits.dedup_by(|next, hit| {
        let overlaps = next.range.start < hit.range.end;
        if overlaps {
            hit.range.end = hit.range.end.max(next.range.end);
            hit.learn |= next.learn;
        }
        overlaps
    });
    hits
}

/// The password in `scheme://user:password@host`, or the user where it is a token.
fn user_information(text: &str, start: usize) -> Option<Hit> {
    let rest = &text[start..];
    let is_end = |it: char| it.is_whitespace() || "/?#\"'`<>\\)".contains(it);
    let authority = &rest[..rest.find(is_end).unwrap_or(rest.len())];
    let (sign_in, _) = authority.rsplit_once('@')?;
    let (from, secret) = match sign_in.split_once(':') {
        Some((user, password)) => (start + user.len() + 1, password),
        None => (start, sign_in),
    };
    let is_user_alone = from == start;
    let is_secret =
        !secret.is_empty() && (!is_user_alone || (secret.len() >= 12 && is_mixed(secret)));
    is_secret.then(|| Hit { range: from..from + secret.len(), learn: true })
}

/// How a value is tied to the name before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// `name=value`, as in an address, an environment or a form.
    Equals,
    /// `name = value` or `name: value`, as in code and in prose, where most values are none.
    Spaced,
    /// `<name>value<`.
    Tag,
    /// `--name value`.
    Flag,
}

/// The secret that belongs to the name of which a part was found. `done` is where the last name ended.
fn named_by(text: &str, clue: Range<usize>, done: &mut usize) -> Option<Hit> {
    const LONGEST_NAME: usize = 64;
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if clue.start < *done {
        return None;
    }
    let before = bytes[*done..clue.start].iter().rev().take(LONGEST_NAME);
    let start = clue.start - before.take_while(|byte| is_part(byte)).count();
    // Of `key=` the last character does not belong to the name.
    let clue_end = clue.end - usize::from(bytes[clue.end - 1] == b'=');
    let end = clue_end + bytes[clue_end..].iter().take_while(|byte| is_part(byte)).count();
    *done = end;
    let name = text[start..end].trim_end_matches(['.', '-']);
    let end = start + name.len();
    let is_query = start > 0
        && matches!(bytes[start - 1], b'?' | b'&' | b'#' | b';')
        && bytes.get(end) == Some(&b'=')
        && QUERY.iter().any(|query| name.eq_ignore_ascii_case(query));
    let is_secret = matches!(naming(name.trim_start_matches(['-', '.'])), Naming::Secret { .. });
    if !is_query && !is_secret {
        return None;
    }
    let tied = tie(text, start, end).and_then(|(tie, at)| value(text, at, tie, is_query));
    let range = tied.or_else(|| is_secret.then(|| random_after(text, end)).flatten())?;
    *done = range.end;
    Some(Hit { range, learn: true })
}

/// What stands between a name and its value, and where that begins.
fn tie(text: &str, start: usize, end: usize) -> Option<(Tie, usize)> {
    let rest = &text[end..];
    if text[..start].ends_with(['<', '/']) && rest.starts_with('>') {
        return Some((Tie::Tag, end + 1));
    }
    let unquoted = rest.trim_start_matches(['"', '\'', '`', '\\', '*', ']']);
    let mark = unquoted.trim_start_matches([' ', '\t']);
    let at = |length: usize| text.len() - mark.len() + length;
    if text[start..].starts_with('-') && unquoted.len() == rest.len() && mark.len() < rest.len() {
        return Some((Tie::Flag, at(0)));
    }
    let length = ["=>", ":=", "=", ":"].into_iter().find(|it| mark.starts_with(it))?.len();
    let after = &mark[length..];
    let is_other = after.starts_with(['=', ':', '~']) || after.starts_with("//");
    let is_bare = mark.len() == rest.len() && mark.starts_with('=') && length == 1;
    let is_spaced = !is_bare || after.starts_with(' ');
    (!is_other).then(|| (if is_spaced { Tie::Spaced } else { Tie::Equals }, at(length)))
}

/// The value at a place, if it is one that nobody should read.
fn value(text: &str, at: usize, tie: Tie, is_query: bool) -> Option<Range<usize>> {
    const LONGEST: usize = 8_192;
    let limit = text.floor_char_boundary(text.len().min(at + LONGEST));
    let rest = &text[at..limit];
    let trimmed = rest.trim_start_matches([' ', '\t', '*', '\\']);
    let quote = trimmed.chars().next().filter(|it| matches!(it, '"' | '\'' | '`'));
    let mut from = limit - trimmed.len() + usize::from(quote.is_some());
    let close = |from: usize, is_end: &dyn Fn(char) -> bool| {
        from + text[from..limit].find(is_end).unwrap_or(limit - from)
    };
    let is_end: &dyn Fn(char) -> bool = &|it: char| match (quote, tie) {
        (Some(quote), _) => it == quote || it == '\n',
        (None, Tie::Tag) => it == '<',
        (None, _) if is_query => it.is_whitespace() || "&#\"'`<>\\".contains(it),
        (None, _) => it.is_whitespace() || "&\"'`<>,;)]}\\".contains(it),
    };
    let mut end = close(from, is_end);
    if SCHEMES.iter().any(|scheme| text[from..end].eq_ignore_ascii_case(scheme)) {
        // The value goes on after the scheme.
        from = end + text[end..limit].len() - text[end..limit].trim_start_matches(' ').len();
        end = close(from, is_end);
    } else if let Some((scheme, secret)) = text[from..end].split_once(' ')
        && SCHEMES.iter().any(|it| scheme.eq_ignore_ascii_case(it))
    {
        from = end - secret.len();
    }
    let found = text[from..end].trim_end_matches(['\\', ' ', '*']);
    let range = from..from + found.len();
    let is_name_again = is_word(found) && matches!(naming(found), Naming::Secret { .. });
    if is_reference(found) || is_name_again {
        return None;
    }
    let is_secret = match tie {
        _ if quote.is_some() => found.len() >= 4,
        Tie::Tag => found.len() >= 4,
        Tie::Flag => found.len() >= 4 && !found.starts_with('-') && !is_word(found),
        Tie::Equals => found.len() >= 4 && !is_code(found),
        Tie::Spaced => found.len() >= 6 && is_mixed(found) && !is_code(found) && !is_place(found),
    };
    is_secret.then_some(range)
}

/// A random word soon after a name: "your API key is 8f3a…".
fn random_after(text: &str, end: usize) -> Option<Range<usize>> {
    const REACH: usize = 48;
    let is_part = |it: char| it.is_ascii_alphanumeric() || "_-+/=.~".contains(it);
    let mut at = end;
    while at < text.len() && at - end < REACH {
        let rest = &text[at..];
        let start = at + rest.find(is_part)?;
        if start - end >= REACH {
            return None;
        }
        let word = &text[start..];
        let word = &word[..word.find(|it| !is_part(it)).unwrap_or(word.len())];
        let trimmed = word.trim_end_matches(['.', '-', '/']);
        // A digest names what it is a digest of.
        let is_digest = text[..start].ends_with("sha256:") || word.starts_with("sha");
        if is_random(trimmed) && !is_digest && !is_place(trimmed) {
            return Some(start..start + trimmed.len());
        }
        at = start + word.len();
    }
    None
}

/// Whether letters stand with digits or signs.
fn is_mixed(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && text.chars().any(|it| it.is_ascii_digit() || "!@#$%^&*+=?~".contains(it))
}

/// Whether it reads like a part of a program: `os.environ`, `get(1)`, `self.token`.
fn is_code(text: &str) -> bool {
    let is_name = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|it: char| it.is_ascii_digit())
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    };
    text.contains(['(', '[', '{'])
        || text.starts_with('$')
        || (text.contains('.') && text.split('.').all(is_name) && !text.split('.').any(is_random))
}

/// Whether it says where something is.
fn is_place(text: &str) -> bool {
    text.starts_with(['/', '~']) || text.starts_with("./") || text.contains("://")
}
