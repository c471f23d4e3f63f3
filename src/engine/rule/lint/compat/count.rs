//! What the rules about the number of tools for one client share.

use crate::engine::{
    rule::{
        Hit,
        client::{Client, What},
    },
    surface::Surface,
};

/// A hit for a server with more tools than a client takes from all servers together.
pub(super) fn judge(surface: &Surface, client: Client, who_takes: &str) -> Vec<Hit> {
    let (count, most) = (surface.tools.len(), client.most(What::Tools));
    if count <= most {
        return Vec::new();
    }
    let message = format!("{count} tools, where {who_takes} {most}");
    vec![Hit::new(surface.pointer.join("tools"), message)]
}

#[cfg(test)]
mod tests {
    use super::super::{
        cursor_tool_count, openai_tool_count, vscode_tool_count, windsurf_tool_count,
    };
    use crate::engine::{protocol::json::Limits, rule::apply, surface};

    #[test]
    fn the_limit_itself_is_taken() {
        for (rule, most) in [
            (&openai_tool_count::RULE, 128),
            (&vscode_tool_count::RULE, 128),
            (&cursor_tool_count::RULE, 80),
            (&windsurf_tool_count::RULE, 50),
        ] {
            let findings = |count: usize| {
                let tools: Vec<String> =
                    (0..count).map(|number| format!(r#"{{"name":"tool_{number}"}}"#)).collect();
                let text = format!(r#"{{"tools":[{}]}}"#, tools.join(","));
                let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
                apply(rule, &surface).len()
            };
            assert_eq!((findings(most), findings(most + 1)), (0, 1), "{}", rule.id);
        }
    }
}
