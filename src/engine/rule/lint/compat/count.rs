//! What the rules about the number of tools for one client share.

use crate::engine::rule::{
    Hit, Member,
    client::{Client, What},
    wording::grouped,
};

/// A hit where a client takes fewer tools than all its servers list together: at the server whose
/// tools are the first that are too many.
pub(super) fn judge(members: &[Member<'_>], client: Client, who_takes: &str) -> Vec<(usize, Hit)> {
    let most = client.most(What::Tools);
    let count = |members: &[Member<'_>]| -> usize {
        members.iter().map(|member| member.surface.tools.len()).sum()
    };
    let is_beyond = |last: &usize| count(&members[..=*last]) > most;
    let Some(index) = (0..members.len()).find(is_beyond) else { return Vec::new() };
    let of_servers = match members.len() {
        1 => String::new(),
        several => format!(" of {several} servers"),
    };
    let message =
        format!("{} tools{of_servers}, where {who_takes} {most}", grouped(count(members)));
    let surface = members[index].surface;
    vec![(index, Hit::new(surface.pointer.join("tools"), message))]
}

#[cfg(test)]
mod tests {
    use super::super::{
        cursor_tool_count, openai_tool_count, vscode_tool_count, windsurf_tool_count,
    };
    use crate::engine::{
        finding::Finding,
        protocol::json::Limits,
        rule::{Member, Profile, Selection, apply, client::Client, run_set},
        surface,
    };

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

    #[test]
    fn the_limit_is_on_all_servers_together() {
        let tools: Vec<String> =
            (0..30).map(|number| format!(r#"{{"name":"tool_{number}"}}"#)).collect();
        let text = format!(r#"{{"tools":[{}]}}"#, tools.join(","));
        let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
        let members = ["a", "b", "c", "d"].map(|name| Member { name, surface: &surface });
        let selection = Selection::of(Profile::Spec).aiming_at(&[Client::Cursor]);
        let of_each = |members: &[Member<'_>]| -> Vec<Vec<String>> {
            let found = run_set(members, &selection).into_iter();
            let is_it = |finding: &Finding| finding.rule == "compat/cursor-tool-count";
            found
                .map(|it| it.into_iter().filter(is_it).map(|finding| finding.message).collect())
                .collect()
        };
        assert!(of_each(&members[..2]).concat().is_empty());
        let found = of_each(&members);
        assert!(found[0].is_empty() && found[1].is_empty() && found[3].is_empty());
        assert_eq!(found[2], ["120 tools of 4 servers, where Cursor passes on 80"]);
    }
}
