//! Rules about the project's own allow-list and baseline: an entry that does nothing any more is
//! found too, so that both only shrink.

mod baseline_stale;
mod expired;
mod stale;

use super::{Check, Confidence, Rule, wording};
use crate::engine::{
    finding::{
        Applied, Finding, Ordinals, Place, Side, Subject, adjust,
        allow::{self, Allow, AllowedFinding, Judged, Lapsed},
        baseline::{Baseline, Known},
        fingerprint,
    },
    protocol::{date::Date, pointer::Pointer},
};

const RULES: &[Rule] = &[expired::RULE, stale::RULE, baseline_stale::RULE];

/// The rules of the group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter()
}

/// Asks the allow-list about findings, see [`allow::apply`], and adds to the open ones what is to
/// be said of the list itself. The open ones come worst first.
pub fn apply(findings: Vec<Finding>, entries: &[Allow], today: Date, applied: &Applied) -> Judged {
    let mut judged = allow::apply(findings, entries, today, applied);
    judged.open.extend(about_list(&judged.lapsed, entries, applied));
    adjust::worst_first(&mut judged.open);
    judged
}

/// The same for the findings about several servers, which share one allow-list: an entry has lapsed
/// where it does nothing for any of them. That is said once, among the findings about the first
/// server; of entries that match nothing only if all servers were seen (`is_complete`). With the
/// findings come the rules that were applied.
pub fn apply_to_set(
    findings: Vec<(Vec<Finding>, Applied)>,
    entries: &[Allow],
    today: Date,
    is_complete: bool,
) -> Vec<Judged> {
    let in_force = findings.first().map(|(_, applied)| applied.clone()).unwrap_or_default();
    let judge = |(findings, applied)| allow::apply(findings, entries, today, &applied);
    let mut set: Vec<Judged> = findings.into_iter().map(judge).collect();
    let mut lapsed: Vec<Lapsed> = Vec::new();
    for index in 0..entries.len() {
        let of_servers = set.iter().map(|it| it.lapsed.iter().find(|it| it.entry == index));
        let of_servers: Option<Vec<&Lapsed>> = of_servers.collect();
        let Some([first, ..]) = of_servers.as_deref() else { continue };
        let places = of_servers.iter().flatten().map(|it| it.places).sum();
        let around = of_servers.iter().flatten().find_map(|it| it.around.clone());
        lapsed.push(Lapsed { places, around, ..(*first).clone() });
    }
    lapsed.retain(|lapsed| lapsed.is_expired || is_complete);
    if let Some(first) = set.first_mut() {
        first.open.extend(about_list(&lapsed, entries, &in_force));
        adjust::worst_first(&mut first.open);
    }
    set
}

/// What is to be said of entries that do nothing any more.
fn about_list(lapsed: &[Lapsed], entries: &[Allow], applied: &Applied) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules().filter(|rule| applied.is_in_force(rule.id)) {
        let Check::AllowList(check) = rule.check else { continue };
        let mut ordinals = Ordinals::default();
        let hits = lapsed.iter().filter_map(|lapsed| {
            let entry = &entries[lapsed.entry];
            let mut finding = finding(rule, lapsed.entry, entry, check(lapsed, entry)?);
            for place in &mut finding.places {
                place.fingerprint = ordinals.tell_apart(std::mem::take(&mut place.fingerprint));
            }
            Some(finding)
        });
        findings.extend(hits);
    }
    findings
}

/// Asks a baseline about what the allow-list has left open, see [`Baseline::compare`], and adds what is
/// to be said of the baseline itself. `file` is the baseline as it is shown.
pub fn apply_baseline(
    mut judged: Judged,
    baseline: &Baseline,
    file: &str,
    applied: &Applied,
) -> Judged {
    let open = std::mem::take(&mut judged.open);
    let compared = baseline.compare(open, |entry| is_asked(entry, applied));
    judged.open = compared.new;
    judged.allowed.extend(compared.known.into_iter().map(|finding| AllowedFinding {
        finding,
        entry: None,
        reason: format!("known, in {file}"),
        until: None,
    }));
    for rule in rules().filter(|rule| applied.is_in_force(rule.id)) {
        let Check::Baseline(check) = rule.check else { continue };
        let mut findings: Vec<Finding> = Vec::new();
        for index in &compared.stale {
            let entry = &baseline.entries[*index];
            let Said { message, help } = check(entry);
            let place = stale_place(rule, *index, entry);
            match findings.iter_mut().find(|finding| finding.message == message) {
                Some(finding) => finding.places.push(place),
                None => findings.push(of_rule(rule, Said { message, help }, place)),
            }
        }
        judged.open.extend(findings);
    }
    adjust::worst_first(&mut judged.open);
    judged
}

/// Whether an entry of a baseline that matches nothing is stale. A rule that does not exist in this
/// version can find nothing.
pub fn is_asked(entry: &Known, applied: &Applied) -> bool {
    applied.is_applied(&entry.rule, entry.tool()) || super::find(&entry.rule).is_none()
}

/// A place in the baseline. Its identity is that of the entry, so that other entries change nothing.
fn stale_place(rule: &Rule, index: usize, entry: &Known) -> Place {
    let within = Pointer::from("/findings");
    let named = format!("{}\n{}", entry.rule, entry.fingerprint);
    let fingerprint = fingerprint(rule.id, &Subject::Baseline, &within, Some(&named));
    let about = match &entry.name {
        Some(name) => format!("{} `{}`", entry.kind, wording::shorten(name)),
        None => entry.kind.clone(),
    };
    Place {
        note: Some(format!("`{}` at {about}", wording::shorten(&entry.rule))),
        subject: Subject::Baseline,
        ..in_own_file(within.join(index), fingerprint)
    }
}

/// A finding about an entry. Its pointer leads into the project's file; its identity is what the
/// entry names, so that moving entries about changes nothing.
fn finding(rule: &Rule, index: usize, entry: &Allow, said: Said) -> Finding {
    let pointer = Pointer::from("/allow").join(index);
    let named = [
        Some(entry.rule.as_str()),
        entry.tool.as_deref(),
        entry.pointer.as_ref().map(Pointer::as_str),
        entry.fingerprint.as_deref(),
    ];
    let named = named.map(Option::unwrap_or_default).join("\n");
    let fingerprint =
        fingerprint(rule.id, &Subject::Project, &Pointer::from("/allow"), Some(&named));
    of_rule(rule, said, in_own_file(pointer, fingerprint))
}

/// A place in a file of the project.
fn in_own_file(pointer: Pointer, fingerprint: String) -> Place {
    Place::new(Subject::Project, Side::New, pointer.clone(), pointer, fingerprint)
}

fn of_rule(rule: &Rule, said: Said, place: Place) -> Finding {
    Finding {
        rule: rule.id,
        severity: rule.severity,
        confidence: Confidence::High,
        message: said.message,
        help: said.help.unwrap_or_else(|| rule.help.to_owned()),
        places: vec![place],
    }
}

/// What a check says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What is wrong: a lowercase fragment without a full stop.
    pub message: String,
    /// What to do, where it is something else than the rule says.
    pub help: Option<String>,
}

/// What an entry is for, in a few words.
fn described(entry: &Allow) -> String {
    let mut text = format!("`{}`", entry.rule);
    if let Some(tool) = &entry.tool {
        text.push_str(&format!(" at `{tool}`"));
    }
    if let Some(pointer) = &entry.pointer {
        text.push_str(&format!(", `{pointer}`"));
    }
    if let Some(fingerprint) = &entry.fingerprint {
        text.push_str(&format!(", fingerprint `{fingerprint}`"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{apply, apply_to_set};
    use crate::engine::{
        finding::{
            Applied, Finding,
            allow::{
                Allow,
                tests::{entry, finding},
            },
            baseline::Baseline,
        },
        protocol::json::Limits,
        rule, surface,
    };

    #[test]
    fn one_more_argument_is_new_where_a_tool_has_one_finding() {
        let text = r#"{"type": "string", "description": "What it is."}"#;
        let cases = [
            ("compat/anthropic-property-key", "a b", "c d", text),
            ("auth/user-token-param", "password", "api_key", text),
            ("security/raw-sql", "sql", "other_sql", text),
            (
                "security/command-param",
                "command",
                "shell",
                r#"{"type": "string", "description": "A shell command"}"#,
            ),
            ("schema/param-undocumented", "a", "b", r#"{"type": "string"}"#),
            ("schema/untyped-param", "a", "b", r#"{"description": "What it is."}"#),
            ("schema/free-form-object", "a", "b", r#"{"type": "object"}"#),
            ("schema/array-without-items", "a", "b", r#"{"type": "array"}"#),
            ("compat/gemini-keyword", "a", "b", r#"{"type": "string", "const": "x"}"#),
            ("compat/openai-strict-object", "a", "b", r#"{"type": "object"}"#),
            ("schema/redundant-keyword", "a", "b", r#"{"type": "object", "required": []}"#),
        ];
        for (id, first, second, schema) in cases {
            let findings = |names: &[&str]| {
                let arguments: Vec<String> =
                    names.iter().map(|name| format!(r#""{name}": {schema}"#)).collect();
                let text = format!(
                    r#"{{"tools": [{{"name": "get_berth", "inputSchema":
                        {{"type": "object", "properties": {{{}}}}}}}]}}"#,
                    arguments.join(", ")
                );
                let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
                rule::apply(rule::find(id).unwrap(), &surface)
            };
            let baseline = Baseline::of(&findings(&[first]));
            let new = |names: &[&str]| baseline.compare(findings(names), |_| true).new.len();
            assert_ne!(baseline.total(), 0, "{id}");
            assert_eq!((new(&[first]), new(&[first, second]), new(&[second])), (0, 1, 1), "{id}");
        }
    }

    #[test]
    fn an_entry_for_one_argument_is_told_the_pointer_for_all() {
        let pointer = Some("/inputSchema/properties/a/enum/0".into());
        let entries = [Allow { pointer, ..entry("schema/a") }];
        let findings = vec![finding("schema/a", &["x"])];
        let applied = Applied::of(["schema/a", "allow/stale"]);
        let judged = apply(findings, &entries, "2026-11-22".parse().unwrap(), &applied);
        let stale = judged.open.iter().find(|it| it.rule == "allow/stale").unwrap();
        assert_eq!(
            stale.help,
            "the rule has one finding for all of `/inputSchema/properties/a/enum`; take that for \
             `pointer`, or put what the entry names right"
        );
    }

    #[test]
    fn an_entry_that_serves_one_server_is_not_stale() {
        let entries = [entry("schema/a"), entry("schema/b"), entry("schema/c"), entry("schema/e")];
        let expired = Allow { until: "2026-01-31".parse().ok(), ..entry("schema/d") };
        let entries = [&entries[..], &[expired]].concat();
        let of = |rules: &[&'static str]| rules.iter().map(|rule| finding(rule, &["x"])).collect();
        let said = |is_complete| {
            let rules = ["schema/a", "schema/b", "schema/c", "schema/d", "schema/e"];
            let all = Applied::of(rules.into_iter().chain(["allow/stale", "allow/expired"]));
            let mut asked_less = all.clone();
            asked_less.leave_out(&["schema/e"], None);
            let findings =
                vec![(of(&["schema/a"]), all), (of(&["schema/b", "schema/d"]), asked_less)];
            let today = "2026-11-22".parse().unwrap();
            let judged = apply_to_set(findings, &entries, today, is_complete);
            let rules =
                |open: &[Finding]| -> Vec<_> { open.iter().map(|finding| finding.rule).collect() };
            (rules(&judged[0].open), rules(&judged[1].open))
        };
        assert_eq!(said(true), (vec!["allow/expired", "allow/stale"], vec!["schema/d"]));
        assert_eq!(said(false), (vec!["allow/expired"], vec!["schema/d"]));
    }
}
