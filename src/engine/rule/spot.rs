//! Going through every schema of a tool: what nearly all rules about schemas start with.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Hit, wording};
use crate::engine::{
    protocol::pointer::Pointer,
    schema::{
        Subschema, Walk,
        reference::{self, Target},
    },
    surface::Tool,
};

/// One schema somewhere inside a tool's `inputSchema` or `outputSchema`.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'w, 'a> {
    pub(in crate::engine::rule) schema: Subschema<'w, 'a>,
    /// The whole schema it stands in.
    pub(in crate::engine::rule) root: &'a Value,
    declared_at: &'w Pointer,
}

impl Spot<'_, '_> {
    /// Where it stands in the surface's document.
    pub(in crate::engine::rule) fn pointer(self) -> Pointer {
        self.declared_at.concat(&self.schema.pointer())
    }

    /// The name of the place in a message: `` `filter.status` ``, the same `` in `outputSchema` ``,
    /// or the member itself for its root.
    pub(in crate::engine::rule) fn name(self) -> String {
        let member = self.declared_at.last().unwrap_or_default();
        if self.schema.is_root() {
            return format!("`{member}`");
        }
        match self.schema.label() {
            label if label == "the schema" => format!("`{member}`"),
            label if self.is_input() => format!("`{}`", shorten_path(&label)),
            label => format!("`{}` in `{member}`", shorten_path(&label)),
        }
    }

    /// Whether it describes arguments rather than results.
    pub(in crate::engine::rule) fn is_input(self) -> bool {
        self.declared_at.last().is_some_and(|member| member == "inputSchema")
    }
}

/// How a rule judges one schema.
pub type Judge = fn(Spot<'_, '_>) -> Option<Hit>;

/// Has every schema of a tool judged by each of the rules, which are told apart by their numbers.
/// Results are judged too; definitions that nothing refers to have no effect and are left out.
pub(super) fn judge_each(tool: &Tool, judges: &[(usize, Judge)]) -> Vec<(usize, Hit)> {
    let mut hits = Vec::new();
    for (declared_at, root) in tool.schemas() {
        let walk = Walk::of(root);
        for (rule, judge) in judges {
            let judged = |schema| {
                let hit = judge(Spot { schema, root, declared_at: &declared_at })?;
                Some((schema, hit))
            };
            let mut found: Vec<_> = walk.iter().filter_map(judged).collect();
            retain_used(&walk, &mut found, |(schema, _)| *schema);
            hits.extend(found.into_iter().map(|(_, hit)| (*rule, hit)));
        }
    }
    hits
}

/// One hit for a tool with input schemas that offend; their labels are the note.
pub(in crate::engine::rule) fn list_offenders(
    tool: &Tool,
    offends: fn(Subschema<'_, '_>) -> bool,
    message: &str,
) -> Vec<Hit> {
    let Some(schema) = tool.input_schema().filter(|schema| schema.is_object()) else {
        return Vec::new();
    };
    let walk = Walk::of(schema);
    let mut offenders: Vec<_> =
        walk.iter().filter(|schema| !schema.is_root() && offends(*schema)).collect();
    retain_used(&walk, &mut offenders, |schema| *schema);
    let mut labels: Vec<String> = Vec::new();
    let parts: Vec<String> = offenders.iter().map(|offender| offender.label()).collect();
    for label in &parts {
        let label = shorten_path(label);
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    if labels.is_empty() {
        return Vec::new();
    }
    let note = wording::names(&labels);
    vec![Hit::new(tool.pointer.join("inputSchema"), message).note(note).parts(parts)]
}

/// Drops what was found in definitions that no argument leads to. Generators like to copy all
/// definitions of an API into every tool.
fn retain_used<'w, 'a, T>(
    walk: &'w Walk<'a>,
    found: &mut Vec<T>,
    schema: fn(&T) -> Subschema<'w, 'a>,
) {
    if found.iter().any(|it| schema(it).definition().is_some()) {
        let used = used_definitions(walk);
        found.retain(|it| home(schema(it)).is_none_or(|home| used.contains(&home)));
    }
}

/// The place of the definition a schema is part of.
fn home(schema: Subschema<'_, '_>) -> Option<Pointer> {
    schema.definition().map(Subschema::pointer)
}

/// The definitions that an argument leads to.
fn used_definitions(walk: &Walk<'_>) -> HashSet<Pointer> {
    let homes: HashSet<Pointer> = walk.iter().filter_map(home).collect();
    let mut targets: HashMap<Option<Pointer>, Vec<Pointer>> = HashMap::new();
    for schema in walk.iter() {
        if let Some(target) = target(walk, schema) {
            targets.entry(home(schema)).or_default().push(target);
        }
    }
    let mut used = HashSet::new();
    // What stands outside every definition is where it begins.
    let mut pending = vec![None];
    while let Some(from) = pending.pop() {
        for target in targets.get(&from).into_iter().flatten() {
            let target = target.as_str();
            let ends = target.match_indices('/').map(|(at, _)| at).chain([target.len()]);
            let around = ends.map(|end| Pointer::from(&target[..end]));
            for home in around.filter(|place| homes.contains(place)) {
                if used.insert(home.clone()) {
                    pending.push(Some(home));
                }
            }
        }
    }
    used
}

/// The place a schema's reference leads to: by pointer, by anchor or by `$id`.
fn target(walk: &Walk<'_>, schema: Subschema<'_, '_>) -> Option<Pointer> {
    let reference = schema.get("$ref").or_else(|| schema.get("$dynamicRef"))?.as_str()?;
    reference::pointer(reference).or_else(|| {
        let root = walk.iter().next()?.value();
        let Target::Local(target) = reference::resolve(root, reference) else { return None };
        walk.iter().find(|schema| std::ptr::eq(schema.value(), target)).map(Subschema::pointer)
    })
}

/// A path short enough for a message; its end says more than its middle.
pub(in crate::engine::rule) fn shorten_path(label: &str) -> String {
    const MAX_CHARACTERS: usize = 48;
    let steps: Vec<&str> = label.split('.').collect();
    if steps.len() <= 3 || label.chars().count() <= MAX_CHARACTERS {
        return label.to_owned();
    }
    format!("{}.….{}", steps[0], steps[steps.len() - 2..].join("."))
}

/// Whether a schema describes the very value that the schema around it describes.
pub(in crate::engine::rule) fn is_in_place(schema: Subschema<'_, '_>) -> bool {
    matches!(
        schema.keyword(),
        "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
            | "dependentSchemas"
            | "dependencies"
    )
}

/// Whether a schema, or one around it that describes the same value, has one of these keywords.
pub(in crate::engine::rule) fn says_any(schema: Subschema<'_, '_>, keywords: &[&str]) -> bool {
    let mut current = schema;
    loop {
        if keywords.iter().any(|keyword| current.get(keyword).is_some()) {
            return true;
        }
        match current.parent() {
            Some(parent) if is_in_place(current) => current = parent,
            _ => return false,
        }
    }
}

/// Keywords that leave it to other schemas what a value is.
pub(in crate::engine::rule) const ELSEWHERE: &[&str] =
    &["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if"];
