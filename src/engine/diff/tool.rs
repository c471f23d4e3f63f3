//! Two versions of one tool, member by member.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    change::{Change, Edit, Fact, Member},
    context::Context,
    deprecation, doubt, hint, location,
    schema::{self, Found, Question},
    schema_text, text,
};
use crate::engine::{
    contract::Mark,
    finding::Subject,
    protocol::{
        json::{Kind, View},
        pointer::Pointer,
    },
    surface::Tool,
};

/// Adds what is different about a tool.
pub(super) fn compare(context: &mut Context<'_>, old: &Tool, new: &Tool) {
    doubt::find(context, old, new);
    if old.is_same(new) {
        return;
    }
    find_untyped_root(context, old, new);
    let mut comparison = Comparison { context, old, new };
    comparison.description();
    comparison.schema(Member::Input);
    comparison.schema(Member::Output);
    comparison.annotations();
    comparison.task_support();
    comparison.deprecation();
    comparison.rest();
}

/// Adds the schemas of one tool that nothing can be compared with, changed or not.
pub(super) fn find_unparsable(context: &mut Context<'_>, old: Option<&Tool>, new: Option<&Tool>) {
    let tools = [old, new];
    if tools.into_iter().flatten().all(is_parsable) {
        return;
    }
    for member in [Member::Input, Member::Output] {
        let odd = |tool: &Tool| Some((tool.pointer.clone(), unparsable(tool, member)?));
        let (before, after) = (old.and_then(odd), new.and_then(odd));
        let Some((_, found)) = after.as_ref().or(before.as_ref()) else { continue };
        let place = |odd: &Option<(Pointer, String)>, tool: Option<&Tool>| {
            let (pointer, _) = odd.as_ref()?;
            let is_there = tool.is_some_and(|tool| tool.value().get(member.as_str()).is_some());
            Some(if is_there { pointer.join(member.as_str()) } else { pointer.clone() })
        };
        let name = new.or(old).map(|tool| tool.name.clone()).unwrap_or_default();
        let change = Change {
            subject: Subject::Tool(name),
            old: place(&before, old),
            new: place(&after, new),
            fact: Fact::Unparsable(member, found.clone()),
        };
        context.changes.push(change);
    }
}

/// Adds that the input schema does not say `type: object` any more: the specification asks for it, and
/// clients refuse the whole list over one tool without it.
fn find_untyped_root(context: &mut Context<'_>, old: &Tool, new: &Tool) {
    let says = |tool: &Tool, names: &[&str]| {
        let schema = tool.input_schema().and_then(Value::as_object);
        schema.is_some_and(|schema| names.iter().any(|name| schema.contains_key(*name)))
    };
    let is_valid = |tool: &Tool| {
        tool.input_schema().and_then(|schema| schema.get("type")?.as_str()) == Some("object")
    };
    if is_valid(old) && !says(new, &["type", "$ref", "allOf"]) {
        let place = |tool: &Tool| Some(tool.pointer.join("inputSchema"));
        context.changes.push(Change {
            subject: Subject::Tool(new.name.clone()),
            old: place(old),
            new: place(new),
            fact: Fact::UntypedRoot,
        });
    }
}

/// Whether a tool has schemas where they should be, as nearly all do. Asks the text alone.
fn is_parsable(tool: &Tool) -> bool {
    let is_object = |schema: View<'_>| schema.kind() == Kind::Object;
    let view = tool.view();
    view.get("inputSchema").is_some_and(is_object) && view.get("outputSchema").is_none_or(is_object)
}

/// What stands where a schema should be, if it is none.
fn unparsable(tool: &Tool, member: Member) -> Option<String> {
    match (tool.value().get(member.as_str()), member) {
        (Some(Value::Object(_)), _) | (None, Member::Output) => None,
        (None, Member::Input) => Some("missing".to_owned()),
        (Some(Value::Null), _) => Some("null".to_owned()),
        (Some(Value::Bool(_)), _) => Some("a boolean".to_owned()),
        (Some(Value::Number(_)), _) => Some("a number".to_owned()),
        (Some(Value::String(_)), _) => Some("a string".to_owned()),
        (Some(Value::Array(_)), _) => Some("an array".to_owned()),
    }
}

struct Comparison<'c, 'a, 't> {
    context: &'c mut Context<'a>,
    old: &'t Tool,
    new: &'t Tool,
}

impl Comparison<'_, '_, '_> {
    /// A fact about a member, at its place on the sides where it stands.
    fn add(&mut self, member: &str, fact: Fact) {
        let place =
            |tool: &Tool| tool.value().get(member).is_some().then(|| tool.pointer.join(member));
        let (old, new) = (place(self.old), place(self.new));
        self.add_at(old, new, fact);
    }

    fn add_at(&mut self, old: Option<Pointer>, new: Option<Pointer>, fact: Fact) {
        let subject = Subject::Tool(self.new.name.clone());
        self.context.changes.push(Change { subject, old, new, fact });
    }

    fn description(&mut self) {
        let (old, new) = (self.old.description.as_deref(), self.new.description.as_deref());
        let change = text::compare("description", "", old, new, &self.context.vocabulary());
        if let Some(change) = change {
            self.add("description", Fact::Text(Box::new(change)));
        }
    }

    fn schema(&mut self, member: Member) {
        let name = member.as_str();
        let (old, new) = (self.old.value().get(name), self.new.value().get(name));
        let is_parsable = |tool| unparsable(tool, member).is_none();
        if old == new || !is_parsable(self.old) || !is_parsable(self.new) {
            return;
        }
        let (Some(old), Some(new)) = (old, new) else {
            let is_added = old.is_none();
            let fact = if is_added { Fact::OutputSchemaAdded } else { Fact::OutputSchemaRemoved };
            return self.add(name, fact);
        };
        let places = location::pairs(old, new);
        let context = &*self.context;
        let question = Question {
            tool: &self.old.name,
            member,
            options: context.options,
            deprecations: context.deprecations,
            patterns: &context.patterns,
        };
        let mut found = schema::compare(question, old, new, &places);
        found.extend(schema_text::compare(member, &places, &context.vocabulary()));
        for Found { old, new, fact } in found {
            let within = |tool: &Tool, pointer: Option<Pointer>| {
                pointer.map(|pointer| tool.pointer.join(name).concat(&pointer))
            };
            let (old, new) = (within(self.old, old), within(self.new, new));
            self.add_at(old, new, fact);
        }
    }

    fn annotations(&mut self) {
        let (old, new) = (self.old.value().get("annotations"), self.new.value().get("annotations"));
        for (name, fact) in hint::compare(&self.old.annotations, &self.new.annotations) {
            let place = |tool: &Tool| {
                let stands = tool.value().get("annotations")?.get(name).is_some();
                stands.then(|| tool.pointer.join("annotations").join(name))
            };
            let place = |tool: &Tool| Some(place(tool).unwrap_or_else(|| tool.pointer.clone()));
            let (old, new) = (place(self.old), place(self.new));
            self.add_at(old, new, fact);
        }
        let names = members(old).chain(members(new)).collect::<BTreeSet<_>>();
        for name in names.into_iter().filter(|name| !name.ends_with("Hint")) {
            let get = |value: Option<&Value>| value.and_then(|value| value.get(name).cloned());
            if get(old) != get(new) {
                self.add("annotations", Fact::Cosmetic(format!("annotations.{name}")));
            }
        }
    }

    /// `execution` of 2025-11-25; absent means that a task is refused.
    fn task_support(&mut self) {
        let support = |tool: &Tool| {
            let execution = tool.value().get("execution");
            let said = execution.and_then(|it| it.get("taskSupport")?.as_str());
            said.unwrap_or("forbidden").to_owned()
        };
        let (old, new) = (support(self.old), support(self.new));
        if old != new {
            self.add("execution", Fact::TaskSupport(old, new));
        }
    }

    fn deprecation(&mut self) {
        let keys = &self.context.options.policy.keys;
        let (old, new) = (Mark::of(self.old, keys), Mark::of(self.new, keys));
        if old == new {
            return;
        }
        if let Some(new) = &new {
            let day = deprecation::sunset;
            if let (Some(sunset), None) = (&new.sunset, day(new)) {
                self.add("_meta", Fact::SunsetUnreadable(sunset.clone()));
            }
            let before = old.as_ref().and_then(|old| Some((old.sunset.clone()?, day(old)?)));
            match (before, &new.sunset, day(new)) {
                (Some((old, before)), Some(new), Some(after)) if after < before => {
                    self.add("_meta", Fact::SunsetMoved(old, new.clone()));
                }
                _ => {
                    let text = deprecation::describe(new);
                    self.add("_meta", Fact::DeprecationAnnounced(text));
                }
            }
        } else {
            self.add("_meta", Fact::DeprecationAnnounced("not deprecated any more".to_owned()));
        }
    }

    /// Members that only people see, and those that the specification does not know.
    fn rest(&mut self) {
        let names = members(Some(self.old.value())).chain(members(Some(self.new.value())));
        let names: BTreeSet<String> = names.cloned().collect();
        for name in names {
            let get = |tool: &Tool| tool.value().get(&name).cloned();
            if get(self.old) == get(self.new) {
                continue;
            }
            match name.as_str() {
                "title" | "icons" => self.add(&name, Fact::Cosmetic(name.clone())),
                "_meta" => {
                    if self.meta_without_mark(self.old) != self.meta_without_mark(self.new) {
                        self.add("_meta", Fact::Cosmetic(name.clone()));
                    }
                }
                "name" | "description" | "inputSchema" | "outputSchema" | "annotations"
                | "execution" => {}
                _ => self.add(&name, Fact::UnknownMember(name.clone())),
            }
        }
    }

    /// `_meta` without what [`Comparison::deprecation`] looks after.
    fn meta_without_mark(&self, tool: &Tool) -> Option<Value> {
        let keys = &self.context.options.policy.keys;
        let mut meta = tool.value().get("_meta")?.clone();
        if let Some(members) = meta.as_object_mut() {
            members.retain(|name, _| {
                ![&keys.deprecated, &keys.replacement, &keys.sunset]
                    .into_iter()
                    .any(|names| names.contains(name))
            });
            if members.is_empty() {
                return None;
            }
        }
        Some(meta)
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = &String> {
    value.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name)
}

/// A value before and after, for facts that belong to the subject itself.
pub(super) fn edit(old: Option<&Value>, new: Option<&Value>) -> Edit {
    Edit { label: String::new(), old: old.cloned(), new: new.cloned() }
}
