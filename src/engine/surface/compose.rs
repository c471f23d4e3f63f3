//! One surface document out of the answers of a live server.
//!
//! The pieces are copied as they were sent, so the document reads exactly as a file with the same
//! content would: same positions inside a tool, same oddities, same token counts.

use crate::engine::protocol::{
    canonical::write_string,
    json::{Document, Limits, ReadError, View},
};

/// What a live server said, piece by piece. Lists that were not fetched stay out of the document.
#[derive(Debug, Clone, Default)]
pub struct Parts<'a> {
    /// `serverInfo`.
    pub server_info: Option<View<'a>>,
    /// The revision that was negotiated.
    pub protocol_version: Option<String>,
    /// `capabilities`.
    pub capabilities: Option<View<'a>>,
    /// `instructions`.
    pub instructions: Option<View<'a>>,
    /// `supportedVersions`, where the server lists the revisions it speaks.
    pub supported_versions: Option<View<'a>>,
    /// `ttlMs` of the list of tools.
    pub ttl_ms: Option<View<'a>>,
    /// `cacheScope` of the list of tools.
    pub cache_scope: Option<View<'a>>,
    /// The items of each list under its member name, all pages in order.
    pub lists: Vec<(&'static str, Vec<View<'a>>)>,
}

impl Parts<'_> {
    /// The document, one item a line.
    ///
    /// # Errors
    /// When all the pieces together exceed the limits.
    pub fn compose(&self, limits: &Limits) -> Result<Document, ReadError> {
        let mut members = Vec::new();
        let mut member = |name: &str, text: &str| members.push(format!("\"{name}\":{text}"));
        if let Some(info) = self.server_info {
            member("serverInfo", info.text());
        }
        if let Some(version) = &self.protocol_version {
            let mut literal = String::new();
            write_string(version, &mut literal);
            member("protocolVersion", &literal);
        }
        if let Some(capabilities) = self.capabilities {
            member("capabilities", capabilities.text());
        }
        for (name, value) in [
            ("supportedVersions", self.supported_versions),
            ("instructions", self.instructions),
            ("ttlMs", self.ttl_ms),
            ("cacheScope", self.cache_scope),
        ] {
            if let Some(value) = value {
                member(name, value.text());
            }
        }
        for (name, items) in &self.lists {
            let items: Vec<_> = items.iter().map(|item| item.text()).collect();
            member(name, &format!("[\n{}\n]", items.join(",\n")));
        }
        Document::read(format!("{{\n{}\n}}\n", members.join(",\n")).as_bytes(), limits)
    }
}
