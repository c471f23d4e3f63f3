//! What two runs of a recording have shown: where answers deviate, and which of these places are noise.
//!
//! A place that is different in two runs on the same server is noise. Whether it is shows only in the
//! second run, so the first one leaves behind where it deviated and a digest of what stood there, and
//! not the answers.

use std::collections::{BTreeMap, BTreeSet};

use super::level::Deviation;
use crate::{
    engine::finding::verdict::{Verdict, VerdictOutcome},
    live::replay::link::starts_with,
};

/// The most places that are remembered.
const MOST_PLACES: usize = 20_000;
/// The most kinds of noise that are remembered.
const MOST_NOISE: usize = 10_000;
/// The most tools that are told apart.
const MOST_TOOLS: usize = 10_000;
/// The most places that a report names of one tool.
const MOST_TOLD: usize = 20;

/// What was found out.
#[derive(Debug, Default)]
pub struct Ledger {
    tools: BTreeMap<String, OfTool>,
    /// Deviations of the first run by line and place.
    places: BTreeMap<(u64, String), Found>,
    /// Places that every two answers differ in: the tool, and the pointer with `*` for indices.
    noise: BTreeSet<(String, String)>,
    /// Why a run came to no end.
    pub stopped: Option<String>,
    is_full: bool,
}

#[derive(Debug, Default)]
struct OfTool {
    /// Calls that were compared in the first run.
    compared: u64,
    /// Calls that were not, with the reason.
    skipped: BTreeMap<String, u64>,
    /// Calls with deviations that are not remembered.
    beyond: u64,
}

#[derive(Debug)]
struct Found {
    tool: String,
    words: String,
    now: u64,
    /// Why it is not certain.
    doubt: Option<&'static str>,
    /// Whether the second run has shown the same.
    is_confirmed: bool,
}

impl Ledger {
    /// That a call was not made, or its answer not compared.
    pub fn skip(&mut self, tool: &str, reason: String) {
        let skipped = &mut self.of(tool).skipped;
        if skipped.len() < 100 || skipped.contains_key(&reason) {
            *skipped.entry(reason).or_default() += 1;
        }
    }

    /// What the first run has shown of a call.
    pub fn first(
        &mut self,
        tool: &str,
        n: u64,
        deviations: Vec<Deviation>,
        doubt: Option<&'static str>,
        is_only: bool,
    ) {
        self.of(tool).compared += 1;
        if self.places.len() + deviations.len() > MOST_PLACES {
            self.is_full = true;
            self.of(tool).beyond += 1;
            return;
        }
        for Deviation { pointer, words, now } in deviations {
            let (tool, is_confirmed) = (tool.to_owned(), is_only);
            self.places.insert((n, pointer), Found { tool, words, now, doubt, is_confirmed });
        }
    }

    /// What the second run has shown of the same call.
    pub fn second(&mut self, tool: &str, n: u64, deviations: &[Deviation]) {
        for deviation in deviations {
            match self.places.get_mut(&(n, deviation.pointer.clone())) {
                Some(found) if found.now == deviation.now => found.is_confirmed = true,
                Some(_) => self.is_noise(tool, &deviation.pointer),
                // What was not remembered may have been the same.
                None if self.is_full => {}
                None => self.is_noise(tool, &deviation.pointer),
            }
        }
        let of_call = self.places.range((n, String::new())..=(n, char::MAX.to_string()));
        let gone: Vec<String> = of_call
            .map(|((_, pointer), _)| pointer.clone())
            .filter(|pointer| !deviations.iter().any(|it| it.pointer == *pointer))
            .collect();
        for pointer in gone {
            self.is_noise(tool, &pointer);
        }
    }

    /// That a place is one in which every two answers differ.
    pub fn is_noise(&mut self, tool: &str, pointer: &str) {
        if self.noise.len() < MOST_NOISE {
            self.noise.insert((tool.to_owned(), general(pointer)));
        }
    }

    /// What was learned as noise: the tool and the place.
    pub fn noise(&self) -> impl Iterator<Item = (&str, &str)> {
        self.noise.iter().map(|(tool, pointer)| (tool.as_str(), pointer.as_str()))
    }

    fn of(&mut self, tool: &str) -> &mut OfTool {
        let is_full = self.tools.len() >= MOST_TOOLS && !self.tools.contains_key(tool);
        let tool = if is_full { "(further tools)" } else { tool };
        self.tools.entry(tool.to_owned()).or_default()
    }

    fn covers(&self, tool: &str, pointer: &str) -> bool {
        let of_tool = self.noise.iter().filter(|(of, _)| of == tool);
        let mut of_tool = of_tool.map(|(_, noise)| noise);
        of_tool.any(|noise| starts_with(pointer, noise))
    }

    /// A verdict for each tool. `like` says how the answers are alike where they are; `shown` is a text
    /// as it may be shown.
    pub fn verdicts(
        &self,
        rule: &'static str,
        like: &str,
        again: &dyn Fn(&str) -> String,
        shown: &dyn Fn(&str) -> String,
    ) -> Vec<Verdict> {
        let verdict = |(tool, of_tool): (&String, &OfTool)| {
            let (outcome, reason, history) = self.judged(tool, of_tool, like);
            Verdict {
                rule,
                tool: tool.clone(),
                outcome,
                reason: shown(&reason),
                history: history.iter().map(|line| shown(line)).collect(),
                again: again(tool),
            }
        };
        self.tools.iter().map(verdict).collect()
    }

    fn judged(
        &self,
        tool: &str,
        of_tool: &OfTool,
        like: &str,
    ) -> (VerdictOutcome, String, Vec<String>) {
        let of_it = self
            .places
            .iter()
            .filter(|((_, pointer), found)| found.tool == tool && !self.covers(tool, pointer));
        let (certain, doubtful): (Vec<_>, Vec<_>) =
            of_it.partition(|(_, found)| found.is_confirmed && found.doubt.is_none());
        let lines = |found: &[(&(u64, String), &Found)]| {
            found.iter().map(|((n, _), _)| n).collect::<BTreeSet<_>>().len() as u64
        };
        let mut history: Vec<String> = certain
            .iter()
            .chain(&doubtful)
            .take(MOST_TOLD)
            .map(|((n, _), found)| format!("line {n}: {}", found.words))
            .collect();
        let more = (certain.len() + doubtful.len()).saturating_sub(MOST_TOLD);
        if more > 0 {
            history.push(format!("and {more} more places"));
        }
        let of_noise = self.noise.iter().filter(|(of, _)| of == tool);
        let noise: Vec<&str> = of_noise.map(|(_, pointer)| pointer.as_str()).collect();
        history.extend(noise.iter().map(|pointer| {
            format!("learned as noise: {}", if pointer.is_empty() { "the whole" } else { pointer })
        }));
        let compared = of_tool.compared;
        let calls = |count: u64| match count {
            1 => "1 call".to_owned(),
            _ => format!("{count} calls"),
        };
        let (outcome, mut reason) = if !certain.is_empty() {
            let different = lines(&certain);
            let at_least = if of_tool.beyond > 0 { "at least " } else { "" };
            let words =
                format!("{at_least}{different} of {} answered differently", calls(compared));
            (VerdictOutcome::Failed, words)
        } else if let Some((_, found)) = doubtful.first() {
            let why = found.doubt.unwrap_or("the second run did not come to them");
            let words =
                format!("{} of {} answered differently, {why}", lines(&doubtful), calls(compared));
            (VerdictOutcome::Inconclusive, words)
        } else if of_tool.beyond > 0 {
            let words = format!(
                "{} answered differently beyond those that are held",
                calls(of_tool.beyond)
            );
            (VerdictOutcome::Inconclusive, words)
        } else if let Some(why) = &self.stopped {
            (VerdictOutcome::Inconclusive, format!("not all calls were made: {why}"))
        } else if compared == 0 {
            (VerdictOutcome::Skipped, "no call was compared".to_owned())
        } else {
            (VerdictOutcome::Passed, format!("{} answered {like}", calls(compared)))
        };
        if !noise.is_empty() && compared > 0 {
            let places = if noise.len() == 1 { "place is" } else { "places are" };
            reason.push_str(&format!("; {} {places} noise", noise.len()));
        }
        for (why, count) in of_tool.skipped.iter().take(3) {
            reason.push_str(&format!("; {} left out: {why}", calls(*count)));
        }
        (outcome, reason, history)
    }
}

/// A pointer without the places that things have in lists.
fn general(pointer: &str) -> String {
    let is_index = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let steps = pointer.split('/').map(|step| if is_index(step) { "*" } else { step });
    steps.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::{super::level::Deviation, Ledger};
    use crate::engine::finding::verdict::VerdictOutcome;

    fn at(pointer: &str, now: u64) -> Deviation {
        Deviation { pointer: pointer.to_owned(), words: format!("{pointer} is {now}"), now }
    }

    fn told(ledger: &Ledger) -> Vec<(VerdictOutcome, String, Vec<String>)> {
        let verdicts =
            ledger.verdicts("replay/answer-differs", "alike", &|_| String::new(), &str::to_owned);
        verdicts.into_iter().map(|it| (it.outcome, it.reason, it.history)).collect()
    }

    #[test]
    fn what_two_runs_show_is_found_and_what_differs_between_them_is_noise() {
        let mut ledger = Ledger::default();
        ledger.first("list", 2, vec![at("/items/0/at", 1), at("/items/0/name", 7)], None, false);
        ledger.first("list", 4, vec![at("/items/3/at", 5)], None, false);
        ledger.first("read", 6, Vec::new(), None, false);
        ledger.second("list", 2, &[at("/items/0/at", 2), at("/items/0/name", 7)]);
        // The same by chance, and noise all the same.
        ledger.second("list", 4, &[at("/items/3/at", 5)]);
        ledger.second("read", 6, &[]);
        assert_eq!(
            told(&ledger),
            [
                (
                    VerdictOutcome::Failed,
                    "1 of 2 calls answered differently; 1 place is noise".to_owned(),
                    vec![
                        "line 2: /items/0/name is 7".to_owned(),
                        "learned as noise: /items/*/at".to_owned()
                    ]
                ),
                (VerdictOutcome::Passed, "1 call answered alike".to_owned(), Vec::new()),
            ]
        );
    }

    #[test]
    fn what_only_one_run_has_shown_is_not_certain() {
        let mut ledger = Ledger::default();
        ledger.first("read", 2, vec![at("/a", 1)], None, false);
        ledger.stopped = Some("the server has ended".to_owned());
        ledger.first("other", 4, Vec::new(), None, false);
        ledger.skip("third", "its arguments hold a secret".to_owned());
        let outcomes: Vec<VerdictOutcome> = told(&ledger).iter().map(|it| it.0).collect();
        assert_eq!(outcomes, [VerdictOutcome::Inconclusive; 3]);
        let mut ledger = Ledger::default();
        ledger.first("write", 2, vec![at("/a", 1)], Some("and nothing takes it back"), true);
        assert_eq!(told(&ledger)[0].0, VerdictOutcome::Inconclusive);
    }

    #[test]
    fn what_is_held_has_a_bound() {
        let mut ledger = Ledger::default();
        for n in 0..30_000 {
            ledger.first("read", n, vec![at("/a", 1)], None, false);
        }
        for n in 0..30_000 {
            ledger.second("read", n, &[at("/a", 1)]);
        }
        assert_eq!(ledger.places.len(), super::MOST_PLACES);
        let (outcome, reason, history) = told(&ledger).remove(0);
        assert_eq!((outcome, history.len()), (VerdictOutcome::Failed, 21));
        assert!(reason.starts_with("at least 20000 of 30000 calls"), "{reason}");
    }
}
