//! From a JSON document to a [`Surface`], whatever it is wrapped in.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    Item, Server, Surface, Tool,
    gather::{Gathered, Origins, Part, cut_off, gather},
    item::Found,
    shape::{LISTS, Piece, Shape, Tools},
};
use crate::engine::{
    finding::{Observation, ObservationKind, Subject},
    protocol::{
        json::{Anchor, Document, Kind, Limits, OddityKind, Position, ReadError, View},
        pointer::Pointer,
    },
};

/// Why a text is not a surface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotASurface {
    /// It is not JSON, or too large.
    #[error("not readable as JSON: {0}")]
    Unreadable(#[from] ReadError),
    /// It is JSON of another kind; holds what was found.
    #[error(
        "expected a tool list (an object with `tools`, an array of tools, a `tools/list` result or \
         several of them) or a contract, found {0}"
    )]
    AnotherKind(String),
}

/// Reads a surface from a text: a bare array of tools, an object with `tools`, a `tools/list`
/// answer with or without its JSON-RPC envelope, several of those (the pages of a list) in an array
/// or one a line, a contract, or one tool on its own.
///
/// # Errors
/// When the text is not JSON within the limits, or JSON of another kind.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Surface, NotASurface> {
    match Document::read(bytes, limits) {
        Ok(document) => read_document(document, Vec::new()),
        Err(error) => match lines(bytes, limits)? {
            Some(parts) => gathered(parts),
            None => Err(error.into()),
        },
    }
}

/// Reads one surface from the files of a folder, each the name of a file and its text. A file holds
/// anything that [`read`] reads, usually one tool. They are taken in the order given.
///
/// # Errors
/// When a file is not JSON within the limits, or JSON of another kind; the error has its name.
pub fn read_files(
    files: &[(String, Vec<u8>)],
    limits: &Limits,
) -> Result<Surface, (String, NotASurface)> {
    let mut parts = Vec::new();
    for (name, bytes) in files {
        let named = |error: NotASurface| (name.clone(), error);
        let document = Document::read(bytes, limits).map_err(|error| named(error.into()))?;
        Shape::of(document.root()).map_err(|found| named(NotASurface::AnotherKind(found)))?;
        parts.push(Part::whole(Some(name.clone()), document));
    }
    gathered(parts).map_err(|error| (String::new(), error))
}

/// Reads a surface from a document, after what was already observed on the way to it.
///
/// # Errors
/// When the document is something else.
pub fn read_document(
    document: Document,
    observations: Vec<Observation>,
) -> Result<Surface, NotASurface> {
    match Shape::of(document.root()).map_err(NotASurface::AnotherKind)? {
        Shape::Whole(piece) => Ok(whole(document, piece, observations, Origins::default())),
        Shape::Pages(_) => gathered(vec![Part::whole(None, document)]),
    }
}

/// The documents of a text with a page a line; none where it is not one.
fn lines(bytes: &[u8], limits: &Limits) -> Result<Option<Vec<Part>>, NotASurface> {
    let mut parts = Vec::new();
    let mut offset = 0;
    let mark = if bytes.starts_with("\u{feff}".as_bytes()) { "\u{feff}".len() } else { 0 };
    for (lines_before, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let bytes_before = usize::saturating_sub(offset, mark);
        offset += line.len() + 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match Document::read(line, limits) {
            Ok(document) if parts.is_empty() && document.root().kind() != Kind::Object => {
                return Ok(None);
            }
            Ok(document) => parts.push(Part { file: None, document, bytes_before, lines_before }),
            // The text as a whole is what is broken, unless it had begun well.
            Err(_) if parts.is_empty() => return Ok(None),
            Err(mut error) => {
                let below = |at: Position| Position { line: at.line + lines_before, ..at };
                error.position = error.position.map(below);
                return Err(error.into());
            }
        }
    }
    Ok((!parts.is_empty()).then_some(parts))
}

/// One surface out of several documents.
fn gathered(parts: Vec<Part>) -> Result<Surface, NotASurface> {
    let Gathered { document, origins, observations } = gather(&parts)?;
    Ok(whole(document, Piece::at(Pointer::root()), observations, origins))
}

fn whole(
    document: Document,
    shape: Piece,
    mut observations: Vec<Observation>,
    origins: Origins,
) -> Surface {
    for oddity in document.oddities() {
        let pointer = document.pointer_at(oddity.span.start);
        let detail = describe(&document, oddity.kind, &oddity.span);
        observations.push(Observation::at(ObservationKind::Json(oddity.kind), pointer, detail));
    }
    let mut reader = Reader { observations, subjects: HashMap::new() };
    let holder = document.root().at(&shape.holder);
    let list = |name: &str| shape.holder.join(name);
    let tools = match &shape.tools {
        Tools::List(pointer) => reader.list(&document, pointer, TOOL, Subject::Tool),
        Tools::One => {
            let tool = reader.item(document.root(), Pointer::root(), TOOL, Subject::Tool);
            tool.into_iter().collect()
        }
    };
    let prompts = reader.list(&document, &list("prompts"), PROMPT, Subject::Prompt);
    let resources = reader.list(&document, &list("resources"), RESOURCE, Subject::Resource);
    let resource_templates =
        reader.list(&document, &list("resourceTemplates"), TEMPLATE, Subject::ResourceTemplate);
    let tools_list = match &shape.tools {
        Tools::List(pointer) => document.root().at(pointer),
        Tools::One => None,
    };
    let tools_list = tools_list.filter(|list| list.kind() == Kind::Array).map(View::anchor);
    if let Some(holder) = holder {
        let given = LISTS.iter().find(|name| holder.get(name).is_some());
        let detail = given.and_then(|name| cut_off(name, holder));
        reader
            .observations
            .extend(detail.map(|detail| Observation::on_wire(ObservationKind::Truncated, detail)));
    }
    let server = reader.server(holder, &shape.holder, document.root());
    let document = Arc::new(document);
    let items = |found: Vec<Found>| found.into_iter().map(|it| Item::new(it, &document)).collect();
    Surface {
        pointer: shape.holder,
        server,
        tools: tools.into_iter().map(|found| Tool::new(found, &document)).collect(),
        prompts: items(prompts),
        resources: items(resources),
        resource_templates: items(resource_templates),
        observations: reader.observations,
        tools_list,
        subjects: reader.subjects,
        evidence: None,
        origins,
        document,
    }
}

/// Members whose type is fixed by the specification, except those that a rule of their own looks
/// after (`inputSchema`, `outputSchema`).
type Members = &'static [(&'static str, Kind)];

/// What kind of item a list holds.
#[derive(Clone, Copy)]
struct ItemType {
    members: Members,
    /// Those of its `annotations`, which are others for a tool than for a resource.
    annotations: Members,
    /// Those of each of its `arguments`.
    arguments: Members,
}

const TOOL: ItemType =
    ItemType { members: TOOL_MEMBERS, annotations: HINT_MEMBERS, arguments: &[] };
const PROMPT: ItemType =
    ItemType { members: PROMPT_MEMBERS, annotations: &[], arguments: ARGUMENT_MEMBERS };
const RESOURCE: ItemType =
    ItemType { members: RESOURCE_MEMBERS, annotations: AUDIENCE_MEMBERS, arguments: &[] };
const TEMPLATE: ItemType =
    ItemType { members: TEMPLATE_MEMBERS, annotations: AUDIENCE_MEMBERS, arguments: &[] };

const TOOL_MEMBERS: Members = &[
    ("title", Kind::String),
    ("description", Kind::String),
    ("annotations", Kind::Object),
    ("icons", Kind::Array),
    ("execution", Kind::Object),
    ("_meta", Kind::Object),
];
const PROMPT_MEMBERS: Members = &[
    ("title", Kind::String),
    ("description", Kind::String),
    ("arguments", Kind::Array),
    ("icons", Kind::Array),
    ("_meta", Kind::Object),
];
const RESOURCE_MEMBERS: Members = &[
    ("uri", Kind::String),
    ("title", Kind::String),
    ("description", Kind::String),
    ("mimeType", Kind::String),
    ("size", Kind::Number),
    ("annotations", Kind::Object),
    ("icons", Kind::Array),
    ("_meta", Kind::Object),
];
const TEMPLATE_MEMBERS: Members = &[
    ("uriTemplate", Kind::String),
    ("title", Kind::String),
    ("description", Kind::String),
    ("mimeType", Kind::String),
    ("annotations", Kind::Object),
    ("icons", Kind::Array),
    ("_meta", Kind::Object),
];
const HINT_MEMBERS: Members = &[
    ("title", Kind::String),
    ("readOnlyHint", Kind::True),
    ("destructiveHint", Kind::True),
    ("idempotentHint", Kind::True),
    ("openWorldHint", Kind::True),
];
const AUDIENCE_MEMBERS: Members =
    &[("audience", Kind::Array), ("priority", Kind::Number), ("lastModified", Kind::String)];
const ARGUMENT_MEMBERS: Members = &[
    ("name", Kind::String),
    ("title", Kind::String),
    ("description", Kind::String),
    ("required", Kind::True),
];
/// Those of an answer with a list.
const ANSWER_MEMBERS: Members =
    &[("nextCursor", Kind::String), ("ttlMs", Kind::Number), ("cacheScope", Kind::String)];

struct Reader {
    observations: Vec<Observation>,
    subjects: HashMap<Pointer, (Subject, Anchor)>,
}

impl Reader {
    fn observe(&mut self, kind: ObservationKind, pointer: Pointer, detail: String) {
        self.observations.push(Observation::at(kind, pointer, detail));
    }

    fn list(
        &mut self,
        document: &Document,
        pointer: &Pointer,
        item_type: ItemType,
        subject: fn(String) -> Subject,
    ) -> Vec<Found> {
        let Some(view) = document.root().at(pointer) else { return Vec::new() };
        if view.kind() != Kind::Array {
            let name = pointer.last().unwrap_or_default();
            let detail = format!("`{name}` is {}, not an array", view.kind().with_article());
            self.observe(ObservationKind::MissingList, pointer.clone(), detail);
            return Vec::new();
        }
        let items = view.items().enumerate();
        items
            .filter_map(|(index, item)| self.item(item, pointer.join(index), item_type, subject))
            .collect()
    }

    fn item(
        &mut self,
        view: View<'_>,
        pointer: Pointer,
        item_type: ItemType,
        subject: fn(String) -> Subject,
    ) -> Option<Found> {
        let problem = match (view.kind(), view.get("name").map(|name| (name.kind(), name.as_str())))
        {
            (Kind::Object, Some((_, Some(name)))) => {
                let name = name.into_owned();
                let entry = (Subject::named(subject, &name), view.anchor());
                self.subjects.insert(pointer.clone(), entry);
                self.check_item(view, &pointer, item_type);
                return Some(Found { pointer, name, anchor: view.anchor() });
            }
            (Kind::Object, Some((kind, None))) => {
                format!("its name is {}, not a string", kind.with_article())
            }
            (Kind::Object, None) => "it has no name".to_owned(),
            (kind, _) => format!("it is {}, not an object", kind.with_article()),
        };
        self.observe(ObservationKind::UnreadableItem, pointer, problem);
        None
    }

    fn check_item(&mut self, item: View<'_>, pointer: &Pointer, item_type: ItemType) {
        self.check_types(item, pointer, item_type.members);
        if let Some(annotations) = item.get("annotations") {
            self.check_types(annotations, &pointer.join("annotations"), item_type.annotations);
        }
        let arguments = item.get("arguments").filter(|_| !item_type.arguments.is_empty());
        for (index, argument) in arguments.into_iter().flat_map(View::items).enumerate() {
            let pointer = pointer.join("arguments").join(index);
            let problem = match argument.kind() {
                Kind::Object if argument.get("name").is_some() => {
                    self.check_types(argument, &pointer, item_type.arguments);
                    continue;
                }
                Kind::Object => "an argument has no `name`".to_owned(),
                kind => format!("an argument is {}, not an object", kind.with_article()),
            };
            self.observe(ObservationKind::WrongType, pointer, problem);
        }
    }

    fn check_types(&mut self, holder: View<'_>, pointer: &Pointer, members: Members) {
        for (name, expected) in members {
            let Some(member) = holder.get(name) else { continue };
            if !is_of(member.kind(), *expected) {
                let found = member.kind().with_article();
                let detail = format!("`{name}` is {found}, not {}", expected.with_article());
                self.observe(ObservationKind::WrongType, pointer.join(name), detail);
            }
        }
    }

    /// `capabilities` and each of them is an object (specification, `ServerCapabilities`).
    fn check_capabilities(&mut self, capabilities: View<'_>, pointer: &Pointer) {
        let each = capabilities.members().filter_map(|(key, value)| Some((key.as_str()?, value)));
        let mut all = vec![("capabilities".into(), capabilities, pointer.clone())];
        all.extend(each.map(|(name, value)| {
            let pointer = pointer.join(&name);
            (name, value, pointer)
        }));
        for (name, value, pointer) in all {
            if value.kind() != Kind::Object {
                let detail = format!("`{name}` is {}, not an object", value.kind().with_article());
                self.observe(ObservationKind::WrongType, pointer, detail);
            }
        }
    }

    fn server(&mut self, holder: Option<View<'_>>, pointer: &Pointer, root: View<'_>) -> Server {
        let Some(holder) = holder else { return Server::default() };
        // A contract keeps the identity beside the surface, a surface document inside it.
        let info = holder
            .get("serverInfo")
            .or_else(|| root.get("server"))
            .or_else(|| holder.get("_meta")?.get("io.modelcontextprotocol/serverInfo"));
        if let Some(capabilities) = holder.get("capabilities") {
            self.check_capabilities(capabilities, &pointer.join("capabilities"));
        }
        // Of a server that was asked, it is known already, with the request that was answered so.
        if !self.observations.iter().any(|it| it.kind == ObservationKind::CacheHints) {
            self.check_types(holder, pointer, ANSWER_MEMBERS);
        }
        let text = |view: Option<View<'_>>| Some(view?.as_str()?.into_owned());
        let member = |name: &str| text(info.and_then(|info| info.get(name)));
        let instructions = holder.get("instructions");
        if let Some(odd) = instructions.filter(|view| view.kind() != Kind::String) {
            let detail = format!("`instructions` is {}, not a string", odd.kind().with_article());
            self.observe(ObservationKind::WrongType, pointer.join("instructions"), detail);
        }
        Server {
            name: member("name"),
            title: member("title"),
            version: member("version"),
            revision_text: text(holder.get("protocolVersion").or_else(|| root.get("revision"))),
            instructions: text(instructions),
            capabilities: holder.get("capabilities").map_or(Value::Null, View::to_value),
        }
    }
}

fn is_of(found: Kind, expected: Kind) -> bool {
    found == expected || (expected == Kind::True && found == Kind::False)
}

pub(super) fn describe(
    document: &Document,
    kind: OddityKind,
    span: &std::ops::Range<usize>,
) -> String {
    let text: String = document.text()[span.clone()].chars().take(60).collect();
    match kind {
        OddityKind::DuplicateKey => format!("the key {text} stands twice"),
        OddityKind::InvalidUtf8 => "bytes that are not UTF-8".to_owned(),
        OddityKind::LoneSurrogate => format!("`{text}` is half of a surrogate pair"),
        OddityKind::ControlCharacter => {
            format!("the raw control character {}", text.escape_unicode())
        }
        OddityKind::ByteOrderMark => "the text starts with a byte order mark".to_owned(),
        OddityKind::NumberOutOfRange => format!("no 64-bit number holds `{text}`"),
        OddityKind::TooDeep => "nested deeper than 128 levels".to_owned(),
    }
}
