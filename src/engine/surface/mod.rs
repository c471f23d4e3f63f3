//! Everything a server advertises, read leniently.
//!
//! A [`Surface`] is always one JSON document, whether it came from a file or was put together from
//! the pages a live server sent, pages kept in a file, or the files of a folder ([`compose`]).
//! Reading keeps the document, so that a finding can point into exactly what was sent, and puts a
//! typed view beside it. What cannot be read becomes an [`Observation`], and the rest is read on.
//!
//! Read [`Surface`], [`Tool`] and [`read`] first. Not for: judging (the rules do that) or fetching.

pub mod compose;
pub mod evidence;
mod gather;
mod item;
mod read;
mod shape;
pub mod token;

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

pub use evidence::Evidence;
pub use item::{Annotations, Item, Tokens, Tool};
pub use read::{NotASurface, read, read_document, read_files};

use super::{
    finding::{Observation, ObservationKind, Subject},
    protocol::{
        json::{Anchor, Document, Position, View},
        pointer::Pointer,
        revision::Revision,
    },
};

/// The format of the contract files this version reads and writes.
pub const FORMAT: &str = "mcp-kit.contract/1";

/// What one server advertises.
#[derive(Debug)]
pub struct Surface {
    /// The document that was read; every pointer leads into it.
    pub document: Arc<Document>,
    /// The object in the document that holds `tools`, `instructions` and the other members.
    pub pointer: Pointer,
    /// Who the server says it is.
    pub server: Server,
    /// The tools that could be read, in the order of the list.
    pub tools: Vec<Tool>,
    /// The prompts.
    pub prompts: Vec<Item>,
    /// The resources.
    pub resources: Vec<Item>,
    /// The resource templates.
    pub resource_templates: Vec<Item>,
    /// What was odd on the way, in order of appearance.
    pub observations: Vec<Observation>,
    /// What the server answered beyond its lists; none where there is no running server.
    pub evidence: Option<Evidence>,
    tools_list: Option<Anchor>,
    origins: gather::Origins,
    subjects: HashMap<Pointer, (Subject, Anchor)>,
}

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Server {
    /// `serverInfo.name`.
    pub name: Option<String>,
    /// `serverInfo.title`.
    pub title: Option<String>,
    /// `serverInfo.version`.
    pub version: Option<String>,
    /// The negotiated revision as the server named it.
    pub revision_text: Option<String>,
    /// `instructions` for the model.
    pub instructions: Option<String>,
    /// `capabilities`, null where none were given.
    pub capabilities: Value,
}

impl Server {
    /// The negotiated revision, if it is one we know.
    pub fn revision(&self) -> Option<Revision> {
        self.revision_text.as_deref()?.parse().ok()
    }
}

impl Surface {
    /// Takes over what was worked out about tools of another surface that are the same in this one, at
    /// the same places: its text was changed here and there.
    pub fn recall(&mut self, before: &Self) {
        for (tool, known) in self.tools.iter_mut().zip(&before.tools) {
            tool.recall(known);
        }
    }

    /// The value at a pointer, as it was sent.
    pub fn view(&self, pointer: &Pointer) -> Option<View<'_>> {
        match self.item(pointer) {
            Some((_, anchor, within)) => self.document.view(anchor).at(&within),
            None => self.document.root().at(pointer),
        }
    }

    /// Line and column of the value at a pointer, in the text that the user has: in the file of a
    /// folder ([`Surface::file`]) or among the pages where the document was put together. None for
    /// what has no place there.
    pub fn position(&self, pointer: &Pointer) -> Option<Position> {
        self.origins.position(&self.document, self.view(pointer)?.span().start)
    }

    /// The file of the folder that the value at a pointer came from; none where the surface is one
    /// text or a server.
    pub fn file(&self, pointer: &Pointer) -> Option<&str> {
        self.origins.file(self.view(pointer)?.span().start)
    }

    /// Where a byte of the document stands in the text that was read, counted without a byte order
    /// mark. None for what does not come from one text: a server, the files of a folder, and what
    /// joins the pages of a list.
    pub fn source_offset(&self, offset: usize) -> Option<usize> {
        self.origins.source(offset)
    }

    /// The tool that a pointer leads to or into.
    pub fn tool_at(&self, pointer: &Pointer) -> Option<&Tool> {
        let (_, anchor, _) = self.item(pointer)?;
        let start = self.document.view(anchor).span().start;
        let found = self.tools.binary_search_by_key(&start, |tool| tool.view().span().start);
        found.ok().map(|index| &self.tools[index])
    }

    /// The array of tools as it was sent; none where there is no array, or one tool on its own.
    pub fn tools_view(&self) -> Option<View<'_>> {
        self.tools_list.map(|anchor| self.document.view(anchor))
    }

    /// The facts of one kind.
    pub fn observed(&self, kind: ObservationKind) -> impl Iterator<Item = &Observation> {
        self.observations.iter().filter(move |observation| observation.kind == kind)
    }

    /// The tool of that name; of several the first.
    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// What stands at a pointer, and the rest of the pointer inside it.
    pub fn subject(&self, pointer: &Pointer) -> (Subject, Pointer) {
        match self.item(pointer) {
            Some((subject, _, within)) => (subject.clone(), within),
            None => {
                let within = pointer.strip_prefix(&self.pointer);
                (Subject::Server, within.unwrap_or_else(|| pointer.clone()))
            }
        }
    }

    /// The listed item around a pointer: looked up by the pointer's beginnings, because a search
    /// through the lists for every finding would be quadratic.
    fn item(&self, pointer: &Pointer) -> Option<(&Subject, Anchor, Pointer)> {
        pointer.prefixes().find_map(|prefix| {
            let (subject, anchor) = self.subjects.get(prefix)?;
            Some((subject, *anchor, Pointer::from(&pointer.as_str()[prefix.len()..])))
        })
    }

    /// Tokens of all tools together.
    pub fn tokens(&self) -> Tokens {
        self.tools.iter().map(|tool| tool.tokens()).sum()
    }
}
