//! How a surface is wrapped in a JSON document: recognised by what the document has.
//!
//! Not for: reading what is in the wrapping (see [`read`](super::read)).

use super::FORMAT;
use crate::engine::protocol::{
    json::{Kind, View},
    pointer::Pointer,
};

/// The lists a server has, as their members are called.
pub(super) const LISTS: [&str; 4] = ["tools", "prompts", "resources", "resourceTemplates"];

/// What a document holds.
#[derive(Debug)]
pub(super) enum Shape {
    /// One surface.
    Whole(Piece),
    /// An array of answers: the pages of the lists, and perhaps what came before them.
    Pages(Vec<Piece>),
}

/// A surface, or a page of one, inside a document.
#[derive(Debug)]
pub(super) struct Piece {
    /// The object that has the lists and what the server says of itself.
    pub(super) holder: Pointer,
    pub(super) tools: Tools,
}

#[derive(Debug)]
pub(super) enum Tools {
    /// The place of the list, where there is one.
    List(Pointer),
    /// The holder itself is a tool.
    One,
}

impl Shape {
    /// The shape of a document, or what the document is instead.
    pub(super) fn of(root: View<'_>) -> Result<Self, String> {
        match root.kind() {
            Kind::Array if root.items().any(|item| item.get("name").is_some()) => {
                Ok(Self::Whole(Piece::array()))
            }
            Kind::Array => {
                let pages = root.items().enumerate().filter_map(|(index, item)| {
                    let place = Pointer::root().join(index);
                    Piece::answer(item, &place)
                });
                let pages: Vec<_> = pages.collect();
                if root.items().next().is_none() {
                    Ok(Self::Whole(Piece::array()))
                } else if pages.iter().any(|page| has_list(root.at(&page.holder))) {
                    Ok(Self::Pages(pages))
                } else {
                    Err("an array in which nothing has a name".to_owned())
                }
            }
            _ => Piece::of(root).map(Self::Whole),
        }
    }
}

impl Piece {
    /// An object with lists.
    pub(super) fn at(holder: Pointer) -> Self {
        let tools = Tools::List(holder.join("tools"));
        Self { holder, tools }
    }

    /// The whole document is the list.
    fn array() -> Self {
        Self { holder: Pointer::root(), tools: Tools::List(Pointer::root()) }
    }

    /// What a server answered, with or without its envelope, whatever it was asked. Nothing for
    /// the questions, and for answers that are errors.
    pub(super) fn answer(view: View<'_>, place: &Pointer) -> Option<Self> {
        if view.get("result").is_some_and(|result| result.kind() == Kind::Object) {
            return Some(Self::at(place.join("result")));
        }
        let is_result = has_list(Some(view)) || view.get("serverInfo").is_some();
        is_result.then(|| Self::at(place.clone()))
    }

    fn of(root: View<'_>) -> Result<Self, String> {
        match root.kind() {
            Kind::Object if root.get("format").is_some() => {
                match root.get("format").and_then(View::as_str) {
                    Some(format) if format == FORMAT => match root.get("surface").map(View::kind) {
                        Some(Kind::Object) => Ok(Self::at("/surface".into())),
                        Some(kind) => {
                            Err(format!("a contract whose `surface` is {}", kind.with_article()))
                        }
                        None => Err("a contract without a `surface`".to_owned()),
                    },
                    Some(format) if format.starts_with("mcp-kit.contract/") => Err(format!(
                        "a contract of the format `{format}`; this version reads `{FORMAT}`, a \
                         newer mcp-kit may read it"
                    )),
                    Some(format) => Err(format!("a file of the format `{format}`")),
                    None => Err("an object whose `format` is not a string".to_owned()),
                }
            }
            Kind::Object if has_list(Some(root)) => Ok(Self::at(Pointer::root())),
            Kind::Object if has_list(root.get("result")) => Ok(Self::at("/result".into())),
            Kind::Object if is_tool(root) => {
                Ok(Self { holder: Pointer::root(), tools: Tools::One })
            }
            Kind::Object if root.get("jsonrpc").is_some() && root.get("error").is_some() => {
                let message = root.get("error").and_then(|error| error.get("message")?.as_str());
                let message = message.as_deref().unwrap_or("without a message");
                Err(format!("the JSON-RPC error `{}`", shortened(message)))
            }
            Kind::Object => {
                let keys: Vec<_> =
                    root.members().filter_map(|(key, _)| key.as_str()).take(6).collect();
                if keys.is_empty() {
                    return Err("an empty object".to_owned());
                }
                Err(format!("an object with the keys {}", keys.join(", ")))
            }
            other => Err(other.with_article().to_owned()),
        }
    }
}

/// An object with a name is not enough: half of all JSON files have one.
fn is_tool(view: View<'_>) -> bool {
    let has = |member: &str| view.get(member).is_some();
    has("name") && (has("inputSchema") || has("outputSchema") || has("annotations"))
}

fn has_list(view: Option<View<'_>>) -> bool {
    view.is_some_and(|view| LISTS.iter().any(|name| view.get(name).is_some()))
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}
