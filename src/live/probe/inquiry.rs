//! Asking one question after the other, whatever becomes of the server meanwhile.
//!
//! A question that a server dies of or chokes on is an answer too; the next one is asked on a new
//! connection. Every wait has a limit, all of it together has one, and a server that has stopped
//! answering is left alone.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    OF_ANSWER, OF_INPUT, OF_LIST, OF_PROTOCOL, OF_RESULT, OF_TIME,
    outcome::outcome,
    plan::{Plan, PlannedCall},
};
use crate::{
    engine::{
        finding::{Observation, ObservationKind},
        protocol::{
            canonical::{Layout, write},
            frame::Frame,
            json::View,
            revision::Era,
        },
        schema::inclusion::Conformance,
        surface::{
            Surface,
            evidence::{
                Again, Answer, Case, EndedListing, Evidence, Listing, NotRun, Outcome, Question,
            },
        },
    },
    live::session::{self, Address, Budget, Conversation, Reply, SessionError},
};

/// How long an answer about the protocol is waited for: nothing has to be looked up for it.
const PROTOCOL_WAIT: Duration = Duration::from_secs(5);
/// How long the list of tools is waited for when it is asked for again: it was given once.
const LIST_WAIT: Duration = Duration::from_secs(10);
/// How long the answer to a call is waited for: twice what a user is made to wait.
const CALL_WAIT: Duration = Duration::from_secs(10);
/// How often a new connection is opened because the one before was lost.
const MAX_REOPENED: usize = 4;
/// How many questions in a row may remain without an answer.
const MAX_SILENT: usize = 3;

const OUT_OF_TIME: &str = "the time of --timeout was used up";

/// What nobody has: names that say who asks, for whoever reads the log of the server.
const NO_METHOD: &str = "mcp-kit/no-such-method";
const NO_TOOL: &str = "mcp_kit_no_such_tool";
const NO_REVISION: &str = "1900-01-01";

/// The questions to one server.
pub(super) struct Inquiry<'a> {
    address: &'a Address,
    era: Era,
    budget: Budget,
    deadline: Instant,
    conversation: Option<Conversation>,
    opened: usize,
    /// Questions in a row that remained without an answer.
    silent: usize,
    evidence: Evidence,
    observations: Vec<Observation>,
}

impl<'a> Inquiry<'a> {
    pub(super) fn new(address: &'a Address, era: Era, budget: &Budget) -> Self {
        Self {
            address,
            era,
            budget: *budget,
            deadline: Instant::now() + budget.timeout,
            conversation: None,
            opened: 0,
            silent: 0,
            evidence: Evidence::default(),
            observations: Vec::new(),
        }
    }

    pub(super) async fn run(&mut self, surface: &Surface, plan: Plan) {
        self.evidence.not_run = plan.not_run;
        let can_compare = !surface.observations.iter().any(|it| is_about_unread_list(it.kind));
        self.list_again(Again::OnOtherConnection, can_compare).await;
        for question in plan.questions {
            match question {
                Question::UndiscoveredList => self.ask_undiscovered().await,
                question => self.ask_about_protocol(question).await,
            }
        }
        // A tool that has not answered once is not asked again.
        let mut silent_tool = None;
        for call in plan.calls {
            if silent_tool.as_ref() != Some(&call.tool) && !self.call(surface, &call).await {
                silent_tool = Some(call.tool);
            }
        }
        let is_comparable = can_compare && !self.evidence.listings.is_empty();
        self.list_again(Again::OnSameConnection, is_comparable).await;
    }

    /// Closes what is open and hands over all that was found.
    pub(super) async fn finish(mut self) -> (Evidence, Vec<Observation>) {
        self.close().await;
        (self.evidence, self.observations)
    }

    async fn list_again(&mut self, again: Again, can_compare: bool) {
        let leave_out = |this: &mut Self, reason: String| {
            let is_said = this.evidence.not_run.iter().any(|it| it.checks == OF_LIST);
            if !is_said {
                let checks = OF_LIST.to_vec();
                this.evidence.not_run.push(NotRun { checks, tool: None, reason });
            }
        };
        let number = self.opened;
        if let Err(reason) = self.connect().await {
            return leave_out(self, reason);
        }
        if !can_compare {
            return leave_out(self, "the list could not be read to its end".to_owned());
        }
        // What died in between is a new connection, which was compared already.
        if again == Again::OnSameConnection && self.opened != number {
            return;
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        let Some(conversation) = &mut self.conversation else { return };
        let wait = LIST_WAIT.min(left);
        let listed = tokio::time::timeout(wait, conversation.list_tools()).await;
        let pages = match listed {
            Ok(Ok(Some(pages))) if !pages.is_empty() => pages,
            Ok(Ok(_)) => return leave_out(self, "`tools/list` failed the second time".to_owned()),
            Ok(Err(error)) => {
                self.lose(true).await;
                let reason = format!("no second list: {error}");
                if let Outcome::Gone(how) = outcome(Err(error)) {
                    return self.evidence.ended_listings.push(EndedListing { again, how });
                }
                return leave_out(self, reason);
            }
            Err(_) => {
                self.lose(true).await;
                let reason = match wait < LIST_WAIT {
                    true => OUT_OF_TIME.to_owned(),
                    false => format!("no second list came within {} s", LIST_WAIT.as_secs()),
                };
                return leave_out(self, reason);
            }
        };
        // A server of the older era says so when its list changes, and then it may.
        if conversation.has_heard("notifications/tools/list_changed") {
            return leave_out(self, "the server said that its list had changed".to_owned());
        }
        let tools = pages.iter().flat_map(listed_tools).collect();
        self.evidence.listings.push(Listing { again, tools });
    }

    async fn ask_about_protocol(&mut self, question: Question) {
        let Some((asked, params)) = asked(&question) else { return };
        if let Err(reason) = self.connect().await {
            let checks = OF_PROTOCOL.to_vec();
            return self.leave_out(checks, None, reason);
        }
        let wait = PROTOCOL_WAIT.min(self.deadline.saturating_duration_since(Instant::now()));
        let Some(conversation) = &mut self.conversation else { return };
        let reply = conversation.ask(asked, params, wait).await;
        self.note(question, reply).await;
    }

    /// A modern server answers `server/discover`. One that does not, and answers a modern request
    /// for its tools all the same, is modern without saying so.
    async fn ask_undiscovered(&mut self) {
        if self.connect().await.is_err() {
            return;
        }
        let wait = PROTOCOL_WAIT.min(self.deadline.saturating_duration_since(Instant::now()));
        let Some(conversation) = &mut self.conversation else { return };
        let discovered = conversation.ask_as_modern("server/discover", wait).await;
        match outcome(discovered.frame) {
            Outcome::Error { .. } => {}
            Outcome::Result(_) | Outcome::Oversized { .. } | Outcome::Unreadable(_) => return,
            Outcome::Silence | Outcome::Gone(_) => return self.lose(true).await,
        }
        let reply = conversation.ask_as_modern("tools/list", wait).await;
        self.note(Question::UndiscoveredList, reply).await;
    }

    /// Whether an answer came.
    async fn call(&mut self, surface: &Surface, call: &PlannedCall) -> bool {
        let name = &call.tool;
        let checks = || match call.case {
            Case::Valid => [OF_ANSWER, OF_RESULT, OF_TIME].concat(),
            Case::Missing(_) | Case::WrongType(_) => [OF_ANSWER, OF_INPUT].concat(),
        };
        if let Err(reason) = self.connect().await {
            self.leave_out(checks(), Some(name), reason);
            return true;
        }
        let wait = CALL_WAIT.min(self.deadline.saturating_duration_since(Instant::now()));
        let Some(conversation) = &mut self.conversation else { return true };
        let asked = session::Question { method: "tools/call", ..Default::default() };
        let params = json!({"name": name, "arguments": call.arguments});
        let reply = conversation.ask(asked, params, wait).await;
        let question = Question::Call { tool: name.clone(), case: call.case.clone() };
        let outcome = self.note(question, reply).await;
        if !outcome.is_answer() {
            let reason = format!("a call of it {}", in_words(&outcome));
            let mut checks = [OF_ANSWER, OF_INPUT].concat();
            if call.case == Case::Valid {
                checks.extend(OF_RESULT);
            }
            self.leave_out(checks, Some(name), reason);
            return false;
        }
        if call.case == Case::Valid
            && let Some(reason) = not_to_be_judged(surface, name, &outcome)
        {
            let mut checks = OF_RESULT.to_vec();
            if matches!(outcome, Outcome::Oversized { .. }) {
                checks.extend(OF_ANSWER);
            }
            // How long a result is can be told of every result.
            if outcome.is_result_of_call() && outcome.success().is_some()
                || matches!(outcome, Outcome::Oversized { .. })
            {
                checks.retain(|id| *id != "output/too-large");
            }
            self.leave_out(checks, Some(name), reason);
        }
        true
    }

    /// Keeps what came, and gives up a connection that is of no more use.
    async fn note(&mut self, question: Question, reply: Reply) -> Outcome {
        let Reply { frame, status, time } = reply;
        let is_stdio = status.is_none();
        let is_lost = match &frame {
            Ok(_) => false,
            Err(error) if error.concerns_one_request() => false,
            // Over HTTP the next question is a request of its own.
            Err(SessionError::Timeout { .. }) => is_stdio,
            Err(_) => true,
        };
        let outcome = outcome(frame);
        let is_silent = matches!(outcome, Outcome::Silence | Outcome::Gone(_));
        self.silent = if is_silent { self.silent + 1 } else { 0 };
        if is_lost {
            self.lose(!outcome.is_answer()).await;
        }
        self.evidence.answers.push(Answer { question, outcome: outcome.clone(), status, time });
        outcome
    }

    /// Sees to it that there is a connection, or says why there is none.
    async fn connect(&mut self) -> Result<(), String> {
        if Instant::now() >= self.deadline {
            return Err(OUT_OF_TIME.to_owned());
        }
        if self.silent >= MAX_SILENT {
            return Err("the server no longer answers".to_owned());
        }
        if self.conversation.is_some() {
            return Ok(());
        }
        if self.opened > MAX_REOPENED {
            return Err("the server was started anew too often".to_owned());
        }
        self.opened += 1;
        let left = self.deadline.saturating_duration_since(Instant::now());
        let timeout = self.budget.timeout.min(left);
        let connect_timeout = self.budget.connect_timeout.min(left);
        let budget = Budget { timeout, connect_timeout, ..self.budget };
        match Conversation::open(self.address, self.era, &budget).await {
            Ok(conversation) => {
                self.conversation = Some(conversation);
                Ok(())
            }
            Err(error) => {
                self.opened = MAX_REOPENED + 1;
                Err(format!("no second connection: {error}"))
            }
        }
    }

    /// Gives up a connection. A server that was stuck in an answer cannot be blamed for not
    /// stopping at once.
    async fn lose(&mut self, is_stuck: bool) {
        let before = self.observations.len();
        self.close().await;
        if is_stuck {
            let late = self.observations.split_off(before);
            let kept = late.into_iter().filter(|it| it.kind != ObservationKind::DidNotStop);
            self.observations.extend(kept);
        }
    }

    async fn close(&mut self) {
        if let Some(conversation) = self.conversation.take() {
            for observation in conversation.close().await {
                if !self.observations.contains(&observation) {
                    self.observations.push(observation);
                }
            }
        }
    }

    fn leave_out(&mut self, checks: Vec<&'static str>, tool: Option<&str>, reason: String) {
        let tool = tool.map(str::to_owned);
        let left_out = NotRun { checks, tool, reason };
        if !self.evidence.not_run.contains(&left_out) {
            self.evidence.not_run.push(left_out);
        }
    }
}

/// A question about the protocol as it is sent.
fn asked(question: &Question) -> Option<(session::Question<'static>, Value)> {
    let properly = |method| session::Question { method, ..Default::default() };
    let list = properly("tools/list");
    Some(match question {
        Question::UnknownMethod => (properly(NO_METHOD), json!({})),
        Question::UnknownTool => {
            (properly("tools/call"), json!({"name": NO_TOOL, "arguments": {}}))
        }
        Question::UnknownRevision => {
            (session::Question { revision: Some(NO_REVISION), ..list }, json!({}))
        }
        Question::NoRevision => (session::Question { is_without_meta: true, ..list }, json!({})),
        Question::OtherMethodHeader => {
            (session::Question { method_header: Some("prompts/list"), ..list }, json!({}))
        }
        Question::UndiscoveredList | Question::Call { .. } => return None,
    })
}

/// How a call that was not answered ended, after the words *a call of it*.
fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Silence => format!("was not answered within {} s", CALL_WAIT.as_secs()),
        Outcome::Gone(how) => format!("ended the connection: {how}"),
        Outcome::Unreadable(what) => format!("was not answered readably: {what}"),
        Outcome::Result(_) | Outcome::Error { .. } | Outcome::Oversized { .. } => {
            "was answered".to_owned()
        }
    }
}

/// Whether the output rules can look at a result: what asks back need not have content.
fn is_judged(outcome: &Outcome) -> bool {
    let asks_back = |it: &Value| it.get("resultType").is_some_and(|it| it == "input_required");
    outcome.is_result_of_call() || outcome.success().is_some_and(asks_back)
}

/// Why the result of a call tells nothing about the results of the tool, if it does not.
fn not_to_be_judged(surface: &Surface, name: &str, outcome: &Outcome) -> Option<String> {
    if let Outcome::Oversized { .. } = outcome {
        return Some("its result is too long to be looked at".to_owned());
    }
    if matches!(outcome, Outcome::Result(_)) && !is_judged(outcome) {
        return Some("what it answers is no result of a call".to_owned());
    }
    let Some(result) = outcome.success() else {
        return Some(
            "a call with made-up arguments was answered with an error; `examples` in its input \
             schema give better ones"
                .to_owned(),
        );
    };
    if result.get("resultType").and_then(Value::as_str) == Some("input_required") {
        return Some("it asks for more before it answers".to_owned());
    }
    let schema = surface.tool(name)?.output_schema()?;
    let structured = result.get("structuredContent")?;
    let judged = Conformance::new(schema).and_then(|it| it.violation(structured));
    judged.err().map(|unjudged| format!("its result cannot be held to its schema: {}", unjudged.0))
}

/// Whether a list that this was observed of is not all of the list.
fn is_about_unread_list(kind: ObservationKind) -> bool {
    matches!(
        kind,
        ObservationKind::MissingList
            | ObservationKind::RepeatedCursor
            | ObservationKind::MalformedCursor
            | ObservationKind::Truncated
            | ObservationKind::ListFailed
    )
}

fn listed_tools(page: &Frame) -> Vec<(String, String)> {
    let tools = page.result().and_then(|result| result.get("tools"));
    let listed = |tool: View<'_>| {
        let name = tool.get("name").and_then(View::as_str).unwrap_or_default().into_owned();
        (name, write(tool, Layout::Canonical))
    };
    tools.into_iter().flat_map(View::items).map(listed).collect()
}
