//! `contract.json`: a surface written down to be committed and compared.
//!
//! The same surface gives the same bytes whichever transport or page size delivered it: keys are
//! canonical, lists are sorted by what identifies their items, and nothing about the connection is
//! kept. Unknown members of an item are kept.

use crate::engine::{
    protocol::{
        canonical::{Layout, digest, write, write_string},
        json::{Document, Limits, View},
    },
    surface::{FORMAT, Surface},
};

/// The lists of a surface and the member that identifies their items.
const LISTS: [(&str, &str); 4] = [
    ("tools", "name"),
    ("prompts", "name"),
    ("resources", "uri"),
    ("resourceTemplates", "uriTemplate"),
];

/// The contract of a surface as the text of a file, newline included.
///
/// Its members: `format` ([`FORMAT`]), `server` (`serverInfo` as it was sent), `revision` (the
/// protocol revision), `surface` (capabilities, instructions, tools, prompts, resources, resource
/// templates), and `digest`, the SHA-256 of the canonical text of `surface`.
pub fn render(surface: &Surface) -> String {
    let holder =
        surface.document.root().at(&surface.pointer).expect("a surface stands in its document");
    let advertised = advertised(surface, holder);
    let digest = digest(read(&advertised).root());
    let mut text = format!("{{\"format\":\"{FORMAT}\",\"digest\":\"{digest}\"");
    if let Some(revision) = &surface.server.revision_text {
        text.push_str(",\"revision\":");
        write_string(revision, &mut text);
    }
    let root = surface.document.root();
    let server = holder.get("serverInfo").or_else(|| root.get("server"));
    if let Some(server) = server {
        text.push_str(",\"server\":");
        text.push_str(server.text());
    }
    text.push_str(",\"surface\":");
    text.push_str(&advertised);
    text.push('}');
    write(read(&text).root(), Layout::Pretty)
}

/// What the server advertises, as one JSON object.
fn advertised(surface: &Surface, holder: View<'_>) -> String {
    let mut members = Vec::new();
    for name in ["capabilities", "instructions"] {
        if let Some(value) = holder.get(name).filter(|value| !value.is_null()) {
            members.push(format!("\"{name}\":{}", value.text()));
        }
    }
    for (name, identity) in LISTS {
        let list = match name {
            "tools" => surface.tools_view(),
            other => holder.get(other),
        };
        let Some(list) = list else { continue };
        let mut items: Vec<(String, &str)> = list
            .items()
            .map(|item| {
                let key = item.get(identity).and_then(View::as_str).unwrap_or_default();
                // Two items of one name are told apart by all they have, so that their order in
                // the list does not matter either.
                (format!("{key}\u{0}{}", write(item, Layout::Canonical)), item.text())
            })
            .collect();
        items.sort();
        let items: Vec<&str> = items.into_iter().map(|(_, text)| text).collect();
        members.push(format!("\"{name}\":[{}]", items.join(",")));
    }
    format!("{{{}}}", members.join(","))
}

/// Pieces of a document that was within its limits, put together with a few bytes around them.
fn read(text: &str) -> Document {
    let limits = Limits { max_bytes: usize::MAX, max_depth: 256, max_nodes: usize::MAX };
    Document::read(text.as_bytes(), &limits).expect("pieces of JSON put together are JSON")
}
