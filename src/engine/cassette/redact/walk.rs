//! Walks a message and says what has to be replaced in its text.
//!
//! What a name means depends on where it stands: `nextCursor` of a result belongs to the protocol and
//! `password` of arguments to somebody. So the walk knows the [`Place`] that it is at.

use std::{borrow::Cow, ops::Range};

use super::{
    Redactor, limits,
    name::{Naming, naming},
    shape::is_reference,
    text::{self, Hit},
};
use crate::engine::protocol::{
    canonical::write_string,
    json::{Document, Kind, View},
};

/// A part of a text and what comes in its place.
#[derive(Debug, Clone)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) with: String,
}

/// What a value is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A message of JSON-RPC.
    Envelope,
    /// `params` or `result`: members with a meaning in the protocol.
    Protocol,
    /// The `_meta` of those.
    Meta,
    /// What a tool takes or gives, of which only names tell anything.
    Data,
    /// The value of a name of a secret, or something in it; `digits` where numbers are secret too.
    Secret { digits: bool },
    /// What has to come back as it was and whose name tells nothing; a secret with a shape of its own
    /// is one here too.
    Quiet,
    /// What the protocol needs.
    Untouched,
}

/// Members of `params` and `result`, at any depth, that the protocol hands back and forth.
pub(super) const HANDED_BACK: &[&str] = &[
    "cursor", "elicitationId", "nextCursor", "progressToken", "requestId", "requestState",
    "subscriptionId", "taskId", "taskIds",
];

/// Members of those that are schemas.
const SCHEMAS: &[&str] = &["inputSchema", "outputSchema", "requestedSchema"];

/// JSON in text in JSON in text, and so on, is looked into so deep.
const MOST_LAYERS: u32 = 8;

/// What to replace in a message, a batch of messages, or any other JSON.
pub(super) fn message(redactor: &mut Redactor, document: &Document) -> Vec<Splice> {
    let mut walk = Walk { redactor, splices: Vec::new(), layer: 0 };
    let root = document.root();
    match root.kind() {
        Kind::Array => {
            let is_batch = root.items().next().is_some_and(is_envelope);
            let place = if is_batch { Place::Envelope } else { Place::Data };
            root.items().for_each(|item| walk.value(item, place));
        }
        _ if is_envelope(root) => walk.value(root, Place::Envelope),
        _ => walk.value(root, Place::Data),
    }
    walk.splices
}

/// What to replace in a text that is no message.
pub(super) fn free_text(redactor: &mut Redactor, text: &str) -> Vec<Splice> {
    Walk { redactor, splices: Vec::new(), layer: 0 }.string(text, Place::Data)
}

fn is_envelope(view: View<'_>) -> bool {
    let has = |name| view.get(name).is_some();
    view.kind() == Kind::Object
        && (has("jsonrpc") || (has("method") && has("params")) || (has("id") && has("result")))
}

struct Walk<'r> {
    redactor: &'r mut Redactor,
    splices: Vec<Splice>,
    /// How many texts lie around this one.
    layer: u32,
}

impl Walk<'_> {
    fn value(&mut self, view: View<'_>, place: Place) {
        match (view.kind(), place) {
            (_, Place::Untouched) | (Kind::Null | Kind::True | Kind::False, _) => {}
            (Kind::Object, _) => self.object(view, place),
            (Kind::Array, _) => self.array(view, place),
            (Kind::String, _) => {
                let decoded = view.as_str().unwrap_or_default();
                let splices = self.string(&decoded, place);
                self.lift(view, splices);
            }
            (Kind::Number, Place::Secret { digits: true }) => {
                let with = format!("\"{}\"", self.redactor.seal.placeholder(view.text()));
                self.splices.push(Splice { range: view.span(), with });
            }
            (Kind::Number, _) => {}
            // Nested deeper than JSON is read: searched as it stands.
            (Kind::TooDeep, _) => {
                let start = view.span().start;
                let hits = text::find(view.text(), Vec::new());
                self.splices.extend(self.redactor.replace(view.text(), hits).into_iter().map(
                    |it| Splice {
                        range: start + it.range.start..start + it.range.end,
                        with: it.with,
                    },
                ));
            }
        }
    }

    fn object(&mut self, view: View<'_>, place: Place) {
        let pair = pair_naming(view, place);
        let is_binary = matches!(member_text(view, "type").as_deref(), Some("image" | "audio"));
        for (key, value) in view.members() {
            let name = key.as_str().unwrap_or_default();
            let inside = match (&*name, pair) {
                ("value" | "val", Some(naming)) => by_naming(naming, value, place),
                // Bytes of an image by chance look like anything.
                ("data", _) if is_binary && place == Place::Protocol => Place::Untouched,
                ("blob", _) if place == Place::Protocol => Place::Untouched,
                _ => child(place, &name, value),
            };
            if matches!(place, Place::Data | Place::Secret { .. }) {
                let hits = text::find_shapes(&name);
                let splices = self.redactor.replace(&name, hits);
                self.lift(key, splices);
            }
            self.value(value, inside);
        }
    }

    fn array(&mut self, view: View<'_>, place: Place) {
        let mut is_value_of_flag = false;
        for item in view.items() {
            let text = item.as_str();
            let inside = match &text {
                Some(_) if is_value_of_flag => Place::Secret { digits: false },
                _ => place,
            };
            is_value_of_flag = place == Place::Data
                && text.is_some_and(|text| {
                    let name = text.trim_start_matches('-');
                    name.len() < text.len() && matches!(naming(name), Naming::Secret { .. })
                });
            self.value(item, inside);
        }
        if matches!(place, Place::Protocol | Place::Data) {
            self.blocks(view);
        }
    }

    /// Blocks of text that follow each other are one text to whoever reads them: a secret may stand
    /// in one block and what tells so in the one before, or it is cut in two.
    fn blocks(&mut self, view: View<'_>) {
        const LONGEST: usize = 1 << 20;
        let text_of = |item: View<'_>| member_text(item, "type").as_deref() == Some("text");
        let views: Vec<View<'_>> = view
            .items()
            .filter(|item| text_of(*item))
            .filter_map(|item| item.get("text"))
            .collect();
        let texts: Vec<Cow<'_, str>> = views.iter().filter_map(|view| view.as_str()).collect();
        let total: usize = texts.iter().map(|text| text.len()).sum();
        if texts.len() < 2 || texts.len() != views.len() || total > LONGEST {
            return;
        }
        for gap in ["", "\n"] {
            let joined = texts.join(gap);
            for hit in text::find(&joined, Vec::new()) {
                self.across(&joined, &hit, &views, &texts, gap.len());
            }
        }
    }

    /// Replaces what was found in blocks that were joined: the placeholder comes into the first that
    /// it touches.
    fn across(
        &mut self,
        joined: &str,
        hit: &Hit,
        views: &[View<'_>],
        texts: &[Cow<'_, str>],
        gap: usize,
    ) {
        let mut with = self.redactor.placeholder_of(&joined[hit.range.clone()], hit.learn);
        let mut start = 0;
        for (view, text) in views.iter().zip(texts) {
            let block = start..start + text.len();
            let from = hit.range.start.max(block.start);
            let to = hit.range.end.min(block.end);
            if from < to {
                let range = from - block.start..to - block.start;
                let offsets = view.offsets(&[range.start, range.end]);
                let range = offsets[0]..offsets[1];
                // What the block alone has told is replaced already.
                let is_done = |splice: &Splice| {
                    splice.range.start < range.end && range.start < splice.range.end
                };
                if !self.splices.iter().any(is_done) {
                    self.splices.push(Splice { range, with: std::mem::take(&mut with) });
                }
            }
            start = block.end + gap;
        }
    }

    /// What to replace in a string, in the places of the decoded text.
    fn string(&mut self, text: &str, place: Place) -> Vec<Splice> {
        let hits = match place {
            Place::Untouched => return Vec::new(),
            Place::Secret { .. } => return self.whole(text),
            Place::Quiet => text::find_shapes(text),
            Place::Envelope | Place::Protocol | Place::Meta | Place::Data => {
                if !self.redactor.may_hold_secret(text) {
                    return Vec::new();
                }
                if let Some(splices) = self.nested(text) {
                    return splices;
                }
                let mut known = Vec::new();
                self.redactor.memory.find(text, &mut known);
                text::find(text, known)
            }
        };
        self.redactor.replace(text, hits)
    }

    /// The splices of a text that is JSON itself; none where it is not.
    fn nested(&mut self, text: &str) -> Option<Vec<Splice>> {
        let trimmed = text.trim();
        let ends = (trimmed.as_bytes().first()?, trimmed.as_bytes().last()?);
        let may_be_json = matches!(ends, (b'{', b'}') | (b'[', b']') | (b'"', b'"'));
        if !may_be_json || self.layer == MOST_LAYERS {
            return None;
        }
        let document = Document::read(text.as_bytes(), &limits(text)).ok()?;
        if document.text().len() != text.len() {
            return None;
        }
        let mut walk = Walk { redactor: self.redactor, splices: Vec::new(), layer: self.layer + 1 };
        walk.value(document.root(), Place::Data);
        Some(walk.splices)
    }

    /// A string that is a secret by its name. A scheme before it (`Bearer …`) stays.
    fn whole(&mut self, text: &str) -> Vec<Splice> {
        const SCHEMES: [&str; 5] = ["bearer ", "basic ", "token ", "digest ", "apikey "];
        let scheme = SCHEMES.iter().find(|scheme| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        let from = scheme.map_or(0, |scheme| scheme.len());
        let secret = &text[from..];
        if is_reference(secret) {
            return Vec::new();
        }
        let with = self.redactor.placeholder_of(secret, true);
        vec![Splice { range: from..text.len(), with }]
    }

    /// Brings splices of a decoded string to where they stand in the document.
    fn lift(&mut self, view: View<'_>, mut splices: Vec<Splice>) {
        if splices.is_empty() {
            return;
        }
        splices.sort_by_key(|splice| splice.range.start);
        let places: Vec<usize> =
            splices.iter().flat_map(|it| [it.range.start, it.range.end]).collect();
        let offsets = view.offsets(&places);
        for (splice, range) in splices.into_iter().zip(offsets.chunks_exact(2)) {
            let mut literal = String::new();
            write_string(&splice.with, &mut literal);
            let with = literal[1..literal.len() - 1].to_owned();
            self.splices.push(Splice { range: range[0]..range[1], with });
        }
    }
}

impl Redactor {
    /// Splices for the secrets of a text.
    fn replace(&mut self, text: &str, hits: Vec<Hit>) -> Vec<Splice> {
        let splice = |hit: Hit| {
            let with = self.placeholder_of(&text[hit.range.clone()], hit.learn);
            Splice { range: hit.range, with }
        };
        hits.into_iter().map(splice).collect()
    }

    fn placeholder_of(&mut self, secret: &str, learn: bool) -> String {
        if learn {
            self.memory.learn(secret);
        }
        self.seal.placeholder(secret)
    }
}

/// What the value of a member is a part of.
fn child(place: Place, name: &str, value: View<'_>) -> Place {
    let is_scalar = !matches!(value.kind(), Kind::Object | Kind::Array);
    match place {
        Place::Untouched | Place::Quiet => place,
        Place::Envelope => match name {
            "params" | "result" | "error" => Place::Protocol,
            "id" | "jsonrpc" | "method" => Place::Untouched,
            _ => by_naming(naming(name), value, Place::Data),
        },
        Place::Protocol => match name {
            _ if HANDED_BACK.contains(&name) || SCHEMAS.contains(&name) => Place::Untouched,
            "_meta" => Place::Meta,
            "arguments" | "structuredContent" | "data" | "input" | "env" | "toolResult" => {
                Place::Data
            }
            "content" if is_form(value) => Place::Data,
            _ => match naming(name) {
                Naming::Cursor => Place::Untouched,
                naming if is_scalar => by_naming(naming, value, Place::Protocol),
                _ => Place::Protocol,
            },
        },
        Place::Meta if is_of_protocol(name) => Place::Quiet,
        Place::Meta => match HANDED_BACK.contains(&name) {
            true => Place::Untouched,
            false => by_naming(naming(name), value, Place::Data),
        },
        Place::Data => by_naming(naming(name), value, place),
        Place::Secret { .. } => {
            const HARMLESS: [&str; 9] =
                ["type", "kind", "name", "user", "username", "email", "region", "host", "expires"];
            match HARMLESS.contains(&name) {
                true => Place::Data,
                false => by_naming(naming(name), value, place),
            }
        }
    }
}

/// Where a name leads, by what it says; `otherwise` where it says nothing.
fn by_naming(naming: Naming, value: View<'_>, otherwise: Place) -> Place {
    match naming {
        Naming::Secret { .. } if is_schema(value) => otherwise,
        Naming::Secret { digits } => Place::Secret { digits },
        Naming::Cursor => Place::Quiet,
        Naming::Plain => otherwise,
    }
}

/// What the name in `{"name": "API_KEY", "value": "…"}` says about the value: so are environments,
/// headers and forms written.
fn pair_naming(view: View<'_>, place: Place) -> Option<Naming> {
    if !matches!(place, Place::Data | Place::Protocol | Place::Meta) {
        return None;
    }
    view.members().find_map(|(key, value)| {
        let is_name = matches!(&*key.as_str()?, "name" | "key" | "header" | "variable" | "field");
        let naming = is_name.then(|| value.as_str().map(|name| naming(&name)))??;
        matches!(naming, Naming::Secret { .. }).then_some(naming)
    })
}

fn member_text<'a>(view: View<'a>, name: &str) -> Option<Cow<'a, str>> {
    view.get(name).and_then(View::as_str)
}

/// Whether the `content` of a result holds what somebody has filled in, and not blocks.
fn is_form(content: View<'_>) -> bool {
    const BLOCKS: [&str; 7] =
        ["text", "image", "audio", "resource", "resource_link", "tool_use", "tool_result"];
    content.kind() == Kind::Object
        && !member_text(content, "type").is_some_and(|kind| BLOCKS.contains(&&*kind))
}

/// Whether an object is a schema, so that the name before it is that of a property.
fn is_schema(view: View<'_>) -> bool {
    const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
    let mut members = view.members();
    members.any(|(key, value)| match key.as_str().as_deref() {
        Some("type") => match value.kind() {
            Kind::String => value.as_str().is_some_and(|it| TYPES.contains(&&*it)),
            Kind::Array => {
                value.items().all(|it| it.as_str().is_some_and(|it| TYPES.contains(&&*it)))
            }
            _ => false,
        },
        Some("$ref" | "anyOf" | "oneOf" | "allOf" | "enum" | "properties") => true,
        _ => false,
    })
}

/// Whether a key of `_meta` is reserved for the protocol: the second label of its prefix says so.
fn is_of_protocol(name: &str) -> bool {
    let prefix = name.split_once('/').map_or("", |(prefix, _)| prefix);
    matches!(prefix.split('.').nth(1), Some("modelcontextprotocol" | "mcp"))
}
