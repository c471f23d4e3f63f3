//! What the rules about the server's and the tool's name together share.

use crate::engine::{
    rule::{
        Hit,
        client::{Client, What},
    },
    surface::Surface,
};

/// A hit for each tool whose name is longer than a client takes once the server's name and what
/// the client adds stand before it.
pub(super) fn judge(surface: &Surface, client: Client, added: usize, whose: &str) -> Vec<Hit> {
    let most = client.most(What::PrefixedName);
    let server = surface.server.name.as_deref().unwrap_or_default().chars().count();
    let lengths =
        surface.tools.iter().map(|tool| (tool, added + server + tool.name.chars().count()));
    lengths
        .filter(|(_, length)| *length > most)
        .map(|(tool, length)| {
            let message = format!(
                "with the server's name, the name is longer than the {most} characters of {whose}"
            );
            Hit::new(tool.pointer.join("name"), message).note(length.to_string())
        })
        .collect()
}
