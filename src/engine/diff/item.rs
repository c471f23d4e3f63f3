//! Prompts, resources and resource templates.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{
    change::{Change, Fact},
    context::Context,
    text,
    tool::edit,
};
use crate::engine::{
    finding::Subject,
    protocol::pointer::Pointer,
    surface::{Item, Surface},
};

/// A kind of listed item that is not a tool.
struct Kind {
    /// The list's name in a surface.
    list: &'static str,
    /// The member that identifies an item.
    identity: &'static str,
    items: fn(&Surface) -> &[Item],
    subject: fn(String) -> Subject,
}

const KINDS: [Kind; 3] = [
    Kind { list: "prompts", identity: "name", items: |it| &it.prompts, subject: Subject::Prompt },
    Kind {
        list: "resources",
        identity: "uri",
        items: |it| &it.resources,
        subject: Subject::Resource,
    },
    Kind {
        list: "resourceTemplates",
        identity: "uriTemplate",
        items: |it| &it.resource_templates,
        subject: Subject::ResourceTemplate,
    },
];

/// Compares the lists that both surfaces know.
pub(super) fn compare(context: &mut Context<'_>) {
    for kind in KINDS {
        if is_known(context.old, kind.list) && is_known(context.new, kind.list) {
            compare_list(context, &kind);
        }
    }
}

/// Whether a surface tells what is in a list: it has the list, or it tells what it has. A file with
/// a list of tools says nothing about prompts.
fn is_known(surface: &Surface, list: &str) -> bool {
    let holder = surface.document.root().at(&surface.pointer);
    holder.is_some_and(|holder| holder.get(list).is_some())
        || surface.server.capabilities.is_object()
}

fn compare_list(context: &mut Context<'_>, kind: &Kind) {
    let (old, new) = ((kind.items)(context.old), (kind.items)(context.new));
    let identity = |item: &Item| {
        item.value.get(kind.identity).and_then(Value::as_str).unwrap_or(&item.name).to_owned()
    };
    let mut rest: HashMap<String, &Item> = new.iter().map(|item| (identity(item), item)).collect();
    let is_prompt = kind.list == "prompts";
    let change = |item: &Item, old: Option<Pointer>, new: Option<Pointer>, fact: Fact| Change {
        subject: (kind.subject)(item.name.clone()),
        old,
        new,
        fact,
    };
    for before in old {
        let here = Some(before.pointer.clone());
        match rest.remove(&identity(before)) {
            Some(after) if before.value != after.value => {
                compare_item(context, kind, before, after);
            }
            Some(_) => {}
            None => {
                let fact = if is_prompt { Fact::PromptRemoved } else { Fact::ResourceRemoved };
                context.changes.push(change(before, here, None, fact));
            }
        }
    }
    for after in new.iter().filter(|item| rest.contains_key(&identity(item))) {
        let fact = if is_prompt { Fact::PromptAdded } else { Fact::ResourceAdded };
        context.changes.push(change(after, None, Some(after.pointer.clone()), fact));
    }
}

fn compare_item(context: &mut Context<'_>, kind: &Kind, old: &Item, new: &Item) {
    let members = |item: &Item| -> Vec<String> {
        item.value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
    };
    let names: BTreeSet<String> = members(old).into_iter().chain(members(new)).collect();
    for name in names {
        let (before, after) = (old.value.get(&name), new.value.get(&name));
        if before == after {
            continue;
        }
        let subject = (kind.subject)(new.name.clone());
        let place = |item: &Item, value: Option<&Value>| value.map(|_| item.pointer.join(&name));
        let (here, there) = (place(old, before), place(new, after));
        let fact = match name.as_str() {
            "description" => {
                let (before, after) =
                    (before.and_then(Value::as_str), after.and_then(Value::as_str));
                let vocabulary = context.vocabulary();
                match text::compare("description", "", before, after, &vocabulary) {
                    Some(text) => Fact::Text(Box::new(text)),
                    None => continue,
                }
            }
            "arguments" if kind.list == "prompts" => {
                compare_arguments(context, old, new);
                continue;
            }
            "mimeType" => Fact::ResourceType(edit(before, after)),
            "title" | "icons" | "_meta" | "name" | "size" | "annotations" => {
                Fact::Cosmetic(name.clone())
            }
            _ => Fact::UnknownMember(name.clone()),
        };
        context.changes.push(Change { subject, old: here, new: there, fact });
    }
}

/// The arguments of a prompt: by name, required or not.
fn compare_arguments(context: &mut Context<'_>, old: &Item, new: &Item) {
    let (before, after) = (arguments(old), arguments(new));
    let mut add =
        |old: Option<&Argument<'_>>, new: Option<&Argument<'_>>, fact: Fact, name: &str| {
            let subject = Subject::Prompt(name.to_owned());
            let (old, new) = (old.map(|it| it.pointer.clone()), new.map(|it| it.pointer.clone()));
            context.changes.push(Change { subject, old, new, fact });
        };
    for argument in &after {
        let name = argument.name.to_owned();
        let earlier = before.iter().find(|it| it.name == argument.name);
        let fact = match (earlier.map(|it| it.is_required), argument.is_required) {
            (None | Some(false), true) => Fact::PromptArgumentRequired(name),
            (None, false) => Fact::PromptArgumentAdded(name, true),
            (Some(true), false) => Fact::PromptArgumentAdded(name, false),
            _ => continue,
        };
        add(earlier, Some(argument), fact, &new.name);
    }
    for argument in &before {
        if !after.iter().any(|it| it.name == argument.name) {
            let fact = Fact::PromptArgumentRemoved(argument.name.to_owned());
            add(Some(argument), None, fact, &new.name);
        }
    }
    let mut texts = Vec::new();
    for argument in &after {
        let Some(earlier) = before.iter().find(|it| it.name == argument.name) else { continue };
        let (old, new) = (earlier.description, argument.description);
        let change = text::compare("description", argument.name, old, new, &context.vocabulary());
        texts.extend(change.map(|text| (earlier.pointer.clone(), argument.pointer.clone(), text)));
    }
    for (old, after, text) in texts {
        context.changes.push(Change {
            subject: Subject::Prompt(new.name.clone()),
            old: Some(old),
            new: Some(after),
            fact: Fact::Text(Box::new(text)),
        });
    }
}

struct Argument<'a> {
    name: &'a str,
    description: Option<&'a str>,
    is_required: bool,
    pointer: Pointer,
}

fn arguments(prompt: &Item) -> Vec<Argument<'_>> {
    let mut arguments = Vec::new();
    let list = prompt.value.get("arguments").and_then(Value::as_array);
    for (index, argument) in list.into_iter().flatten().enumerate() {
        let Some(name) = argument.get("name").and_then(Value::as_str) else { continue };
        arguments.push(Argument {
            name,
            description: argument.get("description").and_then(Value::as_str),
            is_required: argument.get("required") == Some(&Value::Bool(true)),
            pointer: prompt.pointer.join("arguments").join(index),
        });
    }
    arguments
}
