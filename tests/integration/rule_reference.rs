//! `docs/rules`: written by the program from the rules, and never by hand.
//!
//! `UPDATE_DOCS=1 cargo nextest run rule_reference` writes the pages anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use mcp_kit::engine::{
    config,
    report::rule_page,
    rule::{self, page},
};

use crate::program::Program;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules")
}

/// The pages as they should be, by their paths.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::from([(folder().join("README.md"), rule_page::index())]);
    for rule in rule::all() {
        pages.insert(folder().join(format!("{}.md", rule.id)), rule_page::render(rule));
    }
    pages
}

fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files(&path, found),
            path => drop(found.insert(path)),
        }
    }
}

#[test]
fn the_pages_are_those_that_the_rules_write() {
    let pages = pages();
    let mut existing = BTreeSet::new();
    files(&folder(), &mut existing);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        for path in existing.iter().filter(|path| !pages.contains_key(*path)) {
            fs::remove_file(path).unwrap();
        }
        for (path, page) in &pages {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, page).unwrap();
        }
        return;
    }
    let is_stale =
        |(path, page): &(&PathBuf, &String)| fs::read_to_string(path).ok().as_ref() != Some(page);
    let stale = pages.iter().filter(is_stale).map(|(path, _)| path);
    let gone = existing.iter().filter(|path| !pages.contains_key(*path));
    let wrong: Vec<_> = stale.chain(gone).collect();
    assert!(
        wrong.is_empty(),
        "not fresh: {wrong:#?}\nUPDATE_DOCS=1 cargo nextest run rule_reference writes them anew"
    );
}

#[test]
fn every_page_says_why_shows_both_sides_and_how_to_fix_and_allow() {
    for rule in rule::all() {
        let text = rule_page::render(rule);
        for heading in ["Why", "Bad", "Good", "How to fix", "How to allow", "References"] {
            assert!(page::section(&text, heading).is_some(), "{}: no {heading}", rule.id);
        }
        // The examples that the rule's own test runs are those on the page.
        assert_eq!(page::examples(&text), page::examples(rule.documentation), "{}", rule.id);
    }
}

/// What is there to be copied is understood, as it is and with the line that is commented out.
#[test]
fn the_entries_to_copy_are_understood() {
    for rule in rule::all() {
        let Some(entry) = rule_page::allow_entry(rule) else {
            assert_eq!(rule.group(), "allow");
            continue;
        };
        let text = rule_page::render(rule);
        assert!(text.contains(&entry), "{}", rule.id);
        for entry in [entry.clone(), entry.replace("# tool", "tool")] {
            let config = config::read(&entry).unwrap_or_else(|error| panic!("{entry}: {error}"));
            assert_eq!(config.allow[0].rule, rule.id);
        }
    }
}

#[test]
fn explain_prints_the_same_pages() {
    let program = Program::new();
    let page = program.run(&["explain", "desc/missing", "--format", "markdown"]);
    assert_eq!(page.stdout, rule_page::render(rule::find("desc/missing").unwrap()));
    let index = program.run(&["explain", "--list", "--format", "markdown"]);
    assert_eq!(index.stdout, rule_page::index());
}
