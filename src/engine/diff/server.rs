//! What a server says of itself: capabilities, instructions, revisions, order and lifetime of lists.

use serde_json::{Map, Value};

use super::{
    change::{Change, Fact},
    context::Context,
    text,
    tool::edit,
};
use crate::engine::{
    contract::Mark,
    finding::{ObservationKind, Subject},
    protocol::{
        json::{OddityKind, View},
        pointer::Pointer,
        revision::Revision,
    },
    surface::Surface,
};

/// Compares everything that belongs to no tool, prompt or resource. What one of the two surfaces
/// cannot tell (a file with a list of tools has no capabilities) is left out.
pub(super) fn compare(context: &mut Context<'_>) {
    unreadable(context);
    capabilities(context);
    instructions(context);
    revisions(context);
    list_order(context);
    cache_hints(context);
    replacements(context);
    lifetime(context);
}

fn add(context: &mut Context<'_>, member: &Pointer, fact: Fact) {
    let place = |surface: &Surface| {
        let pointer = surface.pointer.concat(member);
        Some(if surface.view(&pointer).is_some() { pointer } else { surface.pointer.clone() })
    };
    let (old, new) = (place(context.old), place(context.new));
    context.changes.push(Change { subject: Subject::Server, old, new, fact });
}

/// What stands in a list and has no name is left out of every comparison, and so is what another
/// value of the same key hides; that is said.
fn unreadable(context: &mut Context<'_>) {
    let found = |surface: &Surface| -> Vec<(Option<Pointer>, String)> {
        let items = surface.observed(ObservationKind::UnreadableItem);
        let twice = surface.observed(ObservationKind::Json(OddityKind::DuplicateKey));
        let twice =
            twice.filter(|it| it.pointer.as_ref().is_some_and(|at| is_outside(surface, at)));
        items.chain(twice).map(|item| (item.pointer.clone(), item.detail.clone())).collect()
    };
    for (is_new, (pointer, detail)) in found(context.old)
        .into_iter()
        .map(|item| (false, item))
        .chain(found(context.new).into_iter().map(|item| (true, item)))
    {
        let (old, new) = if is_new { (None, pointer) } else { (pointer, None) };
        let fact = Fact::Unreadable(detail);
        context.changes.push(Change { subject: Subject::Server, old, new, fact });
    }
}

/// Whether a place is outside everything that is compared by itself: a list, or a member of a tool.
/// A key that stands twice there hides what stood there first.
fn is_outside(surface: &Surface, pointer: &Pointer) -> bool {
    match surface.subject(pointer) {
        (Subject::Server, _) => true,
        (Subject::Tool(_), within) => within.tokens().count() <= 1,
        _ => false,
    }
}

fn capabilities(context: &mut Context<'_>) {
    let (old, new) = (&context.old.server.capabilities, &context.new.server.capabilities);
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return };
    let at = |name: &str| Pointer::root().join("capabilities").join(name);
    for (name, fact) in lost(old, new, Fact::CapabilityLost) {
        add(context, &at(&name), fact);
    }
    for (name, fact) in lost(new, old, |name, _| Fact::CapabilityGained(name)) {
        add(context, &at(&name), fact);
    }
}

/// The capabilities that only the first of two has, and the flags inside those that both have.
fn lost(
    these: &Map<String, Value>,
    those: &Map<String, Value>,
    fact: fn(String, bool) -> Fact,
) -> Vec<(String, Fact)> {
    let is_off =
        |value: Option<&Value>| matches!(value, None | Some(Value::Null | Value::Bool(false)));
    // Some SDKs send these two empty, which promises nothing.
    let is_empty_map = |name: &str, value: &Value| {
        matches!(name, "experimental" | "extensions")
            && value.as_object().is_some_and(Map::is_empty)
    };
    let mut lost = Vec::new();
    let counts = |name: &str, value: &Value| !is_off(Some(value)) && !is_empty_map(name, value);
    for (name, value) in these.iter().filter(|(name, value)| counts(name, value)) {
        let other = those.get(name);
        if is_off(other) {
            lost.push((name.clone(), fact(name.clone(), true)));
            continue;
        }
        for (flag, value) in value.as_object().into_iter().flatten() {
            if !is_off(Some(value)) && is_off(other.and_then(|other| other.get(flag))) {
                lost.push((name.clone(), fact(format!("{name}.{flag}"), false)));
            }
        }
    }
    lost
}

fn instructions(context: &mut Context<'_>) {
    let is_known = |surface: &Surface| {
        surface.server.instructions.is_some() || surface.server.capabilities.is_object()
    };
    if !is_known(context.old) || !is_known(context.new) {
        return;
    }
    let (old, new) =
        (context.old.server.instructions.as_deref(), context.new.server.instructions.as_deref());
    if let Some(text) = text::compare("instructions", "", old, new, &context.vocabulary()) {
        add(context, &Pointer::root().join("instructions"), Fact::Text(Box::new(text)));
    }
}

fn revisions(context: &mut Context<'_>) {
    let member = Pointer::root().join("protocolVersion");
    if let (Some(old), Some(new)) = (context.old.server.revision(), context.new.server.revision())
        && new < old
    {
        let fact = Fact::RevisionDropped(old.to_string(), new.to_string());
        return add(context, &member, fact);
    }
    let (Some(old), Some(new)) = (supported(context.old), supported(context.new)) else { return };
    let dropped: Vec<String> = old.into_iter().filter(|revision| !new.contains(revision)).collect();
    if !dropped.is_empty() {
        let fact = Fact::RevisionDropped(dropped.join(", "), new.join(", "));
        add(context, &Pointer::root().join("supportedVersions"), fact);
    }
}

/// The revisions a server speaks, where the surface lists them; only those we know.
fn supported(surface: &Surface) -> Option<Vec<String>> {
    let list = holder(surface, "supportedVersions")?;
    let texts = list.items().filter_map(|view| Some(view.as_str()?.into_owned()));
    Some(texts.filter(|text| text.parse::<Revision>().is_ok()).collect())
}

/// The order in which the tools are listed. A contract sorts its lists, so it cannot tell.
fn list_order(context: &mut Context<'_>) {
    let is_contract = |surface: &Surface| surface.document.root().get("format").is_some();
    if is_contract(context.old) || is_contract(context.new) {
        return;
    }
    let names = |surface: &Surface, other: &Surface| -> Vec<String> {
        let known: std::collections::HashSet<&str> =
            other.tools.iter().map(|tool| tool.name.as_str()).collect();
        let both = surface.tools.iter().filter(|tool| known.contains(tool.name.as_str()));
        both.map(|tool| tool.name.clone()).collect()
    };
    let (old, new) = (names(context.old, context.new), names(context.new, context.old));
    let is_reordered = old != new && {
        let (mut old, mut new) = (old, new);
        old.sort_unstable();
        new.sort_unstable();
        old == new
    };
    if is_reordered {
        add(context, &Pointer::root().join("tools"), Fact::ListOrder("tools"));
    }
}

fn cache_hints(context: &mut Context<'_>) {
    for name in ["ttlMs", "cacheScope"] {
        let value = |surface: &Surface| holder(surface, name).map(View::to_value);
        let (old, new) = (value(context.old), value(context.new));
        if old.is_some() && new.is_some() && old != new {
            let fact = Fact::CacheHint(name, edit(old.as_ref(), new.as_ref()));
            add(context, &Pointer::root().join(name), fact);
        }
    }
}

/// Replacements that are named and do not exist, where the mark or the replacement is what changed.
fn replacements(context: &mut Context<'_>) {
    let keys = &context.options.policy.keys;
    let exists = |surface: &Surface, name: &str| surface.tools.iter().any(|tool| tool.name == name);
    let mut found = Vec::new();
    for tool in &context.new.tools {
        let Some(replacement) = Mark::of(tool, keys).and_then(|mark| mark.replacement) else {
            continue;
        };
        if exists(context.new, &replacement) {
            continue;
        }
        let earlier = context.old.tools.iter().find(|it| it.name == tool.name);
        let before = earlier.and_then(|it| Mark::of(it, keys)).and_then(|mark| mark.replacement);
        if before.as_deref() != Some(&*replacement) || exists(context.old, &replacement) {
            let old = earlier.map(|it| it.pointer.clone());
            found.push((&tool.name, old, Some(tool.pointer.clone()), replacement));
        }
    }
    for tool in &context.old.tools {
        let Some(replacement) = Mark::of(tool, keys).and_then(|mark| mark.replacement) else {
            continue;
        };
        if !exists(context.new, &tool.name) && !exists(context.new, &replacement) {
            found.push((&tool.name, Some(tool.pointer.clone()), None, replacement));
        }
    }
    for (name, old, new, replacement) in found {
        let subject = Subject::Tool(name.clone());
        let fact = Fact::ReplacementMissing(replacement);
        context.changes.push(Change { subject, old, new, fact });
    }
}

/// Lists that a client may keep until after a deprecated tool has gone. Asked where the time to
/// live, or a mark, is new.
fn lifetime(context: &mut Context<'_>) {
    let Some(milliseconds) = holder(context.new, "ttlMs").and_then(|it| it.to_value().as_u64())
    else {
        return;
    };
    let keys = &context.options.policy.keys;
    let is_new_time =
        context.changes.iter().any(|it| matches!(it.fact, Fact::CacheHint("ttlMs", _)));
    let mut found = Vec::new();
    for tool in &context.new.tools {
        let Some(mark) = Mark::of(tool, keys) else { continue };
        let earlier = context.old.tools.iter().find(|it| it.name == tool.name);
        let is_new_mark = earlier.and_then(|it| Mark::of(it, keys)).as_ref() != Some(&mark);
        let Some(days) = context.deprecations.days_left(&mark) else { continue };
        let is_longer = i128::from(milliseconds) > i128::from(days) * 86_400_000;
        if is_longer && (is_new_time || is_new_mark) {
            let old = earlier.map(|it| it.pointer.clone());
            found.push((&tool.name, old, tool.pointer.clone(), days));
        }
    }
    for (name, old, new, days) in found {
        let subject = Subject::Tool(name.clone());
        let fact = Fact::CacheOutlives(milliseconds, days);
        context.changes.push(Change { subject, old, new: Some(new), fact });
    }
}

fn holder<'a>(surface: &'a Surface, name: &str) -> Option<View<'a>> {
    surface.document.root().at(&surface.pointer)?.get(name)
}
