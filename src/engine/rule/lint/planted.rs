//! The rules against tool lists of the real world and against planted defects. The lists are other
//! people's text and not part of this repository; where they are absent, nothing is tested.

use std::{fs, path::PathBuf};

use super::{find, rules};
use crate::engine::{
    finding::Severity,
    protocol::json::Limits,
    rule::apply,
    surface::{self, Surface},
};

/// Which rule has to find the defect that was planted in a tool.
const PLANTED: &[(&str, &str)] = &[
    ("add_numbers", "security/poisoning"),
    ("get_invoice", "security/hidden-unicode"),
    ("set_locale", "security/poisoning"),
    ("delete_customer", "write/readonly-lie"),
    ("get_shipment", "surface/near-duplicate"),
    ("fetch_shipment", "surface/near-duplicate"),
    ("fetch_page", "security/ssrf-param"),
    ("run_report", "security/command-param"),
    ("convert_amount", "spec/x-mcp-header-invalid"),
    ("sign_in", "spec/x-mcp-header-secret"),
    ("sign_in", "auth/user-token-param"),
    ("old_search", "deprecate/prose-only"),
    ("ping_backend", "desc/missing"),
    ("draw_chart", "spec/icon"),
];

/// Groups whose errors accuse somebody; on servers known to be honest they must be silent.
const ACCUSING: &[&str] = &["security", "auth", "spec", "wire"];

#[test]
fn every_planted_defect_is_found_where_it_is() {
    let Ok(text) = fs::read(corpus().join("seeded-defects.json")) else { return };
    let surface = read(&text);
    for (tool, id) in PLANTED {
        let rule = find(id).unwrap();
        let is_found = apply(rule, &surface).iter().any(|finding| finding.tools().contains(tool));
        assert!(is_found, "{id} does not see what is wrong with {tool}");
    }
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
