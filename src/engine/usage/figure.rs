//! The figures that counting comes to.

use super::{Histogram, MAX_OTHER_TOOLS};
use crate::engine::semantics::Effect;

/// What recorded traffic says about a server's tools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// How many recordings there were; the parts of one count as one.
    pub recordings: u64,
    /// How many sessions; a recording without sessions is one.
    pub sessions: u64,
    /// How many messages were read.
    pub messages: u64,
    /// How many calls of tools.
    pub calls: u64,
    /// The servers that the recordings name, in the order of appearance, 16 at most.
    pub servers: Vec<String>,
    /// What the formats that recordings were imported from cannot carry, in words.
    pub lacks: Vec<String>,
    /// Where it is known from which tools there are.
    pub known_from: ToolsKnownFrom,
    /// Every tool that is listed or was called: most calls first, then by name.
    pub tools: Vec<ToolUsage>,
    /// Pairs of tools that may be taken for each other, most frequent first.
    pub pairs: Vec<Pair>,
    /// What was too much to be told apart.
    pub beyond: Beyond,
}

/// Where it is known from which tools there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ToolsKnownFrom {
    /// From a surface that was given.
    Surface,
    /// From the lists in the recordings.
    Recordings,
    /// Not at all: a tool that is never called is not known.
    #[default]
    Nowhere,
}

impl ToolsKnownFrom {
    /// `surface`, `recordings` or `nowhere`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Surface => "surface",
            Self::Recordings => "recordings",
            Self::Nowhere => "nowhere",
        }
    }
}

/// What became of the calls of one tool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolUsage {
    /// The tool.
    pub name: String,
    /// Whether it is listed; none where no list is known.
    pub is_listed: Option<bool>,
    /// Whether it changes something, as its definition tells; none where none is known.
    pub effect: Option<Effect>,
    /// The argument that is its idempotency key, by its definition.
    pub key: Option<String>,
    /// Calls.
    pub calls: u64,
    /// Sessions in which it is called.
    pub sessions: u64,
    /// Calls that were answered with a result that is no error.
    pub succeeded: u64,
    /// Calls that were answered with an error, of the tool or of the protocol.
    pub failed: u64,
    /// Calls that were not answered until the recording ended.
    pub unanswered: u64,
    /// Calls to which the server asked for something first.
    pub input_required: u64,
    /// Calls that were answered with a task instead of a result.
    pub tasks: u64,
    /// Calls with wrong arguments.
    pub invalid: Invalid,
    /// The errors, most frequent first.
    pub errors: Vec<ErrorFigures>,
    /// Calls that repeat a failed one.
    pub retries: Retries,
    /// How long answers took, in microseconds.
    pub time_us: Histogram,
    /// What came back.
    pub returned: Returned,
}

/// Calls with wrong arguments, by who says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Invalid {
    /// Calls of which one of the two says so.
    pub calls: u64,
    /// The server: by -32602, by `invalid_argument`, or by a text that speaks of validation.
    pub said_by_server: u64,
    /// The input schema, by a validator, whatever the server said.
    pub refused_by_schema: u64,
}

/// Errors of one code, and what was done after them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorFigures {
    /// The code of the error; `uncoded` where it names none.
    pub code: String,
    /// How many.
    pub count: u64,
    /// After how many of them it was followed what came next. An error that comes again before
    /// anything has succeeded is the same trouble and is followed once.
    pub followed: u64,
    /// How often something succeeded before the session ended.
    pub ended_in_success: u64,
    /// How often so many other tools were called until then: none, one, … and in the last place
    /// [`MAX_OTHER_TOOLS`] or more. A tool that the error says to call next is not counted.
    pub other_tools: [u64; MAX_OTHER_TOOLS + 1],
}

/// Calls with the arguments of a call before that had an error or no answer, the idempotency key
/// left out of the comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retries {
    /// All of them.
    pub all: u64,
    /// With the same arguments including the key, or with none on both sides.
    pub identical: u64,
    /// With the same key.
    pub same_key: u64,
    /// With another key, or with one where there was none.
    pub new_key: u64,
    /// Without a key.
    pub without_key: u64,
    /// Of those without the same key, the ones after which something may have been done twice: the
    /// call before had no answer, or an error that does not say that nothing was done.
    pub at_risk: u64,
}

/// What came back from calls that were answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Returned {
    /// Answers.
    pub answers: u64,
    /// Their length as they were sent, in bytes.
    pub bytes: u64,
    /// How many of them were counted in tokens.
    pub counted: u64,
    /// The length of those, in bytes.
    pub counted_bytes: u64,
    /// The tokens of those.
    pub counted_tokens: u64,
}

/// A tool that may be taken for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The tool that was called first.
    pub first: String,
    /// The tool that was called instead.
    pub then: String,
    /// How often the first refused its arguments or did not find something, and then the other one
    /// succeeded with one of the same values.
    pub after_failure: u64,
    /// How often the first answered, and the next call was of the other one with the same values.
    pub same_values: u64,
}

/// What was too much to be told apart, and is counted here only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Calls of tools beyond [`MAX_TOOLS`](super::MAX_TOOLS), or with names that are too long.
    pub calls: u64,
    /// Sessions taken for ended because too many were open.
    pub sessions: u64,
    /// Errors that were not followed because too many were open.
    pub errors: u64,
    /// Occurrences of pairs beyond [`MAX_PAIRS`](super::MAX_PAIRS).
    pub pairs: u64,
}

impl Usage {
    /// What is known about a tool.
    pub fn tool(&self, name: &str) -> Option<&ToolUsage> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// Listed tools that were never called, by name.
    pub fn never_called(&self) -> impl Iterator<Item = &ToolUsage> {
        self.tools.iter().filter(|tool| tool.calls == 0)
    }

    /// Tools that were called and never answered with anything but an error.
    pub fn never_correct(&self) -> impl Iterator<Item = &ToolUsage> {
        self.tools.iter().filter(|tool| tool.is_never_correct())
    }
}

impl ToolUsage {
    /// Whether it was called and every answer is an error.
    pub fn is_never_correct(&self) -> bool {
        self.failed > 0 && self.failed + self.unanswered == self.calls
    }
}

impl ErrorFigures {
    /// After how many of the followed errors at least so many other tools were tried.
    pub fn with_other_tools(&self, least: usize) -> u64 {
        self.other_tools.iter().skip(least).sum()
    }

    /// How many other tools were tried on average, in tenths; the last place counts as what it says.
    pub fn mean_other_tools_in_tenths(&self) -> u64 {
        let counted = self.other_tools.iter().zip(0_u64..);
        let sum: u64 = counted.map(|(count, tools)| count * tools).sum();
        (sum * 10 + self.followed / 2).checked_div(self.followed).unwrap_or_default()
    }
}

impl Returned {
    /// The tokens of all answers: counted, or in the proportion of those that were counted.
    pub fn tokens(&self) -> u64 {
        if self.is_exact() {
            return self.counted_tokens;
        }
        let product = u128::from(self.counted_tokens) * u128::from(self.bytes);
        // Four bytes are a token where nothing was counted.
        let tokens = product.checked_div(u128::from(self.counted_bytes));
        tokens.map_or(self.bytes / 4, |tokens| u64::try_from(tokens).unwrap_or(u64::MAX))
    }

    /// Whether every answer was counted.
    pub fn is_exact(&self) -> bool {
        self.counted == self.answers
    }
}
