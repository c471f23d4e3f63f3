//! The lint rules, by group. A new rule is a file in its group's folder and a line in the group's
//! list.

mod auth;
mod compat;
mod deprecate;
mod desc;
mod error;
#[cfg(test)]
mod exchange;
mod latency;
mod name;
mod output;
#[cfg(test)]
mod planted;
mod schema;
mod security;
mod spec;
mod surface;
mod usage;
mod wire;
mod write;

use super::{Rule, repair::Repair};

/// Every rule, group by group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let groups = [
        surface::RULES,
        name::RULES,
        desc::RULES,
        schema::RULES,
        compat::RULES,
        output::RULES,
        write::RULES,
        auth::RULES,
        security::RULES,
        error::RULES,
        latency::RULES,
        usage::RULES,
        deprecate::RULES,
        spec::RULES,
        wire::RULES,
    ];
    groups.into_iter().flatten()
}

/// How the findings of rules are put right, group by group.
pub fn repairs() -> impl Iterator<Item = &'static Repair> {
    let groups = [
        name::REPAIRS,
        schema::REPAIRS,
        compat::REPAIRS,
        write::REPAIRS,
        security::REPAIRS,
        spec::REPAIRS,
        wire::REPAIRS,
    ];
    groups.into_iter().flatten()
}

/// The rule with that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs, path::Path};

    use super::{find, rules};
    use crate::engine::{
        finding::Finding,
        protocol::json::Limits,
        rule::{Check, Member, Profile, Rule, Selection, apply, page, run_on_traffic, run_set},
        surface::{self, Surface},
        usage,
    };
    use crate::engine::{
        finding::{Observation, ObservationKind},
        protocol::json::Document,
    };

    /// What was observed is shown to the user through its rule, or not at all.
    #[test]
    fn every_kind_of_observation_belongs_to_exactly_one_rule() {
        for kind in ObservationKind::ALL {
            let document = Document::read(b"{\"tools\":[]}", &Limits::default()).unwrap();
            let seen = Observation::on_wire(*kind, "the particulars");
            let surface = surface::read_document(document, vec![seen]).unwrap();
            let speaks_of_it = |rule: &&crate::engine::rule::Rule| {
                apply(rule, &surface).iter().any(|finding| finding.message == "the particulars")
            };
            let ids: Vec<_> = rules().filter(speaks_of_it).map(|rule| rule.id).collect();
            assert_eq!(ids.len(), 1, "{kind:?}: {ids:?}");
        }
    }

    #[test]
    fn every_json_example_does_what_its_page_says() {
        for rule in rules() {
            for example in page::examples(rule.documentation) {
                if example.language != "json" {
                    continue;
                }
                let surfaces = surfaces(rule, example.code);
                let findings = judge(rule, &surfaces);
                let found = !findings.is_empty();
                let id = rule.id;
                assert_eq!(found, example.is_bad, "{id}\n{}\n{findings:#?}", example.code);
            }
        }
    }

    /// Defects like those that others plant, and their harmless neighbours: `fixtures/rules/lint`
    /// has a file for a rule, with lists of tools that it finds something in (`bad`) or nothing
    /// (`good`). Each is looked at by itself; of a rule about several servers each is a list of such
    /// lists.
    #[test]
    fn look_alikes_are_told_apart() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules/lint");
        let mut wrong = Vec::new();
        for group in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            for file in fs::read_dir(group.path()).unwrap().map(Result::unwrap) {
                let group = group.file_name();
                let id = format!(
                    "{}/{}",
                    group.to_str().unwrap(),
                    file.path().file_stem().unwrap().to_str().unwrap()
                );
                let rule = find(&id).unwrap_or_else(|| panic!("there is no rule {id}"));
                let text = fs::read(file.path()).unwrap();
                let cases: serde_json::Value = serde_json::from_slice(&text).unwrap();
                for (side, is_bad) in [("bad", true), ("good", false)] {
                    for case in cases[side].as_array().unwrap() {
                        let example = match rule.check {
                            Check::Set(_) => case.clone(),
                            _ => serde_json::json!({"tools": case}),
                        };
                        if judge(rule, &surfaces(rule, &example.to_string())).is_empty() == is_bad {
                            wrong.push(format!("{id}, {side}: {case}"));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// What a rule finds in one surface; a rule about several servers, in all of them together.
    fn judge(rule: &Rule, surfaces: &[Surface]) -> Vec<Finding> {
        let Check::Set(_) = rule.check else { return apply(rule, &surfaces[0]) };
        let named = surfaces.iter().map(|surface| {
            let name = surface.server.name.as_deref().unwrap_or("unnamed");
            Member { name, surface }
        });
        let members: Vec<Member<'_>> = named.collect();
        let mut findings = run_set(&members, &Selection::of(Profile::Strict)).concat();
        findings.retain(|finding| finding.rule == rule.id);
        findings
    }

    /// An example is one surface; of a rule about several servers, an array of them.
    fn surfaces(rule: &Rule, code: &str) -> Vec<Surface> {
        let texts = match rule.check {
            Check::Set(_) => {
                let servers: Vec<serde_json::Value> = serde_json::from_str(code).unwrap();
                servers.iter().map(serde_json::Value::to_string).collect()
            }
            _ => vec![code.to_owned()],
        };
        let read = |text: &String| {
            let read = surface::read(text.as_bytes(), &Limits::default());
            read.unwrap_or_else(|error| panic!("{}: {error}", rule.id))
        };
        texts.iter().map(read).collect()
    }

    /// What a page shows of a conversation with a running server.
    #[test]
    fn every_exchange_does_what_its_page_says() {
        let mut read = 0;
        for rule in rules() {
            for example in page::examples(rule.documentation) {
                if example.language != "exchange" {
                    continue;
                }
                let surface = super::exchange::read(example.code);
                let findings = apply(rule, &surface);
                let found = !findings.is_empty();
                let id = rule.id;
                assert_eq!(found, example.is_bad, "{id}\n{}\n{findings:#?}", example.code);
                read += 1;
            }
        }
        assert!(read > 20, "only {read} exchanges");
    }

    /// What a page shows of recorded traffic.
    #[test]
    fn every_recording_does_what_its_page_says() {
        let mut read = 0;
        for rule in rules() {
            for example in page::examples(rule.documentation) {
                if example.language != "traffic" {
                    continue;
                }
                let (surface, usage) = usage::example::read(example.code);
                let mut findings =
                    run_on_traffic(&surface, &usage, &Selection::of(Profile::Strict));
                findings.retain(|finding| finding.rule == rule.id);
                let found = !findings.is_empty();
                let id = rule.id;
                assert_eq!(found, example.is_bad, "{id}\n{}\n{findings:#?}", example.code);
                assert!(apply(rule, &surface).is_empty(), "{id} is judged without traffic");
                read += 1;
            }
        }
        assert!(read > 8, "only {read} recordings");
    }

    #[test]
    fn every_page_is_complete() {
        for rule in rules() {
            let summary = rule.summary();
            assert!(summary.ends_with('.'), "{}: {summary:?} is no sentence", rule.id);
            for heading in ["Why", "Bad", "Good", "References"] {
                let section = page::section(rule.documentation, heading).unwrap_or_default();
                assert!(!section.is_empty(), "{}: nothing under {heading}", rule.id);
            }
            let examples = page::examples(rule.documentation);
            for is_bad in [true, false] {
                let exists = examples.iter().any(|example| example.is_bad == is_bad);
                assert!(exists, "{}: no example with is_bad = {is_bad}", rule.id);
            }
        }
    }

    #[test]
    fn every_file_is_a_registered_rule_of_the_same_name() {
        let mut ids = HashSet::new();
        for rule in rules() {
            assert!(ids.insert(rule.id), "{} is registered twice", rule.id);
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/rule/lint");
        let mut files = HashSet::new();
        for group in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            if !group.path().is_dir() {
                continue;
            }
            for file in fs::read_dir(group.path()).unwrap().map(Result::unwrap) {
                let path = file.path();
                let name = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
                let text = fs::read_to_string(&path).unwrap();
                if text.contains("const RULE: Rule") {
                    files.insert(format!("{}/{name}", group.file_name().to_str().unwrap()));
                }
            }
        }
        let ids: HashSet<String> = ids.into_iter().map(str::to_owned).collect();
        assert_eq!(files, ids);
    }

    #[test]
    fn a_rule_is_found_by_its_id_alone() {
        assert_eq!(find("wire/duplicate-key").map(|rule| rule.id), Some("wire/duplicate-key"));
        assert!(find("wire").is_none());
    }
}
