//! Where a finding is: in words, and as a line of a file.

use super::{Report, Source, Transport, escape::shorten};
use crate::engine::{
    finding::{Place, Side, Subject},
    protocol::{json::Position, pointer::Pointer},
};

/// Most characters of one step of a path, as it is shown.
const MAX_STEP: usize = 200;

/// A spot in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file as it was named: a path, or `git:REV:PATH`.
    pub file: String,
    /// Line and column.
    pub position: Position,
}

impl Location {
    /// The file as a path that a reader of the repository has: for `git:REV:PATH` the path in the
    /// repository, for standard input none.
    pub fn path(&self) -> Option<String> {
        let path = match self.file.strip_prefix("git:") {
            Some(rest) => rest.split_once(':')?.1,
            None if self.file == "-" => return None,
            None => &self.file,
        };
        Some(path.strip_prefix("./").unwrap_or(path).replace('\\', "/"))
    }

    /// Whether the line counts in the file that the path names now, rather than in an earlier
    /// revision of it.
    pub fn is_current(&self) -> bool {
        !self.file.starts_with("git:")
    }
}

impl Report<'_> {
    /// Where a place is, if it is in a file.
    pub fn location(&self, place: &Place) -> Option<Location> {
        let index = || place.pointer.last()?.parse::<usize>().ok();
        if place.subject == Subject::Project {
            let list = self.allow_list?;
            let position = list.entries.get(index()?)?.position;
            return Some(Location { file: list.file.to_owned(), position });
        }
        if place.subject == Subject::Baseline {
            let list = self.baseline?;
            let position = list.baseline.entries.get(index()?)?.position;
            return Some(Location { file: list.file.to_owned(), position });
        }
        in_file(self.side(place.side)?, &place.pointer)
    }

    /// Where the same thing is on the other side, or else the whole tool, if that side is a file.
    pub fn counterpart(&self, place: &Place) -> Option<Location> {
        let other = match place.side {
            Side::Old => Side::New,
            Side::New => Side::Old,
        };
        let source = self.side(other)?;
        let name = place.subject.tool()?;
        let tool = source.surface.tools.iter().find(|tool| tool.name == name)?;
        in_file(source, &tool.pointer.concat(&place.within))
            .or_else(|| in_file(source, &tool.pointer))
    }
}

fn in_file(source: Source<'_>, pointer: &Pointer) -> Option<Location> {
    if source.origin.transport != Transport::File {
        return None;
    }
    let position = source.surface.position(pointer)?;
    let name = &source.origin.name;
    let file = match source.surface.file(pointer) {
        Some(file) => format!("{}/{file}", name.trim_end_matches('/')),
        None => name.clone(),
    };
    Some(Location { file, position })
}

/// A place in one word: `move_deal.input.stage`, `move_deal.annotations.readOnlyHint`, `server`.
pub(super) fn path(place: &Place) -> String {
    let mut path = match (&place.subject, place.subject.name()) {
        (Subject::Project, _) => return "mcp-kit.toml".to_owned(),
        (Subject::Baseline, _) => return "baseline".to_owned(),
        (Subject::Tool(_), Some("")) => "\"\"".to_owned(),
        (Subject::Tool(_), Some(name)) => name.to_owned(),
        (subject, Some(name)) => format!("{} {name}", subject.kind()),
        (subject, None) => subject.kind().to_owned(),
    };
    let mut steps = place.within.tokens().peekable();
    let Some(first) = steps.next() else { return path };
    match first.as_ref() {
        "inputSchema" => path.push_str(".input"),
        "outputSchema" => path.push_str(".output"),
        _ => {
            for step in place.within.tokens() {
                path.push('.');
                path.push_str(&shorten(&step, MAX_STEP));
            }
            return path;
        }
    }
    // Of a schema only the steps that are steps in a value: the message names the keyword.
    while let Some(step) = steps.next() {
        match step.as_ref() {
            "properties" | "patternProperties" => {
                if let Some(name) = steps.next() {
                    path.push('.');
                    path.push_str(&shorten(&name, MAX_STEP));
                }
            }
            "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" | "contains" => {
                path.push_str("[]");
            }
            // The name of a definition is no step in a value either.
            "$defs" | "definitions" => drop(steps.next()),
            // At the end it is the object itself that is open or closed.
            "additionalProperties" | "unevaluatedProperties" if steps.peek().is_some() => {
                path.push_str(".*");
            }
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path_of(subject: Subject, within: &str) -> String {
        let within = Pointer::from(within);
        let (pointer, fingerprint) = (within.clone(), String::new());
        path(&Place::new(subject, Side::New, pointer, within, fingerprint))
    }

    #[test]
    fn a_path_has_the_steps_that_a_value_has() {
        let tool = |within| path_of(Subject::Tool("move".into()), within);
        assert_eq!(tool(""), "move");
        assert_eq!(tool("/description"), "move.description");
        assert_eq!(tool("/annotations/readOnlyHint"), "move.annotations.readOnlyHint");
        assert_eq!(tool("/inputSchema/required"), "move.input");
        assert_eq!(tool("/inputSchema/properties/a/enum/3"), "move.input.a");
        assert_eq!(
            tool("/outputSchema/anyOf/1/properties/list/items/$ref/properties/b/type"),
            "move.output.list[].b"
        );
        assert_eq!(tool("/inputSchema/additionalProperties/type"), "move.input.*");
        assert_eq!(tool("/inputSchema/additionalProperties"), "move.input");
        assert_eq!(tool("/inputSchema/$defs/X/properties/b/enum"), "move.input.b");
        assert_eq!(path_of(Subject::Server, "/instructions"), "server.instructions");
        assert_eq!(path_of(Subject::Prompt("p".into()), ""), "prompt p");
    }

    #[test]
    fn a_path_in_a_repository_is_that_of_the_file() {
        let at = |file: &str| {
            let position = Position { line: 1, column: 1 };
            Location { file: file.to_owned(), position }
        };
        assert_eq!(at("git:main:api/c.json").path().as_deref(), Some("api/c.json"));
        assert!(!at("git:main:api/c.json").is_current());
        assert_eq!(at("./c.json").path().as_deref(), Some("c.json"));
        assert_eq!(at("-").path(), None);
    }
}
