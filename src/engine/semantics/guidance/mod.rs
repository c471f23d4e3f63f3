//! What an error tells the model that has to get the next call right.
//!
//! [`Told`] is an error as it came; [`score`] holds it to nine points, each with its weight, and to five
//! gates that take all of them away. An error with structure is judged by what it says in so many
//! members. One in prose is judged by its words, which is a guess: it is capped at [`PROSE_CAP`] and says
//! how sure it is. Whether `retryable` and `effect` are true only a test on the server can tell, so they
//! are handed in.

mod envelope;
mod gate;
mod prose;

use serde_json::Value;

use crate::engine::surface::{Surface, Tool};

pub use gate::{Gate, LONGEST};

/// The most that prose is worth.
pub const PROSE_CAP: u32 = 60;

/// An error as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Whether it is an error of the protocol rather than a result with `isError`.
    pub is_of_protocol: bool,
    /// Its structure, where it has one: the object with `code`, `message` and so on.
    pub structure: Option<Value>,
    /// All of its text.
    pub text: String,
}

/// What an error is an answer to.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The tool that was called.
    pub tool: &'a Tool,
    /// With what.
    pub arguments: &'a Value,
    /// All tools that there are.
    pub surface: &'a Surface,
    /// What was put in to make it fail: the argument's name, the value, the status of an upstream.
    pub injected: &'a [String],
    /// The argument that is wrong, where one is.
    pub argument: Option<&'a str>,
    /// Whether the argument is as the schema has it, and what it names is not there.
    pub is_well_formed: bool,
    /// Whether the tool writes.
    pub is_write: bool,
    /// Whether the server was asked too often, or is overloaded.
    pub is_limited: bool,
    /// Whether the same call did succeed once its fault was gone; none where that was not tried.
    pub succeeds_later: Option<bool>,
    /// Whether the call has taken effect; none where that was not looked at.
    pub has_effect: Option<bool>,
}

/// One of the nine points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// R1: it is a result with `isError`, which a model gets to see.
    Delivered,
    /// R2: it has a code that a program can act on.
    Code,
    /// R3: it names what failed.
    Named,
    /// R4: it points to the argument.
    Argument,
    /// R5: it says what was expected and what came.
    Expected,
    /// R6: it says whether to try again, and that is true.
    Retryable,
    /// R7: it says when to try again, where too much was asked.
    RetryAfter,
    /// R8: it says what to do next, and that can be done.
    Next,
    /// R9: it says whether a write has taken effect, and that is true.
    Effect,
}

impl Point {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Delivered,
        Self::Code,
        Self::Named,
        Self::Argument,
        Self::Expected,
        Self::Retryable,
        Self::RetryAfter,
        Self::Next,
        Self::Effect,
    ];

    /// What it is worth; all together 100.
    pub fn weight(self) -> u32 {
        match self {
            Self::Delivered | Self::Argument | Self::Retryable | Self::Next => 15,
            Self::Code | Self::Named | Self::Expected => 10,
            Self::RetryAfter | Self::Effect => 5,
        }
    }

    /// Its number in the rubric.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "R1",
            Self::Code => "R2",
            Self::Named => "R3",
            Self::Argument => "R4",
            Self::Expected => "R5",
            Self::Retryable => "R6",
            Self::RetryAfter => "R7",
            Self::Next => "R8",
            Self::Effect => "R9",
        }
    }
}

/// What came of one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The point.
    pub point: Point,
    /// Why it was missed; none where it was made.
    pub missed: Option<String>,
}

/// How good an error is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// The points that apply.
    pub marks: Vec<Mark>,
    /// What takes all points away.
    pub gate: Option<Gate>,
    /// Whether it was judged by its words alone, which may be wrong.
    pub is_of_prose: bool,
}

impl Score {
    /// From 0 to 100: what was made of what applies, and for prose at most [`PROSE_CAP`].
    pub fn points(&self) -> u32 {
        if self.gate.is_some() {
            return 0;
        }
        let weight = |marks: &mut dyn Iterator<Item = &Mark>| -> u32 {
            marks.map(|mark| mark.point.weight()).sum()
        };
        let all = weight(&mut self.marks.iter()).max(1);
        let made = weight(&mut self.marks.iter().filter(|mark| mark.missed.is_none()));
        let points = made * 100 / all;
        if self.is_of_prose { points.min(PROSE_CAP) } else { points }
    }

    /// Whether a point applies.
    pub fn has(&self, point: Point) -> bool {
        self.marks.iter().any(|mark| mark.point == point)
    }

    /// Why a point was missed; none where it was made or does not apply.
    pub fn missed(&self, point: Point) -> Option<&str> {
        self.marks.iter().find(|mark| mark.point == point)?.missed.as_deref()
    }
}

/// Judges an error.
pub fn score(told: &Told, asked: &Asked<'_>) -> Score {
    let gate = gate::closed(told);
    let structure = told.structure.as_ref().filter(|structure| envelope::is_one(structure));
    let mut marks = match structure {
        Some(structure) => envelope::marks(structure, told, asked),
        None => prose::marks(&told.text, asked),
    };
    let missed = told.is_of_protocol.then(|| {
        "it is an error of the protocol, which many clients do not show to the model".to_owned()
    });
    marks.insert(0, Mark { point: Point::Delivered, missed });
    Score { marks, gate, is_of_prose: structure.is_none() }
}

/// Whether two errors say the same but for names of requests, times and numbers: the text with those
/// taken out.
pub fn normalized(text: &str) -> String {
    let word = |word: &str| -> String {
        let digits = word.chars().filter(char::is_ascii_hexdigit).count();
        let is_id = word.len() >= 16 && digits * 10 >= word.len() * 8;
        if is_id {
            return "·".to_owned();
        }
        word.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect()
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
