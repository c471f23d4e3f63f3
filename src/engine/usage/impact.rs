//! Which recorded calls another surface would refuse.
//!
//! A call counts where the old surface has the tool and its input schema accepts the arguments; where
//! no validator can read that schema, a call that succeeded counts. It is lost where the tool is gone or
//! its new input schema refuses the arguments. Both is said by a validator, call by call; nothing is
//! concluded from the difference of the schemas. What the old schema refuses is not lost by a change,
//! even where the server took it.

use std::{collections::HashMap, sync::Arc};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::engine::{
    cassette::{CallOutcome, Exchange, Header, Joiner, Line, Party, Seen},
    protocol::pointer::Pointer,
    schema::inclusion::{Conformance, Objection},
    surface::{Surface, Tool},
};

/// Most sessions that are told apart in each count.
const MAX_SESSIONS: usize = 100_000;
/// Most lost calls of a tool that are named.
const MAX_NAMED: usize = 1_000;
/// Most objections of a schema to one call that are looked at.
const MAX_OBJECTIONS: usize = 64;
/// Characters of arguments that are kept.
const MAX_ARGUMENTS: usize = 400;

/// Takes in recordings and counts the calls that are lost.
#[derive(Debug)]
pub struct Impact {
    joiner: Joiner,
    count: Count,
}

#[derive(Debug)]
struct Count {
    tools: Vec<Judged>,
    by_name: HashMap<String, usize>,
    spots: Vec<Spot>,
    recording: Option<String>,
    /// Tells sessions of several recordings apart.
    recordings: u64,
    asked: FxHashMap<u64, RecordedCall>,
    sessions: FxHashSet<(u64, u64)>,
    losses: Losses,
}

/// A tool of the old surface.
#[derive(Debug)]
struct Judged {
    old: Schema,
    /// None where it is gone.
    new: Option<Schema>,
    counted: Counted,
    loss: ToolLoss,
}

/// The input schema of a tool.
#[derive(Debug)]
enum Schema {
    /// There is none, and everything is accepted.
    None,
    /// No validator makes anything of it.
    Unreadable,
    Readable(Conformance<'static>),
}

impl Schema {
    fn of(tool: &Tool) -> Self {
        match tool.input_schema().map(Conformance::new) {
            None => Self::None,
            Some(Ok(conformance)) => Self::Readable(conformance.into_owned()),
            Some(Err(_)) => Self::Unreadable,
        }
    }

    /// Whether it accepts arguments; none where nothing can be said.
    fn accepts(&self, arguments: &Value) -> Option<bool> {
        match self {
            Self::None => Some(true),
            Self::Unreadable => None,
            Self::Readable(conformance) => conformance.conforms(arguments).ok(),
        }
    }

    fn objections(&self, arguments: &Value) -> Vec<Objection> {
        match self {
            Self::Readable(conformance) => {
                conformance.objections(arguments, MAX_OBJECTIONS).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

/// A place of a tool at which something has changed.
#[derive(Debug)]
struct Spot {
    tool: usize,
    place: Pointer,
    counted: Counted,
}

#[derive(Debug, Default)]
struct Counted {
    loss: Loss,
    sessions: FxHashSet<(u64, u64)>,
}

/// What is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// Recorded calls of tools that the old surface has.
    pub calls: u64,
    /// Of these, the calls that count: accepted by the old schema.
    pub judged: u64,
    /// Calls about which the new schema says nothing, because no validator can read it.
    pub unjudged: u64,
    /// Calls that are lost.
    pub lost: u64,
    /// The sessions in which calls are lost.
    pub sessions: u64,
    /// Tools of which calls are lost, in the order of the old list.
    pub tools: Vec<ToolLoss>,
    /// What is lost at each of the places that were watched, in the order in which they were named.
    pub spots: Vec<Loss>,
}

/// What is lost of one tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolLoss {
    /// The tool, by its old name.
    pub tool: String,
    /// Whether it is gone.
    pub is_gone: bool,
    /// Its calls that count.
    pub judged: u64,
    /// What is lost of them.
    pub loss: Loss,
    /// The lost calls, 1,000 at most.
    pub named: Vec<RecordedCall>,
}

/// Calls that are lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loss {
    /// How many.
    pub calls: u64,
    /// In how many sessions, 100,000 at most.
    pub sessions: u64,
    /// The first of them.
    pub first: Option<RecordedCall>,
}

/// A call as it stands in a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedCall {
    /// The file, as it is to be shown.
    pub file: Arc<str>,
    /// The line of the request, from 1.
    pub line: u64,
    /// The beginning of its arguments; only of the first call of a loss.
    pub arguments: Option<String>,
}

fn is_wanted(from: Party, method: &str) -> bool {
    from == Party::Client && method == "tools/call"
}

impl Impact {
    /// What is lost on the way from one surface to the other.
    pub fn between(old: &Surface, new: &Surface) -> Self {
        let tools: Vec<Judged> = old.tools.iter().map(|tool| judged(tool, new)).collect();
        let names = old.tools.iter().enumerate();
        // Of tools with one name the first is called.
        let by_name = names.rev().map(|(index, tool)| (tool.name.clone(), index)).collect();
        let count = Count {
            tools,
            by_name,
            spots: Vec::new(),
            recording: None,
            recordings: 0,
            asked: FxHashMap::default(),
            sessions: FxHashSet::default(),
            losses: Losses::default(),
        };
        Self { joiner: Joiner::new(is_wanted), count }
    }

    /// Counts apart what is lost because of what has changed at a place of a tool's new input schema,
    /// at the empty place all that is lost of the tool. Returns the index among
    /// [`Losses::spots`]; none where the old surface does not have the tool.
    pub fn watch(&mut self, tool: &str, place: Pointer) -> Option<usize> {
        let tool = *self.count.by_name.get(tool)?;
        self.count.spots.push(Spot { tool, place, counted: Counted::default() });
        Some(self.count.spots.len() - 1)
    }

    /// Takes in a line of a file.
    pub fn take(&mut self, file: &Arc<str>, number: u64, line: &Line<'_>) {
        let Self { joiner, count } = self;
        match line {
            Line::Header(header) => self.begin(header),
            Line::Message(message) => joiner.watch(message, |seen| match seen {
                Seen::Asked(exchange) => {
                    let call = RecordedCall { file: file.clone(), line: number, arguments: None };
                    count.asked.insert(exchange.serial, call);
                }
                Seen::Done(exchange) => count.done(&exchange),
            }),
            Line::Event(_) | Line::End(_) | Line::Unknown => {}
        }
    }

    /// What it comes to.
    pub fn finish(mut self) -> Losses {
        self.end_recording();
        let Count { tools, spots, sessions, mut losses, .. } = self.count;
        losses.sessions = sessions.len() as u64;
        let lost = tools.into_iter().filter(|tool| tool.counted.loss.calls > 0);
        let of_tool = |tool: Judged| ToolLoss { loss: tool.counted.finish(), ..tool.loss };
        losses.tools = lost.map(of_tool).collect();
        losses.spots = spots.into_iter().map(|spot| spot.counted.finish()).collect();
        losses
    }

    fn begin(&mut self, header: &Header) {
        if self.count.recording.as_deref() != Some(&header.id) {
            self.end_recording();
            self.count.recording = Some(header.id.clone());
            self.count.recordings += 1;
        }
    }

    fn end_recording(&mut self) {
        let joiner = std::mem::replace(&mut self.joiner, Joiner::new(is_wanted));
        joiner.finish().iter().for_each(|exchange| self.count.done(exchange));
        self.count.asked.clear();
    }
}

fn judged(tool: &Tool, new: &Surface) -> Judged {
    let (old, new) = (Schema::of(tool), new.tool(&tool.name).map(Schema::of));
    let is_gone = new.is_none();
    let loss = ToolLoss { tool: tool.name.clone(), is_gone, ..ToolLoss::default() };
    Judged { old, new, counted: Counted::default(), loss }
}

impl Count {
    fn done(&mut self, exchange: &Exchange) {
        let Some(place) = self.asked.remove(&exchange.serial) else { return };
        let Some(called) = exchange.called() else { return };
        let Some(index) = self.by_name.get(&*called.tool).copied() else { return };
        self.losses.calls += 1;
        let tool = &mut self.tools[index];
        let text = called.arguments.map_or("{}", |arguments| arguments.get());
        let Ok(arguments) = serde_json::from_str::<Value>(text) else { return };
        let is_success = || {
            let outcome = CallOutcome::of(&exchange.answer);
            matches!(outcome, CallOutcome::Ok | CallOutcome::Task)
        };
        if !tool.old.accepts(&arguments).unwrap_or_else(is_success) {
            return;
        }
        let objections = match &tool.new {
            None => Some(Vec::new()),
            Some(new) => match new.accepts(&arguments) {
                Some(true) => None,
                Some(false) => Some(new.objections(&arguments)),
                None => {
                    self.losses.unjudged += 1;
                    return;
                }
            },
        };
        self.losses.judged += 1;
        tool.loss.judged += 1;
        let Some(objections) = objections else { return };
        self.losses.lost += 1;
        let session = (self.recordings, exchange.session);
        remember(&mut self.sessions, session);
        if tool.loss.named.len() < MAX_NAMED {
            tool.loss.named.push(place.clone());
        }
        let call = || {
            let arguments = Some(text.chars().take(MAX_ARGUMENTS).collect());
            RecordedCall { arguments, ..place.clone() }
        };
        tool.counted.add(session, &call);
        let spots = || (0..self.spots.len()).filter(|spot| self.spots[*spot].tool == index);
        let blamed = |spot: &usize| self.spots[*spot].is_blamed_for(&objections);
        let mut hit: Vec<usize> = spots().filter(blamed).collect();
        if hit.is_empty() {
            let near = |spot: &usize| self.spots[*spot].is_near(&objections);
            hit = spots().filter(near).collect();
        }
        for spot in hit {
            self.spots[spot].counted.add(session, &call);
        }
    }
}

fn remember(sessions: &mut FxHashSet<(u64, u64)>, session: (u64, u64)) {
    if sessions.len() < MAX_SESSIONS {
        sessions.insert(session);
    }
}

impl Counted {
    fn add(&mut self, session: (u64, u64), call: &dyn Fn() -> RecordedCall) {
        self.loss.calls += 1;
        remember(&mut self.sessions, session);
        if self.loss.first.is_none() {
            self.loss.first = Some(call());
        }
    }

    fn finish(self) -> Loss {
        Loss { sessions: self.sessions.len() as u64, ..self.loss }
    }
}

impl Spot {
    /// Whether it is the place of one of the keywords that refuse a call, or around or in it.
    fn is_blamed_for(&self, objections: &[Objection]) -> bool {
        self.place.as_str().is_empty()
            || objections.iter().any(|objection| {
                let keyword = &objection.keyword;
                !keyword.as_str().is_empty()
                    && (keyword.strip_prefix(&self.place).is_some()
                        || self.place.strip_prefix(keyword).is_some())
            })
    }

    /// Whether it is about the same argument as what refuses a call: the keyword itself may lie behind
    /// a reference, or be one that the change has taken away.
    fn is_near(&self, objections: &[Objection]) -> bool {
        let path = argument_path(&self.place);
        let mut places = objections.iter().flat_map(|objection| &objection.places);
        !path.as_str().is_empty() && places.any(|place| place.strip_prefix(&path).is_some())
    }
}

/// The argument that a place of a schema is about, as a pointer into the arguments, as far as
/// properties lead.
fn argument_path(place: &Pointer) -> Pointer {
    let mut path = Pointer::root();
    let mut steps = place.tokens();
    while let Some(step) = steps.next() {
        match (&*step, steps.next()) {
            ("properties", Some(name)) => path.push(name.into_owned()),
            _ => break,
        }
    }
    path
}
