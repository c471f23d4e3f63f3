//! What stands now for values that were recorded: an id that a call has produced and a later one uses is
//! another one each time.
//!
//! [`survey`] goes through a recording first and finds out which values those are; only they are
//! remembered while the calls are made. So a recording of any length is compared in the memory of the
//! values that its calls share.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, RandomState},
    io::{self, BufRead},
};

use serde_json::Value;

use super::calls::Calls;
use crate::{
    engine::cassette::CallOutcome,
    live::replay::{
        answer::content_of,
        binding::{Binding, Values, each_scalar, key_of},
        link::LinkRules,
        recording::Step,
    },
};

/// The most values that calls may share.
const MOST_USED: usize = 1_000_000;
/// The most calls whose tools are remembered.
const MOST_CALLS: usize = 1_000_000;

/// The values of a recording that one call produces and a later one uses.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    used: HashSet<u64>,
    state: RandomState,
    /// How many calls there are.
    pub calls: u64,
    /// How many of them may change something.
    pub writes: u64,
    /// Whether calls share more values than are remembered.
    pub is_full: bool,
}

/// A link between two calls, as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The line and the tool of the call that produces the value; no tool where it is too long ago.
    pub from: (u64, Option<String>),
    /// Where in what it answered.
    pub from_pointer: String,
    /// The line and the tool of the call that uses it.
    pub to: (u64, String),
    /// Where among its arguments.
    pub to_pointer: String,
    /// The value; none of a link that was given, where the recorded answer has nothing there.
    pub value: Option<Value>,
    /// Whether it was given and not found.
    pub is_given: bool,
}

/// Goes through a recording and finds its links, each of which is shown to `see`.
///
/// # Errors
/// When the file cannot be read.
pub fn survey<R: BufRead>(
    calls: &mut Calls<R>,
    rules: &LinkRules,
    is_write: &dyn Fn(&str) -> bool,
    see: &mut dyn FnMut(Link),
) -> io::Result<Survey> {
    let mut survey = Survey::default();
    let (mut values, mut tools) = (Values::default(), Tools::default());
    let mut given = Given::new(rules);
    while let Some(call) = calls.next_call()? {
        let step = call.step;
        survey.calls += 1;
        survey.writes += u64::from(is_write(&step.tool));
        let is_free = |binding: &Binding| {
            !rules.forbids(step.n, &step.tool, &binding.to) && !given.is_given(&step, &binding.to)
        };
        for binding in values.bindings(&step.arguments).into_iter().filter(is_free) {
            let Some(value) = step.arguments.pointer(&binding.to) else { continue };
            survey.remember(&binding.to, value);
            see(Link {
                from: (binding.from.n, tools.of(binding.from.n)),
                from_pointer: binding.from.pointer,
                to: (step.n, step.tool.clone()),
                to_pointer: binding.to,
                value: Some(value.clone()),
                is_given: false,
            });
        }
        for (index, to_pointer) in given.places(&step) {
            let Some((n, tool, value)) = given.last[index].clone() else { continue };
            see(Link {
                from: (n, Some(tool)),
                from_pointer: rules.links[index].0.pointer.clone(),
                to: (step.n, step.tool.clone()),
                to_pointer,
                value,
                is_given: true,
            });
        }
        values.was_given(&step.arguments);
        tools.push(step.n, &step.tool);
        if step.outcome == CallOutcome::Ok {
            let content = content_of(&step.answer).unwrap_or_default();
            let content = rules.pruned(step.n, &step.tool, &content);
            // The version that was seen last is the one that is meant.
            values.learn(step.n, &content, Some(&content));
            given.learn(&step, &content);
        }
    }
    Ok(survey)
}

impl Survey {
    /// What a value is remembered by, if it is one that calls may share.
    fn digest(&self, pointer: &str, value: &Value) -> Option<u64> {
        Some(self.state.hash_one(key_of(pointer, value)?))
    }

    fn remember(&mut self, pointer: &str, value: &Value) {
        self.is_full |= self.used.len() >= MOST_USED;
        if let Some(digest) = self.digest(pointer, value).filter(|_| !self.is_full) {
            self.used.insert(digest);
        }
    }
}

/// Of which tool recent calls were.
#[derive(Default)]
struct Tools {
    names: Vec<String>,
    indices: HashMap<String, usize>,
    calls: VecDeque<(u64, usize)>,
}

impl Tools {
    fn push(&mut self, n: u64, tool: &str) {
        let next = self.names.len();
        let index = *self.indices.entry(tool.to_owned()).or_insert(next);
        if index == next {
            self.names.push(tool.to_owned());
        }
        self.calls.push_back((n, index));
        if self.calls.len() > MOST_CALLS {
            self.calls.pop_front();
        }
    }

    fn of(&self, n: u64) -> Option<String> {
        let place = self.calls.binary_search_by_key(&n, |(n, _)| *n).ok()?;
        Some(self.names[self.calls[place].1].clone())
    }
}

/// The links that were given, and what they come from for the time being.
struct Given<'a> {
    rules: &'a LinkRules,
    /// For each: the line and tool of the latest call that it comes from, and the value.
    last: Vec<Option<(u64, String, Option<Value>)>>,
}

impl<'a> Given<'a> {
    fn new(rules: &'a LinkRules) -> Self {
        Self { rules, last: vec![None; rules.links.len()] }
    }

    fn is_given(&self, step: &Step, pointer: &str) -> bool {
        let links = self.rules.links.iter().zip(&self.last);
        links.into_iter().any(|((_, to), last)| {
            last.is_some() && to.is_in(step.n, &step.tool) && to.pointer == pointer
        })
    }

    /// The links that end in a call, by their index, with the place.
    fn places(&self, step: &Step) -> Vec<(usize, String)> {
        let links = self.rules.links.iter().enumerate();
        links
            .filter(|(_, (_, to))| to.is_in(step.n, &step.tool))
            .map(|(index, (_, to))| (index, to.pointer.clone()))
            .collect()
    }

    fn learn(&mut self, step: &Step, content: &Value) {
        for ((from, _), last) in self.rules.links.iter().zip(&mut self.last) {
            if from.is_in(step.n, &step.tool) {
                let value = content.pointer(&from.pointer).cloned();
                *last = Some((step.n, step.tool.clone(), value));
            }
        }
    }
}

/// What stands for recorded values in one run.
#[derive(Default)]
pub struct Now {
    values: HashMap<u64, Value>,
    /// Of each link that was given: whether its source was come to, and what it has answered.
    given: Vec<(bool, Option<Value>)>,
}

impl Now {
    /// Before the first call of a run.
    pub fn begin(rules: &LinkRules) -> Self {
        Self { values: HashMap::new(), given: vec![(false, None); rules.links.len()] }
    }

    /// The arguments of a call as they are to be sent; the place of one whose value is not known, because
    /// the call that produces it was not made or was answered differently.
    pub fn arguments(
        &self,
        step: &Step,
        survey: &Survey,
        rules: &LinkRules,
    ) -> Result<Value, String> {
        let mut arguments = step.arguments.clone();
        let mut unknown = None;
        let is_given = |pointer: &str| {
            let mut links = rules.links.iter();
            links.any(|(_, to)| to.is_in(step.n, &step.tool) && to.pointer == pointer)
        };
        each_scalar(&step.arguments, &mut String::new(), &mut |pointer, value| {
            let digest = survey.digest(pointer, value).filter(|it| survey.used.contains(it));
            let Some(digest) = digest else { return };
            if rules.forbids(step.n, &step.tool, pointer) || is_given(pointer) {
                return;
            }
            match (self.values.get(&digest), arguments.pointer_mut(pointer)) {
                (Some(now), Some(place)) => *place = now.clone(),
                (None, _) => unknown = Some(pointer.to_owned()),
                (Some(_), None) => {}
            }
        });
        for ((_, to), given) in rules.links.iter().zip(&self.given) {
            if !to.is_in(step.n, &step.tool) {
                continue;
            }
            let Some(place) = arguments.pointer_mut(&to.pointer) else { continue };
            match given {
                (_, Some(now)) => *place = now.clone(),
                (true, None) => unknown = Some(to.pointer.clone()),
                // What comes before the first source is as it was recorded.
                (false, None) => {}
            }
        }
        match unknown {
            Some(pointer) => Err(pointer),
            None => Ok(arguments),
        }
    }

    /// That one value stands for another, wherever it turns up.
    pub fn stands_for(&mut self, survey: &Survey, recorded: &Value, now: &Value) {
        if let Some(digest) = survey.digest("", recorded) {
            self.values.insert(digest, now.clone());
        }
    }

    /// Remembers what a call has answered now, as far as later ones use it; nothing of a call that was
    /// not made.
    pub fn learn(
        &mut self,
        step: &Step,
        answer: Option<&Value>,
        survey: &Survey,
        rules: &LinkRules,
    ) {
        if step.outcome != CallOutcome::Ok {
            return;
        }
        for ((from, _), given) in rules.links.iter().zip(&mut self.given) {
            if from.is_in(step.n, &step.tool) {
                *given = (true, answer.and_then(|answer| answer.pointer(&from.pointer).cloned()));
            }
        }
        let Some(answer) = answer else { return };
        let Some(recorded) = content_of(&step.answer) else { return };
        each_scalar(&recorded, &mut String::new(), &mut |pointer, value| {
            let digest = survey.digest(pointer, value).filter(|it| survey.used.contains(it));
            let Some(digest) = digest else { return };
            if rules.forbids(step.n, &step.tool, pointer) {
                return;
            }
            let now = answer.pointer(pointer).filter(|now| !now.is_object() && !now.is_array());
            let Some(now) = now else { return };
            // A number that says which version is of whoever has said it last.
            if value.as_u64().is_some_and(|it| it < 1_000) {
                self.values.insert(digest, now.clone());
            } else {
                self.values.entry(digest).or_insert_with(|| now.clone());
            }
        });
    }
}

/// What an answer is expected to have where recorded values are not the ones of now.
pub struct Expected<'a> {
    survey: &'a Survey,
    now: &'a Now,
}

impl<'a> Expected<'a> {
    /// For the state of a run.
    pub fn new(survey: &'a Survey, now: &'a Now) -> Self {
        Self { survey, now }
    }

    /// Whether a value is one that may stand in the place of a recorded one: what stands for it since it
    /// was produced, or, where it is produced, any of its type.
    pub(super) fn is_met(&self, pointer: &str, recorded: &Value, now: &Value) -> bool {
        let Some(digest) = self.survey.digest(pointer, recorded) else { return false };
        match self.now.values.get(&digest) {
            Some(known) if known == now => true,
            // The version of now is whatever it is.
            Some(_) if recorded.as_u64().is_none_or(|it| it >= 1_000) => false,
            _ => {
                self.survey.used.contains(&digest)
                    && std::mem::discriminant(recorded) == std::mem::discriminant(now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Now, Survey, survey};
    use crate::{
        engine::cassette::Reader,
        live::replay::{comparison::calls::Calls, link::LinkRules, recording::Step},
    };

    const RECORDED: &str = concat!(
        "{\"kind\":\"header\",\"format\":\"mcp-kit.cassette/1\",\"id\":\"0\"}\n",
        "{\"kind\":\"message\",\"n\":1,\"from\":\"client\",\"message\":{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"make\",\"arguments\":{\"name\":\"Ada Lovelace\"}}}}\n",
        "{\"kind\":\"message\",\"n\":2,\"from\":\"server\",\"message\":{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structuredContent\":{\"id\":\"c-1842\",\"name\":\"Ada Lovelace\",\"other\":\"unused\"}}}}\n",
        "{\"kind\":\"message\",\"n\":3,\"from\":\"client\",\"message\":{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"read\",\"arguments\":{\"id\":\"c-1842\",\"as\":\"Ada Lovelace\"}}}}\n",
    );

    fn found(rules: &LinkRules) -> (Survey, Vec<String>, Vec<Step>) {
        let open = || Calls::of(Reader::open(RECORDED.as_bytes()).unwrap());
        let mut links = Vec::new();
        let mut see = |link: super::Link| {
            links.push(format!(
                "{} {} → {} {}{}",
                link.from.1.unwrap(),
                link.from_pointer,
                link.to.1,
                link.to_pointer,
                if link.is_given { ", given" } else { "" }
            ));
        };
        let survey = survey(&mut open(), rules, &|tool| tool == "make", &mut see).unwrap();
        let mut calls = open();
        let steps = std::iter::from_fn(|| calls.next_call().unwrap()).map(|it| it.step).collect();
        (survey, links, steps)
    }

    #[test]
    fn only_what_is_used_later_is_rewritten() {
        let rules = LinkRules::default();
        let (survey, links, steps) = found(&rules);
        assert_eq!(links, ["make /id → read /id"]);
        assert_eq!((survey.calls, survey.writes), (2, 1));
        let mut now = Now::begin(&rules);
        assert_eq!(now.arguments(&steps[1], &survey, &rules), Err("/id".to_owned()));
        let answer = json!({"id": "c-9001", "name": "Ada King", "other": "changed"});
        now.learn(&steps[0], Some(&answer), &survey, &rules);
        assert_eq!(
            now.arguments(&steps[1], &survey, &rules).unwrap(),
            json!({"id": "c-9001", "as": "Ada Lovelace"})
        );
    }

    #[test]
    fn a_link_is_given_or_forbidden() {
        let place = |text: &str| text.parse().unwrap();
        let rules = LinkRules {
            links: vec![(place("make#/other"), place("read#/as"))],
            never: vec![place("3#/id")],
        };
        let (survey, links, steps) = found(&rules);
        assert_eq!(links, ["make /other → read /as, given"]);
        let mut now = Now::begin(&rules);
        now.learn(&steps[0], Some(&json!({"id": "c-9001", "other": "x"})), &survey, &rules);
        assert_eq!(
            now.arguments(&steps[1], &survey, &rules).unwrap(),
            json!({"id": "c-1842", "as": "x"})
        );
    }
}
