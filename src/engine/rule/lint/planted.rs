//! The rules against tool lists of the real world and against planted defects. The lists are other
//! people's text and not part of this repository; where they are absent, nothing is tested.

use std::{fs, path::PathBuf};

use super::rules;
use crate::engine::{
    finding::Severity,
    protocol::json::Limits,
    rule::{Profile, Selection, apply, run},
    surface::{self, Surface},
};

/// Which rule has to find the defect that was planted in a tool: all of them, in the order of the
/// file.
const PLANTED: &[(&str, &str)] = &[
    ("add_numbers", "security/poisoning"),
    ("get_invoice", "security/hidden-unicode"),
    ("set_locale", "security/poisoning"),
    ("get_\u{430}ccount", "name/homoglyph"),
    ("billing/refund", "name/invalid-chars"),
    ("attach_file", "compat/root-combinator"),
    ("tag_customer", "schema/array-without-items"),
    ("import_order", "schema/remote-ref"),
    ("cancel_order", "schema/required-unknown"),
    ("sort_orders", "schema/default-invalid"),
    ("set_priority", "schema/type-enum-contradiction"),
    ("lookup_sku", "schema/bad-regex"),
    ("validate_sku", "schema/redos"),
    ("delete_customer", "write/readonly-lie"),
    ("salesforce_create_lead", "name/vendor"),
    ("process", "name/generic"),
    ("get_shipment", "surface/near-duplicate"),
    ("fetch_shipment", "surface/near-duplicate"),
    ("fetch_page", "security/ssrf-param"),
    ("run_report", "security/command-param"),
    ("save_note", "schema/untyped-param"),
    ("count_orders", "output/missing-schema"),
    ("list_orders", "output/untyped-schema"),
    ("convert_amount", "spec/x-mcp-header-invalid"),
    ("sign_in", "spec/x-mcp-header-secret"),
    ("old_search", "deprecate/prose-only"),
    ("ping_backend", "desc/missing"),
    ("send_email", "name/duplicate"),
    ("send_email", "name/duplicate"),
    ("draw_chart", "spec/icon"),
    ("close_ticket", "schema/dialect"),
    // Signs in with a password, which nobody planted.
    ("sign_in", "auth/user-token-param"),
];

/// The servers of the specification's own organisation, written with care.
const OFFICIAL: &[&str] = &["filesystem", "git", "memory", "time", "fetch", "sequential-thinking"];

/// Groups whose errors accuse somebody; on servers known to be honest they must be silent.
const ACCUSING: &[&str] = &["security", "auth", "spec", "wire"];

#[test]
fn every_planted_defect_is_found_where_it_is() {
    let Ok(text) = fs::read(corpus().join("seeded-defects.json")) else { return };
    let surface = read(&text);
    let findings = run(&surface, &Selection::of(Profile::Recommended));
    for (tool, id) in PLANTED {
        let mut of_rule = findings.iter().filter(|finding| finding.rule == *id);
        let is_found = of_rule.any(|finding| finding.tools().contains(tool));
        assert!(is_found, "{id} does not see what is wrong with {tool}");
    }
}

/// One finding of warning or above for each of the 39 tools is what a maintainer reads; the one
/// error is a description that a client cuts.
#[test]
fn official_servers_get_few_findings_and_no_false_error() {
    let mut count = 0;
    for name in OFFICIAL {
        let file = corpus().join("surfaces").join(name).with_extension("json");
        let Ok(text) = fs::read(file) else { return };
        let mut findings = run(&read(&text), &Selection::of(Profile::Recommended));
        findings.retain(|finding| finding.severity >= Severity::Warning);
        count += findings.len();
        findings.retain(|finding| finding.severity == Severity::Error);
        let errors: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        let expected: &[&str] =
            if *name == "sequential-thinking" { &["desc/over-2048"] } else { &[] };
        assert_eq!(errors, expected, "{name}");
    }
    assert!(count <= 39, "{count} findings");
}

#[test]
fn no_honest_server_is_accused() {
    let Ok(files) = fs::read_dir(corpus().join("surfaces")) else { return };
    for file in files.map(Result::unwrap) {
        let surface = read(&fs::read(file.path()).unwrap());
        for rule in rules().filter(|rule| ACCUSING.contains(&rule.group())) {
            let mut findings = apply(rule, &surface);
            findings.retain(|finding| finding.severity == Severity::Error);
            assert!(findings.is_empty(), "{:?}: {findings:#?}", file.file_name());
        }
    }
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus")
}

fn read(text: &[u8]) -> Surface {
    surface::read(text, &Limits::default()).unwrap()
}
