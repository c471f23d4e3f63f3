//! What holds of inclusion whatever the schemas are, tried on random ones.
//!
//! `cargo test` runs a few thousand cases that are the same every time. `scripts/laws` runs many
//! more and prints what was seen; a case that fails is named by its number, and runs alone with
//! `MCP_KIT_LAW_CASE=NUMBER`.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    attack::{Case, Mistake, Tally, attack},
    generator::{self, Context},
    random::Random,
    refactor,
    shrink::shrink,
};
use crate::engine::schema::{
    Dialect,
    inclusion::{Options, Pair, Senders},
};

/// Cases of an ordinary test run.
const CASES: u64 = 2_000;
const SERIES: u64 = 20_251_122;

/// How many threads share the cases.
const THREADS: u64 = 2;
/// Mistakes after which it is enough.
const ENOUGH: usize = 10;

#[test]
fn random_pairs_are_answered_rightly() {
    let number = |name| std::env::var(name).ok().map(|it| it.parse().expect("a number"));
    let cases = match (number("MCP_KIT_LAW_CASE"), number("MCP_KIT_LAW_CASES")) {
        (Some(case), _) => case..case + 1,
        (None, Some(cases)) => 0..cases,
        (None, None) => 0..CASES,
    };
    // The everyday run looks at every eighth case from all sides, a longer one at all.
    let is_thorough = |case: u64| cases.end != CASES || case.is_multiple_of(8);
    let mut tally = Tally::default();
    let mut mistakes: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        let share = |thread: u64| {
            let cases = cases.clone().filter(move |case| case % THREADS == thread);
            let mut tally = Tally::default();
            let mut mistakes = Vec::new();
            for index in cases {
                let started = Instant::now();
                let outcome = one_case(index, is_thorough(index), &mut tally);
                tally.slowest = tally.slowest.max((started.elapsed(), index));
                mistakes.extend(outcome.err().map(|mistake| format!("case {index}: {mistake}")));
                if mistakes.len() >= ENOUGH {
                    break;
                }
            }
            (tally, mistakes)
        };
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || share(thread))).collect();
        for thread in threads {
            let (seen, wrong) = thread.join().expect("a case that panics fails the test");
            tally.add(seen);
            mistakes.extend(wrong);
        }
    });
    if cases.end != CASES {
        say(&tally);
    }
    assert!(mistakes.is_empty(), "{}\n{tally:#?}", mistakes.join("\n\n"));
    // So that a change which makes everything undecided is seen.
    let decided = tally.pairs - tally.undecided;
    assert!(tally.pairs < 1_000 || decided * 100 >= tally.pairs * 98, "{tally:#?}");
}

fn say(report: &impl std::fmt::Debug) {
    eprintln!("{report:#?}");
}

fn one_case(index: u64, is_thorough: bool, tally: &mut Tally) -> Result<(), Mistake> {
    let mut random = Random::of(SERIES, index);
    let case = case(&mut random);
    if std::env::var_os("MCP_KIT_LAW_CASE").is_some() {
        say(&case.documents().map(|document| document.to_string()));
    }
    let samples = random.clone();
    attack(&case, &mut random, is_thorough, tally).map_err(|mistake| {
        let documents = shrink(case.documents(), |documents| {
            let case = alone(&case, documents);
            attack(&case, &mut samples.clone(), is_thorough, &mut Tally::default()).is_err()
        });
        let smallest = alone(&case, &documents);
        let said = attack(&smallest, &mut samples.clone(), is_thorough, &mut Tally::default());
        format!("{mistake}\nsmallest: {}\n{}\n{said:?}", documents[0], documents[1])
    })?;
    if is_thorough && index.is_multiple_of(16) {
        laws(&mut random, &case, tally)?;
    }
    if index % 16 == 1 {
        transitivity(&mut random, &case, tally)?;
    }
    Ok(())
}

/// Two related or unrelated schemas.
fn case(random: &mut Random) -> Case {
    let context = generator::context(random);
    let first = generator::schema(random, &context);
    let mut contexts = [context.clone(), context.clone()];
    let second = match random.below(10) {
        0 => {
            let other = generator::context(random);
            // What drafts 4 and later think of `2.0` is not the same.
            let is_old = |it: &Context| it.dialect == Dialect::Draft4;
            if is_old(&other) == is_old(&context) {
                contexts[1] = other;
            }
            generator::schema(random, &contexts[1])
        }
        1 => generator::schema(random, &context),
        2 => json!({"not": mutated(random, &context, &first)}),
        _ => {
            if !context.definitions.is_empty() && random.one_in(3) {
                let definition =
                    contexts[1].definitions.get_mut("T").expect("definitions come in twos");
                generator::mutate(random, &context, definition);
            }
            mutated(random, &context, &first)
        }
    };
    Case { contexts, bodies: [first, second] }
}

fn mutated(random: &mut Random, context: &Context, schema: &Value) -> Value {
    let mut schema = schema.clone();
    for _ in 0..1 + random.below(2) {
        generator::mutate(random, context, &mut schema);
    }
    schema
}

/// A case made of two documents, which carry their definitions.
fn alone(case: &Case, documents: &[Value; 2]) -> Case {
    let contexts = [0, 1].map(|side| {
        let mut context = case.contexts[side].clone();
        let holder = generator::holder(context.dialect);
        let definitions = documents[side].get(holder).and_then(Value::as_object);
        context.definitions = definitions.cloned().unwrap_or_default();
        context
    });
    Case { contexts, bodies: documents.clone() }
}

/// Laws that relate a schema to others made from it.
fn laws(random: &mut Random, case: &Case, tally: &mut Tally) -> Result<(), Mistake> {
    let context = &case.contexts[0];
    let schema = &case.bodies[0];
    let other = generator::schema(random, context);
    let document = |body: Value| context.document(&body);
    let not = |schema: &Value| json!({"not": schema});
    let either = document(json!({"anyOf": [schema, other]}));
    let both = document(json!({"allOf": [schema, other]}));
    let plain = document(schema.clone());
    let respelled = refactor::respelled(random, context, schema);
    let mut included = vec![
        ("A ⊆ A, spelled differently", plain.clone(), respelled.clone()),
        ("A ⊆ A, spelled differently, and back", respelled, plain.clone()),
        ("A ⊆ anyOf[A, X]", plain.clone(), either.clone()),
        ("allOf[A, X] ⊆ A", both.clone(), plain.clone()),
        ("A ⊆ not not A", plain.clone(), document(not(&not(schema)))),
        ("not not A ⊆ A", document(not(&not(schema))), plain.clone()),
        ("oneOf ⊆ anyOf", document(json!({"oneOf": [schema, other]})), either.clone()),
    ];
    let neither = document(not(&json!({"anyOf": [schema, other]})));
    let not_either = document(json!({"allOf": [not(schema), not(&other)]}));
    included.push(("not anyOf ⊆ allOf of nots", neither.clone(), not_either.clone()));
    included.push(("allOf of nots ⊆ not anyOf", not_either, neither));
    let not_both = document(not(&json!({"allOf": [schema, other]})));
    let either_not = document(json!({"anyOf": [not(schema), not(&other)]}));
    included.push(("not allOf ⊆ anyOf of nots", not_both.clone(), either_not.clone()));
    included.push(("anyOf of nots ⊆ not allOf", either_not, not_both));
    if context.dialect >= Dialect::Draft7 {
        let torn = document(json!({"if": other, "then": schema, "else": schema}));
        included.push(("A ⊆ if X then A else A", plain.clone(), torn.clone()));
        included.push(("if X then A else A ⊆ A", torn, plain));
    }
    for (law, first, second) in included {
        tally.laws += 1;
        holds(law, &first, &second)?;
    }
    Ok(())
}

/// Proved for everybody; undecided only where something cannot be looked into.
fn holds(law: &str, first: &Value, second: &Value) -> Result<(), Mistake> {
    let verdict = |first: &Value, second: &Value| -> Result<(), String> {
        let mut pair = Pair::new(first, second, Options::default());
        for senders in [Senders::Any, Senders::Declared] {
            let inclusion = pair.first_in_second(senders);
            let is_excused = |reason: &str| EXCUSES.iter().any(|it| reason.contains(it));
            let is_silent = inclusion.undecided.iter().all(|it| is_excused(&it.reason));
            if !inclusion.failures.is_empty() || !is_silent {
                return Err(format!("{senders:?}: {inclusion:?}"));
            }
        }
        Ok(())
    };
    verdict(first, second).map_err(|said| format!("law broken: {law}\n{first}\n{second}\n{said}"))
}

/// What may stop a proof of a law.
const EXCUSES: &[&str] = &[
    "leads back to itself",
    "more than can be enumerated",
    "is not regular",
    "may not match",
    "`minContains` or `maxContains`",
    "`uniqueItems` over different items",
    "a `pattern`",
];

fn transitivity(random: &mut Random, case: &Case, tally: &mut Tally) -> Result<(), Mistake> {
    let context = &case.contexts[0];
    let middle = mutated(random, context, &case.bodies[0]);
    let last = mutated(random, context, &middle);
    let [first, middle, last] =
        [&case.bodies[0], &middle, &last].map(|body| context.document(body));
    let ask = |one: &Value, other: &Value| {
        Pair::new(one, other, Options::default()).first_in_second(Senders::Any)
    };
    tally.laws += 1;
    let is_chain = ask(&first, &middle).is_included() && ask(&middle, &last).is_included();
    let around = ask(&first, &last);
    if is_chain && !around.failures.is_empty() {
        return Err(format!("not transitive:\n{first}\n{middle}\n{last}\n{around:?}"));
    }
    Ok(())
}
