//! Every string a server sends, and a name for the place each stands in.
//!
//! A model, or a person who approves a call, may be shown any of them: enum values and defaults as
//! much as descriptions. That is why these are all strings of the document and not a list of known
//! members.

use std::borrow::Cow;

use crate::engine::{
    protocol::{json::View, pointer::Pointer},
    surface::Surface,
};

/// One string of a surface.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    view: View<'a>,
    /// The string, decoded.
    pub content: Cow<'a, str>,
}

/// All strings of a surface, keys included, in document order.
pub fn texts(surface: &Surface) -> impl Iterator<Item = Text<'_>> {
    let strings = surface.document.strings();
    strings.filter_map(|view| Some(Text { view, content: view.as_str()? }))
}

impl Text<'_> {
    /// Where it stands; for a key, the value it names. A search: ask for hits only.
    pub fn pointer(&self) -> Pointer {
        self.view.document().pointer_at(self.view.span().start)
    }

    /// A name for the place that a reader will recognise: `` `description` ``,
    /// `` `enum` of `filter.status` ``.
    pub fn label(&self, surface: &Surface) -> String {
        let (_, within) = surface.subject(&self.pointer());
        label(&within)
    }
}

fn label(within: &Pointer) -> String {
    let mut property = String::new();
    let mut member = None;
    let mut tokens = within.tokens();
    while let Some(token) = tokens.next() {
        match &*token {
            "properties" => {
                let Some(name) = tokens.next() else { break };
                if !property.is_empty() {
                    property.push('.');
                }
                property.push_str(&name);
                member = None;
            }
            "items" => property.push_str("[]"),
            index if index.bytes().all(|byte| byte.is_ascii_digit()) => {}
            name => member = Some(name.to_owned()),
        }
    }
    match (member, property.as_str()) {
        (Some(member), "") => format!("`{member}`"),
        (Some(member), property) => format!("`{member}` of `{property}`"),
        (None, "") => "the surface".to_owned(),
        (None, property) => format!("`{property}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::label;
    use crate::engine::protocol::pointer::Pointer;

    #[test]
    fn places_have_names_a_reader_recognises() {
        let cases = [
            ("/description", "`description`"),
            (
                "/inputSchema/properties/filter/properties/status/enum/2",
                "`enum` of `filter.status`",
            ),
            ("/inputSchema/properties/tags/items/description", "`description` of `tags[]`"),
            ("/inputSchema/properties/limit", "`limit`"),
            ("", "the surface"),
        ];
        for (pointer, expected) in cases {
            assert_eq!(label(&Pointer::from(pointer)), expected, "{pointer}");
        }
    }
}
