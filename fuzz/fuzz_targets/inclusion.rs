//! Two documents from somebody who means no good, read and compared: nothing may panic, overflow
//! the stack or take for ever, and no witness may turn out to be none.
//!
//! The bytes are split at the first 0xFF, which stands in no text, or in the middle. Two surfaces
//! are compared whole, judged and reported; so are their schemas, tool by tool, in every way of
//! asking. What is no surface is compared as a schema.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mcp_kit::engine::{
    diff,
    protocol::json::{Document, Limits},
    rule::{self, Profile, Selection},
    schema::inclusion::{Inclusion, Options, Pair, Senders},
    surface::{self, Surface},
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
    let limits = Limits::for_bytes(1 << 16);
    let surfaces = [surface::read(old, &limits), surface::read(new, &limits)];
    if let [Ok(old), Ok(new)] = &surfaces {
        let diff = diff::compare(old, new, &diff::Options::default());
        let findings = rule::judge(&diff, &Selection::of(Profile::Recommended));
        let _ = rule::bump(findings.iter());
    }
    let [old, new] =
        [(&surfaces[0], old), (&surfaces[1], new)].map(|(surface, bytes)| match surface {
            Ok(surface) => schemas(surface),
            Err(_) => {
                Document::read(bytes, &limits).iter().map(|it| it.root().to_value()).collect()
            }
        });
    for (old, new) in old.iter().zip(&new).take(MAX_PAIRS) {
        for (assert_formats, objects_only) in [(false, false), (true, false), (false, true)] {
            let mut pair = Pair::new(old, new, Options { assert_formats, objects_only });
            for senders in [Senders::Declared, Senders::Any] {
                check(&pair.first_in_second(senders), old, new);
                check(&pair.second_in_first(senders), new, old);
            }
        }
    }
});

fn schemas(surface: &Surface) -> Vec<Value> {
    let schemas = surface.tools.iter().flat_map(|tool| tool.schemas());
    schemas.map(|(_, schema)| schema.clone()).collect()
}

fn check(inclusion: &Inclusion, first: &Value, second: &Value) {
    for place in &inclusion.undecided {
        assert!(
            !place.reason.starts_with("the validator disagrees"),
            "{place:?}\n{first}\n{second}"
        );
    }
}
