//! Several documents, one surface: the pages of a list, or a folder with a file for each tool.
//!
//! The items are copied as they stand into one document ([`compose`](super::compose)), so that a
//! pointer leads somewhere and every rule sees one surface. [`Origins`] leads back from there to
//! the lines a user can open.

use std::ops::Range;

use super::{
    NotASurface,
    compose::Parts,
    read::describe,
    shape::{LISTS, Piece, Shape, Tools},
};
use crate::engine::{
    finding::{Observation, ObservationKind},
    protocol::{
        json::{Document, Kind, Limits, OddityKind, Position, View},
        pointer::Pointer,
    },
};

/// What was put together.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) document: Document,
    pub(super) origins: Origins,
    pub(super) observations: Vec<Observation>,
}

/// One of several documents that are put together.
#[derive(Debug)]
pub(super) struct Part {
    /// The name of its file, where each has one.
    pub(super) file: Option<String>,
    pub(super) document: Document,
    /// What stands before it in a text of several documents, without a byte order mark.
    pub(super) bytes_before: usize,
    pub(super) lines_before: usize,
}

impl Part {
    /// A document that is a text of its own.
    pub(super) fn whole(file: Option<String>, document: Document) -> Self {
        Self { file, document, bytes_before: 0, lines_before: 0 }
    }
}

/// Where the items of a document stood before they were put together; empty for a document that is
/// as it was read.
#[derive(Debug, Default)]
pub(super) struct Origins {
    files: Vec<String>,
    /// In the order of the document.
    items: Vec<Origin>,
}

#[derive(Debug)]
struct Origin {
    /// The bytes of the document that put it together.
    span: Range<usize>,
    /// The index of the file, where there are files.
    file: Option<usize>,
    /// Where the first byte stood.
    start: Position,
    /// How many bytes stood before it.
    offset: usize,
}

impl Origins {
    /// Line and column of a byte offset as the user has it; none for what was not copied from
    /// anywhere.
    pub(super) fn position(&self, document: &Document, offset: usize) -> Option<Position> {
        if self.items.is_empty() {
            return Some(document.position(offset));
        }
        let origin = self.around(offset)?;
        let (first, here) = (document.position(origin.span.start), document.position(offset));
        let column = if here.line == first.line {
            origin.start.column + here.column - first.column
        } else {
            here.column
        };
        Some(Position { line: origin.start.line + here.line - first.line, column })
    }

    /// The name of the file that a byte came from, where the surface was several files.
    pub(super) fn file(&self, offset: usize) -> Option<&str> {
        Some(&self.files[self.around(offset)?.file?])
    }

    /// Where a byte stood in the text that was read; none for what was not copied from one text.
    pub(super) fn source(&self, offset: usize) -> Option<usize> {
        if self.items.is_empty() {
            return Some(offset);
        }
        let origin = self.around(offset)?;
        origin.file.is_none().then(|| origin.offset + offset - origin.span.start)
    }

    fn around(&self, offset: usize) -> Option<&Origin> {
        let next = self.items.partition_point(|origin| origin.span.start <= offset);
        let origin = &self.items[next.checked_sub(1)?];
        origin.span.contains(&offset).then_some(origin)
    }
}

/// Puts the surfaces and pages in some documents together, in the order given. What a server says
/// of itself is taken from the first that says it.
///
/// # Errors
/// When none of them has a list or a tool, or one of them is something else altogether.
pub(super) fn gather(parts: &[Part]) -> Result<Gathered, NotASurface> {
    let mut collector = Collector::default();
    for (index, Part { file, document, .. }) in parts.iter().enumerate() {
        let root = document.root();
        let pieces = match Shape::of(root) {
            Ok(Shape::Whole(piece)) => vec![piece],
            Ok(Shape::Pages(pieces)) => pieces,
            // Among the lines of a conversation there are other messages.
            Err(_) if root.get("jsonrpc").is_some() => {
                Piece::answer(root, &Pointer::root()).into_iter().collect()
            }
            Err(found) => return Err(NotASurface::AnotherKind(found)),
        };
        let mut copied = Vec::new();
        for piece in &pieces {
            collector.take(root, piece, (index, file.as_deref()), &mut copied);
        }
        collector.observe_around(document, &copied, file.as_deref());
    }
    if collector.lists.iter().all(|list| !list.is_given) {
        return Err(NotASurface::AnotherKind("answers of which none has a list".to_owned()));
    }
    Ok(collector.finish(parts))
}

/// One list over all pages.
#[derive(Debug, Default)]
struct List<'a> {
    is_given: bool,
    /// Each with the index of its document.
    items: Vec<(usize, View<'a>)>,
    /// What the last page says about the one after it.
    cut_off: Option<String>,
}

#[derive(Debug, Default)]
struct Collector<'a> {
    parts: Parts<'a>,
    lists: [List<'a>; LISTS.len()],
    observations: Vec<Observation>,
}

/// Takes the first value that is found for a member.
fn keep<'a>(slot: &mut Option<View<'a>>, found: Option<View<'a>>, copied: &mut Vec<Range<usize>>) {
    if let (None, Some(found)) = (&slot, found) {
        copied.push(found.span());
        *slot = Some(found);
    }
}

impl<'a> Collector<'a> {
    fn take(
        &mut self,
        root: View<'a>,
        piece: &Piece,
        (index, file): (usize, Option<&str>),
        copied: &mut Vec<Range<usize>>,
    ) {
        let Some(holder) = root.at(&piece.holder) else { return };
        self.take_greeting(root, holder, copied);
        for (list, name) in self.lists.iter_mut().zip(LISTS) {
            let found = match &piece.tools {
                Tools::One if name == "tools" => {
                    copied.push(holder.span());
                    list.is_given = true;
                    list.items.push((index, holder));
                    continue;
                }
                Tools::List(pointer) if name == "tools" => root.at(pointer),
                _ => holder.get(name),
            };
            let Some(found) = found else { continue };
            if name == "tools" {
                keep(&mut self.parts.ttl_ms, holder.get("ttlMs"), copied);
                keep(&mut self.parts.cache_scope, holder.get("cacheScope"), copied);
            }
            list.is_given = true;
            list.cut_off = cut_off(name, holder);
            if found.kind() == Kind::Array {
                copied.extend(found.items().map(View::span));
                list.items.extend(found.items().map(|item| (index, item)));
            } else {
                let place = file.map(|file| format!(" in {file}")).unwrap_or_default();
                let found = found.kind().with_article();
                let detail = format!("`{name}` is {found}, not an array{place}");
                self.observations.push(Observation::on_wire(ObservationKind::MissingList, detail));
            }
        }
    }

    fn take_greeting(&mut self, root: View<'a>, holder: View<'a>, copied: &mut Vec<Range<usize>>) {
        let info = holder
            .get("serverInfo")
            .or_else(|| root.get("server"))
            .or_else(|| holder.get("_meta")?.get("io.modelcontextprotocol/serverInfo"));
        let parts = &mut self.parts;
        for (slot, found) in [
            (&mut parts.server_info, info),
            (&mut parts.capabilities, holder.get("capabilities")),
            (&mut parts.instructions, holder.get("instructions")),
            (&mut parts.supported_versions, holder.get("supportedVersions")),
        ] {
            keep(slot, found, copied);
        }
        let version = holder.get("protocolVersion").or_else(|| root.get("revision"));
        let version = version.and_then(View::as_str).map(|version| version.into_owned());
        parts.protocol_version = parts.protocol_version.take().or(version);
    }

    /// Keeps what is odd about a document outside the parts that are copied; inside them it will
    /// be met again.
    fn observe_around(&mut self, document: &Document, copied: &[Range<usize>], file: Option<&str>) {
        for oddity in document.oddities() {
            // A byte order mark stands before everything, also before an item at the very start.
            let is_copied = copied.iter().any(|span| span.contains(&oddity.span.start));
            if is_copied && oddity.kind != OddityKind::ByteOrderMark {
                continue;
            }
            let place = file.map(|file| format!(" in {file}")).unwrap_or_default();
            let detail = describe(document, oddity.kind, &oddity.span) + &place;
            let kind = ObservationKind::Json(oddity.kind);
            self.observations.push(Observation::on_wire(kind, detail));
        }
    }

    fn finish(self, sources: &[Part]) -> Gathered {
        let Self { mut parts, lists, mut observations } = self;
        let given = LISTS.iter().zip(&lists).filter(|(_, list)| list.is_given);
        parts.lists = given
            .map(|(name, list)| (*name, list.items.iter().map(|(_, item)| *item).collect()))
            .collect();
        let limits = Limits { max_bytes: usize::MAX, max_nodes: usize::MAX, ..Limits::default() };
        let document =
            parts.compose(&limits).expect("pieces of JSON put together are JSON within no limits");
        let mut origins = Origins::default();
        let mut file_indices = Vec::new();
        for part in sources {
            file_indices.push(part.file.as_ref().map(|file| {
                origins.files.push(file.clone());
                origins.files.len() - 1
            }));
        }
        for (name, list) in LISTS.iter().zip(&lists) {
            let copies = document.root().get(name);
            for ((index, item), copy) in
                list.items.iter().zip(copies.into_iter().flat_map(View::items))
            {
                let (start, part) = (item.span().start, &sources[*index]);
                let position = item.document().position(start);
                origins.items.push(Origin {
                    span: copy.span(),
                    file: file_indices[*index],
                    start: Position { line: position.line + part.lines_before, ..position },
                    offset: start + part.bytes_before,
                });
            }
            let cut_off = list.cut_off.clone();
            observations.extend(
                cut_off.map(|detail| Observation::on_wire(ObservationKind::Truncated, detail)),
            );
        }
        Gathered { document, origins, observations }
    }
}

/// What is wrong with a page after which no other comes, if it hands out a cursor for one.
pub(super) fn cut_off(list: &str, holder: View<'_>) -> Option<String> {
    let cursor = holder.get("nextCursor")?.as_str().filter(|cursor| !cursor.is_empty())?;
    let cursor: String = cursor.chars().take(40).collect();
    Some(format!("`{list}` goes on after the last page there is: `nextCursor` is `{cursor}`"))
}

#[cfg(test)]
mod tests {
    use super::super::{Surface, read, read_files};
    use crate::engine::{
        finding::ObservationKind,
        protocol::json::{Limits, OddityKind, Position},
    };

    fn pages(text: &str) -> Surface {
        read(text.as_bytes(), &Limits::default()).unwrap()
    }

    fn folder(files: &[(&str, &str)]) -> Result<Surface, String> {
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect();
        read_files(&files, &Limits::default()).map_err(|(file, error)| format!("{file}: {error}"))
    }

    fn names(surface: &Surface) -> Vec<&str> {
        surface.tools.iter().map(|tool| tool.name.as_str()).collect()
    }

    #[test]
    fn pages_are_one_surface_however_they_are_kept() {
        let first = r#"{"tools": [{"name": "b"}, {"name": "c"}], "nextCursor": "1"}"#;
        let last = r#"{"tools": [{"name": "a"}]}"#;
        let envelope = |result: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        for text in [
            format!("[{first}, {last}]"),
            format!("[{},\n{}]", envelope(first), envelope(last)),
            format!("{first}\n{last}"),
            format!("\n{}\r\n\r\n{}\n", envelope(first), envelope(last)),
        ] {
            let surface = pages(&text);
            assert_eq!(names(&surface), ["b", "c", "a"], "{text}");
            assert_eq!(surface.observations, [], "{text}");
        }
    }

    #[test]
    fn among_the_lines_of_a_conversation_the_answers_count() {
        let surface = pages(concat!(
            r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#,
            "\n",
            r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{},"#,
            r#""serverInfo":{"name":"shop","version":"1.2.3"}}}"#,
            "\n",
            r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]}}"#,
            "\n",
            r#"{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no prompts"}}"#,
            "\n",
        ));
        assert_eq!(names(&surface), ["a"]);
        assert_eq!(surface.server.version.as_deref(), Some("1.2.3"));
        assert_eq!(surface.server.revision_text.as_deref(), Some("2025-11-25"));
    }

    #[test]
    fn positions_are_those_of_the_text_and_the_files() {
        let surface =
            pages("[{\"tools\": []},\n  {\"tools\": [{\"name\": \"a\",\n\"title\": \"A\"}]}]");
        let tool = &surface.tools[0].pointer;
        assert_eq!(surface.position(tool), Some(Position { line: 2, column: 14 }));
        let lines = pages("\u{feff}{\"tools\": []}\n\n{\"tools\": [{\"name\": \"a\"}]}");
        let name = lines.tools[0].pointer.join("name");
        assert_eq!(lines.position(&name), Some(Position { line: 3, column: 21 }));
        assert_eq!(lines.source_offset(lines.view(&name).unwrap().span().start), Some(35));
        let title = tool.join("title");
        assert_eq!(surface.position(&title), Some(Position { line: 3, column: 10 }));
        assert_eq!(surface.position(&surface.pointer), None);
        assert_eq!(surface.file(tool), None);

        let files = [
            ("a.json", r#"{"name": "a", "inputSchema": {}}"#),
            ("b.snap", "\n{\"result\": {\"tools\": [\n {\"name\": \"b\"}]}}"),
        ];
        let surface = folder(&files).unwrap();
        assert_eq!(names(&surface), ["a", "b"]);
        let [first, second] = [0, 1].map(|index| surface.tools[index].pointer.join("name"));
        assert_eq!(surface.file(&first), Some("a.json"));
        assert_eq!(surface.position(&first), Some(Position { line: 1, column: 10 }));
        assert_eq!(surface.file(&second), Some("b.snap"));
        assert_eq!(surface.position(&second), Some(Position { line: 3, column: 11 }));
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let tool = ("a.json", r#"{"name": "a", "inputSchema": {}}"#);
        let error = folder(&[tool, ("package.json", r#"{"name": "app", "version": "1"}"#)]);
        let error = error.unwrap_err();
        assert!(error.starts_with("package.json: expected a tool list"), "{error}");
        assert!(error.ends_with("found an object with the keys name, version"), "{error}");
        let error = folder(&[tool, ("b.json", "{")]).unwrap_err();
        assert!(error.starts_with("b.json: not readable as JSON"), "{error}");
    }

    #[test]
    fn what_is_odd_outside_the_items_is_not_lost() {
        let files = [
            ("a.json", "\u{feff}{\"name\": \"a\", \"inputSchema\": {\"type\": 1, \"type\": 2}}"),
            ("b.json", r#"{"tools": [], "tools": 7}"#),
        ];
        let surface = folder(&files).unwrap();
        let seen: Vec<_> =
            surface.observations.iter().map(|seen| (seen.kind, seen.pointer.is_some())).collect();
        let json = ObservationKind::Json;
        assert_eq!(
            seen,
            [
                (json(OddityKind::ByteOrderMark), false),
                (ObservationKind::MissingList, false),
                (json(OddityKind::DuplicateKey), false),
                (json(OddityKind::DuplicateKey), true),
            ]
        );
        assert!(surface.observations[0].detail.ends_with("in a.json"));
    }

    #[test]
    fn a_last_page_that_is_not_the_last_is_seen() {
        let page = r#"{"tools": [{"name": "a"}], "nextCursor": "2"}"#;
        for text in [page.to_owned(), format!("[{page}, {page}]")] {
            let surface = pages(&text);
            let seen: Vec<_> = surface.observed(ObservationKind::Truncated).collect();
            assert_eq!(seen.len(), 1, "{text}");
            assert_eq!(
                seen[0].detail,
                "`tools` goes on after the last page there is: `nextCursor` is `2`"
            );
        }
    }

    #[test]
    fn a_broken_line_is_told_by_its_number() {
        let page = r#"{"tools": [{"name": "a"}]}"#;
        let error = read(format!("{page}\n\n{{oops\n").as_bytes(), &Limits::default());
        let error = error.unwrap_err().to_string();
        assert!(error.contains("at line 3, column 2"), "{error}");
    }
}
