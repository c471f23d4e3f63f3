//! What a running server answered to more than its lists.
//!
//! Plain data: whoever talks to the server puts it beside the surface, and rules judge it. What was
//! not asked is in it as well, with the reason, so that nobody takes silence for a pass.

use std::time::Duration;

use serde_json::Value;

/// All that was asked, and all that was not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// The list of tools, asked for again, in this order.
    pub listings: Vec<Listing>,
    /// Where the server ended, or dropped the connection, instead of listing its tools again.
    pub ended_listings: Vec<EndedListing>,
    /// What was answered to each question, in the order in which they were asked.
    pub answers: Vec<Answer>,
    /// The checks that could not be made.
    pub not_run: Vec<NotRun>,
}

/// The tools as they were listed once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// On which connection.
    pub again: Again,
    /// Every item of the list: its name and its canonical text.
    pub tools: Vec<(String, String)>,
}

/// A list that was asked for again and not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedListing {
    /// On which connection.
    pub again: Again,
    /// What happened, as a lowercase fragment.
    pub how: String,
}

/// How a list was asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// On a second connection; compared with the surface.
    OnOtherConnection,
    /// On that second connection once more, after all other questions; compared with the one before.
    OnSameConnection,
}

impl Again {
    /// When it was asked for, in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::OnOtherConnection => "on a second connection",
            Self::OnSameConnection => "a second time on one connection",
        }
    }
}

/// One question and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// What came.
    pub outcome: Outcome,
    /// The HTTP status; none on stdio.
    pub status: Option<u16>,
    /// From the question to its answer, or to the end of waiting.
    pub time: Duration,
}

/// The questions that are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A method that nobody has.
    UnknownMethod,
    /// A call of a tool that is not listed.
    UnknownTool,
    /// A revision that was never published.
    UnknownRevision,
    /// A request of the modern era that says no revision.
    NoRevision,
    /// An HTTP request whose `Mcp-Method` header says another method than its body.
    OtherMethodHeader,
    /// A list of tools of the modern era, of a server that did not answer `server/discover`.
    UndiscoveredList,
    /// A call of a tool that is listed.
    Call {
        /// Its name.
        tool: String,
        /// With which arguments.
        case: Case,
    },
}

/// Which arguments a tool is called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    /// Such that its input schema accepts them.
    Valid,
    /// The same, without this required one.
    Missing(String),
    /// The same, with a value of a wrong type for this one.
    WrongType(String),
}

/// What came in answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// `result`.
    Result(Value),
    /// `error`.
    Error {
        /// `code`, if it is a number.
        code: Option<i64>,
        /// `message`.
        message: String,
        /// `data`, null where there is none.
        data: Value,
    },
    /// A result with more text than is kept.
    Oversized {
        /// The length of its text and structured content.
        bytes: usize,
    },
    /// No answer within the time in which one was waited for.
    Silence,
    /// The server ended, or the connection broke; in words, as a lowercase fragment.
    Gone(String),
    /// Something that is no answer; in words.
    Unreadable(String),
}

/// Checks that were not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRun {
    /// The ids of the rules that would have judged the answer.
    pub checks: Vec<&'static str>,
    /// The tool concerned; none where it is the server.
    pub tool: Option<String>,
    /// Why, as a lowercase fragment.
    pub reason: String,
}

impl Evidence {
    /// The answers to calls of listed tools.
    pub fn calls(&self) -> impl Iterator<Item = (&str, &Case, &Answer)> {
        self.answers.iter().filter_map(|answer| match &answer.question {
            Question::Call { tool, case } => Some((tool.as_str(), case, answer)),
            _ => None,
        })
    }

    /// The answer to a question, if it was asked.
    pub fn answer(&self, question: &Question) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.question == *question)
    }
}

impl Outcome {
    /// The result of a call that the tool says succeeded. What is no result at all, or says
    /// `isError: "true"`, says neither.
    pub fn success(&self) -> Option<&Value> {
        let Self::Result(result @ Value::Object(members)) = self else { return None };
        matches!(members.get("isError"), None | Some(Value::Bool(false))).then_some(result)
    }

    /// Whether it is a result with the members that every result of a call has, of their types.
    pub fn is_result_of_call(&self) -> bool {
        let Self::Result(Value::Object(members)) = self else { return false };
        members.get("content").is_some_and(Value::is_array)
            && members.get("isError").is_none_or(Value::is_boolean)
    }

    /// Whether it is an answer, right or wrong.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Result(_) | Self::Error { .. } | Self::Oversized { .. })
    }

    /// All text of an error, for whoever has to set it right: the text of a result with
    /// `isError: true`, or message and data of a protocol error. None for anything else.
    pub fn error_text(&self) -> Option<String> {
        match self {
            Self::Result(result) if result.get("isError") == Some(&Value::Bool(true)) => {
                let mut text = content_text(result);
                // Structured content says the same once more, or more than the text.
                if let Some(structured) = result.get("structuredContent") {
                    text.push('\n');
                    text.push_str(&structured.to_string());
                }
                Some(text)
            }
            Self::Error { message, data, .. } if data.is_null() => Some(message.clone()),
            Self::Error { message, data: Value::String(data), .. } => {
                Some(format!("{message}\n{data}"))
            }
            Self::Error { message, data, .. } => Some(format!("{message}\n{data}")),
            _ => None,
        }
    }
}

/// The text of all text blocks of a result, a line break between two.
pub fn content_text(result: &Value) -> String {
    let blocks = result.get("content").and_then(Value::as_array);
    let texts = blocks.into_iter().flatten().filter_map(|block| block.get("text")?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}
