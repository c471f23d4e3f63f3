//! What the rules about names for one provider share.

use crate::engine::{
    rule::{
        Hit,
        client::{Client, What},
    },
    surface::Tool,
};

/// A hit for a name that the specification takes and a provider does not. A name that breaks the
/// specification as well, or is too long for everybody, is reported by the rules about names.
pub(super) fn judge(tool: &Tool, client: Client, consequence: &str) -> Option<Hit> {
    const LONGEST: usize = 64;
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let name = &tool.name;
    let is_ours = (1..=LONGEST).contains(&name.len())
        && name.bytes().all(is_usual)
        && !client.takes(What::ToolName, name);
    is_ours.then(|| {
        let message = format!("the name is `{name}`, and {consequence}");
        Hit::new(tool.pointer.join("name"), message)
    })
}
