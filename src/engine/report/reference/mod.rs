//! The reference page of a surface: its tools documented as one documents a public REST API.
//!
//! A page is made in two steps. `Reference::of` brings together what is to be said, as plain text
//! that may be hostile; [`markdown`] and [`html`] lay it out and escape it. Same surface, same
//! bytes. Not for: judging what a surface leaves out. The page says that it is not declared.
//!
//! Suggested reading order: this file, `declared` (effects, errors), `table` (a schema as rows), `wording` (a schema in words),
//! `example` (a call), and one of the two formats.

pub mod html;
pub mod markdown;

mod declared;
mod example;
mod node;
mod pattern;
mod place;
mod table;
#[cfg(test)]
mod tests;
mod wording;

use std::collections::HashMap;

use serde_json::Value;

use self::{
    declared::{Badge, DocumentedError, deprecation, effects, errors, undeclared},
    example::Example,
    node::Node,
    table::{Shape, shape},
};
use super::{escape::shorten, page::Anchors};
use crate::engine::{
    finding::ObservationKind,
    surface::{Item, Surface, Tokens, Tool},
};

/// Rows of all tables of a page together: a bound on what a hostile surface can blow up.
const MAX_ROWS_OF_PAGE: usize = 50_000;
/// Characters of one text, and of the line about a tool in the index.
const MAX_TEXT: usize = 20_000;
const MAX_SUMMARY: usize = 160;
/// All that a page says.
struct Reference<'a> {
    title: &'a str,
    /// What the server says of itself, label by label.
    facts: Vec<(&'static str, Vec<Span>)>,
    instructions: Option<String>,
    tools: Vec<ToolPage>,
    prompts: Vec<PromptPage>,
    resources: Vec<ResourcePage>,
    resource_templates: Vec<ResourcePage>,
    /// Listed things without a name, which cannot be documented.
    unreadable: usize,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Span {
    Words(String),
    Code(String),
    /// A link to another place of the page, shown as code.
    Link {
        text: String,
        anchor: String,
    },
}

/// What is said of every listed thing.
struct Head {
    anchor: String,
    name: String,
    /// The title, where it says something else than the name.
    title: Option<String>,
    /// The beginning of the description, in one line.
    summary: String,
    description: Option<String>,
    deprecation: Option<Vec<Span>>,
}

struct ToolPage {
    head: Head,
    badges: Vec<Badge>,
    /// Hints that are not declared, with what clients assume instead.
    undeclared: Vec<&'static str>,
    arguments: Option<Shape>,
    example: Option<Example>,
    output: Option<Shape>,
    errors: Vec<DocumentedError>,
    tokens: Tokens,
}

struct PromptPage {
    head: Head,
    arguments: Vec<PromptArgument>,
    hidden_arguments: usize,
}

struct PromptArgument {
    name: String,
    is_required: bool,
    description: Option<String>,
}

struct ResourcePage {
    head: Head,
    facts: Vec<(&'static str, Vec<Span>)>,
}

impl<'a> Reference<'a> {
    fn of(surface: &'a Surface) -> Self {
        let server = &surface.server;
        let mut anchors = Anchors::default();
        let in_order: Vec<_> =
            surface.tools.iter().map(|tool| anchors.next("tool", &tool.name)).collect();
        let mut tools = HashMap::new();
        for (tool, anchor) in surface.tools.iter().zip(&in_order) {
            // Of two tools with one name a link leads to the first.
            tools.entry(tool.name.as_str()).or_insert_with(|| anchor.clone());
        }
        let mut rows_left = MAX_ROWS_OF_PAGE;
        let tool_page = |(tool, anchor): (&Tool, String)| {
            ToolPage::of(surface, tool, anchor, &tools, &mut rows_left)
        };
        let pages = surface.tools.iter().zip(in_order).map(tool_page).collect();
        let mut heads = |kind: &'static str, items: &'a [Item]| -> Vec<(&'a Item, Head)> {
            let head = |item: &'a Item| {
                let anchor = anchors.next(kind, &item.name);
                (item, Head::of(&item.name, &item.value, anchor, &tools))
            };
            items.iter().map(head).collect()
        };
        let prompts = heads("prompt", &surface.prompts);
        let resources = heads("resource", &surface.resources);
        let templates = heads("resource", &surface.resource_templates);
        let resource = |uri| move |(item, head)| ResourcePage::of(item, head, uri);
        Self {
            title: text(server.title.as_deref())
                .or(text(server.name.as_deref()))
                .unwrap_or("A server without a name"),
            facts: facts(surface),
            instructions: text(server.instructions.as_deref()).map(limited),
            tools: pages,
            prompts: prompts.into_iter().map(|(item, head)| PromptPage::of(item, head)).collect(),
            resources: resources.into_iter().map(resource(("URI", "uri"))).collect(),
            resource_templates: templates
                .into_iter()
                .map(resource(("URI template", "uriTemplate")))
                .collect(),
            unreadable: surface.observed(ObservationKind::UnreadableItem).count(),
        }
    }
}

fn facts(surface: &Surface) -> Vec<(&'static str, Vec<Span>)> {
    let server = &surface.server;
    let mut facts = Vec::new();
    for (label, value) in [
        ("Name", &server.name),
        ("Version", &server.version),
        ("Protocol revision", &server.revision_text),
    ] {
        let value = text(value.as_deref()).map(|value| Span::Code(shorten(value, MAX_SUMMARY)));
        facts.push((label, vec![value.unwrap_or(Span::Words("not declared".to_owned()))]));
    }
    facts.push(("Capabilities", capabilities(&server.capabilities)));
    if !surface.tools.is_empty() {
        facts.push(("Cost of the tools", vec![Span::Words(cost(surface.tokens()))]));
    }
    facts
}

/// The capabilities with their options: `tools (listChanged), prompts`.
fn capabilities(value: &Value) -> Vec<Span> {
    let Some(capabilities) = value.as_object().filter(|capabilities| !capabilities.is_empty())
    else {
        let words = if value.is_object() { "none" } else { "not declared" };
        return vec![Span::Words(words.to_owned())];
    };
    let mut spans = Vec::new();
    for (name, options) in capabilities.iter().take(100) {
        if !spans.is_empty() {
            spans.push(Span::Words(", ".to_owned()));
        }
        spans.push(Span::Code(shorten(name, 80)));
        let options = options.as_object().into_iter().flatten();
        let options: Vec<_> = options
            .filter(|(_, option)| **option != Value::Bool(false))
            .map(|(name, _)| name.as_str())
            .collect();
        if !options.is_empty() {
            spans.push(Span::Words(format!(" ({})", shorten(&options.join(", "), 200))));
        }
    }
    spans
}

fn cost(tokens: Tokens) -> String {
    let (model, wire) = (super::grouped(tokens.model), super::grouped(tokens.wire));
    format!("{model} tokens before the model, {wire} on the wire (o200k_base)")
}

/// What both formats say where there is nothing, or where something was left out.
const NO_OUTPUT: &str = "Not declared: the result is text.";
const NO_ERRORS: &str = "This tool documents no errors.";
const NO_EXAMPLE: &str = "No example can be built from the input schema.";
const GUESSED: &str =
    "The schema does not tell what is valid everywhere; replace the values made up for";

impl Reference<'_> {
    /// A sentence about listed things that are not on the page.
    fn left_out(&self) -> Option<String> {
        let things = super::counted(self.unreadable, "listed thing");
        let verb = if self.unreadable == 1 { "has" } else { "have" };
        (self.unreadable > 0).then(|| format!("{things} {verb} no name and cannot be documented."))
    }
}

fn hidden(count: usize, noun: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    let rows = super::grouped(count);
    let plural = if count == 1 { "" } else { "s" };
    format!("At least {rows} more {noun}{plural} {verb} left out.")
}

/// Which way a value goes; its members are spoken of accordingly.
#[derive(Debug, Clone, Copy)]
enum Flow {
    Arguments,
    Result,
}

impl Flow {
    fn noun(self) -> &'static str {
        match self {
            Self::Arguments => "Argument",
            Self::Result => "Member",
        }
    }

    fn presence(self, is_required: bool) -> &'static str {
        match (self, is_required) {
            (Self::Arguments, true) => "required",
            (Self::Arguments, false) => "optional",
            (Self::Result, true) => "always there",
            (Self::Result, false) => "may be missing",
        }
    }

    /// What is said of a shape without a member.
    fn empty(self) -> &'static str {
        match self {
            Self::Arguments => "Takes no arguments.",
            Self::Result => "An object; none of its members is declared.",
        }
    }
}

impl Head {
    /// `tools` has the anchors of the tools by name.
    fn of(name: &str, value: &Value, anchor: String, tools: &HashMap<&str, String>) -> Self {
        let member = |member: &str| text(value.get(member).and_then(Value::as_str));
        let annotated = || text(value.get("annotations")?.get("title")?.as_str());
        let title = member("title").or_else(annotated).filter(|title| *title != name);
        let description = member("description");
        Self {
            anchor,
            name: shorten(name, 200),
            title: title.map(|title| shorten(title, 200)),
            summary: description.map(summary).unwrap_or_default(),
            description: description.map(limited),
            deprecation: deprecation(value, tools),
        }
    }
}

impl ToolPage {
    fn of(
        surface: &Surface,
        tool: &Tool,
        anchor: String,
        tools: &HashMap<&str, String>,
        rows_left: &mut usize,
    ) -> Self {
        let view = surface.view(&tool.pointer);
        let schema = |member: &str| {
            let value =
                tool.value().get(member).filter(|value| value.is_object() || value.is_boolean());
            Some(Node::new(value?, view.and_then(|view| view.get(member))))
        };
        let (input, output) = (schema("inputSchema"), schema("outputSchema"));
        let mut table = |schema: Node<'_>, part: &str, whole: &str| {
            shape(schema, &format!("{anchor}.{part}"), whole, rows_left)
        };
        Self {
            badges: effects(tool),
            undeclared: undeclared(&tool.annotations),
            arguments: input.map(|schema| table(schema, "arguments", "(arguments)")),
            example: input.and_then(|schema| example::call(&tool.name, schema)),
            output: output.map(|schema| table(schema, "result", "(result)")),
            errors: errors(tool.value()),
            tokens: tool.tokens(),
            head: Head::of(&tool.name, tool.value(), anchor, tools),
        }
    }
}

impl PromptPage {
    fn of(item: &Item, head: Head) -> Self {
        let arguments = item.value.get("arguments").and_then(Value::as_array);
        let arguments = arguments.map(Vec::as_slice).unwrap_or_default();
        let shown = arguments.iter().take(table::MAX_ROWS).filter_map(|argument| {
            let member = |name: &str| text(argument.get(name)?.as_str());
            Some(PromptArgument {
                name: shorten(member("name")?, 200),
                is_required: argument.get("required").and_then(Value::as_bool) == Some(true),
                description: member("description").or_else(|| member("title")).map(limited),
            })
        });
        Self {
            head,
            arguments: shown.collect(),
            hidden_arguments: arguments.len().saturating_sub(table::MAX_ROWS),
        }
    }
}

impl ResourcePage {
    /// `uri` is the label and the member of its address.
    fn of(item: &Item, head: Head, uri: (&'static str, &str)) -> Self {
        let mut facts = Vec::new();
        for (label, member) in [uri, ("Media type", "mimeType")] {
            let value = text(item.value.get(member).and_then(Value::as_str));
            let span = value.map(|value| Span::Code(shorten(value, 2_000)));
            facts.push((label, vec![span.unwrap_or(Span::Words("not declared".to_owned()))]));
        }
        if let Some(size) = item.value.get("size").and_then(Value::as_u64) {
            facts.push(("Size", vec![Span::Words(format!("{size} bytes"))]));
        }
        Self { head, facts }
    }
}

/// A text that says something.
fn text(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn limited(text: &str) -> String {
    shorten(text.trim(), MAX_TEXT)
}

/// The first sentence or line of a description.
fn summary(description: &str) -> String {
    let first = description.trim().lines().next().unwrap_or_default().trim();
    let end = first.find(". ").map_or(first.len(), |dot| dot + 1);
    shorten(&first[..end], MAX_SUMMARY)
}
