//! Applying rules to surfaces.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Check, Hit, Member, Rule, Selection, Settings, find, lint, spot};
use crate::engine::{
    finding::{Finding, Observation, Ordinals, Place, Severity, Side, fingerprint},
    protocol::{
        canonical::{Layout, write},
        json::Kind,
        pointer::Pointer,
    },
    semantics::split::Draft,
    spread::{self, ONE_THREAD, Threads},
    surface::{Surface, Tool},
    usage::Usage,
};

/// Applies the selected rules. Findings come worst first, then in the order of the registry, then
/// in the order of the surface; hits of one rule that say the same are one finding.
pub fn run(surface: &Surface, selection: &Selection) -> Vec<Finding> {
    Linter::new(ONE_THREAD, selection).run(&Draft::of(surface))
}

/// Applies one rule with its own settings.
pub fn apply(rule: &Rule, surface: &Surface) -> Vec<Finding> {
    apply_with(rule, surface, &Settings::default())
}

/// Applies one rule.
pub fn apply_with(rule: &Rule, surface: &Surface, settings: &Settings) -> Vec<Finding> {
    Panel::new(vec![rule], settings).findings(ONE_THREAD, Look::All(&Draft::of(surface)))
}

/// Applies the selected rules about recorded traffic to a surface and to what its traffic says,
/// which no other rule looks at. Findings are ordered as [`run`] orders them.
pub fn run_on_traffic(surface: &Surface, traffic: &Usage, selection: &Selection) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in lint::rules().filter(|rule| selection.contains(rule)) {
        let Check::Traffic(check) = rule.check else { continue };
        let placed = check(surface, traffic).into_iter();
        let placed: Vec<_> = placed.map(|hit| Placed::new(rule, surface, hit)).collect();
        findings.extend(fold(rule, &placed));
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    findings
}

/// Applies the selected rules to all servers that one client uses: the findings about each of them,
/// ordered as [`run`] orders them. What is wrong with one alone is said once of a surface, where it
/// first appears: the same server may be configured under two names.
pub fn run_set(members: &[Member<'_>], selection: &Selection) -> Vec<Vec<Finding>> {
    let is_own = |finding: &Finding| {
        find(finding.rule).is_some_and(|rule| !matches!(rule.check, Check::Set(_)))
    };
    let mut together = run_together(members, selection);
    for (index, findings) in together.iter_mut().enumerate() {
        let surface = members[index].surface;
        if members[..index].iter().any(|before| std::ptr::eq(before.surface, surface)) {
            continue;
        }
        let mut own = run(surface, selection);
        own.retain(is_own);
        findings.splice(0..0, own);
        findings.sort_by_key(|finding| Reverse(finding.severity));
    }
    together
}

/// Applies the selected rules that look at several servers at once.
fn run_together(members: &[Member<'_>], selection: &Selection) -> Vec<Vec<Finding>> {
    let mut findings: Vec<Vec<Finding>> = vec![Vec::new(); members.len()];
    for rule in lint::rules().filter(|rule| selection.contains(rule)) {
        let Check::Set(check) = rule.check else { continue };
        let mut hits: Vec<Vec<Hit>> = vec![Vec::new(); members.len()];
        for (index, hit) in check(members) {
            hits[index].push(hit);
        }
        for ((member, hits), findings) in members.iter().zip(hits).zip(&mut findings) {
            let placed = hits.into_iter().map(|hit| Placed::new(rule, member.surface, hit));
            findings.extend(fold(rule, &placed.collect::<Vec<_>>()));
        }
    }
    findings
}

/// The selected rules, to look at one surface after another.
///
/// What the rules that look at one tool found in it is remembered: of a text that is changed here and
/// there and judged again, most tools are the same.
pub struct Linter<'a> {
    threads: Threads<'a>,
    selection: &'a Selection,
    panel: Panel<'a>,
}

impl<'a> Linter<'a> {
    /// The rules of a selection, which look at a surface on these threads, with the same answer
    /// whatever their number.
    pub fn new(threads: Threads<'a>, selection: &'a Selection) -> Self {
        let rules = lint::rules().filter(|rule| selection.contains(rule)).collect();
        Self { threads, selection, panel: Panel::new(rules, selection.settings()) }
    }

    /// As [`run`], for a surface whose plan may have been made or is wanted later.
    pub fn run(&self, draft: &Draft<'_>) -> Vec<Finding> {
        self.findings(Look::All(draft))
    }

    /// As [`run`], but without the rules about the plan for a split: making one takes longer than all
    /// that is left to do on a surface of which most is known, and what they find depends on how many
    /// tools there are, which no fix changes.
    pub fn run_without_plan(&self, surface: &Surface) -> Vec<Finding> {
        self.findings(Look::WithoutPlan(surface))
    }

    fn findings(&self, look: Look<'_>) -> Vec<Finding> {
        let mut findings = self.panel.findings(self.threads, look);
        for finding in &mut findings {
            finding.severity = finding.severity.max(self.selection.least_severity(finding.rule));
        }
        findings.sort_by_key(|finding| Reverse(finding.severity));
        findings
    }
}

/// What is to be looked at.
#[derive(Clone, Copy)]
enum Look<'a> {
    All(&'a Draft<'a>),
    WithoutPlan(&'a Surface),
}

/// What rules found, by the number of the rule.
type Found = Arc<Vec<(usize, Placed)>>;

/// Some rules and what they know.
struct Panel<'a> {
    rules: Vec<&'a Rule>,
    /// Those about schemas.
    of_schema: Vec<(usize, spot::Judge)>,
    settings: &'a Settings,
    seen: Mutex<Seen>,
}

/// What was found so far.
#[derive(Default)]
struct Seen {
    /// In the tool that stood at a place last, with its text: rules about one tool look at nothing
    /// else.
    tools: HashMap<Pointer, (String, Found)>,
    /// In the last surface as a whole.
    whole: Option<Whole>,
}

/// What each rule about the whole surface found, with all that such a rule looks at where a server was
/// not asked for anything.
struct Whole {
    text: String,
    observations: Vec<Observation>,
    /// By the number of the rule; none where it was left out.
    found: Vec<Option<Found>>,
}

impl Seen {
    /// What is known of each tool of a surface, then of each of its rules.
    fn take(&mut self, surface: &Surface, rules: usize) -> Vec<Option<Found>> {
        let of_tool = |tool: &Tool| {
            let (text, found) = self.tools.remove(&tool.pointer)?;
            (text == tool.view().text()).then_some(found)
        };
        let mut known: Vec<Option<Found>> = surface.tools.iter().map(of_tool).collect();
        match self.whole.take().filter(|whole| whole.is_of(surface)) {
            Some(whole) => known.extend(whole.found),
            None => known.resize(surface.tools.len() + rules, None),
        }
        known
    }

    /// Takes note of what was found in each tool of a surface, and by each of the rules.
    fn remember(&mut self, surface: &Surface, mut found: Vec<Option<Found>>) {
        let whole = found.split_off(surface.tools.len());
        self.tools.extend(surface.tools.iter().zip(found).filter_map(|(tool, found)| {
            Some((tool.pointer.clone(), (tool.view().text().to_owned(), found?)))
        }));
        self.whole = surface.evidence.is_none().then(|| Whole {
            text: surface.document.text().to_owned(),
            observations: surface.observations.clone(),
            found: whole,
        });
    }
}

impl Whole {
    fn is_of(&self, surface: &Surface) -> bool {
        surface.evidence.is_none()
            && self.text == surface.document.text()
            && self.observations == surface.observations
    }
}

impl<'a> Panel<'a> {
    fn new(rules: Vec<&'a Rule>, settings: &'a Settings) -> Self {
        let of_schema = rules.iter().enumerate().filter_map(|(index, rule)| match rule.check {
            Check::Schema(judge) => Some((index, judge)),
            _ => None,
        });
        let of_schema = of_schema.collect();
        Self { rules, of_schema, settings, seen: Mutex::default() }
    }

    /// What they find, rule by rule. No tool depends on another tool, and no rule on another rule: each
    /// of them is a part of the work. The tools come first, because the first to look at a tool builds
    /// its value and counts its tokens: rules about the whole surface, begun on several threads at
    /// once, would all wait for the first tool, then all for the second.
    fn findings(&self, threads: Threads<'_>, look: Look<'_>) -> Vec<Finding> {
        let surface = look.surface();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = seen.take(surface, self.rules.len());
        if matches!(look, Look::WithoutPlan(_)) {
            let of_rules = known[surface.tools.len()..].iter_mut().zip(&self.rules);
            for (known, _) in of_rules.filter(|(_, rule)| matches!(rule.check, Check::Planned(_))) {
                *known = None;
            }
        }
        let part = |(): &mut (), part: usize| match (&known[part], surface.tools.get(part)) {
            (Some(found), _) => Some(Arc::clone(found)),
            (None, Some(tool)) => Some(self.placed(surface, self.of_tool(tool))),
            (None, None) => {
                let index = part - surface.tools.len();
                let hits = self.of_surface(index, look)?;
                let hits = hits.into_iter().map(|hit| (index, hit)).collect();
                Some(self.placed(surface, hits))
            }
        };
        let found = spread::over(threads, known.len(), || (), part);
        let mut by_rule: Vec<Vec<&Placed>> = vec![Vec::new(); self.rules.len()];
        for (rule, placed) in found.iter().flatten().flat_map(|found| found.iter()) {
            by_rule[*rule].push(placed);
        }
        let folded = self.rules.iter().zip(by_rule).map(|(rule, placed)| fold(rule, placed));
        let findings = folded.flatten().collect();
        seen.remember(surface, found);
        findings
    }

    fn placed(&self, surface: &Surface, hits: Vec<(usize, Hit)>) -> Found {
        let placed = |(index, hit)| (index, Placed::new(self.rules[index], surface, hit));
        Arc::new(hits.into_iter().map(placed).collect())
    }

    fn of_tool(&self, tool: &Tool) -> Vec<(usize, Hit)> {
        let mut hits = spot::judge_each(tool, &self.of_schema);
        for (index, rule) in self.rules.iter().enumerate() {
            if let Check::Tool(check) = rule.check {
                hits.extend(check(tool).into_iter().map(|hit| (index, hit)));
            }
        }
        hits
    }

    /// None where the rule is left out.
    fn of_surface(&self, index: usize, look: Look<'_>) -> Option<Vec<Hit>> {
        let surface = look.surface();
        Some(match (self.rules[index].check, look) {
            (Check::Surface(check), _) => check(surface),
            (Check::Configured(check), _) => check(surface, self.settings),
            (Check::Set(check), _) => {
                let name = surface.server.name.as_deref().unwrap_or("server");
                let hits = check(&[Member { name, surface }]);
                hits.into_iter().map(|(_, hit)| hit).collect()
            }
            (Check::Planned(check), Look::All(draft)) => check(draft, self.settings),
            (Check::Planned(_), Look::WithoutPlan(_)) => return None,
            _ => Vec::new(),
        })
    }
}

impl<'a> Look<'a> {
    fn surface(self) -> &'a Surface {
        match self {
            Self::All(draft) => draft.surface(),
            Self::WithoutPlan(surface) => surface,
        }
    }
}

/// A hit, and the place that it has in a report.
struct Placed {
    hit: Hit,
    place: Place,
}

impl Placed {
    fn new(rule: &Rule, surface: &Surface, hit: Hit) -> Self {
        let (subject, within) = surface.subject(&hit.pointer);
        let value = surface.view(&hit.pointer).filter(|view| {
            // Only a scalar is part of the identity: a finding about a whole tool must survive an
            // edit elsewhere in the tool.
            !matches!(view.kind(), Kind::Array | Kind::Object | Kind::TooDeep)
        });
        let value = value.map(|view| write(view, Layout::Canonical));
        let fingerprint = fingerprint(rule.id, &subject, &within, value.as_deref());
        let place = Place {
            note: hit.note.clone(),
            figure: hit.figure,
            parts: hit.parts.clone(),
            ..Place::new(subject, Side::New, hit.pointer.clone(), within, fingerprint)
        };
        Self { hit, place }
    }
}

/// Makes one finding of the hits that say the same.
fn fold<'h>(rule: &Rule, found: impl IntoIterator<Item = &'h Placed>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut by_text: HashMap<(Severity, &str, &str), usize> = HashMap::new();
    let mut ordinals = Ordinals::default();
    for Placed { hit, place } in found {
        let mut place = place.clone();
        place.fingerprint = ordinals.tell_apart(place.fingerprint);
        let severity = hit.severity.unwrap_or(rule.severity);
        let help = hit.help.as_deref().unwrap_or(rule.help);
        let next = findings.len();
        let index = *by_text.entry((severity, &hit.message, help)).or_insert(next);
        if index < next {
            findings[index].places.push(place);
            continue;
        }
        let confidence = hit.confidence.unwrap_or(rule.confidence);
        let (message, help) = (hit.message.clone(), help.to_owned());
        let places = vec![place];
        findings.push(Finding { rule: rule.id, severity, confidence, message, help, places });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Check, Draft, Linter, ONE_THREAD, Selection, find, run};
    use crate::engine::{finding::Finding, protocol::json::Limits, rule::Profile, surface};

    const BOOKSHOP: &str = include_str!("../../../fixtures/surfaces/bookshop.json");

    /// What was found before is not found again where it is gone, moved, or beside something new.
    #[test]
    fn what_is_remembered_changes_no_answer() {
        let selection = Selection::of(Profile::Strict);
        let linter = Linter::new(ONE_THREAD, &selection);
        let names = ["check_voucher_balance", "receive_purchase", "check_purchase"];
        let mut texts = vec![BOOKSHOP.to_owned()];
        for (index, name) in names.iter().enumerate() {
            let quoted = format!("\"{name}\"");
            texts.push(BOOKSHOP.replacen(&quoted, "\"get book\"", 1));
            texts.push(BOOKSHOP.replacen(&quoted, &format!("\"{}\"", names[(index + 1) % 3]), 1));
            texts.push(BOOKSHOP.to_owned());
        }
        assert!(texts.iter().any(|text| text != BOOKSHOP), "the fixture has other tools by now");
        let is_planned = |finding: &Finding| {
            find(finding.rule).is_some_and(|rule| matches!(rule.check, Check::Planned(_)))
        };
        for text in texts {
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            let mut expected = run(&surface, &selection);
            assert_eq!(linter.run(&Draft::of(&surface)), expected);
            expected.retain(|finding| !is_planned(finding));
            assert_eq!(linter.run_without_plan(&surface), expected);
        }
    }
}
