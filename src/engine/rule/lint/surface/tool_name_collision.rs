use std::collections::{BTreeMap, HashMap, HashSet};

use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Member, Profile, Rule, wording::shorten},
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/tool-name-collision",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "say in the name what it is about (`search_orders`, not `search`), or use the servers with a \
           client that puts the server's name before its tools",
    documentation: r#"
Two servers of one client have a tool of the same name.

## Why
The specification asks for unique names within a server and says nothing of several servers, so every
client has its own answer:

- **Names with the server in front** stay apart: Claude Code calls `mcp__<server>__<tool>`. The prefix
  uses up the 64 characters that a name may have, and a model still has to guess which `search` is meant.
- **Flat lists that refuse**: the OpenAI Agents SDK stops with "Duplicate tool names found across MCP
  servers" unless it is told to put the server's name in front; obot stops with "duplicate tool name
  [create_branch]", which GitHub and Neon both list; Google's agent kit for JavaScript returns an error.
- **Flat lists that keep one**: CopilotKit keeps the first, Kimi CLI the last; LangChain's adapters put no
  name in front unless they are told to. A call goes to the wrong server, and nobody is told.

Only seen where several servers are examined together (`mcp-kit lint --all`), and found at the server
that is configured later. A server that lists exactly the tools of another one, word by word, is found
once: most likely it is the same program under two names.

Against it speaks that with a client that prefixes names nothing breaks: whoever uses no other may ignore
the rule. A server cannot know its neighbours; what its author can do is to name tools for what they are
about.

## Bad
```json
[
  {"serverInfo": {"name": "tickets", "version": "1"}, "tools": [
    {"name": "search", "description": "Searches tickets."}]},
  {"serverInfo": {"name": "wiki", "version": "1"}, "tools": [
    {"name": "search", "description": "Searches pages."}]}
]
```
```json
[
  {"serverInfo": {"name": "files", "version": "1"}, "tools": [
    {"name": "read_page", "description": "Reads a page."}, {"name": "list_pages", "description": "Lists pages."}]},
  {"serverInfo": {"name": "pages", "version": "1"}, "tools": [
    {"name": "read_page", "description": "Reads a page."}, {"name": "list_pages", "description": "Lists pages."}]}
]
```

## Good
```json
[
  {"serverInfo": {"name": "tickets", "version": "1"}, "tools": [
    {"name": "search_tickets", "description": "Searches tickets."}]},
  {"serverInfo": {"name": "wiki", "version": "1"}, "tools": [
    {"name": "search_pages", "description": "Searches pages."}]}
]
```

## References
- openai/openai-agents-python#464, #3678 (refuses; an option since June 2026)
- obot-platform/obot#3191, google/adk-js#71 (refuse)
- CopilotKit/CopilotKit#2409 (keeps the first), MoonshotAI/kimi-cli#2282 (keeps the last)
- langchain-ai/langchain-mcp-adapters#387 (flat unless told otherwise)
- anthropics/claude-code#40075 (the prefix and its 64 characters)
"#,
    check: Check::Set(check),
};

const HELP_FOR_TWINS: &str = "if it is one server under two names, take one out; if each is for \
                              something else, an account or a folder, use them with a client that \
                              puts the server's name before its tools";

fn check(members: &[Member<'_>]) -> Vec<(usize, Hit)> {
    let mut owner_of: HashMap<&str, usize> = HashMap::new();
    let mut hits = Vec::new();
    for (index, member) in members.iter().enumerate() {
        // What collides with a third server was said of the first of the twins.
        let twin = members[..index].iter().find(|other| is_twin(member.surface, other.surface));
        if let Some(twin) = twin {
            hits.push((index, same_tools(member.surface, twin)));
            continue;
        }
        let mut shared: BTreeMap<usize, Vec<&Tool>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for tool in member.surface.tools.iter().filter(|tool| seen.insert(tool.name.as_str())) {
            match owner_of.get(tool.name.as_str()) {
                Some(owner) => shared.entry(*owner).or_default().push(tool),
                None => drop(owner_of.insert(&tool.name, index)),
            }
        }
        // The specification's own rule for one list is `name/duplicate`.
        for (owner, tools) in shared {
            let name = shorten(members[owner].name);
            hits.extend(tools.into_iter().map(|tool| {
                let message = format!("the server `{name}` has a tool of this name too");
                (index, Hit::new(tool.pointer.join("name"), message))
            }));
        }
    }
    hits
}

fn same_tools(surface: &Surface, twin: &Member<'_>) -> Hit {
    let what = match surface.tools.len() {
        1 => "the same tool as".to_owned(),
        count => format!("the same {count} tools as"),
    };
    let message = format!("lists {what} the server `{}`, word by word", shorten(twin.name));
    Hit::new(surface.pointer.join("tools"), message).help(HELP_FOR_TWINS)
}

/// Whether two servers list the same tools with the same words.
fn is_twin(one: &Surface, other: &Surface) -> bool {
    fn described(surface: &Surface) -> HashSet<(&str, Option<&str>)> {
        let tools = surface.tools.iter();
        tools.map(|tool| (tool.name.as_str(), tool.description.as_deref())).collect()
    }
    let is_same = || std::ptr::eq(one, other) || described(one) == described(other);
    !one.tools.is_empty() && one.tools.len() == other.tools.len() && is_same()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{
        protocol::json::Limits,
        rule::{Member, Profile, Selection, run_set},
        surface,
    };

    /// The messages about each server, by the names it is configured by.
    fn found(servers: &[(&str, &str)]) -> Vec<(String, String)> {
        let read = |text: &str| surface::read(text.as_bytes(), &Limits::default()).unwrap();
        let surfaces: Vec<_> = servers.iter().map(|(_, tools)| read(tools)).collect();
        let named = servers.iter().zip(&surfaces);
        let members: Vec<_> = named.map(|((name, _), surface)| Member { name, surface }).collect();
        let findings = run_set(&members, &Selection::of(Profile::Recommended));
        let mut said = Vec::new();
        for (member, findings) in members.iter().zip(findings) {
            for finding in findings.into_iter().filter(|finding| finding.rule == RULE.id) {
                let message = format!("{} ({})", finding.message, finding.places.len());
                said.push((member.name.to_owned(), message));
            }
        }
        said
    }

    #[test]
    fn servers_go_by_the_names_that_they_are_configured_by() {
        let (a, b) = (
            r#"[{"name":"search","description":"a"},{"name":"fetch","description":"a"}]"#,
            r#"[{"name":"fetch","description":"b"},{"name":"search","description":"b"}]"#,
        );
        let expected = ("wiki".to_owned(), "the server `tickets` has a tool of this name too (2)");
        let said = found(&[("tickets", a), ("wiki", b)]);
        assert_eq!(said, [(expected.0, expected.1.to_owned())]);
    }

    #[test]
    fn one_server_under_two_names_is_said_once() {
        let tools = r#"[{"name":"search","description":"a"},{"name":"fetch","description":"a"}]"#;
        let said = found(&[("one", tools), ("two", tools), ("three", tools)]);
        let expected = "lists the same 2 tools as the server `one`, word by word (1)".to_owned();
        assert_eq!(said, [("two".to_owned(), expected.clone()), ("three".to_owned(), expected)]);
    }

    #[test]
    fn all_tools_of_a_twin_are_counted_whoever_else_has_one_of_them() {
        let other = r#"[{"name":"search","description":"b"}]"#;
        let tools = r#"[{"name":"search","description":"a"},{"name":"fetch","description":"a"}]"#;
        let said = found(&[
            ("other", other),
            ("one", tools),
            ("two", tools),
            ("none", "[]"),
            ("nil", "[]"),
        ]);
        let collision = "the server `other` has a tool of this name too (1)";
        let twin = "lists the same 2 tools as the server `one`, word by word (1)";
        let expected = [("one", collision), ("two", twin)];
        assert_eq!(said, expected.map(|(server, it)| (server.to_owned(), it.to_owned())));
    }

    #[test]
    fn a_name_that_stands_twice_in_one_list_is_no_collision() {
        assert_eq!(found(&[("a", r#"[{"name":"x"},{"name":"x"}]"#)]), []);
    }
}
