//! Pairs with a known answer, where the collection is at hand.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Options, Pair, Senders};

#[test]
fn the_collected_pairs_come_out_as_expected() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/diff-pairs.json");
    let Ok(text) = fs::read_to_string(path) else { return };
    let pairs: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for pair in &pairs {
        let member = match pair["direction"].as_str() {
            Some("input") => "inputSchema",
            Some("output") => "outputSchema",
            _ => continue,
        };
        let (old, new) = (&pair["old_tools"][0][member], &pair["new_tools"][0][member]);
        let mut schemas = Pair::new(old, new, Options::default());
        let mut ask = |senders| match member {
            "inputSchema" => schemas.first_in_second(senders),
            _ => schemas.second_in_first(senders),
        };
        let strict = ask(Senders::Any);
        let declared = ask(Senders::Declared);
        let id = pair["id"].as_str().unwrap();
        let is_strict = pair["strict_set_inclusion"] == "breaking";
        let is_broken = pair["expected"] == "breaking";
        if !strict.undecided.is_empty() || !declared.undecided.is_empty() {
            wrong.push(format!("{id}: undecided {strict:?} {declared:?}"));
        }
        if strict.failures.is_empty() == is_strict || declared.failures.is_empty() == is_broken {
            wrong.push(format!("{id}: {strict:?} {declared:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
