//! Counting, message by message.

use std::{cmp::Reverse, collections::HashMap};

use rustc_hash::FxHashMap;

use super::{
    Beyond, ErrorFigures, MAX_CODES, MAX_NAME_BYTES, MAX_OTHER_TOOLS, MAX_SESSIONS, MAX_TOOLS,
    Pair, ToolUsage, ToolsKnownFrom, Usage,
    answer::{self, Failure, Kind},
    argument::{Fingerprint, KeyName},
    confusion::Confusions,
    definition::Definition,
    recent::Recent,
    session::{Episode, Failed, Session},
};
use crate::engine::{
    cassette::{Answer, CallOutcome, Exchange, Header, Joiner, Line, Party, Seen},
    protocol::json::Limits,
    surface::{self, Surface},
};

/// Takes in recordings, line by line, in the order in which they were recorded.
#[derive(Debug)]
pub struct Counter {
    joiner: Joiner,
    tally: Tally,
}

/// What is counted so far.
#[derive(Debug)]
struct Tally {
    usage: Usage,
    tools: Vec<Counted>,
    by_name: HashMap<String, u32>,
    /// Whether the lists in recordings are of no account.
    is_surface_given: bool,
    /// The recording that is being read.
    recording: Option<String>,
    /// Counts what happens in it: requests and answers.
    step: u64,
    sessions: Recent<u64, Option<Box<Session>>>,
    waiting: FxHashMap<u64, Waiting>,
    confusions: Confusions,
}

#[derive(Debug, Default)]
struct Counted {
    usage: ToolUsage,
    definition: Option<Definition>,
    /// Whether a list had it.
    is_listed: bool,
    codes: HashMap<String, usize>,
}

/// A call that waits for its answer.
#[derive(Debug)]
struct Waiting {
    tool: u32,
    session: u64,
    asked: u64,
    print: Fingerprint,
    is_refused_by_schema: bool,
    /// Calls with the same arguments while this one waits: retries, should it never be answered.
    repeats: Vec<Fingerprint>,
}

/// Most repeats of one call that are counted while it waits.
const MAX_REPEATS: usize = 64;
/// Most different servers, and different lacks, that are named.
const MAX_WORDS: usize = 16;
/// All answers of a tool are counted in tokens until they come to so many bytes, …
const EXACT_BYTES: u64 = 256 << 10;
/// … and then one in so many.
const ONE_IN: u64 = 64;
/// Longer answers are not counted but estimated: one of them could take seconds.
const MAX_COUNTED_BYTES: u64 = 256 << 10;
/// The code under which errors are counted whose codes are too many.
const OTHER_CODE: &str = "other";

fn is_wanted(from: Party, method: &str) -> bool {
    from == Party::Client && matches!(method, "tools/call" | "tools/list")
}

impl Default for Counter {
    fn default() -> Self {
        let tally = Tally {
            usage: Usage::default(),
            tools: Vec::new(),
            by_name: HashMap::new(),
            is_surface_given: false,
            recording: None,
            step: 0,
            sessions: Recent::new(MAX_SESSIONS),
            waiting: FxHashMap::default(),
            confusions: Confusions::default(),
        };
        Self { joiner: Joiner::new(is_wanted), tally }
    }
}

impl Counter {
    /// A counter that knows the tools from the lists in the recordings.
    pub fn new() -> Self {
        Self::default()
    }

    /// A counter that knows the tools from a surface and from nothing else.
    pub fn over(surface: &Surface) -> Self {
        let mut counter = Self::default();
        counter.tally.list(surface);
        counter.tally.is_surface_given = true;
        counter.tally.usage.known_from = ToolsKnownFrom::Surface;
        counter
    }

    /// Begins to read a file. The parts of a recording, one after another, are read as one.
    pub fn begin(&mut self, header: &Header) {
        if self.tally.recording.as_deref() != Some(&header.id) {
            self.end_recording();
            self.tally.recording = Some(header.id.clone());
            self.tally.usage.recordings += 1;
        }
        let usage = &mut self.tally.usage;
        note(&mut usage.servers, header.server.iter());
        note(&mut usage.lacks, header.lacks.iter());
    }

    /// Takes in the next line.
    pub fn take(&mut self, line: &Line<'_>) {
        match line {
            Line::Header(header) => self.begin(header),
            Line::Message(message) => {
                self.tally.usage.messages += 1;
                let Self { joiner, tally } = self;
                joiner.watch(message, |seen| match seen {
                    Seen::Asked(exchange) => tally.asked(exchange),
                    Seen::Done(exchange) => tally.done(&exchange),
                });
            }
            Line::Event(_) | Line::End(_) | Line::Unknown => {}
        }
    }

    /// What it all comes to.
    pub fn finish(mut self) -> Usage {
        self.end_recording();
        self.tally.finish()
    }

    fn end_recording(&mut self) {
        let joiner = std::mem::replace(&mut self.joiner, Joiner::new(is_wanted));
        for exchange in joiner.finish() {
            self.tally.done(&exchange);
        }
        self.tally.waiting.clear();
        let sessions: Vec<_> = self.tally.sessions.drain().flatten().collect();
        for session in sessions {
            self.tally.end_session(*session);
        }
    }
}

/// Adds what is new to a short list of words.
fn note<'a>(list: &mut Vec<String>, words: impl Iterator<Item = &'a String>) {
    for word in words {
        if list.len() < MAX_WORDS && !list.contains(word) {
            list.push(word.clone());
        }
    }
}

impl Tally {
    /// The number of a tool; none beyond the bounds.
    fn number(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.by_name.get(name) {
            return Some(*number);
        }
        if self.tools.len() >= MAX_TOOLS || name.len() > MAX_NAME_BYTES {
            return None;
        }
        let number = self.tools.len() as u32;
        self.by_name.insert(name.to_owned(), number);
        let usage = ToolUsage { name: name.to_owned(), ..ToolUsage::default() };
        self.tools.push(Counted { usage, ..Counted::default() });
        Some(number)
    }

    fn list(&mut self, surface: &Surface) {
        for tool in &surface.tools {
            let Some(number) = self.number(&tool.name) else { continue };
            let counted = &mut self.tools[number as usize];
            counted.is_listed = true;
            if !counted.definition.as_ref().is_some_and(|known| known.is_of(tool)) {
                counted.definition = Some(Definition::of(tool));
            }
        }
    }

    fn session(&mut self, number: u64) -> &mut Session {
        let mut given_up = Vec::new();
        let is_known = self.sessions.known(number).is_some_and(|session| session.is_some());
        if !is_known {
            self.usage.sessions += 1;
        }
        self.sessions.get(number, |session| given_up.extend(session));
        self.usage.beyond.sessions += given_up.len() as u64;
        for session in given_up {
            self.end_session(*session);
        }
        self.sessions.get(number, |_| {}).get_or_insert_with(Box::default)
    }

    fn asked(&mut self, exchange: &Exchange) {
        self.step += 1;
        let Some(called) = exchange.called() else { return };
        self.usage.calls += 1;
        let arguments = called.arguments.map(|arguments| arguments.get());
        let Some(tool) = self.number(&called.tool) else {
            self.usage.beyond.calls += 1;
            return;
        };
        let counted = &self.tools[tool as usize];
        let key = counted.definition.as_ref().map_or(KeyName::Guessed, Definition::key);
        let print = Fingerprint::of(arguments, key);
        let is_refused_by_schema =
            counted.definition.as_ref().is_some_and(|known| known.refuses(arguments));
        let name = counted.usage.name.as_str();
        let is_other = |episode: &Episode| {
            episode.tool != tool && episode.advised.as_deref().is_none_or(|advised| advised != name)
        };
        let others: Vec<bool> = match self.sessions.known(exchange.session) {
            Some(Some(session)) => session.episodes.iter().map(is_other).collect(),
            _ => Vec::new(),
        };
        let asked = self.step;
        let session = self.session(exchange.session);
        let is_first = session.is_first_call(tool);
        for (episode, is_other) in session.episodes.iter_mut().zip(others) {
            if is_other && !episode.others.contains(&tool) && episode.others.len() < MAX_OTHER_TOOLS
            {
                episode.others.push(tool);
            }
        }
        let just = session.just.take().filter(|(first, before)| {
            *first != tool && before.values.is_some() && before.values == print.values
        });
        let same = (tool, print.without_key);
        let failed = session.failed.known(same).and_then(|failed| *failed);
        let before = *session.waiting.entry(same).or_insert(exchange.serial);
        if let Some((first, _)) = just
            && let Some(occurrences) = self.confusions.of(first, tool)
        {
            occurrences.same_values += 1;
        }
        let usage = &mut self.tools[tool as usize].usage;
        usage.calls += 1;
        usage.sessions += u64::from(is_first);
        if let Some(failed) = failed {
            usage.retries.add(&failed, &print);
        } else if let Some(before) = self.waiting.get_mut(&before)
            && before.repeats.len() < MAX_REPEATS
        {
            before.repeats.push(print);
        }
        let (session, repeats) = (exchange.session, Vec::new());
        let waiting = Waiting { tool, session, asked, print, is_refused_by_schema, repeats };
        self.waiting.insert(exchange.serial, waiting);
    }

    fn done(&mut self, exchange: &Exchange) {
        self.step += 1;
        if exchange.method == "tools/list" {
            self.listed(exchange);
            return;
        }
        let Some(call) = self.waiting.remove(&exchange.serial) else { return };
        let outcome = CallOutcome::of(&exchange.answer);
        let failure = answer::is_failure(outcome).then(|| answer::failure(&exchange.answer));
        self.count(&call, exchange, outcome, failure.as_ref());
        let (tool, same) = (call.tool, (call.tool, call.print.without_key));
        let step = self.step;
        let Some(Some(session)) = self.sessions.known(call.session) else { return };
        if session.waiting.get(&same) == Some(&exchange.serial) {
            session.waiting.remove(&same);
        }
        match (outcome, failure) {
            (CallOutcome::Ok | CallOutcome::Task, _) => {
                if let Some(failed) = session.failed.known(same) {
                    *failed = None;
                }
                session.just = (outcome == CallOutcome::Ok).then_some((tool, call.print));
                for episode in session.end_episodes(call.asked) {
                    self.confused(&episode, &call);
                    self.end_episode(&episode, true);
                }
            }
            (_, Some(failure)) => {
                session.just = None;
                let is_open = !failure.is_without_effect;
                *session.failed.get(same, |_| {}) = Some(Failed { print: call.print, is_open });
                self.follow(&call, failure, step);
            }
            // Nothing came: what was sent in the meantime with the same arguments are retries.
            (CallOutcome::Unanswered, None) => {
                let failed = Failed { print: call.print, is_open: true };
                let retries = &mut self.tools[tool as usize].usage.retries;
                call.repeats.iter().for_each(|again| retries.add(&failed, again));
            }
            _ => {}
        }
    }

    /// Follows what is done after an error.
    fn follow(&mut self, call: &Waiting, failure: Failure, since: u64) {
        let code = self.code(call.tool, &failure.code);
        self.tools[call.tool as usize].usage.errors[code].count += 1;
        let episode = Episode {
            tool: call.tool,
            code,
            since,
            print: call.print,
            is_confusable: failure.kind != Kind::Other,
            advised: failure.next_tool,
            others: Vec::new(),
        };
        if let Some(Some(session)) = self.sessions.known(call.session)
            && !session.follow(episode)
        {
            self.usage.beyond.errors += 1;
        }
    }

    fn listed(&mut self, exchange: &Exchange) {
        let Answer::Result(result) = &exchange.answer else { return };
        if self.is_surface_given {
            return;
        }
        if let Ok(surface) = surface::read(result.get().as_bytes(), &Limits::default()) {
            self.usage.known_from = ToolsKnownFrom::Recordings;
            self.list(&surface);
        }
    }

    fn count(
        &mut self,
        call: &Waiting,
        exchange: &Exchange,
        outcome: CallOutcome,
        failure: Option<&Failure>,
    ) {
        let usage = &mut self.tools[call.tool as usize].usage;
        match outcome {
            CallOutcome::Ok => usage.succeeded += 1,
            CallOutcome::ToolError | CallOutcome::ProtocolError => usage.failed += 1,
            CallOutcome::InputRequired => usage.input_required += 1,
            CallOutcome::Task => usage.tasks += 1,
            CallOutcome::Unanswered => usage.unanswered += 1,
        }
        let is_said = failure.is_some_and(|failure| failure.kind == Kind::Invalid);
        usage.invalid.said_by_server += u64::from(is_said);
        usage.invalid.refused_by_schema += u64::from(call.is_refused_by_schema);
        usage.invalid.calls += u64::from(is_said || call.is_refused_by_schema);
        if outcome == CallOutcome::Unanswered {
            return;
        }
        if let Some(time_us) = exchange.time_us {
            usage.time_us.add(time_us);
        }
        let bytes = answer::bytes(&exchange.answer);
        let returned = &mut usage.returned;
        returned.answers += 1;
        returned.bytes += bytes;
        let is_due =
            returned.counted_bytes < EXACT_BYTES || returned.answers.is_multiple_of(ONE_IN);
        if is_due && bytes <= MAX_COUNTED_BYTES {
            returned.counted += 1;
            returned.counted_bytes += bytes;
            returned.counted_tokens += answer::tokens(&exchange.answer);
        }
    }

    /// The number of a code among those of a tool.
    fn code(&mut self, tool: u32, code: &str) -> usize {
        let counted = &mut self.tools[tool as usize];
        if let Some(number) = counted.codes.get(code) {
            return *number;
        }
        let is_full = counted.codes.len() + 1 >= MAX_CODES && code != OTHER_CODE;
        if is_full {
            return self.code(tool, OTHER_CODE);
        }
        let number = counted.usage.errors.len();
        counted.codes.insert(code.to_owned(), number);
        let figures = ErrorFigures { code: code.to_owned(), ..ErrorFigures::default() };
        counted.usage.errors.push(figures);
        number
    }

    /// Takes note where a call succeeds with what another tool did not know what to do with.
    fn confused(&mut self, episode: &Episode, call: &Waiting) {
        let name = self.tools[call.tool as usize].usage.name.as_str();
        let is_advised = episode.advised.as_deref() == Some(name);
        let is_confused = episode.is_confusable
            && episode.tool != call.tool
            && !is_advised
            && episode.print.overlaps(&call.print);
        if is_confused && let Some(occurrences) = self.confusions.of(episode.tool, call.tool) {
            occurrences.after_failure += 1;
        }
    }

    fn end_episode(&mut self, episode: &Episode, is_success: bool) {
        let figures = &mut self.tools[episode.tool as usize].usage.errors[episode.code];
        figures.followed += 1;
        figures.ended_in_success += u64::from(is_success);
        figures.other_tools[episode.others.len()] += 1;
    }

    fn end_session(&mut self, session: Session) {
        for episode in &session.episodes {
            self.end_episode(episode, false);
        }
    }

    fn finish(self) -> Usage {
        let is_known = self.usage.known_from != ToolsKnownFrom::Nowhere;
        let names: Vec<String> = self.tools.iter().map(|it| it.usage.name.clone()).collect();
        let name = |number: u32| names[number as usize].clone();
        let beyond_pairs = self.confusions.beyond;
        let pairs = self.confusions.into_pairs().map(|(first, then, counts)| Pair {
            first: name(first),
            then: name(then),
            after_failure: counts.after_failure,
            same_values: counts.same_values,
        });
        let mut pairs: Vec<Pair> = pairs.collect();
        pairs.sort_by(|one, other| {
            let rank = |it: &Pair| Reverse((it.after_failure, it.same_values));
            let names = |it: &Pair| (it.first.clone(), it.then.clone());
            rank(one).cmp(&rank(other)).then_with(|| names(one).cmp(&names(other)))
        });
        let tools = self.tools.into_iter().map(|counted| {
            let mut usage = counted.usage;
            usage.is_listed = is_known.then_some(counted.is_listed);
            if let Some(definition) = counted.definition {
                usage.effect = Some(definition.effect);
                usage.key = definition.key;
            }
            let by_count = |one: &ErrorFigures, other: &ErrorFigures| {
                other.count.cmp(&one.count).then_with(|| one.code.cmp(&other.code))
            };
            usage.errors.sort_by(by_count);
            usage
        });
        let mut tools: Vec<ToolUsage> = tools.collect();
        tools.sort_by(|one, other| {
            other.calls.cmp(&one.calls).then_with(|| one.name.cmp(&other.name))
        });
        let beyond = Beyond { pairs: beyond_pairs, ..self.usage.beyond };
        Usage { tools, pairs, beyond, ..self.usage }
    }
}
