//! Every recorded call made again, and its answer compared with the recorded one.
//!
//! [`survey`] finds out which values the calls share; [`Comparison::run`] makes the calls, once or twice,
//! and enters in a [`Ledger`] where answers deviate. Read those and `level` first. A recording is gone
//! through as it lies in its file, and nothing grows with its length. Not for: saying whether a retry
//! does harm (`verdict`).

mod calls;
mod expected;
mod ledger;
mod level;
mod secret;

use std::{
    cell::RefCell,
    collections::HashMap,
    io::{self, BufRead},
    time::Duration,
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    answer::{Answer, What},
    link::LinkRules,
    recording::Step,
    subject::Subject,
};
use crate::engine::{
    cassette::CallOutcome,
    schema::inclusion::Conformance,
    semantics::{idempotency_key, may_write},
    surface::Surface,
};

pub use calls::{Calls, Numbered, joiner};
pub use expected::{Expected, Link, Now, Survey, survey};
pub use ledger::Ledger;
pub use level::{Deviation, Digests, Level, deviations};
pub use secret::Secrets;

/// The rule that an answer breaks which is another one.
pub const RULE: &str = "replay/answer-differs";

/// How calls are made again and compared.
pub struct Comparison<'a> {
    /// How closely.
    pub level: Level,
    /// What the server advertises.
    pub surface: &'a Surface,
    /// The values that calls share.
    pub survey: &'a Survey,
    /// What is said about links.
    pub rules: &'a LinkRules,
    /// What stands for placeholders.
    pub secrets: &'a Secrets,
    /// The name of the argument for idempotency keys, where it cannot be found out.
    pub key: Option<&'a str>,
    /// Whether tools may be called that may change something.
    pub may_write: bool,
    /// Whether the answers of a tool are compared. All calls are made, since others need what they do.
    pub wanted: &'a dyn Fn(&str) -> bool,
    /// Turns what stands at a place into a number.
    pub digests: &'a Digests,
    /// The output schemas of tools that were called.
    pub checks: Checks,
}

/// Output schemas, made ready once for each tool.
#[derive(Default)]
pub struct Checks(RefCell<HashMap<String, Option<Conformance<'static>>>>);

/// Which run it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// The first of two.
    First,
    /// The second of two, which tells what is noise.
    Second,
    /// The only one, because what it writes stays: what reads is asked twice instead.
    Only,
}

/// A call that was made, and what was answered.
pub struct Made<'a> {
    /// Its number among all calls of the recording.
    pub serial: u64,
    /// The tool.
    pub tool: &'a str,
    /// What was sent, without secrets that were put in.
    pub arguments: Value,
    /// `result`, or else `error`.
    pub answer: Result<Value, Value>,
    /// How long it took.
    pub time: Duration,
}

/// Whether a tool may change something, by what the server says of it.
pub fn is_write(surface: &Surface, tool: &str) -> bool {
    let tool = surface.tool(tool);
    tool.is_none_or(|tool| tool.annotations.read_only != Some(true) || may_write(tool))
}

/// Why an answer may be another one without the fault of the server.
const NOT_WRITTEN: &str = "and writes before it were not made";
const NOT_REPEATED: &str = "and without a reset nothing tells whether it always is";

impl Comparison<'_> {
    /// Makes the calls of a recording. `nonce` makes the keys of this run those of no other. Each call
    /// that was made is handed to `made`.
    ///
    /// # Errors
    /// When the recording cannot be read, or what was made cannot be kept.
    pub async fn run<R: BufRead>(
        &self,
        run: Run,
        nonce: u64,
        subject: &mut Subject,
        calls: &mut Calls<R>,
        ledger: &mut Ledger,
        made: &mut dyn FnMut(Made<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut now = Now::begin(self.rules);
        let mut are_writes_left_out = false;
        while let Some(Numbered { serial, step }) = calls.next_call()? {
            let is_write = is_write(self.surface, &step.tool);
            if self.surface.tool(&step.tool).is_none() {
                self.enter_missing(run, &step, ledger);
                now.learn(&step, None, self.survey, self.rules);
                continue;
            }
            let ready = self.ready(&step, is_write, &mut now, nonce);
            let (arguments, shown) = match ready {
                Ok(ready) => ready,
                Err(why) => {
                    now.learn(&step, None, self.survey, self.rules);
                    are_writes_left_out |= is_write;
                    if (self.wanted)(&step.tool) && run != Run::Second {
                        ledger.skip(&step.tool, why);
                    }
                    continue;
                }
            };
            let answer = match subject.call(&step.tool, &arguments).await {
                Ok(answer) => answer,
                Err(error) => {
                    let (tool, n) = (&step.tool, step.n);
                    ledger.stopped = Some(format!("at line {n}, `{tool}`: {error}"));
                    return Ok(());
                }
            };
            if (self.wanted)(&step.tool) {
                let doubt = match (self.level, run) {
                    (Level::Shape, _) => None,
                    _ if are_writes_left_out => Some(NOT_WRITTEN),
                    (_, Run::Only) if is_write => Some(NOT_REPEATED),
                    _ => None,
                };
                self.enter(run, &step, &answer, &now, doubt, ledger);
            }
            if run == Run::Only && !is_write {
                match subject.call(&step.tool, &arguments).await {
                    Ok(again) => self.learn_noise(&step, &answer, &again, ledger),
                    Err(error) => {
                        let (tool, n) = (&step.tool, step.n);
                        ledger.stopped = Some(format!("at line {n}, `{tool}`: {error}"));
                        return Ok(());
                    }
                }
            }
            let content = answer.content().filter(|_| answer.is_done());
            now.learn(&step, content.as_ref(), self.survey, self.rules);
            if let Some(outcome) = outcome(&answer) {
                let (tool, arguments) = (step.tool.as_str(), shown);
                let hidden = |value: &Value| self.secrets.taken_out(value);
                let answer_now = outcome.as_ref().map(hidden).map_err(hidden);
                made(Made { serial, tool, arguments, answer: answer_now, time: answer.time })?;
            }
        }
        Ok(())
    }

    /// The arguments of a call as they are to be sent, with and without secrets; or why it is not made.
    fn ready(
        &self,
        step: &Step,
        is_write: bool,
        now: &mut Now,
        nonce: u64,
    ) -> Result<(Value, Value), String> {
        if step.outcome == CallOutcome::InputRequired {
            return Err("the server has asked for something first, and the call after it has the \
                        answer"
                .to_owned());
        }
        let Some(tool) = self.surface.tool(&step.tool) else {
            return Err("the server lists no such tool".to_owned());
        };
        if is_write && !self.may_write {
            return Err(
                "it may change something, which --allow-writes or a reset allows".to_owned()
            );
        }
        let mut arguments = now.arguments(step, self.survey, self.rules).map_err(|pointer| {
            format!("{pointer} is the value of a call that was not made or is answered otherwise")
        })?;
        let given = self.key.filter(|given| tool.arguments().any(|(name, _)| name == *given));
        let key = given.or_else(|| idempotency_key(tool));
        if let Some(name) = key
            && let Some(recorded) = arguments.get(name).filter(|key| key.is_string()).cloned()
        {
            let fresh = Value::String(fresh_key(recorded.as_str().unwrap_or_default(), nonce));
            now.stands_for(self.survey, &recorded, &fresh);
            arguments[name] = fresh;
        }
        let filled = self.secrets.filled(&arguments).map_err(|placeholder| {
            format!("its arguments hold {placeholder}; --secret NAME=VARIABLE puts in what it stands for")
        })?;
        Ok((filled, arguments))
    }

    /// Enters where an answer deviates.
    fn enter(
        &self,
        run: Run,
        step: &Step,
        answer: &Answer,
        now: &Now,
        doubt: Option<&'static str>,
        ledger: &mut Ledger,
    ) {
        if step.outcome == CallOutcome::Unanswered {
            if run != Run::Second {
                ledger.skip(&step.tool, "the recording has no answer to it".to_owned());
            }
            return;
        }
        let expected = Expected::new(self.survey, now);
        let found = self.found(step, answer, &expected);
        match run {
            Run::Second => ledger.second(&step.tool, step.n, &found),
            _ => ledger.first(&step.tool, step.n, found, doubt, run == Run::Only),
        }
    }

    /// Enters that a tool is not there any more.
    fn enter_missing(&self, run: Run, step: &Step, ledger: &mut Ledger) {
        if !(self.wanted)(&step.tool) {
            return;
        }
        if matches!(step.outcome, CallOutcome::ProtocolError | CallOutcome::Unanswered) {
            if run != Run::Second {
                ledger.skip(&step.tool, "the server lists no such tool".to_owned());
            }
            return;
        }
        let words = "the server lists no such tool".to_owned();
        let now = self.digests.of(Level::Shape, None);
        let found = vec![Deviation { pointer: String::new(), words, now }];
        match run {
            Run::Second => ledger.second(&step.tool, step.n, &found),
            _ => ledger.first(&step.tool, step.n, found, None, run == Run::Only),
        }
    }

    fn found(&self, step: &Step, answer: &Answer, expected: &Expected<'_>) -> Vec<Deviation> {
        let recorded = match step.outcome {
            CallOutcome::ProtocolError => json!({"error": step.answer}),
            _ => step.answer.clone(),
        };
        let Some(outcome) = outcome(answer) else {
            let words = answer.text();
            let now = self.digests.of(Level::Shape, None);
            return vec![Deviation { pointer: String::new(), words, now }];
        };
        let answered = outcome.unwrap_or_else(|error| json!({"error": error}));
        if recorded.get("error").is_some() != answered.get("error").is_some()
            && (step.outcome == CallOutcome::ProtocolError
                || matches!(answer.what, What::Refused(_)))
        {
            // Nothing that one has is to be looked for in the other.
            let words = match step.outcome {
                CallOutcome::ProtocolError => {
                    format!("a result instead of an error: {}", answer.in_words())
                }
                _ => format!("an error of the protocol instead of a result: {}", answer.in_words()),
            };
            let now = self.digests.of(Level::Shape, Some(&answered));
            return vec![Deviation { pointer: String::new(), words, now }];
        }
        let mut found = deviations(self.level, &recorded, &answered, expected, self.digests);
        for violation in self.violations(step, &answered) {
            match found.iter_mut().find(|it| it.pointer == violation.pointer) {
                Some(known) => known.words = format!("{}; {}", known.words, violation.words),
                None => found.push(violation),
            }
        }
        found
    }

    /// What the schema of the tool's output has against an answer.
    fn violations(&self, step: &Step, answered: &Value) -> Vec<Deviation> {
        let is_error = answered.get("isError") == Some(&Value::Bool(true));
        let content = answered.get("structuredContent").filter(|_| !is_error);
        let Some(content) = content else { return Vec::new() };
        let mut checks = self.checks.0.borrow_mut();
        let check = checks.entry(step.tool.clone()).or_insert_with(|| {
            let schema = self.surface.tool(&step.tool).and_then(|tool| tool.output_schema());
            schema.and_then(|schema| Some(Conformance::new(schema).ok()?.into_owned()))
        });
        let violation = check.as_ref().and_then(|check| check.violation(content).ok().flatten());
        let Some(violation) = violation else { return Vec::new() };
        let pointer = format!("/structuredContent{}", violation.pointer.as_str());
        let words = format!("{pointer} is not what the output schema says: {}", violation.reason);
        let now = self.digests.of(Level::Shape, content.pointer(violation.pointer.as_str()));
        vec![Deviation { pointer, words, now }]
    }

    /// What differs between two answers to the same call is noise.
    fn learn_noise(&self, step: &Step, one: &Answer, other: &Answer, ledger: &mut Ledger) {
        let (Some(Ok(one)), Some(Ok(other))) = (outcome(one), outcome(other)) else { return };
        let (survey, now) = (Survey::default(), Now::default());
        let expected = Expected::new(&survey, &now);
        for deviation in deviations(self.level, &one, &other, &expected, self.digests) {
            ledger.is_noise(&step.tool, &deviation.pointer);
        }
    }
}

/// What was answered; nothing where nothing was.
fn outcome(answer: &Answer) -> Option<Result<Value, Value>> {
    match &answer.what {
        What::Done(result)
        | What::Failed(result)
        | What::Asked(result)
        | What::Promised(result) => Some(Ok(result.clone())),
        What::Refused(error) => Some(Err(error.clone())),
        What::Lost(_) => None,
    }
}

/// A key that nobody has used, of the form of the recorded one: the same where the recording has the
/// same, so that a repetition is one again.
fn fresh_key(recorded: &str, nonce: u64) -> String {
    let digest = Sha256::new().chain_update(nonce.to_le_bytes()).chain_update(recorded).finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let is_uuid = recorded.len() == 36
        && recorded.char_indices().all(|(index, letter)| match index {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        });
    match is_uuid {
        // A random one (RFC 9562, section 5.4).
        true => format!(
            "{}-{}-4{}-8{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..15],
            &hex[15..18],
            &hex[18..30]
        ),
        false => format!("replay-{nonce:016x}-{}", &hex[..16]),
    }
}

#[cfg(test)]
mod tests {
    use super::fresh_key;

    #[test]
    fn a_repeated_key_is_repeated_and_a_uuid_stays_one() {
        let key = fresh_key("order-1", 7);
        assert_eq!(key, fresh_key("order-1", 7));
        assert_ne!(key, fresh_key("order-1", 8));
        assert_ne!(key, fresh_key("order-2", 7));
        assert!((16..=64).contains(&key.len()));
        let uuid = fresh_key("0d9f3c3e-7a55-4a3f-8a8b-6a1b3cf3b9a1", 7);
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
    }
}
