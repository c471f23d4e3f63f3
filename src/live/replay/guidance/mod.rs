//! Whether the errors of a tool help whoever has to get the next call right.
//!
//! Each `fault` is a call that is wrong in one way; the answers are scored ([`score`]), and compared:
//! an error that reads the same whatever is wrong helps nobody, however well it is put.

mod fault;
mod upstream;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    answer::{Answer, What},
    bench::{Bench, Case, Trouble, keyed},
    verdict::Ruling,
};
use crate::engine::semantics::guidance::{
    Asked, Gate, LONGEST, PROSE_CAP, Point, Score, Told, normalized, score,
};
use fault::{Fault, Place, faults};

/// Every question about errors, each after those that it presupposes.
pub const QUESTIONS: [&str; 15] = [
    "replay/error-as-success",
    "replay/empty-error",
    "replay/error-leaks",
    "replay/error-too-long",
    "replay/protocol-error-for-input",
    "replay/error-not-specific",
    "replay/no-error-code",
    "replay/failure-not-named",
    "replay/wrong-argument-named",
    "replay/no-expectation",
    "replay/retryable-untrue",
    "replay/no-retry-after",
    "replay/next-not-callable",
    "replay/effect-untrue",
    "replay/unhelpful-error",
];

/// How many of them, from the first, every later one presupposes.
pub const GATES: usize = 6;

/// How many points an error with structure has to make.
const ENOUGH: u32 = 80;

/// A fault, what was answered, and how good that is.
struct Trial {
    fault: Fault,
    answer: Answer,
    score: Option<Score>,
}

/// Calls a tool wrongly in every way there is, and says what came of each question.
///
/// # Errors
/// When the server cannot be started, or the right call that the wrong ones are made from not be made.
pub async fn examine(
    bench: &mut Bench<'_>,
    case: &Case,
) -> Result<BTreeMap<&'static str, Ruling>, Trouble> {
    let surface = bench.surface;
    let arguments = bench.fresh(case).await?;
    let key = bench.key();
    let right = keyed(case, &arguments, &key);
    let Some(tool) = surface.tool(&case.tool) else { return Ok(BTreeMap::new()) };
    let mut trials = Vec::new();
    for mut fault in faults(tool, &right, case.key.as_deref()) {
        // Under keys of their own, so that the one is not taken for the other.
        fault.arguments = keyed(case, &fault.arguments, &bench.key());
        let before = bench.count(case).await.ok();
        let answer = bench.subject.call(&case.tool, &fault.arguments).await?;
        // The fault is in the call, so that the same call fails again.
        let again = bench.subject.call(&case.tool, &fault.arguments).await?;
        let after = bench.count(case).await.ok();
        bench.log.push(format!("{} → {}", fault.what, answer.in_words()));
        let has_effect = before.zip(after).map(|(before, after)| after > before);
        trials.push(Trial::of(bench, case, fault, answer, (again.is_done(), has_effect)));
    }
    trials.extend(upstream::trials(bench, case).await?);
    Ok(rulings(&trials))
}

impl Trial {
    /// An answer, judged by what was seen beside it: whether the same call was done once its fault was
    /// gone, and whether it had taken effect.
    fn of(
        bench: &Bench<'_>,
        case: &Case,
        fault: Fault,
        answer: Answer,
        (succeeds_later, has_effect): (bool, Option<bool>),
    ) -> Self {
        let Some(tool) = bench.surface.tool(&case.tool) else {
            return Self { fault, answer, score: None };
        };
        let score = told(&answer).map(|told| {
            let asked = Asked {
                tool,
                arguments: &fault.arguments,
                surface: bench.surface,
                injected: &fault.injected,
                argument: match &fault.place {
                    Place::Argument(name) => Some(name),
                    Place::Upstream(_) => None,
                },
                is_well_formed: fault.is_well_formed,
                is_write: case.is_write,
                is_limited: fault.place == upstream::TOO_OFTEN,
                succeeds_later: (!answer.is_done()).then_some(succeeds_later),
                has_effect,
            };
            score(&told, &asked)
        });
        Self { fault, answer, score }
    }
}

/// An error as it came; none where there is none.
fn told(answer: &Answer) -> Option<Told> {
    let is_of_protocol = matches!(answer.what, What::Refused(_));
    let is_error = is_of_protocol || matches!(answer.what, What::Failed(_));
    let structure = answer.error().filter(Value::is_object);
    is_error.then(|| Told { is_of_protocol, structure, text: answer.text() })
}

fn rulings(trials: &[Trial]) -> BTreeMap<&'static str, Ruling> {
    let mut rulings = BTreeMap::new();
    if trials.is_empty() {
        let why = "no call was found that its input schema refuses".to_owned();
        return QUESTIONS.iter().map(|rule| (*rule, Ruling::Skipped(why.clone()))).collect();
    }
    let count = trials.len();
    let passed = |what: &str| Ruling::Passed(format!("{count} wrong calls: {what}"));
    let first = |is_it: &dyn Fn(&Trial) -> Option<String>, what: &str| -> Ruling {
        let found = trials.iter().find_map(|it| Some((it, is_it(it)?)));
        match found {
            Some((trial, why)) => Ruling::Failed(format!("{}: {why}", trial.fault.what)),
            None => passed(what),
        }
    };
    if let Some(lost) = trials.iter().find(|trial| trial.answer.is_lost()) {
        let why = format!("{}: {}", lost.fault.what, lost.answer.in_words());
        return QUESTIONS.iter().map(|rule| (*rule, Ruling::Inconclusive(why.clone()))).collect();
    }
    let done = |trial: &Trial| {
        trial.answer.is_done().then(|| "answered as if nothing were wrong".to_owned())
    };
    rulings.insert("replay/error-as-success", first(&done, "errors"));
    let gate = |wanted: fn(&Gate) -> Option<String>| {
        move |trial: &Trial| wanted(trial.score.as_ref()?.gate.as_ref()?)
    };
    let empty = gate(|it| matches!(it, Gate::Empty).then(|| "an error without a word".to_owned()));
    rulings.insert("replay/empty-error", first(&empty, "each says something"));
    let leaks = gate(|it| match it {
        Gate::Leak(what) => Some(format!("it shows {what}")),
        _ => None,
    });
    rulings.insert("replay/error-leaks", first(&leaks, "nothing of the server's inside"));
    let long = gate(|it| match it {
        Gate::TooLong(length) => Some(format!("{length} characters, and {LONGEST} are enough")),
        _ => None,
    });
    rulings.insert("replay/error-too-long", first(&long, "short enough"));
    let point =
        |point: Point| move |trial: &Trial| trial.score.as_ref()?.missed(point).map(str::to_owned);
    let delivered = first(&point(Point::Delivered), "results with `isError`");
    rulings.insert("replay/protocol-error-for-input", delivered);
    rulings.insert("replay/error-not-specific", specific(trials));
    let is_prose = trials.iter().filter_map(|it| it.score.as_ref()).any(|it| it.is_of_prose);
    for (rule, of, what) in [
        ("replay/no-error-code", Point::Code, "each has a code"),
        ("replay/failure-not-named", Point::Named, "each names what failed"),
        ("replay/wrong-argument-named", Point::Argument, "each points to the argument"),
        ("replay/no-expectation", Point::Expected, "each says what was expected and what came"),
        ("replay/retryable-untrue", Point::Retryable, "each says whether to try again, truly"),
        ("replay/no-retry-after", Point::RetryAfter, "it says when to try again"),
        ("replay/next-not-callable", Point::Next, "each says what can be done next"),
        ("replay/effect-untrue", Point::Effect, "each says that nothing was changed"),
    ] {
        let applies = trials.iter().any(|it| it.score.as_ref().is_some_and(|it| it.has(of)));
        let ruling = match (is_prose, applies) {
            (true, _) => Ruling::Skipped("errors in prose are judged as a whole".to_owned()),
            (false, false) => Ruling::Skipped("it does not apply".to_owned()),
            (false, true) => first(&point(of), what),
        };
        rulings.insert(rule, ruling);
    }
    rulings.insert("replay/unhelpful-error", overall(trials, is_prose));
    rulings
}

/// Whether different faults read differently, and each answer names what was wrong.
fn specific(trials: &[Trial]) -> Ruling {
    let mut seen: BTreeMap<String, &Fault> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| !trial.answer.is_done()) {
        let structure = trial.answer.error().unwrap_or_default().to_string();
        let text = normalized(&format!("{} {structure}", trial.answer.text()));
        // Two faults of one place may have one answer: what is wrong with it is the same.
        let earlier = seen.insert(text, &trial.fault);
        if let Some(earlier) = earlier.filter(|it| it.place != trial.fault.place) {
            return Ruling::Failed(format!(
                "the answer is the same {} and {}",
                earlier.what, trial.fault.what
            ));
        }
    }
    Ruling::Passed(format!("{} answers for {} wrong calls", seen.len(), trials.len()))
}

/// The worst of all answers.
fn overall(trials: &[Trial], is_prose: bool) -> Ruling {
    let scored = trials.iter().filter_map(|trial| Some((trial, trial.score.as_ref()?)));
    let Some((trial, worst)) = scored.min_by_key(|(_, score)| score.points()) else {
        return Ruling::Skipped("there was no error".to_owned());
    };
    let points = worst.points();
    let missed: Vec<&str> = worst
        .marks
        .iter()
        .filter(|mark| mark.missed.is_some())
        .map(|mark| mark.point.name())
        .collect();
    let missed = if missed.is_empty() { "none".to_owned() } else { missed.join(", ") };
    let what = &trial.fault.what;
    match is_prose {
        true => Ruling::Inconclusive(format!(
            "by its words, which is a guess: {points} of {PROSE_CAP} that prose is worth, {what}; \
             missed: {missed}"
        )),
        false if points < ENOUGH => {
            Ruling::Failed(format!("{points} of 100 points, {what}; missed: {missed}"))
        }
        false => Ruling::Passed(format!("{points} of 100 points at least")),
    }
}
