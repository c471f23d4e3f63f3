//! Carrying fixes out, until nothing is left that can be.
//!
//! Fixes that meet in the text wait for the next pass. After each pass the text is read and judged
//! again: what did not put its finding right, or would break something else, is taken back.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Foreseen, Left, Offers};
use crate::engine::{
    contract,
    finding::{Applicability, Finding, Severity, Subject},
    protocol::{
        json::{
            Limits,
            edit::{Edit, Splice, apply},
        },
        pointer::Pointer,
    },
    rule::{Linter, Profile, Selection, lint},
    spread::ONE_THREAD,
    surface::{self, NotASurface, Surface},
};

/// How much text is read and judged again at most, together, to find out which fixes do harm, in
/// bytes; and how often, whatever the length.
const MAX_BYTES_JUDGED: usize = 64 << 20;
const LEAST_TRIALS: usize = 32;
const MOST_TRIALS: usize = 1024;
/// What a byte order mark reads as.
const MARK: char = '\u{feff}';

/// A text after its findings were put right as far as that goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The text.
    pub text: String,
    /// What was put right.
    pub fixed: Vec<Fixed>,
    /// What was not.
    pub(super) left: Left,
}

/// A finding at one place that was put right.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// The rule.
    pub rule: &'static str,
    /// How bad it was.
    pub severity: Severity,
    /// Where the tool stands that it was about, if it was about one. Fixes move no tool.
    pub tool: Option<Pointer>,
    /// What it was about.
    pub subject: Subject,
    /// Where it was, inside the subject.
    pub within: Pointer,
    /// How far the fix can be trusted.
    pub applicability: Applicability,
    /// What it said.
    pub message: String,
    /// What was done.
    pub title: String,
}

/// Puts right what `judge` finds in the text of a surface: safe fixes, or the others as well.
/// `judge` gives the open findings about a surface of the rules in force, so what is allowed stays.
///
/// # Errors
/// When the text is no surface.
pub fn repair(
    text: &str,
    limits: &Limits,
    up_to: Applicability,
    in_force: &Selection,
    judge: impl Fn(&Surface) -> Vec<Finding>,
) -> Result<Repaired, NotASurface> {
    let beyond = beyond(in_force);
    let reader = Reader::new(limits, beyond.as_ref(), judge);
    let first = reader.read(text.to_owned(), None)?;
    let mut progress = Progress::default();
    progress.advance(&first, Applicability::Safe, &reader);
    if up_to > Applicability::Safe {
        progress.advance(&first, up_to, &reader);
    }
    Ok(progress.repaired(&first))
}

/// Both at once, for what is to be announced: what [`repair`] does with safe fixes, and with all.
///
/// # Errors
/// When the text is no surface.
pub fn foresee(
    text: &str,
    limits: &Limits,
    in_force: &Selection,
    judge: impl Fn(&Surface) -> Vec<Finding>,
) -> Result<Foreseen, NotASurface> {
    let beyond = beyond(in_force);
    let reader = Reader::new(limits, beyond.as_ref(), judge);
    let first = reader.read(text.to_owned(), None)?;
    let mut progress = Progress::default();
    progress.advance(&first, Applicability::Safe, &reader);
    let safe = progress.repaired(&first);
    progress.advance(&first, Applicability::Unsafe, &reader);
    Ok(Foreseen::new(safe, progress.repaired(&first)))
}

/// How far the fixes have come.
#[derive(Default)]
struct Progress {
    /// The text with what was put right; none where nothing was.
    latest: Option<State>,
    fixed: Vec<Fixed>,
    /// Fixes that did not help, by rule and fingerprint.
    refused: HashSet<Key>,
}

impl Progress {
    /// Carries fixes out that can be trusted so far: the safe ones before the others, so that the
    /// others need not be looked at for them.
    fn advance<J: Fn(&Surface) -> Vec<Finding>>(
        &mut self,
        first: &State,
        up_to: Applicability,
        reader: &Reader<'_, J>,
    ) {
        let trials = (MAX_BYTES_JUDGED / first.text.len().max(1)).clamp(LEAST_TRIALS, MOST_TRIALS);
        let refused = std::mem::take(&mut self.refused);
        let mut attempt = Run { reader, trials, refused, has_progressed: false };
        loop {
            let state = self.latest.as_ref().unwrap_or(first);
            let batch = attempt.candidates(state, up_to);
            if batch.is_empty() {
                if attempt.refused.is_empty() || !attempt.has_progressed {
                    break;
                }
                // What was refused may fit by now, so that a second run would find nothing to do.
                attempt.refused.clear();
                attempt.has_progressed = false;
            } else if let Some((done, after)) = attempt.accept(state, batch) {
                self.latest = Some(after);
                self.fixed.extend(done.into_iter().flat_map(|candidate| candidate.fixed));
            }
        }
        self.refused = attempt.refused;
    }

    fn repaired(&self, first: &State) -> Repaired {
        let state = self.latest.as_ref().unwrap_or(first);
        let mut text = state.text.clone();
        if !self.fixed.is_empty() && contract::is_contract(&first.surface) {
            let followed = contract::following(&first.surface, &state.surface, &text);
            text = followed.unwrap_or(text);
            text = contract::resealed(&first.text, &text).unwrap_or(text);
        }
        let left = Left::of(&state.surface, &state.findings);
        Repaired { text, fixed: self.fixed.clone(), left }
    }
}

/// How a text is read and judged.
struct Reader<'a, J> {
    limits: &'a Limits,
    judge: J,
    /// The rules that are not in force and must not be broken either.
    beyond: Option<Linter<'a>>,
}

/// The rules of the default profile that are not in force: a fix must not break what nobody looks at.
/// None where all of them are, which is the usual case and saves half of the time.
fn beyond(in_force: &Selection) -> Option<Selection> {
    let default = Selection::of(Profile::Recommended);
    if lint::rules().all(|rule| in_force.contains(rule) || !default.contains(rule)) {
        return None;
    }
    let judged = lint::rules().filter(|rule| in_force.contains(rule));
    let judged: Vec<String> = judged.map(|rule| rule.id.to_owned()).collect();
    Some(default.adjusted(&[], &judged).expect("the ids are those of rules"))
}

impl<'a, J: Fn(&Surface) -> Vec<Finding>> Reader<'a, J> {
    fn new(limits: &'a Limits, beyond: Option<&'a Selection>, judge: J) -> Self {
        let beyond = beyond.map(|rules| Linter::new(ONE_THREAD, rules));
        Self { limits, judge, beyond }
    }

    /// A text, with what is found in it; a change of another one, if it is.
    fn read(&self, text: String, before: Option<&State>) -> Result<State, NotASurface> {
        let mut surface = surface::read(text.as_bytes(), self.limits)?;
        if let Some(before) = before {
            surface.recall(&before.surface);
        }
        let findings = (self.judge)(&surface);
        let others =
            self.beyond.as_ref().map(|it| it.run_without_plan(&surface)).unwrap_or_default();
        let bad = findings.iter().chain(&others).filter(|it| it.severity == Severity::Error);
        let errors = count(bad);
        Ok(State { text, surface, findings, errors })
    }
}

struct Run<'a, J> {
    reader: &'a Reader<'a, J>,
    /// How many texts may still be judged.
    trials: usize,
    /// Fixes that did not help, by rule and fingerprint.
    refused: HashSet<Key>,
    /// Whether something has been accepted since nothing was refused.
    has_progressed: bool,
}

type Key = (&'static str, String);

/// A text with what is found in it.
struct State {
    text: String,
    surface: Surface,
    findings: Vec<Finding>,
    /// How many places each rule finds an error at: those in force, and those of the default
    /// profile.
    errors: HashMap<&'static str, usize>,
}

/// A fix and the bytes that it takes.
#[derive(Clone)]
struct Candidate {
    /// In bytes of the text without its byte order mark.
    splices: Vec<Splice>,
    drops_mark: bool,
    fingerprint: String,
    /// The findings that it puts right: often one, and all those that want the very same.
    fixed: Vec<Fixed>,
}

impl Candidate {
    fn key(&self) -> Key {
        (self.fixed[0].rule, self.fingerprint.clone())
    }
}

impl<J: Fn(&Surface) -> Vec<Finding>> Run<'_, J> {
    /// The fixes on offer that do not meet in the text, those of the worst findings first. Of those
    /// that change what a tool means, only those of the worst findings: what comes to light where an
    /// error is put right would be held against the fixes of lesser findings.
    fn candidates(&self, state: &State, up_to: Applicability) -> Vec<Candidate> {
        let offers = Offers::new(&state.surface);
        let mut chosen: Vec<Candidate> = Vec::new();
        let mut same: HashMap<Vec<Splice>, usize> = HashMap::new();
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        for finding in &state.findings {
            for place in &finding.places {
                let key = (finding.rule, place.fingerprint.clone());
                if self.refused.contains(&key) {
                    continue;
                }
                let Some((fix, splices)) = offers.fix_with_splices(finding, place) else {
                    continue;
                };
                if fix.applicability > up_to {
                    continue;
                }
                let Some(splices) = in_source(&state.surface, splices) else { continue };
                let drops_mark = fix.edits.contains(&Edit::DropMark);
                if splices.is_empty() && !drops_mark {
                    continue;
                }
                let fixed = Fixed {
                    rule: finding.rule,
                    severity: finding.severity,
                    tool: state.surface.tool_at(&place.pointer).map(|tool| tool.pointer.clone()),
                    subject: place.subject.clone(),
                    within: place.within.clone(),
                    applicability: fix.applicability,
                    message: finding.message.clone(),
                    title: fix.title,
                };
                if let Some(index) = same.get(&splices) {
                    chosen[*index].fixed.push(fixed);
                    continue;
                }
                let is_lesser = up_to == Applicability::Unsafe
                    && chosen.first().is_some_and(|it| it.fixed[0].severity > finding.severity);
                if is_lesser || !splices.iter().all(|splice| is_free(&taken, splice)) {
                    continue;
                }
                taken.extend(splices.iter().map(|splice| (splice.span.start, splice.span.end)));
                same.insert(splices.clone(), chosen.len());
                let (fixed, fingerprint) = (vec![fixed], key.1);
                chosen.push(Candidate { splices, drops_mark, fingerprint, fixed });
            }
        }
        chosen
    }

    /// As many of some fixes as do what they should together, and the text with them; none where
    /// not one of them does. Those that stay behind are for the next pass, unless they were tried
    /// on their own.
    fn accept(&mut self, state: &State, batch: Vec<Candidate>) -> Option<(Vec<Candidate>, State)> {
        let after = match self.trial(state, &batch) {
            Some(after) if is_better(state, &after, &batch) => {
                self.has_progressed = true;
                return Some((batch, after));
            }
            after => after,
        };
        if batch.len() < 2 || self.trials == 0 {
            self.refused.extend(batch.iter().map(Candidate::key));
            return None;
        }
        let is_suspect = after.map_or_else(Vec::new, |after| suspects(state, &after, &batch));
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let half = batch.len() / 2;
        for (index, candidate) in batch.into_iter().enumerate() {
            let is_second = is_suspect.get(index).copied().unwrap_or(index >= half);
            if is_second { second.push(candidate) } else { first.push(candidate) }
        }
        self.accept(state, first).or_else(|| self.accept(state, second))
    }

    /// The text with some fixes; none where there is no surface in it any more, or no trial left.
    fn trial(&mut self, state: &State, batch: &[Candidate]) -> Option<State> {
        self.trials = self.trials.checked_sub(1)?;
        let drops_mark = batch.iter().any(|candidate| candidate.drops_mark);
        let (mark, bare) = match state.text.strip_prefix(MARK) {
            Some(bare) => (if drops_mark { "" } else { "\u{feff}" }, bare),
            None => ("", state.text.as_str()),
        };
        let splices: Vec<Splice> =
            batch.iter().flat_map(|candidate| candidate.splices.iter().cloned()).collect();
        let after =
            self.reader.read(format!("{mark}{}", apply(bare, &splices)), Some(state)).ok()?;
        (after.surface.tools.len() == state.surface.tools.len()).then_some(after)
    }
}

/// Which of some fixes did not put its finding right, or are in a tool where something else has come to
/// light; empty where that tells none of them from the others.
fn suspects(before: &State, after: &State, batch: &[Candidate]) -> Vec<bool> {
    let keys = |state: &State| -> HashSet<Key> {
        let places = state.findings.iter().flat_map(|it| it.places.iter().map(|at| (it.rule, at)));
        places.map(|(rule, place)| (rule, place.fingerprint.clone())).collect()
    };
    let (known, left) = (keys(before), keys(after));
    let mut of_new: HashSet<Option<&Pointer>> = HashSet::new();
    for finding in &after.findings {
        for place in &finding.places {
            if !known.contains(&(finding.rule, place.fingerprint.clone())) {
                of_new.insert(after.surface.tool_at(&place.pointer).map(|tool| &tool.pointer));
            }
        }
    }
    let is_suspect = batch.iter().map(|candidate| {
        left.contains(&candidate.key())
            || candidate.fixed.iter().any(|fixed| of_new.contains(&fixed.tool.as_ref()))
    });
    let is_suspect: Vec<bool> = is_suspect.collect();
    let count = is_suspect.iter().filter(|it| **it).count();
    if (1..batch.len()).contains(&count) { is_suspect } else { Vec::new() }
}

/// Whether every fix has put its findings right, no rule has found another error (one of the default
/// profile or one of those that are in force), and there are no more warnings than before, unless
/// there are fewer errors: a tool that no longer lies about writing is asked for an idempotency key.
fn is_better(before: &State, after: &State, batch: &[Candidate]) -> bool {
    let at_least = |state: &State, severity| -> usize {
        let bad = state.findings.iter().filter(|it| it.severity >= severity);
        bad.map(|finding| finding.places.len()).sum()
    };
    let [errors_before, errors_after] = [before, after].map(|it| at_least(it, Severity::Error));
    let [bad_before, bad_after] = [before, after].map(|it| at_least(it, Severity::Warning));
    let mut fixed: HashMap<&str, usize> = HashMap::new();
    for it in batch.iter().flat_map(|candidate| &candidate.fixed) {
        *fixed.entry(it.rule).or_default() += 1;
    }
    let (found_before, found_after) = (count(&before.findings), count(&after.findings));
    let are_gone =
        fixed.iter().all(|(rule, fixed)| of(&found_after, rule) + fixed <= of(&found_before, rule));
    let breaks = grows(&before.errors, &after.errors);
    are_gone && !breaks && (errors_after < errors_before || bad_after <= bad_before)
}

fn of(counts: &HashMap<&'static str, usize>, rule: &str) -> usize {
    counts.get(rule).copied().unwrap_or(0)
}

/// Whether a rule has found more.
fn grows(before: &HashMap<&'static str, usize>, after: &HashMap<&'static str, usize>) -> bool {
    after.iter().any(|(rule, count)| *count > of(before, rule))
}

/// How many places each rule has found something at.
fn count<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> HashMap<&'static str, usize> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for finding in findings {
        *counts.entry(finding.rule).or_default() += finding.places.len();
    }
    counts
}

/// The splices in bytes of the text that was read; none where they are not all in one piece of it,
/// or meet each other.
fn in_source(surface: &Surface, mut splices: Vec<Splice>) -> Option<Vec<Splice>> {
    for splice in &mut splices {
        let start = surface.source_offset(splice.span.start)?;
        let end = start + splice.span.len();
        // The end of an item is not in the item any more.
        let last = splice.span.end.max(splice.span.start + 1) - 1;
        if surface.source_offset(last)? + 1 < end {
            return None;
        }
        splice.span = start..end;
    }
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let meet = splices.windows(2).any(|pair| pair[0].span.end > pair[1].span.start);
    (!meet).then_some(splices)
}

fn is_free(taken: &BTreeMap<usize, usize>, splice: &Splice) -> bool {
    let before = taken.range(..=splice.span.end).next_back();
    before.is_none_or(|(_, end)| *end < splice.span.start)
}
