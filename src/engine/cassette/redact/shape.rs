//! What secrets look like: the prefixes that issuers give them, and words that chance has made.

use std::ops::Range;

use super::placeholder;

/// How one kind of credential is recognised.
pub(super) struct Shape {
    /// It starts so.
    pub(super) prefix: &'static str,
    /// How many characters follow at least.
    least: usize,
    /// Which characters follow.
    tail: Tail,
    /// What it is called in a placeholder.
    kind: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// Letters and digits.
    Alphanumeric,
    /// Those, `_` and `-`.
    Word,
    /// Capitals and digits.
    Capitals,
    /// Those of `Word` and `.`, in three parts or more.
    Parts,
    /// Those of `Word` and `.`.
    Dotted,
    /// Those of base64 and of `Word`, `.` and `~`: `token68` of RFC 9110.
    Token68,
    /// Those of `Word` and `/`.
    Path,
    /// A private key: everything up to its last line.
    Pem,
}

const fn shape(prefix: &'static str, least: usize, tail: Tail, kind: &'static str) -> Shape {
    Shape { prefix, least, tail, kind }
}

pub(super) const SHAPES: &[Shape] = &[
    shape("-----BEGIN", 20, Tail::Pem, "private-key"),
    shape("AGE-SECRET-KEY-1", 40, Tail::Capitals, "private-key"),
    shape("AKIA", 16, Tail::Capitals, "aws-key"),
    shape("ASIA", 16, Tail::Capitals, "aws-key"),
    shape("AIza", 30, Tail::Word, "google-key"),
    shape("GOCSPX-", 20, Tail::Word, "google-key"),
    shape("ya29.", 20, Tail::Word, "google-token"),
    shape("ghp_", 16, Tail::Alphanumeric, "github-token"),
    shape("gho_", 16, Tail::Alphanumeric, "github-token"),
    shape("ghs_", 16, Tail::Alphanumeric, "github-token"),
    shape("ghu_", 16, Tail::Alphanumeric, "github-token"),
    shape("ghr_", 16, Tail::Alphanumeric, "github-token"),
    shape("github_pat_", 20, Tail::Word, "github-token"),
    shape("glpat-", 16, Tail::Dotted, "gitlab-token"),
    shape("glrt-", 16, Tail::Dotted, "gitlab-token"),
    shape("gldt-", 16, Tail::Dotted, "gitlab-token"),
    shape("xoxa-", 10, Tail::Word, "slack-token"),
    shape("xoxb-", 10, Tail::Word, "slack-token"),
    shape("xoxe.", 10, Tail::Dotted, "slack-token"),
    shape("xoxp-", 10, Tail::Word, "slack-token"),
    shape("xoxr-", 10, Tail::Word, "slack-token"),
    shape("xoxs-", 10, Tail::Word, "slack-token"),
    shape("xapp-", 20, Tail::Word, "slack-token"),
    shape("hooks.slack.com/services/", 20, Tail::Path, "webhook"),
    shape("discord.com/api/webhooks/", 30, Tail::Path, "webhook"),
    shape("sk_live_", 12, Tail::Word, "stripe-key"),
    shape("sk_test_", 12, Tail::Word, "stripe-key"),
    shape("rk_live_", 12, Tail::Word, "stripe-key"),
    shape("rk_test_", 12, Tail::Word, "stripe-key"),
    shape("whsec_", 20, Tail::Token68, "stripe-key"),
    shape("sk-ant-", 12, Tail::Word, "api-key"),
    shape("sk-proj-", 12, Tail::Word, "api-key"),
    shape("sk-live-", 8, Tail::Word, "api-key"),
    shape("sk-test-", 8, Tail::Word, "api-key"),
    shape("sk-or-", 12, Tail::Word, "api-key"),
    shape("sk-", 20, Tail::Word, "api-key"),
    shape("npm_", 30, Tail::Alphanumeric, "npm-token"),
    shape("pypi-", 60, Tail::Word, "pypi-token"),
    shape("hf_", 30, Tail::Alphanumeric, "hugging-face-token"),
    shape("SG.", 30, Tail::Dotted, "sendgrid-key"),
    shape("dop_v1_", 40, Tail::Alphanumeric, "digitalocean-token"),
    shape("shpat_", 20, Tail::Alphanumeric, "shopify-token"),
    shape("shpss_", 20, Tail::Alphanumeric, "shopify-token"),
    shape("lin_api_", 20, Tail::Alphanumeric, "linear-key"),
    shape("ntn_", 30, Tail::Alphanumeric, "notion-token"),
    shape("secret_", 40, Tail::Alphanumeric, "notion-token"),
    shape("ATATT3", 30, Tail::Token68, "atlassian-token"),
    shape("dckr_pat_", 20, Tail::Word, "docker-token"),
    shape("hvs.", 20, Tail::Word, "vault-token"),
    shape("eyJ", 20, Tail::Parts, "jwt"),
    // A token like the one before, encoded once more.
    shape("ZXlK", 60, Tail::Token68, "jwt"),
    shape("Bearer ", 8, Tail::Token68, "bearer"),
    shape("Basic ", 8, Tail::Token68, "basic"),
];

/// The kind of a secret whose shape tells nothing.
const UNSHAPED: &str = "secret";

impl Shape {
    /// The secret that begins at a place where the prefix was found, in whatever case.
    pub(super) fn at(&self, text: &str, start: usize) -> Option<Range<usize>> {
        let is_scheme = self.prefix.ends_with(' ');
        let found = &text[start..start + self.prefix.len()];
        let bytes = text.as_bytes();
        let is_in_word = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
        if is_in_word || (!is_scheme && found != self.prefix) {
            return None;
        }
        let from = start + self.prefix.len();
        if self.tail == Tail::Pem {
            return private_key(text, start);
        }
        let length = bytes[from..].iter().take_while(|byte| self.tail.has(**byte)).count();
        let tail = &text[from..from + length];
        let tail = tail.trim_end_matches(['.', '-', '~', '/']);
        if tail.len() < self.least || !self.is_whole(tail) {
            return None;
        }
        Some(if is_scheme { from..from + tail.len() } else { start..from + tail.len() })
    }

    fn is_whole(&self, tail: &str) -> bool {
        let digits = tail.bytes().filter(u8::is_ascii_digit).count();
        match self.prefix {
            "eyJ" => {
                let mut parts = tail.split('.');
                let mut is_long = || parts.next().is_some_and(|part| part.len() >= 8);
                is_long() && is_long() && tail.matches('.').count() >= 2
            }
            // Names begin so as well, and have few digits.
            "sk-" => digits >= 3,
            "SG." => tail.contains('.'),
            "AKIA" | "ASIA" => tail.len() == self.least,
            // "Basic authentication" is none.
            "Bearer " | "Basic " => digits >= 1 && !is_word(tail) || tail.ends_with('='),
            _ => true,
        }
    }
}

impl Tail {
    fn has(self, byte: u8) -> bool {
        let is_word = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Word => is_word,
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Parts | Self::Dotted => is_word || byte == b'.',
            Self::Token68 => is_word || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'='),
            Self::Path => is_word || byte == b'/',
            Self::Pem => false,
        }
    }
}

/// The body of a private key at its first line. Its first and last line stay, which say what it was.
fn private_key(text: &str, start: usize) -> Option<Range<usize>> {
    const MARK: &str = "PRIVATE KEY";
    let head = &text[start..text.floor_char_boundary((start + 64).min(text.len()))];
    let mark = head.find(MARK)?;
    let dashes = head[mark..].find("-----")? + mark;
    let from = start + dashes + 5;
    let length = text[from..].find("-----END").unwrap_or(text.len() - from);
    // Descriptions may well quote the first line.
    let body = text[from..from + length].bytes().filter(u8::is_ascii_alphanumeric).count();
    (body >= 32).then_some(from..from + length)
}

/// What a secret is called in its placeholder.
pub(super) fn kind_of(value: &str) -> &'static str {
    let value = value.trim();
    let of_whole = |shape: &&Shape| {
        value.starts_with(shape.prefix) && shape.at(value, 0) == Some(0..value.len())
    };
    match SHAPES.iter().find(of_whole) {
        Some(shape) => shape.kind,
        None if value.len() >= 64 && value.starts_with("MII") => "private-key",
        None => UNSHAPED,
    }
}

/// Whether a text is a word of a language, or several in one: letters of one case, or each part
/// begun with a capital, and no digit among them.
pub(super) fn is_word(text: &str) -> bool {
    let is_letter =
        |it: char| it.is_alphabetic() || matches!(it, '_' | '-' | ' ' | '\'' | '.' | '/');
    let small = text.chars().filter(|it| it.is_lowercase()).count();
    let capitals = text.chars().filter(|it| it.is_uppercase()).count();
    text.chars().all(is_letter) && (small == 0 || capitals * 4 <= small)
}

/// Whether a text stands for a value that is somewhere else: `${TOKEN}`, `<your token>`, `***`.
pub(super) fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let is_name = |name: &str| {
        name.len() >= 2
            && name.bytes().all(|it| it.is_ascii_uppercase() || it == b'_' || it.is_ascii_digit())
    };
    let inside =
        |open: &str, close: &str| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    text.is_empty()
        || placeholder::holds_placeholder(text)
        || text.bytes().all(|byte| matches!(byte, b'*' | b'.' | b'x' | b'X' | b'-' | b'_'))
        || text.chars().all(|it| matches!(it, '•' | '●' | '…'))
        || text.strip_prefix('$').is_some_and(is_name)
        || inside("${", "}").is_some_and(|inner| !inner.contains(['{', '}']))
        || inside("{{", "}}").is_some_and(|inner| !inner.contains(['{', '}']))
        || inside("<", ">").is_some_and(|inner| is_word(inner) && inner.len() > 2)
        || inside("[", "]").is_some_and(|inner| is_word(inner) && inner.len() > 2)
        || [
            "true", "false", "yes", "no", "null", "none", "nil", "undefined", "required",
            "optional", "string", "redacted",
        ]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether chance has made a word: long, with letters and digits in one run, and hardly a character
/// twice. Ids in the form of a UUID are none.
pub(super) fn is_random(word: &str) -> bool {
    const SHORTEST: usize = 16;
    const RUN: usize = 12;
    const BITS_PER_CHARACTER: f64 = 3.0;
    let is_mixed = |run: &str| {
        run.len() >= RUN
            && run.bytes().any(|byte| byte.is_ascii_digit())
            && run.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    word.len() >= SHORTEST
        && !is_uuid(word)
        && word.split(|it: char| !it.is_ascii_alphanumeric()).any(is_mixed)
        && entropy(word) >= BITS_PER_CHARACTER
}

/// Bits in a character, by how often each occurs.
pub(super) fn entropy(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = word.len().max(1) as f64;
    let part = |count: &u32| {
        let share = f64::from(*count) / total;
        -share * share.log2()
    };
    counts.iter().filter(|count| **count > 0).map(part).sum()
}

pub(super) fn is_uuid(word: &str) -> bool {
    let lengths = word.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
