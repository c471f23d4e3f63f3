//! One write under test: fresh arguments for it, its calls, and what they came to.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    answer::Answer,
    binding::Values,
    control::Control,
    crash::{self, PAUSE, Sweep},
    observe::{Blind, Observer},
    recording::Recording,
    subject::Subject,
    upstream::UpstreamFault,
    vary,
};
use crate::{
    engine::{protocol::revision::Era, semantics::idempotency_key, surface::Surface},
    live::session::SessionError,
};

/// How long a call is made again whose answer does not say that it may be.
const UNTOLD: Duration = Duration::from_secs(3);

/// How long a client takes to say that it has given a request up.
const FAREWELL: Duration = Duration::from_secs(2);

/// How much is tried.
#[derive(Debug, Clone)]
pub struct Options {
    /// Decides everything that is made up but for keys: the same seed, the same run.
    pub seed: u64,
    /// What makes the keys of this run those of no other: a server remembers them.
    pub nonce: u64,
    /// How many ask for one change at the same moment.
    pub racers: usize,
    /// How often what depends on the moment is tried.
    pub rounds: usize,
    /// How long an effect may take to be seen, and how long after that a second one is looked for.
    pub settle: Duration,
    /// How long a tool may take at most without answering with something to poll.
    pub slow: Duration,
    /// How long a task may take.
    pub task_limit: Duration,
    /// The name of the argument for idempotency keys, where it cannot be found out.
    pub key: Option<String>,
}

/// A tool, and how it is called.
#[derive(Debug, Clone)]
pub struct Case {
    /// The tool.
    pub tool: String,
    /// Whether it may change something.
    pub is_write: bool,
    /// Its argument for the idempotency key; none where it has none.
    pub key: Option<String>,
    /// Arguments without a key.
    pub sample: Value,
    /// Where they are from, in words.
    pub origin: String,
    /// The recorded calls without which it cannot be made, by their place in the recording.
    pub needs: Vec<usize>,
    /// The line of the recorded call.
    pub n: Option<u64>,
    /// How long it takes to be answered.
    pub typical: Duration,
    /// What counts its effects, and by how much one write grows it; or why nothing does.
    pub counted: Result<(Observer, i64), String>,
}

/// A write that was done.
#[derive(Debug, Clone)]
pub struct Made {
    /// With what, without the key.
    pub arguments: Value,
    /// Under which key.
    pub key: String,
    /// What it was answered.
    pub answer: Answer,
    /// What was counted before it.
    pub before: i64,
}

/// Why a trial came to no end.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The server cannot be started or reached.
    #[error("{0}")]
    Session(#[from] SessionError),
    /// The effects cannot be counted.
    #[error("{0}")]
    Blind(#[from] Blind),
    /// A call was not answered as it has to be for the trial to mean anything.
    #[error("{0}")]
    Other(String),
}

/// What a trial is made with.
pub struct Bench<'a> {
    /// The server.
    pub subject: &'a mut Subject,
    /// What it advertises.
    pub surface: &'a Surface,
    /// What was recorded.
    pub recording: &'a Recording,
    /// How much is tried.
    pub options: &'a Options,
    /// What turns the clock of the server.
    pub control: Option<Control>,
    /// Every case that can be called.
    pub others: Vec<Case>,
    /// What a sweep of kills over a write has shown, with its tool.
    swept: Option<(String, Sweep)>,
    /// What was done in the trial so far, a line each.
    pub log: Vec<String>,
    /// Where two answers to one call differ by nature, as JSON Pointers into what they hold.
    pub noise: BTreeSet<String>,
    /// How many keys were made up.
    keys: u64,
    /// How many arguments were varied.
    varied: u64,
    /// How many numbers were drawn.
    drawn: u64,
}

impl<'a> Bench<'a> {
    /// A bench for one server.
    pub fn new(
        subject: &'a mut Subject,
        surface: &'a Surface,
        recording: &'a Recording,
        options: &'a Options,
    ) -> Self {
        let (control, others, swept, log) = (None, Vec::new(), None, Vec::new());
        Self {
            subject,
            surface,
            recording,
            options,
            control,
            others,
            swept,
            log,
            noise: BTreeSet::new(),
            keys: 0,
            varied: 0,
            drawn: 0,
        }
    }

    /// A key that nobody has used.
    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("replay-{:016x}-{:06}", self.options.nonce, self.keys)
    }

    /// A number from 0 to 1 that the seed decides.
    pub fn fraction(&mut self) -> f64 {
        self.drawn += 1;
        (mixed(self.options.seed ^ self.drawn.rotate_left(32)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Arguments without a key for a write of its own: what it needs is done anew before.
    ///
    /// # Errors
    /// When something that it needs is not done.
    pub async fn fresh(&mut self, case: &Case) -> Result<Value, Trouble> {
        let values = self.made_anew(&case.needs, &case.tool).await?;
        let steps = &self.recording.steps;
        Ok(match steps.iter().find(|step| Some(step.n) == case.n) {
            Some(step) => values.of_step(step, &case.sample),
            None => values.rewritten(&case.sample, &|_| false),
        })
    }

    /// Makes a write of its own under a new key, and counts before that. What it needs is done before
    /// the count.
    ///
    /// # Errors
    /// When it is not done, or its effects cannot be counted.
    pub async fn made(&mut self, case: &Case) -> Result<Made, Trouble> {
        let arguments = self.fresh(case).await?;
        let (before, key) = (self.count(case).await?, self.key());
        let answer = self.call(case, &arguments, &key).await?;
        match answer.is_done() {
            true => Ok(Made { arguments, key, answer, before }),
            false => Err(Trouble::Other(format!("the call is answered: {}", answer.in_words()))),
        }
    }

    /// The arguments of a recorded call, after what it needs was done anew.
    ///
    /// # Errors
    /// When something that it needs is not done.
    pub async fn recorded(&mut self, index: usize) -> Result<Value, Trouble> {
        let step = &self.recording.steps[index];
        let values = self.made_anew(&self.recording.needed_by(index), &step.tool).await?;
        Ok(values.of_step(step, &step.arguments))
    }

    /// Recorded arguments without those that the tool does not have any more, where it takes no others
    /// than its own.
    pub fn fitted(&self, tool: &str, arguments: &Value) -> Value {
        let mut fitted = arguments.clone();
        let tool = self.surface.tool(tool);
        let schema = tool.and_then(|tool| tool.input_schema());
        let is_closed =
            schema.is_some_and(|it| it.get("additionalProperties") == Some(&Value::Bool(false)));
        if let (Some(tool), Some(members), true) = (tool, fitted.as_object_mut(), is_closed) {
            members.retain(|name, _| tool.arguments().any(|(own, _)| own == name));
        }
        fitted
    }

    /// Makes recorded calls again; what they have produced now in the place of what was recorded.
    async fn made_anew(&mut self, needs: &[usize], for_tool: &str) -> Result<Values, Trouble> {
        let mut values = Values::default();
        for index in needs {
            let step = &self.recording.steps[*index];
            let rewritten = values.of_step(step, &step.arguments);
            let mut arguments = self.fitted(&step.tool, &rewritten);
            if let Some(key) = self.key_of(&step.tool) {
                arguments[key.as_str()] = Value::String(self.key());
            }
            let answer = self.subject.call(&step.tool, &arguments).await?;
            if !answer.is_done() {
                let (tool, answer) = (&step.tool, answer.in_words());
                return Err(Trouble::Other(format!(
                    "`{tool}`, whose answer `{for_tool}` needs, is answered: {answer}"
                )));
            }
            let recorded = super::answer::content_of(&step.answer).unwrap_or_default();
            let recorded = self.recording.rules.pruned(step.n, &step.tool, &recorded);
            values.was_given(&step.arguments);
            values.learn(step.n, &recorded, answer.content().as_ref());
            values.keep(step.n, answer.content().as_ref());
        }
        Ok(values)
    }

    /// The same arguments but for one value, such that the tool takes them too.
    pub fn varied(&mut self, case: &Case, arguments: &Value) -> Option<Value> {
        self.varied += 1;
        let bound: BTreeSet<String> = case
            .n
            .and_then(|n| self.recording.steps.iter().find(|step| step.n == n))
            .into_iter()
            .flat_map(|step| step.bindings.iter().map(|binding| binding.to.clone()))
            .collect();
        let schema = self.surface.tool(&case.tool)?.input_schema()?;
        let whole = keyed(case, arguments, "replay-variant-of-a-call");
        let key = case.key.as_ref().map(|name| format!("/{name}"));
        let stays = |pointer: &str| bound.contains(pointer) || key.as_deref() == Some(pointer);
        let mut varied = vary::varied(schema, &whole, self.varied, &stays)?;
        if let (Some(name), Some(members)) = (&case.key, varied.as_object_mut()) {
            members.remove(name);
        }
        Some(varied)
    }

    /// The name of a tool's argument for keys.
    pub fn key_of(&self, tool: &str) -> Option<String> {
        let tool = self.surface.tool(tool)?;
        let given = self.options.key.as_deref();
        let given = given.filter(|given| tool.arguments().any(|(name, _)| name == *given));
        given.or_else(|| idempotency_key(tool)).map(str::to_owned)
    }

    /// Makes a write under a key, and notes it down.
    ///
    /// # Errors
    /// When the server cannot be started or reached.
    pub async fn call(
        &mut self,
        case: &Case,
        arguments: &Value,
        key: &str,
    ) -> Result<Answer, Trouble> {
        let answer = self.subject.call(&case.tool, &keyed(case, arguments, key)).await?;
        self.note(&case.tool, key, &answer);
        Ok(answer)
    }

    /// Makes a write again under its key until it is done, or the answer says that nobody knows; in the
    /// end with whatever there is. Any other error may be one that somebody is at it still, whatever it
    /// says of itself.
    ///
    /// # Errors
    /// When the server cannot be started or reached.
    pub async fn until_answered(
        &mut self,
        case: &Case,
        arguments: &Value,
        key: &str,
        patience: Duration,
    ) -> Result<Answer, Trouble> {
        let start = Instant::now();
        let mut answer = self.call(case, arguments, key).await?;
        while start.elapsed() < patience {
            let told = answer.may_be_tried_after();
            if told.is_none() && start.elapsed() > UNTOLD {
                break;
            }
            let pause = match told {
                Some(pause) => pause,
                None if answer.is_done() => break,
                None if answer.code().as_deref() == Some("outcome_unknown") => break,
                None => PAUSE,
            };
            tokio::time::sleep(pause.max(PAUSE)).await;
            answer = self.subject.call(&case.tool, &keyed(case, arguments, key)).await?;
        }
        self.note(&case.tool, key, &answer);
        Ok(answer)
    }

    /// Makes a call and goes away before its answer comes; or how long the answer took that came
    /// before that.
    ///
    /// # Errors
    /// When the server cannot be started or reached.
    pub async fn given_up(
        &mut self,
        case: &Case,
        arguments: &Value,
        patience: Duration,
    ) -> Result<Option<Duration>, Trouble> {
        let client = self.subject.client().await?;
        let id = client.number();
        let params = json!({"name": case.tool, "arguments": arguments});
        let request = client.request_as(id, "tools/call", params, self.subject.wait());
        let start = Instant::now();
        if timeout(patience, request).await.is_ok() {
            self.log.push("the answer came before it could be lost".to_owned());
            return Ok(Some(start.elapsed()));
        }
        // Over HTTP the closed stream says it, in the modern era alone.
        if client.is_child() || client.era() == Era::Legacy {
            let params = json!({"requestId": id, "reason": "the client has gone away"});
            let _unless_gone = client.notify("notifications/cancelled", params, FAREWELL).await;
        }
        let after = patience.as_micros();
        self.log.push(format!("{} given up after {after} µs, without its answer", case.tool));
        Ok(None)
    }

    /// Makes a call while the upstream fails. How often it was asked meanwhile, beside the answer.
    ///
    /// # Errors
    /// When the server cannot be started or reached.
    pub async fn under(
        &mut self,
        fault: UpstreamFault,
        case: &Case,
        arguments: &Value,
    ) -> Result<(Answer, u64), Trouble> {
        let Some(upstream) = self.subject.upstream.clone() else {
            return Err(Trouble::Other("there is no upstream; name it with --upstream".to_owned()));
        };
        let before = upstream.asked();
        upstream.arm(Some(fault));
        let answer = self.subject.call(&case.tool, arguments).await;
        upstream.arm(None);
        Ok((answer?, upstream.asked() - before))
    }

    /// Whether a tool asks the upstream that stands in for its own; not where there is none.
    ///
    /// # Errors
    /// When it cannot be called.
    pub async fn asks_upstream(&mut self, case: &Case) -> Result<bool, Trouble> {
        let Some(upstream) = self.subject.upstream.clone() else { return Ok(false) };
        let arguments = self.fresh(case).await?;
        let arguments = keyed(case, &arguments, &self.key());
        let before = upstream.asked();
        self.subject.call(&case.tool, &arguments).await?;
        Ok(upstream.asked() > before)
    }

    /// What a sweep of kills over a write shows; made once for each.
    ///
    /// # Errors
    /// When the server cannot be started again.
    pub async fn sweep(&mut self, case: &Case) -> Result<Sweep, Trouble> {
        if let Some((_, sweep)) = self.swept.as_ref().filter(|(tool, _)| *tool == case.tool) {
            return Ok(sweep.clone());
        }
        let sweep = crash::sweep(self, case).await?;
        self.swept = Some((case.tool.clone(), sweep.clone()));
        Ok(sweep)
    }

    /// Notes a call down.
    pub fn note(&mut self, tool: &str, key: &str, answer: &Answer) {
        let key = shown(key);
        let took = answer.time.as_millis();
        self.log.push(format!("{tool} under {key} → {} ({took} ms)", answer.in_words()));
    }

    /// What the observer of a write counts now.
    ///
    /// # Errors
    /// When it cannot be counted.
    pub async fn count(&mut self, case: &Case) -> Result<i64, Trouble> {
        let (observer, _) = observer(case)?;
        Ok(observer.count(self.subject).await?)
    }

    /// How many effects there were since a count: as soon as there are so many as are expected, and
    /// once more a while later, in case another one comes late.
    ///
    /// # Errors
    /// When they cannot be counted.
    pub async fn effects(
        &mut self,
        case: &Case,
        before: i64,
        expected: i64,
    ) -> Result<i64, Trouble> {
        let (observer, unit) = observer(case)?;
        let (unit, start) = (*unit, Instant::now());
        let mut grown = observer.count(self.subject).await? - before;
        while grown < expected * unit && start.elapsed() < self.options.settle {
            tokio::time::sleep(self.options.settle / 10).await;
            grown = observer.count(self.subject).await? - before;
        }
        tokio::time::sleep(self.options.settle).await;
        grown = observer.count(self.subject).await? - before;
        let effects = grown / unit;
        self.log.push(match effects {
            1 => "1 effect".to_owned(),
            _ => format!("{effects} effects"),
        });
        Ok(effects)
    }
}

fn observer(case: &Case) -> Result<&(Observer, i64), Trouble> {
    case.counted.as_ref().map_err(|why| Trouble::Blind(Blind(why.clone())))
}

/// Arguments with a key.
pub fn keyed(case: &Case, arguments: &Value, key: &str) -> Value {
    let mut arguments = arguments.clone();
    if let Some(name) = &case.key {
        arguments[name.as_str()] = Value::String(key.to_owned());
    }
    arguments
}

fn shown(key: &str) -> String {
    match key.len() {
        0 => "an empty key".to_owned(),
        1..=40 => format!("key …{}", key.get(key.len().saturating_sub(6)..).unwrap_or(key)),
        more => format!("a key of {more} bytes"),
    }
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
