//! A connection on which more is asked than what the server advertises.
//!
//! For whoever wants to know how a server answers: also to questions that are wrong on purpose.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Address, Budget, EraChoice, SessionError, collect::fetch, exchange::Asking,
    handshake::Connection,
};
use crate::engine::{
    finding::Observation,
    protocol::{
        frame::Frame,
        revision::{Era, Revision},
    },
};

/// A server that has said who it is and answers questions.
#[derive(Debug)]
pub struct Conversation {
    connection: Connection,
    budget: Budget,
}

/// A question. What is not given is as the specification has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'a> {
    /// The method.
    pub method: &'a str,
    /// What the `Mcp-Method` header says instead of the method.
    pub method_header: Option<&'a str>,
    /// The revision that this request alone claims to be of.
    pub revision: Option<&'a str>,
    /// Whether `_meta` is left out, which every modern request has to have.
    pub is_without_meta: bool,
}

/// What came in answer.
#[derive(Debug)]
pub struct Reply {
    /// The answer, or why there is none.
    pub frame: Result<Frame, SessionError>,
    /// The HTTP status; none on stdio.
    pub status: Option<u16>,
    /// From the question to the answer.
    pub time: Duration,
}

impl Conversation {
    /// Connects and shakes hands in one era.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn open(address: &Address, era: Era, budget: &Budget) -> Result<Self, SessionError> {
        Self::begin(address, EraChoice::Only(era), budget).await
    }

    /// Connects and shakes hands, in the era that the server speaks where that is left open.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn begin(
        address: &Address,
        choice: EraChoice,
        budget: &Budget,
    ) -> Result<Self, SessionError> {
        let connection = Connection::open(address, choice, budget).await?;
        Ok(Self { connection, budget: *budget })
    }

    /// Every page of the list of tools; none where there is no such list.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn list_tools(&mut self) -> Result<Option<Vec<Frame>>, SessionError> {
        fetch(&mut self.connection, "tools/list", "tools", true, &self.budget).await
    }

    /// Asks one question and waits for its answer, but no longer than told.
    pub async fn ask(&mut self, question: Question<'_>, params: Value, wait: Duration) -> Reply {
        let asking = Asking {
            method_header: question.method_header.unwrap_or(question.method),
            revision: question.revision,
            has_meta: !question.is_without_meta,
            ..Asking::properly(question.method)
        };
        let exchange = &mut self.connection.exchange;
        let start = Instant::now();
        let frame = exchange.ask(asking, params, wait, wait).await;
        let time = start.elapsed();
        if let Ok(frame) = &frame {
            exchange.check_result_type(frame, question.method);
        }
        Reply { status: exchange.status(), frame, time }
    }

    /// Asks a legacy server a question as a modern client would.
    pub async fn ask_as_modern(&mut self, method: &str, wait: Duration) -> Reply {
        let question = Question {
            method,
            revision: Some(Revision::LATEST_MODERN.as_str()),
            ..Question::default()
        };
        let meta = super::exchange::modern_meta(Revision::LATEST_MODERN.as_str(), &json!({}));
        self.ask(question, json!({"_meta": meta}), wait).await
    }

    /// Whether a notification of that method has come.
    pub fn has_heard(&self, method: &str) -> bool {
        self.connection.exchange.has_heard(method)
    }

    /// Ends the connection and hands over what was observed on it.
    pub async fn close(self) -> Vec<Observation> {
        self.connection.exchange.close().await
    }
}
