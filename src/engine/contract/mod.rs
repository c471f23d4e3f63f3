//! `contract.json`: a surface written down to be committed and compared.
//!
//! The same surface gives the same bytes whichever transport or page size delivered it: keys are
//! canonical, lists are sorted by what identifies their items, and nothing about the connection is
//! kept. Unknown members of an item are kept.

pub mod deprecation;
mod following;

pub use deprecation::{Deprecation, Keys, Mark, deprecations};
pub use following::following;

use crate::engine::{
    protocol::{
        canonical::{Layout, digest, write, write_string},
        date::Date,
        json::{
            Document, Limits, View,
            edit::{Edit, Editor, Splice, apply},
        },
    },
    surface::{self, FORMAT, Surface},
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
    text(surface, &[])
}

/// The contract that takes the place of a previous one: as [`render`], with the member
/// `deprecations` where something is deprecated. Each entry goes on from the previous contract, or
/// begins today.
pub fn render_after(
    surface: &Surface,
    previous: Option<&Surface>,
    today: Date,
    keys: &Keys,
) -> String {
    text(surface, &deprecation::continued(surface, previous, today, keys))
}

fn text(surface: &Surface, deprecations: &[Deprecation]) -> String {
    let holder =
        surface.document.root().at(&surface.pointer).expect("a surface stands in its document");
    let advertised = advertised(surface, holder);
    let digest = digest(read(&advertised).root());
    let mut text = format!("{{\"format\":\"{FORMAT}\",\"digest\":\"{digest}\"");
    if !deprecations.is_empty() {
        text.push_str(",\"deprecations\":");
        text.push_str(&deprecation::to_json(deprecations).to_string());
    }
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

/// Whether a surface was read from a contract.
pub fn is_contract(surface: &Surface) -> bool {
    let format = surface.document.root().get("format").and_then(View::as_str);
    format.is_some_and(|format| format == FORMAT)
}

/// A contract after an edit of its text: with the digest of what stands in it now, and canonical
/// where it was before. None where it is no contract.
pub fn resealed(before: &str, after: &str) -> Option<String> {
    let [before_again, after_again] = [before, after].map(canonical);
    if before_again? == before {
        return after_again;
    }
    let limits = Limits::for_bytes(after.len());
    let surface = surface::read(after.as_bytes(), &limits).ok()?;
    let (document, root) = (&surface.document, surface.document.root());
    let digest = digest(read(&advertised(&surface, root.at(&surface.pointer)?)).root());
    let edits = [Edit::Replace("/digest".into(), digest.into())];
    let splices = Editor::new(document).splices(&edits, |pointer| root.at(pointer));
    // One that says no digest needs none.
    let mark = &after[..after.len() - document.text().len()];
    let sealed = |splices: Vec<Splice>| format!("{mark}{}", apply(document.text(), &splices));
    Some(splices.map_or_else(|| after.to_owned(), sealed))
}

/// The contract in a text as this version writes it; none where it is no contract.
fn canonical(text: &str) -> Option<String> {
    let surface = surface::read(text.as_bytes(), &Limits::for_bytes(text.len())).ok()?;
    let root = surface.document.root();
    let holder = root.at(&surface.pointer).filter(|_| is_contract(&surface));
    let advertised = advertised(&surface, holder?);
    let digest = digest(read(&advertised).root());
    let mut members = vec![format!("\"digest\":\"{digest}\",\"surface\":{advertised}")];
    let others = root.members().filter(|(key, _)| {
        key.as_str().is_some_and(|name| !matches!(&*name, "digest" | "surface"))
    });
    members.extend(others.map(|(key, value)| format!("{}:{}", key.text(), value.text())));
    Some(write(read(&format!("{{{}}}", members.join(","))).root(), Layout::Pretty))
}

/// What the server advertises, as one JSON object.
fn advertised(surface: &Surface, holder: View<'_>) -> String {
    let mut members = Vec::new();
    for name in ["supportedVersions", "capabilities", "instructions", "ttlMs", "cacheScope"] {
        if let Some(value) = holder.get(name).filter(|value| !value.is_null()) {
            members.push(format!("\"{name}\":{}", value.text()));
        }
    }
    for (name, identity) in LISTS {
        let list = match name {
            "tools" => surface.tools_view(),
            other => holder.get(other),
        };
        let items: Vec<View<'_>> = match list {
            Some(list) => list.items().collect(),
            // One tool on its own stands in no list.
            None if name == "tools" && !surface.tools.is_empty() => vec![holder],
            None => continue,
        };
        let mut items: Vec<(String, &str)> = items
            .into_iter()
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

#[cfg(test)]
mod tests {
    use super::{Date, Keys, deprecations, render, render_after};
    use crate::engine::{protocol::json::Limits, surface};

    fn surface(text: &str) -> surface::Surface {
        surface::read(text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn a_deprecation_keeps_its_first_day_and_counts_versions() {
        let at = |version: &str| {
            surface(&format!(
                r#"{{"serverInfo": {{"name": "s", "version": "{version}"}}, "tools": [{{"name": "old",
                "_meta": {{"dev.mcp-kit/deprecated": {{"replacement": "new"}}}},
                "inputSchema": {{"properties": {{"a": {{"deprecated": true}}}}}}}}]}}"#
            ))
        };
        let day = |text: &str| text.parse::<Date>().unwrap();
        let keys = Keys::default();
        let first = surface(&render_after(&at("1.4.0"), None, day("2026-01-31"), &keys));
        let same = surface(&render_after(&at("1.4.0"), Some(&first), day("2026-02-01"), &keys));
        let next = surface(&render_after(&at("1.5.0"), Some(&same), day("2026-03-01"), &keys));
        let known = deprecations(&next);
        let shown: Vec<_> = known
            .iter()
            .map(|it| (it.property.as_ref().map(|it| it.as_str()), it.first_date, it.versions))
            .collect();
        let property = Some("/inputSchema/properties/a");
        assert_eq!(shown, [(None, day("2026-01-31"), 2), (property, day("2026-01-31"), 2)]);
        assert_eq!(known[0].first_version.as_deref(), Some("1.4.0"));
    }

    #[test]
    fn without_anything_deprecated_the_file_is_as_it_was() {
        let plain = surface(r#"{"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}"#);
        let today = "2026-11-22".parse().unwrap();
        assert_eq!(render_after(&plain, None, today, &Keys::default()), render(&plain));
    }
}
