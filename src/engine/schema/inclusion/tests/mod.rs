//! What an engine of this kind gets wrong, one test each; laws; and what others hold to be true.

mod attack;
mod convention;
mod corpus;
mod generator;
mod law;
mod random;
mod refactor;
mod shrink;
mod suite;
mod trap;

use serde_json::{Value, json};

use super::{Inclusion, Options, Pair, Senders, question::REFUTED};

/// Asks whether `first` is included in `second`, and checks what is always so: every witness was
/// confirmed, and what is included for anybody is included for those who know the schema.
fn ask(first: &Value, second: &Value, senders: Senders) -> Inclusion {
    let mut pair = Pair::new(first, second, Options::default());
    let inclusion = pair.first_in_second(senders);
    let is_refuted = |reason: &str| reason == REFUTED;
    assert!(
        !inclusion.undecided.iter().any(|place| is_refuted(&place.reason)),
        "{first}\n{second}\n{inclusion:#?}"
    );
    inclusion
}

/// Included, whoever sends.
fn included(first: Value, second: Value) {
    for senders in [Senders::Any, Senders::Declared] {
        let inclusion = ask(&first, &second, senders);
        assert!(inclusion.is_included(), "{senders:?}\n{first}\n{second}\n{inclusion:#?}");
    }
}

/// The same values, spelled differently.
fn equal(first: Value, second: Value) {
    included(first.clone(), second.clone());
    included(second, first);
}

/// The places that fail, each with its witness, for those who send what is declared.
fn broken(first: Value, second: Value) -> Vec<(String, Value)> {
    let inclusion = ask(&first, &second, Senders::Declared);
    assert_eq!(inclusion.undecided, [], "{first}\n{second}");
    let strict = ask(&first, &second, Senders::Any);
    assert!(!strict.failures.is_empty(), "a break for some is a break for all: {first}\n{second}");
    let failures = inclusion.failures.into_iter();
    failures.map(|failure| (failure.pointer.as_str().to_owned(), failure.witness)).collect()
}

/// The one place that fails.
fn breaks(first: Value, second: Value, pointer: &str, witness: Value) {
    let found = broken(first.clone(), second.clone());
    assert_eq!(found, [(pointer.to_owned(), witness)], "{first}\n{second}");
}

/// Neither proved nor refuted.
fn undecided(first: Value, second: Value) {
    let inclusion = ask(&first, &second, Senders::Declared);
    assert!(!inclusion.undecided.is_empty(), "{first}\n{second}\n{inclusion:#?}");
}

/// An argument of a closed object.
fn argument(schema: Value) -> Value {
    json!({
        "type": "object", "properties": {"a": schema}, "required": ["a"],
        "additionalProperties": false
    })
}
