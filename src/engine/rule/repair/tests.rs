//! Every repair does what its rule wants, and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{Occurrence, Offers, find, foresee, repair};
use crate::engine::{
    finding::{Applicability, Severity},
    protocol::json::Limits,
    rule::{Profile, Selection, lint, run},
    schema::inclusion::{Options, Pair, Senders},
    surface::{self, Surface},
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Every rule there is, whichever client it is about.
fn everything() -> Selection {
    let all: Vec<String> = lint::rules().map(|rule| rule.id.to_owned()).collect();
    Selection::of(Profile::Strict).adjusted(&all, &[]).unwrap()
}

fn only(rule: &str) -> Selection {
    let others: Vec<String> =
        lint::rules().map(|rule| rule.id.to_owned()).filter(|id| id != rule).collect();
    Selection::of(Profile::Strict).adjusted(&[rule.to_owned()], &others).unwrap()
}

fn read(text: &str) -> Surface {
    surface::read(text.as_bytes(), &Limits::default()).unwrap()
}

fn fixed(text: &str, selection: &Selection, up_to: Applicability) -> String {
    let judge = |surface: &Surface| run(surface, selection);
    repair(text, &Limits::default(), up_to, selection, judge).unwrap().text
}

/// `fixtures/fixes/<group>/<name>` has `before.json`, and what becomes of it: `safe.json` with safe
/// fixes of the rule, `unsafe.json` with all of them. A file that is missing stands for no change.
#[test]
fn every_repair_has_a_before_and_an_after() {
    let renews = std::env::var_os("RENEW_FIXES").is_some();
    for repair in lint::repairs() {
        let folder = repository().join("fixtures/fixes").join(repair.rule);
        let before = fs::read_to_string(folder.join("before.json"))
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let cases = [
            ("safe.json", Applicability::Safe, repair.safe),
            ("unsafe.json", Applicability::Unsafe, repair.not_safe),
        ];
        for (name, up_to, promise) in cases {
            let after = fixed(&before, &only(repair.rule), up_to);
            let path = folder.join(name);
            if promise.is_none() {
                assert!(!path.exists(), "{}", path.display());
                continue;
            }
            assert_ne!(after, before, "{}", path.display());
            if renews {
                fs::write(&path, &after).unwrap();
            }
            let expected = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(after, expected, "{}: RENEW_FIXES=1 writes it anew", path.display());
        }
    }
}

/// Texts with everything that is found anywhere: our fixtures, the examples of the rules, and the
/// real surfaces where they are at hand.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let folders = [
        "fixtures/surfaces",
        "fixtures/splits",
        "fixtures/contracts",
        "../shared/corpus/surfaces",
        "../shared/corpus",
    ];
    for folder in folders {
        let Ok(entries) = fs::read_dir(repository().join(folder)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let is_json = path.extension().is_some_and(|it| it == "json");
            let text = if is_json { fs::read_to_string(&path).unwrap() } else { continue };
            if surface::read(text.as_bytes(), &Limits::default()).is_ok() {
                texts.push((path.display().to_string(), text));
            }
        }
    }
    for repair in lint::repairs() {
        let folder = repository().join("fixtures/fixes").join(repair.rule);
        texts.extend(
            fs::read_to_string(folder.join("before.json")).map(|it| (repair.rule.to_owned(), it)),
        );
    }
    for rule in lint::rules() {
        for example in crate::engine::rule::page::examples(rule.documentation) {
            if surface::read(example.code.as_bytes(), &Limits::default()).is_ok() {
                texts.push((rule.id.to_owned(), example.code.to_owned()));
            }
        }
    }
    texts
}

fn errors(surface: &Surface, selection: &Selection) -> usize {
    let findings = run(surface, selection);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.places.len()).sum()
}

#[test]
fn fixing_twice_is_fixing_once_and_makes_no_error() {
    let selection = everything();
    for (name, text) in texts() {
        // The large ones take seconds where nothing is optimised; all fixes are the harder case.
        let levels = [Applicability::Unsafe, Applicability::Safe];
        let levels = if text.len() > 30_000 { &levels[..1] } else { &levels[..] };
        for &up_to in levels {
            let once = fixed(&text, &selection, up_to);
            assert!(fixed(&once, &selection, up_to) == once, "{name} {up_to:?}");
            let [before, after] = [&text, &once].map(|text| read(text));
            assert_eq!(before.tools.len(), after.tools.len(), "{name}");
            assert!(errors(&after, &selection) <= errors(&before, &selection), "{name} {up_to:?}");
        }
    }
}

/// The promise of a safe fix, asked of the engine that compares schemas for `diff`.
#[test]
fn what_a_safe_fix_leaves_accepts_what_it_accepted_before() {
    let selection = everything();
    let mut compared = 0;
    for (name, text) in texts() {
        let after = read(&fixed(&text, &selection, Applicability::Safe));
        let before = read(&text);
        for (old, new) in before.tools.iter().zip(&after.tools) {
            assert_eq!(old.name, new.name, "{name}");
            for member in ["inputSchema", "outputSchema"] {
                let [old, new] = [old, new].map(|tool| tool.value().get(member));
                let (Some(old), Some(new)) = (old, new) else {
                    assert!(old.is_none_or(Value::is_null) && new.is_none(), "{name}");
                    continue;
                };
                if old == new {
                    continue;
                }
                // Arguments are always an object.
                let objects_only = member == "inputSchema";
                let options = Options { objects_only, ..Options::default() };
                let mut pair = Pair::new(old, new, options);
                let narrowed = pair.first_in_second(Senders::Any);
                assert!(narrowed.is_included(), "{name}: {old} {new} {narrowed:?}");
                let widened = pair.second_in_first(Senders::Any);
                assert!(widened.is_included(), "{name}: {old} {new} {widened:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared} schemas were changed");
}

#[test]
fn what_is_offered_is_what_the_rule_promises() {
    let selection = everything();
    for (name, text) in texts() {
        let surface = read(&text);
        for finding in run(&surface, &selection) {
            for place in &finding.places {
                let Some(repair) = find(finding.rule) else { continue };
                let occurrence = Occurrence { surface: &surface, message: &finding.message, place };
                let Some(fix) = (repair.propose)(&occurrence) else { continue };
                let promise = match fix.applicability {
                    Applicability::Safe => repair.safe,
                    Applicability::Unsafe => repair.not_safe,
                };
                assert!(promise.is_some(), "{name} {}: {fix:?}", finding.rule);
                let offered = Offers::new(&surface).fix(&finding, place);
                assert_eq!(offered, Some(fix), "{name} {}", finding.rule);
            }
        }
    }
}

#[test]
fn a_repair_belongs_to_a_rule_and_does_something() {
    for repair in lint::repairs() {
        assert!(lint::find(repair.rule).is_some(), "{}", repair.rule);
        assert!(repair.safe.is_some() || repair.not_safe.is_some(), "{}", repair.rule);
    }
}

const BROKEN: &str = "{\"name\": \"a\", \"description\": \"Gets it\u{200b}.\", \"execution\": {\"taskSupport\": \"optional\"}, \"inputSchema\": {\"properties\": {}}}";
const WHOLE: &str = "{\"name\": \"a\", \"description\": \"Gets it.\", \"inputSchema\": {\"type\": \"object\", \"properties\": {}}}";

#[test]
fn whatever_a_list_is_wrapped_in_stays_as_it_is() {
    for (before, after) in [
        ("", ""),
        ("{\"tools\": [", "]}"),
        ("[", "]\r\n"),
        (
            "{\"jsonrpc\": \"2.0\", \"id\": 7, \"result\": {\"tools\": [\r\n  ",
            "\r\n], \"n\": 1.50e0}}",
        ),
        ("[{\"tools\": [{\"name\": \"z\"}]},\n  {\"tools\": [", "]}]"),
        ("{\"tools\": [{\"name\": \"z\"}], \"nextCursor\": \"\\u0041\"}\n{\"tools\": [", "]}\n\n"),
        ("\u{feff}{\"tools\": [{\"name\": \"z\"}]}\n{\"tools\": [", "]}"),
    ] {
        let text = format!("{before}{BROKEN}{after}");
        let keep_mark = ["wire/byte-order-mark".to_owned()];
        let selection = Selection::of(Profile::Recommended).adjusted(&[], &keep_mark).unwrap();
        let whole = format!("{before}{WHOLE}{after}");
        assert_eq!(fixed(&text, &selection, Applicability::Safe), whole);
    }
}

#[test]
fn a_contract_stays_canonical_and_has_the_digest_of_what_is_in_it() {
    let selection = Selection::of(Profile::Recommended);
    let text = crate::engine::contract::render(&read(&format!(
        "{{\"serverInfo\": {{\"name\": \"s\"}}, \"tools\": [{BROKEN}]}}"
    )));
    let after = fixed(&text, &selection, Applicability::Safe);
    assert_ne!(after, text);
    assert_eq!(after, crate::engine::contract::render(&read(&after)));
    // One that somebody has laid out by hand keeps its layout.
    let by_hand = text.replace("  ", "\t");
    let digest = |text: &str| read(text).document.root().get("digest").unwrap().text().to_owned();
    let after_by_hand = fixed(&by_hand, &selection, Applicability::Safe);
    assert!(after_by_hand.contains("\n\t\"surface\": {\n"), "{after_by_hand}");
    assert_eq!(digest(&after_by_hand), digest(&after));
}

#[test]
fn a_fix_that_would_break_something_else_is_taken_back() {
    // Both names would become `get_it`, and one of them has to stay.
    let text = r#"[{"name": "get it"}, {"name": "get/it"}]"#;
    let after = fixed(text, &only("name/invalid-chars"), Applicability::Unsafe);
    assert_eq!(after, r#"[{"name": "get_it"}, {"name": "get/it"}]"#);
}

#[test]
fn many_tools_are_fixed_in_one_go() {
    let tools: Vec<String> =
        (0..2_000).map(|index| BROKEN.replace("\"a\"", &format!("\"get_{index}\""))).collect();
    let text = format!("[{}]", tools.join(",\n"));
    let selection = only("spec/removed-field");
    let judge = |surface: &Surface| run(surface, &selection);
    let repaired =
        repair(&text, &Limits::default(), Applicability::Safe, &selection, judge).unwrap();
    assert_eq!(repaired.fixed.len(), 2_000);
    assert_eq!(repaired.text, text.replace(" \"execution\": {\"taskSupport\": \"optional\"},", ""));
}

#[test]
fn a_fix_that_makes_an_error_of_the_selected_profile_is_taken_back() {
    let text = r#"{"tools": [{"name": "get_berth", "description": "Gets one berth by its id and returns it.", "inputSchema": {"type": "object"}, "outputSchema": null}]}"#;
    let recommended = Selection::of(Profile::Recommended);
    assert_ne!(fixed(text, &recommended, Applicability::Safe), text);
    let strict = Selection::of(Profile::Strict);
    let after = fixed(text, &strict, Applicability::Safe);
    assert!(after.contains("\"outputSchema\": null"), "{after}");
}

#[test]
fn what_is_taken_back_is_not_announced() {
    // With `type` at the root, no value of its `enum` would fit.
    let text = r#"{"tools": [{"name": "get_berth", "description": "Gets one berth of the harbour.", "inputSchema": {"properties": {"a": {"type": "string"}}, "enum": ["x"]}}]}"#;
    let selection = Selection::of(Profile::Recommended);
    let judge = |surface: &Surface| run(surface, &selection);
    let foreseen = foresee(text, &Limits::default(), &selection, judge).unwrap();
    assert_eq!((foreseen.safe(), foreseen.after(Applicability::Safe).text.as_str()), (0, text));
    let surface = read(text);
    let findings = judge(&surface);
    let root = findings.iter().find(|it| it.rule == "schema/root-not-object").unwrap();
    assert_eq!(Offers::new(&surface).applicability(root), Some(Applicability::Safe));
    let offers = Offers::new(&surface).foreseeing(Some(&foreseen));
    assert_ne!(offers.applicability(root), Some(Applicability::Safe));
}

/// What a report marks is what is gone after the fixes, whatever the text.
#[test]
fn what_is_announced_is_what_is_done() {
    let selection = everything();
    for (name, text) in texts().into_iter().filter(|(_, text)| text.len() < 5_000) {
        let judge = |surface: &Surface| run(surface, &selection);
        let foreseen = foresee(&text, &Limits::default(), &selection, judge).unwrap();
        let surface = read(&text);
        let offers = Offers::new(&surface).foreseeing(Some(&foreseen));
        let after = read(&foreseen.after(Applicability::Safe).text);
        let left = judge(&after);
        for finding in judge(&surface) {
            for place in &finding.places {
                let fix = offers.fix(&finding, place);
                let is_safe = fix.is_some_and(|it| it.applicability == Applicability::Safe);
                let same = |it: &&crate::engine::finding::Finding| {
                    it.rule == finding.rule
                        && it.places.iter().any(|it| it.fingerprint == place.fingerprint)
                };
                let is_left = left.iter().find(same).is_some();
                assert!(!(is_safe && is_left), "{name} {} {}", finding.rule, finding.message);
            }
        }
        let again = foresee(
            &foreseen.after(Applicability::Safe).text,
            &Limits::default(),
            &selection,
            judge,
        );
        assert_eq!(again.unwrap().safe(), 0, "{name}");
    }
}

#[test]
fn the_history_of_what_is_deprecated_follows_a_new_name() {
    let text = r#"{"deprecations": [
        {"tool": "get berth", "first_date": "2026-01-01", "versions": 2},
        {"tool": "get berth", "property": "/inputSchema/properties/old\u200bside", "first_date": "2026-01-01", "versions": 2}
    ], "format": "mcp-kit.contract/1", "surface": {"tools": [{
        "name": "get berth", "_meta": {"dev.mcp-kit/deprecated": true}, "description": "Gets one berth.",
        "inputSchema": {"type": "object", "properties": {"old\u200bside": {"type": "string", "deprecated": true}, "z": {}}}
    }]}}"#;
    let selection = Selection::of(Profile::Recommended);
    let after = fixed(text, &selection, Applicability::Unsafe);
    let known = crate::engine::contract::deprecations(&read(&after));
    let properties: Vec<_> =
        known.iter().map(|it| it.property.as_ref().map(|it| it.as_str())).collect();
    assert!(known.iter().all(|it| it.tool == "get_berth"), "{after}");
    assert_eq!(properties, [None, Some("/inputSchema/properties/old_side")], "{after}");
}
