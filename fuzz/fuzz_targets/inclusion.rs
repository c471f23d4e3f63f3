//! Two documents from somebody who means no good, read and compared: nothing may panic, overflow
//! the stack or take for ever, and no witness may turn out to be none.
//!
//! The bytes are split at the first 0xFF, which stands in no text, or in the middle. What is no
//! surface is compared as a schema.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_kit::engine::{
    protocol::json::{Document, Limits},
    schema::inclusion::{Inclusion, Options, Pair, Senders},
    surface,
};
use serde_json::Value;

/// Most schemas that are compared of one input.
const MAX_PAIRS: usize = 4;

fuzz_target!(|bytes: &[u8]| {
    let middle = bytes.iter().position(|byte| *byte == 0xFF);
    let (old, new) = match middle {
        Some(middle) => (&bytes[..middle], &bytes[middle + 1..]),
        None => bytes.split_at(bytes.len() / 2),
    };
    let (old, new) = (schemas(old), schemas(new));
    for (old, new) in old.iter().zip(&new).take(MAX_PAIRS) {
        for assert_formats in [false, true] {
            let mut pair = Pair::new(old, new, Options { assert_formats });
            for senders in [Senders::Declared, Senders::Any] {
                check(&pair.first_in_second(senders), old, new);
                check(&pair.second_in_first(senders), new, old);
            }
        }
    }
});

fn schemas(bytes: &[u8]) -> Vec<Value> {
    let limits = Limits::for_bytes(1 << 16);
    if let Ok(surface) = surface::read(bytes, &limits) {
        let schemas = surface.tools.iter().flat_map(|tool| tool.schemas());
        return schemas.map(|(_, schema)| schema.clone()).collect();
    }
    let document = Document::read(bytes, &limits);
    document.map(|document| vec![document.root().to_value()]).unwrap_or_default()
}

fn check(inclusion: &Inclusion, first: &Value, second: &Value) {
    for place in &inclusion.undecided {
        assert!(
            !place.reason.starts_with("the validator disagrees"),
            "{place:?}\n{first}\n{second}"
        );
    }
}
