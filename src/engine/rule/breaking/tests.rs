//! The pages, the fixtures and the given pairs.

use std::{collections::HashSet, fs, path::Path};

use serde_json::Value;

use super::rules;
use crate::engine::{
    diff::{self, Options},
    finding::{Finding, Severity},
    protocol::json::Limits,
    rule::{Profile, Selection, judge, page},
    surface::{self, Surface},
};

fn surface(value: &Value) -> Surface {
    let read = surface::read(value.to_string().as_bytes(), &Limits::default());
    read.unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn options(value: Option<&Value>) -> Options {
    let mut options = Options::default();
    let number = |name: &str| value?.get(name)?.as_u64().and_then(|it| u32::try_from(it).ok());
    options.policy.window_days = number("window_days");
    options.policy.releases = number("releases");
    options.today = value.and_then(|it| it.get("today")?.as_str()?.parse().ok());
    options
}

/// Everything the rules find between two surfaces.
fn findings(old: &Value, new: &Value, options: &Options) -> Vec<Finding> {
    let (old, new) = (surface(old), surface(new));
    judge(&diff::compare(&old, &new, options), &Selection::of(Profile::Strict))
}

fn ids(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule).collect()
}

/// The rules that need an answer from `schema::inclusion`.
const PROVED: [&str; 6] = [
    "breaking/input-narrowed",
    "breaking/input-implicitly-closed",
    "breaking/output-widened",
    "breaking/schema-assumed",
    "breaking/schema-empty",
    "breaking/schema-undecided",
];

/// What of the pages, fixtures and pairs waits for proofs and what does not, so that neither hides
/// the other.
fn check_examples(is_about: impl Fn(&str) -> bool) {
    let mut wrong = Vec::new();
    for rule in rules().filter(|rule| is_about(rule.id)) {
        for example in page::examples(rule.documentation) {
            let pair: Value = serde_json::from_str(example.code)
                .unwrap_or_else(|error| panic!("{}: {error}\n{}", rule.id, example.code));
            let found = findings(&pair["old"], &pair["new"], &options(pair.get("options")));
            if ids(&found).contains(&rule.id) != example.is_bad {
                wrong.push(format!("{}\n{}\n{:#?}", rule.id, example.code, ids(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_example_does_what_its_page_says() {
    check_examples(|id| !PROVED.contains(&id) && !is_eased(id));
}

#[test]
fn every_example_about_what_a_schema_accepts_does_what_its_page_says() {
    check_examples(|id| PROVED.contains(&id) || is_eased(id));
}

/// Their Good blocks hold without a proof, some of their Bad ones do not.
fn is_eased(id: &str) -> bool {
    id == "breaking/input-widened" || id == "breaking/output-narrowed"
}

fn check_fixtures(is_about: impl Fn(&str) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let read =
        |path: &Path| fs::read(path).ok().map(|bytes| serde_json::from_slice(&bytes).unwrap());
    let mut silent = Vec::new();
    for rule in rules().filter(|rule| is_about(rule.id)) {
        let folder = folder.join(rule.id);
        let side = |name: &str| -> Value {
            read(&folder.join(name)).unwrap_or_else(|| panic!("{} has no {name}", rule.id))
        };
        let options = options(read(&folder.join("options.json")).as_ref());
        let found = findings(&side("old.json"), &side("new.json"), &options);
        if !ids(&found).contains(&rule.id) {
            silent.push(rule.id);
        }
    }
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn every_rule_speaks_about_its_fixture() {
    check_fixtures(|id| !PROVED.contains(&id));
}

#[test]
fn every_rule_about_what_a_schema_accepts_speaks_about_its_fixture() {
    check_fixtures(|id| PROVED.contains(&id));
}

/// What cannot be compared is told even where it did not change: never a pass.
const NEVER_A_PASS: [&str; 3] =
    ["breaking/duplicate-tool-name", "breaking/unparsable-schema", "breaking/unreadable-tool"];

#[test]
fn a_surface_compared_with_itself_is_silent() {
    let check = |value: &Value, options: &Options, origin: &str| {
        let mut found = findings(value, value, options);
        found.retain(|finding| !NEVER_A_PASS.contains(&finding.rule));
        assert!(found.is_empty(), "{origin}: {found:#?}");
    };
    for rule in rules() {
        for example in page::examples(rule.documentation) {
            let pair: Value = serde_json::from_str(example.code).unwrap();
            for side in ["old", "new"] {
                check(&pair[side], &options(pair.get("options")), rule.id);
            }
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/surfaces");
    for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let value = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        check(&value, &Options::default(), &file.path().display().to_string());
    }
}

#[test]
fn every_page_is_complete() {
    for rule in rules() {
        assert!(rule.summary().ends_with('.'), "{}: {:?}", rule.id, rule.summary());
        for heading in ["Why", "Bad", "Good", "References"] {
            let section = page::section(rule.documentation, heading).unwrap_or_default();
            assert!(!section.is_empty(), "{}: nothing under {heading}", rule.id);
        }
        let examples = page::examples(rule.documentation);
        for is_bad in [true, false] {
            assert!(examples.iter().any(|it| it.is_bad == is_bad), "{}: {is_bad}", rule.id);
        }
    }
}

#[test]
fn every_file_is_a_registered_rule_with_a_fixture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ids: HashSet<String> = rules().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(ids.len(), rules().count(), "an id stands twice");
    let mut files = HashSet::new();
    for file in fs::read_dir(root.join("src/engine/rule/breaking")).unwrap().map(Result::unwrap) {
        let path = file.path();
        if fs::read_to_string(&path).unwrap().contains("\npub(super) const RULE: Rule =") {
            let name = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
            files.insert(format!("breaking/{name}"));
        }
    }
    let folders = fs::read_dir(root.join("fixtures/rules/breaking")).unwrap().map(Result::unwrap);
    let folders: HashSet<String> = folders
        .map(|folder| format!("breaking/{}", folder.file_name().to_str().unwrap()))
        .collect();
    assert_eq!(files, ids);
    assert_eq!(folders, ids);
}

/// The verdict of a comparison: the worst that is said.
fn verdict(findings: &[Finding]) -> &'static str {
    let of_one = |finding: &Finding| match finding.severity {
        Severity::Error => 3,
        Severity::Warning => 2,
        Severity::Info if super::MEANS_THE_SAME.contains(&finding.rule) => 0,
        Severity::Info => 1,
    };
    let worst = findings.iter().map(of_one).max().unwrap_or(0);
    ["none", "compatible", "warning", "breaking"][worst]
}

/// The given pairs, those that need proofs or the others. They are not in the repository; without
/// them there is nothing to check.
fn check_pairs(needs_proof: bool) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/diff-pairs.json");
    let Ok(bytes) = fs::read(path) else { return };
    let pairs: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    let mut wrong = Vec::new();
    for pair in &pairs {
        let schemas = ["input", "refs", "closed", "output"];
        let is_schema = schemas.contains(&pair["category"].as_str().unwrap());
        if is_schema != needs_proof {
            continue;
        }
        let found = findings(&pair["old_tools"], &pair["new_tools"], &Options::default());
        let (verdict, expected) = (verdict(&found), pair["expected"].as_str().unwrap());
        let lacks_witness = found.iter().any(|finding| {
            let is_schema =
                finding.rule.ends_with("-narrowed") || finding.rule.ends_with("-widened");
            finding.severity == Severity::Error
                && is_schema
                && finding.rule != "breaking/task-support-narrowed"
                && finding.places.iter().any(|place| place.witness.is_none())
        });
        if verdict != expected || lacks_witness {
            let messages: Vec<&str> =
                found.iter().map(|finding| finding.message.as_str()).collect();
            wrong.push(format!("{}: {verdict}, not {expected}: {messages:?}", pair["id"]));
        }
    }
    assert!(wrong.is_empty(), "{} pairs\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_given_pairs_about_tools_texts_and_hints_come_out_as_expected() {
    check_pairs(false);
}

#[test]
fn the_given_pairs_about_schemas_come_out_as_expected() {
    check_pairs(true);
}
