//! The calls of a recording, as they are to be made again.

use std::io::{self, BufRead};

use serde_json::Value;

use super::{
    binding::{Binding, Origin, Values, each_scalar},
    link::LinkRules,
};
use crate::engine::cassette::{
    Answer, Call, CallOutcome, Damage, Exchange, Joiner, Line, Party, Reader,
};

/// The most calls that are looked at for samples.
const MOST: usize = 20_000;

/// A recorded call.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The line of its request.
    pub n: u64,
    /// The session of the protocol that it belongs to, from 1; 0 without one.
    pub session: u64,
    /// The tool.
    pub tool: String,
    /// Its arguments, an object.
    pub arguments: Value,
    /// What it came to.
    pub outcome: CallOutcome,
    /// The result or the error; null without an answer.
    pub answer: Value,
    /// How long it took, in microseconds; unknown for some imports.
    pub time_us: Option<u64>,
    /// What it uses of what calls before it have produced.
    pub bindings: Vec<Binding>,
    /// The places among its arguments that stay as they were recorded, or whose link was given.
    pub fixed: Vec<String>,
}

impl Step {
    /// The call that an exchange is; none where it is something else.
    pub fn of(exchange: Exchange) -> Option<Self> {
        let call = Call::of(exchange).ok()?;
        let outcome = call.outcome();
        let parsed = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let arguments = call.arguments.as_ref().map_or("{}", |arguments| arguments.get());
        let answer = match &call.exchange.answer {
            Answer::Result(json) | Answer::Error(json) => parsed(json.get()),
            Answer::None => Value::Null,
        };
        Some(Self {
            n: call.exchange.n,
            session: call.exchange.session,
            arguments: parsed(arguments),
            tool: call.tool,
            outcome,
            answer,
            time_us: call.exchange.time_us,
            bindings: Vec::new(),
            fixed: Vec::new(),
        })
    }
}

/// Recorded calls in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// The calls.
    pub steps: Vec<Step>,
    /// The lines that could not be read.
    pub damages: Vec<Damage>,
    /// How many calls there were beyond those that are looked at.
    pub left_out: u64,
    /// What is said about links.
    pub rules: LinkRules,
}

impl Recording {
    /// Reads all that a cassette has.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read<R: BufRead>(mut reader: Reader<R>) -> io::Result<Self> {
        let mut recording = Self::default();
        let mut joiner =
            Joiner::new(|from, method| from == Party::Client && method == "tools/call");
        let mut done = Vec::new();
        while let Some(line) = reader.next_line()? {
            match line {
                Ok(Line::Message(message)) => {
                    joiner.push(&message, |exchange| done.push(exchange));
                }
                Ok(_) => {}
                Err(damage) => recording.damages.push(damage),
            }
            for exchange in done.drain(..) {
                recording.take(exchange);
            }
        }
        for exchange in joiner.finish() {
            recording.take(exchange);
        }
        recording.steps.sort_by_key(|step| step.n);
        recording.bind();
        Ok(recording)
    }

    /// The latest call of a tool that was done.
    pub fn sample(&self, tool: &str) -> Option<usize> {
        let is_it = |step: &Step| step.tool == tool && step.outcome == CallOutcome::Ok;
        self.steps.iter().rposition(is_it)
    }

    /// The calls before one without which it cannot be made, in their order.
    pub fn needed_by(&self, index: usize) -> Vec<usize> {
        let mut needed = Vec::new();
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            for binding in &self.steps[index].bindings {
                let from = self.steps.iter().position(|step| step.n == binding.from.n);
                if let Some(from) = from.filter(|from| !needed.contains(from)) {
                    needed.push(from);
                    open.push(from);
                }
            }
        }
        needed.sort_unstable();
        needed
    }

    fn take(&mut self, exchange: Exchange) {
        let Some(step) = Step::of(exchange) else { return };
        if self.steps.len() == MOST {
            self.left_out += 1;
            return;
        }
        self.steps.push(step);
    }

    /// Finds the links anew, with what is said about them.
    pub fn bind_by(&mut self, rules: &LinkRules) {
        self.rules = rules.clone();
        self.bind();
    }

    fn bind(&mut self) {
        let mut values = Values::default();
        let rules = &self.rules;
        // For each link that was given, the latest call that it comes from.
        let mut sources: Vec<Option<u64>> = vec![None; rules.links.len()];
        for step in &mut self.steps {
            let given = rules.links.iter().zip(&sources).filter_map(|((from, to), n)| {
                let from = Origin { n: (*n)?, pointer: from.pointer.clone() };
                let is_it = to.is_in(step.n, &step.tool);
                is_it.then(|| Binding { from, to: to.pointer.clone() })
            });
            let given: Vec<Binding> = given.collect();
            step.bindings = values.bindings(&step.arguments);
            step.fixed = given.iter().map(|binding| binding.to.clone()).collect();
            each_scalar(&step.arguments, &mut String::new(), &mut |pointer, _| {
                if rules.forbids(step.n, &step.tool, pointer) {
                    step.fixed.push(pointer.to_owned());
                }
            });
            step.bindings.retain(|binding| !step.fixed.contains(&binding.to));
            step.bindings.extend(given);
            values.was_given(&step.arguments);
            if step.outcome != CallOutcome::Ok {
                continue;
            }
            for ((from, _), n) in rules.links.iter().zip(&mut sources) {
                if from.is_in(step.n, &step.tool) {
                    *n = Some(step.n);
                }
            }
            if let Some(content) = super::answer::content_of(&step.answer) {
                let content = rules.pruned(step.n, &step.tool, &content);
                values.learn(step.n, &content, None);
            }
        }
    }
}
